"""Statements of the query language; the only place that quotes values."""

from __future__ import annotations

from collections.abc import Sequence

from ledgerbridge.connectors.quickbooks.schema import ENTITIES, Entity

CREATED = "MetaData.CreateTime"
UPDATED = "MetaData.LastUpdatedTime"
WITH_INACTIVE = "Active IN (true, false)"


def literal(value: str) -> str:
    r"""A value in quotes; `'` and `\` are escaped with a backslash (doubling is refused)."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def one_of(name: str, values: Sequence[str]) -> str:
    """The condition that a property has one of some values."""
    return f"{name} IN ({', '.join(literal(value) for value in values)})"


def from_on(time: str, since: str, before: str | None = None) -> tuple[str, ...]:
    """The conditions that a time lies at or after `since`, and before `before`."""
    conditions = (f"{time} >= {literal(since)}",)
    return conditions if before is None else (*conditions, f"{time} < {literal(before)}")


def count_of(entity: str) -> str:
    """The statement that counts the records of an entity, inactive ones included."""
    known = ENTITIES.get(entity)
    where = f" WHERE {WITH_INACTIVE}" if known is not None and known.named else ""
    return f"SELECT COUNT(*) FROM {entity}{where}"  # noqa: S608 -- names are ours


def select(
    entity: Entity,
    conditions: Sequence[str] = (),
    *,
    order: str = "",
    rows_max: int,
    start: int = 1,
) -> str:
    """The statement for one page of records, inactive ones included."""
    if entity.named:
        conditions = (WITH_INACTIVE, *conditions)
    parts = [f"SELECT * FROM {entity.name}"]  # noqa: S608 -- names are ours, values are quoted
    if conditions:
        parts.append("WHERE " + " AND ".join(conditions))
    if order:
        parts.append(f"ORDERBY {order}")
    if start > 1:
        parts.append(f"STARTPOSITION {start}")
    parts.append(f"MAXRESULTS {rows_max}")
    return " ".join(parts)
