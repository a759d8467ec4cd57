"""The page that lists records: search, filters, order, pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ledgerbridge.sandbox.console.account import Account, Kind
from ledgerbridge.sandbox.console.layout import Place, cell, crumbs, framed, table
from ledgerbridge.sandbox.console.listing import (
    FILTERS_MAX,
    OPERATORS,
    ROWS,
    Asked,
    Listed,
    listed,
)
from ledgerbridge.sandbox.console.markup import Child, Markup, address, tag, with_query

INNER_PARTS = frozenset({"Address", "FreeFormNumber", "URI", "value"})
STATE_WORDS = {
    "living": "Living",
    "archived": "Archived",
    "active": "Active",
    "inactive": "Inactive",
    "all": "All",
}


def list_page(place: Place, account: Account, kind: Kind, asked: Asked) -> bytes:
    """The records of a type."""
    found = listed(account, kind, asked)
    here = address(account.id, kind.name)
    new = tag("a", "New", class_="button", href=address(account.id, kind.name, "new"))
    heading = tag(
        "div",
        tag("h1", kind.label),
        tag(
            "div",
            tag(
                "a", "Fields", class_="button quiet", href=address(account.id, kind.name, "fields")
            ),
            new if kind.creatable else None,
            class_="actions",
        ),
        class_="heading",
    )
    return framed(
        place,
        kind.label,
        _states(here, kind, asked),
        _search(account, kind, asked),
        _chips(here, asked),
        _table(account, kind, asked, found) if found.records else _nothing(here, asked),
        _pager(here, asked, found),
        heading=[crumbs(("/", account.name)), heading],
    )


def _states(here: str, kind: Kind, asked: Asked) -> Child:
    if len(kind.states) < 2:
        return None
    links = [
        tag(
            "a",
            STATE_WORDS[state],
            href=with_query(here, asked.query(state=state)),
            aria_current="true" if state == asked.state else None,
        )
        for state in kind.states
    ]
    return tag("nav", links, class_="tabs", aria_label="State")


def _search(account: Account, kind: Kind, asked: Asked) -> Markup:
    kept = [
        tag("input", type="hidden", name=name, value=value) for name, value in asked.query(q="")
    ]
    names = [tag("option", "any field", value="")] + [
        tag("option", one.name, value=one.name) for one in account.fields(kind.name)
    ]
    operators = [tag("option", word, value=key) for key, (word, _) in OPERATORS.items()]
    words = tag(
        "label",
        tag("span", "Search", class_="unseen"),
        tag("input", type="search", name="q", value=asked.words, placeholder="Search…"),
        class_="words",
    )
    condition = [
        _labelled("Field", tag("select", names, name="field")),
        _labelled("Condition", tag("select", operators, name="is")),
        _labelled("Value", tag("input", name="value", placeholder="Value", dir="auto")),
    ]
    full = len(asked.filters) >= FILTERS_MAX
    return tag(
        "form",
        kept,
        words,
        None if full else tag("details", tag("summary", "Filter"), tag("div", condition)),
        tag("button", "Apply", type="submit"),
        method="get",
        action=address(account.id, kind.name),
        class_="search",
        role="search",
    )


def _labelled(text: str, control: Markup) -> Markup:
    return tag("label", tag("span", text, class_="unseen"), control)


def _chips(here: str, asked: Asked) -> Child:
    chips = []
    for one in asked.filters:
        rest = [other for other in asked.filters if other is not one]
        text = f"{one.field} {OPERATORS[one.operator][0]} {one.value}".strip()
        away = with_query(here, asked.query(filters=rest))
        cross = tag("a", "×", href=away, aria_label=f"Remove the filter {text}")
        chips.append(tag("li", tag("bdi", text), cross))
    return tag("ul", chips, class_="chips", aria_label="Filters") if chips else None


def _table(account: Account, kind: Kind, asked: Asked, found: Listed) -> Markup:
    here, columns = address(account.id, kind.name), account.columns(kind.name)
    head = ["Id", *(_head(here, asked, name) for name in columns)]
    rows = (_row(account, kind, columns, one) for one in found.records)
    return table(f"{kind.label}, page {found.page} of {found.pages}", head, rows)


def _head(here: str, asked: Asked, name: str) -> Markup:
    sorted_by = asked.sort == name
    down = sorted_by and not asked.descends
    href = with_query(here, asked.query(sort=name, desc="1" if down else ""))
    arrow = (" ↓" if asked.descends else " ↑") if sorted_by else ""
    hint = f"Sort by {name}, {'descending' if down else 'ascending'}"
    return tag("a", f"{_short(name)}{arrow}", href=href, title=hint)


def _short(name: str) -> str:
    """The telling part of a dotted name."""
    first, _, rest = name.partition(".")
    return first if not rest or rest in INNER_PARTS else rest


def _row(account: Account, kind: Kind, columns: Sequence[str], record: Any) -> list[Child]:
    id_ = account.record_id(record)
    first = tag("a", id_, href=address(account.id, kind.name, id_), class_="id")
    return [first, *(cell(account, account.cell(record, name)) for name in columns)]


def _nothing(here: str, asked: Asked) -> Markup:
    if not asked.words and not asked.filters:
        return tag("p", "There are no such records.", class_="empty")
    again = tag("a", "Show all", href=with_query(here, [("state", asked.state)]))
    return tag("p", "Nothing was found. ", again, class_="empty")


def _pager(here: str, asked: Asked, found: Listed) -> Markup:
    if found.total:
        first = (found.page - 1) * ROWS + 1
        last = first + len(found.records) - 1
        words = f"{first:,} to {last:,} of {found.total:,}"
    else:
        words = "0 records"
    steps = [
        tag("a", text, href=with_query(here, asked.query(page=page)), rel=rel)
        for text, page, rel in (
            ("First", 1, None),
            ("Previous", found.page - 1, "prev"),
            ("Next", found.page + 1, "next"),
            ("Last", found.pages, None),
        )
        if 1 <= page <= found.pages and page != found.page
    ]
    return tag("nav", tag("span", words), tag("span", steps), class_="pager", aria_label="Pages")
