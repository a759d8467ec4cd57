"""How many records of every kind each side has, and how it stands with them."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import Status
from ledgerbridge.service.world import ActiveSync, World
from ledgerbridge.store import links, outcomes
from ledgerbridge.store.transaction import Transaction

NOT_COVERED = {
    "CreditMemo": "credit memos",
    "SalesReceipt": "sales receipts",
    "RefundReceipt": "refund receipts",
    "JournalEntry": "journal entries",
}
"""QuickBooks transactions that no sync shows, and what people call them."""

READ_AS = {"Allocation": "Payment"}
"""What is derived from another entity, and that one; it is counted as that."""

IN_BOOKS = frozenset({"Customer", "Item", "Invoice", "Payment"})
Place = tuple[str, str]


class Counted(Struct, frozen=True, kw_only=True):
    """
    How many records of one sync each side has, and how it stands with them.

    `quickbooks` is null where that side has nothing of the kind. `paired` are pairs, `attached`
    customers that lean on another one's pair; the others are records of either side that are not in
    step. One payment of several invoices makes several pairs.
    """

    what: str
    quickbooks: int | None
    hubspot: int
    paired: int
    attached: int
    left_out: int
    waiting: int
    failing: int
    cases: int


class Uncounted(Struct, frozen=True, kw_only=True):
    """QuickBooks transactions of a kind that no sync shows, and how many there are."""

    what: str
    quickbooks: int


async def counted(world: World, known: Mapping[Place, int]) -> tuple[Counted, ...]:
    """
    One row for each sync that is on; `known` are those that were counted by reading, by side and
    type. One call for each other type.
    """
    numbers = dict(known)
    rows = []
    for sync in world.syncs.values():
        theirs = READ_AS.get(sync.kind.quickbooks_type, sync.kind.quickbooks_type)
        places = [(Side.HUBSPOT, sync.kind.hubspot_type)]
        places += [(Side.QUICKBOOKS, theirs)] if theirs in IN_BOOKS else []
        for side, object_type in places:
            if (side, object_type) not in numbers:
                number = await world.connector(side).count(object_type)
                numbers[side, object_type] = number
        rows.append(await world.store.read(_row, sync, numbers, theirs))
    return tuple(rows)


def _row(tx: Transaction, sync: ActiveSync, numbers: Mapping[Place, int], theirs: str) -> Counted:
    standing: dict[Status, int] = {}
    for one in outcomes.counts(tx, sync.id):
        standing[one.status] = standing.get(one.status, 0) + one.number
    waiting = (Status.BLOCKED, Status.WAITING, Status.IN_DOUBT)
    return Counted(
        what=sync.kind.name,
        quickbooks=numbers.get((Side.QUICKBOOKS, theirs)),
        hubspot=numbers[Side.HUBSPOT, sync.kind.hubspot_type],
        paired=links.pairs(tx, sync.id),
        attached=links.attached(tx, sync.id),
        left_out=standing.get(Status.EXCLUDED, 0),
        waiting=sum(standing.get(one, 0) for one in waiting),
        failing=standing.get(Status.FAILING, 0),
        cases=standing.get(Status.CASE, 0),
    )


async def uncovered(world: World) -> tuple[Uncounted, ...]:
    """The transactions that no sync shows; one call for each kind."""
    return tuple(
        [
            Uncounted(what=what, quickbooks=await world.quickbooks.count(entity))
            for entity, what in NOT_COVERED.items()
        ]
    )
