"""One HubSpot emulator with a hand to call it: requests as a client sends them, judged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from contract.hubspot_operations import checked
from ledgerbridge.sandbox.http import Response, request_of
from ledgerbridge.sandbox.hubspot import HubSpot, Portal, Switches

Body = dict[str, Any]

START = datetime(2026, 3, 12, 7, 33, 46, 615000, tzinfo=UTC)
OBJECTS = "/crm/objects/2026-09"
PROPERTIES = "/crm/properties/2026-09"
ASSOCIATIONS = "/crm/associations/2026-09"


class Caller:
    """An emulator on a clock that moves only when told, and one portal of it."""

    def __init__(self, *, search_lag_s: float = 0, **switches: Any) -> None:
        self.now = START
        self.emulator = HubSpot(
            now=lambda: self.now, switches=Switches(**switches), search_lag_s=search_lag_s
        )
        self.app = checked(self.emulator.app)
        self.token = self.emulator.issue_token()

    @property
    def portal(self) -> Portal:
        """The portal, to change it as people do."""
        return self.emulator.portal()

    def pass_time(self, **parts: float) -> None:
        """Lets time pass, e.g. `pass_time(minutes=2)`."""
        self.now += timedelta(**parts)

    async def send(
        self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Response:
        """One request with the token."""
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return await self.app(request_of(method, target, sent, body))

    async def call(self, method: str, target: str, body: Any = None) -> tuple[int, Any]:
        """The status and the body of an answer."""
        sent = b"" if body is None else msgspec.json.encode(body)
        answer = await self.send(method, target, sent)
        return answer.status, msgspec.json.decode(answer.body) if answer.body else None

    async def good(self, method: str, target: str, body: Any = None) -> Any:
        """The body of an answer that must be a success."""
        status, answered = await self.call(method, target, body)

        assert status < 300, answered
        return answered

    async def refused(self, method: str, target: str, body: Any = None) -> tuple[int, str]:
        """The status and message of an answer that must be an error."""
        status, answered = await self.call(method, target, body)

        assert status >= 400, answered
        return status, answered["message"]

    async def create(self, type_name: str, properties: Body, *links: tuple[str, int]) -> str:
        """The id of a record made by the API; links are ids and association type ids."""
        associations = [
            {
                "to": {"id": record_id},
                "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}],
            }
            for record_id, type_id in links
        ]
        body = {"properties": properties, "associations": associations}
        made = await self.good("POST", f"{OBJECTS}/{type_name}", body)
        return str(made["id"])

    async def read(self, type_name: str, record_id: str, *names: str) -> Body:
        """The properties of a record."""
        query = f"?properties={','.join(names)}" if names else ""
        found = await self.good("GET", f"{OBJECTS}/{type_name}/{record_id}{query}")
        properties: Body = found["properties"]
        return properties

    async def update(self, type_name: str, record_id: str, **properties: Any) -> Body:
        """The answer to a change that must succeed."""
        target = f"{OBJECTS}/{type_name}/{record_id}"
        answered: Body = await self.good("PATCH", target, {"properties": properties})
        return answered

    async def search(self, type_name: str, *filters: Body, **more: Any) -> Body:
        """The answer to a search with one group of filters."""
        body = {"filterGroups": [{"filters": list(filters)}] if filters else [], **more}
        answered: Body = await self.good("POST", f"{OBJECTS}/{type_name}/search", body)
        return answered
