"""
Adopt what turns out to be there already: a creation whose answer was lost, or that HubSpot refuses
because its key is taken, has a record that carries that very key (engine.md, keys).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec.structs import replace

from ledgerbridge.connectors.port import Page, Wanted, Write
from ledgerbridge.core.model import Record, Side, Value
from ledgerbridge.core.plan import Operation
from ledgerbridge.service import adjusting
from ledgerbridge.service.storing import store_page
from ledgerbridge.service.wanted import MERGED_IDS
from ledgerbridge.service.world import World
from ledgerbridge.store.transaction import Transaction


class Creation(Protocol):
    """A row of a request that makes records."""

    @property
    def seq(self) -> int: ...
    @property
    def operation(self) -> Operation: ...
    @property
    def write(self) -> Write: ...


async def find_by_key(
    world: World, object_type: str, rows: Sequence[Creation]
) -> dict[int, Record]:
    """The HubSpot records that carry the keys of these rows, by row. Raises CallFailed."""
    if not rows:
        return {}
    if adjusting.is_made_by(rows[0].operation):
        return await adjusting.find_on_invoices(world, rows)
    key_field = rows[0].write.key_field
    assert key_field is not None, "what we create in HubSpot carries a key"
    keys = [str(row.write.fields[key_field]) for row in rows]
    fields = tuple(sorted({key_field, *(name for row in rows for name in row.write.fields)}))
    wanted = world.wanted_hubspot.get(object_type, Wanted(object_type, fields))
    records = await world.hubspot.find(wanted, key_field, keys)
    by_key = {record.fields.get(key_field): record for record in records}
    return {
        row.seq: by_key[row.write.fields[key_field]]
        for row in rows
        if row.write.fields[key_field] in by_key
    }


async def as_born(
    world: World,
    object_type: str,
    rows: Sequence[Creation],
    there: Mapping[int, Record],
) -> dict[int, Record]:
    """
    The adopted records as our creation left them.

    Somebody may have edited one since; with that as its base the edit would never travel.
    """
    if not there or rows[0].operation.line is not None:
        return dict(there)
    fields = sorted({name for row in rows for name in row.operation.covers})
    ids = [record.id for record in there.values()]
    history = await world.hubspot.history(object_type, ids, fields, of_survivors=False)
    written = {row.seq: row.write.fields for row in rows}
    born = {}
    for seq, record in there.items():
        first: dict[str, Value] = {
            name: versions[-1].value
            for name, versions in history.get(record.id, {}).items()
            if versions and written[seq].get(name)
        }
        if record.fields.get(MERGED_IDS) or record.id not in history:
            # Merged meanwhile, before this record was read or after: the history is another one's.
            first = {name: written[seq].get(name) for name in fields}
        born[seq] = replace(record, fields={**record.fields, **dict.fromkeys(fields), **first})
    return born


def see(tx: Transaction, world: World, side: Side, found: tuple[Record, ...]) -> None:
    """Records as a look by id found them are an observation like any other."""
    if found:
        store_page(tx, world, side, Page(found[0].object_type, found))
