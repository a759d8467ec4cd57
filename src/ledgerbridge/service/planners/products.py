"""The planner of products: items, with what is known around each of them."""

from __future__ import annotations

from collections.abc import Sequence

from ledgerbridge.core.model import Side
from ledgerbridge.core.values import text_key
from ledgerbridge.service.planners.chunk import Chunk, Subject, half_of, halves_of
from ledgerbridge.service.planners.shared import one_to_one
from ledgerbridge.syncs import products


def plan_quickbooks(chunk: Chunk, ids: Sequence[str]) -> list[Subject]:
    """What these items need."""
    return [
        one_to_one(chunk, situation.item.id, products.plan_item(chunk.sync.rules, situation))
        for situation in items(chunk, ids)
    ]


def items(chunk: Chunk, ids: Sequence[str]) -> list[products.ItemSituation]:
    """The situations of these items; those that are not stored are left out."""
    found = chunk.read(Side.QUICKBOOKS, "Item", ids)
    linked = chunk.links(Side.QUICKBOOKS, found)
    halves = chunk.read(Side.HUBSPOT, "products", halves_of(linked.values()))
    skus = {r.id: text_key(r.fields.get("Sku") or "") for r in found.values()}
    groups = chunk.groups("Item", "sku", filter(None, skus.values()), found)
    free = [record for record in found.values() if record.id not in linked]
    keys = {record.id: products.match_keys(Side.QUICKBOOKS, record) for record in free}
    by_key = chunk.hubspot_by_keys("products", [key for group in keys.values() for key in group])
    near = chunk.read(Side.HUBSPOT, "products", {x for group in by_key.values() for x in group})
    taken = chunk.links(Side.HUBSPOT, near)
    near_skus = {x: text_key(product.fields.get("hs_sku") or "") for x, product in near.items()}
    items_by_sku = chunk.by_key(Side.QUICKBOOKS, "Item", "sku", filter(None, near_skus.values()))
    return [
        products.ItemSituation(
            item=record,
            link=linked.get(record.id),
            product=halves.get(half_of(linked.get(record.id))),
            same_sku=groups.get(skus[record.id], (record,)),
            partners=tuple(
                products.ProductPartner(
                    near[x], taken.get(x), tuple(items_by_sku.get(near_skus[x], ()))
                )
                for x in dict.fromkeys(
                    x for key in keys.get(record.id, ()) for x in by_key.get(key, ())
                )
                if x in near and not near[x].state.gone
            ),
        )
        for record in found.values()
    ]
