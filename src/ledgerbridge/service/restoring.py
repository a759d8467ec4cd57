"""
HubSpot records that a person took out of the recycle bin: nothing but the bin tells of it, for a
restored record may look as old as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from msgspec.structs import replace

from ledgerbridge.connectors.port import Page, Wanted
from ledgerbridge.core.model import Gone, LinkStatus, Side, State
from ledgerbridge.core.order import waits_for
from ledgerbridge.service.storing import store_page
from ledgerbridge.service.world import World
from ledgerbridge.store import gone, links, pending, records
from ledgerbridge.store.transaction import Transaction

IN_THE_BIN = timedelta(days=90)
"""How long HubSpot keeps what was archived."""
WAS_IN_THE_BIN = "it was in the recycle bin when its kind was first read"


def gone_lately(tx: Transaction, world: World, object_type: str) -> set[str]:
    """The records that went into the bin, as far as it may still hold them, merged ones aside."""
    since = world.clock.now() - IN_THE_BIN
    return gone.gone_since(tx, world.connections[Side.HUBSPOT], object_type, since)


def note_strangers(tx: Transaction, world: World, page: Page) -> None:
    """
    Remember who was in the bin before we ever read them, by nothing but their ids: once they are
    out of it again, nothing else would tell of them.
    """
    connection, object_type = world.connections[Side.HUBSPOT], page.object_type
    known = records.get_many(tx, connection, object_type, [one.id for one in page.records])
    strangers = [one for one in page.records if one.id not in known]
    bare = [replace(one, fields={}, references={}, state=State.LIVE) for one in strangers]
    now = world.clock.now()
    records.store_page(
        tx,
        connection,
        object_type,
        bare,
        keys_of=lambda record: (),
        newer=records.NEWER[Side.HUBSPOT],
        now=now,
    )
    there = [Gone(object_type, one.id, WAS_IN_THE_BIN) for one in strangers]
    records.mark_gone(tx, connection, object_type, there, now)


async def look(world: World, wanted: Wanted, ids: Sequence[str]) -> None:
    """Those that the bin does not list any more are read by id: there again, or gone for good."""
    if not ids:
        return
    looked = await world.hubspot.look(wanted, ids)

    def store(tx: Transaction) -> None:
        connection = world.connections[Side.HUBSPOT]
        gone.bring_back(tx, connection, wanted.object_type, looked.found)
        store_page(tx, world, Side.HUBSPOT, Page(wanted.object_type, tuple(looked.found.values())))
        _wake(tx, world, wanted.object_type, looked.found)

    await world.commit(store)


def _wake(tx: Transaction, world: World, object_type: str, ids: Iterable[str]) -> None:
    """
    Who waits for these while their pairs rest is looked at: nothing else would tell. A pair that
    ended lives again first, and wakes them then.
    """
    for sync in world.ordered():
        if sync.rules.hubspot_type != object_type:
            continue
        found = links.by_ids(tx, sync.id, Side.HUBSPOT, ids).values()
        living = [link for link in found if link.status is LinkStatus.LIVE]
        leaning = links.attached_to(tx, [link.id for link in living])
        partners = [link.quickbooks_id or "" for link in living]
        partners += [one.record_id for group in leaning.values() for one in group]
        pending.wake(tx, [waits_for(sync.kind.name, x) for x in partners], world.clock.now())
