"""HubSpot's endpoints as methods: a path, its parameters, and the type of its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import quote, urlencode

from ledgerbridge.connectors.calls import Call, Caller, Effect
from ledgerbridge.connectors.hubspot import wire
from ledgerbridge.connectors.hubspot.settings import API, ASSOCIATIONS, SEARCH, Settings

T = TypeVar("T")


class Api:
    """One portal's endpoints, each a single call. Every method raises `CallFailed`."""

    def __init__(self, caller: Caller, base_url: str, settings: Settings) -> None:
        self._caller, self._base_url = caller, base_url.rstrip("/")
        self.settings = settings

    async def account(self) -> wire.AccountDetails:
        """Which portal the token opens."""
        path = f"/account-info/{self.settings.version}/details"
        return await self._get("account", path, {}, wire.decode_account)

    async def properties(self, object_type: str) -> tuple[wire.PropertyRow, ...]:
        """All property definitions of a type."""
        path = f"/crm/properties/{self.settings.version}/{object_type}"
        answer = await self._get(f"properties {object_type}", path, {}, wire.decode_properties)
        return answer.results

    async def owners(self, after: str | None) -> wire.OwnerPage:
        """One page of the owners who are active."""
        path = f"/crm/owners/{self.settings.version}"
        query = {"limit": str(self.settings.page_rows)}
        if after is not None:
            query["after"] = after
        return await self._get("owners", path, query, wire.decode_owners)

    async def create_group(self, object_type: str, group: wire.GroupInput) -> None:
        """Make a group of properties."""
        path = f"/crm/properties/{self.settings.version}/{object_type}/groups"
        kind = f"create group {object_type}"
        await self._post(kind, path, group, wire.decode_nothing, effect=Effect.WRITE)

    async def create_properties(
        self, object_type: str, inputs: Sequence[wire.PropertyInput]
    ) -> wire.PropertyAnswer:
        """Make properties; an archived one of the same name comes back as it was."""
        path = f"/crm/properties/{self.settings.version}/{object_type}/batch/create"
        kind = f"create properties {object_type}"
        body = {"inputs": inputs}
        return await self._post(kind, path, body, wire.decode_properties, effect=Effect.WRITE)

    async def list_page(
        self,
        object_type: str,
        properties: Sequence[str] = (),
        associations: Sequence[str] = (),
        *,
        after: str | None,
        archived: bool = False,
    ) -> wire.RowPage:
        """One page of all records of a type, by ascending id."""
        query = {"limit": str(self.settings.page_rows)}
        if properties:
            query["properties"] = ",".join(properties)
        if associations:
            query["associations"] = ",".join(associations)
        if after is not None:
            query["after"] = after
        if archived:
            query["archived"] = "true"
        return await self._get(
            f"list {object_type}", self._objects(object_type), query, wire.decode_rows
        )

    async def read(self, object_type: str, record_id: str, properties: Sequence[str]) -> wire.Row:
        """One record; an id that was merged into another one answers with the survivor."""
        path = f"{self._objects(object_type)}/{quote(record_id, safe='')}"
        query = {"properties": ",".join(properties)} if properties else {}
        return await self._get(f"read {object_type}", path, query, wire.decode_row)

    async def batch_read(
        self,
        object_type: str,
        ids: Sequence[str],
        properties: Sequence[str] = (),
        *,
        history: Sequence[str] = (),
        id_property: str | None = None,
        archived: bool = False,
    ) -> wire.BatchAnswer:
        """The records with these ids, or these values of a unique property, in any order."""
        body: dict[str, object] = {
            "inputs": [{"id": one} for one in ids],
            "properties": properties,
            "propertiesWithHistory": history,
        }
        if id_property is not None:
            body["idProperty"] = id_property
        path = f"{self._objects(object_type)}/batch/read{'?archived=true' if archived else ''}"
        return await self._post(
            f"batch read {object_type}", path, body, wire.decode_batch, effect=Effect.READ
        )

    async def search(self, object_type: str, body: Mapping[str, object]) -> wire.RowPage:
        """One page of a search. Archived records and the newest changes are not in it."""
        path = f"{self._objects(object_type)}/search"
        kind = f"search {object_type}"
        return await self._post(kind, path, body, wire.decode_rows, effect=Effect.READ, pace=SEARCH)

    async def batch_write(
        self, object_type: str, operation: str, inputs: Sequence[object]
    ) -> wire.BatchAnswer:
        """A batch of creations or updates (`operation` is `create` or `update`)."""
        path = f"{self._objects(object_type)}/batch/{operation}"
        kind = f"batch {operation} {object_type}"
        body = {"inputs": inputs}
        return await self._post(kind, path, body, wire.decode_batch, effect=Effect.WRITE)

    async def batch_archive(self, object_type: str, ids: Sequence[str]) -> None:
        """Move records to the recycle bin; ids that are there already are fine."""
        path = f"{self._objects(object_type)}/batch/archive"
        body = {"inputs": [{"id": one} for one in ids]}
        kind = f"batch archive {object_type}"
        await self._post(kind, path, body, wire.decode_nothing, effect=Effect.WRITE)

    async def read_associations(
        self, from_type: str, to_type: str, inputs: Sequence[Mapping[str, str]]
    ) -> wire.AssociationAnswer:
        """The records of one type that are associated with these of another."""
        path = f"{self._associations(from_type, to_type)}/batch/read"
        kind = f"batch read associations {from_type} {to_type}"
        body = {"inputs": inputs}
        return await self._post(
            kind, path, body, wire.decode_associations, effect=Effect.READ, pace=ASSOCIATIONS
        )

    async def associate(
        self, from_type: str, to_type: str, pairs: Sequence[wire.Pair]
    ) -> wire.PairAnswer:
        """Associate pairs without a label; whether labels of people stay is not documented."""
        path = f"{self._associations(from_type, to_type)}/batch/associate/default"
        kind = f"batch associate {from_type} {to_type}"
        body = {"inputs": pairs}
        return await self._post(
            kind, path, body, wire.decode_pairs, effect=Effect.WRITE, pace=ASSOCIATIONS
        )

    async def separate(
        self, from_type: str, to_type: str, separations: Sequence[wire.Separation]
    ) -> None:
        """Remove associations; those that are not there are fine."""
        path = f"{self._associations(from_type, to_type)}/batch/archive"
        kind = f"batch separate {from_type} {to_type}"
        body = {"inputs": separations}
        await self._post(
            kind, path, body, wire.decode_nothing, effect=Effect.WRITE, pace=ASSOCIATIONS
        )

    async def send_events(self, inputs: Sequence[wire.AppEventInput]) -> wire.AppEventAnswer:
        """Tell app events on the timelines of records; 2026-03 is the one version that has them."""
        path = "/integrators/timeline/2026-03/events/batch"
        body = {"inputs": inputs}
        return await self._post(
            "batch app events", path, body, wire.decode_events, effect=Effect.WRITE
        )

    def _objects(self, object_type: str) -> str:
        return f"/crm/objects/{self.settings.version}/{object_type}"

    def _associations(self, from_type: str, to_type: str) -> str:
        return f"/crm/associations/{self.settings.version}/{from_type}/{to_type}"

    async def _get(
        self, kind: str, path: str, query: Mapping[str, str], decode: Callable[[bytes], T]
    ) -> T:
        text = f"?{urlencode(query, safe=',')}" if query else ""
        call = Call(
            kind=kind,
            pace=API,
            effect=Effect.READ,
            method="GET",
            url=f"{self._base_url}{path}{text}",
            decode=decode,
            headers={"Accept": "application/json"},
        )
        return await self._caller.call(call)

    async def _post(
        self,
        kind: str,
        path: str,
        body: object,
        decode: Callable[[bytes], T],
        *,
        effect: Effect,
        pace: str = API,
    ) -> T:
        call = Call(
            kind=kind,
            pace=pace,
            effect=effect,
            method="POST",
            url=f"{self._base_url}{path}",
            decode=decode,
            headers=wire.JSON_HEADERS,
            body=wire.encode(body),
        )
        return await self._caller.call(call)
