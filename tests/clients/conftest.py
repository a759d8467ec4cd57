"""An emulator of its own for each test, and each client pointed there as its users would."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hubspot import Client

from clients.served import now, served
from ledgerbridge.sandbox.hubspot import HubSpot


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
