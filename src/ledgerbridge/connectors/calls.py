"""
One call to a vendor, the same for both: authorised, paced, counted, classified and decoded.

What is known after a failure depends on what the call does (`Effect`): a read that failed can be
read again, and is, a bounded number of times; a write never leaves twice from here, unless the
vendor turned it away at the door (401), before looking at it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

import msgspec
from msgspec import Struct, field

from ledgerbridge.clock import Clock
from ledgerbridge.connectors.pacing import Pacer
from ledgerbridge.connectors.tokens import TokenSource
from ledgerbridge.connectors.transport import (
    HttpRequest,
    HttpResponse,
    NoResponse,
    NotSent,
    Transport,
    answered_at,
)
from ledgerbridge.errors import CallFailed, LookAgain, Retry, Unauthorized

ATTEMPTS_MAX = 5
BACK_OFF_S = 0.5
BACK_OFF_S_MAX = 30.0
ASKED_WAIT_S_MAX = 120.0
"""A vendor that asks for a longer wait than this is obeyed by the service, not here."""

RATE_LIMITED = "rate_limited"
"""The code of a failure that makes the pacer rest; a spent daily quota has another one."""

T = TypeVar("T")


class Effect(StrEnum):
    """What a call does at the vendor."""

    READ = "read"
    WRITE = "write"


class Call(Struct, Generic[T], frozen=True, kw_only=True):
    """
    One call: `kind` names it in counts (`query Customer`), `pace` is the pacer's kind, `decode`
    reads its body, `metered` says whether the vendor charges for its success.
    """

    kind: str
    pace: str
    effect: Effect
    method: str
    url: str
    decode: Callable[[bytes], T]
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    metered: bool = False


class Vendor(Protocol):
    """What differs between the two."""

    name: str

    def failure(self, effect: Effect, response: HttpResponse) -> CallFailed | None:
        """What an answer says went wrong with the call as a whole; None where it is fine."""

    def told(self, pacer: Pacer, pace: str, response: HttpResponse) -> None:
        """Pass on what the answer's headers say about limits."""


class CallCounter:
    """
    Calls that left, by kind, and those that the vendor charges for.

    `on_call` hears the kind of each call as it leaves. `answered_from` is the earliest instant at
    which the vendor, by its own clock, answered since `listen_anew`; None where it did not say.
    `answered_last` is the latest such instant, with the `monotonic_s` at which it was heard.
    """

    def __init__(self, on_call: Callable[[str], None] | None = None) -> None:
        self.by_kind: Counter[str] = Counter()
        self.metered = 0
        self.answered_from: datetime | None = None
        self.answered_last: tuple[datetime, float] | None = None
        self._on_call = on_call

    @property
    def total(self) -> int:
        """All calls that left."""
        return self.by_kind.total()

    def left(self, kind: str) -> None:
        """Count a call of this kind."""
        self.by_kind[kind] += 1
        if self._on_call is not None:
            self._on_call(kind)

    def listen_anew(self) -> None:
        """Forget when the vendor answered."""
        self.answered_from = None

    def answered(self, response: HttpResponse, at_s: float) -> None:
        """Hear when the vendor answered; `at_s` is our `monotonic_s`."""
        said = answered_at(response)
        if said is not None:
            self.answered_from = min(said, self.answered_from or said)
            self.answered_last = (said, at_s)


class Caller:
    """Makes the calls of one connection. One per connection: its pacer knows all of them."""

    def __init__(
        self,
        vendor: Vendor,
        *,
        transport: Transport,
        clock: Clock,
        tokens: TokenSource,
        pacer: Pacer,
        counter: CallCounter,
    ) -> None:
        self._vendor, self._transport, self._clock = vendor, transport, clock
        self._tokens, self._pacer, self._counter = tokens, pacer, counter

    def now(self) -> datetime:
        """
        The instant by the vendor's clock, as its last answer told it; by ours until one did.

        Nobody puts a vendor's clock right, so what is told by it can be compared later.
        """
        if self._counter.answered_last is None:
            return self._clock.now()
        said, heard_s = self._counter.answered_last
        return said + timedelta(seconds=self._clock.monotonic_s() - heard_s)

    async def call(self, call: Call[T]) -> T:
        """
        The decoded answer of one call. Raises `CallFailed`; its verdict says what is known.

        A read is tried `ATTEMPTS_MAX` times while it fails with `Retry`. A write leaves once.
        """
        attempts_max = ATTEMPTS_MAX if call.effect is Effect.READ else 1
        for attempt in range(1, attempts_max):
            try:
                return await self._authorised(call)
            except Retry as failure:
                if failure.wait_s is not None and failure.wait_s > ASKED_WAIT_S_MAX:
                    raise
                # After a 429 the pacer waits, for all calls alike.
                if failure.code != RATE_LIMITED:
                    await self._clock.sleep(self._back_off_s(attempt, failure.wait_s))
        return await self._authorised(call)

    def _back_off_s(self, attempt: int, asked_s: float | None) -> float:
        ceiling_s = min(BACK_OFF_S_MAX, BACK_OFF_S * 2.0**attempt)
        return (asked_s or 0.0) + ceiling_s * (0.5 + self._clock.jitter() / 2)

    async def _authorised(self, call: Call[T]) -> T:
        token = await self._tokens.token()
        try:
            return await self._once(call, token)
        except Unauthorized as refusal:
            if refusal.status != 401:
                raise
            token = await self._tokens.renew(token)
        return await self._once(call, token)

    async def _once(self, call: Call[T], token: str) -> T:
        request = HttpRequest(
            method=call.method,
            url=call.url,
            headers={**call.headers, "Authorization": f"Bearer {token}"},
            body=call.body,
        )
        async with self._pacer.slot(call.pace):
            self._counter.left(call.kind)
            response = await self._send(call, request)
        self._counter.answered(response, self._clock.monotonic_s())
        self._vendor.told(self._pacer, call.pace, response)
        failure = self._vendor.failure(call.effect, response)
        if failure is not None:
            if failure.code == RATE_LIMITED:
                self._pacer.throttled(call.pace, _rest_s(failure.wait_s))
            raise failure
        try:
            decoded = call.decode(response.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise undecodable(self._vendor.name, call.effect, response) from error
        self._counter.metered += call.metered
        return decoded

    async def _send(self, call: Call[T], request: HttpRequest) -> HttpResponse:
        try:
            return await self._transport.send(request)
        except NotSent as error:
            raise Retry(
                "no_network",
                f"{self._vendor.name} could not be reached: {error}",
                remedy="Nothing was sent. Check the network and the URL; it is tried again.",
            ) from error
        except NoResponse as error:
            raise unknown(
                call.effect, "no_answer", f"{self._vendor.name} did not answer in full: {error}"
            ) from error


def _rest_s(asked_s: float | None) -> float | None:
    return None if asked_s is None else min(asked_s, ASKED_WAIT_S_MAX)


def unknown(
    effect: Effect, code: str, message: str, *, status: int | None = None
) -> Retry | LookAgain:
    """The failure of a call whose fate is unknown: read again, or look before writing again."""
    if effect is Effect.READ:
        remedy = "Nothing was changed. It is read again."
        return Retry(code, message, remedy=remedy, status=status)
    remedy = "It may have been applied: the records are looked at before anything is sent again."
    return LookAgain(code, message, remedy=remedy, status=status)


def undecodable(vendor: str, effect: Effect, response: HttpResponse) -> Retry | LookAgain:
    """The failure of an answer that is not the API's: HTML, or JSON that is cut or of no use."""
    status = response.status
    start = response.body[:512].lstrip().lower()
    if start.startswith((b"<!doctype", b"<html")) or b"<html" in start:
        return unknown(
            effect,
            "html_answer",
            f"An HTML page answered instead of the API of {vendor} (status {status}); "
            "is the URL right, is a proxy in between?",
            status=status,
        )
    message = f"{vendor} answered with something that cannot be read (status {status})."
    return unknown(effect, "undecodable_answer", message, status=status)
