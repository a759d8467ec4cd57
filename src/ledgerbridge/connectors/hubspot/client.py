"""HubSpot as the service asks it: `port.Connector`, and what only a portal has."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime

from msgspec import Struct

from ledgerbridge.clock import Clock
from ledgerbridge.connectors.calls import CallCounter, Caller
from ledgerbridge.connectors.hubspot import (
    associating,
    changes,
    events,
    properties,
    reading,
    writes,
)
from ledgerbridge.connectors.hubspot.answers import HubSpotAnswers
from ledgerbridge.connectors.hubspot.api import Api
from ledgerbridge.connectors.hubspot.object_types import unique_properties
from ledgerbridge.connectors.hubspot.schema import schema_of
from ledgerbridge.connectors.hubspot.settings import Settings, limits_of
from ledgerbridge.connectors.hubspot.writes import Outcomes
from ledgerbridge.connectors.pacing import Pacer
from ledgerbridge.connectors.port import (
    Description,
    Lack,
    Looked,
    Outcome,
    Page,
    Request,
    Version,
    Wanted,
    Write,
    WriteKind,
)
from ledgerbridge.connectors.tokens import TokenSource
from ledgerbridge.connectors.transport import Transport
from ledgerbridge.core.app_events import APP_EVENTS
from ledgerbridge.core.model import Record, Side
from ledgerbridge.core.schema import ObjectSchema
from ledgerbridge.errors import Unauthorized, WrongTenant

DEFAULTS = Settings()

Writer = Callable[[Api, str, Sequence[Write]], Awaitable[Outcomes]]

WRITERS: dict[WriteKind, Writer] = {
    WriteKind.CREATE: writes.create,
    WriteKind.UPDATE: writes.update,
    WriteKind.ARCHIVE: writes.archive,
    WriteKind.ASSOCIATE: associating.associate,
    WriteKind.DISASSOCIATE: associating.separate,
}


class Tenant(Struct, frozen=True):
    """The portal that a token opens; the first of its currencies is the company's own."""

    account_id: str
    time_zone: str
    currencies: tuple[str, ...]


class HubSpot:
    """
    One portal. `account_id` is its id, empty until `who` or `describe` asked if none was pinned;
    `pacer` knows what others asked of it, where there are others.

    Reads are tried again a few times, writes leave once. Every method raises `CallFailed`.
    """

    side = Side.HUBSPOT

    def __init__(
        self,
        *,
        transport: Transport,
        clock: Clock,
        tokens: TokenSource,
        url: str = "https://api.hubapi.com",
        portal_id: str | None = None,
        settings: Settings = DEFAULTS,
        counter: CallCounter | None = None,
        pacer: Pacer | None = None,
    ) -> None:
        self.account_id = portal_id or ""
        self.counter = counter or CallCounter()
        self._settings = settings
        self._unique: dict[str, frozenset[str]] = {}
        self._caller = Caller(
            HubSpotAnswers(),
            transport=transport,
            clock=clock,
            tokens=tokens,
            pacer=pacer or Pacer(clock, limits_of(settings), settings.at_once_max),
            counter=self.counter,
        )
        self._api = Api(self._caller, url, settings)

    def now(self) -> datetime:
        """The instant by HubSpot's clock, as its last answer told it; by ours until one did."""
        return self._caller.now()

    async def who(self) -> Tenant:
        """The portal that answers: one call. Raises `WrongTenant` if it is not the pinned one."""
        account = await self._api.account()
        portal_id = str(account.portal_id)
        if self.account_id not in ("", portal_id):
            raise WrongTenant(
                f"The access token opens the HubSpot portal {portal_id}, "
                f"but this connection belongs to portal {self.account_id}. Nothing was read or "
                f"written there. Connect again with a token of portal {self.account_id}."
            )
        self.account_id = portal_id
        currencies = dict.fromkeys((account.company_currency, *account.additional_currencies))
        return Tenant(portal_id, account.time_zone, tuple(currencies))

    async def describe(self, object_types: Sequence[str]) -> Description:
        """The portal and these object types; one that the token may not see is a lack."""
        tenant = await self.who()
        found = [await self._schema(name) for name in object_types]
        schemas = {one.object_type: one for one in found if isinstance(one, ObjectSchema)}
        for name, schema in schemas.items():
            own = {field.name for field in schema.fields.values() if field.unique}
            self._unique[name] = unique_properties(name) | own
        return Description(
            account_id=tenant.account_id,
            name=f"HubSpot portal {tenant.account_id}",
            time_zone=tenant.time_zone,
            home_currency=tenant.currencies[0],
            currencies=tenant.currencies,
            schemas=schemas,
            lacks=tuple(one for one in found if isinstance(one, Lack)),
        )

    async def _schema(self, object_type: str) -> ObjectSchema | Lack:
        try:
            return schema_of(object_type, await self._api.properties(object_type))
        except Unauthorized as refusal:
            if refusal.status != 403:
                raise
            consequence = f"Records of the type {object_type} are neither read nor written."
            return Lack(refusal.message, consequence, refusal.remedy)

    async def ensure_properties(
        self, definitions: Sequence[properties.PropertyDefinition]
    ) -> properties.Ensured:
        """Make our properties where they are missing, and compare those that are there."""
        return await properties.ensure(self._api, definitions)

    async def owners(self) -> dict[str, str]:
        """The e-mail addresses of the owners who are active, by the owner's id."""
        found: dict[str, str] = {}
        after: str | None = None
        while True:
            page = await self._api.owners(after)
            found |= {one.id: one.email or "" for one in page.results}
            after = page.paging.next.after if page.paging and page.paging.next else None
            if after is None:
                return found

    def scan(self, wanted: Wanted) -> AsyncIterator[Page]:
        """All live records of a type, each at least once, in pages."""
        return reading.scan(self._api, wanted)

    async def changes(self, wanted: Sequence[Wanted], since: str) -> AsyncIterator[Page]:
        """
        Everything that changed at or after an ISO instant: one search for each type, if nothing.

        Archived records never show, nor does what changed in the last seconds.
        """
        for one in wanted:
            async for page in changes.changes(self._api, one, since):
                yield page

    def archived_records(self, wanted: Wanted) -> AsyncIterator[Page]:
        """All archived records of a type as they were, in pages."""
        return reading.archived_records(self._api, wanted)

    async def look(self, wanted: Wanted, ids: Sequence[str]) -> Looked:
        """The records with these ids as they are now; gone only by HubSpot's own word."""
        return await reading.look(self._api, wanted, ids)

    async def find(self, wanted: Wanted, field: str, values: Sequence[str]) -> list[Record]:
        """The records that have one of these values: read if it is unique, else searched."""
        known = self._unique.get(wanted.object_type) or unique_properties(wanted.object_type)
        if field in known:
            return await reading.find_by_unique(self._api, wanted, field, values)
        return await changes.find_by_search(self._api, wanted, field, values)

    async def history(
        self,
        object_type: str,
        ids: Sequence[str],
        fields: Sequence[str],
        *,
        of_survivors: bool = True,
    ) -> dict[str, dict[str, list[Version]]]:
        """
        The values that properties had, newest first, by id and property; of who was merged, those
        of its survivor, or none.
        """
        return await reading.history(self._api, object_type, ids, fields, of_survivors=of_survivors)

    async def associations(
        self, from_type: str, to_type: str, ids: Sequence[str]
    ) -> dict[str, tuple[str, ...]]:
        """The ids of the associated records of one type, for each given id."""
        return await reading.associations(self._api, from_type, to_type, ids)

    async def count(self, object_type: str) -> int:
        """How many records of a type there are; what was made in the last seconds is not in it."""
        return await changes.count(self._api, object_type)

    async def count_others(self, object_type: str, field: str, usual: Sequence[str]) -> int:
        """How many records have a property, and none of the usual values in it."""
        return await changes.count_others(self._api, object_type, field, usual)

    def batch_size(self, kind: WriteKind, object_type: str) -> int:
        """How many rows one request may hold."""
        if kind in (WriteKind.ASSOCIATE, WriteKind.DISASSOCIATE):
            return self._settings.association_rows
        return self._settings.batch_rows

    async def write(self, request: Request) -> tuple[Outcome, ...]:
        """
        Send one request; one outcome for each row, in the order of the rows.

        Raises `CallFailed` where nothing is known of any row.
        """
        writer = events.send if request.object_type == APP_EVENTS else WRITERS[request.kind]
        outcomes = await writer(self._api, request.object_type, request.writes)
        return tuple(outcomes[write.trace] for write in request.writes)
