"""
A succeeded payment may mark a part-paid invoice paid in HubSpot, and a discount or tax may change
its amounts: after such writes their invoices are looked at, and what they should show is written
last (business-rules.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ledgerbridge.connectors.port import Page, Wanted
from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import WriteKind
from ledgerbridge.service.observe import STIRRED
from ledgerbridge.service.storing import store_page
from ledgerbridge.service.world import World
from ledgerbridge.store import links, records, runs
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.adjustments import ADJUSTMENT_TYPES
from ledgerbridge.syncs.allocations import INVOICE, money
from ledgerbridge.syncs.invoices import NAME as INVOICES
from ledgerbridge.syncs.payments import NAME as PAYMENTS

if TYPE_CHECKING:
    from ledgerbridge.service.entering import SentRow


def note(tx: Transaction, world: World, stored: Sequence[SentRow]) -> list[str]:
    """
    The mirrors of invoices that these payments, discounts and taxes may have stirred.

    Noted in the transaction that settles them: after a crash before the look, the next run reads
    what changed among the invoices.
    """
    stirred = sorted({*_paid(tx, world, stored), *_adjusted(tx, stored)})
    if stirred:
        connection = world.connections[Side.HUBSPOT]
        runs.move_cursor(tx, connection, STIRRED, runs.Cursor(INVOICES, ""))
    return stirred


def _adjusted(tx: Transaction, stored: Sequence[SentRow]) -> list[str]:
    changed = {r.operation.link for r in stored if r.operation.object_type in ADJUSTMENT_TYPES}
    found = links.get_many(tx, changed)
    return [link.hubspot_id for link in found.values() if link.hubspot_id is not None]


def _paid(tx: Transaction, world: World, stored: Sequence[SentRow]) -> list[str]:
    payments, invoices = world.syncs.get(PAYMENTS), world.syncs.get(INVOICES)
    if payments is None or invoices is None:
        return []
    settles = {
        pointer.partner_id
        for row in stored
        if row.operation.sync == payments.id and row.operation.kind is WriteKind.CREATE
        for pointer in row.operation.points
        if pointer.sync == INVOICES
    }
    known = records.get_many(tx, world.connections[Side.QUICKBOOKS], INVOICE, settles)
    still_open = [x for x, one in known.items() if money(one.fields.get("Balance")) != 0]
    found = links.by_ids(tx, invoices.id, Side.QUICKBOOKS, still_open)
    return [link.hubspot_id for link in found.values() if link.hubspot_id is not None]


async def look(world: World, stirred: Sequence[str]) -> None:
    """Read these mirrors: what HubSpot changed by itself is put right by their next plan."""
    wanted = world.wanted_hubspot.get(INVOICES, Wanted(INVOICES))
    looked = await world.hubspot.look(wanted, stirred)

    def keep(tx: Transaction) -> None:
        store_page(tx, world, Side.HUBSPOT, Page(INVOICES, tuple(looked.found.values())))
        runs.drop_cursor(tx, world.connections[Side.HUBSPOT], STIRRED)

    await world.commit(keep)
