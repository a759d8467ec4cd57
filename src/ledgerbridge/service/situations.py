"""
Gather what the planner needs around the records of one chunk, in a handful of queries.

Everything comes from the store: planning asks no vendor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ledgerbridge.core.filters import associations_used
from ledgerbridge.core.model import Link, LinkStatus, Record, Side
from ledgerbridge.core.values import emails, text_key
from ledgerbridge.service.observe import mirror_of_ours
from ledgerbridge.service.world import ActiveSync, World
from ledgerbridge.store import links, operations, records
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs import contacts, invoices, products

SUB_CUSTOMER_LEVELS_MAX = 5
NAMED = ("Customer", "Vendor", "Employee")
Found = dict[str, Record]


class Chunk:
    """The store as seen by one chunk of one sync."""

    def __init__(self, tx: Transaction, world: World, sync: ActiveSync) -> None:
        self.tx, self.world, self.sync = tx, world, sync

    def read(self, side: Side, object_type: str, ids: Iterable[str]) -> Found:
        """Stored records by id."""
        return records.get_many(self.tx, self.world.connections[side], object_type, ids)

    def by_key(
        self, side: Side, object_type: str, name: str, values: Iterable[str]
    ) -> dict[str, list[str]]:
        """Ids of stored records by one of their keys."""
        connection = self.world.connections[side]
        return records.by_key(self.tx, connection, object_type, name, values)

    def links(self, side: Side, ids: Iterable[str]) -> dict[str, Link]:
        """The links of this sync by the ids of one side."""
        return links.by_ids(self.tx, self.sync.id, side, ids)

    def groups(
        self, object_type: str, key: str, values: Iterable[str], known: Mapping[str, Record]
    ) -> dict[str, tuple[Record, ...]]:
        """All QuickBooks records that share a key, by its value; those at hand are not re-read."""
        ids = self.by_key(Side.QUICKBOOKS, object_type, key, values)
        missing = {x for group in ids.values() for x in group if x not in known}
        found = {**known, **self.read(Side.QUICKBOOKS, object_type, missing)}
        return {value: tuple(found[x] for x in group if x in found) for value, group in ids.items()}

    def hubspot_by_keys(
        self, object_type: str, wanted: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], list[str]]:
        """Ids of HubSpot records by (key name, value)."""
        found: dict[tuple[str, str], list[str]] = {}
        for name in dict.fromkeys(name for name, _ in wanted):
            values = [value for key, value in wanted if key == name]
            for value, ids in self.by_key(Side.HUBSPOT, object_type, name, values).items():
                found[name, value] = ids
        return found


def customers(chunk: Chunk, ids: Sequence[str]) -> list[contacts.CustomerSituation]:
    """The situations of these customers; those that are not stored are left out."""
    found = chunk.read(Side.QUICKBOOKS, "Customer", ids)
    linked = chunk.links(Side.QUICKBOOKS, found)
    halves = chunk.read(Side.HUBSPOT, "contacts", _halves(linked.values()))
    free = [record for record in found.values() if record.id not in linked]
    groups = chunk.groups("Customer", "email", filter(None, map(first_email, free)), found)
    partners = _contacts_for(chunk, free)
    near = [*halves.values(), *(p.contact for group in partners.values() for p in group)]
    associated = _associated_with(chunk, near)
    parents = _ancestors(chunk, free)
    return [
        contacts.CustomerSituation(
            customer=record,
            link=linked.get(record.id),
            contact=halves.get(_half(linked.get(record.id))),
            same_email=groups.get(first_email(record) or "", (record,)),
            ancestors=_chain(record, parents),
            partners=partners.get(record.id, ()),
            associated=associated,
        )
        for record in found.values()
    ]


def first_email(customer: Record) -> str | None:
    """The address that a customer is known by."""
    return next(iter(emails(customer.fields.get(contacts.EMAIL))), None)


def _half(link: Link | None) -> str:
    return (link.hubspot_id or "") if link is not None else ""


def _halves(found: Iterable[Link]) -> list[str]:
    return [link.hubspot_id for link in found if link.hubspot_id is not None]


def _contacts_for(chunk: Chunk, free: Sequence[Record]) -> dict[str, tuple[contacts.Partner, ...]]:
    keys = {
        record.id: [key for key in contacts.match_keys(Side.QUICKBOOKS, record) if key[0] != "name"]
        for record in free
    }
    ids = chunk.hubspot_by_keys("contacts", [key for group in keys.values() for key in group])
    if not ids:
        return {}
    found = chunk.read(Side.HUBSPOT, "contacts", {x for group in ids.values() for x in group})
    taken = chunk.links(Side.HUBSPOT, found)
    return {
        record_id: tuple(
            contacts.Partner(found[x], taken.get(x))
            for x in dict.fromkeys(x for key in group for x in ids.get(key, ()))
            if x in found and not found[x].state.gone
        )
        for record_id, group in keys.items()
    }


def _associated_with(chunk: Chunk, near: Sequence[Record]) -> contacts.AssociatedWith:
    """What the filter to QuickBooks may ask about these contacts, mirrors of ours left out."""
    definition = chunk.sync.rules.definition
    types = associations_used(definition.to_quickbooks)
    if not types or not definition.travels(Side.QUICKBOOKS) or not near:
        return lambda record, association: ()
    connection = chunk.world.connections[Side.HUBSPOT]
    ids = [record.id for record in near]
    answers: dict[tuple[str, str], list[Record]] = {}
    for kind in types:
        referring = records.referring(chunk.tx, connection, kind, "contacts", ids)
        found = chunk.read(Side.HUBSPOT, kind, {x for group in referring.values() for x in group})
        for contact_id, group in referring.items():
            answers[contact_id, kind] = [
                found[x]
                for x in group
                if x in found
                and not found[x].state.gone
                and not mirror_of_ours(chunk.world, found[x])
            ]
    return lambda record, association: answers.get((record.id, association), ())


def _ancestors(chunk: Chunk, free: Sequence[Record]) -> Found:
    """All customers above these, a bounded number of levels up."""
    found: Found = {}
    wanted = _parents(free)
    for _ in range(SUB_CUSTOMER_LEVELS_MAX):
        missing = wanted - set(found)
        if not missing:
            break
        above = chunk.read(Side.QUICKBOOKS, "Customer", missing)
        found |= above
        wanted = _parents(above.values())
    return found


def _parents(customers_: Iterable[Record]) -> set[str]:
    return {x for record in customers_ for x in record.references.get("ParentRef", ())}


def _chain(record: Record, above: Found) -> tuple[Record, ...]:
    chain: list[Record] = []
    while len(chain) < SUB_CUSTOMER_LEVELS_MAX:
        parent = next(iter(record.references.get("ParentRef", ())), None)
        if parent is None or parent not in above:
            break
        record = above[parent]
        chain.append(record)
    return tuple(chain)


def unlinked_contacts(chunk: Chunk, found: Found) -> list[contacts.ContactSituation]:
    """The situations of contacts that have no link."""
    keys = {record.id: contacts.match_keys(Side.HUBSPOT, record) for record in found.values()}
    by_email = chunk.groups(
        "Customer", "email", (v for group in keys.values() for n, v in group if n == "email"), {}
    )
    by_key = chunk.groups(
        "Customer", "key", (v for group in keys.values() for n, v in group if n == "key"), {}
    )
    claimants = {
        record_id: {
            customer.id: customer
            for name, value in group
            for customer in (by_email if name == "email" else by_key).get(value, ())
        }
        for record_id, group in keys.items()
    }
    taken = chunk.links(Side.QUICKBOOKS, {x for group in claimants.values() for x in group})
    associated = _associated_with(chunk, list(found.values()))
    return [
        contacts.ContactSituation(
            contact=record,
            claimants=tuple(
                contacts.Claimant(customer, taken.get(customer.id))
                for customer in claimants[record.id].values()
                if not customer.state.gone
            ),
            taken=lambda names: _taken(chunk, names),
            associated=associated,
        )
        for record in found.values()
    ]


def _taken(chunk: Chunk, names: Sequence[str]) -> frozenset[str]:
    """Which of these names are known in QuickBooks, or promised by this very plan."""
    known = {name for kind in NAMED for name in chunk.by_key(Side.QUICKBOOKS, kind, "name", names)}
    return frozenset(known | (chunk.world.promised_names & set(names)))


def items(chunk: Chunk, ids: Sequence[str]) -> list[products.ItemSituation]:
    """The situations of these items; those that are not stored are left out."""
    found = chunk.read(Side.QUICKBOOKS, "Item", ids)
    linked = chunk.links(Side.QUICKBOOKS, found)
    halves = chunk.read(Side.HUBSPOT, "products", _halves(linked.values()))
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
            product=halves.get(_half(linked.get(record.id))),
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


def invoices_of(chunk: Chunk, ids: Sequence[str]) -> list[invoices.InvoiceSituation]:
    """The situations of these invoices; those that are not stored are left out."""
    found = chunk.read(Side.QUICKBOOKS, "Invoice", ids)
    linked = chunk.links(Side.QUICKBOOKS, found)
    halves = chunk.read(Side.HUBSPOT, "invoices", _halves(linked.values()))
    lines = links.lines_of(chunk.tx, [link.id for link in linked.values()])
    keys = {r.id: r.fields.get("@key") or "" for r in found.values() if r.id not in linked}
    by_key = chunk.by_key(Side.HUBSPOT, "invoices", "key", keys.values())
    near = chunk.read(Side.HUBSPOT, "invoices", {x for group in by_key.values() for x in group})
    reachable = _reachable(chunk, found.values())
    return [
        invoices.InvoiceSituation(
            invoice=record,
            link=(link := linked.get(record.id)),
            mirror=halves.get(_half(link)),
            lines=lines.get(link.id, {}) if link is not None else {},
            mirrors=tuple(near[x] for x in by_key.get(keys.get(record.id, ""), ()) if x in near),
            reachable=not reachable.isdisjoint(record.references.get("CustomerRef", ())),
        )
        for record in found.values()
    ]


def _reachable(chunk: Chunk, found: Iterable[Record]) -> set[str]:
    """The customers of these invoices that have a contact, or will have one by this plan."""
    parents = chunk.world.syncs.get("contacts")
    customer_ids = {x for record in found for x in record.references.get("CustomerRef", ())}
    if parents is None or not customer_ids:
        return set()
    have = {
        record_id
        for record_id, link in links.by_ids(
            chunk.tx, parents.id, Side.QUICKBOOKS, customer_ids
        ).items()
        if link.hubspot_id is not None and link.status is LinkStatus.LIVE
    }
    have |= set(links.attachments(chunk.tx, parents.id, customer_ids))
    have |= operations.promised(chunk.tx, parents.id, customer_ids - have)
    return have
