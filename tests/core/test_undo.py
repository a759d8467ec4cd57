"""Undo puts back exactly what nobody has touched, and lists the rest."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from planning_worlds import HUBSPOT, QUICKBOOKS, SimulatedPair, rules, text

from ledgerbridge.core.erasure import REDACTED
from ledgerbridge.core.model import Record, Side, Value
from ledgerbridge.core.plan import Planned
from ledgerbridge.core.planning import plan_pair
from ledgerbridge.core.undo import Own, Undone, Written, undo

NAMES = ("first", "last", "phone")
RULES = rules([text(name) for name in NAMES])
WORDS = st.sampled_from([None, "ada", "esme", "gil", "zelda"])
SHOWN = st.fixed_dictionaries(dict.fromkeys(NAMES, WORDS))


def spelled(shown: dict[str, Value]) -> dict[str, Value]:
    """The same values under the names of QuickBooks."""
    return {name.capitalize(): value for name, value in shown.items()}


def written(pair: SimulatedPair, side: Side, *own: Own) -> Written:
    """One half of a pair with our writes to it."""
    record: Record = pair.records[side]
    return Written(
        side=side,
        object_type=record.object_type,
        record_id=record.id,
        rules=RULES,
        link=pair.link,
        record=record,
        partner=pair.records[side.other],
        writes=own,
    )


def synced(pair: SimulatedPair) -> dict[Side, Own]:
    """Bring a pair in step; what was written to each side, as the journal has it."""
    planned = plan_pair(RULES, pair.link, pair.records[HUBSPOT], pair.records[QUICKBOOKS])
    before = {side: dict(pair.shown(side)) for side in Side}
    pair.apply(planned)
    return {
        one.side: Own(
            run="1",
            kind="update",
            chosen=True,
            changes={n: (before[one.side].get(n), pair.shown(one.side).get(n)) for n in one.fields},
        )
        for one in planned.operations
    }


def carry_out(pair: SimulatedPair, undone: Undone) -> None:
    """Do what was decided."""
    pair.apply(Planned(operations=undone.operations))


@given(
    start=SHOWN,
    hubspot=SHOWN,
    quickbooks=SHOWN,
    edits=st.dictionaries(st.sampled_from(NAMES), WORDS),
)
def test_what_is_untouched_goes_back_and_the_rest_is_listed(
    start: dict[str, Value],
    hubspot: dict[str, Value],
    quickbooks: dict[str, Value],
    edits: dict[str, Value],
) -> None:
    pair = SimulatedPair(RULES, start, spelled(start), lambda name, value: value)
    synced(pair)
    for name in NAMES:
        pair.edit(HUBSPOT, name, hubspot[name])
        pair.edit(QUICKBOOKS, name.capitalize(), quickbooks[name])
    before = {side: dict(pair.shown(side)) for side in Side}
    own = synced(pair)
    for name, value in edits.items():
        pair.edit(HUBSPOT, name, value)
    after = {side: dict(pair.shown(side)) for side in Side}

    for side, entry in own.items():
        undone = undo(written(pair, side, entry))
        carry_out(pair, undone)
        left = {name for one in undone.left for name in one.fields}
        for name, (was, wrote) in entry.changes.items():
            now, shown = after[side].get(name), pair.shown(side).get(name)
            if now in (wrote, was):
                assert shown == before[side].get(name)
                assert name not in left
            else:
                assert shown == now
                assert name in left


@given(start=SHOWN, quickbooks=SHOWN)
def test_what_was_undone_is_held_until_somebody_edits(
    start: dict[str, Value], quickbooks: dict[str, Value]
) -> None:
    pair = SimulatedPair(RULES, start, spelled(start), lambda name, value: value)
    synced(pair)
    for name in NAMES:
        pair.edit(QUICKBOOKS, name.capitalize(), quickbooks[name])
    for side, entry in synced(pair).items():
        carry_out(pair, undo(written(pair, side, entry)))

    planned = plan_pair(RULES, pair.link, pair.records[HUBSPOT], pair.records[QUICKBOOKS])

    assert planned.operations == ()
    pair.edit(QUICKBOOKS, "First", "griselda")
    synced(pair)
    assert pair.shown(HUBSPOT)["first"] == "griselda"


def test_a_person_between_our_two_writes_is_not_stepped_over() -> None:
    pair = SimulatedPair(RULES, {"first": "d"}, {"First": "d"}, lambda name, value: value)
    first = Own(run="1", kind="update", changes={"first": ("a", "b")}, chosen=True)
    second = Own(run="2", kind="update", changes={"first": ("c", "d")}, chosen=True)

    (back,) = undo(written(pair, HUBSPOT, first, second)).operations

    assert back.fields == {"first": "c"}


def test_writes_that_follow_one_another_go_back_to_the_first() -> None:
    pair = SimulatedPair(RULES, {"first": "c"}, {"First": "c"}, lambda name, value: value)
    first = Own(run="1", kind="update", changes={"first": ("a", "b")}, chosen=True)
    second = Own(run="2", kind="update", changes={"first": ("b", "c")}, chosen=True)

    (back,) = undo(written(pair, HUBSPOT, first, second)).operations

    assert back.fields == {"first": "a"}


def test_a_forgotten_persons_values_are_not_put_back() -> None:
    pair = SimulatedPair(RULES, {"first": "b"}, {"First": "b"}, lambda name, value: value)
    own = Own(run="1", kind="update", changes={"first": (REDACTED, REDACTED)}, chosen=True)

    undone = undo(written(pair, HUBSPOT, own))

    assert undone.operations == ()
    assert undone.left[0].for_good


def test_without_its_sync_nothing_is_undone() -> None:
    pair = SimulatedPair(RULES, {"first": "b"}, {"First": "b"}, lambda name, value: value)
    own = Own(run="1", kind="update", changes={"first": ("a", "b")}, chosen=True)

    undone = undo(replace(written(pair, HUBSPOT, own), rules=None))

    assert undone.operations == ()
    assert "sync is off" in undone.left[0].reason
