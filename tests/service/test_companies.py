"""Customers as businesses: matched, made, shared, and what is put on them."""

from __future__ import annotations

from msgspec.structs import replace

from ledgerbridge.core.definition import SubCustomers
from ledgerbridge.core.plan import Status
from ledgerbridge.service.rules import as_stored, definition_of
from ledgerbridge.store import syncs
from support.pair import Pair

A_DAY_S = 90_000


def company(pair: Pair, name: str) -> dict[str, str]:
    """The one HubSpot company of that name."""
    (found,) = [one for one in pair.portal.all("companies") if one.get("name") == name]
    return found


def lenient(pair: Pair) -> None:
    """A portal that opens invoices without a contact: nobody knows which kind the real ones are."""
    pair.hubspot.set_switches(open_invoice_without_contact=True)


def on_company(pair: Pair, object_type: str, record_id: str) -> list[str]:
    """The names of the companies that a record is on."""
    ids = pair.portal.associations(object_type, record_id, "companies")
    return [(pair.portal.get("companies", x) or {})["name"] for x in ids]


async def test_a_customer_with_a_company_name_gets_a_company_and_its_contact_is_of_it(
    pair: Pair,
) -> None:
    pair.customer(
        "Ada Poe",
        "ada@poe.example",
        CompanyName="Poe Limited",
        PrimaryPhone={"FreeFormNumber": "+1 212 555 0101"},
    )
    pair.pass_time(60)
    await pair.begin()
    await pair.run()

    made = company(pair, "Poe Limited")
    assert (made["domain"], made["phone"]) == ("poe.example", "+1 212 555 0101")
    assert made["ledgerbridge_key"].endswith(":customer:1")
    assert made["ledgerbridge_origin"] == "backfill"
    ada = pair.contact_of("ada@poe.example")["hs_object_id"]
    assert on_company(pair, "contacts", ada) == ["Poe Limited"]
    assert (await pair.run()).writes == 0


async def test_the_one_company_of_that_name_is_the_one_and_keeps_what_people_wrote(
    pair: Pair,
) -> None:
    body = {"name": "POE, Limited.", "phone": "123", "domain": "elsewhere.example"}
    there = pair.portal.create("companies", body)["hs_object_id"]
    customer = pair.customer("Ada Poe", "ada@poe.example", CompanyName="Poe Limited")
    await pair.begin()
    await pair.run()
    pair.edit_customer(customer, CompanyName="Poe & Daughters", Balance=5)
    await pair.run()

    (found,) = pair.portal.all("companies")
    assert found["hs_object_id"] == there
    assert (found["name"], found["phone"], found["domain"]) == (
        "POE, Limited.",
        "123",
        "elsewhere.example",
    )
    assert found["ledgerbridge_key"].endswith(f":customer:{customer}")


async def test_a_company_of_its_domain_is_the_one_where_no_name_speaks_against_it(
    pair: Pair,
) -> None:
    mine = pair.portal.create("companies", {"domain": "poe.example"})["hs_object_id"]
    other = pair.portal.create("companies", {"name": "Roe Partners", "domain": "roe.example"})
    pair.customer("Ada Poe", "ada@poe.example", CompanyName="Poe Limited")
    pair.customer("Bea Moe", "bea@roe.example", CompanyName="Moe and Sons")
    await pair.begin()
    await pair.run()

    keys = {
        one["hs_object_id"]: one.get("ledgerbridge_key", "") for one in pair.portal.all("companies")
    }
    assert keys[mine].endswith(":customer:1")
    assert not keys[other["hs_object_id"]]
    assert company(pair, "Moe and Sons")["ledgerbridge_key"].endswith(":customer:2")


async def test_further_customers_of_one_company_share_it_and_their_invoices_are_on_it(
    pair: Pair,
) -> None:
    item = pair.item("Hours")
    first = pair.customer("Ada Poe", "ada@poe.example", CompanyName="Poe Limited")
    second = pair.customer("Bea Poe", "bea@poe.example", CompanyName="Poe Limited")
    await pair.begin()
    for customer in (first, second):
        pair.invoice(customer, item)
    await pair.run()

    assert len(pair.portal.all("companies")) == 1
    for email in ("ada@poe.example", "bea@poe.example"):
        ada = pair.contact_of(email)["hs_object_id"]
        assert on_company(pair, "contacts", ada) == ["Poe Limited"]
    for mirror in pair.mirrors():
        assert on_company(pair, "invoices", mirror["hs_object_id"]) == ["Poe Limited"]
    assert (await pair.run()).writes == 0


async def test_a_portal_that_wants_a_contact_on_every_invoice_says_what_to_do(pair: Pair) -> None:
    customer = pair.customer("Roe Works")
    await pair.begin()
    pair.invoice(customer, pair.item("Hours"))
    await pair.run()

    told = await pair.failing()
    assert told.code == "invoice_without_contact"
    assert "add an e-mail address" in told.remedy
    pair.edit_customer(customer, PrimaryEmailAddr={"Address": "roe@roe.example"})
    await pair.run()
    (mirror,) = pair.mirrors()
    assert on_company(pair, "invoices", mirror["hs_object_id"]) == ["Roe Works"]


async def test_a_customer_without_an_email_has_a_company_and_its_invoices_go_there(
    pair: Pair,
) -> None:
    lenient(pair)
    customer = pair.customer("Roe Works")
    await pair.begin()
    invoice = pair.invoice(customer, pair.item("Hours"))
    body = {"CustomerRef": {"value": customer}, "TotalAmt": 50, "Line": []}
    pair.company.create("Payment", body)
    await pair.run()

    (mirror,) = pair.mirrors()
    assert mirror["ledgerbridge_key"].endswith(f":invoice:{invoice}")
    assert on_company(pair, "invoices", mirror["hs_object_id"]) == ["Roe Works"]
    assert pair.portal.associations("invoices", mirror["hs_object_id"], "contacts") == []
    (payment,) = pair.portal.all("commerce_payments")
    assert on_company(pair, "commerce_payments", payment["hs_object_id"]) == ["Roe Works"]

    pair.edit_customer(customer, PrimaryEmailAddr={"Address": "roe@roe.example"})
    await pair.run()

    roe = pair.contact_of("roe@roe.example")["hs_object_id"]
    assert pair.portal.associations("invoices", mirror["hs_object_id"], "contacts") == [roe]
    assert on_company(pair, "contacts", roe) == ["Roe Works"]
    assert (await pair.run()).writes == 0


async def test_a_sub_customers_invoices_are_on_the_company_at_the_top(pair: Pair) -> None:
    lenient(pair)
    parent = pair.customer("Poe Limited", CompanyName="Poe Limited")
    middle = pair.customer("East", ParentRef={"value": parent}, Job=True)
    project = pair.customer("Roof", ParentRef={"value": middle}, Job=True)
    await pair.begin()
    pair.invoice(project, pair.item("Hours"))
    await pair.run()

    (mirror,) = pair.mirrors()
    assert on_company(pair, "invoices", mirror["hs_object_id"]) == ["Poe Limited"]
    assert len(pair.portal.all("companies")) == 1


async def test_a_contact_that_a_person_took_off_a_company_is_not_put_back(pair: Pair) -> None:
    customer = pair.customer("Ada Poe", "ada@poe.example", CompanyName="Poe Limited")
    await pair.begin()
    await pair.run()
    ada = pair.contact_of("ada@poe.example")["hs_object_id"]
    poe = company(pair, "Poe Limited")["hs_object_id"]
    pair.portal.disassociate("contacts", ada, "companies", poe)
    pair.edit_customer(customer, GivenName="Adeline")
    await pair.run()
    pair.pass_time(A_DAY_S)
    await pair.run()

    assert on_company(pair, "contacts", ada) == []


async def test_two_companies_of_one_name_are_a_case_for_a_person(pair: Pair) -> None:
    for _ in range(2):
        pair.portal.create("companies", {"name": "Poe Limited"})
    customer = pair.customer("Ada Poe", "ada@poe.example", CompanyName="Poe Limited")
    await pair.begin()
    await pair.run()

    (case,) = await pair.outcomes(Status.CASE)
    assert (case.record_id, case.code) == (customer, "match_to_decide")
    assert len(pair.portal.all("companies")) == 2
    assert not any(one.get("ledgerbridge_key") for one in pair.portal.all("companies"))


async def test_companies_switched_on_later_receive_what_is_in_hubspot_already(pair: Pair) -> None:
    customer = pair.customer("Ada Poe", "ada@poe.example", CompanyName="Poe Limited")
    await pair.begin("contacts", "products", "invoices")
    pair.invoice(customer, pair.item("Hours"))
    await pair.run()
    await pair.begin("companies")
    await pair.run()

    (mirror,) = pair.mirrors()
    assert on_company(pair, "invoices", mirror["hs_object_id"]) == ["Poe Limited"]
    ada = pair.contact_of("ada@poe.example")["hs_object_id"]
    assert on_company(pair, "contacts", ada) == ["Poe Limited"]


async def test_a_won_deal_of_the_company_gets_the_invoice(pair: Pair) -> None:
    lenient(pair)
    customer = pair.customer("Roe Works")
    await pair.begin()
    await pair.run()
    works = company(pair, "Roe Works")["hs_object_id"]
    today = pair.clock.now().date().isoformat()
    deal = pair.portal.create(
        "deals",
        {
            "dealname": "Deal",
            "dealstage": "closedwon",
            "pipeline": "default",
            "amount": "500",
            "closedate": f"{today}T12:00:00Z",
        },
        [("companies", works)],
    )["hs_object_id"]
    pair.invoice(customer, pair.item("Hours"))
    await pair.run()

    (mirror,) = pair.mirrors()
    assert pair.portal.associations("invoices", mirror["hs_object_id"], "deals") == [deal]


async def configured(pair: Pair, name: str, **changes: object) -> None:
    """Change how a sync is set up."""
    sync = next(one for one in await pair.store.read(syncs.every) if one.name == name)
    changed = replace(definition_of(sync), **changes)
    await pair.store.write(syncs.put, replace(sync, definition=as_stored(changed)))


async def test_who_wants_no_companies_made_has_existing_ones_paired_only(pair: Pair) -> None:
    pair.portal.create("companies", {"name": "Poe Limited"})
    pair.customer("Ada Poe", "ada@poe.example", CompanyName="Poe Limited")
    other = pair.customer("Bea Roe", "bea@roe.example", CompanyName="Roe Works")
    await pair.begin()
    await configured(pair, "companies", creates=False)
    await pair.run()

    assert [one["name"] for one in pair.portal.all("companies")] == ["Poe Limited"]
    told = {one.record_id: one.code for one in await pair.outcomes(Status.EXCLUDED)}
    assert told[other] == "only_paired"


async def test_a_sub_customer_with_an_address_of_its_own_may_be_a_contact(pair: Pair) -> None:
    parent = pair.customer("Poe Limited", "poe@poe.example")
    job = pair.customer("Roof", "roof@poe.example", ParentRef={"value": parent}, Job=True)
    await pair.begin("contacts", "products", "invoices")
    await configured(pair, "contacts", sub_customers=SubCustomers.OWN_CONTACT)
    pair.invoice(job, pair.item("Hours"))
    await pair.run()

    assert pair.emails() == ["poe@poe.example", "roof@poe.example"]
    (mirror,) = pair.mirrors()
    roof = pair.contact_of("roof@poe.example")["hs_object_id"]
    assert pair.portal.associations("invoices", mirror["hs_object_id"], "contacts") == [roof]


async def test_a_company_name_that_we_bring_to_the_books_makes_its_company_in_the_same_run(
    pair: Pair,
) -> None:
    pair.customer("Ada Poe", "ada@example.com")
    await pair.begin("contacts", "companies")
    await pair.run()
    contact = pair.contact_of("ada@example.com")["hs_object_id"]
    pair.portal.update("contacts", contact, {"company": "Poe Ltd"})

    await pair.run()

    assert [one["name"] for one in pair.portal.all("companies")] == ["Poe Ltd"]
