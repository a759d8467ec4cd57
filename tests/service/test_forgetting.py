"""Whoever was forgotten is known again, and nothing else is kept of them."""

from __future__ import annotations

import sqlite3

import pytest
from msgspec import structs

from ledgerbridge.core.erasure import REDACTED
from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import Status
from ledgerbridge.errors import Interlock, StoreProblem, UsageError
from ledgerbridge.service.erasing import check_key
from ledgerbridge.service.forgetting import ForgetReport, forget
from ledgerbridge.service.history import Wanted, entries_report
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.reconciling import reconcile
from ledgerbridge.store import journal
from ledgerbridge.store.secrets import Secrets
from support.pair import Countdown, Pair, to_hubspot


class Died(BaseException):
    """The process ends in the middle of something."""


EMAIL, PHONE, STREET, MEMO = "zelda@example.com", "555 0177", "7 Elm Street", "For Zelda's wedding"
PRIVATE = ("zelda", "Zelda", "0177", "Elm Street", "Moreno", "wedding")


async def _forget(pair: Pair, who: tuple[Side, str] | str, *, do: bool = True) -> ForgetReport:
    secrets, now = pair.shop().secrets, pair.clock.now()
    return await pair.store.write(forget, who, secrets, now, do=do)


def _person(pair: Pair) -> tuple[str, str]:
    """Zelda Moreno with an invoice that she has paid in part; the ids of both."""
    customer = pair.customer(
        "Zelda Moreno",
        EMAIL,
        GivenName="Zelda",
        FamilyName="Moreno",
        PrimaryPhone={"FreeFormNumber": PHONE},
        BillAddr={"Line1": STREET, "City": "Salem"},
    )
    invoice = pair.invoice(customer, pair.item("Hours"), CustomerMemo={"value": MEMO})
    line = {"Amount": 5, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}
    payment = {"CustomerRef": {"value": customer}, "TotalAmt": 5, "Line": [line]}
    pair.company.create("Payment", payment)
    return customer, invoice


async def _synced(pair: Pair) -> tuple[str, str]:
    """Both sides in step; the ids of Zelda's customer and contact."""
    customer, _ = _person(pair)
    await pair.begin()
    await pair.run()
    contact = pair.contact_of(EMAIL)["hs_object_id"]
    pair.portal.update("contacts", contact, {"phone": "555 0178 Zelda"})
    await pair.run()
    return customer, contact


def _stored_words(pair: Pair) -> set[str]:
    """Which of the private words are anywhere in the database."""
    with sqlite3.connect(pair.store.path) as raw:
        text = "\n".join(
            repr(row)
            for (table,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            for row in raw.execute(f"SELECT * FROM {table}")
        )
    return {word for word in PRIVATE if word in text}


@pytest.mark.parametrize("by", ["contact", "customer", "email"])
async def test_nothing_of_a_forgotten_person_is_left_in_the_database(pair: Pair, by: str) -> None:
    customer, contact = await _synced(pair)
    assert _stored_words(pair) == set(PRIVATE)
    who: tuple[Side, str] | str = {
        "contact": (Side.HUBSPOT, contact),
        "customer": (Side.QUICKBOOKS, customer),
        "email": f" {EMAIL.upper()}",
    }[by]  # type: ignore[assignment]

    report = await _forget(pair, who)

    assert _stored_words(pair) == set()
    assert report.contacts == (f"hubspot:{contact}",)
    assert report.customers == (f"quickbooks:{customer}",)
    assert report.transactions == 2  # the invoice and the payment
    assert report.forgotten


async def test_a_reason_in_the_history_that_names_a_forgotten_person_is_forgotten(
    pair: Pair,
) -> None:
    _, contact = await _synced(pair)
    written = await pair.store.read(journal.writes_to, Side.HUBSPOT, [contact])
    told = structs.replace(written[-1], changes={}, reason="matched Zelda Moreno by her address")
    await pair.store.write(journal.enter, [told])

    await _forget(pair, EMAIL)

    assert _stored_words(pair) == set()
    after = await pair.store.read(journal.writes_to, Side.HUBSPOT, [contact])
    assert [one.operation for one in after] == [*(one.operation for one in written), told.operation]
    assert after[-1].reason == REDACTED


async def test_nothing_of_a_forgotten_person_comes_back_by_being_seen_again(pair: Pair) -> None:
    customer, contact = await _synced(pair)
    await _forget(pair, (Side.HUBSPOT, contact))

    pair.edit_customer(customer, FamilyName="Moreno", Mobile={"FreeFormNumber": "555 01770"})
    pair.portal.update("contacts", contact, {"lastname": "Moreno", "city": "Elm Street"})
    (mirror,) = pair.mirrors()
    pair.portal.update("invoices", mirror["hs_object_id"], {"hs_comments": MEMO})
    await pair.run()

    assert _stored_words(pair) == set()


async def test_a_forgotten_person_is_never_made_again(pair: Pair) -> None:
    customer, contact = await _synced(pair)
    await _forget(pair, (Side.HUBSPOT, contact))
    pair.portal.archive("contacts", contact)

    pair.edit_customer(customer, GivenName="Adele")
    again = pair.customer("Zelda M.", EMAIL)
    invoice = pair.invoice(customer, pair.item("Days"))
    result = await pair.run()

    assert pair.emails() == []
    assert result.writes == 1  # the product
    assert len(pair.mirrors()) == 1
    erased = {(o.side, o.record_id) for o in await pair.outcomes(Status.EXCLUDED)}
    expected = {(Side.QUICKBOOKS, x) for x in (customer, again, invoice)}
    assert expected <= erased
    assert {o.code for o in await pair.outcomes(Status.EXCLUDED) if o.record_id == again} == {
        "erased"
    }


async def test_forgetting_writes_to_neither_side(pair: Pair) -> None:
    _, contact = await _synced(pair)
    before = pair.company.all("Customer"), pair.portal.all("contacts"), pair.portal.all("invoices")
    sent = len(pair.transport.sent)

    await _forget(pair, (Side.HUBSPOT, contact))
    assert len(pair.transport.sent) == sent
    await pair.run()

    after = pair.company.all("Customer"), pair.portal.all("contacts"), pair.portal.all("invoices")
    assert after == before


async def test_a_contact_of_a_forgotten_person_becomes_no_customer(pair: Pair) -> None:
    await pair.begin()
    await _forget(pair, "jane@example.com")

    pair.contact("Jane@Example.com", qualifies=True, firstname="Jane", lastname="Doe")
    await pair.run()

    assert pair.names() == []


async def test_the_history_says_what_was_written_and_not_what_it_was(pair: Pair) -> None:
    _, contact = await _synced(pair)
    before = await pair.store.read(
        entries_report, 100, Wanted(record=(Side.HUBSPOT, contact)), values=True
    )

    await _forget(pair, (Side.HUBSPOT, contact))

    after = await pair.store.read(
        entries_report, 100, Wanted(record=(Side.HUBSPOT, contact)), values=True
    )
    assert [one.fields for one in after.entries] == [one.fields for one in before.entries]
    values = {v for one in after.entries for pair_ in (one.values or {}).values() for v in pair_}
    assert values == {REDACTED}


async def test_everybody_else_goes_on(pair: Pair) -> None:
    await _synced(pair)
    bob = pair.customer("Bob Stone", "bob@example.com", GivenName="Bob")
    await pair.run()
    await _forget(pair, EMAIL)

    pair.edit_customer(bob, GivenName="Robert")
    await pair.run()

    assert pair.contact_of("bob@example.com")["firstname"] == "Robert"
    assert (await pair.run()).writes == 0


async def test_what_would_be_forgotten_is_told_first(pair: Pair) -> None:
    customer, contact = await _synced(pair)

    report = await _forget(pair, (Side.QUICKBOOKS, customer), do=False)

    assert not report.forgotten
    assert report.entries is None
    assert report.contacts == (f"hubspot:{contact}",)
    assert _stored_words(pair) == set(PRIVATE)


async def test_sub_customers_of_a_forgotten_person_are_forgotten_too(pair: Pair) -> None:
    customer, _ = await _synced(pair)
    job = pair.customer("Zelda's kitchen", ParentRef={"value": customer}, Job=True)
    await pair.run()

    report = await _forget(pair, EMAIL)

    assert set(report.customers) == {f"quickbooks:{customer}", f"quickbooks:{job}"}
    assert _stored_words(pair) == set()


async def test_the_company_of_a_forgotten_person_lives_on_as_it_is(pair: Pair) -> None:
    firm = pair.customer("Stone Ltd", "office@stone.example", CompanyName="Stone Ltd")
    person = pair.customer("Zelda Moreno", EMAIL, GivenName="Zelda", CompanyName="Stone Ltd")
    await pair.begin()
    await pair.run()
    before = pair.portal.all("companies")
    assert [one["name"] for one in before] == ["Stone Ltd"]

    await _forget(pair, (Side.QUICKBOOKS, firm))
    await _forget(pair, EMAIL)
    pair.edit_customer(firm, CompanyName="Stone and Sons")
    result = await pair.run()

    assert result.writes == 0
    assert pair.portal.all("companies") == before
    erased = {one.record_id for one in await pair.outcomes(Status.EXCLUDED) if one.code == "erased"}
    assert {firm, person} <= erased


def _deal(pair: Pair, contact: str) -> str:
    today = pair.clock.now().date().isoformat()
    won = {"dealstage": "closedwon", "pipeline": "default", "closedate": f"{today}T12:00:00Z"}
    properties = {"dealname": "Kitchen", "amount": "500", **won}
    made = pair.portal.create("deals", properties, [("contacts", contact)])
    return str(made["hs_object_id"])


async def test_a_deal_keeps_what_a_forgotten_person_was_billed(pair: Pair) -> None:
    contact = pair.contact(EMAIL)
    deal = _deal(pair, contact)
    _person(pair)
    await pair.begin()
    await pair.run()
    before = pair.portal.get("deals", deal)
    assert before is not None
    assert before["ledgerbridge_invoiced"] == "20"

    await _forget(pair, EMAIL)
    pair.portal.update("deals", deal, {"description": "won at last"})
    result = await pair.run()

    assert result.writes == 0
    after = pair.portal.get("deals", deal)
    assert after is not None
    assert after["ledgerbridge_invoiced"] == "20"
    assert _stored_words(pair) == set()


async def test_a_pair_that_takes_the_address_of_a_forgotten_person_only_rests(pair: Pair) -> None:
    jane = pair.customer("Jane Doe", "jane@example.com", GivenName="Jane", FamilyName="Doe")
    await pair.begin("contacts")
    await pair.run()
    await _forget(pair, EMAIL)
    before = pair.company.get("Customer", jane)
    contact = pair.contact_of("jane@example.com")["hs_object_id"]

    pair.portal.update("contacts", contact, {"email": EMAIL, "firstname": "Janet"})
    await pair.run()

    assert pair.company.get("Customer", jane) == before
    assert {one.code for one in await pair.outcomes(Status.EXCLUDED)} == {"erased"}
    pair.portal.update("contacts", contact, {"email": "janet@example.com"})
    await pair.run()
    assert pair.names() == ["Jane Doe"]
    after = pair.company.get("Customer", jane)
    assert after is not None
    assert after["GivenName"] == "Janet"


async def test_a_merge_with_a_forgotten_contact_brings_nothing_back(pair: Pair) -> None:
    _, contact = await _synced(pair)
    pair.customer("Jane Doe", "jane@example.com", GivenName="Jane")
    await pair.run()
    other = pair.contact_of("jane@example.com")["hs_object_id"]
    await _forget(pair, (Side.HUBSPOT, contact))
    before = pair.company.all("Customer")

    pair.portal.merge("contacts", other, contact)
    await pair.run()
    pair.pass_time(100_000)
    await pair.run()

    assert pair.company.all("Customer") == before
    assert len(pair.portal.all("contacts")) == 1
    assert _stored_words(pair) == set()


async def test_no_case_is_left_about_a_forgotten_person(pair: Pair) -> None:
    contact = pair.contact(EMAIL)
    for _ in range(2):
        _deal(pair, contact)
    _person(pair)
    await pair.begin()
    await pair.run()
    assert [one.code for one in await pair.outcomes(Status.CASE)] == ["which_deal"]

    await _forget(pair, EMAIL)
    await pair.run()

    assert await pair.outcomes(Status.CASE) == []


async def test_the_reconciliation_says_why_the_invoices_of_a_forgotten_person_differ(
    pair: Pair,
) -> None:
    customer, invoice = _person(pair)
    await pair.begin()
    await pair.run()
    await _forget(pair, EMAIL)
    line = {"Amount": 15, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}
    payment = {"CustomerRef": {"value": customer}, "TotalAmt": 15, "Line": [line]}
    pair.company.create("Payment", payment)
    await pair.run()

    report = await reconcile(await open_world(pair.shop()))

    (difference,) = report.compared.differences
    assert difference.invoice == invoice
    assert difference.message.startswith("erased")


async def test_a_plan_that_waits_holds_nothing_of_a_forgotten_person(pair: Pair) -> None:
    _person(pair)
    await pair.begin()
    await pair.plan()
    assert "Moreno" in _stored_words(pair)

    await _forget(pair, EMAIL)

    assert _stored_words(pair) == set()
    assert {name for name in await pair.plan() if name.startswith(("contacts", "invoices"))} == (
        set()
    )


async def test_a_write_on_its_way_is_settled_before_its_person_is_forgotten(pair: Pair) -> None:
    _person(pair)
    await pair.begin()

    def die() -> None:
        raise Died

    pair.transport.on_send = Countdown(to_hubspot("contacts/batch/create"), 1, die)
    with pytest.raises(BaseExceptionGroup):
        await pair.run()

    with pytest.raises(Interlock, match="ledgerbridge run"):
        await _forget(pair, EMAIL)
    await pair.run()
    await _forget(pair, EMAIL)

    assert _stored_words(pair) == set()


async def test_another_key_is_noticed_before_anybody_is_made_again(pair: Pair) -> None:
    await _synced(pair)
    await _forget(pair, EMAIL)
    other = Secrets(b"o" * 32, "another key", pair.clock)
    _, connected = await pair.connect_hubspot(), await pair.connect_quickbooks()

    with pytest.raises(StoreProblem, match="Bring back the key"):
        await pair.store.read(check_key, {Side.QUICKBOOKS: connected.connection.id}, other)


@pytest.mark.parametrize("text", ["", "Zelda Moreno", "zelda@example.com bob@example.com"])
async def test_what_is_no_address_names_nobody(pair: Pair, text: str) -> None:
    await pair.begin()

    with pytest.raises(UsageError, match="Nothing was forgotten"):
        await _forget(pair, text)
