"""
The first ten of each kind go ahead of the rest, and somebody looks (business-rules.md, the first
run): a person at what was made, and this program at what HubSpot makes of new contacts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from msgspec import Struct

from ledgerbridge.core.model import Side
from ledgerbridge.core.order import Stage
from ledgerbridge.core.plan import WriteKind
from ledgerbridge.errors import Interlock
from ledgerbridge.service import marketing
from ledgerbridge.service.pages import page_of
from ledgerbridge.service.world import ActiveSync, World
from ledgerbridge.store import links, operations, runs
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.contacts import NAME as CONTACTS

FIRST = 10
PAGE_ROWS = 1000
NEW_CONTACT = (Side.HUBSPOT, CONTACTS, WriteKind.CREATE.value)
Sort = tuple[Side, str, str]


class Written(Struct, frozen=True, kw_only=True):
    """One of the first that were written: `side:id` of both halves, and where to see each."""

    hubspot: str
    quickbooks: str
    pages: tuple[str, ...]


class Sample(Struct, frozen=True, kw_only=True):
    """What a person looks at: the first of a sync that were written, and how many follow."""

    sync: str
    written: tuple[Written, ...]
    left: int


class Questions(Struct, frozen=True, kw_only=True):
    """
    What a run may ask a person on its way. `look` is asked after the first ten of each kind whether
    to go on, `billed` whether contacts may be made that HubSpot bills. Without a person nobody
    looks, and nobody agrees.
    """

    look: Callable[[Sample], bool] | None = None
    billed: marketing.Billed | None = None


NOBODY = Questions()


class Chosen(Struct, frozen=True, kw_only=True):
    """The units that go ahead, and the new contacts among them."""

    units: frozenset[str]
    contacts: frozenset[str]


def choose(tx: Transaction, world: World, sync: ActiveSync, questions: Questions) -> Chosen | None:
    """
    What goes ahead of the rest of a sync; None where nothing does.

    The first ten of each kind where a person looks, once in a run and while what they accepted is
    being done; the first ten new contacts while it is unknown whether HubSpot bills them.
    """
    looks = questions.look is not None and sync.id not in world.looked_at
    connection = world.connections[Side.HUBSPOT]
    unknown = marketing.known(tx, connection) is marketing.Counted.UNKNOWN
    if not looks and not unknown:
        return None
    totals = _totals(tx, sync)
    sorts: set[Sort] = set()
    if looks and any(number > FIRST for number in totals.values()) and _accepted(tx, sync):
        sorts.update(totals)
    if unknown and totals[NEW_CONTACT] > FIRST:
        sorts.add(NEW_CONTACT)
    if not sorts:
        return None
    return _first(tx, sync, sorts, totals)


def _totals(tx: Transaction, sync: ActiveSync) -> Counter[Sort]:
    """The planned writes by kind; lines go with their records."""
    kinds = {kind.value for kind in WriteKind}
    return Counter(
        {
            (one.side, one.object_type, one.kind): one.number
            for one in operations.plan_counts(tx)
            if one.sync == sync.id
            and one.kind in kinds
            and one.object_type not in sync.kind.children
        }
    )


def _accepted(tx: Transaction, sync: ActiveSync) -> bool:
    """Whether what a person accepted is still being done: the first run, or one beyond a cap."""
    accepted = runs.accepted(tx, sync.id)
    return accepted is not None and bool(accepted.counts)


def _first(tx: Transaction, sync: ActiveSync, sorts: set[Sort], totals: Counter[Sort]) -> Chosen:
    wanted = {sort: min(FIRST, totals[sort]) for sort in sorts}
    units: dict[str, Sort] = {}
    after = (int(Stage.LOCAL), 2**62)
    while any(wanted.values()):
        rows = operations.planned(tx, sync.id, PAGE_ROWS, after)
        if not rows:
            break
        after = (rows[-1].stage, rows[-1].seq)
        for row in rows:
            sort = (row.side, row.object_type, row.kind)
            if wanted.get(sort) and "#" not in row.unit:
                wanted[sort] -= 1
                units[row.unit] = sort
    new = {unit for unit, sort in units.items() if sort == NEW_CONTACT}
    return Chosen(units=frozenset(units), contacts=frozenset(new))


async def ask(world: World, sync: ActiveSync, chosen: Chosen, questions: Questions) -> None:
    """
    Look at what went ahead. Raises Interlock where HubSpot bills the contacts that were made, or
    the person who looked does not want to go on.
    """
    totals = await world.store.read(_totals, sync)
    made = await world.store.read(links.get_many, chosen.contacts)
    ids = [link.hubspot_id for link in made.values() if link.hubspot_id]
    if ids:
        await marketing.look(world, ids, totals[NEW_CONTACT], questions.billed)
    if questions.look is None or sync.id in world.looked_at:
        return
    world.looked_at.add(sync.id)
    sample = await world.store.read(_sample, world, sync, chosen, totals.total())
    if sample.left and not questions.look(sample):
        raise Interlock(
            f"Stopped after the first {len(sample.written)} of {sync.kind.name}: nobody said to go "
            "on. They stay as they were written, and nothing more was written. Go on with: "
            "ledgerbridge run --no-look"
        )


def _sample(tx: Transaction, world: World, sync: ActiveSync, chosen: Chosen, left: int) -> Sample:
    found = links.get_many(tx, chosen.units)
    ids = [
        (link.hubspot_id, link.quickbooks_id)
        for link in found.values()
        if link.hubspot_id and link.quickbooks_id
    ]
    accounts = (world.hubspot.account_id, world.quickbooks.account_id)
    return Sample(
        sync=sync.kind.name,
        written=tuple(
            Written(
                hubspot=f"{Side.HUBSPOT}:{ours}",
                quickbooks=f"{Side.QUICKBOOKS}:{theirs}",
                pages=tuple(
                    page
                    for side, account, one in zip(Side, accounts, (ours, theirs), strict=True)
                    if (page := page_of(side, account, sync.rules.object_type(side), one))
                ),
            )
            for ours, theirs in ids
        ),
        left=left,
    )
