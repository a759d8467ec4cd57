"""An edit in HubSpot that our update overwrites, because nobody could see it in time."""

from __future__ import annotations

from msgspec.structs import replace

from ledgerbridge.core.mapping import Rule
from ledgerbridge.service.rules import as_stored, definition_of
from ledgerbridge.store import syncs
from ledgerbridge.store.transaction import Transaction
from support.pair import Countdown, Pair, to_hubspot


def _let_hubspot_win(tx: Transaction) -> None:
    (contacts,) = [sync for sync in syncs.every(tx) if sync.name == "contacts"]
    definition = replace(definition_of(contacts), rule=Rule.HUBSPOT)
    syncs.put(tx, replace(contacts, definition=as_stored(definition)))


async def _edit_both(pair: Pair) -> None:
    """The customer is edited, and its contact in the moment before our update arrives."""
    customer = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    await pair.run()
    contact = pair.contact_of("ada@example.com")["hs_object_id"]
    pair.edit_customer(customer, GivenName="Adah")
    pair.transport.on_send = Countdown(
        to_hubspot("contacts/batch/update"),
        1,
        lambda: pair.portal.update("contacts", contact, {"firstname": "Adele"}),
    )


def _names(pair: Pair) -> tuple[str, str]:
    (customer,) = pair.company.all("Customer")
    return pair.contact_of("ada@example.com")["firstname"], customer["GivenName"]


async def test_where_hubspot_wins_it_is_put_back_and_travels(pair: Pair) -> None:
    await pair.begin("contacts")
    await pair.store.write(_let_hubspot_win)
    await _edit_both(pair)

    result = await pair.run()

    assert _names(pair) == ("Adele", "Adele")
    assert result.losses >= 1
    assert (await pair.run()).writes == 0


async def test_where_quickbooks_wins_it_is_told_as_a_loss(pair: Pair) -> None:
    await pair.begin("contacts")
    await _edit_both(pair)

    result = await pair.run()

    assert _names(pair) == ("Adah", "Adah")
    assert result.losses == 1
    assert (await pair.run()).writes == 0
