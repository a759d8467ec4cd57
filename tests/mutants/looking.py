"""Mutants of how both sides are looked at, and of what is made of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from ledgerbridge.connectors.hubspot import HubSpot
from ledgerbridge.connectors.port import Page, Wanted
from ledgerbridge.connectors.quickbooks import QuickBooks
from ledgerbridge.connectors.quickbooks.pages import Pages
from ledgerbridge.connectors.quickbooks.query import from_on
from ledgerbridge.connectors.tokens import RefreshingToken, Tokens
from ledgerbridge.core import endings, guard
from ledgerbridge.core.model import Gone, Link, Record, Side
from ledgerbridge.core.plan import Planned
from ledgerbridge.core.planning import Rules
from ledgerbridge.service import erasing, observe, storing
from ledgerbridge.service.planners import merges
from ledgerbridge.service.world import World
from ledgerbridge.store import links, pending, records
from ledgerbridge.store.transaction import Transaction
from mutants.mutant import Surgery


def cursor_first(surgery: Surgery) -> None:
    """A cursor moves before what it covers was read."""
    changes = observe._changes

    async def moved_first(world: World, side: Side, wanted: Sequence[Wanted], since: str) -> None:
        await world.commit(observe._move, world, side, wanted, world.clock.now())
        await changes(world, side, wanted, since)

    surgery.function(changes, moved_first)


def no_overlap(surgery: Surgery) -> None:
    """What is asked for begins where the last look ended."""
    surgery.attribute(observe, "OVERLAP", timedelta(0))


def absent_is_deleted(surgery: Surgery) -> None:
    """What a full read does not show counts as deleted."""
    scan = observe._scan

    async def and_end_the_rest(world: World, side: Side, wanted: Wanted) -> None:
        seen: set[str] = set()
        store_page = storing.store_page

        def noted(tx: Transaction, world: World, side: Side, page: Page) -> list[str]:
            seen.update(record.id for record in page.records)
            return store_page(tx, world, side, page)

        with Surgery() as inner:
            inner.attribute(observe, "store_page", noted)
            await scan(world, side, wanted)
        await world.commit(_end_absent, world, side, wanted.object_type, seen)

    surgery.function(scan, and_end_the_rest)


def _end_absent(
    tx: Transaction, world: World, side: Side, object_type: str, seen: Collection[str]
) -> None:
    connection, now = world.connections[side], world.clock.now()
    known = tx.rows(
        "SELECT id FROM record WHERE connection = ? AND object_type = ?", (connection, object_type)
    )
    gone = [Gone(object_type, x, "not in a full read") for (x,) in known if x not in seen]
    news = records.mark_gone(tx, connection, object_type, gone, now)
    for sync in world.syncs.values():
        if sync.rules.object_type(side) == object_type:
            pending.mark(tx, sync.id, side, news, now)


def exit_is_deletion(surgery: Surgery) -> None:
    """A pair that leaves the filters is treated as if its customer were deleted."""

    def deleted(
        rules: Rules, link: Link, hubspot: Record | None, reasons: Sequence[str]
    ) -> Planned:
        return endings.plan_gone(
            rules,
            link,
            Side.QUICKBOOKS,
            evidence="; ".join(reasons),
            survivor=hubspot,
            removes=True,
        )

    surgery.function(endings.out_of_scope, deleted)


def cdc_is_complete(surgery: Surgery) -> None:
    """An answer of change data capture counts as complete however long it is."""
    changes = QuickBooks.changes

    async def trusting(
        self: QuickBooks, wanted: Sequence[Wanted], since: str
    ) -> AsyncIterator[Page]:
        self.settings = replace(self.settings, cdc_rows_max=10**9)
        async for page in changes(self, wanted, since):
            yield page

    surgery.attribute(QuickBooks, "changes", trusting)


def paged_by_position(surgery: Surgery) -> None:
    """All records of an entity are read by STARTPOSITION, while people go on working."""

    async def since(self: Pages, start: str | None) -> AsyncIterator[Page]:
        window = () if start is None else from_on(self._time, start)
        position = 1
        while True:
            rows = await self._page(window, position)
            yield Page(self._entity.name, tuple(rows))
            if len(rows) < self._rows_max:
                return
            position += len(rows)

    surgery.attribute(Pages, "since", since)


def mirror_feeds_filter(surgery: Surgery) -> None:
    """A mirror of ours counts for a filter."""
    surgery.function(storing.mirror_of_ours, lambda world, record: False)


def hubspot_merges_unfollowed(surgery: Surgery) -> None:
    """Merges are followed in QuickBooks only."""
    surgery.entry(merges.MERGEABLE, "contacts", (Side.QUICKBOOKS,))


def quickbooks_merges_unfollowed(surgery: Surgery) -> None:
    """Merges are followed in HubSpot only."""
    surgery.entry(merges.MERGEABLE, "contacts", (Side.HUBSPOT,))


def meeting_untold(surgery: Surgery) -> None:
    """Two pairs that met in one record go on, and nobody is asked."""
    surgery.function(endings.meeting, lambda name, side, survivor, link, members: Planned())


def bounced_payment_stays(surgery: Surgery) -> None:
    """A payment that is deleted in QuickBooks goes on settling its invoices in HubSpot."""
    allocate = storing._allocate

    def only_living(
        tx: Transaction, world: World, payments: Sequence[Record], before: Sequence[Record] = ()
    ) -> None:
        allocate(tx, world, [one for one in payments if not one.state.gone], before)

    surgery.function(allocate, only_living)


def deals_unmarked(surgery: Surgery) -> None:
    """Nobody tells the deals that their invoices changed."""
    surgery.function(storing.mark_for_deals, lambda tx, world, invoices: None)


def forgotten_read_again(surgery: Surgery) -> None:
    """The words about a forgotten person are stored again when their record is read."""
    surgery.function(erasing.spared, lambda tx, world, side, found: found)


def ended_forgotten(surgery: Surgery) -> None:
    """A pair that ended is forgotten, so that its survivor is free for another one."""

    def forget(tx: Transaction, link_ids: Any, reason: str) -> None:
        tx.many("DELETE FROM link WHERE id = ?", [(x,) for x in link_ids])

    surgery.function(links.kill, forget)


def removals_unlimited(surgery: Surgery) -> None:
    """Nobody is asked however many records a run would remove."""
    surgery.function(guard.too_many_removals, lambda caps, counts, linked, allowed: None)


def any_portal(surgery: Surgery) -> None:
    """Whichever portal the token opens is written to."""
    who = HubSpot.who

    async def anybody(self: HubSpot) -> Any:
        self.account_id = ""
        return await who(self)

    surgery.attribute(HubSpot, "who", anybody)


def token_kept_late(surgery: Surgery) -> None:
    """A renewed pair of tokens is used first and stored with the next call."""
    keep = RefreshingToken._keep

    async def at_the_next_call(self: RefreshingToken, tokens: Tokens) -> None:
        if self._unsaved is tokens:
            await keep(self, tokens)
            return
        self._tokens = self._unsaved = tokens

    surgery.attribute(RefreshingToken, "_keep", at_the_next_call)
