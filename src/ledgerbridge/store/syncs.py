"""The syncs that are set up, and settings of the whole installation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.sqlite import insert

from ledgerbridge.errors import StoreProblem
from ledgerbridge.store import tables
from ledgerbridge.store.images import json_text
from ledgerbridge.store.transaction import Transaction

_TABLE = tables.sync
# What belongs to a sync, children first. Its journal is kept: what was written stays explained.
_OWNED = (
    tables.operation,
    tables.pending,
    tables.outcome,
    tables.acceptance,
    tables.open_conflict,
    tables.attachment,
    tables.link,
)


class Sync(Struct, frozen=True, kw_only=True):
    """
    One sync between two connections; `definition` is its configuration as JSON text.

    `fingerprint` names the configuration it last ran with; `enabled_at` freezes the instants of
    its filters (engine.md, promise 10).
    """

    id: str
    name: str
    hubspot_connection: str
    quickbooks_connection: str
    definition: str
    enabled: bool = False
    enabled_at: datetime | None = None
    fingerprint: str = ""


_SELECT = (
    "SELECT id, name, hubspot_connection, quickbooks_connection, definition, enabled, enabled_at, "
    "fingerprint FROM sync "
)


def put(tx: Transaction, sync: Sync) -> None:
    """Store a sync, or replace the one with its id. Both connections must be stored."""
    values = msgspec.structs.asdict(sync)
    values["enabled_at"] = tables.text_of(sync.enabled_at)
    tx.many(
        "INSERT INTO sync (id, name, hubspot_connection, quickbooks_connection, definition, "
        "enabled, enabled_at, fingerprint) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
        "hubspot_connection = excluded.hubspot_connection, "
        "quickbooks_connection = excluded.quickbooks_connection, "
        "definition = excluded.definition, enabled = excluded.enabled, "
        "enabled_at = excluded.enabled_at, fingerprint = excluded.fingerprint",
        [tuple(values.values())],
    )


def get(tx: Transaction, sync_id: str) -> Sync | None:
    """One sync, or None."""
    found = tx.rows(_SELECT + "WHERE id = ?", (sync_id,))
    return _sync(found[0]) if found else None


def every(tx: Transaction) -> list[Sync]:
    """All syncs, by name."""
    return [_sync(row) for row in tx.rows(_SELECT + "ORDER BY name")]


def _sync(row: tuple[Any, ...]) -> Sync:
    values = dict(zip(Sync.__struct_fields__, row, strict=True))
    values["definition"] = json_text(values["definition"])
    values["enabled"] = bool(values["enabled"])
    values["enabled_at"] = tables.instant_of(values["enabled_at"])
    return Sync(**values)


def remove(tx: Transaction, sync_id: str) -> None:
    """
    Forget a sync with its links; the records of both sides and the journal stay.

    Raises StoreProblem while requests of it are in flight.
    """
    operation = tables.operation
    sent = tx.execute(
        select(func.count()).where(operation.c.sync == sync_id, operation.c.request.is_not(None))
    ).scalar_one()
    if sent:
        raise StoreProblem(
            f"The sync {sync_id} has {sent} writes in flight that are not settled. Nothing was "
            "removed. Run it once, so that they settle, then delete it."
        )
    for table in _OWNED:
        tx.execute(delete(table).where(table.c.sync == sync_id))
    tx.execute(delete(_TABLE).where(_TABLE.c.id == sync_id))


def set_setting(tx: Transaction, name: str, value: Any) -> None:
    """Store a setting of the installation: any JSON value."""
    values = {"name": name, "value": value}
    tx.execute(
        insert(tables.setting)
        .values(values)
        .on_conflict_do_update(index_elements=["name"], set_=values)
    )


def setting(tx: Transaction, name: str) -> Any:
    """A setting of the installation, None where it was never set."""
    found = tx.rows("SELECT CAST(value AS TEXT) FROM setting WHERE name = ?", (name,))
    return msgspec.json.decode(found[0][0]) if found else None
