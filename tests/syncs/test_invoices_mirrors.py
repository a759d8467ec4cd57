"""Invoices from QuickBooks as HubSpot invoices: what the header shows, and where it belongs."""

from __future__ import annotations

import pytest
from invoice_worlds import (
    RULES,
    header_of,
    invoice,
    invoice_rules,
    lines_of,
    linked,
    of_customer,
    plan,
    plan_changed,
    sale,
    with_transaction,
)
from msgspec.structs import replace
from sync_worlds import HUBSPOT, QUICKBOOKS, REALM, key, outcome

from ledgerbridge.core.definition import DeletionRule
from ledgerbridge.core.endings import plan_gone
from ledgerbridge.core.model import Link, LinkStatus, Record, State, Value
from ledgerbridge.core.order import Stage
from ledgerbridge.core.plan import Planned, Pointer, Status, WriteKind
from ledgerbridge.syncs.allocations import money
from ledgerbridge.syncs.companies import ASSOCIATED
from ledgerbridge.syncs.invoice_figures import payment_state, status
from ledgerbridge.syncs.invoice_places import CUSTOMER, ON_CONTACT
from ledgerbridge.syncs.invoices import DELETED_MIRROR, match_keys

KEY = key("invoice", "130")
CONTACT = Pointer(object_type="contacts", sync="contacts", partner_id="12")


def test_a_new_invoice_is_mirrored_without_billing_anybody() -> None:
    made = header_of(plan(invoice(EmailStatus="EmailSent", CustomerMemo="Thanks")))
    assert (made.side, made.kind, made.object_type) == (HUBSPOT, WriteKind.CREATE, "invoices")
    assert made.fields == {
        "hs_invoice_billable": "false",
        "ledgerbridge_key": KEY,
        "hs_number": "1037",
        "hs_invoice_date": "2026-05-05",
        "hs_due_date": "2026-06-04",
        "hs_currency": "USD",
        "hs_amount_billed": "275",
        "hs_balance_due": "275",
        "hs_invoice_status": "open",
        "hs_comments": "Thanks",
        "hs_external_invoice_id": f"{REALM}:130",
        "hs_external_createdate": "2026-05-05T09:02:05Z",
        "ledgerbridge_total": "275",
        "ledgerbridge_balance": "275",
        "ledgerbridge_original_total": "275",
        "ledgerbridge_payment_state": "unpaid",
        "ledgerbridge_part_paid": "false",
        "ledgerbridge_overdue": "false",
        "ledgerbridge_sent": "true",
        "ledgerbridge_deposit": "0",
        "ledgerbridge_tax": "0",
        "ledgerbridge_discount": "0",
        "ledgerbridge_not_in_lines": "0.00",
        "ledgerbridge_state": "live",
        "ledgerbridge_customer": "Jane Doe",
        "ledgerbridge_link": "https://app.qbo.intuit.com/app/invoice?txnId=130",
        "ledgerbridge_origin": "live",
    }


def test_a_new_invoice_belongs_to_the_contact_of_its_customer() -> None:
    made = header_of(plan(invoice()))
    assert made.points[0] == CONTACT
    assert made.points[0].required
    assert made.sources[CUSTOMER] == "12"


def test_an_invoice_whose_customer_has_no_contact_waits_for_it() -> None:
    found = outcome(plan(invoice(), reachable=frozenset()))
    assert (found.side, found.record_id) == (QUICKBOOKS, "130")
    assert (found.status, found.blocked_on) == (Status.BLOCKED, "contacts:12")
    assert "customer 12" in found.remedy


def test_an_invoice_from_before_the_sync_says_so_at_its_creation_and_never_after() -> None:
    enabled_later = invoice_rules(enabled_at="2026-05-05T09:02:06.500000+00:00")
    made = header_of(plan(invoice(), rules=enabled_later))
    assert made.fields["ledgerbridge_origin"] == "backfill"
    assert plan_changed(invoice(), invoice(), rules=enabled_later) == Planned()
    at_once = invoice_rules(enabled_at="2026-05-05T09:02:05+00:00")
    assert header_of(plan(invoice(), rules=at_once)).fields["ledgerbridge_origin"] == "live"


PART_PAID = invoice(balance="100")
PAID = with_transaction(invoice(balance="0"), "Payment")
CREDITED = with_transaction(invoice(balance="0"), "CreditMemo")
ESTIMATED = with_transaction(invoice(balance="0"), "Estimate")
DEPOSITED = invoice(balance="0", Deposit="275")
UNACCOUNTED = invoice(balance="0")
NOTHING_DUE = invoice(sale("1", "0"), total="0")
VOIDED = replace(NOTHING_DUE, state=State.VOIDED)


STATUSES = {
    "nothing was paid": (invoice(), "open", "unpaid"),
    "a part was paid": (with_transaction(PART_PAID, "Payment"), "open", "part paid"),
    "all was paid": (PAID, "paid", "paid"),
    "all was credited": (CREDITED, "paid", "paid"),
    "all was deposited": (DEPOSITED, "paid", "paid"),
    "nothing accounts for the balance": (UNACCOUNTED, "open", "part paid"),
    "an estimate accounts for no balance": (ESTIMATED, "open", "part paid"),
    "nothing was ever due": (NOTHING_DUE, "paid", "paid"),
    "it was voided": (VOIDED, "voided", "voided"),
    "it was voided after a payment": (replace(PAID, state=State.VOIDED), "voided", "voided"),
}


@pytest.mark.parametrize(("record", "shown", "in_words"), STATUSES.values(), ids=STATUSES)
def test_the_status_follows_balance_transactions_and_voiding(
    record: Record, shown: str, in_words: str
) -> None:
    assert status(record, None) == shown
    assert payment_state(record, shown) == in_words


def test_an_unsent_invoice_is_open_never_a_draft() -> None:
    fields = header_of(plan(invoice(EmailStatus="NotSet"))).fields
    assert (fields["hs_invoice_status"], fields["ledgerbridge_sent"]) == ("open", "false")


@pytest.mark.parametrize(
    ("text", "amount"), [("12.5", "12.5"), ("0", "0"), (None, "0"), ("", "0"), ("n/a", "0")]
)
def test_an_absent_amount_is_zero(text: Value, amount: str) -> None:
    assert str(money(text)) == amount


def test_an_invoice_in_step_costs_nothing() -> None:
    assert plan_changed(invoice(), invoice()) == Planned()


def test_a_payment_changes_what_the_header_shows_and_no_line() -> None:
    planned = plan_changed(invoice(), with_transaction(invoice(balance="0"), "Payment"))
    assert header_of(planned).fields == {
        "hs_balance_due": "0",
        "hs_invoice_status": "paid",
        "ledgerbridge_balance": "0",
        "ledgerbridge_payment_state": "paid",
    }
    assert lines_of(planned) == []


def test_a_voided_invoice_says_so_and_its_lines_stay_as_they_were() -> None:
    after = replace(invoice(sale("1", "0"), total="0", balance="0"), state=State.VOIDED)
    planned = plan_changed(invoice(), after)
    fields = header_of(planned).fields
    assert (fields["hs_invoice_status"], fields["ledgerbridge_state"]) == ("voided", "voided")
    assert lines_of(planned) == []


def test_an_invoice_that_moved_to_another_customer_moves_to_that_contact() -> None:
    left, joined = plan_changed(invoice(), of_customer(invoice(), "13")).operations
    arrival = replace(CONTACT, partner_id="13", gate=True)
    assert (left.kind, left.points) == (WriteKind.DISASSOCIATE, (CONTACT, arrival))
    assert (joined.kind, joined.stage) == (WriteKind.ASSOCIATE, Stage.LINES_AFTER)
    assert joined.points == (replace(CONTACT, partner_id="13"),)
    assert left.record_id == joined.record_id == "900"
    assert left.stage < joined.stage
    assert (left.sources, joined.sources) == ({}, {CUSTOMER: "13", ON_CONTACT: ASSOCIATED})


def test_a_pair_whose_customer_was_never_noted_is_not_moved() -> None:
    link, ours = linked(invoice())
    base = {name: value for name, value in link.base_quickbooks.items() if name != CUSTOMER}
    unknown = replace(link, base_quickbooks=base)
    planned = plan_changed(invoice(), of_customer(invoice(), "13"), link=unknown, mirror=ours)
    assert planned == Planned()


def test_an_invoice_in_a_currency_that_the_portal_lacks_is_failing_with_the_remedy() -> None:
    for planned in (
        plan(invoice(CurrencyRef="CHF")),
        plan_changed(invoice(), invoice(CurrencyRef="CHF")),
    ):
        found = outcome(planned)
        assert (found.status, found.code) == (Status.FAILING, "currency_not_enabled")
        assert "CHF" in found.message
        assert "Add CHF" in found.remedy


def test_where_currencies_are_unknown_or_unnamed_none_is_missing() -> None:
    assert plan(invoice(CurrencyRef="CHF"), rules=invoice_rules(currencies=())).operations
    assert plan(invoice(CurrencyRef=None)).operations


def test_an_invoice_from_before_the_filter_is_left_out() -> None:
    old = invoice(**{"MetaData.CreateTime": "2025-05-05T09:02:05Z"})
    found = outcome(plan(old))
    assert (found.status, found.code) == (Status.EXCLUDED, "filtered_out")


def test_a_linked_invoice_that_leaves_the_filter_freezes() -> None:
    old = invoice(balance="0", **{"MetaData.CreateTime": "2025-05-05T09:02:05Z"})
    assert outcome(plan_changed(invoice(), old)).code == "left_scope"


def test_a_dead_link_stays_dead_and_says_why() -> None:
    link, ours = linked(invoice())
    dead = replace(link, status=LinkStatus.DEAD, reason="deleted in HubSpot")
    found = outcome(plan(invoice(balance="0"), link=dead, mirror=ours))
    assert (found.code, found.message) == ("link_ended", "deleted in HubSpot")


def test_a_mirror_that_carries_our_key_is_adopted_and_a_number_is_no_evidence() -> None:
    theirs = invoice()
    mine = Record("invoices", "900", "v1", {"ledgerbridge_key": KEY, "hs_number": "1037"})
    other = Record("invoices", "901", "v1", {"hs_number": "1037"})
    (made,) = plan(theirs, mirrors=(other, mine)).links
    assert (made.hubspot_id, made.reason) == ("900", "matched by our key")
    assert header_of(plan(theirs, mirrors=(other,))).kind is WriteKind.CREATE
    unmatched = invoice_rules(matching=())
    assert header_of(plan(theirs, mirrors=(mine,), rules=unmatched)).kind is WriteKind.CREATE


def test_a_link_that_began_with_its_lines_goes_on_to_make_the_invoice() -> None:
    begun = Link(id="invoices-1/q130/1", hubspot_id=None, quickbooks_id="130")
    made = header_of(plan(invoice(), link=begun))
    assert (made.kind, made.link) == (WriteKind.CREATE, begun.id)


def test_a_pair_whose_mirror_was_never_read_waits_for_it() -> None:
    link, _ = linked(invoice())
    assert outcome(plan(invoice(), link=link)).blocked_on == "hubspot-invoice:900"


def test_an_invoice_deleted_in_quickbooks_becomes_a_voided_mirror_with_nothing_due() -> None:
    link, ours = linked(invoice())
    planned = plan_gone(
        RULES,
        link,
        QUICKBOOKS,
        evidence="CDC said Deleted",
        survivor=ours,
        mark_fields=DELETED_MIRROR,
    )
    (told,) = planned.operations
    assert told.kind is WriteKind.UPDATE
    assert told.fields == {
        "ledgerbridge_state": "deleted",
        "hs_invoice_status": "voided",
        "hs_balance_due": "0",
        "ledgerbridge_balance": "0",
    }
    assert told.ends
    nothing = invoice_rules(deletions=DeletionRule.NOTHING)
    left = plan_gone(nothing, link, QUICKBOOKS, evidence="CDC said Deleted", survivor=ours)
    assert left.operations == ()
    assert [each.link for each in left.ended] == [link.id]


def test_invoices_are_found_by_our_key_alone_and_by_the_day_they_are_due() -> None:
    assert match_keys(QUICKBOOKS, invoice()) == (("key", KEY), ("due", "2026-06-04"))
    mine = Record("invoices", "900", "v1", {"ledgerbridge_key": KEY, "hs_number": "1037"})
    assert match_keys(HUBSPOT, mine) == (("key", KEY),)
    others = Record("invoices", "901", "v1", {"hs_number": "A-1037"})
    assert match_keys(HUBSPOT, others) == (("number", "a-1037"),)
    assert match_keys(HUBSPOT, Record("invoices", "901", "v1", {})) == ()
