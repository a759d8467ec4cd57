"""Tokens: static ones, OAuth ones with refresh, introspection and revocation; who may do what."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from ledgerbridge.sandbox.http import Request, Response
from ledgerbridge.sandbox.hubspot.calls import answer
from ledgerbridge.sandbox.hubspot.errors import (
    ApiError,
    error,
    missing_scopes,
    no_credentials,
    token_expired,
)
from ledgerbridge.sandbox.hubspot.instants import DAY_MS, iso
from ledgerbridge.sandbox.hubspot.wire import MalformedError, TokenKey, decoded

EXPIRES_IN_S = 1800
STATIC = "pat-"
ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
USER, USER_ID = "installer@example.com", 293_199
V1_REFRESH = {"token", "user", "hub_domain", "scopes", "hub_id", "client_id", "user_id"}
V1_ACCESS = V1_REFRESH - {"client_id"} | {"app_id", "expires_in"}
NO_PORTAL = 0  # of a token that the app itself was granted
BAD_REFRESH = "refresh token is invalid, expired or revoked"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token is good for; without an expiry it is a static one."""

    token: str
    portal_id: int
    scopes: frozenset[str]
    app_id: int
    expires_ms: int | None = None

    @property
    def is_oauth(self) -> bool:
        """Whether the token came from an installation, not from a private app."""
        return self.expires_ms is not None


class Tokens:
    """All tokens of the emulator, by their text."""

    def __init__(self, now_ms: Callable[[], int], app_id: int, seed: int) -> None:
        self._now_ms, self._app_id = now_ms, app_id
        self._random = random.Random(f"tokens:{seed}")
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}
        self._codes: dict[str, Grant] = {}

    def issue_static(self, portal_id: int, scopes: Iterable[str]) -> str:
        """A private app's token, without expiry."""
        token = f"{STATIC}na1-{self._letters(8)}-{self._letters(4)}-{self._letters(12)}"
        self._access[token] = Grant(token, portal_id, frozenset(scopes), self._app_id)
        return token

    def issue_oauth(self, portal_id: int, scopes: Iterable[str]) -> tuple[str, str]:
        """An access token of 1800 s and its refresh token."""
        refresh = f"na1-{self._letters(48)}"
        grant = Grant(refresh, portal_id, frozenset(scopes), self._app_id)
        self._refresh[refresh] = grant
        return self._access_token(grant), refresh

    def issue_code(self, portal_id: int, scopes: Iterable[str]) -> str:
        """An authorization code, good for one exchange."""
        code = f"na1-{self._letters(36)}"
        self._codes[code] = Grant(code, portal_id, frozenset(scopes), self._app_id)
        return code

    def _access_token(self, grant: Grant) -> str:
        token = f"CM{self._letters(96)}"
        expires_ms = self._now_ms() + EXPIRES_IN_S * 1000
        self._access[token] = replace(grant, token=token, expires_ms=expires_ms)
        return token

    def _letters(self, count: int) -> str:
        return "".join(self._random.choices(ALPHABET, k=count))

    def revoke(self, token: str) -> None:
        """Forgets a token; a revoked refresh token leaves its access tokens alive."""
        self._access.pop(token, None)
        self._refresh.pop(token, None)

    def expire(self, token: str) -> None:
        """Ends an access token now."""
        grant = self._access[token]
        self._access[token] = replace(grant, expires_ms=self._now_ms())

    def uninstall(self, request: Request) -> None:
        """Ends the installation that the request's token belongs to; raises the recorded 401s."""
        portal_id = self.grant(request).portal_id
        for tokens in (self._access, self._refresh):
            gone = [one for one, found in tokens.items() if _installed(found, portal_id)]
            for token in gone:
                del tokens[token]

    def end_all(self, *, revoked: bool) -> None:
        """All tokens are unknown from now on, or all access tokens of OAuth have expired."""
        if revoked:
            self._access.clear()
            self._refresh.clear()
        else:
            for token in [token for token, grant in self._access.items() if grant.is_oauth]:
                self.expire(token)

    def grant(self, request: Request) -> Grant:
        """What the request's bearer token is good for; raises the recorded 401s."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise no_credentials()
        found = self._access.get(token)
        if found is None:
            if token.startswith(("pat-", "CM", "na1-")):
                raise no_credentials()
            days = self._now_ms() // DAY_MS
            raise token_expired(iso(0), f"{days} day(s)")
        if found.expires_ms is not None and found.expires_ms <= self._now_ms():
            raise token_expired(iso(found.expires_ms), _elapsed(self._now_ms() - found.expires_ms))
        return found

    def portal_of(self, request: Request) -> int | None:
        """The portal of the request's token, or None where it has no good one."""
        try:
            return self.grant(request).portal_id
        except ApiError:
            return None

    def token(self, request: Request, version: str) -> Response:
        """`POST /oauth/{version}/token` with any of the three grants; raises 400."""
        form = _form(request)
        grant_type = form.get("grant_type", "")
        if grant_type not in {"refresh_token", "authorization_code", "client_credentials"}:
            raise _refused("BAD_GRANT_TYPE", "missing or unknown grant type")
        for name in ("client_id", "client_secret"):
            if not form.get(name):
                status = f"BAD_{name.upper()}"
                raise _refused(status, f"missing or invalid {name}", "invalid_client")
        if grant_type == "client_credentials":
            return self._granted_to_app(form.get("scope", ""))
        if grant_type == "refresh_token":
            grant = self._refresh.get(form.get("refresh_token", ""))
            if grant is None and version == "v1":
                raise _refused("BAD_REFRESH_TOKEN", "missing or invalid refresh token")
            if grant is None:
                return _refused_plainly("BAD_REFRESH_TOKEN", BAD_REFRESH)
            return self._granted(grant, grant.token, version)
        code = self._codes.pop(form.get("code", ""), None)
        if code is None:
            raise _refused("BAD_AUTH_CODE", "missing or unknown auth code", "invalid_grant")
        refresh = f"na1-{self._letters(48)}"
        self._refresh[refresh] = replace(code, token=refresh)
        return self._granted(self._refresh[refresh], refresh, version)

    def issue_app(self, scopes: Iterable[str]) -> str:
        """An access token of the app itself, over all portals."""
        return self._access_token(Grant("", NO_PORTAL, frozenset(scopes), self._app_id))

    def _granted_to_app(self, scope: str) -> Response:
        """The client credentials grant: a token of the app itself, without a refresh token."""
        scopes = scope.split()
        if not scopes:
            raise _refused("BAD_SCOPES", "missing or invalid scope", "invalid_scope")
        body = {
            "token_type": "bearer",
            "access_token": self.issue_app(scopes),
            "expires_in": EXPIRES_IN_S,
            "scopes": sorted(scopes),
            "token_use": "access_token",
        }
        return answer(200, body)

    def _granted(self, grant: Grant, refresh: str, version: str) -> Response:
        body: dict[str, Any] = {
            "token_type": "bearer",
            "refresh_token": refresh,
            "access_token": self._access_token(grant),
            "expires_in": EXPIRES_IN_S,
        }
        if version != "v1":
            body |= {
                "hub_id": grant.portal_id,
                "user_id": USER_ID,
                "scopes": sorted(grant.scopes),
                "token_use": "access_token",
            }
        return answer(200, body)

    def introspect(self, request: Request) -> Response:
        """`POST …/token/introspect`."""
        return answer(200, self._described(_form(request).get("token", "")))

    def describe(self, kind: str, token: str) -> Response:
        """`GET /oauth/v1/access-tokens/{token}` and `…/refresh-tokens/{token}`; raises 404."""
        of_kind = self._access if kind == "access-tokens" else self._refresh
        described = self._described(token)
        if token not in of_kind or not described.pop("active"):
            raise error(404, "resource not found")
        kept = V1_ACCESS if kind == "access-tokens" else V1_REFRESH
        shown = {name: part for name, part in described.items() if name in kept}
        return answer(200, {**shown, "token_type": kind.partition("-")[0]})

    def _described(self, token: str) -> dict[str, Any]:
        found = self._access.get(token) or self._refresh.get(token)
        now_ms = self._now_ms()
        if found is None or (found.expires_ms is not None and found.expires_ms <= now_ms):
            return {"active": False}
        described: dict[str, Any] = {
            "active": True,
            "token": token,
            "token_type": "bearer",
            "token_use": "access_token" if token in self._access else "refresh_token",
            "client_id": str(found.app_id),
            "app_id": found.app_id,
            "hub_id": found.portal_id,
            "hub_domain": f"portal-{found.portal_id}.example.com",
            "user": USER,
            "user_id": USER_ID,
            "scopes": sorted(found.scopes),
            "is_private_distribution": False,
        }
        if found.expires_ms is not None:
            described["expires_in"] = (found.expires_ms - now_ms) // 1000
        return described

    def revoke_by(self, request: Request) -> Response:
        """`POST …/token/revoke`: 200 whether or not the token was known."""
        self.revoke(_form(request).get("token", ""))
        return answer(200, {})

    def private_app_info(self, request: Request) -> Response:
        """`POST /oauth/v2/private-apps/get/access-token-info`."""
        try:
            token = decoded(request.body, TokenKey).token_key
        except MalformedError as problem:
            raise error(400, str(problem)) from None
        found = self._access.get(token)
        if found is None or found.is_oauth:
            raise no_credentials()
        body = {
            "userId": USER_ID,
            "hubId": found.portal_id,
            "appId": found.app_id,
            "scopes": sorted(found.scopes),
        }
        return answer(200, body)


def _installed(found: Grant, portal_id: int) -> bool:
    return found.portal_id == portal_id and not found.token.startswith(STATIC)


def check_scopes(grant: Grant, alternatives: tuple[str, ...]) -> None:
    """Raises 403 where a token has none of the scopes that allow an operation."""
    if alternatives and grant.scopes.isdisjoint(alternatives):
        raise missing_scopes(alternatives)


def _elapsed(ms: int) -> str:
    seconds = ms // 1000
    if seconds >= DAY_MS // 1000:
        return f"{seconds * 1000 // DAY_MS} day(s)"
    return f"{seconds} second(s)"


def _form(request: Request) -> Mapping[str, str]:
    text = request.body.decode("utf-8", "replace")
    return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=100))


def _refused(status: str, message: str, code: str | None = None) -> ApiError:
    body = {"status": status, "message": message}
    return ApiError(400, body if code is None else {**body, "error": code})


def _refused_plainly(status: str, message: str) -> Response:
    body = {
        "error": "invalid_grant",
        "error_description": message,
        "status": status,
        "message": message,
    }
    return answer(400, body)
