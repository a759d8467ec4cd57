"""
The real customers of a company of 2020, as they were recorded, go to an empty portal.

What must arrive is stated here anew, from business-rules.md, and not read from the product's own
tables: who owns an e-mail, who leans on whom, which field shows what.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from contract.quickbooks_schema import WHY_SKIPPED, reference_folder
from ledgerbridge.core.plan import Status
from ledgerbridge.sandbox.quickbooks import REALM_ID
from ledgerbridge.store import links
from support.pair import Pair

Body = dict[str, Any]
FOLDER = reference_folder()
pytestmark = pytest.mark.skipif(FOLDER is None, reason=WHY_SKIPPED)

CUSTOMERS, CONTACTS = 41, 24
STREET_LINES = ("Line1", "Line2", "Line3", "Line4", "Line5")
MONEY = ("ledgerbridge_balance", "ledgerbridge_balance_with_jobs")


@pytest.fixture(name="recorded")
def _recorded() -> dict[str, Body]:
    """The customers of the recording, whole, by id."""
    assert FOLDER is not None
    file = FOLDER / "recordings-quickbooks" / "all__customers.json"
    exchanges = msgspec.json.decode(file.read_bytes())
    pages = [one["response"]["body"]["QueryResponse"].get("Customer", ()) for one in exchanges]
    found = {customer["Id"]: customer for page in pages for customer in page}
    assert len(found) == CUSTOMERS, "the recording is not the one that was counted"
    return found


def _email(customer: Body) -> str:
    return str(customer.get("PrimaryEmailAddr", {}).get("Address", "")).lower()


def _parent(customer: Body) -> str | None:
    parent = customer.get("ParentRef")
    return None if parent is None else str(parent["value"])


def _shown(customer: Body) -> dict[str, str]:
    """What a contact must show of a customer, nothing that is empty."""
    address = customer.get("BillAddr", {})
    said = {
        "ledgerbridge_key": f"{REALM_ID}:customer:{customer['Id']}",
        "email": _email(customer),
        "firstname": customer.get("GivenName"),
        "lastname": customer.get("FamilyName"),
        "salutation": customer.get("Title"),
        "company": customer.get("CompanyName"),
        "phone": customer.get("PrimaryPhone", {}).get("FreeFormNumber"),
        "mobilephone": customer.get("Mobile", {}).get("FreeFormNumber"),
        "fax": customer.get("Fax", {}).get("FreeFormNumber"),
        "website": customer.get("WebAddr", {}).get("URI"),
        "address": "\n".join(address[line] for line in STREET_LINES if line in address),
        "city": address.get("City"),
        "state": address.get("CountrySubDivisionCode"),
        "zip": address.get("PostalCode"),
        "country": address.get("Country"),
        "ledgerbridge_balance": str(customer["Balance"]),
        "ledgerbridge_balance_with_jobs": str(customer["BalanceWithJobs"]),
        "ledgerbridge_active": "true" if customer["Active"] else "false",
        "ledgerbridge_currency": customer["CurrencyRef"]["value"],
        "ledgerbridge_terms": customer.get("SalesTermRef", {}).get("name"),
        "ledgerbridge_path": customer["FullyQualifiedName"],
        "ledgerbridge_origin": "backfill",
    }
    return {name: value for name, value in said.items() if value}


def _owners(recorded: dict[str, Body]) -> dict[str, Body]:
    """By e-mail the customer that owns it: the lowest id of those without a parent."""
    owners: dict[str, Body] = {}
    for customer in sorted(recorded.values(), key=lambda one: int(one["Id"])):
        if _email(customer) and _parent(customer) is None:
            owners.setdefault(_email(customer), customer)
    return owners


def _attached(recorded: dict[str, Body]) -> dict[str, str]:
    """By customer the one whose contact it shares: its parent, or who owns its e-mail."""
    owners = _owners(recorded)
    found = {}
    for customer_id, customer in recorded.items():
        parent = _parent(customer)
        if parent is not None and _email(recorded[parent]):
            found[customer_id] = parent
        elif parent is None and _email(customer) and owners[_email(customer)] is not customer:
            found[customer_id] = owners[_email(customer)]["Id"]
    return found


async def test_every_mapped_field_of_the_real_customers_arrives(
    pair: Pair, recorded: dict[str, Body]
) -> None:
    pair.company.load("Customer", recorded.values())
    await pair.begin("contacts", "products", "invoices")

    result = await pair.run()

    contacts = {contact["email"]: contact for contact in pair.portal.all("contacts")}
    wanted = {email: _shown(customer) for email, customer in _owners(recorded).items()}
    assert len(contacts) == len(wanted) == CONTACTS
    assert contacts.keys() == wanted.keys()
    for email, fields in wanted.items():
        assert _comparable(_mapped(contacts[email])) == _comparable(fields)
    assert (result.failing, result.in_doubt, result.pending) == (0, 0, 0)


def _mapped(contact: dict[str, str]) -> dict[str, str]:
    """What a contact shows, without what HubSpot fills in by itself."""
    own = ("lifecyclestage", "createdate", "lastmodifieddate")
    return {k: v for k, v in contact.items() if v and not k.startswith("hs_") and k not in own}


def _comparable(fields: dict[str, str]) -> dict[str, str | Decimal]:
    """Amounts as numbers: 639.0 and 639 are one."""
    return {
        name: Decimal(value) if name in MONEY else value for name, value in fields.items() if value
    }


async def test_who_leans_on_whom_among_the_real_customers(
    pair: Pair, recorded: dict[str, Body]
) -> None:
    pair.company.load("Customer", recorded.values())
    await pair.begin("contacts", "products", "invoices")

    await pair.run()

    found = await pair.store.read(links.attachments, "contacts.1", list(recorded))
    known = await pair.store.read(links.get_many, [one.link_id for one in found.values()])
    leaning = {one: known[attached.link_id].quickbooks_id for one, attached in found.items()}
    assert leaning == _attached(recorded)
    assert all(one.reason for one in found.values())


async def test_what_cannot_go_says_why_and_what_to_do(
    pair: Pair, recorded: dict[str, Body]
) -> None:
    pair.company.load("Customer", recorded.values())
    await pair.begin("contacts", "products", "invoices")

    await pair.run()

    excluded = await pair.outcomes(Status.EXCLUDED)
    accounted = {c["Id"] for c in _owners(recorded).values()} | _attached(recorded).keys()
    assert {one.record_id for one in excluded} == recorded.keys() - accounted
    for one in excluded:
        lonely = _parent(recorded[one.record_id]) is not None
        assert one.code == ("parent_without_contact" if lonely else "no_email")
        assert "e-mail" in one.message
        assert one.remedy.startswith("Add an e-mail address to")
    assert await pair.outcomes(Status.FAILING) == []
    assert await pair.outcomes(Status.BLOCKED) == []


async def test_the_second_run_over_the_real_customers_is_silent(
    pair: Pair, recorded: dict[str, Body]
) -> None:
    pair.company.load("Customer", recorded.values())
    await pair.begin("contacts", "products", "invoices")
    await pair.run()
    contacts, customers = pair.portal.all("contacts"), pair.company.all("Customer")

    planned = await pair.plan()
    second = await pair.run()

    assert planned == {}
    assert (second.planned, second.writes, second.pending) == ({}, 0, 0)
    assert pair.portal.all("contacts") == contacts
    assert pair.company.all("Customer") == customers
    assert pair.written_to_quickbooks() == {}


async def test_an_address_added_to_a_real_customer_brings_it_over(
    pair: Pair, recorded: dict[str, Body]
) -> None:
    pair.company.load("Customer", recorded.values())
    await pair.begin("contacts", "products", "invoices")
    await pair.run()
    lonely = next(c for c in recorded.values() if not _email(c) and _parent(c) is None)

    pair.edit_customer(lonely["Id"], PrimaryEmailAddr={"Address": "araborn@example.com"})
    await pair.run()

    contact = pair.contact_of("araborn@example.com")
    assert contact["ledgerbridge_key"] == f"{REALM_ID}:customer:{lonely['Id']}"
