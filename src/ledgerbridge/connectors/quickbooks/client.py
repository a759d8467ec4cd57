"""One QuickBooks Online company as a `Connector`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from ledgerbridge.clock import Clock
from ledgerbridge.connectors.calls import CallCounter, Caller
from ledgerbridge.connectors.pacing import Pacer
from ledgerbridge.connectors.port import (
    Description,
    Looked,
    Outcome,
    Page,
    Request,
    Wanted,
    WriteKind,
)
from ledgerbridge.connectors.quickbooks import company
from ledgerbridge.connectors.quickbooks.api import Api, Vendor
from ledgerbridge.connectors.quickbooks.instants import instant, stamp
from ledgerbridge.connectors.quickbooks.pages import Pages
from ledgerbridge.connectors.quickbooks.query import CREATED, UPDATED, count_of, one_of, select
from ledgerbridge.connectors.quickbooks.schema import ENTITIES
from ledgerbridge.connectors.quickbooks.settings import Settings, limits_of
from ledgerbridge.connectors.quickbooks.writes import OPERATIONS, Batch
from ledgerbridge.connectors.tokens import TokenSource
from ledgerbridge.connectors.transport import Transport
from ledgerbridge.core.model import Gone, Record, Side
from ledgerbridge.errors import Refuse

GONE_CODE = "inactive_or_missing_reference"
DELETED_SUFFIX = " (deleted)"
SUFFIXED = frozenset({"DisplayName", "Name", "FullyQualifiedName"})
QUERIED_AS = {"PrimaryEmailAddr.Address": "PrimaryEmailAddr"}
CDC_MARGIN = timedelta(hours=1)


class QuickBooks:
    """
    One company. `counter` counts the calls that left; `account_id` is the realm; `pacer` knows
    what others asked of it, where there are others.

    Reads are retried within bounds, writes never; `CallFailed` says what is known (port.py).
    """

    side = Side.QUICKBOOKS

    def __init__(
        self,
        *,
        transport: Transport,
        clock: Clock,
        tokens: TokenSource,
        base_url: str,
        realm_id: str,
        settings: Settings | None = None,
        counter: CallCounter | None = None,
        pacer: Pacer | None = None,
    ) -> None:
        self.account_id = realm_id
        self.settings = settings or Settings()
        self.counter = counter or CallCounter()
        self._caller = Caller(
            Vendor(),
            transport=transport,
            clock=clock,
            tokens=tokens,
            pacer=pacer or Pacer(clock, limits_of(self.settings), self.settings.at_once_max),
            counter=self.counter,
        )
        self._api = Api(self._caller, base_url, realm_id, self.settings)

    def now(self) -> datetime:
        """The instant by QuickBooks' clock, as its last answer told it; by ours until one did."""
        return self._caller.now()

    async def describe(self, object_types: Sequence[str]) -> Description:
        """The company, its currencies and the schemas asked for; two calls, or three."""
        return await company.describe(self._api, object_types, self.settings.page_rows)

    async def scan(self, wanted: Wanted) -> AsyncIterator[Page]:
        """All records of an entity, inactive ones too, by their time of creation."""
        async for page in self._pages(wanted.object_type, CREATED).since(None):
            yield page

    async def changes(self, wanted: Sequence[Wanted], since: str) -> AsyncIterator[Page]:
        """
        What changed at or after `since`, by one call for all entities; deletions are signs.

        An answer as long as they get may leave something out without a word: then the living
        records are queried by time. Raises `Refuse` (`window_too_old`) for what is forgotten.
        """
        oldest = self.now() - timedelta(days=self.settings.cdc_days_max) + CDC_MARGIN
        start = stamp(instant(since))
        if instant(since) < oldest:
            raise Refuse(
                "window_too_old",
                f"QuickBooks remembers changes for {self.settings.cdc_days_max} days, and the last "
                f"look was at {start}.",
                remedy="All records are read once instead.",
            )
        found = await self._api.changes([each.object_type for each in wanted], start)
        total = sum(len(records) + len(deleted) for records, deleted in found.values())
        whole = total < self.settings.cdc_rows_max
        for entity, (records, deleted) in found.items():
            if records or deleted:
                yield Page(entity, tuple(records) if whole else (), tuple(deleted))
            if not whole:
                async for page in self._pages(entity, UPDATED).since(start):
                    yield page

    async def look(self, wanted: Wanted, ids: Sequence[str]) -> Looked:
        """
        The records with these ids. One that a query does not return is read by itself; gone is
        only what that read is answered with 610.
        """
        entity = ENTITIES[wanted.object_type]
        found: dict[str, Record] = {}
        distinct = list(dict.fromkeys(ids))
        for chunk in _chunks(distinct, self.settings.ids_max):
            statement = select(entity, [one_of("Id", chunk)], rows_max=self.settings.page_rows)
            found.update(
                (record.id, record) for record in await self._api.records(entity, statement)
            )
        missing = [record_id for record_id in distinct if record_id not in found]
        gone: dict[str, Gone] = {}
        for answer in await _all(self._one_or_gone(entity.name, each) for each in missing):
            if isinstance(answer, Gone):
                gone[answer.id] = answer
            else:
                found[answer.id] = answer
        return Looked(found, gone)

    async def find(self, wanted: Wanted, field: str, values: Sequence[str]) -> list[Record]:
        """
        The records, inactive ones too, that have one of these values in a field that queries know.

        Names are also looked for with the suffix that QuickBooks gives to inactive ones.
        """
        distinct = list(dict.fromkeys(value for value in values if value.strip()))
        if field in SUFFIXED and ENTITIES[wanted.object_type].named:
            distinct += [value + DELETED_SUFFIX for value in distinct]
        found: dict[str, Record] = {}
        for chunk in _chunks(distinct, self.settings.ids_max):
            condition = one_of(QUERIED_AS.get(field, field), chunk)
            async for page in self._pages(wanted.object_type, CREATED, condition).since(None):
                found.update((record.id, record) for record in page.records)
        return list(found.values())

    async def count(self, object_type: str) -> int:
        """How many records of an entity there are, inactive ones too; any entity, read or not."""
        return await self._api.count(object_type, count_of(object_type))

    def batch_size(self, kind: WriteKind, object_type: str) -> int:
        """How many rows one request may hold."""
        return self.settings.batch_items_max

    async def write(self, request: Request) -> tuple[Outcome, ...]:
        """
        Send one batch under the request's own id; one outcome for each row.

        The same request with the same id asks QuickBooks for the same answer. Raises `CallFailed`
        when it failed as a whole.
        """
        assert len(request.writes) <= self.settings.batch_items_max, "a batch has a largest size"
        batch = Batch(request)
        if batch.body is None:
            return batch.outcomes(self.account_id, None)
        kind = f"batch {OPERATIONS[request.kind]} {request.object_type}"
        answer = await self._api.batch(kind, request.id, batch.body)
        return batch.outcomes(self.account_id, answer)

    def _pages(self, object_type: str, time: str, *conditions: str) -> Pages:
        entity = ENTITIES[object_type]
        return Pages(self._api, entity, time, self.settings.page_rows, conditions)

    async def _one_or_gone(self, entity: str, record_id: str) -> Record | Gone:
        try:
            return await self._api.one(entity, record_id)
        except Refuse as refusal:
            if refusal.code != GONE_CODE:
                raise
            return Gone(entity, record_id, f"read by id: {refusal.message}")


def _chunks(values: Sequence[str], size: int) -> list[Sequence[str]]:
    return [values[start : start + size] for start in range(0, len(values), size)]


async def _all(calls: Any) -> list[Any]:
    results = await asyncio.gather(*calls, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results
