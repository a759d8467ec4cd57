"""The demo's two hard moments: a conflict that a rule decides, and a value that is refused."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from msgspec import Struct

from ledgerbridge.cli.demo_stage import Stage
from ledgerbridge.cli.demo_text import item, paragraph, short
from ledgerbridge.cli.output import SIDE_NAMES, number
from ledgerbridge.core.model import LinkStatus, Side
from ledgerbridge.core.plan import Status
from ledgerbridge.sandbox.company import conflict, invalid, perform
from ledgerbridge.store import journal, links, outcomes, syncs
from ledgerbridge.store.transaction import Transaction

PAGE = 500
MENDED_DOMAIN = "harbor-office.example.com"


class Pair(Struct, frozen=True):
    """One person on both sides."""

    sync: str
    customer_id: str
    contact_id: str


async def show_conflict(stage: Stage) -> None:
    """The same field changed on both sides: the rule decides, the loser is kept."""
    pair = (await _plain_pairs(stage))[0]
    edit = conflict(stage.company, stage.portal, pair.customer_id, pair.contact_id)
    perform(edit, stage.company, stage.portal)
    theirs = stage.held(Side.HUBSPOT, "contacts", pair.contact_id, "phone")
    item(edit.description, mark="•")
    result = await stage.run()
    losses = await stage.shop.store.read(_losses, result.run)
    for loss in losses:
        item(
            f"{SIDE_NAMES[loss.side]} contact {loss.record_id}, {loss.field}: "
            f"{short(loss.value)} gave way to {short(loss.winner)} ({loss.reason})",
            mark="  →",
        )
    paragraph("The value that lost is kept, with its record, its field and the rule that decided.")
    kept = [loss for loss in losses if loss.record_id == pair.contact_id and loss.value == theirs]
    stage.expect(kept, "The losing value of the conflict is not in the journal.")
    now = stage.held(Side.HUBSPOT, "contacts", pair.contact_id, "phone")
    stage.expect(
        now != theirs and kept and now == kept[0].winner,
        "The winning value of the conflict is not in HubSpot.",
    )


def _losses(tx: Transaction, run: str) -> list[journal.LossEntry]:
    found = journal.newest(tx, PAGE, run=run, kind=journal.LossEntry.kind)
    return [entry for entry in reversed(found) if isinstance(entry, journal.LossEntry)]


async def show_refusal(stage: Stage) -> None:
    """A value that HubSpot refuses: one record fails and says why, and is mended."""
    pair = (await _plain_pairs(stage))[-1]
    edit = invalid(stage.company, pair.customer_id)
    perform(edit, stage.company, stage.portal)
    item(edit.description, mark="•")
    await stage.run()
    failing = await stage.shop.store.read(_failing, pair)
    stage.expect(failing, f"The refused e-mail of customer {pair.customer_id} is not explained.")
    if failing is not None:
        item(f"QuickBooks customer {pair.customer_id} is failing: {failing.message}", mark="  →")
        item(f"what to do: {failing.remedy}", mark="  →")
    paragraph("Only this record waits, the others go on. It is tried again when somebody mends it:")
    await _mend(stage, pair)


async def _mend(stage: Stage, pair: Pair) -> None:
    address = f"accounts.{pair.customer_id}@{MENDED_DOMAIN}"
    change = {"Id": pair.customer_id, "PrimaryEmailAddr": {"Address": address}}
    stage.company.update("Customer", change)
    item(f"The e-mail is corrected in QuickBooks to {address}", mark="•")
    result = await stage.run()
    now = stage.held(Side.HUBSPOT, "contacts", pair.contact_id, "email")
    left = await stage.shop.store.read(_failing, pair)
    item(
        f"HubSpot contact {pair.contact_id} has it too ({number(result.writes, 'record')} written)",
        mark="  →",
    )
    stage.expect(now == address and left is None, "The mended e-mail did not arrive in HubSpot.")


def _failing(tx: Transaction, pair: Pair) -> outcomes.RecordOutcome | None:
    known = outcomes.get_many(tx, pair.sync, Side.QUICKBOOKS, [pair.customer_id])
    found = known.get(pair.customer_id)
    return found if found is not None and found.status is Status.FAILING else None


async def _plain_pairs(stage: Stage) -> list[Pair]:
    """Pairs in step of which the customer is active, on its own, and has one e-mail of its own."""
    shared = _shared_emails(stage)
    found = []
    for pair in await stage.shop.store.read(_pairs_in_step):
        customer = stage.company.get("Customer", pair.customer_id) or {}
        address = customer.get("PrimaryEmailAddr", {}).get("Address", "").lower()
        is_plain = customer.get("Active") and "ParentRef" not in customer
        if is_plain and address and "," not in address and address not in shared:
            found.append(pair)
    return found


def _shared_emails(stage: Stage) -> AbstractSet[str]:
    seen: set[str] = set()
    shared: set[str] = set()
    for customer in stage.company.all("Customer"):
        address = customer.get("PrimaryEmailAddr", {}).get("Address", "").lower()
        (shared if address in seen else seen).add(address)
    return shared


def _pairs_in_step(tx: Transaction) -> list[Pair]:
    sync = next(one.id for one in syncs.every(tx) if one.name == "contacts")
    live = [one for one in links.page(tx, sync, "", PAGE) if one.status is LinkStatus.LIVE]
    pairs = [
        Pair(sync, one.quickbooks_id, one.hubspot_id)
        for one in live
        if one.quickbooks_id is not None and one.hubspot_id is not None
    ]
    told = outcomes.get_many(tx, sync, Side.QUICKBOOKS, [pair.customer_id for pair in pairs])
    return [pair for pair in pairs if pair.customer_id not in told]
