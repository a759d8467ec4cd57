"""What the decision table does not show: values that look different, compounds, what cannot go."""

from __future__ import annotations

from typing import Any

from mapping_worlds import ADDRESS, BILL_ADDRESS, address, compiled, typed

from ledgerbridge.core.mapping import CompiledMapping, Direction, Rule, When
from ledgerbridge.core.merge import Decision, Patch, decide
from ledgerbridge.core.model import Link, Record, Side, Value
from ledgerbridge.core.schema import Field, FieldType, Writable

HUBSPOT, QUICKBOOKS = Side.HUBSPOT, Side.QUICKBOOKS
Shown = dict[str, Value]
Pair = tuple[Shown, Shown]


def decide_all(
    base: Pair | None, now: Pair, *mappings: CompiledMapping, rule: Rule = Rule.QUICKBOOKS
) -> Decision:
    """The decision for a pair; in each pair of images HubSpot comes first."""
    ours, theirs = base or ({}, {})
    link = Link(
        id="l", hubspot_id="1", quickbooks_id="2", base_hubspot=ours, base_quickbooks=theirs
    )
    hubspot = Record("contacts", "1", "v1", now[0])
    return decide(link, hubspot, Record("Customer", "2", "0", now[1]), mappings, rule)


def pair(ours: Value, theirs: Value) -> Pair:
    """Images of the one mapping that `typed` makes."""
    return {"ours": ours}, {"Theirs": theirs}


def silent(decision: Decision) -> bool:
    """Whether nothing is written, moved or said."""
    return decision == Decision(patches={}, moved={}, problems=())


def named(name: str, ours: str, theirs: str, **options: Any) -> CompiledMapping:
    """A mapping of two text fields."""
    quickbooks = Field(name=theirs, length_max=options.pop("length_max", None))
    return compiled(Field(name=ours), quickbooks, **options)


def test_another_spelling_of_the_same_value_is_no_edit() -> None:
    for kind, before, after in (
        (FieldType.TEXT, "Acme", "  Acme "),
        (FieldType.EMAIL, "Jane@Example.com", "jane@example.com"),
        (FieldType.PHONE, "(415) 555-0132", "+14155550132"),
        (FieldType.MONEY, "639", "639.00"),
        (FieldType.DATETIME, "2026-05-05T09:02:05Z", "2026-05-05T02:02:05-07:00"),
    ):
        assert silent(decide_all(pair(before, "x"), pair(after, "x"), typed(kind))), kind


def test_an_edit_back_to_the_base_is_no_edit() -> None:
    assert silent(decide_all(pair("a", "a"), pair("a", "a"), typed(FieldType.TEXT)))


def test_a_change_that_says_what_the_other_side_shows_already_moves_the_bases_alone() -> None:
    decision = decide_all(pair("Acm", "Acme"), pair("Acme", "Acme"), typed(FieldType.TEXT))
    assert decision.patches == {}
    assert decision.moved == {HUBSPOT: {"ours": "Acme"}, QUICKBOOKS: {"Theirs": "Acme"}}


def test_two_edits_that_agree_in_comparison_form_are_no_conflict() -> None:
    now = pair("JANE@example.com", "jane@example.com")
    decision = decide_all(pair("a@example.com", "a@example.com"), now, typed(FieldType.EMAIL))
    assert decision.patches == {}
    assert decision.moved == {HUBSPOT: now[0], QUICKBOOKS: now[1]}


def test_the_rule_of_a_mapping_goes_before_that_of_the_sync() -> None:
    mapping = typed(FieldType.TEXT, rule=Rule.HUBSPOT)
    decision = decide_all(pair("a", "a"), pair("h", "q"), mapping, rule=Rule.QUICKBOOKS)
    assert list(decision.patches) == [QUICKBOOKS]
    (loss,) = decision.patches[QUICKBOOKS].losses
    assert loss.reason == "both sides changed; HubSpot wins by rule"


def test_each_field_is_decided_by_itself() -> None:
    first, last = named("first", "first", "First"), named("last", "last", "Last")
    decision = decide_all(
        ({"first": "a", "last": "b"}, {"First": "a", "Last": "b"}),
        ({"first": "h", "last": "b"}, {"First": "a", "Last": "q"}),
        first,
        last,
    )
    assert decision.patches == {
        HUBSPOT: Patch(fields={"last": "q"}, covers=("last",), sources={"Last": "q"}),
        QUICKBOOKS: Patch(fields={"First": "h"}, covers=("First",), sources={"first": "h"}),
    }


def test_a_field_that_was_mapped_newly_has_no_base_and_does_not_disturb_the_others() -> None:
    old, new = named("old", "old", "Old"), named("new", "new", "New")
    decision = decide_all(
        ({"old": "a"}, {"Old": "a"}),
        ({"old": "a", "new": None}, {"Old": "a", "New": "q"}),
        old,
        new,
    )
    assert list(decision.patches) == [HUBSPOT]
    assert decision.patches[HUBSPOT].fields == {"new": "q"}


def test_a_value_that_cannot_go_is_named_and_the_others_go() -> None:
    short, free = named("short", "short", "Short", length_max=4), named("free", "free", "Free")
    decision = decide_all(
        ({"short": "a", "free": "a"}, {"Short": "a", "Free": "a"}),
        ({"short": "too long", "free": "h"}, {"Short": "a", "Free": "a"}),
        short,
        free,
    )
    assert decision.patches[QUICKBOOKS].fields == {"Free": "h"}
    assert "Short" not in decision.patches[QUICKBOOKS].covers
    assert [problem.code for problem in decision.problems] == ["too_long"]
    assert decision.moved == {}


def test_a_side_that_may_not_be_written_is_left_alone_without_a_conflict() -> None:
    shown = Field(name="Theirs", writable=Writable.NEVER)
    mapping = compiled(Field(name="ours"), shown)
    assert silent(decide_all(pair("a", "a"), pair("h", "a"), mapping))
    conflict = decide_all(pair("a", "a"), pair("h", "q"), mapping, rule=Rule.HUBSPOT)
    assert conflict.patches[HUBSPOT].fields == {"ours": "q"}


def test_where_neither_side_may_be_written_nothing_happens() -> None:
    ours = Field(name="ours", writable=Writable.NEVER)
    mapping = compiled(ours, Field(name="Theirs", writable=Writable.ON_CREATE))
    assert silent(decide_all(pair("a", "a"), pair("h", "q"), mapping))
    assert decide_all(None, pair("h", "q"), mapping).patches == {}


def test_a_price_of_zero_never_erases() -> None:
    for direction in (Direction.BOTH, Direction.TO_HUBSPOT):
        for enforce in (False, True):
            price = typed(FieldType.MONEY, zero_is_blank=True, direction=direction, enforce=enforce)
            for unset in ("0", "0.00", None):
                for now in (pair("10", unset), pair("12", unset)):
                    decision = decide_all(pair("10", "10"), now, price)
                    assert HUBSPOT not in decision.patches
                assert HUBSPOT not in decide_all(None, pair("12", unset), price).patches
                assert silent(decide_all(pair("10", unset), pair("10", "0"), price))


def test_an_enforced_price_is_not_put_back_to_a_price_that_is_not_set() -> None:
    price = typed(FieldType.MONEY, zero_is_blank=True, direction=Direction.TO_HUBSPOT, enforce=True)
    assert silent(decide_all(pair("10", "0"), pair("12", "0"), price))


def test_a_new_price_replaces_a_price_of_zero_even_where_quickbooks_wins() -> None:
    price = typed(FieldType.MONEY, zero_is_blank=True)
    decision = decide_all(pair("10", "10"), pair("12", "0"), price, rule=Rule.QUICKBOOKS)
    assert decision.patches[QUICKBOOKS].fields == {"Theirs": "12"}
    assert decision.patches[QUICKBOOKS].losses == ()


def test_fill_if_blank_fills_what_was_never_set_and_never_again() -> None:
    filling = typed(FieldType.TEXT, when=When.IF_BLANK)
    first = decide_all(None, pair("h", None), filling)
    assert first.patches[QUICKBOOKS].fields == {"Theirs": "h"}
    assert silent(decide_all(pair("h", "h"), pair("h2", "h"), filling))


HOME = ("1 Main St", "Springfield", "IL", "62701", "US")
AT_HOME: Shown = dict(zip(ADDRESS, HOME, strict=True))
BILLED_HOME: Shown = {
    **dict.fromkeys(BILL_ADDRESS),
    "BillAddr.Line1": "1 Main St",
    **dict(zip(BILL_ADDRESS[5:], HOME[1:], strict=True)),
}


def test_an_address_goes_to_quickbooks_whole_since_it_replaces_the_nested_object() -> None:
    now = {**AT_HOME, "zip": "62702"}
    decision = decide_all((AT_HOME, BILLED_HOME), (now, BILLED_HOME), address())
    fields = decision.patches[QUICKBOOKS].fields
    assert set(fields) == set(BILL_ADDRESS)
    assert fields["BillAddr.PostalCode"] == "62702"
    assert fields["BillAddr.Line1"] == "1 Main St"


def test_an_address_goes_to_hubspot_as_the_parts_that_differ_and_is_covered_whole() -> None:
    now = {**BILLED_HOME, "BillAddr.PostalCode": "62702"}
    decision = decide_all((AT_HOME, BILLED_HOME), (AT_HOME, now), address())
    patch = decision.patches[HUBSPOT]
    assert patch.fields == {"zip": "62702"}
    assert patch.covers == ADDRESS
    assert patch.sources == now


def test_edits_of_two_parts_of_one_address_on_two_sides_are_a_conflict_and_none_is_lost() -> None:
    ours, theirs = {**AT_HOME, "city": "Chicago"}, {**BILLED_HOME, "BillAddr.PostalCode": "62702"}
    decision = decide_all((AT_HOME, BILLED_HOME), (ours, theirs), address())
    patch = decision.patches[HUBSPOT]
    assert patch.fields == {"city": "Springfield", "zip": "62702"}
    assert patch.losses[0].fields == ours
    assert QUICKBOOKS not in decision.patches
