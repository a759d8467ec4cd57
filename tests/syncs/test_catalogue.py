from __future__ import annotations

import pytest
from sync_worlds import rules_of

from ledgerbridge.core.definition import DeletionRule, narrowed
from ledgerbridge.core.filters import fields_used
from ledgerbridge.core.mapping import Direction, Rule
from ledgerbridge.core.model import Side
from ledgerbridge.core.order import SYNC_ORDER
from ledgerbridge.core.planning import KEY_FIELD, STATE_FIELD
from ledgerbridge.syncs import deals
from ledgerbridge.syncs.catalogue import KINDS, MATCH_KEYS, Preset, definitions

SYNCS = sorted(KINDS)


def test_every_sync_has_its_place_in_the_order_and_a_way_to_be_matched() -> None:
    assert set(KINDS) == set(SYNC_ORDER) == set(MATCH_KEYS)
    assert {name: kind.defaults.name for name, kind in KINDS.items()} == {x: x for x in KINDS}


def test_the_default_is_contacts_both_ways_and_the_rest_to_hubspot() -> None:
    assert {name: each.direction for name, each in definitions().items()} == {
        "contacts": Direction.BOTH,
        "companies": Direction.TO_HUBSPOT,
        "products": Direction.TO_HUBSPOT,
        "invoices": Direction.TO_HUBSPOT,
        "payments": Direction.TO_HUBSPOT,
        "deals": Direction.TO_HUBSPOT,
        "timeline": Direction.TO_HUBSPOT,
    }


def test_nothing_is_on_before_its_owner_says_so_and_quickbooks_wins() -> None:
    for preset in (Preset.RECOMMENDED, Preset.READ_ONLY):
        for definition in definitions(preset).values():
            assert not definition.enabled
            assert definition.rule is Rule.QUICKBOOKS
            assert definition.deletions is DeletionRule.MARK
            assert definition.matching[0] == "key"


def test_read_only_writes_nothing_to_quickbooks() -> None:
    for definition in definitions(Preset.READ_ONLY).values():
        assert not definition.travels(Side.QUICKBOOKS)
        compiled = rules_of(definition.name, direction=definition.direction).mappings
        assert compiled
        assert not any(each.allows(Side.QUICKBOOKS) for each in compiled)
        assert not any(each.creates(Side.QUICKBOOKS) for each in compiled)


def test_read_only_shows_all_that_the_default_shows() -> None:
    for name, definition in definitions(Preset.READ_ONLY).items():
        shown = {each.name for each in narrowed(definition) if each.enabled}
        assert shown == {each.name for each in definitions()[name].mappings}


@pytest.mark.parametrize("name", SYNCS)
def test_the_default_mappings_compile_and_each_sync_stamps_its_key(name: str) -> None:
    compiled = {each.name: each for each in rules_of(name).mappings}
    assert set(compiled) == {each.name for each in KINDS[name].defaults.mappings}
    assert compiled["key"].hubspot == (KINDS[name].key_property,)
    assert compiled["key"].allows(Side.HUBSPOT)
    assert not compiled["key"].allows(Side.QUICKBOOKS)


@pytest.mark.parametrize("name", SYNCS)
def test_every_property_of_ours_that_is_mapped_is_created(name: str) -> None:
    kind = KINDS[name]
    mapped = {x for each in kind.defaults.mappings for x in each.hubspot}
    ours = {field.name for field in kind.own_properties}
    state = {STATE_FIELD} if ours else set()
    typed = {deals.PO_NUMBER, deals.ESTIMATE} & ours  # by people
    assert {x for x in mapped if x.startswith("ledgerbridge_")} | state | typed == ours
    unique = [field.name for field in kind.own_properties if field.unique]
    assert unique == ([KEY_FIELD] if ours else [])
    assert all(field.label for field in kind.own_properties)


@pytest.mark.parametrize("name", SYNCS)
def test_every_value_that_we_compute_is_mapped_and_described(name: str) -> None:
    kind = KINDS[name]
    mapped = {x for each in kind.defaults.mappings for x in each.quickbooks}
    computed = {field.name for field in kind.derived}
    assert {x for x in mapped if x.startswith("@")} == computed


@pytest.mark.parametrize("name", SYNCS)
def test_no_private_field_is_mapped_or_filtered_by_default(name: str) -> None:
    rules = rules_of(name)
    private = {
        field.name
        for schema in rules.schemas.values()
        for field in schema.fields.values()
        if field.private
    }
    assert private
    used = {x for each in rules.mappings for x in (*each.hubspot, *each.quickbooks)}
    assert not used & private
    assert not fields_used(rules.definition.to_hubspot) & private
