"""
The emulator: QuickBooks Online of some companies, as one function from a request to an answer.

A request passes the authorization, the limits, the faults asked for, and then its route. Whatever
is wrong with it is answered as the vendor does, or with a clear 4xx of the same shape.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import msgspec

from ledgerbridge.sandbox.delivery import Outbox
from ledgerbridge.sandbox.faults import FaultEffects, Faults
from ledgerbridge.sandbox.http import NoAnswer, Request, Response
from ledgerbridge.sandbox.quickbooks import routes
from ledgerbridge.sandbox.quickbooks.books import Books
from ledgerbridge.sandbox.quickbooks.company import Company
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused, gateway, throttle
from ledgerbridge.sandbox.quickbooks.happenings import Happening
from ledgerbridge.sandbox.quickbooks.limits import Limits
from ledgerbridge.sandbox.quickbooks.metering import Metering
from ledgerbridge.sandbox.quickbooks.oauth import Tokens
from ledgerbridge.sandbox.quickbooks.replay import Replay, check_request_id
from ledgerbridge.sandbox.quickbooks.stale import frozen
from ledgerbridge.sandbox.quickbooks.switches import DEFAULTS, Switches
from ledgerbridge.sandbox.quickbooks.webhooks import Webhooks

LOG_LENGTH = 10_000
REALM_ID = "9341450000000001"
OF_THE_REQUEST_ID = {"600", "2130"}
LAGGING = ("query", "cdc")  # what shows an older state while the fault `stale` lasts
FAULT_TYPE = {"Content-Type": "application/json"}
MAINTENANCE = "System Failure Error: The service is down for maintenance"
ANSWER_HEADERS = {
    "Content-Type": "application/json;charset=utf-8",
    "Qbo-Version": "1988.128",
    "Service-Time": "total=12, db=5",
    "Expires": "0",
    "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One request in the log. `status` is 0 where no answer was sent."""

    at: datetime
    method: str
    path: str
    status: int
    kind: str
    realm_id: str
    metered: bool


@dataclass(frozen=True, slots=True)
class Listener:
    """Hands what happens in a company to the app's webhooks."""

    realm_id: str
    webhooks: Webhooks

    def __call__(self, happening: Happening) -> None:
        """One thing happened."""
        self.webhooks.heard(self.realm_id, happening)


class QuickBooks:
    """
    One emulator with one or more companies.

    `now` is its clock; `seed` draws tokens and trace ids. `calls` counts requests by kind (batch
    items too, with the prefix `batch: `), `metering` what Intuit bills (data out, succeeded).
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        realm_id: str = REALM_ID,
        seed: int = 0,
        switches: Switches = DEFAULTS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._now, self._random = now, Random(seed)
        self.realm_id, self.switches = realm_id, switches
        self.tokens = Tokens(now, switches, self._random)
        self.limits = Limits(now, switches)
        self._sleep = sleep
        effects = FaultEffects(
            self._throttled, self._failed, self._maintained, self._kill_tokens, self._go_stale
        )
        self.faults = Faults(effects, now=now, seed=seed, sleep=sleep)
        self.webhooks = Webhooks(
            now=now, switches=switches, fault_of=self.faults.of_event, seed=seed
        )
        self.log: deque[Entry] = deque(maxlen=LOG_LENGTH)
        self.calls: Counter[str] = Counter()
        self.metering = Metering(now, switches)
        self._companies: dict[str, Company] = {}
        self._replays: dict[str, Replay] = {}
        self._older: dict[str, Books] = {}
        self._older_until: datetime | None = None
        self.company(realm_id)

    @property
    def client_id(self) -> str:
        """The id of the one registered app."""
        return self.tokens.client_id

    @property
    def client_secret(self) -> str:
        """The secret of the one registered app."""
        return self.tokens.client_secret

    @property
    def metered(self) -> int:
        """Metered calls so far, of all companies; `metering` has them by company and month."""
        return self.metering.total

    def company(self, realm_id: str | None = None) -> Company:
        """The company of a realm (by default the first), founded when first asked for."""
        realm_id = realm_id or self.realm_id
        if realm_id not in self._companies:
            founded = Company(realm_id, self._now, self.switches)
            founded.books.listener = Listener(realm_id, self.webhooks)
            self._companies[realm_id] = founded
            self._replays[realm_id] = Replay(self.switches)
        return self._companies[realm_id]

    def companies(self) -> dict[str, Company]:
        """All companies by realm."""
        return dict(self._companies)

    def now(self) -> datetime:
        """The present by the emulator's clock."""
        return self._now()

    def outside(self) -> dict[str, object]:
        """What belongs to the process and not to the state: the clock, and the way to sleep."""
        return {"now": self._now, "sleep": self._sleep}

    @property
    def outbox(self) -> Outbox:
        """Every webhook event and delivery."""
        return self.webhooks.outbox

    def issue_tokens(self, realm_id: str | None = None) -> tuple[str, str]:
        """A fresh pair (access token, refresh token) of a realm, by default the first."""
        return self.tokens.issue(self.company(realm_id).realm_id)

    def expire_access_tokens(self) -> None:
        """All access tokens are expired from now on."""
        self.tokens.expire_access()

    def revoke(self, realm_id: str | None = None) -> None:
        """The app is disconnected from a realm: its tokens are dead."""
        self.tokens.revoke_realm(realm_id or self.realm_id)

    async def __call__(self, request: Request) -> Response:
        """The answer to a request. Raises NoAnswer where a fault drops it."""
        self.faults.strike_tokens(request)
        route = routes.route_of(request)
        try:
            answer, metered = await self._answer(request, route)
        except NoAnswer:
            self._note(request, route, 0, metered=0)
            raise
        self._note(request, route, answer.status, metered=metered)
        return answer

    @property
    def app(self) -> QuickBooks:
        """The application itself, for `Server(emulator.app)`."""
        return self

    async def _answer(self, request: Request, route: routes.Route) -> tuple[Response, int]:
        if not route.realm_id:
            return await self.faults(request, self._outside), 0
        refused = self.tokens.refusal(request, route.realm_id)
        if refused is None and route.realm_id not in self._companies:
            refused = (403, "The company is not known")
        if refused is not None:
            return self._gateway(*refused), 0
        admitted = self.limits.admits(route.realm_id, route.kind)
        if not admitted or self.metering.is_used_up(route.kind):
            return self._throttled(), 0
        metered = 0

        async def inside(request: Request) -> Response:
            nonlocal metered
            answer, metered = self._inside(request, route)
            return answer

        self.limits.in_flight[route.realm_id] += 1
        try:
            return await self.faults(request, inside), metered
        finally:
            self.limits.in_flight[route.realm_id] -= 1

    async def _outside(self, request: Request) -> Response:
        host = request.headers.get("host", "127.0.0.1")
        answer = self.tokens.answer(request, f"http://{host}", self.realm_id)
        answer = answer or Response(404, b'{"error":"not_found"}', FAULT_TYPE)
        return replace(answer, headers={**answer.headers, **self._trace()})

    def _inside(self, request: Request, route: routes.Route) -> tuple[Response, int]:
        """The answer to an admitted request, and how many metered calls it is."""
        arrived = self._now().astimezone(UTC)
        books = self._companies[route.realm_id].arrived(arrived)
        request_id = request.first("requestid") if request.method == "POST" else None
        replay = self._replays[route.realm_id]
        try:
            if request_id:
                check_request_id(request_id, batch=route.kind == "batch")
                known = replay.find(request_id, arrived, route.kind, request.body)
                if known is not None:
                    return known, 0
            if route.kind.startswith(LAGGING):
                books = self._as_of_before(route.realm_id, books)
            done = routes.perform(books, request, route)
        except Refused as refused:
            answer = self._fault(refused.status, refused.body(arrived))
            if request_id and refused.code not in OF_THE_REQUEST_ID:
                replay.keep(request_id, arrived, route.kind, request.body, answer)
            return answer, 0
        for kind in done.items:
            self.calls[f"batch: {kind}"] += 1
        answer = Response(200, done.content, {**_headers(done.content_type), **self._trace()})
        if request_id:
            replay.keep(request_id, arrived, route.kind, request.body, answer)
        return answer, self.metering.charge(route.kind, done.items)

    def _note(self, request: Request, route: routes.Route, status: int, *, metered: int) -> None:
        self.calls[route.kind] += 1
        self.metering.count(route.realm_id, metered)
        self.log.append(
            Entry(
                self._now(),
                request.method,
                request.path,
                status,
                route.kind,
                route.realm_id,
                metered > 0,
            )
        )

    def _gateway(self, status: int, detail: str) -> Response:
        answer = self._fault(status, gateway(status, detail, self._now()))
        if status != 401:
            return answer
        challenge = 'Bearer realm="Intuit", error="invalid_token"'
        return Response(status, answer.body, {**answer.headers, "Www-Authenticate": challenge})

    def _throttled(self) -> Response:
        body = throttle(self.switches.throttle_form, self._now())
        retry = self.switches.retry_after_s
        headers = self._trace() | ({} if retry is None else {"Retry-After": str(retry)})
        if isinstance(body, str):
            kind = {"Content-Type": "application/xml"} if body else {}
            return Response(429, body.encode(), {**kind, **headers})
        return Response(429, msgspec.json.encode(body), {**FAULT_TYPE, **headers})

    def _as_of_before(self, realm_id: str, books: Books) -> Books:
        """The older state while reads are stale, else the books themselves."""
        if self._older_until is None:
            return books
        if self._now() >= self._older_until:
            self._older, self._older_until = {}, None
            return books
        older = self._older.get(realm_id, books)
        older.moment = books.moment
        return older

    def _go_stale(self, until: datetime) -> None:
        companies = self._companies if until > self._now() else {}
        self._older = {realm: frozen(company.books) for realm, company in companies.items()}
        self._older_until = until if companies else None

    def _kill_tokens(self, kind: str) -> None:
        if kind == "token_expired":
            self.expire_access_tokens()
        else:
            for realm_id in self._companies:
                self.revoke(realm_id)

    def _maintained(self, status: int, _: int) -> Response:
        refused = Refused("10000", MAINTENANCE, status=status, type_="SystemFault")
        return self._fault(status, refused.body(self._now()))

    def _failed(self) -> Response:
        detail = "System Failure Error: An unexpected error occurred"
        refused = Refused("10000", detail, status=500, type_="SystemFault")
        return self._fault(500, refused.body(self._now()))

    def _fault(self, status: int, body: dict[str, Any]) -> Response:
        return Response(status, msgspec.json.encode(body), {**FAULT_TYPE, **self._trace()})

    def _trace(self) -> dict[str, str]:
        seconds = int(self._now().timestamp())
        tid = f"1-{seconds:08x}-{self._random.getrandbits(96):024x}"
        return {"intuit_tid": tid, "Intuit-Tid": tid, "X-Amzn-Trace-Id": f"Root={tid}"}


def _headers(content_type: str) -> dict[str, str]:
    return {**ANSWER_HEADERS, "Content-Type": content_type} if content_type else ANSWER_HEADERS
