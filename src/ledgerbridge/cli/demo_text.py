"""How the demo's page looks: headings, lists, numbers in columns; fields and values in words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

import click

from ledgerbridge.cli import output
from ledgerbridge.core.model import Side
from ledgerbridge.core.planning import KEY_FIELD
from ledgerbridge.syncs.catalogue import KINDS

LINE_LENGTH = 100
VALUE_LENGTH_MAX = 44
INDENT = "   "
WORDS: dict[tuple[str, str], str] = {
    (getattr(kind, f"{side}_type"), name): mapping.name
    for kind in KINDS.values()
    for mapping in kind.defaults.mappings
    for side in Side
    for name in getattr(mapping, side)
    if name != KEY_FIELD
}
"""The mapping's name for a field of a type; our own key is no news to anybody."""


def title(text: str) -> None:
    """The first line of the page."""
    click.secho(text, bold=True)
    click.secho("=" * len(text), bold=True)


def heading(number: int, text: str) -> None:
    """The start of a section."""
    click.echo()
    click.secho(f"{number:>2} {text}", bold=True)


def paragraph(text: str) -> None:
    """Words, wrapped."""
    output.say(textwrap.fill(text, LINE_LENGTH, initial_indent=INDENT, subsequent_indent=INDENT))


def item(text: str, mark: str = "-") -> None:
    """One point of a list, wrapped under its mark."""
    start = f"{INDENT}{mark} "
    output.say(
        textwrap.fill(text, LINE_LENGTH, initial_indent=start, subsequent_indent=" " * len(start))
    )


def numbers(titles: Sequence[str], rows: Sequence[tuple[str, Sequence[int | str]]]) -> None:
    """Numbers under their titles, each with the name of its row; a zero is shown as a dot."""
    name_width = max(len(name) for name, _ in rows)
    widths = [max(len(title), 7) for title in titles]
    head = "  ".join(title.rjust(width) for title, width in zip(titles, widths, strict=True))
    click.echo(f"{INDENT}{' ' * name_width}  {click.style(head, dim=True)}")
    for name, cells in rows:
        shown = [_cell(cell).rjust(width) for cell, width in zip(cells, widths, strict=True)]
        output.say(f"{INDENT}{name.ljust(name_width)}  {'  '.join(shown)}")


def _cell(cell: int | str) -> str:
    if isinstance(cell, str):
        return cell
    return f"{cell:,}" if cell else "·"


def short(value: str | None) -> str:
    """A value to be read in a sentence."""
    if not value:
        return "nothing"
    return value if len(value) <= VALUE_LENGTH_MAX else value[: VALUE_LENGTH_MAX - 1] + "…"


def fields_in_words(object_type: str, names: Iterable[str]) -> list[str]:
    """The mappings' names for some fields of a type, each once; fields without one as they are."""
    words = [WORDS.get((object_type, name), name) for name in names if name != KEY_FIELD]
    return list(dict.fromkeys(words))
