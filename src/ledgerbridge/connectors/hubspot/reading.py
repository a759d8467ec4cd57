"""Reading records as they are now: all, by id or value, their histories and associations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TypeVar

from ledgerbridge.connectors.hubspot import wire
from ledgerbridge.connectors.hubspot.answers import Rejected
from ledgerbridge.connectors.hubspot.api import Api
from ledgerbridge.connectors.hubspot.failures import finding_of
from ledgerbridge.connectors.hubspot.records import (
    instant,
    more_associations,
    record_of,
    unique,
)
from ledgerbridge.connectors.port import Looked, Page, Version, Wanted
from ledgerbridge.core.model import Gone, Record
from ledgerbridge.errors import Refuse, Retry, Verdict

NOT_FOUND = "not_found"
NO_ASSOCIATIONS = "crm.associations.NO_ASSOCIATIONS_FOUND"
INTEGRATION, IN_HUBSPOT = "INTEGRATION", "CRM_UI"
"""What the property history calls an app with a token of its own, and a person in HubSpot."""

T = TypeVar("T")


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in order, in pieces of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


async def scan(api: Api, wanted: Wanted) -> AsyncIterator[Page]:
    """All live records of a type, in pages."""
    after: str | None = None
    while True:
        page = await api.list_page(
            wanted.object_type, wanted.fields, wanted.associations, after=after
        )
        cut = [row.id for row in page.results if more_associations(row)]
        whole = await _references(api, wanted, cut)
        records = [record_of(row, wanted, whole.get(row.id)) for row in page.results]
        yield Page(wanted.object_type, tuple(records))
        after = page.after
        if after is None:
            return


async def archived_records(api: Api, wanted: Wanted) -> AsyncIterator[Page]:
    """All archived records of a type as they were, without their associations, in pages."""
    after: str | None = None
    while True:
        page = await api.list_page(wanted.object_type, wanted.fields, after=after, archived=True)
        yield Page(wanted.object_type, tuple(record_of(row, wanted) for row in page.results))
        after = page.after
        if after is None:
            return


async def with_references(api: Api, wanted: Wanted, rows: Sequence[wire.Row]) -> tuple[Record, ...]:
    """Rows that came without their associations, as records that have them."""
    found = await _references(api, wanted, [row.id for row in rows])
    return tuple(record_of(row, wanted, found.get(row.id)) for row in rows)


async def _references(
    api: Api, wanted: Wanted, ids: Sequence[str]
) -> dict[str, dict[str, tuple[str, ...]]]:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    if not ids:
        return found
    for to_type in wanted.associations:
        associated = await associations(api, wanted.object_type, to_type, ids)
        for record_id in ids:
            found.setdefault(record_id, {})[to_type] = associated[record_id]
    return found


async def associations(
    api: Api, from_type: str, to_type: str, ids: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """The ids of the associated records of one type, for each given id; mostly one call."""
    found: dict[str, list[str]] = {record_id: [] for record_id in ids}
    left = [{"id": record_id} for record_id in found]
    while left:
        asked, left = left[: api.settings.association_rows], left[api.settings.association_rows :]
        answer = await api.read_associations(from_type, to_type, asked)
        for problem in answer.errors:
            if problem.sub_category != NO_ASSOCIATIONS:
                _raise_unless_missing(problem)
        for row in answer.results:
            found.setdefault(row.from_.id, []).extend(one.record_id for one in row.to)
            if row.paging and row.paging.next:
                left.append({"id": row.from_.id, "after": row.paging.next.after})
    return {record_id: unique(found[record_id]) for record_id in ids}


def _raise_unless_missing(problem: wire.ErrorBody) -> None:
    """A read that failed part way raises: what it did not show is not absent (promise 5)."""
    finding = finding_of(problem)
    if finding.code == NOT_FOUND:
        return
    failed = Refuse if finding.verdict is Verdict.REFUSE else Retry
    raise failed(finding.code, finding.message, remedy=finding.remedy)


async def look(api: Api, wanted: Wanted, ids: Sequence[str]) -> Looked:
    """
    The records with these ids; gone only by HubSpot's own word.

    An id that a batch does not answer is read alone: a merged one answers with its survivor, one
    that does not exist with 404. Then the recycle bin says whether it was archived.
    """
    gone: dict[str, Gone] = {}
    lost: list[str] = []
    asked = unique(ids)
    rows = {row.id: row for row in await batch_rows(api, wanted, asked)}
    for record_id in asked:
        if record_id in rows:
            continue
        row = await _read(api, wanted, record_id)
        if row is None:
            lost.append(record_id)
        elif row.id == record_id:
            rows[record_id] = row
        else:
            gone[record_id] = _merged(wanted.object_type, record_id, row.id)
    gone |= await _in_the_bin(api, wanted.object_type, lost)
    records = await with_references(api, wanted, [rows[one] for one in asked if one in rows])
    return Looked({record.id: record for record in records}, gone)


async def batch_rows(
    api: Api, wanted: Wanted, ids: Sequence[str], id_property: str | None = None
) -> list[wire.Row]:
    """The living rows with these ids, or values of a unique property; others are left out."""
    rows: dict[str, wire.Row] = {}
    for chunk in chunks(unique(ids), api.settings.batch_rows):
        answer = await api.batch_read(
            wanted.object_type, chunk, wanted.fields, id_property=id_property
        )
        for problem in answer.errors:
            _raise_unless_missing(problem)
        rows |= {row.id: row for row in answer.results if not row.archived}
    return list(rows.values())


async def _read(api: Api, wanted: Wanted, record_id: str) -> wire.Row | None:
    try:
        row = await api.read(wanted.object_type, record_id, wanted.fields)
    except Rejected as rejected:
        if rejected.code == NOT_FOUND and rejected.status == 404:
            return None
        raise
    # Whether HubSpot shows an archived record to a plain read is not documented.
    return None if row.archived else row


def _merged(object_type: str, record_id: str, survivor: str) -> Gone:
    evidence = f"HubSpot answers for {record_id} with {survivor}: they were merged."
    return Gone(object_type, record_id, evidence, merged_into=survivor)


async def _in_the_bin(api: Api, object_type: str, ids: Sequence[str]) -> dict[str, Gone]:
    since: dict[str, str] = {}
    for chunk in chunks(ids, api.settings.batch_rows):
        answer = await api.batch_read(object_type, chunk, archived=True)
        since |= {row.id: instant(row.archived_at) for row in answer.results}
    return {one: Gone(object_type, one, _evidence(one, since.get(one))) for one in ids}


def _evidence(record_id: str, archived_at: str | None) -> str:
    if archived_at is None:
        return f"HubSpot answers 404 for {record_id}, and its recycle bin does not hold it."
    return f"HubSpot answers 404 for {record_id}: archived {archived_at or 'at an unknown time'}."


async def find_by_unique(
    api: Api, wanted: Wanted, id_property: str, values: Sequence[str]
) -> list[Record]:
    """The records that have one of these values in a unique property, as they are now."""
    rows = await batch_rows(api, wanted, values, id_property)
    return list(await with_references(api, wanted, rows))


async def history(
    api: Api,
    object_type: str,
    ids: Sequence[str],
    fields: Sequence[str],
    *,
    of_survivors: bool = True,
) -> dict[str, dict[str, list[Version]]]:
    """
    The values that properties had, newest first, by id and property.

    A record that somebody archived meanwhile is asked for in the recycle bin. For one that was
    merged its survivor answers, out of the bin as well, or with `of_survivors=False` nobody does.
    There it is asked for alone: the answer carries another id.
    """
    found: dict[str, dict[str, list[Version]]] = {}
    for archived in (False, True):
        missing = [one for one in unique(ids) if one not in found]
        found |= await _histories(api, object_type, missing, fields, archived=archived)
    if not of_survivors:
        return found
    merged: dict[str, str] = {}
    for one in (one for one in unique(ids) if one not in found):
        row = await _read(api, Wanted(object_type), one)
        if row is None:
            binned = await _histories(api, object_type, [one], fields, archived=True)
            for survivor in binned.values():
                found[one] = survivor
        elif row.id != one:
            merged[one] = row.id
    theirs = await _histories(api, object_type, list(merged.values()), fields, archived=False)
    return found | {old: theirs[new] for old, new in merged.items() if new in theirs}


async def _histories(
    api: Api, object_type: str, ids: Sequence[str], fields: Sequence[str], *, archived: bool
) -> dict[str, dict[str, list[Version]]]:
    found: dict[str, dict[str, list[Version]]] = {}
    for chunk in chunks(unique(ids), api.settings.history_rows):
        answer = await api.batch_read(object_type, chunk, history=fields, archived=archived)
        for problem in answer.errors:
            _raise_unless_missing(problem)
        for row in answer.results:
            found[row.id] = {
                name: _versions(entries) for name, entries in row.properties_with_history.items()
            }
    return found


def _versions(entries: Sequence[wire.HistoryEntry]) -> list[Version]:
    versions = [
        Version(
            value=one.value or None,
            at=instant(one.timestamp),
            source_type=one.source_type,
            source_id=one.source_id or "",
            by_app=one.source_type == INTEGRATION,
            by_person=one.source_type == IN_HUBSPOT,
        )
        for one in entries
    ]
    return sorted(versions, key=lambda version: version.at, reverse=True)
