"""
OAuth 2.0 as Intuit's platform speaks it: discovery, consent, tokens, revocation, user profile.

Access tokens live by the emulator's clock. Each refresh may issue a new refresh token; the one
before it dies at that moment. All that came from one consent die together in the end.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hmac import compare_digest
from random import Random
from urllib.parse import parse_qs, urlencode

import msgspec

from ledgerbridge.sandbox.http import Request, Response
from ledgerbridge.sandbox.quickbooks.switches import Switches

TOKEN_PATH = "/oauth2/v1/tokens/bearer"  # noqa: S105 -- a path, not a secret
AUTHORIZE_PATH = "/connect/oauth2"
USERINFO_PATH = "/v1/openid_connect/userinfo"
KEYS_PATH = "/op/v1/jwks"
HARD_EXPIRY_HEADER = "x-include-refresh-token-hard-expires-in"
CODE_LIFETIME = timedelta(minutes=5)
REVOKE_PATH = "/v2/oauth2/tokens/revoke"
DISCOVERY_PATHS = {
    "/.well-known/openid_configuration",
    "/.well-known/openid_sandbox_configuration",
}
JSON_TYPE = {"Content-Type": "application/json;charset=utf-8"}
SCOPES = {
    "com.intuit.quickbooks.accounting",
    "com.intuit.quickbooks.payment",
    *("openid", "profile", "email", "phone", "address"),
}
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


USER: dict[str, object] = {
    "sub": "1182d6ec-0000-4000-8000-000000000001",
    "email": "ada@example.com",
    "emailVerified": True,
    "givenName": "Ada",
    "familyName": "Finch",
    "phoneNumber": "+1 5555550100",
    "phoneNumberVerified": False,
    "address": {
        "streetAddress": "12 Harbor Lane",
        "locality": "Fairview",
        "region": "CA",
        "postalCode": "94000",
        "country": "US",
    },
}


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token stands for: a realm, until an instant; when it was made, and its consent."""

    realm_id: str
    expires: datetime
    issued: datetime
    consented: datetime


@dataclass(frozen=True, slots=True)
class Code:
    """A code of one consent; None stands for any redirect address."""

    realm_id: str
    redirect_uri: str | None
    consented: datetime


class Tokens:
    """All tokens and codes of one emulator."""

    def __init__(self, now: Callable[[], datetime], switches: Switches, random: Random) -> None:
        self._now, self._switches, self._random = now, switches, random
        self.client_id = f"AB{self._word(38)}"
        self.client_secret = self._word(40)
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}
        self._codes: dict[str, Code] = {}

    def issue(self, realm_id: str) -> tuple[str, str]:
        """A fresh access token and a fresh refresh token of a realm, as after a new consent."""
        now = self._now()
        return self._new_access(realm_id, now), self._new_refresh(realm_id, now)

    def authorize(self, realm_id: str, redirect_uri: str | None = None) -> str:
        """A code, as the redirect after a person's consent carries it; good for one exchange."""
        code = f"XAB{self._word(40)}"
        self._codes[code] = Code(realm_id, redirect_uri, self._now())
        return code

    def expire_access(self) -> None:
        """Lets all access tokens expire now."""
        now = self._now()
        self._access = {token: replace(grant, expires=now) for token, grant in self._access.items()}

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

    def answer(self, request: Request, url: str, realm_id: str) -> Response | None:
        """
        The answer to a request of the authorization server, or None for another path.

        `realm_id` is the company that a person consents for: everybody consents at once.
        """
        if request.path in DISCOVERY_PATHS or request.path.rstrip("/") in DISCOVERY_PATHS:
            return _json(200, _discovery(url)) if request.method == "GET" else _json(405, {})
        if request.path == KEYS_PATH:  # no identity is issued, so there is no key to check one by
            return _json(200, {"keys": []}) if request.method == "GET" else _json(405, {})
        if request.path == USERINFO_PATH:
            return self._user(request)
        if request.path == AUTHORIZE_PATH:
            return self._consent(request, realm_id)
        if request.path not in {TOKEN_PATH, REVOKE_PATH}:
            return None
        if request.method != "POST":
            return _json(405, {"error": "invalid_request"})
        if not self._knows_client(request):
            return _json(401, {"error": "invalid_client"})
        return self._exchange(request) if request.path == TOKEN_PATH else self._revoke(request)

    def _consent(self, request: Request, realm_id: str) -> Response:
        """Back to the app with a code, or a refusal where the app asks wrongly."""
        asked = {name: request.first(name) or "" for name in ("client_id", "redirect_uri", "scope")}
        back = asked["redirect_uri"]
        if request.method != "GET" or not back.startswith(("http://", "https://")):
            return _json(400, {"error": "invalid_request"})
        if asked["client_id"] != self.client_id:
            return _json(400, {"error": "invalid_client"})
        told = {"state": request.first("state") or ""}
        if not set(asked["scope"].split()) & SCOPES or request.first("response_type") != "code":
            told = {"error": "invalid_scope", **told}
        else:
            told = {"code": self.authorize(realm_id, back), **told, "realmId": realm_id}
        joint = "&" if "?" in back else "?"
        return Response(302, b"", {"Location": f"{back}{joint}{urlencode(told)}"})

    def _exchange(self, request: Request) -> Response:
        form = {name: values[0] for name, values in _form(request.body).items()}
        if form.get("grant_type") == "refresh_token":
            return self._refreshed(request, form.get("refresh_token", ""))
        if form.get("grant_type") == "authorization_code":
            code = self._codes.pop(form.get("code", ""), None)
            if code is None or self._now() - code.consented > CODE_LIFETIME:
                return self._invalid_grant()
            if code.redirect_uri not in {None, form.get("redirect_uri")}:
                return self._invalid_grant()
            return self._tokens(request, *self.issue(code.realm_id))
        return _json(400, {"error": "unsupported_grant_type"})

    def _refreshed(self, request: Request, refresh: str) -> Response:
        now = self._now()
        grant = self._refresh.get(refresh)
        if grant is None or grant.expires <= now:
            return self._invalid_grant()
        kept = timedelta(seconds=self._switches.refresh_kept_s)
        if self._switches.rotate_refresh and now - grant.issued >= kept:
            del self._refresh[refresh]
            refresh = self._new_refresh(grant.realm_id, grant.consented)
        else:
            expires = self._refresh_expiry(grant.consented)
            self._refresh[refresh] = replace(grant, expires=expires)
        return self._tokens(request, self._new_access(grant.realm_id, grant.consented), refresh)

    def _invalid_grant(self) -> Response:
        described = self._switches.invalid_grant_described
        why = {"error_description": "Incorrect Token type or clientID"} if described else {}
        return _json(400, {"error": "invalid_grant", **why})

    def _user(self, request: Request) -> Response:
        """The profile of whoever consented; 401 without a living access token."""
        token = request.headers.get("authorization", "").partition(" ")[2]
        grant = self._access.get(token)
        if grant is None or grant.expires <= self._now():
            return _json(401, {"error": "invalid_token"})
        return _json(200, USER) if request.method == "GET" else _json(405, {})

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

    def _tokens(self, request: Request, access: str, refresh: str) -> Response:
        now, grant = self._now(), self._refresh[refresh]
        body: dict[str, object] = {
            "token_type": "bearer",
            "expires_in": self._switches.access_token_s,
            "refresh_token": refresh,
            "x_refresh_token_expires_in": int((grant.expires - now).total_seconds()),
            "access_token": access,
        }
        if request.headers.get(HARD_EXPIRY_HEADER, "").lower() == "true":
            hard = self._hard_expiry(grant.consented) - now
            body["x_refresh_token_hard_expires_in"] = int(hard.total_seconds())
        return _json(200, body)

    def _knows_client(self, request: Request) -> bool:
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            pair = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            return False
        expected = f"{self.client_id}:{self.client_secret}".encode()
        return scheme.lower() == "basic" and compare_digest(pair, expected)

    def _new_access(self, realm_id: str, consented: datetime) -> str:
        token, now = f"eJ{self._word(60)}", self._now()
        expires = now + timedelta(seconds=self._switches.access_token_s)
        self._access[token] = Grant(realm_id, expires, now, consented)
        return token

    def _new_refresh(self, realm_id: str, consented: datetime) -> str:
        token = f"RT1-{self._word(40)}"
        expires = self._refresh_expiry(consented)
        self._refresh[token] = Grant(realm_id, expires, self._now(), consented)
        return token

    def _refresh_expiry(self, consented: datetime) -> datetime:
        rolling = self._now() + timedelta(seconds=self._switches.refresh_token_s)
        return min(rolling, self._hard_expiry(consented))

    def _hard_expiry(self, consented: datetime) -> datetime:
        return consented + timedelta(seconds=self._switches.refresh_hard_s)

    def _word(self, length: int) -> str:
        return "".join(self._random.choices(ALPHABET, k=length))


def _form(body: bytes) -> dict[str, list[str]]:
    return parse_qs(body.decode("utf-8", "replace"), max_num_fields=None)


def _json(status: int, body: object) -> Response:
    return Response(status, msgspec.json.encode(body), JSON_TYPE)


def _discovery(url: str) -> dict[str, object]:
    return {
        "issuer": f"{url}/op/v1",
        "authorization_endpoint": f"{url}{AUTHORIZE_PATH}",
        "token_endpoint": f"{url}{TOKEN_PATH}",
        "userinfo_endpoint": f"{url}{USERINFO_PATH}",
        "revocation_endpoint": f"{url}{REVOKE_PATH}",
        "jwks_uri": f"{url}{KEYS_PATH}",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
    }
