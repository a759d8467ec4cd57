"""
Revoked tokens, missing scopes, another tenant: said clearly, and nothing is lost.

What a wrong token or another account is told at connect stands in tests/cli/test_cli_connecting.py.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledgerbridge.errors import Unauthorized, WrongTenant
from ledgerbridge.sandbox.hubspot import ALL_SCOPES
from ledgerbridge.service.connecting import connect_quickbooks
from support.pair import Countdown, Pair, to_hubspot, to_quickbooks

OTHER_REALM, OTHER_PORTAL = "9341450000000002", 147_000_002


def _without(*parts: str) -> frozenset[str]:
    """All scopes but those with one of these parts."""
    return frozenset(scope for scope in ALL_SCOPES if not any(part in scope for part in parts))


def _customers(pair: Pair, number: int) -> list[str]:
    """So many customers; their e-mails."""
    addresses = [f"person{n:03}@example.com" for n in range(number)]
    for address in addresses:
        pair.customer(f"Person {address[6:9]}", address)
    return addresses


def _qualifying_contacts(pair: Pair, number: int) -> list[str]:
    """So many contacts that go to QuickBooks; the names that they get there."""
    for n in range(number):
        pair.contact(
            f"buyer{n:02}@example.com", qualifies=True, firstname="Buyer", lastname=f"{n:02}"
        )
    return [f"Buyer {n:02}" for n in range(number)]


async def test_a_revoked_hubspot_token_stops_the_run_and_connecting_again_goes_on(
    pair: Pair,
) -> None:
    addresses = _customers(pair, 2)
    await pair.begin()
    pair.hubspot.revoke(pair.token)

    with pytest.raises(Unauthorized) as refused:
        await pair.run()

    assert "HubSpot does not accept the access token: it is wrong or was revoked" in str(
        refused.value
    )
    assert "Connect again with: ledgerbridge connect hubspot" in str(refused.value)
    assert await pair.outcomes() == []
    await pair.connect_hubspot()
    await pair.run()
    assert pair.emails() == addresses


async def test_a_hubspot_token_revoked_in_the_middle_loses_and_doubles_nothing(
    pair: Pair,
) -> None:
    addresses = _customers(pair, 250)
    await pair.begin()
    creates = to_hubspot("/contacts/batch/create")
    pair.transport.on_send = Countdown(creates, 3, lambda: pair.hubspot.revoke(pair.token))

    with pytest.raises(Unauthorized, match="ledgerbridge connect hubspot"):
        await pair.run()

    assert len(pair.emails()) == 10 + 100
    assert await pair.outcomes() == []
    await pair.connect_hubspot()
    result = await pair.run()
    assert result.writes == 140
    assert pair.emails() == addresses


async def test_a_disconnected_quickbooks_app_stops_the_run_and_connecting_again_goes_on(
    pair: Pair,
) -> None:
    names = _qualifying_contacts(pair, 2)
    await pair.begin()
    pair.quickbooks.revoke()

    with pytest.raises(Unauthorized) as refused:
        await pair.run()

    assert "QuickBooks does not accept the refresh token" in str(refused.value)
    assert "Connect again with: ledgerbridge connect quickbooks" in str(refused.value)
    assert await pair.outcomes() == []
    await pair.connect_quickbooks()
    await pair.run()
    assert pair.names() == names


async def test_a_quickbooks_app_disconnected_in_the_middle_loses_and_doubles_nothing(
    pair: Pair,
) -> None:
    names = _qualifying_contacts(pair, 70)
    await pair.begin()
    pair.transport.on_send = Countdown(to_quickbooks("/batch"), 2, pair.quickbooks.revoke)

    with pytest.raises(Unauthorized, match="ledgerbridge connect quickbooks"):
        await pair.run()

    assert len(pair.names()) == 30
    assert await pair.outcomes() == []
    await pair.connect_quickbooks()
    await pair.run()
    assert pair.names() == names


async def test_an_expired_access_token_is_renewed_without_a_word(pair: Pair) -> None:
    names = _qualifying_contacts(pair, 70)
    await pair.begin()
    expire = pair.quickbooks.expire_access_tokens
    pair.transport.on_send = Countdown(to_quickbooks("/batch"), 2, expire)

    await pair.run()

    assert pair.names() == names


async def test_a_token_that_is_refused_again_and_again_is_told_without_the_token(
    pair: Pair,
) -> None:
    addresses = _customers(pair, 1)
    await pair.begin()
    expires = pair.quickbooks.expire_access_tokens
    pair.transport.on_send = lambda request: expires() if "/v3/" in request.path else None

    with pytest.raises(Unauthorized) as refused:
        await pair.run()

    assert "QuickBooks does not let us in: Token expired" in str(refused.value)
    assert "ledgerbridge connect quickbooks" in str(refused.value)
    assert not any(token in str(refused.value) for token in pair.quickbooks.tokens._access)
    pair.transport.on_send = lambda _: None
    await pair.run()
    assert pair.emails() == addresses


async def test_without_the_scope_of_products_the_other_syncs_go_on_and_the_scope_is_named(
    pair: Pair,
) -> None:
    await pair.begin()
    addresses = _customers(pair, 1)
    pair.invoice(pair.company.all("Customer")[0]["Id"], pair.item("Hours"))
    pair.grant(_without("products", "e-commerce"))

    result = await pair.run()

    assert result.unavailable.keys() == {"products"}
    assert "crm.objects.products.read" in result.unavailable["products"]
    assert pair.emails() == addresses
    assert len(pair.mirrors()) == 1
    assert pair.portal.all("products") == []
    pair.grant(ALL_SCOPES)
    later = await pair.run()
    assert later.unavailable == {}
    assert [one["name"] for one in pair.portal.all("products")] == ["Hours"]


async def test_connected_again_with_a_lesser_token_the_other_syncs_go_on(pair: Pair) -> None:
    await pair.begin()
    addresses = _customers(pair, 1)
    pair.item("Hours")
    await pair.connect_hubspot(_without("products", "e-commerce"))

    result = await pair.run()

    assert result.unavailable.keys() == {"products"}
    assert "crm.objects.products.read" in result.unavailable["products"]
    assert pair.emails() == addresses
    pair.grant(ALL_SCOPES)
    later = await pair.run()
    assert later.unavailable == {}
    assert [one["name"] for one in pair.portal.all("products")] == ["Hours"]


async def test_without_the_scope_to_write_contacts_each_says_so_and_products_go_on(
    pair: Pair,
) -> None:
    await pair.begin()
    addresses = _customers(pair, 2)
    pair.item("Hours")
    pair.grant(_without("contacts.write"))

    result = await pair.run()

    assert result.failing == 2
    for outcome in await pair.outcomes():
        assert outcome.code == "missing_scope"
        assert "crm.objects.contacts.write" in outcome.message
        assert outcome.remedy
    assert len(pair.portal.all("products")) == 1
    pair.grant(ALL_SCOPES)
    assert await pair.retry() == 2
    await pair.run()
    assert pair.emails() == addresses
    assert await pair.outcomes() == []


async def test_a_token_that_opens_another_portal_stops_the_run_before_it_reads(
    pair: Pair,
) -> None:
    addresses = _customers(pair, 1)
    await pair.begin()
    tokens = pair.hubspot.tokens
    right = tokens._access[pair.token]
    other = pair.hubspot.portal(OTHER_PORTAL)
    tokens._access[pair.token] = replace(right, portal_id=OTHER_PORTAL)

    with pytest.raises(WrongTenant) as stopped:
        await pair.run()

    assert f"portal {OTHER_PORTAL}" in str(stopped.value)
    assert f"Connect again with a token of portal {pair.hubspot.portal_id}" in str(stopped.value)
    assert other.all("contacts") == []
    tokens._access[pair.token] = right
    await pair.run()
    assert pair.emails() == addresses


async def test_a_token_of_another_realm_is_refused_and_the_first_one_still_works(
    pair: Pair,
) -> None:
    addresses = _customers(pair, 1)
    await pair.begin()
    _, refresh = pair.quickbooks.issue_tokens(OTHER_REALM)

    with pytest.raises(Unauthorized) as refused:
        await connect_quickbooks(pair.shop(), pair.quickbooks.realm_id, refresh)

    assert "QuickBooks does not let us in" in str(refused.value)
    assert "ledgerbridge connect quickbooks" in str(refused.value)
    assert pair.quickbooks.company(OTHER_REALM).all("Customer") == []
    await pair.run()
    assert pair.emails() == addresses
