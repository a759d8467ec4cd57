"""
A plan is a value: what one look at one record leads to, with its reasons.

- Operation: one row of one request to one side. Spooled when planned; marked in flight before it
  leaves, and that marked row is the intent (engine.md); erased when settled.
- MadeLink: two existing records become a pair, nothing is written by this alone.
- Moved: base images that move because both sides turned out to be in step.
- Attached: a record without a partner leans on a link.
- Outcome: why a record is not in sync, or what is wrong with it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct, field

from ledgerbridge.core.conflicts import Conflict
from ledgerbridge.core.model import Side, Value


class WriteKind(StrEnum):
    """What one request does to each of its rows. A request holds one kind only."""

    CREATE = "create"
    UPDATE = "update"
    ARCHIVE = "archive"
    ASSOCIATE = "associate"
    DISASSOCIATE = "disassociate"


class Loss(Struct, frozen=True, kw_only=True):
    """A person's value that a write will replace or that was set aside (journal, promise 4)."""

    side: Side
    fields: dict[str, Value]
    winner: dict[str, Value]
    reason: str


class Pointer(Struct, frozen=True, kw_only=True):
    """
    A HubSpot record that is named when the operation leaves, not before.

    It is the partner of a QuickBooks record in a sync (its own, or that of the link it is attached
    to), or with `line` the partner of one line of the operation's own link. With `into` its id is
    written into that field; otherwise the record is associated with it. A pointer that is not
    `required` is left out while it has no target. A `gate` names nothing: the operation only waits
    for its target. `known` is the target's id where it is known when planned.
    """

    object_type: str
    sync: str
    partner_id: str = ""
    line: str | None = None
    into: str | None = None
    required: bool = True
    gate: bool = False
    known: str | None = None


class Operation(Struct, frozen=True, kw_only=True, tag=True):
    """
    One write to one record.

    `expected` holds what the target fields showed when this was planned; `covers` the target
    fields whose base moves to what the side then stores; `sources` the raw values of the other
    side that this write carries, and that become that side's base with it. `partner` is the id of
    the other half (a creation), `stage` its place within its sync. `ends` says why the link is over
    once this is stored, `revives` why an ended one lives again then. `decided` are mappings whose
    conflict a person decided so. One that `undoes` a write of ours never wins over a person; one
    that `puts_back` what a person wrote, and we overwrote unseen, moves no base.
    """

    sync: str
    link: str
    side: Side
    object_type: str
    kind: WriteKind
    stage: int
    line: str | None = None
    record_id: str | None = None
    version: str | None = None
    fields: dict[str, Value] = field(default_factory=dict)
    expected: dict[str, Value] = field(default_factory=dict)
    covers: tuple[str, ...] = ()
    sources: dict[str, Value] = field(default_factory=dict)
    points: tuple[Pointer, ...] = ()
    losses: tuple[Loss, ...] = ()
    partner: str | None = None
    generation: int = 1
    key_field: str | None = None
    reason: str = ""
    ends: str = ""
    decided: tuple[str, ...] = ()
    revives: str = ""
    undoes: bool = False
    puts_back: bool = False

    @property
    def unit(self) -> str:
        """What may have one intent at a time: the link, or one line of it."""
        return self.link if self.line is None else f"{self.link}#{self.line}"


class MadeLink(Struct, frozen=True, kw_only=True, tag=True):
    """Two existing records become a pair; `reason` says by what they were matched."""

    link: str
    hubspot_id: str
    quickbooks_id: str
    reason: str
    generation: int = 1

    def id_of(self, side: Side) -> str:
        """The id of its half on one side."""
        return self.hubspot_id if side is Side.HUBSPOT else self.quickbooks_id


class Moved(Struct, frozen=True, kw_only=True, tag=True):
    """Base images that move without a write; in the same step losses may be journalled."""

    link: str
    hubspot: dict[str, Value]
    quickbooks: dict[str, Value]


class Held(Struct, frozen=True, kw_only=True):
    """The conflicts of one pair that are held, those with a choice included."""

    link: str
    hubspot_id: str
    quickbooks_id: str
    conflicts: tuple[Conflict, ...]


class Attached(Struct, frozen=True, kw_only=True, tag=True):
    """A QuickBooks record that leans on the link of another one instead of having a partner."""

    record_id: str
    to: str
    reason: str


class Ended(Struct, frozen=True, kw_only=True, tag=True):
    """A link dies: one half is gone for good, and the rule says to leave the other alone."""

    link: str
    reason: str


class Continued(Struct, frozen=True, kw_only=True, tag=True):
    """
    A link goes on: with the survivor of a merge, or because a half that was gone is there again.

    `left` is the QuickBooks record that was merged away; it leans on the link from now on. The two
    images are what of the bases changes with it; the fields that begin `anew` lose theirs.
    """

    link: str
    hubspot_id: str
    quickbooks_id: str
    reason: str
    left: str | None = None
    hubspot: dict[str, Value] = field(default_factory=dict)
    quickbooks: dict[str, Value] = field(default_factory=dict)
    anew: tuple[str, ...] = ()


Item: TypeAlias = Operation | MadeLink | Moved | Attached | Ended | Continued


class Status(StrEnum):
    """Why a record is not simply in sync (product.md, health that explains)."""

    EXCLUDED = "excluded"
    BLOCKED = "blocked"
    FAILING = "failing"
    WAITING = "waiting"
    IN_DOUBT = "in doubt"
    CASE = "case"


class Outcome(Struct, frozen=True, kw_only=True):
    """
    One record's standing, with the reason in words and what to do next.

    `code` groups like with like; `blocked_on` is the key that wakes it (`contacts:12`).
    """

    side: Side
    record_id: str
    status: Status
    code: str
    message: str
    remedy: str = ""
    blocked_on: str | None = None


class Planned(Struct, frozen=True, kw_only=True):
    """All that one look at one record leads to. Empty: it is in step."""

    operations: tuple[Operation, ...] = ()
    links: tuple[MadeLink, ...] = ()
    moved: tuple[Moved, ...] = ()
    attached: tuple[Attached, ...] = ()
    ended: tuple[Ended, ...] = ()
    continued: tuple[Continued, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    held: tuple[Held, ...] = ()
    look_again_at: tuple[tuple[Side, str], ...] = ()
