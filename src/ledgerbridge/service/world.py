"""
What one process works with: the store, the clock, both connectors, the syncs that are on.

`commit` is the only way the service changes what is remembered: a transaction that first checks
the epoch (promise 9).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Concatenate, ParamSpec, TypeVar

from msgspec import Struct

from ledgerbridge.clock import Clock
from ledgerbridge.connectors.hubspot import HubSpot
from ledgerbridge.connectors.port import Connector, Wanted
from ledgerbridge.connectors.quickbooks import QuickBooks
from ledgerbridge.core.conflicts import Conflict
from ledgerbridge.core.guard import Caps
from ledgerbridge.core.model import Side
from ledgerbridge.core.newest import Dated, Window
from ledgerbridge.core.order import SYNC_ORDER
from ledgerbridge.core.planning import Rules
from ledgerbridge.store.connections import check_epoch
from ledgerbridge.store.database import Store
from ledgerbridge.store.secrets import Secrets
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.kind import SyncKind

P = ParamSpec("P")
T = TypeVar("T")


class ActiveSync(Struct, frozen=True, kw_only=True):
    """
    A sync that is on: its id, what the product knows of its kind, its compiled rules.

    `fingerprint` is that of its configuration, which a person accepts; `planned_by` that of what
    of it serves now, without the mappings that are left out.
    """

    id: str
    kind: SyncKind
    rules: Rules
    fingerprint: str
    planned_by: str


class Undated(Struct, frozen=True, kw_only=True):
    """
    One conflict of which it is not known yet which edit is newer; `first` where the two sides were
    never in step.
    """

    sync: str
    link: str
    object_type: str
    hubspot_id: str
    quickbooks_id: str
    conflict: Conflict
    window: Window
    first: bool


@dataclass(slots=True)
class Progress:
    """
    What a run has done so far; `tell` hears of every step.

    `total` counts the planned operations, `done` those that are settled one way or another.
    """

    total: int = 0
    done: int = 0
    seen: int = 0
    stage: str = ""
    tell: Callable[[Progress], None] = field(default=lambda _: None)

    def step(self, stage: str, *, done: int = 0, seen: int = 0) -> None:
        """Count work that was done, and tell."""
        self.stage = stage
        self.done += done
        self.seen += seen
        self.tell(self)


@dataclass(frozen=True, slots=True)
class World:
    """
    One pair of connections with its enabled syncs, claimed by this process under `epoch`.

    `syncs` are those that are on, `chosen` the names of those that this run is about.
    `paused` are those that a person paused: they hear of what others read, and do nothing.
    `unavailable` are syncs that cannot work now, with the reason; the others go on (promise 7).
    `promised_names` are the display names that the plan being made gives to new customers,
    `promised_halves` the records that it pairs, by sync and side; `ends` counts the links that it
    ends, by sync. `promised_deals` are the totals of the invoices that it puts on deals.
    `emptied` are the fields, by side and type, whose emptiness the plan carries to the other side,
    as far as somebody may have taken the field itself away.
    `history_days` and `history_mb` are how long entries of the journal are kept, and how many.
    `removals_allowed` is how many records a person lets this run remove.
    `refuses` are HubSpot types of which the portal takes none, with its words.
    `looked_at` are the syncs whose first writes a person has looked at.
    `undated` are conflicts whose edits are to be dated, `dated` what came of that, by link and
    mapping (rule *newest*).
    """

    store: Store
    clock: Clock
    secrets: Secrets
    hubspot: HubSpot
    quickbooks: QuickBooks
    connections: dict[Side, str]
    syncs: dict[str, ActiveSync]
    caps: Caps
    run: str
    epoch: int
    wanted_hubspot: dict[str, Wanted]
    chosen: frozenset[str] = frozenset(SYNC_ORDER)
    progress: Progress = field(default_factory=Progress)
    paused: frozenset[str] = frozenset()
    unavailable: dict[str, str] = field(default_factory=dict)
    refuses: dict[str, str] = field(default_factory=dict)
    promised_names: set[str] = field(default_factory=set)
    promised_halves: set[tuple[str, Side, str]] = field(default_factory=set)
    ends: Counter[str] = field(default_factory=Counter)
    promised_deals: dict[str, Decimal] = field(default_factory=dict)
    emptied: dict[tuple[Side, str], set[str]] = field(default_factory=dict)
    looked_at: set[str] = field(default_factory=set)
    undated: list[Undated] = field(default_factory=list)
    dated: dict[tuple[str, str], Dated] = field(default_factory=dict)
    home_currency: str = ""
    history_days: int = 3650
    history_mb: int = 1000
    removals_allowed: int = 0

    def connector(self, side: Side) -> Connector:
        """The connector of one side."""
        return self.hubspot if side is Side.HUBSPOT else self.quickbooks

    def ordered(self) -> list[ActiveSync]:
        """The syncs that this run is about, parents first."""
        names = [name for name in SYNC_ORDER if name in self.chosen]
        on = [self.syncs[name] for name in names if name in self.syncs]
        return [sync for sync in on if sync.kind.name not in self.unavailable and self.awake(sync)]

    def awake(self, sync: ActiveSync) -> bool:
        """Whether nobody paused a sync: a paused one is not read for, planned or written."""
        return sync.kind.name not in self.paused

    def sync_of(self, sync_id: str) -> ActiveSync | None:
        """The active sync with this id, None if it is off or gone."""
        return next((sync for sync in self.syncs.values() if sync.id == sync_id), None)

    @property
    def calls(self) -> int:
        """How many calls left on both sides since this world began."""
        return self.hubspot.counter.total + self.quickbooks.counter.total

    async def commit(
        self, function: Callable[Concatenate[Transaction, P], T], *args: P.args, **named: P.kwargs
    ) -> T:
        """Run `function(tx, …)` in one transaction. Raises Fenced if others claimed meanwhile."""

        def fenced(tx: Transaction) -> T:
            check_epoch(tx, self.connections.values(), self.epoch)
            return function(tx, *args, **named)

        return await self.store.write(fenced)

    async def check_claim(self) -> None:
        """For who slept before it sends: raises Fenced if others claimed meanwhile."""
        await self.commit(lambda tx: None)
