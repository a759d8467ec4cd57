from __future__ import annotations

import msgspec
from planning_worlds import HUBSPOT, QUICKBOOKS, text

from ledgerbridge.core.definition import DeletionRule, SyncDefinition, narrowed
from ledgerbridge.core.filters import AssociationCondition, Condition, Filter
from ledgerbridge.core.mapping import Direction, Mapping, Rule

BOTH, TO_HUBSPOT, TO_QUICKBOOKS = Direction.BOTH, Direction.TO_HUBSPOT, Direction.TO_QUICKBOOKS
OLD = Filter(groups=((Condition(field="a", operator="is", value="1"),),))
LINKED = Filter(groups=((AssociationCondition(association="invoices"),),))


def definition(direction: Direction, *mappings: Mapping) -> SyncDefinition:
    """A sync of that direction."""
    return SyncDefinition(
        name="contacts",
        direction=direction,
        to_hubspot=OLD,
        to_quickbooks=LINKED,
        mappings=mappings,
        matching=("key",),
    )


def directions(direction: Direction, *mappings: Mapping) -> dict[str, Direction]:
    """The mappings that are on in a sync of that direction, and which way they go."""
    kept = narrowed(definition(direction, *mappings))
    return {each.name: each.direction for each in kept if each.enabled}


def test_records_travel_where_the_direction_of_their_sync_leads() -> None:
    travelling = {
        direction: [side for side in (HUBSPOT, QUICKBOOKS) if definition(direction).travels(side)]
        for direction in Direction
    }
    assert travelling == {
        BOTH: [HUBSPOT, QUICKBOOKS],
        TO_HUBSPOT: [HUBSPOT],
        TO_QUICKBOOKS: [QUICKBOOKS],
    }


def test_each_direction_has_its_own_filter() -> None:
    assert definition(BOTH).filter_to(HUBSPOT) == OLD
    assert definition(BOTH).filter_to(QUICKBOOKS) == LINKED


def test_a_mapping_goes_no_way_that_its_sync_does_not_go() -> None:
    mappings = (
        text("two"),
        text("in", direction=TO_HUBSPOT),
        text("out", direction=TO_QUICKBOOKS),
        text("off", enabled=False),
    )
    assert directions(BOTH, *mappings) == {
        "two": BOTH,
        "in": TO_HUBSPOT,
        "out": TO_QUICKBOOKS,
    }
    assert directions(TO_HUBSPOT, *mappings) == {"two": TO_HUBSPOT, "in": TO_HUBSPOT}
    assert directions(TO_QUICKBOOKS, *mappings) == {"two": TO_QUICKBOOKS, "out": TO_QUICKBOOKS}


def test_what_is_not_said_is_careful() -> None:
    careful = definition(BOTH)
    assert (careful.rule, careful.deletions) == (Rule.QUICKBOOKS, DeletionRule.MARK)
    assert not careful.enabled


def test_a_definition_survives_being_stored() -> None:
    kept = definition(BOTH, text("first", rule=Rule.HUBSPOT, enforce=True))
    stored = msgspec.json.encode(msgspec.to_builtins(kept))
    assert msgspec.json.decode(stored, type=SyncDefinition) == kept
