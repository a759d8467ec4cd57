"""The presets that spare the books: zero writes means zero, and the books have the last word."""

from __future__ import annotations

from typing import Any

from ledgerbridge.service import configuring
from ledgerbridge.syncs.catalogue import Preset
from support.pair import Pair

ENTITIES = ("Customer", "Item", "Invoice", "Payment", "Vendor", "Employee")
JANE: dict[str, str] = {"firstname": "Jane", "lastname": "Doe", "phone": "555 0101"}


async def _begin(pair: Pair, preset: Preset) -> None:
    """All syncs on, under a preset."""
    await pair.begin()
    await pair.store.write(configuring.apply, configuring.of_preset(preset), pair.clock.now())


def _books(pair: Pair) -> dict[str, Any]:
    """All that the company holds."""
    return {entity: pair.company.all(entity) for entity in ENTITIES}


def _customer_of(pair: Pair, email: str) -> dict[str, Any]:
    """The one customer with that address."""
    wanted = {"Address": email}
    (found,) = [c for c in pair.company.all("Customer") if c.get("PrimaryEmailAddr") == wanted]
    return found


async def test_read_only_writes_nothing_at_all_to_quickbooks(pair: Pair) -> None:
    item = pair.item("Hours")
    ada = pair.customer("Ada Moreno", "ada@example.com")
    invoice = pair.invoice(ada, item)
    pair.contact("jane@example.com", qualifies=True, **JANE)
    await _begin(pair, Preset.READ_ONLY)
    before, loaded = _books(pair), len(pair.transport.sent)

    await pair.run()
    contact = pair.contact_of("ada@example.com")["hs_object_id"]
    pair.portal.update("contacts", contact, {"phone": "555 0303", "company": "Moreno"})
    pair.contact("zoe@example.com", qualifies=True, firstname="Zoe", lastname="Young")
    await pair.run()
    pair.portal.archive("contacts", contact)
    await pair.run()

    assert pair.written_to_quickbooks() == {}
    assert pair.quickbooks.calls["batch"] == 0
    assert _books(pair) == before
    asked = {
        request.url.partition("?")[0].rpartition("/")[2]
        for request in pair.transport.sent[loaded:]
        if "/v3/company/" in request.url
    }
    assert asked == {"query", "cdc"}
    assert [one["ledgerbridge_key"].rpartition(":")[2] for one in pair.mirrors()] == [invoice]


async def test_read_only_plans_no_write_to_quickbooks_either(pair: Pair) -> None:
    pair.customer("Ada Moreno", "ada@example.com")
    pair.contact("jane@example.com", qualifies=True, **JANE)
    await _begin(pair, Preset.READ_ONLY)

    planned = await pair.plan()

    assert planned == {"contacts.hubspot.create": 1}


async def test_read_only_holds_after_a_time_of_writing(pair: Pair) -> None:
    await pair.begin()
    contact = pair.contact("jane@example.com", qualifies=True, **JANE)
    await pair.run()
    read_only = configuring.of_preset(Preset.READ_ONLY)
    await pair.store.write(configuring.apply, read_only, pair.clock.now())
    before, writes = _books(pair), pair.written_to_quickbooks()

    pair.portal.update("contacts", contact, {"phone": "555 0404"})
    await pair.run()

    assert writes == {"batch: create Customer": 1}
    assert pair.written_to_quickbooks() == writes
    assert _books(pair) == before


async def test_books_first_makes_a_customer_whole(pair: Pair) -> None:
    address = {"address": "7 Elm St.", "city": "Salem", "state": "OR", "zip": "97301"}
    pair.contact("jane@example.com", qualifies=True, **JANE, **address)
    await _begin(pair, Preset.BOOKS_FIRST)

    await pair.run()

    customer = _customer_of(pair, "jane@example.com")
    assert (customer["GivenName"], customer["FamilyName"]) == ("Jane", "Doe")
    assert customer["PrimaryPhone"]["FreeFormNumber"] == "555 0101"
    assert customer["BillAddr"]["City"] == "Salem"


async def test_books_first_fills_what_the_books_leave_blank(pair: Pair) -> None:
    pair.customer("Jane Doe", "jane@example.com", GivenName="Jane")
    pair.contact("jane@example.com", qualifies=True, **JANE)
    await _begin(pair, Preset.BOOKS_FIRST)

    await pair.run()

    customer = _customer_of(pair, "jane@example.com")
    assert (customer["FamilyName"], customer["PrimaryPhone"]["FreeFormNumber"]) == (
        "Doe",
        "555 0101",
    )


async def test_books_first_never_changes_what_the_books_have(pair: Pair) -> None:
    pair.customer(
        "Jane Doe",
        "jane@example.com",
        GivenName="Jane",
        FamilyName="Doe",
        PrimaryPhone={"FreeFormNumber": "555 0999"},
    )
    pair.contact("jane@example.com", qualifies=True, firstname="Jane", lastname="Doe")
    await _begin(pair, Preset.BOOKS_FIRST)
    await pair.run()
    before = _customer_of(pair, "jane@example.com")

    contact = pair.contact_of("jane@example.com")["hs_object_id"]
    pair.portal.update("contacts", contact, {"phone": "555 0202", "lastname": "Dough"})
    await pair.run()
    await pair.run()

    assert _customer_of(pair, "jane@example.com") == before


async def test_books_first_takes_e_mail_and_address_from_the_books_alone(pair: Pair) -> None:
    pair.customer("Jane Doe", "jane@example.com", GivenName="Jane")
    pair.contact("jane@example.com", qualifies=True, **JANE)
    await _begin(pair, Preset.BOOKS_FIRST)
    await pair.run()
    before = _customer_of(pair, "jane@example.com")

    contact = pair.contact_of("jane@example.com")["hs_object_id"]
    moved = {"email": "jane.doe@example.com", "address": "7 Elm St.", "city": "Salem"}
    pair.portal.update("contacts", contact, moved)
    await pair.run()

    after = _customer_of(pair, "jane@example.com")
    assert after == before
    assert "BillAddr" not in after
    customer = str(after["Id"])
    pair.edit_customer(customer, BillAddr={"Line1": "9 Oak St.", "City": "Derry"})
    await pair.run()
    shown = pair.portal.get("contacts", contact)
    assert shown is not None
    assert (shown["address"], shown["city"]) == ("9 Oak St.", "Derry")


async def test_books_first_is_silent_once_in_step(pair: Pair) -> None:
    pair.customer("Jane Doe", "jane@example.com", GivenName="Janet")
    pair.contact("jane@example.com", qualifies=True, **JANE)
    await _begin(pair, Preset.BOOKS_FIRST)
    await pair.run()

    assert await pair.plan() == {}
    assert (await pair.run()).writes == 0
