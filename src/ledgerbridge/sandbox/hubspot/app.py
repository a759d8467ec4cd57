"""The HubSpot emulator: portals kept apart by token behind one application."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from ledgerbridge.sandbox.delivery import Outbox
from ledgerbridge.sandbox.faults import FaultEffects, Faults
from ledgerbridge.sandbox.http import App, Request, Response
from ledgerbridge.sandbox.hubspot import developer, routes
from ledgerbridge.sandbox.hubspot.admission import check_move, check_request
from ledgerbridge.sandbox.hubspot.auth import NO_PORTAL, Tokens, check_scopes
from ledgerbridge.sandbox.hubspot.calls import Call
from ledgerbridge.sandbox.hubspot.errors import (
    ApiError,
    migrating,
    missing_scopes,
    rate_limited,
    server_error,
    unknown_path,
    wrong_method,
)
from ledgerbridge.sandbox.hubspot.happenings import Happening
from ledgerbridge.sandbox.hubspot.instants import to_ms
from ledgerbridge.sandbox.hubspot.journal import Journal
from ledgerbridge.sandbox.hubspot.limits import Limits
from ledgerbridge.sandbox.hubspot.object_types import BY_NAME, object_type
from ledgerbridge.sandbox.hubspot.portal import Portal
from ledgerbridge.sandbox.hubspot.records import Source
from ledgerbridge.sandbox.hubspot.routes import Operation
from ledgerbridge.sandbox.hubspot.scopes import (
    ALL_SCOPES,
    ANY_OBJECT,
    APP_EVENT_SCOPES,
    APP_EVENTS,
    any_object_scopes,
    object_scopes,
    schema_scopes,
)
from ledgerbridge.sandbox.hubspot.state import Settings
from ledgerbridge.sandbox.hubspot.switches import Switches
from ledgerbridge.sandbox.hubspot.webhooks import Webhooks

LOG_LENGTH_MAX = 10_000
FAULT_HEADER = "X-Sandbox-Fault"
OWNER = ("owner@example.com", "Olive", "Owner")

# The operation and the named parts of its path; None outside the portals, for OAuth and the app;
# or why there is none.
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
        app_id = Settings().app_id
        self.tokens = Tokens(self._now_ms, app_id, seed)
        self._refusals = 0
        self._sleep = sleep
        effects = FaultEffects(throttled, failed, maintained, self._kill_tokens, self._go_stale)
        self.faults = Faults(effects, now=now, seed=seed, sleep=sleep)
        self.webhooks = Webhooks(
            now=now, app_id=app_id, switches=switches, fault_of=self.faults.of_event, seed=seed
        )
        self.journal = Journal(now=now, app_id=app_id, seed=seed)
        self.developer = developer.DeveloperApi(
            self.tokens, self.webhooks, self.journal, self.known_portal, f"dev-{seed:08d}"
        )
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
            portal.listener = self._heard
            self._portals[wanted] = portal
        return self._portals[wanted]

    def set_switches(self, **changes: object) -> None:
        """Changes switches of the emulator and of all its portals."""
        self.switches = replace(self.switches, **changes)  # type: ignore[arg-type]
        for portal in self._portals.values():
            portal.use_switches(self.switches)
        self.webhooks.use_switches(self.switches)

    def known_portal(self, portal_id: int) -> Portal | None:
        """A portal that there is, or None."""
        return self._portals.get(portal_id)

    def outside(self) -> dict[str, object]:
        """What belongs to the process and not to the state: the clock, and the way to sleep."""
        return {"now": self._now, "sleep": self._sleep}

    @property
    def outbox(self) -> Outbox:
        """Every webhook event and delivery."""
        return self.webhooks.outbox

    @property
    def client_secret(self) -> str:
        """The app's secret, which signs webhooks."""
        return self.webhooks.client_secret

    def issue_app_token(self, scopes: Iterable[str] = developer.APP_SCOPES) -> str:
        """A token of the app itself, as the client credentials grant gives it."""
        return self.tokens.issue_app(scopes)

    def portals(self) -> dict[int, Portal]:
        """All portals by id."""
        return dict(self._portals)

    def now(self) -> datetime:
        """The present by the emulator's clock."""
        return self._now()

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

    def _now_ms(self) -> int:
        return to_ms(self._now())

    def _heard(self, happening: Happening) -> None:
        self.webhooks.heard(happening)
        self.journal.heard(happening)

    def _kill_tokens(self, kind: str) -> None:
        self.tokens.end_all(revoked=kind == "token_revoked")

    def _go_stale(self, until: datetime) -> None:
        for portal in self._portals.values():
            for shelf in portal.shelves.values():
                shelf.index.hold(to_ms(until))

    async def _answer(self, request: Request) -> Response:
        self.faults.strike_tokens(request)
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
        if path.startswith(developer.PREFIXES):
            self.calls[path.split("/")[1]] += 1
            return None
        try:
            operation, parts = routes.find(request.method, path)
        except ApiError as problem:
            return problem
        self.calls[_kind(operation, parts)] += 1
        return operation, parts

    def _described(self, found: Found, request: Request) -> tuple[str, int | None]:
        if isinstance(found, ApiError):
            return "", None
        if found is None:
            return "/" + request.path.split("/")[1], None
        return found[0].path, self.tokens.portal_of(request)

    async def _applied(self, found: Found, request: Request) -> Response:
        try:
            if isinstance(found, ApiError):
                raise found
            check_request(request, self.switches)
            return self._outside(request) if found is None else self._performed(request, *found)
        except ApiError as problem:
            self._refusals += 1
            return problem.response(self._refusals)

    def _performed(
        self, request: Request, operation: Operation, parts: Mapping[str, str]
    ) -> Response:
        grant = self.tokens.grant(request)
        if grant.portal_id == NO_PORTAL:
            raise missing_scopes(_scopes(operation, parts))
        portal = self.portal(grant.portal_id)
        check_move(portal)
        headers = self._limits.admit(portal, grant, operation.family)
        check_scopes(grant, _scopes(operation, parts))
        source = Source("INTEGRATION", str(grant.app_id))
        call = Call(request, portal, parts, source, routes.is_dated(parts), grant.is_oauth)
        with portal.acting(source):
            response = operation.handler(call)
        return replace(response, headers={**response.headers, **headers}) if headers else response

    def _outside(self, request: Request) -> Response:
        if request.path.startswith(developer.PREFIXES):
            return self.developer.answer(request)
        return self._oauth(request)

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


def maintained(status: int, left_s: int) -> Response:
    """The 503 or 477 of maintenance on demand, marked as such."""
    return _marked(migrating(left_s) if status == 477 else server_error(status))


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
    if operation.scope == APP_EVENTS:
        return APP_EVENT_SCOPES
    what, _, verb = operation.scope.partition(" ")
    if not verb:
        return (what,) if what else ()
    kind = object_type(parts.get("objectType") or parts["fromObjectType"])
    return object_scopes(kind, verb) if what == "objects" else schema_scopes(kind, verb)
