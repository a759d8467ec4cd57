"""The syncs that are set up, and settings of the whole installation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.sqlite import insert

from ledgerbridge.errors import StoreProblem
from ledgerbridge.store import tables
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
    One sync between two connections; `definition` is its configuration as JSON values.

    `fingerprint` names the configuration it last ran with; `enabled_at` freezes the instants of
    its filters (engine.md, promise 10).
    """

    id: str
    name: str
    hubspot_connection: str
    quickbooks_connection: str
    definition: dict[str, Any]
    enabled: bool = False
    enabled_at: datetime | None = None
    fingerprint: str = ""


def put(tx: Transaction, sync: Sync) -> None:
    """Store a sync, or replace the one with its id. Both connections must be stored."""
    values = {name: getattr(sync, name) for name in sync.__struct_fields__}
    tx.execute(
        insert(_TABLE).values(values).on_conflict_do_update(index_elements=["id"], set_=values)
    )


def get(tx: Transaction, sync_id: str) -> Sync | None:
    """One sync, or None."""
    row = tx.execute(select(_TABLE).where(_TABLE.c.id == sync_id)).one_or_none()
    return None if row is None else Sync(**row._asdict())


def every(tx: Transaction) -> list[Sync]:
    """All syncs, by name."""
    return [Sync(**row._asdict()) for row in tx.execute(select(_TABLE).order_by(_TABLE.c.name))]


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
    return tx.execute(select(tables.setting.c.value).where(tables.setting.c.name == name)).scalar()
