"""Items as products: matched by SKU, then by name; one owner for a shared SKU."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from msgspec.structs import replace
from sync_worlds import HUBSPOT, QUICKBOOKS, key, operation, outcome, pair, rules_of

from ledgerbridge.core.filters import Condition, Filter
from ledgerbridge.core.model import LinkStatus, Record, Value
from ledgerbridge.core.plan import Planned, Status, WriteKind
from ledgerbridge.syncs.products import (
    ItemSituation,
    ProductPartner,
    derive,
    match_keys,
    plan_item,
)

RULES = rules_of("products")
SERVICES_ONLY = Filter(groups=((Condition(field="Type", operator="is", value="Service"),),))


def item(record_id: str, name: str = "Rock Fountain", sku: Value = None, **fields: Value) -> Record:
    """An item that is sold."""
    shown = {
        "@key": key("item", record_id),
        "Name": name.rpartition(":")[2],
        "FullyQualifiedName": name,
        "Sku": sku,
        "Type": "Inventory",
        "Active": "true",
        **fields,
    }
    return Record("Item", record_id, "0", shown)


def product(record_id: str, name: str, sku: Value = None, **fields: Value) -> Record:
    """A product."""
    return Record("products", record_id, "v1", {"name": name, "hs_sku": sku, **fields})


def plan(record: Record, *products: Record | ProductPartner, **options: Any) -> Planned:
    """The plan for one item; `products` are those that it might be."""
    rules = options.pop("rules", RULES)
    partners = tuple(
        each if isinstance(each, ProductPartner) else ProductPartner(each, None)
        for each in products
    )
    around: dict[str, Any] = {
        "item": record,
        "link": None,
        "product": None,
        "same_sku": (record,),
        "partners": partners,
        **options,
    }
    return plan_item(rules, ItemSituation(**around))


def matched(planned: Planned) -> tuple[str, str]:
    """Which product a plan pairs its item with, and by what."""
    (made,) = planned.links
    return made.hubspot_id, made.reason


def test_an_item_without_a_product_gets_one_with_its_key() -> None:
    made = operation(
        plan(item("5", "Design:Rock Fountain", "RF-1", UnitPrice="275", Description="Stone"))
    )
    assert (made.side, made.kind, made.object_type) == (HUBSPOT, WriteKind.CREATE, "products")
    assert made.fields == {
        "ledgerbridge_key": key("item", "5"),
        "hs_sku": "RF-1",
        "name": "Rock Fountain",
        "description": "Stone",
        "price": "275",
        "hs_product_type": "inventory",
        "ledgerbridge_active": "true",
        "ledgerbridge_origin": "live",
    }


def test_the_category_of_an_item_is_shown() -> None:
    made = operation(plan(item("5", "Design:Rock Fountain", **{"ParentRef.name": "Design"})))
    assert made.fields["ledgerbridge_category"] == "Design"


def test_the_key_goes_before_the_sku_and_the_sku_before_the_name() -> None:
    by_key = product("1", "Other", ledgerbridge_key=key("item", "5"))
    by_sku, by_name = product("2", "Other", "rf-1"), product("3", "rock  FOUNTAIN")
    mine = item("5", sku="RF-1")
    for order in permutations((by_key, by_sku, by_name)):
        assert matched(plan(mine, *order)) == ("1", "matched by key")
    assert matched(plan(mine, by_name, by_sku)) == ("2", "matched by sku")
    assert matched(plan(mine, by_name)) == ("3", "matched by name")


def test_the_name_is_matched_with_its_categories() -> None:
    mine = item("5", "Design:Rock Fountain")
    assert matched(plan(mine, product("1", "Design:Rock Fountain"))) == ("1", "matched by name")
    assert operation(plan(mine, product("1", "Rock Fountain"))).kind is WriteKind.CREATE


def test_two_products_with_one_name_are_left_to_a_person() -> None:
    found = outcome(plan(item("5"), *(product(each, "Rock Fountain") for each in ("2", "1"))))
    assert (found.status, found.code) == (Status.FAILING, "ambiguous_match")
    assert "products 1, 2 in HubSpot have the same name" in found.message


def test_a_product_that_is_paired_or_carries_another_key_is_not_taken() -> None:
    mine = item("5", sku="RF-1")
    other = product("1", "Rock Fountain", "RF-1", ledgerbridge_key=key("item", "8"))
    assert operation(plan(mine, other)).kind is WriteKind.CREATE
    free = product("1", "Rock Fountain", "RF-1")
    taken = ProductPartner(free, pair("products", free, item("8")))
    assert operation(plan(mine, taken)).kind is WriteKind.CREATE
    assert matched(plan(mine, taken, product("2", "Rock Fountain"))) == ("2", "matched by name")


def test_an_owner_may_choose_what_items_are_matched_by() -> None:
    mine, twin = item("5", sku="RF-1"), product("1", "Rock Fountain", "RF-1")
    by_name = rules_of("products", matching=("name",))
    assert matched(plan(mine, twin, rules=by_name)) == ("1", "matched by name")
    unmatched = rules_of("products", matching=())
    assert operation(plan(mine, twin, rules=unmatched)).kind is WriteKind.CREATE


def test_the_lowest_id_keeps_a_shared_sku_and_the_others_show_it_apart() -> None:
    ninth, tenth = item("9", sku="RF-1"), item("10", sku="RF-1")
    group: Sequence[Record] = (tenth, ninth)
    assert operation(plan(ninth, same_sku=group)).fields["hs_sku"] == "RF-1"
    apart = operation(plan(tenth, same_sku=group)).fields
    assert apart["ledgerbridge_shared_sku"] == "RF-1"
    assert "hs_sku" not in apart


def test_an_item_that_does_not_own_its_sku_is_not_matched_by_it() -> None:
    ninth, tenth = item("9", sku="RF-1"), item("10", "Pump", sku="RF-1")
    twin = product("1", "Fountain", "RF-1")
    assert matched(plan(ninth, twin, same_sku=(ninth, tenth))) == ("1", "matched by sku")
    assert operation(plan(tenth, twin, same_sku=(ninth, tenth))).kind is WriteKind.CREATE


def test_an_item_without_a_sku_shares_none() -> None:
    derived = derive(item("10"), (item("9"), item("10"))).fields
    assert (derived["Sku"], derived["@shared_sku"]) == (None, None)
    assert derive(item("10", sku="X"), ()).fields["Sku"] == "X"


def test_a_price_of_zero_never_erases() -> None:
    priced = product("1", "Rock Fountain", price="275")
    unset = item("5", UnitPrice="0")
    assert "price" not in operation(plan(unset, priced)).fields
    before = pair("products", priced, derive(item("5", UnitPrice="275"), ()))
    planned = plan(unset, link=before, product=priced)
    assert [each.fields for each in planned.operations if "price" in each.fields] == []
    assert "price" not in operation(plan(unset)).fields


def test_a_price_that_was_set_travels() -> None:
    priced = product("1", "Rock Fountain", price="275", ledgerbridge_key=key("item", "5"))
    link = pair("products", priced, derive(item("5", UnitPrice="275"), ()))
    planned = plan(item("5", UnitPrice="280.5"), link=link, product=priced)
    assert operation(planned).fields == {"price": "280.5"}


@pytest.mark.parametrize(
    ("kind", "word"), [("Category", "category"), ("Group", "bundle"), ("Bundle", "bundle")]
)
def test_categories_and_bundles_are_skipped_with_that_reason(kind: str, word: str) -> None:
    found = outcome(plan(item("5", Type=kind), product("1", "Rock Fountain")))
    assert (found.status, found.code) == (Status.EXCLUDED, "not_a_product")
    assert word in found.message


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("Inventory", "inventory"), ("NonInventory", "non_inventory"), ("Service", "service")],
)
def test_the_type_of_an_item_is_said_in_hubspots_words(theirs: str, ours: str) -> None:
    assert operation(plan(item("5", Type=theirs))).fields["hs_product_type"] == ours


def test_nothing_is_ever_written_to_an_item() -> None:
    edited = product("1", "Edited in HubSpot", price="1", ledgerbridge_key=key("item", "5"))
    before = product("1", "Rock Fountain", ledgerbridge_key=key("item", "5"))
    planned = plan(item("5"), link=pair("products", before, derive(item("5"), ())), product=edited)
    assert planned == Planned()


def test_an_item_outside_the_filter_gets_no_product_and_a_linked_one_freezes() -> None:
    services = rules_of("products", to_hubspot=SERVICES_ONLY)
    assert outcome(plan(item("5"), rules=services)).code == "filtered_out"
    ours = product("1", "Old name")
    linked = plan(item("5"), rules=services, link=pair("products", ours, item("5")), product=ours)
    assert outcome(linked).code == "left_scope"


def test_a_dead_link_stays_dead_and_says_why() -> None:
    ours = product("1", "Rock Fountain")
    dead = replace(pair("products", ours, item("5")), status=LinkStatus.DEAD, reason="deleted")
    found = outcome(plan(item("5"), product("2", "Rock Fountain"), link=dead, product=ours))
    assert (found.code, found.message) == ("link_ended", "deleted")


def test_a_pair_whose_product_was_never_read_waits_for_it() -> None:
    link = pair("products", product("1", "Rock Fountain"), item("5"))
    assert outcome(plan(item("5"), link=link)).blocked_on == "hubspot-product:1"


def test_items_and_products_are_found_by_key_sku_and_name() -> None:
    assert match_keys(QUICKBOOKS, item("5", "Design:Pump", " P-1 ")) == (
        ("key", key("item", "5")),
        ("sku", "p-1"),
        ("name", "design:pump"),
    )
    assert match_keys(HUBSPOT, product("1", "Pump", ledgerbridge_key="k")) == (
        ("key", "k"),
        ("name", "pump"),
    )
    assert match_keys(HUBSPOT, Record("products", "1", "v1", {})) == ()
