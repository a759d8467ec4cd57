"""The endpoints of one company: each answers decoded rows or records, or raises `CallFailed`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from ledgerbridge.connectors.calls import Call, Caller, Effect
from ledgerbridge.connectors.pacing import Pacer
from ledgerbridge.connectors.quickbooks.failures import NAME, failure
from ledgerbridge.connectors.quickbooks.records import Row, decode, record_of
from ledgerbridge.connectors.quickbooks.schema import Entity
from ledgerbridge.connectors.quickbooks.settings import API, BATCH, Settings
from ledgerbridge.connectors.transport import HttpResponse
from ledgerbridge.core.model import Record
from ledgerbridge.errors import CallFailed

T = TypeVar("T")
DELETED = "Deleted"
JSON = {"Accept": "application/json", "Content-Type": "application/json"}
STATEMENT = {"Accept": "application/json", "Content-Type": "application/text"}


class Vendor:
    """How QuickBooks answers; its headers say nothing about limits."""

    name = NAME

    def failure(self, effect: Effect, response: HttpResponse) -> CallFailed | None:
        """What went wrong with the call as a whole; None where it is fine."""
        return failure(effect, response)

    def told(self, pacer: Pacer, pace: str, response: HttpResponse) -> None:
        """Nothing to pass on."""


class Api:
    """The calls of one company (realm)."""

    def __init__(self, caller: Caller, base_url: str, realm_id: str, settings: Settings) -> None:
        self._caller, self.realm_id = caller, realm_id
        self._company_url = f"{base_url.rstrip('/')}/v3/company/{quote(realm_id, safe='')}"
        self._minor_version = str(settings.minor_version)

    async def query(self, entity: str, statement: str) -> list[Row]:
        """The rows of one page."""

        def rows(body: bytes) -> list[Row]:
            return _rows(_object(decode(body), "QueryResponse"), entity)

        return await self._query(entity, statement, rows)

    async def records(self, entity: Entity, statement: str) -> list[Record]:
        """The records of one page."""

        def records(body: bytes) -> list[Record]:
            rows = _rows(_object(decode(body), "QueryResponse"), entity.name)
            return self._records(entity.name, rows)

        return await self._query(entity.name, statement, records)

    async def count(self, entity: str, statement: str) -> int:
        """How many records a statement counts."""

        def number(body: bytes) -> int:
            total = _object(decode(body), "QueryResponse").get("totalCount")
            if not isinstance(total, int):
                raise msgspec.ValidationError("a count was answered without totalCount")
            return total

        return await self._query(entity, statement, number)

    async def one(self, entity: str, record_id: str) -> Record:
        """One record by its id, inactive or not."""

        def record(body: bytes) -> Record:
            return self._records(entity, [_object(decode(body), entity)])[0]

        return await self._read(f"read {entity}", f"{entity.lower()}/{quote(record_id)}", record)

    async def single(self, name: str, path: str) -> Row:
        """An object that exists once: `CompanyInfo`, `Preferences`."""
        return await self._read(f"read {name}", path, lambda body: _object(decode(body), name))

    async def changes(
        self, entities: Sequence[str], since: str
    ) -> dict[str, tuple[list[Record], list[str]]]:
        """By entity: the records that changed since an instant, and ids that were deleted."""

        def groups(body: bytes) -> dict[str, tuple[list[Record], list[str]]]:
            return self._groups(entities, decode(body))

        query = {"entities": ",".join(entities), "changedSince": since}
        return await self._read("cdc", "cdc", groups, query)

    async def batch(self, kind: str, request_id: str, body: bytes) -> Row:
        """Send a batch once; the decoded answer, which has `BatchItemResponse`."""

        def answer(body: bytes) -> Row:
            decoded = decode(body)
            if not isinstance(decoded.get("BatchItemResponse"), list):
                raise msgspec.ValidationError("a batch was answered without its rows")
            return decoded

        return await self._caller.call(
            Call(
                kind=kind,
                pace=BATCH,
                effect=Effect.WRITE,
                method="POST",
                url=self._url("batch", {"requestid": request_id}),
                headers=JSON,
                body=body,
                decode=answer,
            )
        )

    async def _query(self, entity: str, statement: str, into: Callable[[bytes], T]) -> T:
        # As a body, not in the URL: a list of ids makes a statement of many kilobytes.
        return await self._caller.call(
            Call(
                kind=f"query {entity}",
                pace=API,
                effect=Effect.READ,
                method="POST",
                url=self._url("query"),
                headers=STATEMENT,
                body=statement.encode(),
                decode=into,
                metered=True,
            )
        )

    async def _read(
        self, kind: str, path: str, into: Callable[[bytes], T], query: dict[str, str] | None = None
    ) -> T:
        return await self._caller.call(
            Call(
                kind=kind,
                pace=API,
                effect=Effect.READ,
                method="GET",
                url=self._url(path, query),
                headers={"Accept": "application/json"},
                decode=into,
                metered=True,
            )
        )

    def _url(self, path: str, query: dict[str, str] | None = None) -> str:
        parameters = {**(query or {}), "minorversion": self._minor_version}
        return f"{self._company_url}/{path}?{urlencode(parameters, quote_via=quote)}"

    def _records(self, entity: str, rows: Sequence[Row]) -> list[Record]:
        realm_id = self.realm_id
        try:
            return [record_of(realm_id, entity, row) for row in rows]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            message = f"a {entity} without an id, a SyncToken or a time ({type(error).__name__})"
            raise msgspec.ValidationError(message) from error

    def _groups(
        self, entities: Sequence[str], body: Row
    ) -> dict[str, tuple[list[Record], list[str]]]:
        found: dict[str, tuple[list[Record], list[str]]] = {}
        answers = body.get("CDCResponse")
        if not isinstance(answers, list) or not all(isinstance(each, dict) for each in answers):
            raise msgspec.ValidationError("no CDCResponse")
        groups = [group for answer in answers for group in answer.get("QueryResponse") or ()]
        for entity in entities:
            rows = [row for group in groups for row in _rows(group, entity)]
            live = [row for row in rows if row.get("status") != DELETED]
            deleted = [_id(row) for row in rows if row.get("status") == DELETED]
            found[entity] = (self._records(entity, live), deleted)
        return found


def _object(body: Row, name: str) -> Row:
    value = body.get(name)
    if not isinstance(value, dict):
        raise msgspec.ValidationError(f"no {name} in the answer")
    return value


def _rows(response: Any, entity: str) -> list[Row]:
    rows = response.get(entity, []) if isinstance(response, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise msgspec.ValidationError(f"no rows of {entity}")
    return rows


def _id(row: Row) -> str:
    if not isinstance(row.get("Id"), str):
        raise msgspec.ValidationError("a deleted row without an id")
    return str(row["Id"])
