"""
What a person should know before a run: what it makes, what nobody can undo, what could startle
people who did not ask for it (business-rules.md, the first run).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct, field

from ledgerbridge.core.app_events import APP_EVENTS
from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import Operation, WriteKind
from ledgerbridge.core.values import emails
from ledgerbridge.service import marketing, spool
from ledgerbridge.service.first_ten import FIRST
from ledgerbridge.service.marketing import Counted
from ledgerbridge.service.world import World
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.children import CHILD_TYPES
from ledgerbridge.syncs.identity import FREE_MAIL

Sort = tuple[Side, str]
NEW_CUSTOMER: Sort = (Side.QUICKBOOKS, "Customer")
NEW_CONTACT: Sort = (Side.HUBSPOT, "contacts")
NEW_INVOICE: Sort = (Side.HUBSPOT, "invoices")
NEW_EVENT: Sort = (Side.HUBSPOT, APP_EVENTS)
ORIGIN, BACKFILL = "ledgerbridge_origin", "backfill"
PARTS = CHILD_TYPES | {"notes", APP_EVENTS}
"""HubSpot types that come with other records and that no workflow of people's starts from."""

HELD_FROM_UNDO = {
    NEW_CUSTOMER: (
        "customers made in QuickBooks",
        "QuickBooks deletes no customer; it can only be made inactive.",
    ),
    NEW_INVOICE: (
        "paid invoices made in HubSpot",
        "HubSpot lets nobody delete a paid invoice.",
    ),
    NEW_CONTACT: (
        "contacts made in HubSpot that it may count as marketing contacts",
        "Those that count are billed until the portal's next update date, deleted or not.",
    ),
    NEW_EVENT: (
        "app events on the timelines of deals",
        "HubSpot lets nobody change or delete an app event.",
    ),
}
BILLING = {
    Counted.UNKNOWN: (
        "HubSpot bills marketing contacts, and may count contacts that an app makes as such. Of "
        "more than {first} new contacts, {first} are made first and looked at: if they count, the "
        "run asks, or stops where nobody is there."
    ),
    Counted.BILLED: (
        "HubSpot counts contacts that are made here as marketing contacts, and bills them. Nobody "
        "agreed to that yet, so the run asks, or stops where nobody is there. To agree: "
        "ledgerbridge run --marketing accept"
    ),
    Counted.AGREED: (
        "HubSpot counts the {new:,} new contacts as marketing contacts, and bills them, as you "
        "agreed."
    ),
}
COMPANIES = (
    "HubSpot may make companies by itself for {number:,} of the new contacts, from the domains of "
    "their addresses. That is a setting of the portal: Settings, Objects, Companies, “Create and "
    "associate companies with contacts”."
)
WORKFLOWS = (
    "Workflows and lists of HubSpot may take in what is made, and write to people. {number:,} of "
    "these records were there before their sync was switched on: their property "
    "ledgerbridge_origin is backfill, so that workflows can leave them out. See to that first."
)


class Creation(Struct, frozen=True, kw_only=True):
    """How many records of one type a run makes on one side."""

    side: Side
    object_type: str
    records: int


class Irreversible(Struct, frozen=True, kw_only=True):
    """Changes that no undo brings back, and why not."""

    what: str
    records: int
    why: str


class Cautions(Struct, frozen=True, kw_only=True):
    """What is made, what cannot be undone, and notes in words."""

    creations: tuple[Creation, ...]
    irreversible: tuple[Irreversible, ...]
    notes: tuple[str, ...]


class _Counts(Struct):
    """What is made, as it is counted."""

    made: Counter[Sort] = field(default_factory=Counter)
    held: Counter[Sort] = field(default_factory=Counter)
    businesses: int = 0
    backfilled: int = 0

    def add(self, made: Operation) -> None:
        sort = (made.side, made.object_type)
        self.made[sort] += 1
        if sort != NEW_INVOICE or made.fields.get("hs_invoice_status") == "paid":
            self.held[sort] += sort in HELD_FROM_UNDO
        self.backfilled += made.fields.get(ORIGIN) == BACKFILL
        if sort == NEW_CONTACT:
            address = next(iter(emails(made.fields.get("email"))), "")
            host = address.rpartition("@")[2]
            self.businesses += bool(host) and host not in FREE_MAIL


def cautions(tx: Transaction, world: World) -> Cautions:
    """What the plan in the store makes, and what to know of it."""
    counts = _Counts()
    for made in _creations(tx, world):
        counts.add(made)
    known = marketing.known(tx, world.connections[Side.HUBSPOT])
    held = {sort: counts.held[sort] for sort in HELD_FROM_UNDO}
    if known is Counted.FREE:
        held[NEW_CONTACT] = 0
    return Cautions(
        creations=tuple(
            Creation(side=side, object_type=object_type, records=number)
            for (side, object_type), number in sorted(counts.made.items())
        ),
        irreversible=tuple(
            Irreversible(what=HELD_FROM_UNDO[sort][0], records=number, why=HELD_FROM_UNDO[sort][1])
            for sort, number in held.items()
            if number
        ),
        notes=tuple(_notes(counts, known)),
    )


def _creations(tx: Transaction, world: World) -> Iterator[Operation]:
    for sync in world.ordered():
        for spooled in spool.planned(tx, sync.id):
            item = spooled.item
            if isinstance(item, Operation) and item.kind is WriteKind.CREATE:
                yield item


def _notes(counts: _Counts, known: Counted) -> Iterator[str]:
    new = counts.made[NEW_CONTACT]
    if new and known in BILLING:
        yield BILLING[known].format(new=new, first=FIRST)
    if counts.businesses:
        yield COMPANIES.format(number=counts.businesses)
    if any(side is Side.HUBSPOT and name not in PARTS for side, name in counts.made):
        yield WORKFLOWS.format(number=counts.backfilled)
