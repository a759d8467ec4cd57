"""Deletions, exclusions and waiting: what a plan says where it writes little or nothing."""

from __future__ import annotations

from msgspec.structs import replace
from planning_worlds import HUBSPOT, QUICKBOOKS, contact, customer, rules, text

from ledgerbridge.core.definition import DeletionRule
from ledgerbridge.core.endings import plan_gone
from ledgerbridge.core.model import Link, LinkStatus, Record, Side, State, link_id
from ledgerbridge.core.plan import Ended, Planned, Status, WriteKind
from ledgerbridge.core.planning import (
    STATE_FIELD,
    Rules,
    blocked,
    excluded,
    failing,
    filtered_out,
)
from ledgerbridge.core.schema import Field, FieldType, Writable

MAPPINGS = [text("first")]
LINK = Link(id="sync-1/q12/1", hubspot_id="1", quickbooks_id="12")
READ_ONLY = Field(name="hs_balance_due", writable=Writable.NEVER)
OURS = [Field(name=STATE_FIELD), Field(name="hs_invoice_status"), READ_ONLY]
MARK = rules(MAPPINGS, OURS, deletions=DeletionRule.MARK)
EVIDENCE = "CDC said Deleted, and a read by id found nothing"


def gone_in_quickbooks(
    chosen: Rules, survivor: Record | None, **mark_fields: str | None
) -> Planned:
    """The plan for a pair whose QuickBooks half was deleted."""
    return plan_gone(
        chosen,
        LINK,
        QUICKBOOKS,
        evidence=EVIDENCE,
        survivor=survivor,
        mark_fields=dict(mark_fields),
    )


ENDED = Planned(ended=(Ended(link=LINK.id, reason=f"deleted in QuickBooks: {EVIDENCE}"),))


def test_the_rule_mark_tells_the_survivor_and_ends_the_link_with_it() -> None:
    planned = gone_in_quickbooks(MARK, contact(first="a"), hs_invoice_status="voided")
    (operation,) = planned.operations
    assert (operation.side, operation.kind) == (HUBSPOT, WriteKind.UPDATE)
    assert operation.fields == {STATE_FIELD: "deleted", "hs_invoice_status": "voided"}
    assert operation.expected == {STATE_FIELD: None, "hs_invoice_status": None}
    assert operation.ends == operation.reason == f"deleted in QuickBooks: {EVIDENCE}"
    assert planned.ended == ()


def test_a_mark_leaves_out_what_the_portal_does_not_let_us_write() -> None:
    planned = gone_in_quickbooks(MARK, contact(), hs_balance_due="0", unknown="0")
    assert planned.operations[0].fields == {STATE_FIELD: "deleted"}


def test_a_survivor_that_says_so_already_is_not_written_again() -> None:
    assert gone_in_quickbooks(MARK, contact(**{STATE_FIELD: "deleted"})) == ENDED


def test_the_rule_nothing_ends_the_link_and_writes_nothing() -> None:
    nothing = rules(MAPPINGS, OURS, deletions=DeletionRule.NOTHING)
    assert gone_in_quickbooks(nothing, contact()) == ENDED


def test_where_both_halves_are_gone_or_unknown_only_the_link_ends() -> None:
    assert gone_in_quickbooks(MARK, None) == ENDED
    for state in (State.ARCHIVED, State.DELETED):
        assert gone_in_quickbooks(MARK, Record("contacts", "1", "v1", {}, state=state)) == ENDED


def test_a_deletion_in_hubspot_never_writes_to_the_books() -> None:
    planned = plan_gone(MARK, LINK, HUBSPOT, evidence="archived", survivor=customer(First="a"))
    assert planned.operations == ()
    assert planned.ended == (Ended(link=LINK.id, reason="deleted in HubSpot: archived"),)


def test_the_rule_archive_keeps_a_value_that_never_was_in_step() -> None:
    chosen = rules(MAPPINGS, OURS, deletions=DeletionRule.ARCHIVE)
    link = replace(LINK, base_hubspot={"first": "a"})

    for pair, removed in ((link, 1), (LINK, 0)):
        planned = plan_gone(
            chosen, pair, QUICKBOOKS, evidence="gone", survivor=contact(first="a"), removes=True
        )
        assert len(planned.operations) == removed


def test_the_rule_archive_does_not_take_what_a_property_of_ours_never_showed_for_an_edit() -> None:
    balance = [Field(name=name, type=FieldType.MONEY) for name in ("balance", "Balance")]
    named = [text("first"), text("path"), text("balance")]
    chosen = rules(named, balance[:1], balance[1:], deletions=DeletionRule.ARCHIVE)
    first, *ours = chosen.mappings
    followed = [replace(mapping, clears=True) for mapping in ours]
    chosen = replace(chosen, mappings=(first, *followed))
    link = replace(LINK, base_quickbooks={"First": "a"})
    moved = replace(link, base_quickbooks={"First": "a", "Path": "a", "Balance": "0"})

    for pair, path, amount, removed in (
        (link, "a", "0", 1),
        (link, "a", "17", 0),
        (moved, "a", "0", 1),
        (moved, "b", "0", 0),
        (moved, "a", "17", 0),
    ):
        shown = customer(First="a", Path=path, Balance=amount)
        planned = plan_gone(
            chosen, pair, HUBSPOT, evidence="archived", survivor=shown, removes=True
        )
        assert len(planned.operations) == removed


def test_inactive_and_voided_records_are_still_there() -> None:
    assert [state for state in State if state.gone] == [State.ARCHIVED, State.DELETED]


def test_a_record_that_never_travelled_and_a_pair_that_froze_say_different_things() -> None:
    (never,) = filtered_out(QUICKBOOKS, "12", ("too old", "no invoice"), linked=False).outcomes
    assert (never.status, never.code) == (Status.EXCLUDED, "filtered_out")
    assert never.message == "too old; no invoice"
    (frozen,) = filtered_out(QUICKBOOKS, "12", ("too old",), linked=True).outcomes
    assert (frozen.status, frozen.code) == (Status.EXCLUDED, "left_scope")
    assert frozen.message == "left the filter, so the pair is frozen: too old"


def test_a_blocked_record_names_what_wakes_it() -> None:
    (outcome,) = blocked(QUICKBOOKS, "130", "contacts:12", "no contact yet", "wait").outcomes
    assert (outcome.status, outcome.code) == (Status.BLOCKED, "waits_for_parent")
    assert (outcome.blocked_on, outcome.remedy) == ("contacts:12", "wait")


def test_excluded_and_failing_records_carry_their_reason_and_the_remedy() -> None:
    for plan, status in ((excluded, Status.EXCLUDED), (failing, Status.FAILING)):
        (outcome,) = plan(HUBSPOT, "1", "no_email", "no e-mail", "add one").outcomes
        assert (outcome.side, outcome.record_id, outcome.status) == (HUBSPOT, "1", status)
        assert (outcome.code, outcome.message) == ("no_email", "no e-mail")
        assert (outcome.remedy, outcome.blocked_on) == ("add one", None)


def test_a_link_knows_its_halves_by_side() -> None:
    link = Link(
        id="l",
        hubspot_id="1",
        quickbooks_id=None,
        base_hubspot={"first": "a"},
        base_quickbooks={"First": "b"},
    )
    assert [link.id_of(side) for side in Side] == ["1", None]
    assert [link.base_of(side) for side in Side] == [{"first": "a"}, {"First": "b"}]
    assert link.status is LinkStatus.LIVE
    assert [side.other for side in Side] == [QUICKBOOKS, HUBSPOT]


def test_the_id_of_a_link_says_where_it_began_and_how_often() -> None:
    assert link_id("contacts", QUICKBOOKS, "12") == "contacts/q12/1"
    assert link_id("contacts", HUBSPOT, "12", 2) == "contacts/h12/2"
