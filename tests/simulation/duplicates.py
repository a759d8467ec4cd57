"""Whatever we made is the partner of something, and nothing was made twice."""

from __future__ import annotations

from ledgerbridge.store import links, syncs
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.adjustments import type_of
from ledgerbridge.syncs.catalogue import KINDS
from simulation.world import Simulation

MADE_IN_HUBSPOT = (
    "contacts",
    "companies",
    "products",
    "invoices",
    "line_items",
    "discounts",
    "taxes",
    "commerce_payments",
    "notes",
)


async def check_no_duplicate(world: Simulation) -> None:
    """I-DUP, I-INJ: whatever we made is the partner of exactly one record."""
    linked = await world.store.read(_linked, world)
    for kind in MADE_IN_HUBSPOT:
        people = world.people.made.get(kind, set())
        ours = [
            record["hs_object_id"]
            for record in world.portal.all(kind)
            if record["hs_object_id"] not in people
        ]
        orphans = [x for x in ours if x not in linked[kind] and not _without_source(world, kind, x)]
        assert not orphans, f"I-DUP: {kind} {orphans} were made by us and belong to nothing"
        world.counts[f"made {kind}"] += len(ours)
    made = world.people.made.get("Customer", set())
    ours = [c["Id"] for c in world.company.all("Customer") if c["Id"] not in made]
    orphans = [x for x in ours if x not in linked["Customer"] and not _key_merged_away(world, x)]
    assert not orphans, f"I-DUP: customers {orphans} were made by us and belong to nothing"
    world.counts["made Customer"] += len(ours)


def _key_merged_away(world: Simulation, customer: str) -> bool:
    """
    After a lost database nothing tells of a pair whose contact was merged into another one, or was
    in the bin before it had the key.
    """
    merged = {x for side, x in world.people.merged if side == "hubspot"}
    merged |= {x for kind, x in world.people.removed if kind == "contacts"}
    back = {x: world.portal.get("contacts", x) or {} for x in world.people.restored}
    merged |= {x for x, contact in back.items() if not contact.get("ledgerbridge_key")}
    return not merged.isdisjoint(world.partners_before.get(customer, ()))


def _without_source(world: Simulation, kind: str, record_id: str) -> bool:
    """After a lost database nothing tells of a pair whose QuickBooks record is gone."""
    if not world.counts["lost databases"]:
        return False
    if kind == "notes":
        return True
    if kind == "line_items" and not world.portal.associations(kind, record_id, "invoices"):
        return True  # made for an invoice that was never finished: docs/users/relink.md says so
    if kind in {"discounts", "taxes"}:
        invoices = world.portal.associations(kind, record_id, "invoices")
        return all(_without_source(world, "invoices", one) for one in invoices)
    record = world.portal.get(kind, record_id) or {}
    if record.get("ledgerbridge_key") == "":
        return True  # it was ours to the end of its pair, which let go of the key
    key = record.get("ledgerbridge_key") or record.get("hs_external_id") or ""
    entity, _, source = key.partition(":")[2].partition(":")
    names = {"customer": "Customer", "item": "Item", "invoice": "Invoice"}
    return entity in names and world.company.get(names[entity], source.partition(":")[0]) is None


def _linked(tx: Transaction, world: Simulation) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {kind: set() for kind in (*MADE_IN_HUBSPOT, "Customer")}
    for sync in syncs.every(tx):
        after = ""
        while page := links.page(tx, sync.id, after, 200):
            after = page[-1].id
            for link in page:
                if link.hubspot_id is not None:
                    found.setdefault(KINDS[sync.name].hubspot_type, set()).add(link.hubspot_id)
                if sync.name == "contacts" and link.quickbooks_id is not None:
                    found["Customer"].add(link.quickbooks_id)
            for lines in links.lines_of(tx, [link.id for link in page]).values():
                for key, line in lines.items():
                    found[type_of(key)].add(line.hubspot_id)
    return found
