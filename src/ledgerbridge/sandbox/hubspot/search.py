"""Search: filters, sorting, words, caps; over what the index knows, not over the records."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from fnmatch import translate
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from ledgerbridge.sandbox.http import Response
from ledgerbridge.sandbox.hubspot.calls import Call, answer
from ledgerbridge.sandbox.hubspot.errors import bad_request, error, invalid
from ledgerbridge.sandbox.hubspot.instants import parse_ms
from ledgerbridge.sandbox.hubspot.object_types import BY_NAME
from ledgerbridge.sandbox.hubspot.records import Shelf
from ledgerbridge.sandbox.hubspot.search_candidates import ASSOCIATIONS, RANGES, candidates
from ledgerbridge.sandbox.hubspot.search_index import Indexed
from ledgerbridge.sandbox.hubspot.shown import shown_values
from ledgerbridge.sandbox.hubspot.state import PortalState
from ledgerbridge.sandbox.hubspot.values import number
from ledgerbridge.sandbox.hubspot.wire import Filter, Search, Sort, text_of

GROUPS_MAX, FILTERS_MAX, FILTERS_TOTAL_MAX = 5, 6, 18
BODY_LENGTH_MAX, LIMIT_DEFAULT, LIMIT_MAX, TOTAL_MAX = 3_000, 10, 200, 10_000
FILTER_CLASS = "com.hubspot.inbounddb.publicobject.core.v3.search.Filter"

Comparable = Decimal | int | str
Test = Callable[[Indexed], bool]


def search(call: Call) -> Response:
    """`POST …/search`; raises 400 for what cannot be searched."""
    if len(call.request.body.decode("utf-8", "replace")) > BODY_LENGTH_MAX:
        raise invalid(f"The request body must be at most {BODY_LENGTH_MAX} characters")
    asked, shelf = call.body(Search), call.shelf()
    limit = LIMIT_DEFAULT if asked.limit is None else asked.limit
    start = _start(asked.after)
    if not 1 <= limit <= LIMIT_MAX or start + limit > TOTAL_MAX:
        raise bad_request()
    shelf.index.catch_up()
    found = _found(call, shelf, asked)
    results = [_shown(call, shelf, asked, hit) for hit in found[start : start + limit]]
    body: dict[str, Any] = {"total": len(found), "results": results}
    if start + limit < len(found):
        body["paging"] = {"next": {"after": str(start + limit)}}
    return answer(200, body)


def _start(after: str | int | None) -> int:
    text = str(after or 0)
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise bad_request()
    return int(text)


def _shown(call: Call, shelf: Shelf, asked: Search, hit: Indexed) -> dict[str, Any]:
    names = list(shelf.kind.defaults) if not asked.properties else asked.properties
    return shown_values(call.state, shelf, hit, names)


def _found(call: Call, shelf: Shelf, asked: Search) -> list[Indexed]:
    groups = [list(group.filters) for group in asked.filter_groups]
    groups += [list(asked.filters)] if asked.filters else []
    _check_sizes(groups)
    tests = [[compiled(call.state, shelf, one) for one in group] for group in groups]
    words = (asked.query or "").lower().split()
    known = shelf.index.known()
    hits = [
        hit
        for hit in (known[number] for number in candidates(call.state, shelf, groups))
        if (not tests or any(all(test(hit) for test in group) for group in tests))
        and (not words or _has_words(shelf, hit, words))
    ]
    return _sorted(shelf, asked.sorts, hits)


def _check_sizes(groups: list[list[Filter]]) -> None:
    total = sum(len(group) for group in groups)
    if len(groups) > GROUPS_MAX or total > FILTERS_TOTAL_MAX:
        raise invalid(
            f"A search can have at most {GROUPS_MAX} filter groups "
            f"and {FILTERS_TOTAL_MAX} filters in all"
        )
    if any(len(group) > FILTERS_MAX for group in groups):
        raise invalid(f"A filter group can have at most {FILTERS_MAX} filters")


def compiled(state: PortalState, shelf: Shelf, one: Filter) -> Test:
    """A filter as a test of one indexed record; raises 400 for one that makes no sense."""
    if one.operator not in OPERATORS:
        raise malformed(f"unknown operator {one.operator}")
    _check_operands(state, one)
    if one.property_name.startswith(ASSOCIATIONS):
        return _association_test(state, shelf, one)
    definition = shelf.definitions.get(one.property_name)
    if definition is None or definition.archived_ms is not None:
        raise bad_request()
    name = one.property_name
    if name == shelf.kind.modified and one.operator in RANGES:
        return _moment_test(one)
    by_id = _id_test(one) if name == "hs_object_id" and one.operator in RANGES else None
    if by_id is not None:
        return by_id
    kind, exact = definition.type, definition.type == "enumeration"
    convert = _converter(kind, exact)
    if one.operator in AMONG and convert is LOWERED and state.switches.search_in_lower_case:
        one = _only_lower_case(one)
    return OPERATORS[one.operator](one, name, convert)


def _only_lower_case(one: Filter) -> Filter:
    """Without the values that IN never finds in a text, because they are not in lower case."""
    texts = (text_of(value) or "" for value in one.values or ())
    return replace(one, values=[text for text in texts if text == text.lower()])


def malformed(problem: str) -> Exception:
    """400 with the text of HubSpot's JSON parser."""
    return error(
        400,
        "Invalid input JSON on line 1, column 1: Cannot construct instance of "
        f"`{FILTER_CLASS}`, problem: {problem}",
    )


def _check_operands(state: PortalState, one: Filter) -> None:
    if one.operator in AMONG and not one.values:
        raise malformed(f"operator {one.operator} requires values")
    values_max = state.switches.search_values_max
    if one.operator in AMONG and len(one.values or ()) > values_max:
        raise invalid(f"A filter can have at most {values_max} values")
    if one.operator == "BETWEEN" and (one.value is None or one.high_value is None):
        raise malformed("operator BETWEEN requires value and highValue")
    if one.operator in NEEDS_VALUE and one.value is None:
        raise malformed(f"operator {one.operator} requires a value")


AMONG = frozenset({"IN", "NOT_IN"})
LOWERED = str.lower
NEEDS_VALUE = frozenset(
    {"EQ", "NEQ", "LT", "LTE", "GT", "GTE", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"}
)


def _moment_test(one: Filter) -> Test:
    value, top = (parse_ms(text_of(v) or "") for v in (one.value, one.high_value))
    if value is None or (one.operator == "BETWEEN" and top is None):
        raise bad_request()
    return _whole_test(one.operator, lambda hit: hit.modified_ms, value, top or 0)


def _id_test(one: Filter) -> Test | None:
    """A comparison of ids as whole numbers; None where a value is not one."""
    texts = [text_of(value) or "" for value in (one.value, one.high_value or "0")]
    if not all(text.isascii() and text.isdigit() and len(text) < 19 for text in texts):
        return None
    return _whole_test(one.operator, lambda hit: hit.number, *map(int, texts))


def _whole_test(operator: str, part: Callable[[Indexed], int], value: int, top: int) -> Test:
    match operator:
        case "GTE":
            return lambda hit: part(hit) >= value
        case "GT":
            return lambda hit: part(hit) > value
        case "LTE":
            return lambda hit: part(hit) <= value
        case "LT":
            return lambda hit: part(hit) < value
        case "EQ":
            return lambda hit: part(hit) == value
        case _:
            return lambda hit: value <= part(hit) <= top


Convert = Callable[[str], Comparable | None]


def _converter(kind: str, exact: bool) -> Convert:
    if kind == "number":
        return number
    if kind in {"date", "datetime"}:
        return parse_ms
    return (lambda text: text) if exact else LOWERED


def _operand(value: Any, convert: Convert) -> Any:
    found = convert(text_of(value) or "")
    if found is None:
        raise bad_request()
    return found


def _present(name: str, convert: Convert) -> Callable[[Indexed], Any]:
    def value_of(hit: Indexed) -> Any:
        text = hit.values.get(name)
        return convert(text) if text else None

    return value_of


def _compare(relation: Callable[[Any, Any], bool]) -> Callable[[Filter, str, Convert], Test]:
    def make(one: Filter, name: str, convert: Convert) -> Test:
        wanted, value_of = _operand(one.value, convert), _present(name, convert)

        def test(hit: Indexed) -> bool:
            value = value_of(hit)
            return value is not None and relation(value, wanted)

        return test

    return make


def _negate(make: Callable[[Filter, str, Convert], Test]) -> Callable[[Filter, str, Convert], Test]:
    """The opposite, which also holds where the property is empty."""

    def opposite(one: Filter, name: str, convert: Convert) -> Test:
        test = make(one, name, convert)
        return lambda hit: not test(hit)

    return opposite


def _between(one: Filter, name: str, convert: Convert) -> Test:
    low, high = _operand(one.value, convert), _operand(one.high_value, convert)
    value_of = _present(name, convert)

    def test(hit: Indexed) -> bool:
        value = value_of(hit)
        return value is not None and bool(low <= value <= high)

    return test


def _among(one: Filter, name: str, convert: Convert) -> Test:
    wanted = {_operand(value, convert) for value in one.values or ()}
    value_of = _present(name, convert)
    return lambda hit: value_of(hit) in wanted


def _has(one: Filter, name: str, convert: Convert) -> Test:
    return lambda hit: bool(hit.values.get(name))


TOKEN = re.compile(r"[\w*]+")


@lru_cache(maxsize=1024)
def _pattern(token: str) -> re.Pattern[str]:
    return re.compile(translate(token), re.IGNORECASE)


def _contains(one: Filter, name: str, convert: Convert) -> Test:
    tokens = [_pattern(token) for token in TOKEN.findall(text_of(one.value) or "")]

    def test(hit: Indexed) -> bool:
        words = TOKEN.findall(hit.values.get(name, ""))
        return bool(tokens) and all(any(token.match(word) for word in words) for token in tokens)

    return test


OPERATORS: dict[str, Callable[[Filter, str, Convert], Test]] = {
    "EQ": _compare(lambda value, wanted: bool(value == wanted)),
    "NEQ": _negate(_compare(lambda value, wanted: bool(value == wanted))),
    "LT": _compare(lambda value, wanted: bool(value < wanted)),
    "LTE": _compare(lambda value, wanted: bool(value <= wanted)),
    "GT": _compare(lambda value, wanted: bool(value > wanted)),
    "GTE": _compare(lambda value, wanted: bool(value >= wanted)),
    "BETWEEN": _between,
    "IN": _among,
    "NOT_IN": _negate(_among),
    "HAS_PROPERTY": _has,
    "NOT_HAS_PROPERTY": _negate(_has),
    "CONTAINS_TOKEN": _contains,
    "NOT_CONTAINS_TOKEN": _negate(_contains),
}


def _association_test(state: PortalState, shelf: Shelf, one: Filter) -> Test:
    other = BY_NAME.get(one.property_name.removeprefix(ASSOCIATIONS))
    if other is None:
        raise bad_request()

    def ids(hit: Indexed) -> set[str]:
        record = shelf.records.get(str(hit.number))
        return set() if record is None else {found.id for found in state.linked(record, other.name)}

    wanted = {text_of(value) for value in (one.values or [one.value])}
    match one.operator:
        case "EQ" | "IN":
            return lambda hit: not wanted.isdisjoint(ids(hit))
        case "NEQ" | "NOT_IN":
            return lambda hit: wanted.isdisjoint(ids(hit))
        case "HAS_PROPERTY":
            return lambda hit: bool(ids(hit))
        case "NOT_HAS_PROPERTY":
            return lambda hit: not ids(hit)
        case _:
            raise bad_request()


def _has_words(shelf: Shelf, hit: Indexed, words: list[str]) -> bool:
    text = " ".join(hit.values.get(name, "") for name in shelf.kind.searched).lower()
    return all(word in text for word in words)


def _sorted(shelf: Shelf, sorts: list[Sort | str], hits: list[Indexed]) -> list[Indexed]:
    if len(sorts) > 1:
        raise invalid("A search can have at most one sort")
    hits.sort(key=lambda hit: hit.number)
    if not sorts:
        return hits
    sort = sorts[0]
    name, descending = (
        (sort.lstrip("-"), sort.startswith("-"))
        if isinstance(sort, str)
        else (sort.property_name, sort.direction.upper().startswith("DESC"))
    )
    if name == "hs_object_id":
        hits.sort(key=lambda hit: hit.number, reverse=descending)
        return hits
    if name == shelf.kind.modified:
        hits.sort(key=lambda hit: hit.modified_ms, reverse=descending)
        return hits
    definition = shelf.definitions.get(name)
    if definition is None:
        raise bad_request()
    value_of = _present(name, _converter(definition.type, exact=False))
    valued = [(value_of(hit), hit) for hit in hits]
    full = [pair for pair in valued if pair[0] is not None]
    full.sort(key=lambda pair: pair[0], reverse=descending)
    return [hit for _, hit in full] + [hit for value, hit in valued if value is None]
