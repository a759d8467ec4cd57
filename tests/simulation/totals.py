"""I-TOTALS: what contacts and companies show of their customers' invoices, against the books."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ledgerbridge.core.model import LinkStatus, Side
from ledgerbridge.store import links, outcomes, syncs
from ledgerbridge.store.transaction import Transaction
from simulation.world import Simulation

TOTALLED = ("contacts", "companies")


async def check_totals(world: Simulation) -> None:
    """
    I-TOTALS: at rest each contact and company in step shows the number and sum of its customers'
    living invoices, and the cash that settled them.
    """
    for kind, hubspot_id, customers in await world.store.read(_in_step):
        record = world.portal.get(kind, hubspot_id)
        if record is None:
            continue
        invoices = [one for one in world.company.all("Invoice") if _is_of(one, customers)]
        living = {one["Id"]: _amount(one["TotalAmt"]) for one in invoices if _lives(one)}
        paid = sum((_cash(one, living) for one in world.company.all("Payment")), Decimal(0))
        told = [record.get(f"ledgerbridge_{x}") or "0" for x in ("invoices", "invoiced", "paid")]
        shown = tuple(map(Decimal, told))
        expected = (Decimal(len(living)), sum(living.values(), Decimal(0)), paid)
        where = f"{kind} {hubspot_id} of customers {sorted(customers)}"
        assert shown == expected, f"I-TOTALS: {where} shows {shown}, the books say {expected}"
        world.counts["totals with invoices"] += bool(living)


def _in_step(tx: Transaction) -> list[tuple[str, str, set[str]]]:
    """Pairs that nothing keeps from being in step, with all customers that they stand for."""
    found = []
    for sync in syncs.every(tx):
        if sync.name not in TOTALLED:
            continue
        page = [x for x in links.page(tx, sync.id, "", 1000) if x.status is LinkStatus.LIVE]
        leaning = links.attached_to(tx, [link.id for link in page])
        ids = [link.quickbooks_id or "" for link in page]
        out = outcomes.get_many(tx, sync.id, Side.QUICKBOOKS, ids)
        for link in page:
            if link.hubspot_id and link.quickbooks_id and link.quickbooks_id not in out:
                near = {one.record_id for one in leaning.get(link.id, ())}
                found.append((sync.name, link.hubspot_id, {link.quickbooks_id, *near}))
    return found


def _is_of(transaction: dict[str, Any], customers: Iterable[str]) -> bool:
    return transaction["CustomerRef"]["value"] in customers


def _lives(invoice: dict[str, Any]) -> bool:
    return _amount(invoice["TotalAmt"]) != 0 or "Voided" not in invoice.get("PrivateNote", "")


def _cash(payment: dict[str, Any], living: Iterable[str]) -> Decimal:
    lines = (line for line in payment["Line"] if line["LinkedTxn"][0]["TxnId"] in living)
    return sum((_amount(line["Amount"]) for line in lines), Decimal(0))


def _amount(value: Any) -> Decimal:
    return Decimal(str(value))
