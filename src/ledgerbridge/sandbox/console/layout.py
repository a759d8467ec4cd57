"""The frame around every page, and the parts that pages share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledgerbridge.sandbox.console.account import Account, Cell, Link, Mark
from ledgerbridge.sandbox.console.markup import Child, Markup, address, joined, page, tag

REFRESH_S = 3
CELL_LENGTH_MAX = 90
NUMERIC = frozenset("0123456789.,-")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page stands: which emulator, its accounts, and what of the navigation is current."""

    vendor: str
    accounts: Sequence[Account]
    account: Account | None = None
    kind: str = ""
    log: bool = False


def framed(
    place: Place, title: str, *content: Child, refresh: bool = False, heading: Child = None
) -> bytes:
    """A whole page; with `refresh` it loads anew every few seconds."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", http_equiv="refresh", content=REFRESH_S) if refresh else None,
        tag("title", f"{title} · {place.vendor} emulator"),
        tag("link", rel="stylesheet", href="/look/style.css"),
    )
    body = tag(
        "body",
        tag("a", "Skip to the content", class_="skip", href="#content"),
        _top(place),
        tag(
            "div",
            _side(place),
            tag("main", heading or tag("h1", title), *content, id="content", tabindex="-1"),
            class_="frame",
        ),
        class_=f"at-{place.vendor.lower()}",
    )
    return page(tag("html", head, body, lang="en"))


def _top(place: Place) -> Markup:
    links = (
        ("/", "Overview", not place.log and not place.kind),
        (address("log"), "Requests", place.log),
    )
    return tag(
        "header",
        tag(
            "a",
            tag("span", place.vendor[0], class_="logo", aria_hidden="true"),
            tag("span", place.vendor, tag("small", "emulator")),
            class_="brand",
            href="/",
        ),
        tag("nav", [_nav(*link) for link in links], aria_label="Main"),
        class_="top",
    )


def _nav(href: str, text: str, current: bool) -> Markup:
    return tag("a", text, href=href, aria_current="page" if current else None)


def _side(place: Place) -> Markup:
    groups = []
    for account in place.accounts:
        here = place.account is not None and account.id == place.account.id
        items = [
            tag(
                "li",
                tag(
                    "a",
                    tag("span", kind.label),
                    tag("span", f"{kind.count:,}", class_="count"),
                    href=address(account.id, kind.name),
                    aria_current="page" if here and kind.name == place.kind else None,
                ),
            )
            for kind in account.kinds()
        ]
        groups.append([tag("h2", account.name), tag("ul", items)])
    is_open = place.account is None and not place.log
    return tag(
        "aside",
        tag(
            "details",
            tag("summary", "Records"),
            tag("nav", groups, aria_label="Records"),
            class_="side",
            open=is_open,
        ),
        tag("nav", groups, class_="side wide", aria_label="Types of records"),
    )


def crumbs(*steps: tuple[str, str]) -> Markup:
    """The way to a page: addresses and names."""
    items = [tag("li", tag("a", text, href=href)) for href, text in steps]
    return tag("nav", tag("ol", items), class_="crumbs", aria_label="Breadcrumbs")


def marks(found: Iterable[Mark]) -> Child:
    """Words about a state."""
    return [tag("span", one.text, class_=f"mark {one.tone}") for one in found]


def table(
    caption: str, head: Sequence[Child], rows: Iterable[Sequence[Child]], *, hidden: bool = True
) -> Markup:
    """A table that scrolls sideways where it has no room; the caption is for screen readers."""
    heads = tag("tr", [tag("th", one, scope="col") for one in head])
    lines = joined(tag("tr", joined(map(_cell, row))) for row in rows)
    words = tag("caption", caption, class_="unseen" if hidden else None)
    return tag(
        "div",
        tag("table", words, tag("thead", heads), tag("tbody", lines)),
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label=caption,
    )


def _cell(content: Child) -> Markup:
    plain = isinstance(content, str) and not isinstance(content, Markup)
    if plain and content and NUMERIC.issuperset(content):
        return tag("td", content, class_="number")
    return tag("td", tag("bdi", content) if plain else content)


def cell(account: Account, value: Cell, *, whole: bool = False) -> Child:
    """A value, a link where it leads to a record; long ones are cut unless they are whole."""
    text = value.text if isinstance(value, Link) else value
    if not whole and len(text) > CELL_LENGTH_MAX:
        text = text[:CELL_LENGTH_MAX] + "…"
    if isinstance(value, Link):
        href = address(account.id, value.kind, value.id)
        return tag("a", tag("bdi", text or value.id), href=href)
    return text


def code(text: str, label: str) -> Markup:
    """Text as it is, in a box that scrolls."""
    return tag("pre", tag("code", text), tabindex="0", role="region", aria_label=label)
