"""What the mappings of a sync make of real records, without a call and without a write."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from ledgerbridge.core.conversion import Unconvertible
from ledgerbridge.core.mapping import CompiledMapping
from ledgerbridge.core.model import Record, Side, Value
from ledgerbridge.core.schema import COMPUTED_PREFIX
from ledgerbridge.errors import UsageError
from ledgerbridge.service.rules import activate
from ledgerbridge.service.switching import heard_of_both, stored
from ledgerbridge.store import records
from ledgerbridge.store.transaction import Transaction


class Preview(Struct, frozen=True, kw_only=True):
    """
    One mapping applied to one record: what the record shows, and what the other side would be
    given. `problem` says why nothing can be given; else it is empty.
    """

    record: str
    mapping: str
    source: dict[str, Value]
    target: dict[str, Value]
    problem: str


class PreviewReport(Struct, frozen=True, kw_only=True):
    """The mappings of a sync on its newest records, towards one side."""

    sync: str
    to: Side
    previews: tuple[Preview, ...]


def preview(
    tx: Transaction, name: str, to: Side, *, mapping: str | None, limit: int, now: datetime
) -> PreviewReport:
    """
    The mappings, or one of them, on the records that changed last. Values are shown as they are.

    Raises UsageError for an unknown sync or mapping, for a way that the sync does not go, and where
    nothing was read yet; ConfigError for a set-up that cannot work.
    """
    sync, heard = stored(tx, name), heard_of_both(tx)
    rules = activate(sync, heard[Side.HUBSPOT], heard[Side.QUICKBOOKS], now).rules
    if not rules.definition.travels(to):
        raise UsageError(f"The sync {name} does not write to {to.shown}.")
    chosen = [one for one in rules.mappings if mapping in (None, one.name)]
    if not chosen:
        known = ", ".join(one.name for one in rules.mappings)
        raise UsageError(f"{name} has no mapping {mapping!r} that serves. It has: {known}.")
    hubspot = to.other is Side.HUBSPOT
    connection = sync.hubspot_connection if hubspot else sync.quickbooks_connection
    object_type = rules.object_type(to.other)
    ids = records.newest(tx, connection, object_type, limit)
    if not ids:
        raise UsageError(f"No {object_type} was read yet. Read them with: ledgerbridge plan {name}")
    found = records.get_many(tx, connection, object_type, ids)
    shown = [one for x in ids for one in _previews(found[x], chosen, to)]
    return PreviewReport(sync=name, to=to, previews=tuple(shown))


def _previews(record: Record, chosen: list[CompiledMapping], to: Side) -> Iterator[Preview]:
    for one in chosen:
        names = one.fields(to.other)
        if not one.creates(to) or any(name.startswith(COMPUTED_PREFIX) for name in names):
            continue
        source = {name: record.fields.get(name) for name in names if record.fields.get(name)}
        if not source:
            continue
        converted = one.convert(to, record.fields, None)
        target: dict[str, Value] = {}
        problem = ""
        if isinstance(converted, Unconvertible):
            problem = f"{converted.message} {converted.remedy}"
        else:
            target = converted
        yield Preview(
            record=f"{to.other}:{record.id}",
            mapping=one.name,
            source=source,
            target=target,
            problem=problem,
        )
