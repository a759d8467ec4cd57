"""
Merging two customers or two items, as QuickBooks' own pages do it; the API has no such call.

The loser's id answers 610 from then on, its transactions are the survivor's. Whether change data
capture shows the loser as deleted, and whether the transactions count as changed, are switches.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ledgerbridge.sandbox.quickbooks.books import Books, Record
from ledgerbridge.sandbox.quickbooks.faultbodies import broken_rule
from ledgerbridge.sandbox.quickbooks.schema import Body
from ledgerbridge.sandbox.quickbooks.writes import by_id

REFERENCES = {"Customer": ("CustomerRef", "ParentRef"), "Item": ("ItemRef",)}
TRANSACTIONS = ("Invoice", "Payment", "CreditMemo", "SalesReceipt", "Estimate")


def merge(books: Books, entity: str, survivor_id: str, loser_id: str) -> Record:
    """The survivor, with all that was the loser's. Raises Refused: 610 for an unknown id."""
    survivor, loser = by_id(books, entity, survivor_id), by_id(books, entity, loser_id)
    if survivor is loser:
        raise broken_rule("A record cannot be merged with itself")
    below = ("Customer",) if entity == "Customer" else ()
    for record in [one for kind in (*TRANSACTIONS, *below) for one in books.records(kind)]:
        if record is loser or (record is survivor and entity == "Customer"):
            continue
        moved = _moved(record.body, REFERENCES[entity], loser_id, survivor_id)
        if moved == record.body:
            continue
        if books.switches.merge_touches_transactions:
            books.change(record, moved)
        else:
            books.store(record.entity, moved)
    books.forget(loser)
    if not books.switches.merged_in_cdc:
        books.tombstones[entity].pop(loser_id, None)
    return survivor


def _moved(body: Body, names: Iterable[str], old: str, new: str) -> Body:
    """The body with every such reference to the loser pointing at the survivor."""

    def one(name: str, value: Any) -> Any:
        if name in names and isinstance(value, dict) and value.get("value") == old:
            return {"value": new}
        if isinstance(value, dict):
            return {key: one(key, part) for key, part in value.items()}
        if isinstance(value, list):
            return [one("", part) for part in value]
        return value

    return {name: one(name, value) for name, value in body.items()}
