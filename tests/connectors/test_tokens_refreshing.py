"""Tokens: renewed early, once, stored before use, and never shown."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs

import msgspec
import pytest

from ledgerbridge.connectors.tokens import Client, RefreshingToken, StaticToken, Tokens
from ledgerbridge.connectors.transport import HttpRequest, HttpResponse, NoResponse, NotSent
from ledgerbridge.errors import Retry, StoreProblem, Unauthorized
from support.clock import JumpingClock

REMEDY = "Connect again: ledgerbridge connect quickbooks."


class TokenEndpoint:
    """Rotates the refresh token at every call; the old one dies at once."""

    def __init__(self, clock: JumpingClock) -> None:
        self._clock = clock
        self.valid = "refresh-0"
        self.refreshes = 0
        self.lose_answers = self.fail_connections = 0
        self.broken: HttpResponse | None = None

    async def send(self, request: HttpRequest) -> HttpResponse:
        await self._clock.sleep(0.1)
        if self.fail_connections:
            self.fail_connections -= 1
            raise NotSent("No connection to token.example: refused.")
        if self.broken is not None:
            return self.broken
        form = parse_qs(request.body.decode())
        assert form["grant_type"] == ["refresh_token"]
        assert request.headers["Authorization"] == "Basic YXBwOnNlY3JldA=="
        if form["refresh_token"] != [self.valid]:
            return HttpResponse(status=400, body=b'{"error":"invalid_grant"}')
        self.refreshes += 1
        self.valid = f"refresh-{self.refreshes}"
        if self.lose_answers:
            self.lose_answers -= 1
            raise NoResponse("The answer was lost.")
        answer = {
            "token_type": "bearer",
            "expires_in": 3600,
            "refresh_token": self.valid,
            "access_token": f"access-{self.refreshes}",
        }
        return HttpResponse(status=200, body=msgspec.json.encode(answer))


class Connection:
    """A refreshing token, its endpoint, and what was stored."""

    def __init__(self, expires_in: timedelta = timedelta(hours=1)) -> None:
        self.clock = JumpingClock()
        self.endpoint = TokenEndpoint(self.clock)
        self.saved: list[Tokens] = []
        self.save_fails = False
        self.tokens = RefreshingToken(
            Tokens(
                access="access-0", refresh="refresh-0", expires_at=self.clock.now() + expires_in
            ),
            client=Client(id="app", secret="secret", token_url="https://token.example/bearer"),
            transport=self.endpoint,
            clock=self.clock,
            save=self._save,
            service="QuickBooks",
            remedy=REMEDY,
        )

    async def _save(self, tokens: Tokens) -> None:
        await self.clock.sleep(0.1)
        if self.save_fails:
            raise StoreProblem("The database is locked.")
        self.saved.append(tokens)


async def test_a_token_with_time_left_is_used_as_it_is() -> None:
    connection = Connection()

    assert await connection.tokens.token() == "access-0"
    assert connection.endpoint.refreshes == 0


async def test_a_token_that_ends_soon_is_renewed_and_stored_before_it_is_used() -> None:
    connection = Connection(timedelta(minutes=4))

    assert await connection.tokens.token() == "access-1"
    assert [tokens.refresh for tokens in connection.saved] == ["refresh-1"]


async def test_fifty_callers_cause_one_renewal() -> None:
    connection = Connection(timedelta(0))

    used = await asyncio.gather(*(connection.tokens.token() for _ in range(50)))

    assert set(used) == {"access-1"}
    assert connection.endpoint.refreshes == 1


async def test_many_401s_for_the_same_token_cause_one_renewal() -> None:
    connection = Connection()

    used = await asyncio.gather(*(connection.tokens.renew("access-0") for _ in range(10)))

    assert set(used) == {"access-1"}
    assert connection.endpoint.refreshes == 1


async def test_a_pair_that_could_not_be_stored_is_not_used_and_is_stored_later() -> None:
    connection = Connection(timedelta(0))
    connection.save_fails = True
    with pytest.raises(StoreProblem):
        await connection.tokens.token()

    connection.save_fails = False
    assert await connection.tokens.token() == "access-1"
    assert connection.endpoint.refreshes == 1, "the pair in hand is not thrown away"


async def test_a_revoked_refresh_token_asks_a_person_to_connect_again() -> None:
    connection = Connection(timedelta(0))
    connection.endpoint.valid = "another"

    with pytest.raises(Unauthorized, match="ledgerbridge connect quickbooks") as caught:
        await connection.tokens.token()
    assert caught.value.code == "invalid_grant"


async def test_a_lost_answer_is_said_and_the_stored_token_is_tried_again() -> None:
    connection = Connection(timedelta(0))
    connection.endpoint.lose_answers = 1
    with pytest.raises(Retry, match="its answer was lost"):
        await connection.tokens.token()

    with pytest.raises(Unauthorized, match="an earlier renewal was lost"):
        await connection.tokens.token()


async def test_while_the_network_is_down_the_old_token_serves_to_its_end() -> None:
    connection = Connection(timedelta(minutes=4))
    connection.endpoint.fail_connections = 2

    assert await connection.tokens.token() == "access-0"

    await connection.clock.sleep(250)
    with pytest.raises(Retry, match="could not be renewed"):
        await connection.tokens.token()
    assert await connection.tokens.token() == "access-1"


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (HttpResponse(status=503, body=b"<html>"), Retry, "token_endpoint_failed"),
        (HttpResponse(status=429), Retry, "token_endpoint_failed"),
        (HttpResponse(status=200, body=b'{"access_token":"abc'), Retry, "token_answer_lost"),
        (
            HttpResponse(status=401, body=b'{"error":"invalid_client"}'),
            Unauthorized,
            "invalid_client",
        ),
        (HttpResponse(status=400, body=b"[]"), Unauthorized, "invalid_grant"),
    ],
)
async def test_other_answers_of_the_token_endpoint(
    answer: HttpResponse, kind: type[Exception], code: str
) -> None:
    connection = Connection(timedelta(0))
    connection.endpoint.broken = answer

    with pytest.raises(kind) as caught:
        await connection.tokens.token()
    assert getattr(caught.value, "code", "") == code


async def test_no_secret_shows_in_a_repr_or_in_an_error() -> None:
    connection = Connection(timedelta(0))
    connection.endpoint.valid = "another"
    with pytest.raises(Unauthorized) as caught:
        await connection.tokens.token()
    fixed = StaticToken("pat-secret", service="HubSpot", remedy="Make a new token.")
    client = Client(id="app", secret="app-secret", token_url="https://token.example/bearer")
    pair = Tokens(access="access-0", refresh="refresh-0", expires_at=connection.clock.now())

    shown = " ".join(
        [
            repr(connection.tokens),
            repr(fixed),
            repr(client),
            repr(pair),
            str(pair),
            str(caught.value),
            repr(caught.value),
        ]
    )
    for secret in ("pat-secret", "app-secret", "access-0", "refresh-0"):
        assert secret not in shown


async def test_a_fixed_token_that_is_refused_names_the_remedy() -> None:
    fixed = StaticToken("pat-secret", service="HubSpot", remedy="Make a new token.")

    assert await fixed.token() == "pat-secret"
    with pytest.raises(Unauthorized, match="Make a new token"):
        await fixed.renew("pat-secret")
