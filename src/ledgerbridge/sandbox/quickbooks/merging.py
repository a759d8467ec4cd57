"""
Merging two records of a list, as people do it: one keeps its id, the other disappears.

What referred to the one that disappears refers to the other from then on. A read of its id is
answered with error 610. Whether change data capture shows it as deleted, and whether what moved
counts as changed, are switches; the webhook tells in any case.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ledgerbridge.sandbox.quickbooks.books import Books
from ledgerbridge.sandbox.quickbooks.entities import NAMED, REFERENCES
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused, broken_rule, unusable
from ledgerbridge.sandbox.quickbooks.happenings import Happening
from ledgerbridge.sandbox.quickbooks.records import Record
from ledgerbridge.sandbox.quickbooks.schema import Body, plain

MERGEABLE = ("Account", "Customer", "Employee", "Item", "Vendor")
SUMMED: dict[str, tuple[str, ...]] = {
    "Customer": ("Balance", "BalanceWithJobs"),
    "Vendor": ("Balance",),
    "Account": ("CurrentBalance", "CurrentBalanceWithSubAccounts"),
    "Item": ("QtyOnHand",),
}


def merge(books: Books, entity: str, kept_id: str, lost_id: str) -> None:
    """Merges the second record into the first. Raises Refused; nothing has changed then."""
    if entity not in MERGEABLE:
        raise Refused("500", f"Operation merge on {entity} is not supported.")
    kept, lost = books.find(entity, kept_id), books.find(entity, lost_id)
    if kept is None or lost is None or not kept.active:
        raise unusable()
    if kept is lost:
        raise broken_rule("A record cannot be merged with itself")
    for field in ("CurrencyRef", "Type", "AccountType"):
        if kept.body.get(field) != lost.body.get(field):
            raise broken_rule(f"Records that differ in {field} cannot be merged")
    if books.children[entity, lost_id]:
        raise broken_rule("A record with records below it cannot be merged away")
    sums = {
        name: plain(Decimal(kept.body.get(name, 0)) + Decimal(lost.body[name]))
        for name in SUMMED.get(entity, ())
        if name in lost.body
    }
    if lost.body.get("ParentRef", {}).get("value") == kept_id:
        sums.pop("BalanceWithJobs", None)  # a parent's already holds those of its jobs
    names = _reference_names(entity)
    for table in books.tables.values():
        for record in list(table.values()):
            moved = _repointed(record.body, names, lost_id, kept_id)
            if moved != record.body:
                _repoint(books, record, moved)
    books.forget(lost)
    if not books.switches.merged_in_cdc:
        del books.tombstones[entity][lost_id]
    books.store(entity, {**kept.body, **sums}, as_recorded=True)
    books.touch(kept)
    books.tell(Happening(entity, kept_id, "Merge", books.moment, deleted_id=lost_id))


def _repoint(books: Books, record: Record, moved: Body) -> None:
    """Stores what refers to another record now; sums were moved already."""
    if not books.switches.merge_touches_transactions:
        books.store(record.entity, moved, as_recorded=True)
        return
    token = str(int(record.body["SyncToken"]) + 1)
    books.touch(books.store(record.entity, {**moved, "SyncToken": token}, as_recorded=True))


def _reference_names(entity: str) -> frozenset[str]:
    listed = {name for name, (target, _) in REFERENCES.items() if target == entity}
    return frozenset(listed | {name for name, target in NAMED.items() if target == entity})


def _repointed(value: Any, names: frozenset[str], lost_id: str, kept_id: str) -> Any:
    if isinstance(value, dict):
        return {
            name: {**part, "value": kept_id}
            if name in names and isinstance(part, dict) and part.get("value") == lost_id
            else _repointed(part, names, lost_id, kept_id)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [_repointed(part, names, lost_id, kept_id) for part in value]
    return value
