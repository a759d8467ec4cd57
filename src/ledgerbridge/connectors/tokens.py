"""
Access tokens: a fixed one, and one that is renewed by a refresh token.

A refresh may replace the refresh token, and the old one dies at once. So only one refresh runs at
a time, and its result is stored before it is used: whoever dies in between starts again from what
is stored. Nothing here puts a secret into a repr, a log or an exception.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from ledgerbridge.clock import Clock
from ledgerbridge.connectors.transport import (
    HttpRequest,
    HttpResponse,
    NoResponse,
    NotSent,
    Transport,
)
from ledgerbridge.errors import CallFailed, Retry, Unauthorized

EARLY = timedelta(minutes=5)
"""A token this close to its end is renewed first: a call under way must not outlive it."""


class TokenSource(Protocol):
    """Where a connector gets the access token of its connection."""

    async def token(self) -> str:
        """The access token to send now. Raises `Unauthorized` or `Retry`."""

    async def renew(self, refused: str) -> str:
        """A token to try instead of one that was answered with 401, or `Unauthorized`."""


class StaticToken:
    """A token that never changes: a HubSpot private app or service key."""

    def __init__(self, token: str, *, service: str, remedy: str) -> None:
        self._token, self._service, self._remedy = token, service, remedy

    def __repr__(self) -> str:
        return f"StaticToken(service={self._service!r})"

    async def token(self) -> str:
        """The token."""
        return self._token

    async def renew(self, refused: str) -> str:
        """There is no other: raises `Unauthorized`."""
        raise Unauthorized(
            "unauthorized",
            f"{self._service} does not accept the access token: it is wrong or was revoked.",
            remedy=self._remedy,
            status=401,
        )


class Tokens(Struct, frozen=True, kw_only=True):
    """A pair of tokens; `expires_at` is the UTC instant at which the access token ends."""

    access: str
    refresh: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"Tokens(expires_at={self.expires_at.isoformat()})"


class Client(Struct, frozen=True, kw_only=True):
    """The app that is allowed to refresh, and where it asks."""

    id: str
    secret: str
    token_url: str

    def __repr__(self) -> str:
        return f"Client(token_url={self.token_url!r})"


class _Answer(Struct, frozen=True):
    access_token: str
    expires_in: int
    refresh_token: str | None = None

    def __repr__(self) -> str:
        return f"_Answer(expires_in={self.expires_in})"


class _Refusal(Struct, frozen=True):
    error: str = ""


class RefreshingToken:
    """
    A token that is renewed shortly before its end, or once after a 401.

    `save` stores a new pair; it is awaited before the new access token is used. If it fails, its
    error is passed on and the pair is kept to be saved at the next call: the old one is dead.
    """

    def __init__(
        self,
        tokens: Tokens,
        *,
        client: Client,
        transport: Transport,
        clock: Clock,
        save: Callable[[Tokens], Awaitable[None]],
        service: str,
        remedy: str,
    ) -> None:
        self._tokens, self._client = tokens, client
        self._transport, self._clock, self._save = transport, clock, save
        self._service, self._remedy = service, remedy
        self._unsaved: Tokens | None = None
        self._answer_lost = False
        self._one_at_a_time = asyncio.Lock()

    def __repr__(self) -> str:
        return f"RefreshingToken(service={self._service!r})"

    async def token(self) -> str:
        """The access token, renewed first when it ends soon. Raises `Unauthorized` or `Retry`."""
        if self._unsaved is None and not self._ends_soon():
            return self._tokens.access
        async with self._one_at_a_time:
            if self._unsaved is not None:
                await self._keep(self._unsaved)
            if self._ends_soon():
                try:
                    await self._refresh()
                except Retry:
                    # The old one may still serve until its very end.
                    if self._clock.now() >= self._tokens.expires_at:
                        raise
            return self._tokens.access

    async def renew(self, refused: str) -> str:
        """Another token after a 401; refreshes only if nobody has done so since."""
        async with self._one_at_a_time:
            if self._unsaved is not None:
                await self._keep(self._unsaved)
            if self._tokens.access == refused:
                await self._refresh()
            return self._tokens.access

    def _ends_soon(self) -> bool:
        return self._clock.now() + EARLY >= self._tokens.expires_at

    async def _refresh(self) -> None:
        try:
            response = await self._transport.send(self._request())
        except NotSent as error:
            raise Retry(
                "no_network",
                f"The access token of {self._service} could not be renewed: {error}",
                remedy="Nothing was sent. Check the network; it is tried again.",
            ) from error
        except NoResponse as error:
            self._answer_lost = True
            raise Retry(
                "token_answer_lost",
                f"{self._service} was asked to renew the access token, and its answer was lost.",
                remedy="Nothing else was sent. It is tried again with the stored refresh token.",
            ) from error
        if response.status == 200:
            await self._keep(self._tokens_of(response))
            self._answer_lost = False
            return
        raise self._failure(response)

    def _request(self) -> HttpRequest:
        basic = b64encode(f"{self._client.id}:{self._client.secret}".encode()).decode()
        form = {"grant_type": "refresh_token", "refresh_token": self._tokens.refresh}
        return HttpRequest(
            method="POST",
            url=self._client.token_url,
            headers={
                "Authorization": f"Basic {basic}",
                "Accept": "application/json",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            body=urlencode(form).encode(),
        )

    def _tokens_of(self, response: HttpResponse) -> Tokens:
        try:
            answer = msgspec.json.decode(response.body, type=_Answer)
        except (msgspec.DecodeError, UnicodeDecodeError):
            # `from None`: the decoder's message may quote the body, and the body holds tokens.
            self._answer_lost = True
            raise Retry(
                "token_answer_lost",
                f"{self._service} renewed the access token with an answer that cannot be read.",
                remedy="It is tried again with the stored refresh token.",
                status=response.status,
            ) from None
        return Tokens(
            access=answer.access_token,
            refresh=answer.refresh_token or self._tokens.refresh,
            expires_at=self._clock.now() + timedelta(seconds=answer.expires_in),
        )

    async def _keep(self, tokens: Tokens) -> None:
        self._unsaved = tokens
        await self._save(tokens)
        self._tokens, self._unsaved = tokens, None

    def _failure(self, response: HttpResponse) -> CallFailed:
        status = response.status
        if status == 429 or status >= 500:
            return Retry(
                "token_endpoint_failed",
                f"{self._service} could not renew the access token (status {status}).",
                remedy="Nothing else was sent. It is tried again.",
                status=status,
            )
        try:
            word = msgspec.json.decode(response.body, type=_Refusal).error
        except (msgspec.DecodeError, UnicodeDecodeError):
            word = ""
        if word == "invalid_client":
            return Unauthorized(
                "invalid_client",
                f"{self._service} does not know this client id and secret.",
                remedy="Check the client id and the client secret of the app, then connect again.",
                status=status,
            )
        lost = (
            " The answer to an earlier renewal was lost, and the new refresh token with it."
            if self._answer_lost
            else ""
        )
        return Unauthorized(
            "invalid_grant",
            f"{self._service} does not accept the refresh token: it was replaced, revoked or has "
            f"expired.{lost}",
            remedy=self._remedy,
            status=status,
        )
