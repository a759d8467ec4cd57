"""What becomes of a customer (business-rules.md, who is whom)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
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

from ledgerbridge.core.filters import Condition, Filter
from ledgerbridge.core.model import LinkStatus, Record, State
from ledgerbridge.core.plan import Attached, Planned, Status, WriteKind
from ledgerbridge.core.planning import waits_to_lean
from ledgerbridge.syncs.contact_situations import CustomerSituation, Partner
from ledgerbridge.syncs.contacts import derive, plan_customer
from ledgerbridge.syncs.identity import match_keys, owner

RULES = rules_of("contacts")
JANE = "jane@example.com"
ACTIVE_ONLY = Filter(groups=((Condition(field="Active", operator="is", value="true"),),))


def nothing_near(contact: Record, association: str) -> Sequence[Record]:
    """No contact has an invoice or a payment of HubSpot's own."""
    return ()


def own_invoice(contact: Record, association: str) -> Sequence[Record]:
    """Every contact has an invoice that was made in HubSpot."""
    if association != "invoices":
        return ()
    return (Record("invoices", "500", "v1", {"hs_invoice_source": "HubSpot"}),)


def plan(record: Record, *partners: Partner, **options: Any) -> Planned:
    """The plan for one customer; `partners` are the contacts that it might be."""
    rules = options.pop("rules", RULES)
    around: dict[str, Any] = {
        "customer": record,
        "link": None,
        "contact": None,
        "same_email": (record,),
        "partners": partners,
        "associated": nothing_near,
        **options,
    }
    return plan_customer(rules, CustomerSituation(**around))


def attached(planned: Planned) -> Attached:
    """The one attachment of a plan that has nothing else."""
    assert planned == Planned(attached=planned.attached)
    (only,) = planned.attached
    return only


def test_the_lowest_id_active_top_level_customer_owns_a_shared_email() -> None:
    sub = customer("3", JANE, parent="1")
    inactive = customer("5", JANE, state=State.INACTIVE)
    ninth, tenth = customer("9", JANE), customer("10", JANE)
    for order in permutations((sub, inactive, ninth, tenth)):
        assert owner(order) == ninth
    assert owner((sub, inactive)) == inactive
    assert owner((sub,)) == sub
    assert owner(()) is None


@settings(deadline=None)
@given(st.lists(st.integers(1, 10**9), min_size=1, unique=True), st.randoms())
def test_exactly_one_of_several_customers_owns_their_email(ids: list[int], random: Any) -> None:
    customers = [customer(str(each), JANE) for each in ids]
    random.shuffle(customers)
    found = owner(customers)
    assert found is not None
    assert int(found.id) == min(ids)


def test_another_customer_with_the_same_email_leans_on_the_owner() -> None:
    first, second = customer("9", JANE), customer("10", "Jane@Example.com")
    leaning = attached(plan(second, Partner(contact("1", JANE), None), same_email=(second, first)))
    assert (leaning.record_id, leaning.to) == ("10", "9")
    assert leaning.reason == "shares its e-mail with customer 9, which owns it"


def test_an_inactive_customer_owns_nothing_while_an_active_one_shares_its_email() -> None:
    old, new = customer("9", JANE, state=State.INACTIVE), customer("10", JANE)
    assert attached(plan(old, same_email=(old, new))).to == "10"


def test_an_inactive_customer_travels_and_says_that_it_is_inactive() -> None:
    made = operation(plan(customer("9", JANE, state=State.INACTIVE)))
    assert made.fields["ledgerbridge_active"] == "false"


def test_a_sub_customer_leans_on_its_nearest_ancestor_that_can_have_a_contact() -> None:
    sub = customer("3", "site@example.com", parent="2")
    middle = customer("2", JANE, parent="1")
    top = customer("1", "boss@example.com")
    leaning = attached(plan(sub, ancestors=(middle, top)))
    assert (leaning.record_id, leaning.to) == ("3", "1")
    assert leaning.reason == "sub-customer of customer 1"


def test_a_sub_customer_below_no_email_is_excluded_with_the_parent_as_the_remedy() -> None:
    sub = customer("3", "site@example.com", parent="1")
    found = outcome(plan(sub, ancestors=(customer("1"),)))
    assert (found.status, found.code) == (Status.EXCLUDED, "parent_without_contact")
    assert "parent customer" in found.remedy


def test_a_customer_without_email_is_excluded_with_that_reason() -> None:
    for nothing in (None, "", "  "):
        found = outcome(plan(customer("9", nothing)))
        assert (found.side, found.record_id) == (QUICKBOOKS, "9")
        assert (found.status, found.code) == (Status.EXCLUDED, "no_email")
        assert "Add an e-mail address" in found.remedy


def test_a_customer_without_a_contact_gets_one_with_its_key() -> None:
    made = operation(plan(customer("9", JANE, GivenName="Jane", Balance="12.5", CurrencyRef="USD")))
    assert (made.side, made.kind, made.partner) == (HUBSPOT, WriteKind.CREATE, "9")
    assert made.fields == {
        "ledgerbridge_key": key("customer", "9"),
        "email": JANE,
        "firstname": "Jane",
        "ledgerbridge_balance": "12.5",
        "ledgerbridge_active": "true",
        "ledgerbridge_currency": "USD",
        "ledgerbridge_path": "Customer 9",
        "ledgerbridge_origin": "live",
    }


def test_of_several_emails_in_one_field_the_first_is_the_persons() -> None:
    made = operation(plan(customer("9", f"{JANE}, office@example.com")))
    assert made.fields["email"] == JANE


def test_a_contact_that_alone_has_the_email_is_the_one() -> None:
    planned = plan(customer("9", JANE), Partner(contact("1", "JANE@example.com"), None))
    (made,) = planned.links
    assert (made.hubspot_id, made.quickbooks_id) == ("1", "9")
    assert made.reason == "matched by e-mail"
    assert [each.kind for each in planned.operations] == [WriteKind.UPDATE]


def test_a_contact_that_carries_our_key_is_the_one_whatever_its_email() -> None:
    mine = contact("1", "old@example.com", ledgerbridge_key=key("customer", "9"))
    planned = plan(customer("9", JANE), Partner(contact("2", JANE), None), Partner(mine, None))
    (made,) = planned.links
    assert (made.hubspot_id, made.reason) == ("1", "matched by our key")


def test_a_contact_that_carries_another_key_is_never_paired() -> None:
    other = contact("1", JANE, ledgerbridge_key=key("customer", "8"))
    found = outcome(plan(customer("9", JANE), Partner(other, None)))
    assert (found.status, found.code) == (Status.CASE, "ambiguous_match")
    assert "contact 1" in found.message


def test_a_contact_that_is_paired_already_is_not_paired_again() -> None:
    taken = contact("1", JANE)
    elsewhere = pair("contacts", taken, customer("8", JANE))
    found = outcome(plan(customer("9", JANE), Partner(taken, elsewhere)))
    assert found.code == "ambiguous_match"
    mine = contact("1", JANE, ledgerbridge_key=key("customer", "9"))
    assert outcome(plan(customer("9", JANE), Partner(mine, elsewhere))).code == "ambiguous_match"


def test_of_two_contacts_with_the_email_none_is_paired() -> None:
    partners = [Partner(contact(each, JANE), None) for each in ("2", "1")]
    found = outcome(plan(customer("9", JANE), *partners))
    assert found.code == "ambiguous_match"
    assert "contact 1, 2" in found.message


def test_an_owner_may_switch_matching_off() -> None:
    found = Partner(contact("1", JANE), None)
    mine = Partner(contact("2", JANE, ledgerbridge_key=key("customer", "9")), None)
    unmatched = rules_of("contacts", matching=())
    made = operation(plan(customer("9", JANE), found, mine, rules=unmatched))
    assert made.kind is WriteKind.CREATE
    by_key = rules_of("contacts", matching=("key",))
    assert plan(customer("9", JANE), found, mine, rules=by_key).links[0].hubspot_id == "2"
    by_email = rules_of("contacts", matching=("email",))
    assert plan(customer("9", JANE), found, rules=by_email).links[0].hubspot_id == "1"


def test_a_customer_outside_the_filter_gets_no_contact() -> None:
    filtered = rules_of("contacts", to_hubspot=ACTIVE_ONLY)
    gone = customer("9", JANE, state=State.INACTIVE)
    found = outcome(plan(gone, rules=filtered))
    assert (found.status, found.code) == (Status.EXCLUDED, "filtered_out")


def test_a_customer_outside_the_filter_is_paired_with_a_contact_that_may_travel_itself() -> None:
    filtered = rules_of("contacts", to_hubspot=ACTIVE_ONLY)
    gone, partner = customer("9", JANE, state=State.INACTIVE), Partner(contact("1", JANE), None)
    assert plan(gone, partner, rules=filtered).links == ()
    planned = plan(gone, partner, rules=filtered, associated=own_invoice)
    assert planned.links[0].hubspot_id == "1"


def test_a_customer_and_the_contact_of_its_email_are_both_told_why_neither_travels() -> None:
    filtered = rules_of("contacts", to_hubspot=ACTIVE_ONLY)
    gone, partner = customer("9", JANE, state=State.INACTIVE), Partner(contact("1", JANE), None)
    theirs, ours = plan(gone, partner, rules=filtered).outcomes
    assert (theirs.side, theirs.record_id, theirs.code) == (QUICKBOOKS, "9", "filtered_out")
    assert (ours.side, ours.record_id, ours.code) == (HUBSPOT, "1", "filtered_out")
    assert "Active" in theirs.message
    assert "invoices" in ours.message


def test_a_linked_pair_travels_while_either_record_passes_its_filter_else_it_freezes() -> None:
    filtered = rules_of("contacts", to_hubspot=ACTIVE_ONLY)
    ours = contact("1", JANE, ledgerbridge_active="true")
    theirs = customer("9", JANE, state=State.INACTIVE)
    link = pair("contacts", ours, replace(theirs, fields={**theirs.fields, "Active": "true"}))
    around: dict[str, Any] = {"link": link, "contact": ours, "rules": filtered}
    found = outcome(plan(theirs, **around))
    assert (found.status, found.code) == (Status.EXCLUDED, "left_scope")
    moving = plan(theirs, **around, associated=own_invoice)
    assert operation(moving).fields == {"ledgerbridge_active": "false"}


def test_a_linked_pair_is_brought_in_step_even_if_its_email_is_shared_now() -> None:
    ours, theirs = contact("1", JANE), customer("9", JANE)
    link = pair("contacts", ours, theirs)
    moved = replace(theirs, fields={**theirs.fields, "GivenName": "Jane"})
    planned = plan(moved, link=link, contact=ours, same_email=(customer("2", JANE), moved))
    assert operation(planned).fields == {"firstname": "Jane"}


def test_a_dead_link_stays_dead_and_says_why() -> None:
    ours, theirs = contact("1", JANE), customer("9", JANE)
    dead = replace(
        pair("contacts", ours, theirs), status=LinkStatus.DEAD, reason="deleted in HubSpot"
    )
    found = outcome(plan(theirs, Partner(contact("2", JANE), None), link=dead, contact=ours))
    assert (found.code, found.message) == ("link_ended", "deleted in HubSpot")


def test_a_pair_whose_contact_was_never_read_waits_for_it() -> None:
    theirs = customer("9", JANE)
    found = outcome(plan(theirs, link=pair("contacts", contact("1", JANE), theirs)))
    assert (found.status, found.blocked_on) == (Status.BLOCKED, "hubspot-contact:1")


def test_a_leaning_customer_waits_for_the_one_it_leans_on() -> None:
    found = waits_to_lean("contacts", "10", "9")
    assert (found.status, found.blocked_on) == (Status.BLOCKED, "contacts:9")
    assert "record 9" in found.message


def test_a_customer_is_found_by_its_first_email_its_key_and_its_name() -> None:
    keys = match_keys(
        QUICKBOOKS, customer("9", "Jane@Example.com, b@example.com", DisplayName="Acme (deleted)")
    )
    assert keys == (
        ("email", JANE),
        ("key", key("customer", "9")),
        ("name", "acme"),
        ("person", "acme"),
    )
    nobody = Record("Customer", "9", "0", {})
    assert match_keys(QUICKBOOKS, nobody) == ()


def test_a_contact_is_found_by_all_its_emails_and_its_key() -> None:
    found = contact("1", "Jane@Example.com", hs_additional_emails="b@example.com;jane@example.com")
    assert match_keys(HUBSPOT, found) == (("email", JANE), ("email", "b@example.com"))
    keyed = contact("1", None, ledgerbridge_key="k")
    assert match_keys(HUBSPOT, keyed) == (("key", "k"),)


def test_a_pair_of_old_that_is_out_of_scope_is_linked_and_frozen() -> None:
    rules = rules_of("contacts", to_hubspot=ACTIVE_ONLY)
    gone_quiet = replace(
        customer("7", JANE), fields={**customer("7", JANE).fields, "Active": "false"}
    )
    partner = contact("300", JANE)
    partner = replace(partner, fields={**partner.fields, "ledgerbridge_key": key("customer", "7")})
    planned = plan_customer(
        rules,
        CustomerSituation(
            customer=gone_quiet,
            link=None,
            contact=None,
            partners=(Partner(partner, None),),
            associated=nothing_near,
        ),
    )
    assert [made.hubspot_id for made in planned.links] == ["300"]
    assert planned.operations == ()
    assert [each.code for each in planned.outcomes] == ["left_scope"]


def test_terms_are_shown_by_name_and_an_inactive_path_without_its_suffix() -> None:
    inactive = replace(
        customer("7", JANE),
        fields={
            **customer("7", JANE).fields,
            "SalesTermRef": "3",
            "FullyQualifiedName": "Jane (deleted)",
        },
    )
    derived = derive(inactive, {"3": "Net 30"})
    assert derived.fields["@terms"] == "Net 30"
    assert derived.fields["FullyQualifiedName"] == "Jane"
    assert derive(customer("8", JANE), {}).fields["@terms"] is None
