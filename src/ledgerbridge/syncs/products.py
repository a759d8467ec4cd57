"""Products from items: matched by SKU, then by full name; one owner for a shared SKU."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.definition import SyncDefinition
from ledgerbridge.core.endings import back_in_scope, out_of_scope
from ledgerbridge.core.filters import Filter
from ledgerbridge.core.mapping import Direction, Mapping
from ledgerbridge.core.model import Link, LinkStatus, Record, Side, Value
from ledgerbridge.core.order import waits_for
from ledgerbridge.core.plan import Planned
from ledgerbridge.core.planning import (
    KEY_FIELD,
    Rules,
    blocked,
    excluded,
    failing,
    filtered_out,
    plan_creation,
    plan_match,
    plan_pair,
    why_excluded,
)
from ledgerbridge.core.schema import FieldType
from ledgerbridge.core.values import text_key
from ledgerbridge.syncs.kind import (
    KEY,
    KEY_DERIVED,
    KEY_PROPERTY,
    ORIGIN_DERIVED,
    ORIGIN_MAPPING,
    ORIGIN_PROPERTY,
    STATE_PROPERTY,
    SyncKind,
    both,
    derived,
    not_made,
    origin,
    own,
    plain_name,
    shown,
)

NAME = "products"
PRODUCT_TYPES = {"Inventory": "inventory", "NonInventory": "non_inventory", "Service": "service"}
NAMES = ("Name", "FullyQualifiedName")
NOT_PRODUCTS = {
    "Category": "a category groups items and is sold by itself never",
    "Group": "a bundle is only a list of other items",
    "Bundle": "a bundle is only a list of other items",
}

MAPPINGS = (
    KEY,
    both("SKU", "hs_sku", "Sku"),
    both("name", "name", "Name"),
    both("description", "description", "Description"),
    Mapping(name="price", hubspot=("price",), quickbooks=("UnitPrice",), zero_is_blank=True),
    shown("type", "hs_product_type", "@product_type"),
    shown("active", "ledgerbridge_active", "Active"),
    shown("category", "ledgerbridge_category", "ParentRef.name"),
    shown("shared SKU", "ledgerbridge_shared_sku", "@shared_sku"),
    ORIGIN_MAPPING,
)

KIND = SyncKind(
    name=NAME,
    hubspot_type="products",
    quickbooks_type="Item",
    defaults=SyncDefinition(
        name=NAME,
        direction=Direction.TO_HUBSPOT,
        to_hubspot=Filter(groups=()),
        to_quickbooks=Filter(groups=()),
        mappings=MAPPINGS,
        matching=("key", "sku", "name"),
    ),
    matching=("key", "sku", "name"),
    own_properties=(
        KEY_PROPERTY,
        STATE_PROPERTY,
        own("active", "Active in QuickBooks", FieldType.BOOL),
        own("category", "QuickBooks category"),
        own("shared_sku", "SKU shared with another QuickBooks item"),
        ORIGIN_PROPERTY,
    ),
    derived=(
        KEY_DERIVED,
        ORIGIN_DERIVED,
        derived("product_type", FieldType.ENUM),
        derived("shared_sku"),
    ),
)


class ProductPartner(Struct, frozen=True):
    """
    A HubSpot product that might be the one, with its link where it has one already and the ids of
    the items that have its SKU.
    """

    product: Record
    link: Link | None
    same_sku: tuple[str, ...] = ()


class ItemSituation(Struct, frozen=True, kw_only=True):
    """
    Everything known around one item.

    `same_sku` are all items with its SKU, this one included; `partners` are HubSpot products that
    carry its key, SKU or full name.
    """

    item: Record
    link: Link | None
    product: Record | None
    same_sku: tuple[Record, ...] = ()
    partners: tuple[ProductPartner, ...] = ()


def match_keys(side: Side, record: Record) -> tuple[tuple[str, str], ...]:
    """The keys under which an item or a product can be found, as (name, comparison value)."""
    fields = record.fields
    if side is Side.QUICKBOOKS:
        pairs = (
            ("key", fields.get("@key")),
            ("sku", text_key(fields.get("Sku") or "")),
            ("name", text_key(plain_name(fields.get("FullyQualifiedName")) or "")),
        )
    else:
        pairs = (
            ("key", fields.get(KEY_FIELD)),
            ("sku", text_key(fields.get("hs_sku") or "")),
            ("name", text_key(fields.get("name") or "")),
        )
    return tuple((name, value) for name, value in pairs if value)


def derive(item: Record, same_sku: Sequence[Record], enabled_at: str = "") -> Record:
    """
    The item with what HubSpot needs of it: its plain name, its type in HubSpot's words, and its SKU
    only where it owns it (HubSpot's is unique; the lowest id keeps it, the others show it in a
    property of ours), and its origin.
    """
    first = min((other.id for other in same_sku), key=_number, default=item.id)
    owns = first == item.id
    sku = item.fields.get("Sku")
    fields: dict[str, Value] = {
        **item.fields,
        **{name: plain_name(item.fields.get(name)) for name in NAMES},
        "Sku": sku if owns else None,
        "@shared_sku": None if owns else sku,
        "@product_type": PRODUCT_TYPES.get(item.fields.get("Type") or ""),
        "@origin": origin(item.created_at, enabled_at),
    }
    return replace(item, fields=fields)


def _number(record_id: str) -> tuple[int, str]:
    return (int(record_id) if record_id.isdigit() else 0, record_id)


def plan_item(rules: Rules, situation: ItemSituation) -> Planned:
    """What one item needs: its pair brought in step, a match, a new product, or a reason."""
    item = derive(situation.item, situation.same_sku, rules.enabled_at)
    refused = NOT_PRODUCTS.get(item.fields.get("Type") or "")
    if refused is not None:
        return excluded(Side.QUICKBOOKS, item.id, "not_a_product", refused)
    reasons = why_excluded(rules, Side.HUBSPOT, item)
    link = situation.link
    if link is not None and link.status is LinkStatus.DEAD:
        return excluded(Side.QUICKBOOKS, item.id, "link_ended", link.reason)
    left = out_of_scope(rules, link, situation.product, reasons) if link and reasons else None
    if left is not None:
        return left
    if reasons and link is None:
        return filtered_out(Side.QUICKBOOKS, item.id, reasons, linked=False)
    if link is None:
        return _plan_unlinked(rules, item, situation.partners)
    if situation.product is None:
        on = waits_for("hubspot-product", link.hubspot_id or "?")
        return blocked(Side.QUICKBOOKS, item.id, on, "its product has not been read yet")
    planned = plan_pair(rules, link, situation.product, item)
    return back_in_scope(rules, link, situation.product, planned)


def _plan_unlinked(rules: Rules, item: Record, partners: Sequence[ProductPartner]) -> Planned:
    for kind, wanted in _evidence(item):
        if kind not in rules.definition.matching or not wanted:
            continue
        found = [p for p in partners if _shows(p.product, kind) == wanted]
        if kind == "name" and "sku" in rules.definition.matching:
            found = [p for p in found if not set(p.same_sku) - {item.id}]
        free = [p for p in found if p.link is None and _keyless(p.product, item)]
        if len(free) == 1:
            return plan_match(rules, free[0].product, item, f"matched by {kind}")
        if len(free) > 1:
            ids = ", ".join(sorted(p.product.id for p in free))
            return failing(
                Side.QUICKBOOKS,
                item.id,
                "ambiguous_match",
                f"products {ids} in HubSpot have the same {kind}",
                "Give the one that is this item its SKU, or rename the others.",
            )
    if not rules.definition.creates:
        return not_made(Side.HUBSPOT, item)
    return plan_creation(rules, Side.HUBSPOT, item)


def _evidence(item: Record) -> tuple[tuple[str, str], ...]:
    return (
        ("key", item.fields.get("@key") or ""),
        ("sku", text_key(item.fields.get("Sku") or "")),
        ("name", text_key(item.fields.get("FullyQualifiedName") or "")),
    )


def _shows(product: Record, kind: str) -> str:
    return next((value for name, value in match_keys(Side.HUBSPOT, product) if name == kind), "")


def _keyless(product: Record, item: Record) -> bool:
    """Free to be paired: it carries no key, or this item's own."""
    return product.fields.get(KEY_FIELD) in (None, item.fields.get("@key"))
