"""
Search: what changed since an instant, and what has a value in a property that is not unique.

Pages are read by keyset, not by offset: while we read, records that change again move to the end,
and an offset would jump over as many others; nor does the cap of 10,000 matter so. Each page
starts at the last instant of the page before; inside one instant that fills a page it goes on by
id.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

from ledgerbridge.connectors.hubspot import wire
from ledgerbridge.connectors.hubspot.api import Api
from ledgerbridge.connectors.hubspot.object_types import modified_property
from ledgerbridge.connectors.hubspot.reading import batch_rows, with_references
from ledgerbridge.connectors.hubspot.records import epoch_ms, unique
from ledgerbridge.connectors.port import Page, Wanted
from ledgerbridge.core.model import Record

ID = "hs_object_id"
# HubSpot takes a body of 3,000 characters: so much for the names, so much for the values.
NAMES_LENGTH_MAX = 1900
VALUES_LENGTH_MAX = 700
VALUES_MAX = 100

Condition = Mapping[str, object]


async def changes(api: Api, wanted: Wanted, since: str) -> AsyncIterator[Page]:
    """Everything of a type that was modified at or after an ISO instant, in pages."""
    rows: list[wire.Row] = []
    size = api.settings.association_rows
    async for page in _changed(api, wanted, epoch_ms(since)):
        rows += page
        # Their associations cost one call for so many records, and none where none changed.
        while len(rows) >= size:
            yield Page(wanted.object_type, await _records(api, wanted, rows[:size]))
            del rows[:size]
    if rows:
        yield Page(wanted.object_type, await _records(api, wanted, rows))


async def _changed(api: Api, wanted: Wanted, from_ms: int) -> AsyncIterator[list[wire.Row]]:
    name = modified_property(wanted.object_type)
    shown: set[str] = set()
    while True:
        page = await _search(api, wanted, [_condition(name, "GTE", str(from_ms))], name)
        yield [row for row in page.results if row.id not in shown]
        if page.after is None or not page.results:
            return
        last_ms = _modified_ms(page.results[-1], name)
        if last_ms > from_ms:
            shown = {row.id for row in page.results if _modified_ms(row, name) == last_ms}
            from_ms = last_ms
            continue
        shown |= {row.id for row in page.results}
        async for rest in _by_id(api, wanted, [_condition(name, "EQ", str(from_ms))]):
            yield [row for row in rest if row.id not in shown]
        shown, from_ms = set(), from_ms + 1


async def _by_id(
    api: Api, wanted: Wanted, conditions: Sequence[Condition]
) -> AsyncIterator[tuple[wire.Row, ...]]:
    last_id = "0"
    while True:
        page = await _search(api, wanted, [*conditions, _condition(ID, "GT", last_id)], ID)
        yield page.results
        if page.after is None or not page.results:
            return
        last_id = page.results[-1].id


def _modified_ms(row: wire.Row, name: str) -> int:
    return epoch_ms(row.properties.get(name) or row.updated_at)


async def count(api: Api, object_type: str) -> int:
    """How many records of a type a search knows."""
    return await _total(api, object_type, [])


async def count_others(api: Api, object_type: str, field: str, usual: Sequence[str]) -> int:
    """How many records have a property, and none of the usual values in it."""
    conditions: list[Condition] = [
        {"propertyName": field, "operator": "HAS_PROPERTY"},
        {"propertyName": field, "operator": "NOT_IN", "values": list(usual)},
    ]
    return await _total(api, object_type, [{"filters": conditions}])


async def _total(api: Api, object_type: str, groups: Sequence[Mapping[str, object]]) -> int:
    body = {"filterGroups": groups, "limit": 1, "after": "0"}
    return (await api.search(object_type, body)).total


async def find_by_search(
    api: Api, wanted: Wanted, field: str, values: Sequence[str]
) -> list[Record]:
    """
    The records that have one of these values in a text property, regardless of case.

    Search shows a change only after some seconds.
    """
    rows: dict[str, wire.Row] = {}
    for some in _portions(unique(value.lower() for value in values)):
        condition = {"propertyName": field, "operator": "IN", "values": some}
        async for page in _by_id(api, wanted, [condition]):
            rows |= {row.id: row for row in page}
    return list(await _records(api, wanted, list(rows.values())))


def _portions(values: Sequence[str]) -> Iterator[list[str]]:
    """The values in pieces that fit into a search."""
    portion: list[str] = []
    length = 0
    for value in values:
        if portion and (length + len(value) > VALUES_LENGTH_MAX or len(portion) == VALUES_MAX):
            yield portion
            portion, length = [], 0
        portion.append(value)
        length += len(value) + len('"",')
    if portion:
        yield portion


async def _search(
    api: Api, wanted: Wanted, conditions: Sequence[Condition], sort: str
) -> wire.RowPage:
    names = wanted.fields if _names_fit(wanted) else ()
    body = {
        "filterGroups": [{"filters": conditions}],
        "sorts": [{"propertyName": sort, "direction": "ASCENDING"}],
        "properties": unique((*names, modified_property(wanted.object_type))),
        "limit": api.settings.search_rows,
        "after": "0",  # the published operation asks for it on a first page too
    }
    return await api.search(wanted.object_type, body)


async def _records(api: Api, wanted: Wanted, rows: Sequence[wire.Row]) -> tuple[Record, ...]:
    """The rows of a search as records, read again whole where the search could not name it all."""
    if _names_fit(wanted):
        return await with_references(api, wanted, rows)
    whole = await batch_rows(api, wanted, [row.id for row in rows])
    return await with_references(api, wanted, whole)


def _names_fit(wanted: Wanted) -> bool:
    return sum(len(name) + len('"",') for name in wanted.fields) <= NAMES_LENGTH_MAX


def _condition(name: str, operator: str, value: str) -> Condition:
    return {"propertyName": name, "operator": operator, "value": value}
