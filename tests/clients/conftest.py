"""An emulator of its own for each test, and each client pointed there as its users would."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hubspot import Client
from hubspot_sdk import HubSpot as HubSpotSdk
from intuitlib.client import AuthClient
from quickbooks.client import QuickBooks as Books

from clients.served import now, served
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.quickbooks import QuickBooks


@pytest.fixture
def hubspot() -> HubSpot:
    """An empty portal."""
    return HubSpot(now=now)


@pytest.fixture
def hubspot_url(hubspot: HubSpot) -> Iterator[str]:
    """Where it listens."""
    with served(hubspot.app) as url:
        yield url


@pytest.fixture
def old(hubspot: HubSpot, hubspot_url: str) -> Client:
    """`hubspot-api-client` as it comes, with a private app's token."""
    return Client.create(access_token=hubspot.issue_token(), host=hubspot_url, base_url=hubspot_url)


@pytest.fixture
def strict(old: Client, hubspot_url: str) -> Client:
    """
    The same client, told to refuse answers that lack what its models require.

    That is off as it comes: rows of a 207 have no `errors` and `links`, recorded ones neither.
    """
    return Client.create(
        access_token=old.access_token,
        host=hubspot_url,
        base_url=hubspot_url,
        client_side_validation=True,
    )


@pytest.fixture
def quickbooks() -> QuickBooks:
    """One company, as it is founded."""
    return QuickBooks(now=now)


@pytest.fixture
def quickbooks_url(quickbooks: QuickBooks) -> Iterator[str]:
    """Where it listens."""
    with served(quickbooks.app) as url:
        yield url


@pytest.fixture
def auth(
    quickbooks: QuickBooks, quickbooks_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AuthClient]:
    """`intuit-oauth`: for an environment it takes the address of a discovery document, too."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # loopback speaks plain HTTP
    with AuthClient(
        quickbooks.client_id,
        quickbooks.client_secret,
        "https://app.example.com/back",
        f"{quickbooks_url}/.well-known/openid_sandbox_configuration",
    ) as client:
        yield client


@pytest.fixture
def books(quickbooks: QuickBooks, quickbooks_url: str, auth: AuthClient) -> Iterator[Books]:
    """`python-quickbooks` with tokens of the company; its address is an attribute of the client."""
    auth.access_token, auth.refresh_token = quickbooks.issue_tokens()
    client = Books(
        auth_client=auth,
        refresh_token=auth.refresh_token,
        company_id=quickbooks.realm_id,
        minorversion=75,
    )
    client.api_url_v3 = f"{quickbooks_url}/v3"
    with client.session:
        yield client


@pytest.fixture
def lenient(hubspot: HubSpot, hubspot_url: str) -> Iterator[HubSpotSdk]:
    """`hubspot-sdk` as it comes, with a private app's token."""
    with HubSpotSdk(access_token=hubspot.issue_token(), base_url=hubspot_url) as client:
        yield client


@pytest.fixture
def dated(lenient: HubSpotSdk, hubspot_url: str) -> Iterator[HubSpotSdk]:
    """
    The same client, told to refuse answers that are not as its types say, and to ask once.

    Its types know no property without a value, which the service answers as null: so what these
    tests ask for always has one.
    """
    with HubSpotSdk(
        access_token=lenient.access_token,
        base_url=hubspot_url,
        max_retries=0,
        _strict_response_validation=True,
    ) as client:
        yield client
