"""What the planners of several syncs share."""

from __future__ import annotations

from collections.abc import Iterable

from ledgerbridge.core.model import Link, LinkStatus, Record, Side
from ledgerbridge.core.plan import Planned
from ledgerbridge.core.planning import excluded
from ledgerbridge.service.planners.chunk import Chunk, Found, Subject
from ledgerbridge.service.world import ActiveSync
from ledgerbridge.store import gone, links, operations
from ledgerbridge.syncs.catalogue import MATCH_KEYS


def plan_alone_one_way(chunk: Chunk, found: Found) -> list[Subject]:
    """A product or an invoice of HubSpot's own: its item may be the one, else it stays there."""
    rules = chunk.sync.rules
    keys_of = MATCH_KEYS[rules.name]
    subjects = []
    for record in found.values():
        ids = [
            x
            for name, value in keys_of(Side.HUBSPOT, record)
            for x in chunk.by_key(Side.QUICKBOOKS, rules.quickbooks_type, name, [value]).get(
                value, ()
            )
        ]
        free = [x for x in dict.fromkeys(ids) if x not in chunk.links(Side.QUICKBOOKS, ids)]
        if free:
            again = tuple((Side.QUICKBOOKS, x) for x in free)
            planned = Planned(look_again_at=again)
        else:
            message = "it exists only in HubSpot, and this sync does not write to QuickBooks"
            planned = excluded(Side.HUBSPOT, record.id, "one_way", message)
        subjects.append(Subject(Side.HUBSPOT, record.id, planned))
    return subjects


def one_to_one(chunk: Chunk, record_id: str, planned: Planned) -> Subject:
    """
    A record whose partner this very plan has given to another one is decided after that link.

    Two customers may have one e-mail each of a contact, two items the SKU and the name of a
    product.
    """
    partners = {made.hubspot_id for made in planned.links}
    if any(chunk.promised(Side.HUBSPOT, x) for x in partners):
        planned = Planned(look_again_at=((Side.QUICKBOOKS, record_id),))
    chunk.world.promised_halves.update({(chunk.sync.id, Side.HUBSPOT, x) for x in partners})
    return Subject(Side.QUICKBOOKS, record_id, planned)


def with_partner(chunk: Chunk, name: str, found: Iterable[Record]) -> set[str]:
    """The customers of these records that have a partner in a sync, or will by this plan."""
    parents = chunk.world.syncs.get(name)
    customer_ids = {x for record in found for x in record.references.get("CustomerRef", ())}
    if parents is None or not customer_ids:
        return set()
    have = set(partners(chunk, name, customer_ids))
    have |= set(links.attachments(chunk.tx, parents.id, customer_ids - have))
    have |= operations.promised(chunk.tx, parents.id, customer_ids - have)
    return have


def partners(chunk: Chunk, name: str, customer_ids: Iterable[str]) -> dict[str, Link]:
    """The living links of these customers in a sync, their own or those they lean on."""
    parents = chunk.world.syncs.get(name)
    ids = set(customer_ids)
    if parents is None or not ids:
        return {}
    own = links.by_ids(chunk.tx, parents.id, Side.QUICKBOOKS, ids)
    found = {x: link for x, link in own.items() if _is_made(link)}
    found |= _of_merged(chunk, parents, ids - set(found))
    leaning = links.attachments(chunk.tx, parents.id, ids - set(found))
    others = links.get_many(chunk.tx, {one.link_id for one in leaning.values()})
    for record_id, one in leaning.items():
        other = others.get(one.link_id)
        if other is not None and _is_made(other):
            found[record_id] = other
    return found


def _of_merged(chunk: Chunk, parents: ActiveSync, ids: set[str]) -> dict[str, Link]:
    """The links that customers take over from those that were merged into them."""
    connection = chunk.world.connections[Side.QUICKBOOKS]
    object_type = parents.rules.quickbooks_type
    taken = gone.merged_into(chunk.tx, connection, object_type, ids)
    found: dict[str, Link] = {}
    for survivor, olds in taken.items():
        theirs = links.by_ids(chunk.tx, parents.id, Side.QUICKBOOKS, olds).values()
        found.update((survivor, link) for link in theirs if _is_made(link))
    return found


def _is_made(link: Link) -> bool:
    return link.hubspot_id is not None and link.status is LinkStatus.LIVE
