"""Invoices and payments whose customer comes to HubSpot later than they were first looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledgerbridge.service import matching
from support.pair import Pair

REFUSED, MENDED = "ada@nowhere.invalid", "ada@example.com"


def receives(pair: Pair, customer: str, amount: int) -> None:
    """The company receives money that settles nothing yet."""
    pair.company.create("Payment", {"CustomerRef": {"value": customer}, "TotalAmt": amount})


async def test_an_unapplied_payment_follows_once_its_customer_is_in_hubspot(pair: Pair) -> None:
    await pair.begin()
    ada = pair.customer("Ada Poe", REFUSED)
    receives(pair, ada, 40)
    await pair.run()
    assert pair.portal.all("commerce_payments") == []

    pair.edit_customer(ada, PrimaryEmailAddr={"Address": MENDED})
    await pair.run()

    (payment,) = pair.portal.all("commerce_payments")
    assert payment["hs_initial_amount"] == "40"
    assert (await pair.run()).writes == 0


async def test_what_a_sub_customer_is_billed_and_pays_follows_the_customer_above_it(
    pair: Pair,
) -> None:
    await pair.begin()
    ada = pair.customer("Ada Poe", REFUSED)
    roof = pair.customer("Roof", Job=True, ParentRef={"value": ada})
    pair.invoice(roof, pair.item("Hours"))
    receives(pair, roof, 40)
    await pair.run()
    assert pair.mirrors() == []

    pair.edit_customer(ada, PrimaryEmailAddr={"Address": MENDED})
    await pair.run()

    assert len(pair.mirrors()) == 1
    assert len(pair.portal.all("commerce_payments")) == 1
    assert (await pair.run()).writes == 0


async def test_what_a_customer_is_billed_and_pays_follows_once_a_person_says_who_it_is(
    pair: Pair,
) -> None:
    await pair.begin()
    number = "(415) 555-0111"
    pair.contact("ada.poe@example.org", firstname="Ada", lastname="Poe", phone=number)
    named = {"GivenName": "Ada", "FamilyName": "Poe"}
    phone = {"PrimaryPhone": {"FreeFormNumber": number}}
    ada = pair.customer("Ada Poe", MENDED, **named, **phone)
    pair.invoice(ada, pair.item("Hours"))
    receives(pair, ada, 40)
    await pair.run()
    assert pair.mirrors() == []

    await pair.store.write(matching.accept, "contacts", ada, pair.clock.now())
    await pair.run()

    assert len(pair.mirrors()) == 1
    assert len(pair.portal.all("commerce_payments")) == 1
    assert (await pair.run()).writes == 0


@pytest.fixture
def companies_do(tmp_path: Path) -> Pair:
    """A portal that opens an invoice for a company alone."""
    pair = Pair(tmp_path)
    pair.hubspot.set_switches(open_invoice_without_contact=True)
    return pair


async def test_what_a_business_is_billed_and_pays_follows_once_its_company_is_known(
    companies_do: Pair,
) -> None:
    pair = companies_do
    await pair.begin()
    first, _ = (pair.portal.create("companies", {"name": "Poe & Sons"}) for _ in range(2))
    poe = pair.customer("Poe & Sons")
    pair.invoice(poe, pair.item("Hours"))
    receives(pair, poe, 40)
    await pair.run()
    assert pair.mirrors() == []

    await pair.store.write(
        matching.pair_by_hand, "companies", poe, first["hs_object_id"], pair.clock.now()
    )
    await pair.run()

    assert len(pair.mirrors()) == 1
    assert len(pair.portal.all("commerce_payments")) == 1
    assert (await pair.run()).writes == 0
