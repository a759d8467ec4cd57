"""Which records a list shows: searched, filtered, sorted, and cut into pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import ceil
from typing import Any

from ledgerbridge.sandbox.console.account import Account, Kind
from ledgerbridge.sandbox.http import Request

ROWS = 100
FILTERS_MAX = 6
Order = tuple[int, Decimal, str]


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition."""

    field: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is asked for; everything outside the account's fields is left out."""

    state: str
    words: str = ""
    filters: tuple[Filter, ...] = ()
    sort: str = ""
    descends: bool = False
    page: int = 1

    def query(self, **changes: Any) -> list[tuple[str, str]]:
        """The query of the same list, changed; a list changed begins at its first page."""
        whole = {
            "state": self.state,
            "q": self.words,
            "sort": self.sort,
            "desc": "1" if self.descends else "",
            **changes,
        }
        filters = whole.pop("filters", self.filters)
        pairs = [(name, str(value)) for name, value in whole.items() if value]
        for one in filters:
            pairs += [("field", one.field), ("is", one.operator), ("value", one.value)]
        return pairs


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the records found."""

    records: Sequence[Any]
    total: int
    page: int
    pages: int


OPERATORS: dict[str, tuple[str, Callable[[str, str], bool]]] = {
    "has": ("contains", lambda own, value: value.casefold() in own.casefold()),
    "eq": ("is", lambda own, value: _order(own) == _order(value)),
    "ne": ("is not", lambda own, value: _order(own) != _order(value)),
    "gt": ("is above", lambda own, value: own != "" and _order(own) > _order(value)),
    "lt": ("is below", lambda own, value: own != "" and _order(own) < _order(value)),
    "some": ("has any value", lambda own, _: own != ""),
    "none": ("has no value", lambda own, _: own == ""),
}


def asked_of(request: Request, account: Account, kind: Kind) -> Asked:
    """What a request asks a list for."""
    known = {field.name for field in account.fields(kind.name)}
    state = request.first("state") or ""
    columns = [
        [value for name, value in request.query if name == one] for one in ("field", "is", "value")
    ]
    filters = (
        Filter(*triple)
        for triple in zip(*columns, strict=False)
        if triple[0] in known and triple[1] in OPERATORS
    )
    sort = request.first("sort") or ""
    page = request.first("page") or "1"
    return Asked(
        state=state if state in kind.states else kind.states[0],
        words=(request.first("q") or "").strip()[:200],
        filters=tuple(filters)[:FILTERS_MAX],
        sort=sort if sort in known else "",
        descends=request.first("desc") == "1",
        page=int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 1,
    )


def listed(account: Account, kind: Kind, asked: Asked) -> Listed:
    """The page of records that is asked for; past the last page it is the last."""
    records = account.records(kind.name, asked.state)
    if asked.words:
        words = asked.words.lower()
        records = [one for one in records if account.mentions(kind.name, one, words)]
    for condition in asked.filters:
        holds, value = OPERATORS[condition.operator][1], condition.value
        field = condition.field
        records = [one for one in records if holds(account.text(one, field), value)]
    if asked.sort:
        records = _sorted(account, records, asked)
    pages = max(1, ceil(len(records) / ROWS))
    page = min(max(1, asked.page), pages)
    return Listed(records[(page - 1) * ROWS : page * ROWS], len(records), page, pages)


def _sorted(account: Account, records: Sequence[Any], asked: Asked) -> Sequence[Any]:
    """By value, records without one last whichever the direction."""
    keyed = [(account.text(one, asked.sort), one) for one in records]
    some = [(_order(text), one) for text, one in keyed if text]
    some.sort(key=lambda pair: pair[0], reverse=asked.descends)
    return [one for _, one in some] + [one for text, one in keyed if not text]


def _order(text: str) -> Order:
    """Numbers before texts, by value; texts without regard to case."""
    if text[:1] in "-.0123456789":
        try:
            number = Decimal(text)
        except InvalidOperation:
            pass
        else:
            return (0, number, "") if number.is_finite() else (1, Decimal(0), text)
    return (1, Decimal(0), text.casefold())
