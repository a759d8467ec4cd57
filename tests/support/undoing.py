"""Undoing in a pair of accounts, and what both show before and after."""

from __future__ import annotations

from typing import Any

from ledgerbridge.core.model import LinkStatus, Side
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.undo_subjects import Target
from ledgerbridge.service.undoing import UndoReport, carry_out, plan_undo
from ledgerbridge.store import links, syncs
from ledgerbridge.store.transaction import Transaction
from support.pair import AFTER_A_RUN_S, Pair

NOTE = {"hs_note_body": "Called.", "hs_timestamp": "2026-01-02T00:00:00Z"}
State = dict[tuple[Side, str, str], dict[str, Any]]
MOVED = frozenset({"lastmodifieddate", "hs_lastmodifieddate", "MetaData", "SyncToken"})


def state(pair: Pair) -> State:
    """
    Both accounts, record by record and field by field, by side, type and id.

    What every write moves is left out: versions, and when the record was last modified.
    """
    found: State = {}
    for kind in ("contacts", "companies", "products", "invoices", "line_items", "deals"):
        for one in pair.portal.all(kind):
            shown = {name: value for name, value in one.items() if name not in MOVED}
            found[Side.HUBSPOT, kind, one["hs_object_id"]] = shown
    for kind in ("Customer", "Item", "Invoice", "Payment"):
        for one in pair.company.all(kind):
            shown = {name: value for name, value in one.items() if name not in MOVED}
            found[Side.QUICKBOOKS, kind, one["Id"]] = shown
    return found


def differing(before: State, after: State) -> dict[tuple[str, str], set[str]]:
    """Which fields of which records (`side:id`, type) differ; all of one that came or went."""
    return {
        (f"{side}:{record_id}", kind): names
        for side, kind, record_id in {**before, **after}
        if (names := _changed(*(x.get((side, kind, record_id), {}) for x in (before, after))))
    }


def _changed(one: dict[str, Any], other: dict[str, Any]) -> set[str]:
    return {name for name in {**one, **other} if (one.get(name) or "") != (other.get(name) or "")}


def statuses(tx: Transaction) -> list[LinkStatus]:
    """How the pairs of all syncs stand."""
    return [link.status for sync in syncs.every(tx) for link in links.page(tx, sync.id, "", 100)]


async def undo(pair: Pair, target: Target) -> UndoReport:
    """One undo that is agreed to."""
    world = await open_world(pair.shop())
    report = await carry_out(world, target, await plan_undo(world, target))
    pair.pass_time(AFTER_A_RUN_S)
    return report


async def planned(pair: Pair, target: Target) -> UndoReport:
    """What an undo would do."""
    return await plan_undo(await open_world(pair.shop()), target)


async def in_step(pair: Pair) -> tuple[str, str]:
    """Zelda is in both accounts; her customer and contact."""
    customer = pair.customer("Zelda Moreno", "zelda@example.com", GivenName="Zelda")
    await pair.begin()
    await pair.run()
    return customer, pair.contact_of("zelda@example.com")["hs_object_id"]


def given_name(pair: Pair, customer: str) -> str:
    """What the books call a customer by."""
    (found,) = [one for one in pair.company.all("Customer") if one["Id"] == customer]
    return str(found.get("GivenName"))
