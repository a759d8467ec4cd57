"""Who is to own what is made in HubSpot: asked of the portal when a set-up names somebody."""

from __future__ import annotations

from msgspec.structs import replace

from ledgerbridge.core.model import Side
from ledgerbridge.errors import ConfigError
from ledgerbridge.service.config_file import Document, located
from ledgerbridge.service.connecting import pair
from ledgerbridge.service.connectors import Workshop, hubspot_of
from ledgerbridge.store import connections

SHOWN_MAX = 10


async def with_owners(shop: Workshop, document: Document) -> Document:
    """
    The document with the ids of the owners that it names by an address.

    Raises ConfigError for one who is not there or not active, CallFailed, UsageError.
    """
    named = {name: owner for name, part in document.syncs.items() if (owner := _owner(part.values))}
    if not named:
        return document
    connection = pair(await shop.store.read(connections.every))[Side.HUBSPOT]
    known = await (await hubspot_of(shop, connection)).owners()
    syncs = dict(document.syncs)
    for name, owner in named.items():
        try:
            owner_id = _id_of(owner, known, f"syncs.{name}.owner")
        except ConfigError as problem:
            raise located(problem, document.lines) from None
        part = syncs[name]
        syncs[name] = replace(part, values={**part.values, "owner": owner_id})
    return replace(document, syncs=syncs)


def _owner(values: dict[str, object]) -> str:
    return str(values.get("owner") or "")


def _id_of(owner: str, known: dict[str, str], place: str) -> str:
    by_address = {address.lower(): owner_id for owner_id, address in known.items() if address}
    if owner in known:
        return owner
    if owner.lower() in by_address:
        return by_address[owner.lower()]
    some = ", ".join(f"{address or owner_id}" for owner_id, address in known.items())
    shown = some if len(known) <= SHOWN_MAX else f"{len(known)} people, as HubSpot lists them"
    raise ConfigError(
        place,
        f"HubSpot has no active owner {owner!r}.",
        f"Name one by e-mail address or owner id. Active are: {shown or 'none'}.",
    )
