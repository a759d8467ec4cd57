"""Change data capture: what changed since an instant, by entity, in one answer without pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ledgerbridge.sandbox.quickbooks.books import Books
from ledgerbridge.sandbox.quickbooks.entities import BY_FOLDED_NAME
from ledgerbridge.sandbox.quickbooks.entity import Entity
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused, missing
from ledgerbridge.sandbox.quickbooks.records import Record
from ledgerbridge.sandbox.quickbooks.schema import Body
from ledgerbridge.sandbox.quickbooks.times import instant, stamp


@dataclass(frozen=True, slots=True)
class Group:
    """The changes of one entity: living records, then the deleted, both by time ascending."""

    entity: str
    records: tuple[Record, ...]
    deleted: tuple[tuple[str, datetime], ...]

    def counts(self) -> dict[str, int]:
        """What the answer says beside the rows; a group of deletions alone has no start."""
        total = len(self.records) + len(self.deleted)
        counts = {"startPosition": 1} if self.records else {}
        counts["maxResults"] = total
        if self.deleted:
            counts["totalCount"] = total
        return counts


def changes(books: Books, entities: str | None, changed_since: str | None) -> list[Group]:
    """One group for each entity asked for. Raises Refused (2020, 2000, 2060, 500)."""
    if not entities:
        raise missing("entities")
    if not changed_since:
        raise missing("changedSince")
    since = _since(books, changed_since)
    specs = [_entity(name) for name in entities.split(",") if name.strip()]
    return _cut(books, [_group(books, spec, since) for spec in specs])


def tombstone(id_: str, at: datetime) -> Body:
    """How a deleted record appears."""
    return {
        "domain": "QBO",
        "status": "Deleted",
        "Id": id_,
        "MetaData": {"LastUpdatedTime": stamp(at)},
    }


def _since(books: Books, changed_since: str) -> datetime:
    try:
        since = instant(changed_since)
    except ValueError:
        detail = f"Invalid Date. Supplied value:{changed_since[:50]}"
        raise Refused("2060", detail, element="changedSince") from None
    days = books.switches.cdc_look_back_days
    if days is not None and since < books.moment - timedelta(days=days):
        raise Refused(
            books.switches.cdc_too_old_code,
            f"Operation cdc with changedSince date {changed_since} which is older than fixed days"
            " is not supported.",
        )
    return since


def _entity(name: str) -> Entity:
    spec = BY_FOLDED_NAME.get(name.strip().lower())
    if spec is None or not spec.in_cdc:
        raise Refused("2000", f"Invalid or unsupported object name : {name.strip()[:100]}")
    return spec


def _group(books: Books, spec: Entity, since: datetime) -> Group:
    inclusive = books.switches.cdc_inclusive

    def changed(at: datetime) -> bool:
        whole = at.replace(microsecond=0)
        return whole >= since if inclusive else whole > since

    later = books.indexes.order(spec.name, "updated").between(since, None)
    records = [record for record in later if changed(record.updated)]
    deleted = [pair for pair in books.tombstones[spec.name].items() if changed(pair[1])]
    deleted.sort(key=lambda pair: pair[1])
    return Group(spec.name, tuple(records), tuple(deleted))


def _cut(books: Books, groups: list[Group]) -> list[Group]:
    """At most so many rows in the whole answer; nothing tells that some were left out."""
    limit = books.switches.cdc_rows_max
    if sum(len(group.records) + len(group.deleted) for group in groups) <= limit:
        return groups
    times = [
        *(
            (record.updated, group.entity, record.id)
            for group in groups
            for record in group.records
        ),
        *((at, group.entity, id_) for group in groups for id_, at in group.deleted),
    ]
    times.sort(reverse=books.switches.cdc_keeps == "newest")
    kept = {(entity, id_) for _, entity, id_ in times[:limit]}
    return [
        Group(
            group.entity,
            tuple(record for record in group.records if (group.entity, record.id) in kept),
            tuple(pair for pair in group.deleted if (group.entity, pair[0]) in kept),
        )
        for group in groups
    ]
