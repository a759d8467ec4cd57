"""
Who may be the same person without any key or e-mail saying so: candidates of one name, weighed.

They are only ever proposed. Names are looked up in the index, so that no record is compared with
all others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ledgerbridge.core.evidence import weigh
from ledgerbridge.core.model import Record, Side
from ledgerbridge.core.planning import KEY_FIELD
from ledgerbridge.service.planners.chunk import Chunk, Found
from ledgerbridge.service.planners.judgement import Judgement, refused_customers
from ledgerbridge.store import links
from ledgerbridge.store.decisions import Decision
from ledgerbridge.syncs.contact_situations import Lookalike
from ledgerbridge.syncs.identity import likeness_of

PERSON = "person"
Alike = dict[str, tuple[Lookalike, ...]]


def contacts_like(chunk: Chunk, customers: Sequence[Record], told: Judgement) -> Alike:
    """For each of these customers the free contacts that may be the same person."""
    top = [record for record in customers if not record.references.get("ParentRef")]
    near = _of_one_name(chunk, Side.QUICKBOOKS, "contacts", top)
    return {
        record.id: found
        for record in top
        if (
            found := _weighed(
                Side.QUICKBOOKS,
                record,
                [x for x in near.get(record.id, ()) if x.id not in told.refused(record.id)],
            )
        )
    }


def customers_like(
    chunk: Chunk, contacts: Sequence[Record], told: Mapping[str, Sequence[Decision]]
) -> Alike:
    """For each of these contacts the free customers that may be the same person."""
    if not chunk.sync.rules.definition.travels(Side.QUICKBOOKS):
        return {}
    near = _of_one_name(chunk, Side.HUBSPOT, "Customer", contacts)
    return {
        record.id: found
        for record in contacts
        if (
            found := _weighed(
                Side.HUBSPOT,
                record,
                [
                    x
                    for x in near.get(record.id, ())
                    if x.id not in refused_customers(told.get(record.id, ()))
                ],
            )
        )
    }


def _of_one_name(
    chunk: Chunk, side: Side, object_type: str, records: Sequence[Record]
) -> dict[str, list[Record]]:
    """Records of the other side that have the same name and no partner."""
    names = {record.id: likeness_of(side, record).name for record in records}
    by_name = chunk.by_key(side.other, object_type, PERSON, filter(None, names.values()))
    if not by_name:
        return {}
    found = _free(chunk, side.other, object_type, {x for group in by_name.values() for x in group})
    return {
        record_id: [found[x] for x in by_name.get(name, ()) if x in found]
        for record_id, name in names.items()
    }


def _free(chunk: Chunk, side: Side, object_type: str, ids: set[str]) -> Found:
    taken = set(chunk.links(side, ids))
    if side is Side.QUICKBOOKS:
        taken |= set(links.attachments(chunk.tx, chunk.sync.id, ids))
    found = chunk.read(side, object_type, ids - taken)
    return {
        x: record
        for x, record in found.items()
        if not record.state.gone
        and not record.references.get("ParentRef")
        and not record.fields.get(KEY_FIELD)
    }


def _weighed(side: Side, record: Record, others: Sequence[Record]) -> tuple[Lookalike, ...]:
    mine = likeness_of(side, record)
    weighed = [Lookalike(one, weigh(mine, likeness_of(side.other, one))) for one in others]
    found = [one for one in weighed if one.evidence.proposes]
    return tuple(sorted(found, key=lambda one: -one.evidence.points))
