"""The HubSpot emulator: portals kept apart by token behind one application."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from ledgerbridge.sandbox.faults import Faults
from ledgerbridge.sandbox.http import App, Request, Response
from ledgerbridge.sandbox.hubspot import routes
from ledgerbridge.sandbox.hubspot.admission import check_move, check_request
from ledgerbridge.sandbox.hubspot.auth import Tokens, check_scopes
from ledgerbridge.sandbox.hubspot.calls import Call
from ledgerbridge.sandbox.hubspot.errors import (
    ApiError,
    rate_limited,
    server_error,
    unknown_path,
    wrong_method,
)
from ledgerbridge.sandbox.hubspot.instants import to_ms
from ledgerbridge.sandbox.hubspot.limits import Limits
from ledgerbridge.sandbox.hubspot.object_types import BY_NAME, object_type
from ledgerbridge.sandbox.hubspot.portal import Portal
from ledgerbridge.sandbox.hubspot.records import Source
from ledgerbridge.sandbox.hubspot.routes import Operation
from ledgerbridge.sandbox.hubspot.scopes import (
    ALL_SCOPES,
    ANY_OBJECT,
    any_object_scopes,
    object_scopes,
    schema_scopes,
)
from ledgerbridge.sandbox.hubspot.state import Settings
from ledgerbridge.sandbox.hubspot.switches import Switches

LOG_LENGTH_MAX = 10_000
FAULT_HEADER = "X-Sandbox-Fault"
OWNER = ("owner@example.com", "Olive", "Owner")

# The operation and the named parts of its path; None for OAuth; or why there is none.
Found = tuple[Operation, Mapping[str, str]] | ApiError | None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One request as it was answered; the status is 0 where nothing was."""

    at: datetime
    method: str
    path: str
    template: str
    status: int
    portal_id: int | None


class HubSpot:
    """
    One emulator. `app` is the application; it never raises but on a defect of its own.

    `log` keeps the latest requests, `calls` counts them by kind, e.g. `batch create contacts`.
    `faults` is the script of what goes wrong; such answers carry the header X-Sandbox-Fault.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        portal_id: int = 147_000_001,
        seed: int = 0,
        switches: Switches = Switches(),  # noqa: B008 -- it is frozen
        search_lag_s: float = 0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._now, self._seed, self.switches = now, seed, switches
        self._search_lag_ms = int(search_lag_s * 1000)
        self._portals: dict[int, Portal] = {}
        self._limits = Limits()
        self.tokens = Tokens(lambda: to_ms(now()), Settings().app_id, seed)
        self._refusals = 0
        self.faults = Faults(throttle=throttled, error500=failed, sleep=sleep)
        self.log: deque[LogEntry] = deque(maxlen=LOG_LENGTH_MAX)
        self.calls: Counter[str] = Counter()
        self.portal_id = portal_id
        self.portal(portal_id)

    @property
    def app(self) -> App:
        """The application, to call or to serve."""
        return self._answer

    def portal(self, portal_id: int | None = None) -> Portal:
        """A portal, made on its first use; without an id the one the emulator began with."""
        wanted = self.portal_id if portal_id is None else portal_id
        if wanted not in self._portals:
            portal = Portal(wanted, self._now, self.switches, self._seed, self._search_lag_ms)
            portal.add_owner(*OWNER)
            self._portals[wanted] = portal
        return self._portals[wanted]

    def set_switches(self, **changes: object) -> None:
        """Changes switches of the emulator and of all its portals."""
        self.switches = replace(self.switches, **changes)  # type: ignore[arg-type]
        for portal in self._portals.values():
            portal.use_switches(self.switches)

    def issue_token(self, portal_id: int | None = None, scopes: Iterable[str] = ALL_SCOPES) -> str:
        """A private app's token, without expiry."""
        return self.tokens.issue_static(self.portal(portal_id).portal_id, scopes)

    def issue_oauth(
        self, portal_id: int | None = None, scopes: Iterable[str] = ALL_SCOPES
    ) -> tuple[str, str]:
        """An access token of 1800 s and its refresh token."""
        return self.tokens.issue_oauth(self.portal(portal_id).portal_id, scopes)

    def issue_code(self, portal_id: int | None = None, scopes: Iterable[str] = ALL_SCOPES) -> str:
        """An authorization code, as the redirect after consent would bring it."""
        return self.tokens.issue_code(self.portal(portal_id).portal_id, scopes)

    def revoke(self, token: str) -> None:
        """Ends an access or refresh token; it is then unknown."""
        self.tokens.revoke(token)

    def expire(self, token: str) -> None:
        """Lets an access token expire now."""
        self.tokens.expire(token)

    async def _answer(self, request: Request) -> Response:
        found = self._routed(request)
        status = 0
        try:
            response = await self.faults(request, partial(self._applied, found))
            status = response.status
        finally:
            template, portal_id = self._described(found, request)
            self.log.append(
                LogEntry(self._now(), request.method, request.path, template, status, portal_id)
            )
        return response

    def _routed(self, request: Request) -> Found:
        """The operation of a request, counted; or the error of a path that has none."""
        path = routes.canonical_path(request.path)
        if path.startswith(("/oauth/", "/appinstalls/")):
            self.calls["oauth"] += 1
            return None
        try:
            operation, parts = routes.find(request.method, path)
        except ApiError as problem:
            return problem
        self.calls[_kind(operation, parts)] += 1
        return operation, parts

    def _described(self, found: Found, request: Request) -> tuple[str, int | None]:
        if found is None or isinstance(found, ApiError):
            return ("/oauth" if found is None else ""), None
        return found[0].path, self.tokens.portal_of(request)

    async def _applied(self, found: Found, request: Request) -> Response:
        try:
            if isinstance(found, ApiError):
                raise found
            check_request(request, self.switches)
            return self._oauth(request) if found is None else self._performed(request, *found)
        except ApiError as problem:
            self._refusals += 1
            return problem.response(self._refusals)

    def _performed(
        self, request: Request, operation: Operation, parts: Mapping[str, str]
    ) -> Response:
        grant = self.tokens.grant(request)
        portal = self.portal(grant.portal_id)
        check_move(portal)
        headers = self._limits.admit(portal, grant, operation.family)
        check_scopes(grant, _scopes(operation, parts))
        source = Source("INTEGRATION", str(grant.app_id))
        call = Call(request, portal, parts, source, routes.is_dated(parts))
        response = operation.handler(call)
        return replace(response, headers={**response.headers, **headers}) if headers else response

    def _oauth(self, request: Request) -> Response:
        parts = request.path.strip("/").split("/")[1:]
        match request.method, parts:
            case "POST", [version, "token"]:
                return self.tokens.token(request, version)
            case "POST", [_, "token", "introspect"]:
                return self.tokens.introspect(request)
            case "POST", [_, "token", "revoke"]:
                return self.tokens.revoke_by(request)
            case "GET", ["v1", ("access-tokens" | "refresh-tokens") as kind, token]:
                return self.tokens.describe(kind, token)
            case "DELETE", ["v1", "refresh-tokens", token]:
                self.tokens.revoke(token)
                return Response(204)
            case "POST", ["v2", "private-apps", "get", "access-token-info"]:
                return self.tokens.private_app_info(request)
            case "DELETE", [_, "external-install"] if request.path.startswith("/appinstalls/"):
                self.tokens.uninstall(request)
                return Response(204)
            case _, [_, "token"] | [_, "token", "introspect" | "revoke"]:
                raise wrong_method()
            case _:
                raise unknown_path()


def throttled() -> Response:
    """The 429 of a fault on demand, marked as such."""
    return _marked(rate_limited())


def failed() -> Response:
    """The 500 of a fault on demand, marked as such."""
    return _marked(server_error(500))


def _marked(found: ApiError) -> Response:
    response = found.response()
    return replace(response, headers={**response.headers, FAULT_HEADER: str(found.status)})


def _kind(operation: Operation, parts: Mapping[str, str]) -> str:
    given = parts.get("objectType") or parts.get("fromObjectType")
    if given is None:
        return operation.kind
    found = BY_NAME.get(given)
    return f"{operation.kind} {given if found is None else found.name}"


def _scopes(operation: Operation, parts: Mapping[str, str]) -> tuple[str, ...]:
    if operation.scope == ANY_OBJECT:
        return any_object_scopes()
    what, _, verb = operation.scope.partition(" ")
    if not verb:
        return (what,) if what else ()
    kind = object_type(parts.get("objectType") or parts["fromObjectType"])
    return object_scopes(kind, verb) if what == "objects" else schema_scopes(kind, verb)
