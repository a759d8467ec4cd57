"""
Discounts and taxes of invoices, which can carry no unique key: they are made together with their
association, and only after what their invoices have already was read (engine.md, keys). Where
HubSpot refuses them, that is remembered: none is tried twice, and the invoice states the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from ledgerbridge.connectors.port import Wanted
from ledgerbridge.core.model import LineLink, Record, Value
from ledgerbridge.core.plan import Operation, WriteKind
from ledgerbridge.errors import Verdict
from ledgerbridge.service.resting import LACKING
from ledgerbridge.service.spool import Spooled
from ledgerbridge.service.world import World
from ledgerbridge.store import links, pending
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.adjustments import ADJUSTMENT_TYPES, AMOUNT, PLACE, REFUSED
from ledgerbridge.syncs.invoices import NAME as INVOICES
from ledgerbridge.syncs.lines import number

if TYPE_CHECKING:
    from ledgerbridge.service.adoption import Creation
    from ledgerbridge.service.entering import SentRow
    from ledgerbridge.service.settling import Refusal

NOT_OURS_TO_SAY = frozenset({"not_found", "missing_reference"})
"""Refusals that are about the invoice, not about the discount or tax."""


def is_made_by(operation: Operation) -> bool:
    """Whether an operation makes a discount or a tax."""
    return operation.kind is WriteKind.CREATE and operation.object_type in ADJUSTMENT_TYPES


async def find_on_invoices(world: World, rows: Sequence[Creation]) -> dict[int, Record]:
    """
    Those of these rows that their invoices have already: ours are known by their place in the
    order. Raises CallFailed.
    """
    object_type = rows[0].operation.object_type
    invoices = {one.seq: x for one in rows if (x := _invoice(one)) is not None}
    asked = sorted(set(invoices.values()))
    found = await world.hubspot.associations(INVOICES, object_type, asked)
    ids = sorted({x for some in found.values() for x in some})
    if not ids:
        return {}
    fields = tuple(sorted(rows[0].write.fields))
    there = (await world.hubspot.look(Wanted(object_type, fields), ids)).found
    by_place: dict[tuple[str | None, Decimal | None], Record] = {
        (invoice, number(there[x].fields.get(PLACE))): there[x]
        for invoice, some in found.items()
        for x in some
        if x in there
    }
    return {
        one.seq: by_place[place]
        for one in rows
        if (place := (invoices.get(one.seq), number(one.write.fields[PLACE]))) in by_place
    }


def _invoice(row: Creation) -> str | None:
    ids = (one.record_id for one in row.write.associations if one.object_type == INVOICES)
    return next(ids, None)


def as_shown(sources: dict[str, Value], record: Record) -> dict[str, Value]:
    """The base of an adopted record: where it shows another amount, it is still to be updated."""
    shown = record.fields.get(AMOUNT)
    same = shown is None or number(shown) == number(sources.get(AMOUNT))
    return sources if same else {**sources, AMOUNT: shown}


def give_up(tx: Transaction, world: World, row: SentRow, refusal: Refusal) -> bool:
    """
    Whether this was the refusal of a discount or tax; then it is remembered instead of retried.

    Its invoice is planned again, and says what its lines do not show.
    """
    operation = row.operation
    if not is_made_by(operation) or refusal.verdict is not Verdict.REFUSE:
        return False
    if refusal.code in NOT_OURS_TO_SAY:
        return False
    if refusal.code in LACKING:
        world.refuses[operation.object_type] = refusal.message
    remember_refusal(tx, world, row.spooled, operation, refusal.message)
    return True


def remember_refusal(
    tx: Transaction, world: World, spooled: Spooled, operation: Operation, why: str
) -> None:
    """Remember that HubSpot refused this discount or tax as it is; its invoice is planned again."""
    refused = LineLink(
        key=operation.line or "",
        hubspot_id="",
        base_hubspot={REFUSED: why},
        base_quickbooks=operation.sources,
    )
    links.put_lines(tx, operation.link, [refused])
    pending.mark(tx, operation.sync, spooled.side, [spooled.record_id], world.clock.now())
