"""
HTML from values: text is escaped unless it was made here, so that no page can forget it.

`tag("a", "text", href="/look")` is an element. Children are text, elements, sequences of them, or
None; a text is always text. Addresses lead to this server only.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, urlencode

VOID = frozenset({"br", "hr", "input", "link", "meta"})
ADDRESSES = frozenset({"href", "action"})
ESCAPES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "'": "&#39;",
        "\r": "&#13;",
        "\0": "\N{REPLACEMENT CHARACTER}",
    }
)


class Markup(str):
    """Text that is HTML already; only this module makes it."""

    __slots__ = ()


Child = str | None | Iterable["Child"]
Attribute = str | bool | int | None


def escaped(text: str) -> Markup:
    """Text as HTML, fit for content and for attributes in double quotes."""
    return Markup(text.translate(ESCAPES))


def tag(element: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """
    An element. `class_` and `for_` lose their last character, other underscores are hyphens.

    Raises ValueError for an address that leaves this server.
    """
    opened = f"<{element}{''.join(_attribute(*pair) for pair in attributes.items())}>"
    return Markup(opened if element in VOID else f"{opened}{joined(children)}</{element}>")


def joined(children: Iterable[Child]) -> Markup:
    """Children one after the other."""
    return Markup("".join(map(_rendered, children)))


def page(*children: Child) -> bytes:
    """A whole document of these elements."""
    return f"<!doctype html>\n{joined(children)}\n".encode("utf-8", "replace")


def address(*segments: str, **query: str | None) -> str:
    """`/look/…` with each segment and each given value of the query encoded."""
    path = "/look/" + "/".join(quote(one, safe="", errors="replace") for one in segments)
    return with_query(path, [(name, value) for name, value in query.items() if value is not None])


def with_query(path: str, query: Iterable[tuple[str, str]]) -> str:
    """A path with a query, its values encoded."""
    text = urlencode(list(query), errors="replace")
    return f"{path}?{text}" if text else path


def _rendered(child: Child) -> str:
    if isinstance(child, Markup):
        return child
    if isinstance(child, str):
        return escaped(child)
    return "" if child is None else joined(child)


def _attribute(name: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = name.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    text = str(value)
    if name in ADDRESSES and (not text.startswith(("/", "?", "#")) or text.startswith("//")):
        raise ValueError(f"{text[:50]!r} leaves this server")
    return f' {name}="{escaped(text)}"'
