"""What becomes of a contact without a link, and what a customer made of it is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sync_worlds import (
    HUBSPOT,
    QUICKBOOKS,
    contact,
    customer,
    key,
    operation,
    outcome,
    pair,
    rules_of,
)

from ledgerbridge.core.mapping import Direction
from ledgerbridge.core.model import Record
from ledgerbridge.core.plan import Planned, Status, WriteKind
from ledgerbridge.core.values import text_key
from ledgerbridge.syncs.contact_situations import Claimant, ContactSituation
from ledgerbridge.syncs.contacts import plan_contact
from ledgerbridge.syncs.display_names import LENGTH_MAX, Taken, display_name

RULES = rules_of("contacts")
JANE = "jane@example.com"
OWN_INVOICE = Record("invoices", "500", "v1", {"hs_invoice_source": "HubSpot"})
OTHER_INVOICE = Record("invoices", "501", "v1", {"hs_invoice_source": "DATA_SYNC"})
PAYMENT = Record("commerce_payments", "600", "v1", {"hs_createdate": "2026-05-05T09:02:05Z"})


def taken_are(*names: str) -> Taken:
    """QuickBooks knows these names."""
    known = {text_key(name) for name in names}
    return lambda asked: frozenset(known & set(asked))


def plan(record: Record, *claimants: Claimant, **options: Any) -> Planned:
    """The plan for one contact; `near` are the HubSpot records associated with it."""
    near: Sequence[Record] = options.pop("near", (OWN_INVOICE,))
    situation = ContactSituation(
        contact=record,
        claimants=claimants,
        taken=options.pop("taken", taken_are()),
        associated=lambda _, kind: [each for each in near if each.object_type == kind],
    )
    return plan_contact(options.pop("rules", RULES), situation)


def test_a_contact_that_qualifies_becomes_a_customer() -> None:
    jane = contact("1", JANE, firstname="Jane", lastname="Doe", company="Acme", zip="62701")
    made = operation(plan(jane))
    assert (made.side, made.kind) == (QUICKBOOKS, WriteKind.CREATE)
    assert (made.link, made.partner) == ("contacts-1/h1/1", "1")
    assert made.fields == {
        "DisplayName": "Jane Doe",
        "PrimaryEmailAddr.Address": JANE,
        "GivenName": "Jane",
        "FamilyName": "Doe",
        "CompanyName": "Acme",
        "BillAddr.PostalCode": "62701",
    }


def test_an_invoice_of_hubspots_own_or_a_payment_qualifies_a_contact() -> None:
    assert plan(contact("1", JANE), near=(OWN_INVOICE,)).operations
    assert plan(contact("1", JANE), near=(PAYMENT,)).operations


def test_a_contact_without_business_of_its_own_stays_in_hubspot() -> None:
    for near in ((), (OTHER_INVOICE,)):
        found = outcome(plan(contact("1", JANE), near=near))
        assert (found.side, found.status) == (HUBSPOT, Status.EXCLUDED)
        assert found.code == "filtered_out"


def test_a_contact_without_email_is_excluded_with_that_reason() -> None:
    found = outcome(plan(contact("1", None, firstname="Jane")))
    assert (found.status, found.code) == (Status.EXCLUDED, "no_email")
    assert "Add an e-mail address" in found.remedy


def test_nothing_is_made_in_quickbooks_by_a_sync_that_only_reads_it() -> None:
    found = outcome(
        plan(contact("1", JANE), rules=rules_of("contacts", direction=Direction.TO_HUBSPOT))
    )
    assert found.message == "this sync does not write to QuickBooks"


def test_a_contact_with_a_strange_key_is_left_alone() -> None:
    found = outcome(plan(contact("1", JANE, ledgerbridge_key="1:customer:9")))
    assert (found.status, found.code) == (Status.EXCLUDED, "foreign_key")
    assert "ledgerbridge_key" in found.remedy


def test_a_pair_is_decided_from_the_side_of_its_customer() -> None:
    claimants = (Claimant(customer("10", JANE), None), Claimant(customer("9", JANE), None))
    assert plan(contact("1", JANE), *claimants) == Planned(look_again_at=((QUICKBOOKS, "9"),))
    keyed = contact("1", JANE, ledgerbridge_key=key("customer", "9"))
    assert plan(keyed, claimants[1]).look_again_at == ((QUICKBOOKS, "9"),)


def test_a_second_contact_for_a_customer_is_told_so() -> None:
    theirs = customer("9", JANE)
    linked = Claimant(theirs, pair("contacts", contact("2", JANE), theirs))
    found = outcome(plan(contact("1", JANE), linked))
    assert (found.status, found.code) == (Status.EXCLUDED, "customer_taken")
    assert "customer 9" in found.message


def test_the_email_of_a_sub_customer_makes_no_second_customer() -> None:
    found = outcome(plan(contact("1", JANE), Claimant(customer("9", JANE, parent="1"), None)))
    assert (found.status, found.code) == (Status.EXCLUDED, "belongs_to_sub_customer")


def test_without_matching_a_contact_is_judged_by_itself() -> None:
    unmatched = rules_of("contacts", matching=())
    claimant = Claimant(customer("9", JANE), None)
    assert operation(plan(contact("1", JANE), claimant, rules=unmatched)).side is QUICKBOOKS


def test_a_customer_is_called_after_the_person_then_the_business_then_the_address() -> None:
    free = taken_are()
    both = contact("1", JANE, firstname="Jane", lastname="Doe", company="Acme")
    assert display_name(both, free) == "Jane Doe"
    assert display_name(contact("1", JANE, lastname="Doe"), free) == "Doe"
    assert display_name(contact("1", JANE, company="Acme"), free) == "Acme"
    assert display_name(contact("1", JANE), free) == JANE


def test_on_collision_the_business_goes_first_then_numbers_count_up() -> None:
    jane = contact("1", JANE, firstname="Jane", lastname="Doe", company="Acme")
    assert display_name(jane, taken_are("jane  doe")) == "Acme – Jane Doe"
    both = ("Jane Doe", "ACME – Jane Doe")
    assert display_name(jane, taken_are(*both)) == "Acme – Jane Doe (2)"
    assert display_name(jane, taken_are(*both, "Acme – Jane Doe (2)")) == "Acme – Jane Doe (3)"


def test_a_person_without_a_business_is_numbered_at_once() -> None:
    jane = contact("1", JANE, firstname="Jane", lastname="Doe")
    assert display_name(jane, taken_are("Jane Doe")) == "Jane Doe (2)"


def test_a_name_of_spaces_or_refused_characters_is_no_name() -> None:
    assert display_name(contact("1", JANE, firstname=" ", company=":"), taken_are()) == JANE
    spaced = contact("1", JANE, firstname="Jane: ", lastname="Doe", company="\tAcme ")
    assert display_name(spaced, taken_are("Jane Doe")) == "Acme – Jane Doe"


def test_when_every_name_is_taken_the_contact_is_failing_with_a_remedy() -> None:
    found = outcome(plan(contact("1", JANE), taken=frozenset))
    assert (found.side, found.status, found.code) == (HUBSPOT, Status.FAILING, "no_free_name")
    assert found.remedy == "Rename the contact in HubSpot."


@settings(deadline=None)
@given(st.text(min_size=1), st.text(), st.text(max_size=600))
def test_a_display_name_is_one_that_quickbooks_takes(first: str, last: str, company: str) -> None:
    record = contact("1", JANE, firstname=first, lastname=last, company=company)
    for taken in (taken_are(), taken_are(display_name(record, taken_are()) or "")):
        name = display_name(record, taken)
        assert name
        assert not set(name) & set(":\t\n\r")
        assert len(name) <= LENGTH_MAX
        assert name == name.strip()
        assert text_key(name) not in taken([text_key(name)])
