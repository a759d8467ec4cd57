"""Sub-customers and projects: whose contact they belong to (business-rules.md, who is whom)."""

from __future__ import annotations

from ledgerbridge.core.definition import SubCustomers
from ledgerbridge.core.plan import Status
from ledgerbridge.service import matching
from support.pair import Pair

SYNCS = ("contacts", "products", "invoices")


def job(pair: Pair, name: str, parent: str, email: str | None = None) -> str:
    """A project of a customer; its id."""
    return pair.customer(name, email, ParentRef={"value": parent}, Job=True)


def on_contacts(pair: Pair) -> list[str]:
    """The addresses of the contacts that the one mirror is on."""
    (mirror,) = pair.mirrors()
    ids = pair.portal.associations("invoices", mirror["hs_object_id"], "contacts")
    return [(pair.portal.get("contacts", x) or {})["email"] for x in ids]


async def test_a_parent_that_gets_its_email_later_takes_its_projects_along(pair: Pair) -> None:
    parent = pair.customer("Poe Limited")
    middle = job(pair, "East", parent)
    roof = job(pair, "Roof", middle)
    await pair.begin(*SYNCS)
    pair.invoice(roof, pair.item("Hours"))
    await pair.run()
    told = {one.record_id: one.code for one in await pair.outcomes(Status.EXCLUDED)}
    assert told[roof] == "parent_without_contact"
    assert pair.mirrors() == []

    pair.edit_customer(parent, PrimaryEmailAddr={"Address": "poe@example.com"})
    await pair.run()

    assert on_contacts(pair) == ["poe@example.com"]
    assert await pair.outcomes(Status.EXCLUDED) == []
    assert (await pair.run()).writes == 0


async def test_the_projects_of_a_parent_that_was_paired_by_hand_belong_to_its_contact(
    pair: Pair,
) -> None:
    parent = pair.customer("Poe Limited")
    roof = job(pair, "Roof", parent)
    contact = pair.contact("ada@example.com")
    await pair.begin(*SYNCS)
    pair.invoice(roof, pair.item("Hours"))
    await pair.run()
    assert pair.mirrors() == []

    now = pair.clock.now()
    await pair.store.write(matching.pair_by_hand, "contacts", parent, contact, now)
    await pair.run()

    assert on_contacts(pair) == ["ada@example.com"]
    assert (await pair.run()).writes == 0


async def test_with_contacts_of_their_own_the_nearest_one_above_is_the_one(pair: Pair) -> None:
    top = pair.customer("Poe Limited", "poe@example.com")
    site = job(pair, "East", top, "east@example.com")
    roof = job(pair, "Roof", site)
    await pair.begin(*SYNCS)
    await pair.set_up("contacts", sub_customers=SubCustomers.OWN_CONTACT)
    pair.invoice(roof, pair.item("Hours"))
    await pair.run()

    assert on_contacts(pair) == ["east@example.com"]


async def test_the_path_of_a_project_stands_on_its_invoice(pair: Pair) -> None:
    top = pair.customer("Poe Limited", "poe@example.com")
    roof = job(pair, "Roof", job(pair, "East", top))
    await pair.begin(*SYNCS)
    pair.invoice(roof, pair.item("Hours"))
    await pair.run()

    (mirror,) = pair.mirrors()
    assert mirror["ledgerbridge_customer"] == "Poe Limited:East:Roof"


async def test_customers_that_stand_above_each_other_in_a_circle_are_a_case_and_others_go_on(
    pair: Pair,
) -> None:
    first = pair.customer("Hen", "hen@example.com")
    second = job(pair, "Egg", first, "egg@example.com")
    chick = job(pair, "Chick", second)
    hen = pair.company.books.find("Customer", first)
    assert hen is not None
    hen.body["ParentRef"] = {"value": second}
    pair.customer("Ada Poe", "ada@example.com")
    await pair.begin(*SYNCS)
    pair.invoice(chick, pair.item("Hours"))
    await pair.run()

    cases = {one.record_id: one for one in await pair.outcomes(Status.CASE)}
    assert set(cases) == {first, second, chick}
    assert {one.code for one in cases.values()} == {"circular_parents"}
    assert cases[chick].message.startswith("customers 2, 1 stand above each other in a circle")
    assert cases[chick].message.endswith("no contact that it belongs to, and its invoices wait")
    assert "Make one of them no sub-customer in QuickBooks (2, 1)" in cases[chick].remedy
    assert pair.emails() == ["ada@example.com"]
    assert [one.code for one in await pair.outcomes(Status.BLOCKED)] == ["waits_for_parent"]

    del hen.body["ParentRef"]
    pair.edit_customer(first, Notes="Hatched first")
    await pair.run()
    assert on_contacts(pair) == ["hen@example.com"]
    assert await pair.outcomes(Status.CASE) == []


async def test_a_customer_in_a_circle_that_may_be_a_contact_of_its_own_is_one(pair: Pair) -> None:
    first = pair.customer("Hen", "hen@example.com")
    second = job(pair, "Egg", first, "egg@example.com")
    hen = pair.company.books.find("Customer", first)
    assert hen is not None
    hen.body["ParentRef"] = {"value": second}
    await pair.begin(*SYNCS)
    await pair.set_up("contacts", sub_customers=SubCustomers.OWN_CONTACT)
    await pair.run()

    assert pair.emails() == ["egg@example.com", "hen@example.com"]
    assert await pair.outcomes(Status.CASE) == []
