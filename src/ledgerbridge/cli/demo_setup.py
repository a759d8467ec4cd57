"""How the demo sets up its syncs: what a person would switch on and write into the set-up."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from ledgerbridge.cli.demo_stage import Stage
from ledgerbridge.core.mapping import Direction, Mapping
from ledgerbridge.core.model import Side
from ledgerbridge.service.configuring import make_properties
from ledgerbridge.service.making_properties import NewProperty, missing
from ledgerbridge.service.rules import as_stored, definition_of, frozen
from ledgerbridge.service.switching import enable, heard_of_both
from ledgerbridge.store import syncs
from ledgerbridge.store.transaction import Transaction

HISTORY_SHOWN = timedelta(days=2 * 365)
CREW_FIELD, CREW_PROPERTY = "Crew", "crew"
CREW = Mapping(
    name="crew",
    hubspot=(CREW_PROPERTY,),
    quickbooks=(f"CustomField.{CREW_FIELD}",),
    direction=Direction.TO_HUBSPOT,
    create=True,
)
"""A custom field of the company's sales forms, into a property that is made for it."""


async def set_up(stage: Stage) -> str:
    """Switch all syncs on, with filters that reach into the past; returns the instant."""
    new = await stage.shop.store.read(_missing)
    await make_properties(stage.shop, new)
    return await stage.shop.store.write(_switch_on, stage)


def _missing(tx: Transaction) -> tuple[NewProperty, ...]:
    """The properties that the portal lacks for what the demo maps."""
    heard = heard_of_both(tx)
    invoices = next(definition_of(sync) for sync in syncs.every(tx) if sync.name == "invoices")
    wanted = replace(invoices, mappings=(*invoices.mappings, CREW))
    return missing(wanted, heard[Side.HUBSPOT], heard[Side.QUICKBOOKS], "syncs.invoices")


def _switch_on(tx: Transaction, stage: Stage) -> str:
    now = stage.shop.clock.now()
    since = (now - HISTORY_SHOWN).strftime("%Y-%m-%dT00:00:00Z")
    found = syncs.every(tx)
    for sync in found:
        early = frozen(definition_of(sync), since)
        if sync.name == "invoices":
            early = replace(early, mappings=(*early.mappings, CREW))
        syncs.put(tx, replace(sync, definition=as_stored(early)))
    enable(tx, [sync.name for sync in found], now)
    return since
