"""
OAuth 2.0 as Intuit's platform speaks it: discovery, tokens, revocation.

Access tokens live by the emulator's clock. Each refresh may issue a new refresh token; the one
before it dies at that moment.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from random import Random
from urllib.parse import parse_qs

import msgspec

from ledgerbridge.sandbox.http import Request, Response
from ledgerbridge.sandbox.quickbooks.switches import Switches

REFRESH_TOKEN_S = 8_726_400
TOKEN_PATH = "/oauth2/v1/tokens/bearer"  # noqa: S105 -- a path, not a secret
REVOKE_PATH = "/v2/oauth2/tokens/revoke"
DISCOVERY_PATHS = {
    "/.well-known/openid_configuration",
    "/.well-known/openid_sandbox_configuration",
}
JSON_TYPE = {"Content-Type": "application/json;charset=utf-8"}
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token stands for: a realm, until an instant."""

    realm_id: str
    expires: datetime


class Tokens:
    """All tokens and codes of one emulator."""

    def __init__(self, now: Callable[[], datetime], switches: Switches, random: Random) -> None:
        self._now, self._switches, self._random = now, switches, random
        self.client_id = f"AB{self._word(38)}"
        self.client_secret = self._word(40)
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}
        self._codes: dict[str, str] = {}

    def issue(self, realm_id: str) -> tuple[str, str]:
        """A fresh access token and a fresh refresh token of a realm."""
        return self._new_access(realm_id), self._new_refresh(realm_id)

    def authorize(self, realm_id: str) -> str:
        """A code, as the redirect after a person's consent carries it; good for one exchange."""
        code = f"XAB{self._word(40)}"
        self._codes[code] = realm_id
        return code

    def expire_access(self) -> None:
        """Lets all access tokens expire now."""
        now = self._now()
        self._access = {token: Grant(grant.realm_id, now) for token, grant in self._access.items()}

    def revoke_realm(self, realm_id: str) -> None:
        """A person disconnects the app: all tokens of the realm die."""
        for tokens in (self._access, self._refresh):
            for token in [token for token, grant in tokens.items() if grant.realm_id == realm_id]:
                del tokens[token]

    def refusal(self, request: Request, realm_id: str) -> tuple[int, str] | None:
        """Why a data request is refused: 401 or 403 with a detail; None where it is not."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return 401, "Token missing"
        grant = self._access.get(token)
        if grant is None:
            return 401, f"Token invalid: {token[:60]}"
        if grant.expires <= self._now():
            return 401, f"Token expired: {token[:60]}"
        if grant.realm_id != realm_id:
            return 403, "The application has no access to this company"
        return None

    def answer(self, request: Request, url: str) -> Response | None:
        """The answer to a request of the authorization server, or None for another path."""
        if request.path in DISCOVERY_PATHS or request.path.rstrip("/") in DISCOVERY_PATHS:
            return _json(200, _discovery(url)) if request.method == "GET" else _json(405, {})
        if request.path not in {TOKEN_PATH, REVOKE_PATH}:
            return None
        if request.method != "POST":
            return _json(405, {"error": "invalid_request"})
        if not self._knows_client(request):
            return _json(401, {"error": "invalid_client"})
        return self._exchange(request) if request.path == TOKEN_PATH else self._revoke(request)

    def _exchange(self, request: Request) -> Response:
        form = {name: values[0] for name, values in _form(request.body).items()}
        if form.get("grant_type") == "refresh_token":
            return self._refreshed(form.get("refresh_token", ""))
        if form.get("grant_type") == "authorization_code":
            realm_id = self._codes.pop(form.get("code", ""), None)
            if realm_id is None:
                return _json(400, {"error": "invalid_grant"})
            return self._tokens(*self.issue(realm_id))
        return _json(400, {"error": "unsupported_grant_type"})

    def _refreshed(self, refresh: str) -> Response:
        grant = self._refresh.get(refresh)
        if grant is None or grant.expires <= self._now():
            return _json(400, {"error": "invalid_grant"})
        if self._switches.rotate_refresh:
            del self._refresh[refresh]
            refresh = self._new_refresh(grant.realm_id)
        return self._tokens(self._new_access(grant.realm_id), refresh)

    def _revoke(self, request: Request) -> Response:
        try:
            sent = msgspec.json.decode(request.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            sent = {name: values[0] for name, values in _form(request.body).items()}
        token = sent.get("token") if isinstance(sent, dict) else None
        grant = None
        if isinstance(token, str):
            grant = self._access.get(token) or self._refresh.get(token)
        if grant is None:
            return _json(400, {"error": "invalid_grant"})
        self.revoke_realm(grant.realm_id)
        return Response(200)

    def _tokens(self, access: str, refresh: str) -> Response:
        return _json(
            200,
            {
                "token_type": "bearer",
                "expires_in": self._switches.access_token_s,
                "refresh_token": refresh,
                "x_refresh_token_expires_in": REFRESH_TOKEN_S,
                "access_token": access,
            },
        )

    def _knows_client(self, request: Request) -> bool:
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            pair = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            return False
        expected = f"{self.client_id}:{self.client_secret}".encode()
        return scheme.lower() == "basic" and compare_digest(pair, expected)

    def _new_access(self, realm_id: str) -> str:
        token = f"eJ{self._word(60)}"
        expires = self._now() + timedelta(seconds=self._switches.access_token_s)
        self._access[token] = Grant(realm_id, expires)
        return token

    def _new_refresh(self, realm_id: str) -> str:
        token = f"RT1-{self._word(40)}"
        expires = self._now() + timedelta(seconds=REFRESH_TOKEN_S)
        self._refresh[token] = Grant(realm_id, expires)
        return token

    def _word(self, length: int) -> str:
        return "".join(self._random.choices(ALPHABET, k=length))


def _form(body: bytes) -> dict[str, list[str]]:
    return parse_qs(body.decode("utf-8", "replace"), max_num_fields=None)


def _json(status: int, body: object) -> Response:
    return Response(status, msgspec.json.encode(body), JSON_TYPE)


def _discovery(url: str) -> dict[str, object]:
    return {
        "issuer": f"{url}/op/v1",
        "authorization_endpoint": f"{url}/connect/oauth2",
        "token_endpoint": f"{url}{TOKEN_PATH}",
        "userinfo_endpoint": f"{url}/v1/openid_connect/userinfo",
        "revocation_endpoint": f"{url}{REVOKE_PATH}",
        "jwks_uri": f"{url}/op/v1/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
    }
