"""What people do in the forms happens in the account, by the vendor's rules."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from console.browser import NOW, Browser, now
from contract.test_quickbooks_generated import BODIES
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.hubspot.object_types import OBJECT_TYPES
from ledgerbridge.sandbox.quickbooks import QuickBooks
from ledgerbridge.sandbox.quickbooks.entities import ENTITIES

HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</textarea></form><script>1</script>",
    "\u202eRTL \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "&amp;&lt;&#39;",
    "two\nlines\n\nand a fifth",
    "\nbegins with a line",
    "x" * 65_536,
]
WRITTEN = {
    "contacts": {"email": "ada@example.com", "firstname": "Ada"},
    "companies": {"name": "Frost and Sons"},
    "deals": {"dealname": "A deal"},
    "products": {"name": "Lamp", "price": "12"},
    "line_items": {"name": "Lamp", "quantity": "2", "price": "6"},
    "quotes": {"hs_title": "Offer", "hs_expiration_date": "2026-12-31"},
    "notes": {"hs_timestamp": "2026-11-20T10:00:00Z", "hs_note_body": "Called."},
    "invoices": {"hs_currency": "USD"},
    "discounts": {"hs_label": "Less", "hs_type": "PERCENT", "hs_value": "5"},
    "fees": {"hs_label": "Fee", "hs_type": "FIXED", "hs_value": "5"},
    "taxes": {"hs_label": "Tax", "hs_type": "PERCENT", "hs_value": "5"},
    "commerce_payments": {
        "hs_initial_amount": "10",
        "hs_initiated_date": "2026-11-20",
        "hs_currency_code": "USD",
    },
}
BOOKED = {
    "Customer": {"DisplayName": "Ada Frost"},
    "Vendor": {"DisplayName": "Frost Supplies"},
    "Employee": {"GivenName": "Ida", "FamilyName": "Finch", "DisplayName": "Ida Finch"},
    "Item": {"Name": "Lamp", "Type": "Service", "IncomeAccountRef": "79"},
    "Account": {"Name": "Till", "AccountType": "Bank"},
    "Term": {"Name": "Net 11", "DueDays": "11"},
    "PaymentMethod": {"Name": "Barter"},
    "CompanyCurrency": {"Code": "EUR"},
    "Invoice": {"CustomerRef": "1"},
    "CreditMemo": {"CustomerRef": "1"},
    "SalesReceipt": {"CustomerRef": "1"},
    "Estimate": {"CustomerRef": "1"},
    "Payment": {"CustomerRef": "1", "TotalAmt": "5"},
    "RefundReceipt": {
        "CustomerRef": "1",
        "DepositToAccountRef": "35",
        "Line": '[{"DetailType": "SalesItemLineDetail", "Amount": 5, "SalesItemLineDetail": {}}]',
    },
    "Deposit": {
        "DepositToAccountRef": "35",
        "Line": '[{"DetailType": "DepositLineDetail", "Amount": 5,'
        ' "DepositLineDetail": {"AccountRef": {"value": "79"}}}]',
    },
    "Attachable": {"Note": "Called about the lamp"},
}
VENDOR = "2"  # people share one counter, and a customer is the first


def _as_entered(value: object) -> str:
    """A reference as its id, lists as JSON."""
    if isinstance(value, dict):
        return str(value["value"])
    return json.dumps(value) if isinstance(value, list) else str(value)


BOOKED |= {
    entity: {name: _as_entered(value) for name, value in body.items()}
    | ({"VendorRef": VENDOR} if "VendorRef" in body else {})
    for entity, body in BODIES.items()
}


def books() -> QuickBooks:
    """Books with a customer, an item and an open invoice, each of id 1, and a vendor."""
    emulator = QuickBooks(now=now)
    company = emulator.company()
    company.create("Customer", {"DisplayName": "Ann Aalto"})
    company.create("Vendor", {"DisplayName": "Birch Paper"})
    company.create(
        "Item", {"Name": "Thing", "Type": "Service", "IncomeAccountRef": {"value": "79"}}
    )
    line = {"DetailType": "SalesItemLineDetail", "Amount": 100, "SalesItemLineDetail": {}}
    company.create("Invoice", {"CustomerRef": {"value": "1"}, "Line": [line]})
    return emulator


@pytest.mark.parametrize("kind", [one.name for one in OBJECT_TYPES])
async def test_every_type_of_hubspot_is_created_edited_archived_and_restored(kind: str) -> None:
    emulator = HubSpot(now=now)
    browser, base = Browser(emulator), f"/look/{emulator.portal_id}/{kind}"
    form = (await browser.open(f"{base}/new")).form("/new")

    made = await browser.send(form, **WRITTEN[kind])

    assert "was created" in made.words, made.words
    id_ = emulator.portal().all(kind)[0]["hs_object_id"]
    edit = (await browser.open(f"{base}/{id_}/edit")).form("/edit")
    same = await browser.send(edit)
    assert "was saved" in same.words
    archived = await browser.send(same.form("/archive"))
    assert "was archived" in archived.words
    assert emulator.portal().all(kind) == []
    restored = await browser.send(archived.form("/restore"))
    assert "was restored" in restored.words
    assert len(emulator.portal().all(kind)) == 1


@pytest.mark.parametrize("entity", [x for x in ENTITIES if "create" in ENTITIES[x].operations])
async def test_every_entity_of_quickbooks_is_created_and_saved_unchanged(entity: str) -> None:
    emulator = books()
    emulator.company().set_preferences(CurrencyPrefs={"MultiCurrencyEnabled": True})
    browser, base = Browser(emulator), f"/look/{emulator.realm_id}/{entity}"
    before = len(emulator.company().all(entity))
    form = (await browser.open(f"{base}/new")).form("/new")

    made = await browser.send(form, **BOOKED[entity])

    assert "was created" in made.words, made.words
    stored = emulator.company().all(entity)[-1]
    assert len(emulator.company().all(entity)) == before + 1
    edit = (await browser.open(f"{base}/{stored['Id']}/edit")).form("/edit")
    assert "was saved" in (await browser.send(edit)).words
    assert emulator.company().get(entity, stored["Id"]) == stored


@pytest.mark.parametrize("value", HOSTILE)
async def test_hostile_values_are_text_everywhere_and_come_back_as_they_were(value: str) -> None:
    emulator = HubSpot(now=now)
    made = emulator.portal().create("contacts", {"firstname": value, "lastname": "Frost"})
    browser, id_ = Browser(emulator), made["hs_object_id"]
    base = f"/look/{emulator.portal_id}/contacts"

    for target in (base, f"{base}/{id_}", f"{base}?q=frost&field=firstname&is=has&value={id_}"):
        page = await browser.open(target)
        assert page.status == 200
        assert not page.problems
        assert not {"script", "img"} & {element for element, _ in page.elements}
    edit = (await browser.open(f"{base}/{id_}/edit")).form("/edit")
    assert edit.values["firstname"] == value
    await browser.send(edit, lastname="Winter")
    kept = emulator.portal().get("contacts", id_) or {}
    assert (kept["firstname"], kept["lastname"]) == (value, "Winter")


@pytest.mark.parametrize("value", HOSTILE[:5])
async def test_hostile_values_are_text_in_searches_filters_and_refused_forms(value: str) -> None:
    emulator = books()
    browser, base = Browser(emulator), f"/look/{emulator.realm_id}/Customer"
    search = (await browser.open(base)).forms[0]
    search.values |= {"q": value, "field": "DisplayName", "is": "has", "value": value}
    query = urlencode({name: text for name, text in search.values.items() if text})
    found = await browser.open(f"{base}?{query}")
    refused = await browser.send(
        (await browser.open(f"{base}/new")).form("/new"),
        DisplayName=f"a:b{value}",
        Notes="n" * 2001,
    )

    for page in (found, refused):
        assert not page.problems
        assert not {"script", "img"} & {element for element, _ in page.elements}
    assert refused.status == 422
    assert refused.form("/new").values["DisplayName"] == f"a:b{value}"


async def test_hubspots_own_errors_stand_beside_their_fields() -> None:
    emulator = HubSpot(now=now)
    browser = Browser(emulator)
    form = (await browser.open(f"/look/{emulator.portal_id}/contacts/new")).form("/new")

    refused = await browser.send(form, email="no address", firstname="Ada")

    assert refused.status == 422
    assert "Email address no address is invalid" in refused.words
    told = [found for _, found in refused.elements if found.get("aria-invalid") == "true"]
    assert [one["name"] for one in told] == ["email"]
    assert refused.form("/new").values["firstname"] == "Ada"
    assert emulator.portal().all("contacts") == []


async def test_quickbooks_own_errors_are_shown_with_their_codes() -> None:
    emulator = books()
    browser, base = Browser(emulator), f"/look/{emulator.realm_id}/Customer"

    taken = await browser.send(
        (await browser.open(f"{base}/new")).form("/new"), DisplayName="Ann Aalto"
    )

    assert taken.status == 422
    assert "6240" in taken.words


async def test_a_form_that_somebody_overtook_changes_nothing() -> None:
    emulator = books()
    browser, base = Browser(emulator), f"/look/{emulator.realm_id}/Customer/1"
    form = (await browser.open(f"{base}/edit")).form("/edit")
    emulator.company().update("Customer", {"Id": "1", "Notes": "meanwhile"})

    refused = await browser.send(form, Notes="mine")

    assert "5010" in refused.words
    assert (emulator.company().get("Customer", "1") or {})["Notes"] == "meanwhile"


async def test_hubspot_too_keeps_what_somebody_wrote_meanwhile() -> None:
    moments = iter(range(1000))
    emulator = HubSpot(now=lambda: NOW + timedelta(seconds=next(moments)))
    portal, browser = emulator.portal(), Browser(emulator)
    id_ = portal.create("contacts", {"email": "ada@example.com"})["hs_object_id"]
    page = await browser.open(f"/look/{emulator.portal_id}/contacts/{id_}/edit")
    portal.update("contacts", id_, {"firstname": "meanwhile"})

    refused = await browser.send(page.form("/edit"), firstname="mine")

    assert "was changed since" in refused.words
    assert (portal.get("contacts", id_) or {})["firstname"] == "meanwhile"
    again = await browser.send(refused.form("/edit"), firstname="mine")
    assert "was saved" in again.words


async def test_an_invoice_is_paid_and_another_voided_and_deleted() -> None:
    emulator = books()
    browser, base = Browser(emulator), f"/look/{emulator.realm_id}/Invoice"
    company = emulator.company()

    paid = await browser.send((await browser.open(f"{base}/1")).form("/pay"), amount="40")
    assert "payment was received" in paid.words
    assert (company.get("Invoice", "1") or {})["Balance"] == 60
    voided = await browser.send((await browser.open(f"{base}/1")).form("/void"))
    assert "voided" in voided.words
    assert (company.get("Invoice", "1") or {})["TotalAmt"] == 0
    await browser.send(voided.form("/delete"))
    assert company.get("Invoice", "1") is None


async def test_a_customer_is_deactivated_and_brought_back() -> None:
    emulator = books()
    made = emulator.company().create("Customer", {"DisplayName": "Bo Birch"})["Id"]
    browser = Browser(emulator)
    page = await browser.open(f"/look/{emulator.realm_id}/Customer/{made}")

    away = await browser.send(page.form("/deactivate"))
    assert (emulator.company().get("Customer", made) or {})["Active"] is False
    await browser.send(away.form("/activate"))
    assert (emulator.company().get("Customer", made) or {})["Active"] is True


async def test_what_a_record_does_not_offer_cannot_be_done_to_it() -> None:
    emulator = books()
    browser = Browser(emulator)
    form = (await browser.open(f"/look/{emulator.realm_id}/Customer/1")).form("/deactivate")
    form.action = form.action.replace("deactivate", "delete")

    refused = await browser.send(form)

    assert refused.status == 422
    assert emulator.company().get("Customer", "1") is not None


async def test_records_are_associated_separated_and_merged() -> None:
    emulator = HubSpot(now=now)
    portal, browser = emulator.portal(), Browser(emulator)
    ada, bo = (
        portal.create("contacts", {"email": f"{x}@example.com"})["hs_object_id"]
        for x in ("ada", "bo")
    )
    firm = portal.create("companies", {"name": "Frost"})["hs_object_id"]
    page = await browser.open(f"/look/{emulator.portal_id}/contacts/{ada}")

    joined = await browser.send(page.form("/associate"), type="companies", id=firm)
    assert portal.associations("contacts", ada, "companies") == [firm]
    await browser.send(joined.form("/separate"), type="companies", id=firm)
    assert portal.associations("contacts", ada, "companies") == []
    await browser.send(page.form("/merge"), id=bo)
    assert len(portal.all("contacts")) == 1
