"""Which records a search has to test: those of an id, a unique value, an associate or a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledgerbridge.sandbox.hubspot.instants import MS_MAX, parse_ms
from ledgerbridge.sandbox.hubspot.object_types import BY_NAME
from ledgerbridge.sandbox.hubspot.records import Shelf
from ledgerbridge.sandbox.hubspot.state import PortalState
from ledgerbridge.sandbox.hubspot.wire import Filter, text_of

ASSOCIATIONS = "associations."
RANGES = frozenset({"GTE", "GT", "EQ", "BETWEEN", "LTE", "LT"})
NAMING = frozenset({"EQ", "IN"})


@dataclass(frozen=True, slots=True)
class Range:
    """Modification times, both ends included."""

    low_ms: int = 0
    high_ms: int = MS_MAX


def candidates(state: PortalState, shelf: Shelf, groups: Sequence[list[Filter]]) -> Iterable[int]:
    """The numbers worth testing, each once; all of them where a group names nothing narrower."""
    if not groups:
        return list(shelf.index.known())
    numbers: dict[int, None] = {}
    for group in groups:
        named = _by_name(state, shelf, group)
        span = modified_range(shelf, group) if named is None else None
        if named is None and span is None:
            return list(shelf.index.known())
        if span is not None:
            named = shelf.index.modified_between(span.low_ms, span.high_ms)
        numbers.update(dict.fromkeys(named or ()))
    return numbers


def _by_name(state: PortalState, shelf: Shelf, group: Sequence[Filter]) -> list[int] | None:
    """What a group can find by an id, a unique value or an associate; None where it names none."""
    known = shelf.index.known()
    for one in group:
        if one.operator not in NAMING:
            continue
        values = [one.value] if one.operator == "EQ" else one.values or []
        texts = [text_of(value) or "" for value in values]
        if one.property_name == "hs_object_id":
            found = _numbers(texts)
        elif one.property_name in shelf.unique_names:
            holders = (shelf.holder(one.property_name, text) or "" for text in texts)
            # Search may be behind: who had the value before is among those that wait.
            found = _numbers(holders) + shelf.index.waiting()
        elif one.property_name.startswith(ASSOCIATIONS):
            found = _associated(state, shelf, one.property_name, texts)
        else:
            continue
        return [number for number in found if number in known]
    return None


def _numbers(texts: Iterable[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]


def _associated(state: PortalState, shelf: Shelf, name: str, ids: Sequence[str]) -> list[int]:
    other = BY_NAME.get(name.removeprefix(ASSOCIATIONS))
    if other is None:
        return []
    records = (state.shelves[other.name].find(record_id) for record_id in ids)
    return [
        int(linked_id)
        for record in records
        if record is not None
        for linked_id in record.links.get(shelf.kind.name, {})
    ]


def modified_range(shelf: Shelf, group: Sequence[Filter]) -> Range | None:
    """The modification times that a group allows, or None where it says nothing of them."""
    low, high, narrowed = 0, MS_MAX, False
    for one in group:
        if one.property_name != shelf.kind.modified:
            continue
        value, top = (parse_ms(text_of(v) or "") for v in (one.value, one.high_value))
        if value is None:
            continue
        narrowed = narrowed or one.operator in RANGES
        if one.operator in {"GTE", "GT", "EQ", "BETWEEN"}:
            low = max(low, value)
        if one.operator in {"LTE", "LT", "EQ"}:
            high = min(high, value)
        if one.operator == "BETWEEN" and top is not None:
            high = min(high, top)
    return Range(low, high) if narrowed else None
