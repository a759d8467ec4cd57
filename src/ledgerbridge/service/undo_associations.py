"""With what people have associated the HubSpot records that we made: what undo must not take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import WriteKind
from ledgerbridge.errors import Unauthorized
from ledgerbridge.service.world import World
from ledgerbridge.store import links
from ledgerbridge.store.journal import WriteEntry
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs import companies, contacts

LOOKED_AT: dict[str, tuple[str, ...]] = {
    "contacts": ("companies", "deals", "notes"),
    "companies": ("contacts", "deals", "notes"),
    "invoices": ("notes",),
}
"""What is no part of an observation, so that it is read before a record of one type may go."""
Associated: TypeAlias = Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]]
"""By type and id of a record: the ids of what is associated with it, by their type."""


async def read_associated(world: World, entries: Iterable[WriteEntry]) -> Associated:
    """
    What is associated now with the HubSpot records that these entries made.

    A type that our token may not read is passed over. Raises CallFailed.
    """
    made: dict[str, dict[str, None]] = {}
    for one in entries:
        if one.operation == WriteKind.CREATE and one.side is Side.HUBSPOT:
            made.setdefault(one.object_type, {})[one.record_id] = None
    found: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {}
    for object_type, ids in made.items():
        for other in LOOKED_AT.get(object_type, ()):
            try:
                near = await world.hubspot.associations(object_type, other, list(ids))
            except Unauthorized as refusal:
                if refusal.status != 403:
                    raise
                continue
            for record_id, others in near.items():
                found.setdefault((object_type, record_id), {})[other] = others
    return found


def of_people(
    tx: Transaction, world: World, object_type: str, record_id: str, associated: Associated
) -> list[tuple[str, str]]:
    """The type and id of what people put on a record; who is on a company by us is left out."""
    near = associated.get((object_type, record_id), {})
    return [
        (other, other_id)
        for other, ids in near.items()
        for other_id in ids
        if not _placed(tx, world, (object_type, record_id), (other, other_id))
    ]


def _placed(tx: Transaction, world: World, one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether these are a contact and the company that we put it on."""
    sync = world.syncs.get(contacts.NAME)
    ids = dict((one, other))
    if sync is None or set(ids) != {"contacts", "companies"}:
        return False
    link = links.by_ids(tx, sync.id, Side.HUBSPOT, [ids["contacts"]]).get(ids["contacts"])
    return link is not None and ids["companies"] in companies.companies_of(link.base_quickbooks)
