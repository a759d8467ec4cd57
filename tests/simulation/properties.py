"""
The invariants, by their names in the theory; each counts how often it was really exercised.
"""

from __future__ import annotations

from collections import Counter

from ledgerbridge.core.definition import DeletionRule
from ledgerbridge.core.endings import PAIRS_MET
from ledgerbridge.core.model import LinkStatus, Side
from ledgerbridge.service.rules import definition_of
from ledgerbridge.store import journal, links, outcomes, syncs
from ledgerbridge.store.transaction import Transaction
from simulation.accounts import check_accounted, check_made_once
from simulation.conflicts import check_conflicts
from simulation.duplicates import check_no_duplicate
from simulation.moving import street_of
from simulation.people import CONTACT_FIELDS, is_sold
from simulation.removals import check_removals
from simulation.totals import check_totals
from simulation.watching import check_watched
from simulation.world import Simulation

SUMMED = (("line_items", "amount", 1), ("discounts", "hs_value", -1), ("taxes", "hs_value", 1))
WRITES = ("batch create", "batch update", "batch archive")


async def check_all(world: Simulation) -> None:
    """Everything that must hold at rest."""
    await check_no_duplicate(world)
    await check_converged(world)
    await check_no_lost_update(world)
    await check_conservation(world)
    await check_removals(world)
    await check_accounted(world)
    await check_made_once(world)
    await check_merges(world)
    await check_conflicts(world)
    await check_totals(world)
    await check_watched(world)
    await check_idle_is_silent(world)
    await check_one_edit_costs_one_write(world)


async def check_one_edit_costs_one_write(world: Simulation) -> None:
    """
    I-ECHO: from rest, one edit of one field is one writing request on the other side alone.

    Not asked while some record is failing: it is tried again as time goes by, which is a write.
    """
    rest = await world.cycle()
    world.counts["left failing"] += rest.failing if rest is not None else 0
    if rest is None or rest.failing:
        return
    found = await world.store.read(pairs)
    both = [
        (customer_id, contact_id)
        for customer_id, contact_id in found
        if world.portal.get("contacts", contact_id) and world.company.get("Customer", customer_id)
    ]
    if not both:
        return
    customer_id, contact_id = world.random.choice(both)
    hubspot, quickbooks = world.hubspot.calls.copy(), world.quickbooks.calls.copy()
    in_hubspot = world.random.random() < 0.5
    if in_hubspot:
        world.people.edit_contact(contact_id, "firstname")
    else:
        world.people.edit_customer(customer_id, "GivenName")
    await world.settle()
    cost = _requests(world.hubspot.calls - hubspot), _requests(world.quickbooks.calls - quickbooks)
    cost = cost if in_hubspot else cost[::-1]
    assert cost == (0, 1), f"I-ECHO: {cost}"
    world.counts["echo checks"] += 1


def _requests(calls: Counter[str]) -> int:
    return sum(n for kind, n in calls.items() if kind.startswith(WRITES) or kind == "batch")


async def check_idle_is_silent(world: Simulation) -> None:
    """I-IDEM: with no outside change, another run writes nothing and plans nothing."""
    before = writes(world)
    result = await world.cycle()
    assert result is not None, "I-IDEM: a run without faults stopped"
    assert not result.writes, f"I-IDEM: the journal grew by {result.writes}"
    assert writes(world) == before, "I-IDEM: a second run wrote something"
    world.counts["idle checks"] += 1


def writes(world: Simulation) -> int:
    """The writing requests that both emulators answered."""
    calls: Counter[str] = Counter()
    for emulator in (world.hubspot, world.quickbooks):
        calls.update(emulator.calls)
    return _requests(calls)


async def check_converged(world: Simulation) -> None:
    """I-CONV: a live pair says the same on both sides, unless it is failing and says why."""
    found = await world.store.read(pairs)
    for customer_id, contact_id in found:
        customer = world.company.get("Customer", customer_id)
        contact = world.portal.get("contacts", contact_id)
        if customer is None or contact is None:
            continue
        for ours, theirs in CONTACT_FIELDS.items():
            mine, other = contact.get(ours) or None, customer.get(theirs) or None
            assert mine == other, f"I-CONV: contact {contact_id} {ours} {mine!r} is not {other!r}"
            world.counts["converged fields"] += 1
        mine, other = street_of(contact), street_of(customer)
        assert mine == other, f"I-CONV: contact {contact_id} lives in {mine!r}, not {other!r}"
        world.counts["converged streets"] += mine is not None
    for invoice in world.company.all("Invoice"):
        _check_invoice(world, str(invoice["Id"]))
    await _check_payments(world)
    _check_deals(world)


async def _check_payments(world: Simulation) -> None:
    """I-MONEY: each mirrored invoice shows as paid exactly what payments settle of it."""
    out = await world.store.read(_left_out)
    shown: Counter[str] = Counter()
    for mirror in world.portal.all("commerce_payments"):
        mine = mirror.get("hs_external_reference_id")
        if mine:
            assert not shown[mine], f"I-DUP: two commerce payments {mine}"
            shown[mine] += round(float(mirror["hs_initial_amount"]) * 100)
    mirrored = {
        m.get("ledgerbridge_key", "").rsplit(":", 1)[-1] for m in world.portal.all("invoices")
    }
    due: Counter[str] = Counter()
    for payment in world.company.all("Payment"):
        for line in payment["Line"]:
            invoice = line["LinkedTxn"][0]["TxnId"]
            if invoice in mirrored and f"{payment['Id']}:{invoice}" not in out:
                key = f"{world.quickbooks.realm_id}:payment:{payment['Id']}:{invoice}"
                due[key] += round(float(line["Amount"]) * 100)
    settled = {key: cents for key, cents in shown.items() if not key.endswith(":unapplied")}
    assert settled == dict(due), f"I-MONEY: HubSpot shows {settled}, QuickBooks has {dict(due)}"
    world.counts["converged payments"] += len(settled)


def _check_deals(world: Simulation) -> None:
    """I-DEAL: a deal shows the totals of the invoices on it, and no invoice is on two by rule."""
    mirrors = {
        mirror["hs_object_id"]: mirror["ledgerbridge_key"].rsplit(":", 1)[1]
        for mirror in world.portal.all("invoices")
        if mirror.get("ledgerbridge_key") and mirror.get("ledgerbridge_state") == "live"
    }
    on_deals: Counter[str] = Counter()
    for deal in world.portal.all("deals"):
        ids = world.portal.associations("deals", deal["hs_object_id"], "invoices")
        on_deals.update(mirrors[x] for x in ids if x in mirrors)
        known = [world.company.get("Invoice", mirrors[x]) for x in ids if x in mirrors]
        billed = sum(float(one["TotalAmt"]) for one in known if one is not None)
        shown = float(deal.get("ledgerbridge_invoiced") or 0)
        assert shown == billed, f"I-DEAL: deal {deal['hs_object_id']} shows {shown}, not {billed}"
        world.counts["deals with invoices"] += bool(ids)
    twice = [invoice for invoice, number in on_deals.items() if number > 1]
    assert not twice, f"I-DEAL: invoices {twice} are on two deals"


def _left_out(tx: Transaction) -> set[str]:
    sync = next((one for one in syncs.every(tx) if one.name == "payments"), None)
    if sync is None:
        return set()
    found: set[str] = set()
    for one in outcomes.counts(tx, sync.id):
        page = outcomes.page(tx, sync.id, one.status, one.code, limit=1000, after=("", ""))
        found |= {told.record_id for told in page}
    return found


def pairs(tx: Transaction) -> list[tuple[str, str]]:
    found = []
    for sync in syncs.every(tx):
        if sync.name != "contacts":
            continue
        for link in links.page(tx, sync.id, "", 1000):
            failing = outcomes.get_many(tx, sync.id, Side.QUICKBOOKS, [link.quickbooks_id or ""])
            if link.status is LinkStatus.LIVE and not failing:
                found.append((link.quickbooks_id or "", link.hubspot_id or ""))
    return found


def _check_invoice(world: Simulation, invoice_id: str) -> None:
    """A mirrored invoice shows the same figures and the same lines."""
    invoice = world.company.get("Invoice", invoice_id)
    key = f"{world.quickbooks.realm_id}:invoice:{invoice_id}"
    mirrors = [m for m in world.portal.all("invoices") if m.get("ledgerbridge_key") == key]
    assert len(mirrors) <= 1, f"I-DUP: invoice {invoice_id} has {len(mirrors)} mirrors"
    if not mirrors or invoice is None:
        return
    mirror = mirrors[0]
    shown = float(mirror["ledgerbridge_balance"])
    assert shown == float(invoice["Balance"]), f"I-CONV: balance of invoice {invoice_id}"
    lines = world.portal.associations("invoices", mirror["hs_object_id"], "line_items")
    sold = [line for line in invoice["Line"] if is_sold(line)]
    assert len(lines) == max(1, len(sold)), f"I-CONV: lines of invoice {invoice_id}"
    _check_total(world, mirror, float(invoice["TotalAmt"]))
    owed = float(invoice["Balance"]) > 0
    shown_status = mirror["hs_invoice_status"]
    assert shown_status in ({"open"} if owed else {"paid", "voided", "open"}), shown_status
    world.counts["converged invoices"] += 1


def _check_total(world: Simulation, mirror: dict[str, str], total: float) -> None:
    """I-CONV: lines less discounts plus taxes are the total of a mirrored invoice."""
    shown = 0.0
    for kind, name, sign in SUMMED:
        for one in world.portal.associations("invoices", mirror["hs_object_id"], kind):
            value = float((world.portal.get(kind, one) or {})[name])
            shown += sign * value
            world.counts[f"summed {kind}"] += 1
    assert shown == total, f"I-CONV: invoice {mirror['hs_object_id']} adds up to {shown}"
    assert float(mirror["ledgerbridge_not_in_lines"]) == 0, "I-CONV: something is not in lines"


async def check_no_lost_update(world: Simulation) -> None:
    """I-LOST: a person's value is alive, or replaced by someone who saw it, or in the journal."""
    records = (*world.company.all("Customer"), *world.portal.all("contacts"))
    alive = {value for one in records for value in one.values() if isinstance(value, str)}
    alive |= {street for one in records if (street := street_of(one)) is not None}
    entries = await world.store.read(journal.newest, 100_000, kind="loss")
    lost = {str(getattr(entry, "value", None)) for entry in entries}
    lost |= world.told_before
    for token, where in (*world.people.written.items(), *world.people.streets.items()):
        known = token in alive or token in world.people.replaced or token in lost
        assert known, f"I-LOST: {token} of {where} is nowhere"
    world.counts["tokens"] += len(world.people.written)
    world.counts["streets"] += len(world.people.streets)
    world.counts["losses told"] += len(lost)


async def check_conservation(world: Simulation) -> None:
    """
    I-CONS, I-DEL: what people made is removed by us only where a rule says so and its other half
    is gone; a merge is no deletion.
    """
    ended = await world.store.read(_ended)
    removes = await world.store.read(_removes)
    there = {c["hs_object_id"] for c in world.portal.all("contacts")}
    for contact_id in world.people.made.get("contacts", set()) - there:
        by_people = ("contacts", contact_id) in world.people.removed
        why, partner = ended.get(("hubspot", contact_id), ("", ""))
        partner_gone = ("Customer", partner) in world.people.removed
        by_rule = removes and partner_gone and "deleted in QuickBooks" in why
        assert by_people or by_rule, f"I-CONS: contact {contact_id}"
    for customer_id in world.people.made.get("Customer", set()):
        customer = world.company.get("Customer", customer_id)
        if customer is None:
            assert ("Customer", customer_id) in world.people.removed, f"I-CONS: {customer_id}"
        elif not customer["Active"] and customer_id not in world.people.deactivated:
            why, partner = ended.get(("quickbooks", customer_id), ("", ""))
            removed = ("contacts", partner) in world.people.removed
            was_gone = removed or partner in world.people.restored
            told = "deleted in HubSpot" in why or "there again" in why
            by_rule = removes and was_gone and told
            assert by_rule, f"I-DEL: customer {customer_id} was made inactive"
            world.counts["removed by rule"] += 1
    world.counts["conservation checks"] += 1


def _ended(tx: Transaction) -> dict[tuple[str, str], tuple[str, str]]:
    """
    Why the links of contacts ended, by their halves, whether or not they live again, and with whom.
    """
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for entry in journal.newest(tx, 100_000, kind="write"):
        link = links.get_many(tx, [entry.link]).get(entry.link)
        if link is not None and entry.sync.startswith("contacts"):
            found[entry.side, entry.record_id] = link.reason, link.id_of(entry.side.other) or ""
    for sync in (one for one in syncs.every(tx) if one.name == "contacts"):
        for link in links.page(tx, sync.id, "", 1000):
            for side in Side:
                found[side, link.id_of(side) or ""] = link.reason, link.id_of(side.other) or ""
    return found


def _removes(tx: Transaction) -> bool:
    return any(definition_of(sync).deletions is DeletionRule.ARCHIVE for sync in syncs.every(tx))


async def check_merges(world: Simulation) -> None:
    """I-MERGE: who survived a merge has one pair, or a case says which ones met; none is lost."""
    living = await world.store.read(_pairs_with_cases)
    for side, survivor in world.people.merged:
        number = len(living[side].get(survivor, ()))
        assert number <= 1, f"I-MERGE: {side} {survivor} has {number} pairs"
        world.counts["merges checked"] += 1
    for groups in living.values():
        for record_id, pairs in groups.items():
            assert len(pairs) == 1 or all(case for *_, case in pairs), f"I-MERGE: {record_id}"
    # Of a merge that change data capture does not show, only transactions could tell.
    shown = world.company.books.switches.merged_in_cdc
    gone_halves = [
        f"contact {hubspot} and customer {quickbooks}"
        for group in living["quickbooks"].values()
        for hubspot, quickbooks, case in group
        if not case
        and (
            world.portal.get("contacts", hubspot) is None
            or (shown and world.company.get("Customer", quickbooks) is None)
        )
    ]
    assert not gone_halves, f"I-MERGE: {gone_halves} are pairs though a half is gone"


def _pairs_with_cases(tx: Transaction) -> dict[str, dict[str, list[tuple[str, str, bool]]]]:
    found: dict[str, dict[str, list[tuple[str, str, bool]]]] = {"hubspot": {}, "quickbooks": {}}
    for sync in (one for one in syncs.every(tx) if one.name == "contacts"):
        page = links.page(tx, sync.id, "", 1000)
        told = outcomes.get_many(
            tx, sync.id, Side.QUICKBOOKS, [x.quickbooks_id or "" for x in page]
        )
        for link in page:
            if link.status is LinkStatus.LIVE:
                hubspot, quickbooks = link.hubspot_id or "", link.quickbooks_id or ""
                case = quickbooks in told and told[quickbooks].code == PAIRS_MET
                found["hubspot"].setdefault(hubspot, []).append((hubspot, quickbooks, case))
                found["quickbooks"].setdefault(quickbooks, []).append((hubspot, quickbooks, case))
    return found
