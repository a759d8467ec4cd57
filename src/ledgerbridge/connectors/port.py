"""
The connector protocol: what the service may ask of a vendor, in the words of the core.

Every method may raise `CallFailed` (its verdict says what is known); a read that fails part way
raises, it never ends early: a failed read is not an empty one (promise 5).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

from msgspec import Struct, field

from ledgerbridge.connectors.calls import CallCounter
from ledgerbridge.core.model import Gone, Record, Side, Value
from ledgerbridge.core.plan import WriteKind as WriteKind  # noqa: PLC0414 -- a word of the port
from ledgerbridge.core.schema import ObjectSchema
from ledgerbridge.errors import Verdict


class Wanted(Struct, frozen=True):
    """One object type to observe: the fields to ask for, and the associated types (HubSpot)."""

    object_type: str
    fields: tuple[str, ...] = ()
    associations: tuple[str, ...] = ()


class Page(Struct, frozen=True):
    """Some records of one type as they are now; `signs` are ids that look deleted, unconfirmed."""

    object_type: str
    records: tuple[Record, ...]
    signs: tuple[str, ...] = ()


class Looked(Struct, frozen=True):
    """The answer to a look by id: what was found, and what is surely gone. Others are unknown."""

    found: dict[str, Record]
    gone: dict[str, Gone] = field(default_factory=dict)


class Lack(Struct, frozen=True):
    """A permission or feature that is missing, and what cannot be done without it."""

    what: str
    consequence: str
    remedy: str


class Description(Struct, frozen=True, kw_only=True):
    """
    Who answers, and what it has: the tenant, its time zone and currencies, its schemas.

    `terms` are the names of QuickBooks payment terms by id.
    """

    account_id: str
    name: str
    time_zone: str
    home_currency: str
    currencies: tuple[str, ...] = ()
    country: str = ""
    terms: dict[str, str] = field(default_factory=dict)
    schemas: dict[str, ObjectSchema] = field(default_factory=dict)
    lacks: tuple[Lack, ...] = ()


class Association(Struct, frozen=True):
    """A record of the same side to point at; the connector knows the vendor's type id."""

    object_type: str
    record_id: str


class Write(Struct, frozen=True, kw_only=True):
    """
    One row of a request.

    `trace` names the row within the request. `fields` are raw values to set (None or "" clears),
    only those that change. `version` is the SyncToken planned with (QuickBooks updates).
    `key_field` is the unique property by which the row of an answer is recognised (creates).
    """

    trace: str
    fields: dict[str, Value] = field(default_factory=dict)
    record_id: str | None = None
    version: str | None = None
    associations: tuple[Association, ...] = ()
    key_field: str | None = None


class Request(Struct, frozen=True, kw_only=True):
    """
    One batch that leaves together.

    `id` is stored before it leaves and goes along as `requestid` where the vendor has one: the
    same id with the same rows in the same order asks for the same answer (theory.md 4.3).
    """

    id: str
    kind: WriteKind
    object_type: str
    writes: tuple[Write, ...]


class Stored(Struct, frozen=True):
    """A row that was applied, with the record as the side stored it (None after archiving)."""

    trace: str
    record: Record | None


class Failed(Struct, frozen=True, kw_only=True):
    """
    A row that was not applied (`RETRY`, `REFUSE`) or that nobody knows about (`LOOK_AGAIN`).

    `code` is our stable word, `message` and `remedy` are for a person, `field` the mapped target
    field at fault if known, `existing_id` the record that already has a unique value.
    """

    trace: str
    verdict: Verdict
    code: str
    message: str
    remedy: str = ""
    field: str | None = None
    existing_id: str | None = None


Outcome: TypeAlias = Stored | Failed


class Version(Struct, frozen=True):
    """
    One entry of a property's history, newest first in a list; `by_app` if an app wrote it, with a
    token of its own, `by_person` if somebody did in HubSpot itself.
    """

    value: Value
    at: str
    source_type: str
    source_id: str
    by_app: bool
    by_person: bool


class Connector(Protocol):
    """One tenant of one vendor."""

    side: Side
    account_id: str
    counter: CallCounter

    def now(self) -> datetime:
        """The instant by the vendor's clock, as its last answer told it; by ours until one did."""

    async def describe(self, object_types: Sequence[str]) -> Description:
        """Who answers and what these object types look like there."""

    def scan(self, wanted: Wanted) -> AsyncIterator[Page]:
        """All live and inactive records of a type, each at least once, in pages."""

    def changes(self, wanted: Sequence[Wanted], since: str) -> AsyncIterator[Page]:
        """
        Everything that changed at or after an ISO instant, in as few calls as the vendor allows.

        Raises `Refuse` with code `window_too_old` where the vendor no longer remembers: scan then.
        """

    async def look(self, wanted: Wanted, ids: Sequence[str]) -> Looked:
        """The records with these ids as they are now; gone only with the vendor's own word."""

    async def find(self, wanted: Wanted, field: str, values: Sequence[str]) -> list[Record]:
        """The records that have one of these values in a unique or name-like field."""

    async def count(self, object_type: str) -> int:
        """How many live and inactive records of a type there are, by one call."""

    def batch_size(self, kind: WriteKind, object_type: str) -> int:
        """How many rows one request may hold, at least 1."""

    async def write(self, request: Request) -> tuple[Outcome, ...]:
        """
        Send one request; one outcome for each row, in the order of the rows.

        Raises `CallFailed` when it failed as a whole; with `LookAgain` every row is in doubt.
        """


Schemas: TypeAlias = Mapping[str, ObjectSchema]
