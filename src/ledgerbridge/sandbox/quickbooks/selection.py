"""
The query language, answered: which records a statement selects, in which order.

Conditions are compiled once for a statement; texts compare without regard to case, numbers and
instants by value. Inactive list records are hidden unless `Active` is asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ledgerbridge.sandbox.quickbooks.books import Books
from ledgerbridge.sandbox.quickbooks.entities import BY_FOLDED_NAME
from ledgerbridge.sandbox.quickbooks.entity import Entity
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused
from ledgerbridge.sandbox.quickbooks.query import Condition, Query
from ledgerbridge.sandbox.quickbooks.records import Record
from ledgerbridge.sandbox.quickbooks.schema import Body, enumeration, property_named
from ledgerbridge.sandbox.quickbooks.times import instant, today

Test = Callable[[Record], bool]
Path = tuple[str, ...]
Orders = list[tuple[tuple[Path, str], bool]]
"""What to order by: paths with their types, and whether they descend."""

UNQUERYABLE = frozenset({"CustomerTypeRef"})
INNER = {"ReferenceType": "value", "EmailAddress": "Address", "TelephoneNumber": "FreeFormNumber"}
LOOKED_UP: set[Path] = {
    ("DisplayName",),
    ("Name",),
    ("DocNumber",),
    ("CustomerRef", "value"),
    ("PrimaryEmailAddr", "Address"),
}
TIMES = {"metadata.createtime": "created", "metadata.lastupdatedtime": "updated"}
NUMBERS = {"decimal", "int", "long", "positiveInteger"}


def select(books: Books, query: Query) -> tuple[Entity, Iterator[Record]]:
    """
    The entity and all its records that a query selects, in order, not cut into pages.

    Raises Refused (4001) for an unknown entity or property, or one that cannot be queried.
    """
    spec = BY_FOLDED_NAME.get(query.entity.lower())
    if spec is None:
        detail = f"QueryValidationError: invalid context declaration: {query.entity[:100]}"
        raise Refused("4001", detail)
    tests = [_compiled(books, spec, condition) for condition in query.conditions]
    orders = [(_path(spec, name), descends) for name, descends in query.order]
    rows = iter(_ordered_candidates(books, spec, query, orders))
    for test in tests:
        rows = filter(test, rows)
    return spec, rows


def _ordered_candidates(
    books: Books, spec: Entity, query: Query, orders: Orders
) -> Iterable[Record]:
    """Records in the order asked for: all that the conditions select, none that is hidden."""
    hides = spec.hides_inactive and not any(
        condition.property.lower() == "active" for condition in query.conditions
    )
    few = _few(books, spec, query)
    index = _index_name(spec, orders)
    if few is None and index is not None and index in TIMES.values():
        low, high = _range(query, index)
        rows = books.indexes.order(spec.name, index, active=hides).between(low, high)
        return reversed(rows) if not orders else rows
    if few is None:
        few = _in_time(books, spec, query)
    if few is None and index is not None:
        return books.indexes.order(spec.name, index, active=hides).records()
    rows = list(books.records(spec.name)) if few is None else few
    return _ordered(spec, [row for row in rows if row.active] if hides else rows, orders)


def _few(books: Books, spec: Entity, query: Query) -> list[Record] | None:
    """The records of the ids or of the exact values asked for; None where none are."""
    for condition in query.conditions:
        texts = [value for value in condition.values if isinstance(value, str) and value.strip()]
        if condition.operator not in {"=", "in"} or len(texts) < len(condition.values):
            continue
        path, _ = _path(spec, condition.property)
        if path == ("Id",):
            table = books.tables[spec.name]
            return [table[id_] for id_ in dict.fromkeys(texts) if id_ in table]
        if path in LOOKED_UP and "CURRENT_DATE" not in texts:
            lookup = books.indexes.lookup(spec.name, path)
            return lookup.find(text.casefold() for text in texts)
    return None


def _in_time(books: Books, spec: Entity, query: Query) -> list[Record] | None:
    """The records made or changed in the time asked for; None where none is."""
    for index in TIMES.values():
        low, high = _range(query, index)
        if low is not None or high is not None:
            return books.indexes.order(spec.name, index).between(low, high)
    return None


def _range(query: Query, index: str) -> tuple[datetime | None, datetime | None]:
    """The first and the last instant that conditions on one time leave, where they say so."""
    low: datetime | None = None
    high: datetime | None = None
    for condition in query.conditions:
        if TIMES.get(condition.property.lower()) != index:
            continue
        try:
            at = instant(str(condition.values[0]))
        except ValueError:
            continue
        if condition.operator in {">", ">=", "="}:
            low = at if low is None else max(low, at)
        if condition.operator in {"<", "<=", "="}:
            high = at if high is None else min(high, at)
    return low, high


def _index_name(spec: Entity, orders: Orders) -> str | None:
    """The index that holds the order asked for; one by time is read backwards by default."""
    if not orders:
        return spec.order or "updated"
    (path, kind), descends = orders[0]
    then = [one for (one, _), _ in orders[1:]]
    if descends or then not in ([], [("Id",)]) or any(down for _, down in orders):
        return None
    if path == ("Id",):
        return "Id" if not then else None
    if path[0] == "MetaData":
        return TIMES.get(".".join(path).lower())
    return f"folded {path[0]}" if len(path) == 1 and kind in {"string", "date"} else None


# Conditions -------------------------------------------------------------------------------


def _compiled(books: Books, spec: Entity, condition: Condition) -> Test:
    path, kind = _path(spec, condition.property)
    operator = condition.operator
    if path == ("Id",) and operator not in {"=", "in"}:
        detail = "QueryValidationError: Operator is not supported for property Id"
        raise Refused("4001", detail)
    convert = _CONVERTERS.get(kind, _folded)
    values = [_converted(books, condition, convert, value) for value in condition.values]
    read = _reader(path, convert)
    if operator == "in":
        wanted = set(values)
        return lambda record: read(record) in wanted
    if operator == "like":
        parts = _folded(condition.values[0]).split("%")
        return lambda record: _like(_text(record.body, path), parts)
    value = values[0]
    compare = _COMPARISONS[operator]
    if operator in {"=", "!="}:
        return lambda record: bool(compare(read(record), value))
    if value is None:
        detail = f"QueryValidationError: property {condition.property} needs a value"
        raise Refused("4001", detail)

    def ordered(record: Record) -> bool:
        own = read(record)
        return own is not None and bool(compare(own, value))

    return ordered


_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda own, value: own == value,
    "!=": lambda own, value: own != value,
    "<": lambda own, value: own < value,
    ">": lambda own, value: own > value,
    "<=": lambda own, value: own <= value,
    ">=": lambda own, value: own >= value,
}


def _converted(
    books: Books, condition: Condition, convert: Callable[[Any], Any], value: str | bool
) -> Any:
    if value == "CURRENT_DATE":
        value = today(books.moment).isoformat()
    if isinstance(value, str) and not value.strip():
        return None
    try:
        return convert(value)
    except (ValueError, InvalidOperation):
        shown = str(value)[:50]
        detail = f"QueryValidationError: value {shown} is not valid for {condition.property[:100]}"
        raise Refused("4001", detail) from None


def _folded(value: Any) -> str:
    return str(value).casefold()


def _number(value: Any) -> Decimal:
    if isinstance(value, bool):
        raise ValueError("a truth value is not a number")  # noqa: TRY004 -- a reader's refusal
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError("not a finite number")
    return number


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in {"true", "false"}:
        return str(value).lower() == "true"
    raise ValueError("neither true nor false")


def _day(value: Any) -> str:
    return date.fromisoformat(str(value).strip()[:10]).isoformat()


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(NUMBERS, _number),
    "boolean": _truth,
    "date": _day,
    "dateTime": lambda value: instant(str(value)),
}


def _reader(path: tuple[str, ...], convert: Callable[[Any], Any]) -> Callable[[Record], Any]:
    if path == ("MetaData", "LastUpdatedTime"):
        return lambda record: record.updated
    if path == ("MetaData", "CreateTime"):
        return lambda record: record.created
    if len(path) == 1:
        name = path[0]

        def read(record: Record) -> Any:
            value = record.body.get(name)
            return None if value is None else convert(value)

        return read

    def read_inner(record: Record) -> Any:
        value = _inner(record.body, path)
        return None if value is None else convert(value)

    return read_inner


def _inner(body: Body, path: tuple[str, ...]) -> Any:
    value: Any = body
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _text(body: Body, path: tuple[str, ...]) -> str:
    value = _inner(body, path)
    return "" if value is None else _folded(value)


def _like(text: str, parts: list[str]) -> bool:
    """Whether a text holds the parts in order, the first at its start, the last at its end."""
    if len(parts) == 1:
        return text == parts[0]
    first, *middle, last = parts
    if not text.startswith(first) or not text.endswith(last):
        return False
    position, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return position <= end


def _path(spec: Entity, name: str) -> tuple[tuple[str, ...], str]:
    """
    Where a property's value stands in a body, and its type.

    Raises Refused (4001) for an unknown property, and for one that cannot be compared.
    """
    path: list[str] = []
    kind = spec.name
    for part in name.split("."):
        found = property_named(kind, part)
        if found is None:
            detail = f"QueryValidationError: Property {name[:100]} not found for Entity {spec.name}"
            raise Refused("4001", detail)
        path.append(found[0])
        kind = "list" if found[1].many else found[1].type
    if kind in INNER:
        path.append(INNER[kind])
        kind = "string"
    simple = kind in _CONVERTERS or kind in {"string", "id", "anyURI"} or enumeration(kind)
    if not simple or path[0] in UNQUERYABLE:
        detail = f"QueryValidationError: property '{name[:100]}' is not queryable"
        raise Refused("4001", detail)
    return tuple(path), kind


# Order ------------------------------------------------------------------------------------


def _ordered(spec: Entity, rows: list[Record], orders: Orders) -> list[Record]:
    if not orders:
        return _default_order(spec, rows)
    rows = sorted(rows, key=lambda record: record.number)
    for (path, kind), descends in reversed(orders):
        convert = _number_id if path == ("Id",) else _CONVERTERS.get(kind, _folded)
        rows.sort(key=_sort_key(_reader(path, convert)), reverse=descends)
    return rows


def _sort_key(read: Callable[[Record], Any]) -> Callable[[Record], tuple[bool, Any]]:
    def key(record: Record) -> tuple[bool, Any]:
        value = read(record)
        return (value is not None, 0 if value is None else value)

    return key


def _number_id(value: Any) -> tuple[int, str]:
    return (int(value) if str(value).isdecimal() else 0, str(value))


def _default_order(spec: Entity, rows: list[Record]) -> list[Record]:
    """Transactions by latest change; lists by name, compared bytewise; the rest by id."""
    if spec.order is None:
        return sorted(rows, key=lambda record: (record.updated, record.number), reverse=True)
    if spec.order == "Id":
        return sorted(rows, key=lambda record: (record.number, record.id))
    name = spec.order
    return sorted(rows, key=lambda record: (record.body.get(name, ""), record.number))
