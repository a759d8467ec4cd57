"""
Connect an account: ask who it is, pin it, keep its token encrypted, make our properties.

The second account completes a pair; its syncs are then set up with their defaults, all still off.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.connectors.hubspot import HubSpot
from ledgerbridge.connectors.hubspot.properties import Ensured, PropertyDefinition
from ledgerbridge.connectors.port import Description
from ledgerbridge.core.model import Side
from ledgerbridge.core.schema import Field, FieldType
from ledgerbridge.errors import Refuse, StoreProblem, Unauthorized, UsageError
from ledgerbridge.service import descriptions
from ledgerbridge.service.connectors import (
    RefreshSecret,
    Secret,
    StaticSecret,
    Workshop,
    hubspot_with,
    quickbooks_with,
    seal,
)
from ledgerbridge.service.disconnecting import take_over
from ledgerbridge.service.rules import as_stored
from ledgerbridge.store import connections, syncs
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.catalogue import KINDS, Preset, definitions
from ledgerbridge.syncs.invoice_likeness import HUBSPOTS_OWN_SOURCES, SOURCE

PROPERTY_TYPES: dict[FieldType, tuple[str, str]] = {
    FieldType.TEXT: ("string", "text"),
    FieldType.URL: ("string", "text"),
    FieldType.MONEY: ("number", "number"),
    FieldType.NUMBER: ("number", "number"),
    FieldType.BOOL: ("bool", "booleancheckbox"),
    FieldType.ENUM: ("enumeration", "select"),
    FieldType.DATE: ("date", "date"),
    FieldType.DATETIME: ("datetime", "date"),
}
BOOL_OPTIONS = (("true", "Yes"), ("false", "No"))


class Connected(Struct, frozen=True, kw_only=True):
    """
    An account that is connected now, what happened to our properties in it, and how many invoices
    other apps, such as HubSpot's own sync with QuickBooks, keep there.
    """

    connection: connections.Connection
    description: Description
    ensured: Ensured | None = None
    invoices_of_other_apps: int = 0


def property_definitions() -> tuple[PropertyDefinition, ...]:
    """The HubSpot properties of ours, of all syncs."""
    return tuple(
        property_definition(kind.hubspot_type, one)
        for kind in KINDS.values()
        for one in kind.own_properties
    )


def property_definition(object_type: str, one: Field) -> PropertyDefinition:
    """A field that is to be kept in HubSpot, in HubSpot's own terms."""
    kind, field_type = PROPERTY_TYPES[one.type]
    return PropertyDefinition(
        object_type=object_type,
        name=one.name,
        label=one.label,
        type=kind,
        field_type=field_type,
        unique=one.unique,
        options=BOOL_OPTIONS if one.type is FieldType.BOOL else _options(one),
        description="Kept by Ledgerbridge.",
    )


def _options(one: Field) -> tuple[tuple[str, str], ...]:
    return tuple((value, value) for value in one.options)


async def connect_hubspot(shop: Workshop, token: str) -> Connected:
    """Connect a portal by a static token. Raises CallFailed, UsageError."""
    who = await hubspot_with(shop, token, None).who()
    connector = hubspot_with(shop, token, who.account_id)
    ensured = await connector.ensure_properties(property_definitions())
    description = await descriptions.hear(connector)
    others = await _invoices_of_other_apps(connector, description)
    connected = await _store(shop, connector.side, description, StaticSecret(token), ensured)
    return replace(connected, invoices_of_other_apps=others)


async def _invoices_of_other_apps(portal: HubSpot, described: Description) -> int:
    """0 where the portal does not tell who put an invoice there, or shows us none."""
    schema = described.schemas.get("invoices")
    if schema is None or SOURCE not in schema.fields:
        return 0
    try:
        return await portal.count_others("invoices", SOURCE, HUBSPOTS_OWN_SOURCES)
    except Refuse:  # the sync of invoices says so in its turn
        return 0


async def connect_quickbooks(shop: Workshop, realm_id: str, refresh_token: str) -> Connected:
    """Connect a company by its realm id and a refresh token. Raises CallFailed, UsageError."""
    if not realm_id.isdigit():
        raise UsageError(f"The realm id {realm_id!r} is not a number; Intuit shows it on connect.")
    connection_id = f"{Side.QUICKBOOKS}-{realm_id}"
    before = await shop.store.write(_placeholder, shop, connection_id, realm_id)
    ended = datetime.fromtimestamp(0, UTC)
    secret = RefreshSecret("", refresh_token, ended)
    try:
        connector = quickbooks_with(shop, secret, realm_id, connection_id)
        description = await descriptions.hear(connector)
        return await _store(shop, connector.side, description, None, None)
    except Unauthorized:
        await shop.store.write(_keep_token, shop, connection_id, before)
        await shop.store.write(_withdraw, connection_id)
        raise
    except BaseException:
        await shop.store.write(_withdraw, connection_id)
        raise


def _placeholder(
    tx: Transaction, shop: Workshop, connection_id: str, realm_id: str
) -> bytes | None:
    """
    A renewed token must be stored before it is used, so its connection comes first.

    Returns the token that is stored already, None without one that can be read.
    """
    if connections.get(tx, connection_id) is None:
        connections.put(tx, _connection(Side.QUICKBOOKS, realm_id, None, "{}", shop.clock.now()))
    try:
        return connections.get_token(tx, shop.secrets, connection_id)
    except StoreProblem:  # sealed with another key: connecting again is the remedy
        return None


def _keep_token(tx: Transaction, shop: Workshop, connection_id: str, before: bytes | None) -> None:
    """Tokens that do not open this company, such as another one's, replace none that may."""
    if before is None:
        connections.drop_token(tx, connection_id)
    else:
        connections.put_token(tx, shop.secrets, connection_id, before)


def _withdraw(tx: Transaction, connection_id: str) -> None:
    """A company that never answered is not connected."""
    connection = connections.get(tx, connection_id)
    if connection is not None and descriptions.heard_at(connection) is None:
        connections.remove(tx, connection_id)


async def _store(
    shop: Workshop,
    side: Side,
    description: Description,
    secret: Secret | None,
    ensured: Ensured | None,
) -> Connected:
    now = shop.clock.now()
    settings = descriptions.as_settings(description, now)
    connection = _connection(side, description.account_id, description, settings, now)

    def write(tx: Transaction) -> None:
        connections.put(tx, connection)
        take_over(tx, connection)
        if secret is not None:
            connections.put_token(tx, shop.secrets, connection.id, seal(secret))
        set_up_syncs(tx)

    await shop.store.write(write)
    return Connected(connection=connection, description=description, ensured=ensured)


def _connection(
    side: Side,
    account_id: str,
    description: Description | None,
    settings: str,
    now: datetime,
) -> connections.Connection:
    return connections.Connection(
        id=f"{side}-{account_id}",
        service=side,
        account_id=account_id,
        name=description.name if description else account_id,
        time_zone=description.time_zone if description else "",
        home_currency=description.home_currency if description else "",
        currencies=description.currencies if description else (),
        connected_at=now,
        settings=settings,
    )


def set_up_syncs(tx: Transaction, preset: Preset = Preset.RECOMMENDED) -> None:
    """Once both sides are connected: every sync with its defaults, switched off."""
    by_side = {connection.service: connection for connection in connections.every(tx)}
    if len(by_side) < len(Side):
        return
    known = {sync.name for sync in syncs.every(tx)}
    for name, definition in definitions(preset).items():
        if name not in known:
            syncs.put(tx, _sync(name, by_side, as_stored(definition)))


def _sync(
    name: str,
    by_side: dict[Side, connections.Connection],
    definition: str,
) -> syncs.Sync:
    return syncs.Sync(
        id=f"{name}.1",
        name=name,
        hubspot_connection=by_side[Side.HUBSPOT].id,
        quickbooks_connection=by_side[Side.QUICKBOOKS].id,
        definition=definition,
    )


def pair(found: Sequence[connections.Connection]) -> dict[Side, connections.Connection]:
    """The connected pair. Raises UsageError naming what is missing."""
    by_side = {connection.service: connection for connection in found}
    for side in Side:
        if side not in by_side:
            raise UsageError(
                f"{side} is not connected yet. Connect it with: ledgerbridge connect {side}"
            )
    return by_side
