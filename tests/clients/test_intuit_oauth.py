"""`intuit-oauth`: discovery, consent, tokens, refresh, revocation, the profile of a person."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError

from ledgerbridge.sandbox.quickbooks import QuickBooks

SCOPES = [Scopes.ACCOUNTING, Scopes.OPENID, Scopes.EMAIL]


def consented(auth: AuthClient) -> dict[str, str]:
    """What the address carries to which a person's consent leads back."""
    answer = auth.get(
        auth.get_authorization_url(SCOPES, "a state"), allow_redirects=False, timeout=30
    )
    assert answer.status_code == 302
    back = urlsplit(answer.headers["Location"])
    assert back.netloc == "app.example.com"
    return {name: values[0] for name, values in parse_qs(back.query).items()}


def refusal(error: pytest.ExceptionInfo[AuthClientError]) -> tuple[int, str]:
    return error.value.status_code, json.loads(error.value.content)["error"]


def test_everything_discovered_is_at_the_emulators_own_address(
    auth: AuthClient, quickbooks_url: str
) -> None:
    found = (
        auth.auth_endpoint,
        auth.token_endpoint,
        auth.revoke_endpoint,
        auth.user_info_url,
        auth.issuer_uri,
        auth.jwks_uri,
    )

    assert all(address.startswith(f"{quickbooks_url}/") for address in found)
    assert auth.get(auth.jwks_uri).json() == {"keys": []}


def test_consent_becomes_tokens_that_open_the_company(
    auth: AuthClient, quickbooks: QuickBooks, quickbooks_url: str
) -> None:
    told = consented(auth)

    auth.get_bearer_token(told["code"], realm_id=told["realmId"])

    assert told["state"] == "a state"
    assert auth.realm_id == quickbooks.realm_id
    assert (auth.expires_in, auth.x_refresh_token_expires_in) == (3600, 8_726_400)
    opened = auth.get(
        f"{quickbooks_url}/v3/company/{auth.realm_id}/companyinfo/{auth.realm_id}",
        headers={"Authorization": f"Bearer {auth.access_token}"},
        timeout=30,
    )
    assert opened.status_code == 200


def test_a_code_is_good_once(auth: AuthClient) -> None:
    told = consented(auth)
    auth.get_bearer_token(told["code"])

    with pytest.raises(AuthClientError) as error:
        auth.get_bearer_token(told["code"])

    assert refusal(error) == (400, "invalid_grant")


def test_a_refresh_brings_new_tokens_and_ends_the_old_one(auth: AuthClient) -> None:
    auth.get_bearer_token(consented(auth)["code"])
    access, refresh = auth.access_token, auth.refresh_token

    auth.refresh()

    assert auth.access_token != access
    assert auth.refresh_token != refresh
    with pytest.raises(AuthClientError) as error:
        auth.refresh(refresh_token=refresh)
    assert refusal(error) == (400, "invalid_grant")


def test_the_profile_of_whoever_consented_is_told(auth: AuthClient) -> None:
    auth.get_bearer_token(consented(auth)["code"])

    profile = auth.get_user_info().json()

    assert (profile["givenName"], profile["emailVerified"]) == ("Ada", True)


def test_revoked_tokens_are_dead(auth: AuthClient) -> None:
    auth.get_bearer_token(consented(auth)["code"])

    assert auth.revoke()

    with pytest.raises(AuthClientError) as error:
        auth.refresh()
    assert refusal(error) == (400, "invalid_grant")
    with pytest.raises(AuthClientError) as error:
        auth.get_user_info()
    assert error.value.status_code == 401


def test_a_client_with_a_wrong_secret_gets_no_tokens(auth: AuthClient) -> None:
    code = consented(auth)["code"]
    auth.client_secret = "wrong"

    with pytest.raises(AuthClientError) as error:
        auth.get_bearer_token(code)

    assert refusal(error) == (401, "invalid_client")


def test_a_code_is_bound_to_its_redirect_address(auth: AuthClient) -> None:
    code = consented(auth)["code"]
    auth.redirect_uri = "https://other.example.com/back"

    with pytest.raises(AuthClientError) as error:
        auth.get_bearer_token(code)

    assert refusal(error) == (400, "invalid_grant")


def test_a_refusal_carries_the_trace_of_intuit(auth: AuthClient) -> None:
    with pytest.raises(AuthClientError) as error:
        auth.refresh(refresh_token="RT1-nothing")

    assert error.value.intuit_tid
