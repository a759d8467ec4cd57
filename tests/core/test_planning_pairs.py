from __future__ import annotations

from msgspec.structs import replace
from planning_worlds import HUBSPOT, QUICKBOOKS, contact, customer, rules, text

from ledgerbridge.core.filters import AssociationCondition, Condition, Filter
from ledgerbridge.core.mapping import Direction
from ledgerbridge.core.model import Link, Record, Side, Value
from ledgerbridge.core.order import SYNC_ORDER, Stage, waits_for
from ledgerbridge.core.plan import (
    Attached,
    Ended,
    Operation,
    Outcome,
    Planned,
    Pointer,
    Status,
    WriteKind,
)
from ledgerbridge.core.planning import (
    KEY_FIELD,
    joined,
    plan_creation,
    plan_match,
    plan_pair,
    why_excluded,
)
from ledgerbridge.core.schema import Field

FIRST = rules([text("first"), text("last")])
SHORT = rules([text("first"), text("last")], quickbooks=[Field(name="Last", length_max=3)])


def linked(base: Value) -> Link:
    """A pair that showed this value in every field when it was last in step."""
    return Link(
        id="sync-1/q12/1",
        hubspot_id="1",
        quickbooks_id="12",
        base_hubspot={"first": base, "last": base},
        base_quickbooks={"First": base, "Last": base},
    )


def test_rules_know_the_name_of_their_sync_and_the_vendors_words_for_its_records() -> None:
    assert FIRST.name == "contacts"
    assert [FIRST.object_type(side) for side in Side] == ["contacts", "Customer"]


def test_a_pair_in_step_needs_nothing() -> None:
    ours, theirs = contact(first="a", last="a"), customer(First="a", Last="a")
    assert plan_pair(FIRST, linked("a"), ours, theirs) == Planned()


def test_an_update_names_the_version_and_the_values_it_was_planned_with() -> None:
    ours, theirs = contact(first="h", last="a"), customer(First="a", Last="a")
    (operation,) = plan_pair(FIRST, linked("a"), ours, theirs).operations
    assert operation == Operation(
        sync="sync-1",
        link="sync-1/q12/1",
        side=QUICKBOOKS,
        object_type="Customer",
        kind=WriteKind.UPDATE,
        stage=Stage.QUICKBOOKS,
        record_id="12",
        version="0",
        fields={"First": "h"},
        expected={"First": "a"},
        covers=("First",),
        sources={"first": "h"},
        reason="changed on HubSpot",
    )


def test_a_pair_gets_at_most_one_update_on_each_side() -> None:
    ours, theirs = contact(first="h", last="a"), customer(First="a", Last="q")
    operations = plan_pair(FIRST, linked("a"), ours, theirs).operations
    assert {each.side: (each.stage, each.fields) for each in operations} == {
        HUBSPOT: (Stage.HUBSPOT, {"last": "q"}),
        QUICKBOOKS: (Stage.QUICKBOOKS, {"First": "h"}),
    }


def test_one_field_may_move_its_bases_while_another_is_written() -> None:
    ours, theirs = contact(first="n", last="h"), customer(First="n", Last="a")
    planned = plan_pair(FIRST, linked("a"), ours, theirs)
    (moved,) = planned.moved
    assert (moved.hubspot, moved.quickbooks) == ({"first": "n"}, {"First": "n"})
    assert [each.fields for each in planned.operations] == [{"Last": "h"}]


def test_a_field_that_cannot_go_makes_the_record_failing_while_the_rest_goes() -> None:
    ours, theirs = contact(first="h", last="far too long"), customer(First="a", Last="a")
    planned = plan_pair(SHORT, linked("a"), ours, theirs)
    assert [each.fields for each in planned.operations] == [{"First": "h"}]
    (outcome,) = planned.outcomes
    assert (outcome.side, outcome.record_id) == (QUICKBOOKS, "12")
    assert (outcome.status, outcome.code) == (Status.FAILING, "too_long")
    assert "last has 12 characters" in outcome.message
    assert outcome.remedy


def test_a_match_makes_a_link_whose_id_comes_from_the_quickbooks_record() -> None:
    ours, theirs = contact(first="h", last=None), customer(First="q", Last="q")
    planned = plan_match(FIRST, ours, theirs, "matched by e-mail", generation=2)
    (made,) = planned.links
    assert made.link == "sync-1/q12/2"
    assert (made.hubspot_id, made.quickbooks_id) == ("1", "12")
    assert (made.reason, made.generation) == ("matched by e-mail", 2)
    (operation,) = planned.operations
    assert operation.link == made.link
    assert operation.fields == {"first": "q", "last": "q"}
    assert [each.fields for each in operation.losses] == [{"first": "h"}]


def test_a_match_of_two_equal_records_writes_nothing() -> None:
    ours, theirs = contact(first="n", last=None), customer(First="n", Last=None)
    planned = plan_match(FIRST, ours, theirs, "matched by our key")
    assert planned.operations == ()
    assert len(planned.links) == len(planned.moved) == 1


def test_a_creation_in_hubspot_is_found_again_by_our_key() -> None:
    pointer = Pointer(object_type="contacts", sync="contacts", partner_id="7")
    planned = plan_creation(
        FIRST, HUBSPOT, customer(First="q"), extra={"origin": "live"}, points=(pointer,)
    )
    (operation,) = planned.operations
    assert (operation.side, operation.kind) == (HUBSPOT, WriteKind.CREATE)
    assert operation.object_type == "contacts"
    assert operation.stage == Stage.HUBSPOT
    assert operation.fields == {"origin": "live", "first": "q"}
    assert operation.covers == ("first", "last")
    assert operation.sources == {"First": "q", "Last": None}
    assert (operation.link, operation.partner) == ("sync-1/q12/1", "12")
    assert (operation.key_field, operation.points) == (KEY_FIELD, (pointer,))
    assert operation.record_id is None
    assert operation.reason == "no partner on HubSpot yet"


def test_a_creation_in_quickbooks_carries_no_key_since_it_has_no_place_for_one() -> None:
    planned = plan_creation(
        SHORT, QUICKBOOKS, contact(first="h", last="far too long"), generation=3, reason="asked for"
    )
    (operation,) = planned.operations
    assert operation.link == "sync-1/h1/3"
    assert operation.key_field is None
    assert (operation.object_type, operation.stage) == ("Customer", Stage.QUICKBOOKS)
    assert (operation.generation, operation.reason) == (3, "asked for")
    assert operation.fields == {"First": "h"}
    assert [(each.side, each.record_id) for each in planned.outcomes] == [(HUBSPOT, "1")]


def test_an_operation_may_be_in_flight_once_for_its_link_and_once_for_each_line() -> None:
    (header,) = plan_creation(FIRST, HUBSPOT, customer(First="q")).operations
    line = replace(header, line="9:invoice:12:1")
    assert header.unit == "sync-1/q12/1"
    assert line.unit == "sync-1/q12/1#9:invoice:12:1"


NAMED_ANN = Filter(groups=((Condition(field="First", operator="is", value="Ann"),),))
HAS_INVOICE = Filter(groups=((AssociationCondition(association="contacts"),),))


def test_a_record_travels_when_it_passes_the_filter_of_that_direction() -> None:
    filtered = rules([text("first")], to_hubspot=NAMED_ANN)
    assert why_excluded(filtered, HUBSPOT, customer(First="Ann")) == ()
    assert len(why_excluded(filtered, HUBSPOT, customer(First="Bob"))) == 1
    assert why_excluded(filtered, QUICKBOOKS, contact(first="Bob")) == ()


def test_a_filter_may_look_at_what_is_associated() -> None:
    filtered = rules([text("first")], to_quickbooks=HAS_INVOICE)
    assert why_excluded(filtered, QUICKBOOKS, contact()) == ("has no associated contacts",)
    friends: dict[str, list[Record]] = {"contacts": [contact("2")]}
    assert why_excluded(filtered, QUICKBOOKS, contact(), lambda kind: friends[kind]) == ()


def test_nothing_travels_against_the_direction_of_the_sync() -> None:
    for direction, against in (
        (Direction.TO_HUBSPOT, QUICKBOOKS),
        (Direction.TO_QUICKBOOKS, HUBSPOT),
    ):
        one_way = rules([text("first")], direction=direction)
        record = contact() if against is QUICKBOOKS else customer()
        (reason,) = why_excluded(one_way, against, record)
        assert reason == (
            "this sync does not write to " + ("QuickBooks" if against is QUICKBOOKS else "HubSpot")
        )


def test_several_plans_become_one_in_their_order() -> None:
    match = plan_match(FIRST, contact(first="n"), customer(First="n"), "matched by e-mail")
    create = plan_creation(SHORT, QUICKBOOKS, contact("2", first="h", last="too long"))
    outcome = Outcome(
        side=Side.HUBSPOT, record_id="3", status=Status.WAITING, code="c", message="m"
    )
    leaning = Attached(record_id="13", to="12", reason="shares its e-mail")
    other = Planned(
        outcomes=(outcome,),
        look_again_at=((QUICKBOOKS, "12"),),
        attached=(leaning,),
        ended=(Ended(link="l", reason="deleted"),),
    )
    together = joined(match, create, other)
    assert together.links == match.links
    assert together.moved == match.moved
    assert together.operations == create.operations
    assert together.outcomes == (*create.outcomes, outcome)
    assert together.look_again_at == ((QUICKBOOKS, "12"),)
    assert (together.attached, together.ended) == (other.attached, other.ended)
    assert joined() == Planned()


def test_parents_go_before_children() -> None:
    assert SYNC_ORDER.index("contacts") < SYNC_ORDER.index("invoices")
    assert SYNC_ORDER.index("products") < SYNC_ORDER.index("invoices")
    assert list(Stage) == sorted(Stage)
    assert Stage.LOCAL < Stage.QUICKBOOKS < Stage.LINES < Stage.HUBSPOT < Stage.LINES_AFTER
    assert waits_for("contacts", "12") == "contacts:12"
