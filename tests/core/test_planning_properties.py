"""
One pair, changed on both sides at once: plan, apply, repeat (theory.md, 7.2).

Every value that a person writes holds a token, a number that nobody wrote before, so that it can be
followed: it is alive somewhere, or somebody replaced it who saw it, or a loss names it.
"""

from __future__ import annotations

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from planning_lives import (
    KNOWN_FORMS,
    Drawn,
    Edit,
    edits,
    fields_of,
    held,
    lost,
    normal,
    pairs,
    perturb,
    rounds,
    settle,
    tokens,
)
from planning_worlds import HUBSPOT, QUICKBOOKS, Shown, SimulatedPair

from ledgerbridge.core.mapping import CompiledMapping, Direction, Mapping, Rule, When
from ledgerbridge.core.merge import Decision, decide
from ledgerbridge.core.model import Choice, Side, Value
from ledgerbridge.core.planning import plan_creation

EXAMPLES = settings(max_examples=200, deadline=None)


@EXAMPLES
@given(st.data())
def test_a_pair_comes_to_rest_and_no_value_of_a_person_vanishes_unsaid(data: st.DataObject) -> None:
    drawn = data.draw(pairs())
    pair, people = drawn.pair, drawn.people
    settle(pair)
    for _ in range(2):
        perturb(drawn, data.draw(edits(drawn.mappings)))
        settle(pair)
        alive = tokens(value for side in Side for value in pair.shown(side).values())
        assert people.written <= alive | people.replaced | set(lost(pair))
    event(f"losses: {min(3, len(pair.losses))}")
    event(f"writes: {min(5, len(pair.sent))}")


@EXAMPLES
@given(st.data())
def test_a_loss_names_what_somebody_wrote_and_names_it_once(data: st.DataObject) -> None:
    drawn = data.draw(pairs())
    settle(drawn.pair)
    perturb(drawn, data.draw(edits(drawn.mappings)))
    settle(drawn.pair)
    named = lost(drawn.pair)
    assert set(named) <= drawn.people.written
    assert len(named) == len(set(named))


@EXAMPLES
@given(st.data())
def test_at_rest_a_mapping_that_goes_both_ways_shows_the_same_on_both_sides(
    data: st.DataObject,
) -> None:
    drawn = data.draw(pairs())
    pair = drawn.pair
    settle(pair)
    perturb(drawn, data.draw(edits(drawn.mappings)))
    settle(pair)
    hubspot, quickbooks = pair.shown(HUBSPOT), pair.shown(QUICKBOOKS)
    waiting = held(pair)
    for mapping in drawn.mappings:
        both = mapping.direction is Direction.BOTH and mapping.name not in waiting
        if both and all(mapping.when_to(side) is When.ALWAYS for side in Side):
            ours = tokens(hubspot.get(name) for name in mapping.hubspot)
            theirs = tokens(quickbooks.get(name) for name in mapping.quickbooks)
            unset = mapping.zero_is_blank and not (ours and theirs)
            assert unset or ours == theirs


@EXAMPLES
@given(st.data())
def test_a_held_mapping_is_written_on_neither_side_until_a_person_decides(
    data: st.DataObject,
) -> None:
    drawn = data.draw(pairs())
    pair = drawn.pair
    settle(pair)
    perturb(drawn, data.draw(edits(drawn.mappings)))
    waiting = held(pair)
    event(f"held: {bool(waiting)}")
    pair.sent.clear()

    settle(pair)

    written = {name for each in pair.sent for name in each.fields}
    assert held(pair) == waiting
    for one in waiting.values():
        assert not written & {*one.hubspot, *one.quickbooks}


@EXAMPLES
@given(st.data())
def test_a_decision_is_carried_out_once_and_only_for_the_values_that_it_saw(
    data: st.DataObject,
) -> None:
    drawn = data.draw(pairs(rules=(Rule.ASK,)))
    pair = drawn.pair
    settle(pair)
    perturb(drawn, data.draw(edits(drawn.mappings)))
    settle(pair)
    waiting = held(pair)
    event(f"held: {bool(waiting)}")
    if not waiting:
        return
    name = data.draw(st.sampled_from(sorted(waiting)))
    one = waiting[name]
    take = data.draw(st.sampled_from(list(Side)))
    choice = Choice(take=take, hubspot=one.hubspot, quickbooks=one.quickbooks)
    stale = data.draw(st.booleans())
    event(f"stale: {stale}")
    if stale:
        seen: dict[str, Value] = dict.fromkeys(one.hubspot, "not this")
        choice = Choice(take=take, hubspot=seen, quickbooks=one.quickbooks)
    pair.link = replace(pair.link, choices={name: choice})
    pair.sent.clear()

    settle(pair)

    decided = [each for each in pair.sent if name in each.decided]
    assert (name in held(pair)) is stale
    assert len(decided) <= (0 if stale else 1)
    assert pair.sent == decided
    for each in decided:
        assert each.side is take.other
        assert all("a person decided" in loss.reason for loss in each.losses)


@EXAMPLES
@given(st.data())
def test_at_rest_a_change_of_form_alone_is_silent(data: st.DataObject) -> None:
    drawn = data.draw(pairs())
    pair = drawn.pair
    settle(pair)
    for side in Side:
        padded = {name: f" {value}  " for name, value in pair.shown(side).items() if value}
        pair.respell(side, padded)
    assert list(rounds(pair)) == []


@EXAMPLES
@given(st.data())
def test_one_edit_costs_one_write_on_the_other_side_and_none_on_its_own(
    data: st.DataObject,
) -> None:
    drawn = data.draw(pairs())
    pair = drawn.pair
    settle(pair)
    edit = data.draw(single_edits(drawn.mappings))
    mapping, other = mapping_of(drawn, edit), edit.side.other
    filling = mapping.empty(other, pair.shown(other))
    travels = mapping.allows(other) and (mapping.when(other) is When.ALWAYS or filling)
    assume(mapping.name not in held(pair))
    pair.sent.clear()
    perturb(drawn, [edit])
    settle(pair)
    event(f"travels: {travels}")
    if travels:
        (only,) = pair.sent
        assert only.side is other
        assert set(only.fields) <= set(mapping.fields(other))
        assert str(drawn.people.next) in tokens(only.fields.values())
    else:
        assert all(each.side is edit.side and each.losses for each in pair.sent)
        assert not pair.sent or mapping.enforce


@EXAMPLES
@given(st.data())
def test_an_edit_of_a_pair_in_step_is_no_loss(data: st.DataObject) -> None:
    drawn = data.draw(pairs(KNOWN_FORMS))
    pair = drawn.pair
    settle(pair)
    edit = data.draw(single_edits(drawn.mappings))
    mapping = mapping_of(drawn, edit)
    in_step = mapping.agree(pair.shown(HUBSPOT), pair.shown(QUICKBOOKS))
    pair.losses.clear()
    perturb(drawn, [edit])
    settle(pair)
    event(f"in step: {in_step}")
    assert not in_step or mapping.enforce or pair.losses == []


@st.composite
def single_edits(draw: st.DrawFn, chosen: list[Mapping]) -> Edit:
    """One value written to one field."""
    fields = [(side, name) for side in Side for each in chosen for name in fields_of(each, side)]
    return Edit(*draw(st.sampled_from(fields)), clear=False)


def mapping_of(drawn: Drawn, edit: Edit) -> CompiledMapping:
    """The mapping that an edited field belongs to."""
    compiled = drawn.pair.rules.mappings
    return next(each for each in compiled if edit.name in each.fields(edit.side))


@EXAMPLES
@given(st.data())
def test_a_record_that_was_just_made_from_its_partner_needs_nothing(data: st.DataObject) -> None:
    drawn = data.draw(pairs())
    source = data.draw(st.sampled_from(Side))
    shown: dict[Side, Shown] = {source: drawn.pair.shown(source), source.other: {}}
    pair = SimulatedPair(drawn.pair.rules, shown[HUBSPOT], shown[QUICKBOOKS], normal)
    pair.apply(plan_creation(pair.rules, source.other, pair.records[source]))
    assert tokens(pair.shown(source.other).values()) <= tokens(pair.shown(source).values())
    settle(pair)
    assert len(pair.sent) == 1
    assert pair.losses == []


@EXAMPLES
@given(st.data())
def test_the_order_of_the_mappings_does_not_matter(data: st.DataObject) -> None:
    drawn = data.draw(pairs())
    pair = drawn.pair
    if data.draw(st.booleans()):
        settle(pair)
    perturb(drawn, data.draw(edits(drawn.mappings)))
    compiled = pair.rules.mappings
    shuffled = tuple(data.draw(st.permutations(compiled)))
    rule = pair.rules.definition.rule
    found = [
        unordered(decide(pair.link, pair.records[HUBSPOT], pair.records[QUICKBOOKS], each, rule))
        for each in (compiled, shuffled)
    ]
    assert found[0] == found[1]


def unordered(decision: Decision) -> object:
    """A decision without the order in which its parts were found."""
    patches = {
        side: (patch.fields, set(patch.covers), patch.sources, sorted(map(repr, patch.losses)))
        for side, patch in decision.patches.items()
    }
    return patches, decision.moved, sorted(map(repr, decision.problems))
