"""Where a sync removes what is gone on the other side: it goes as it was, and it does go."""

from __future__ import annotations

import re
from decimal import Decimal

from ledgerbridge.core.definition import DeletionRule
from ledgerbridge.core.model import Link, LinkStatus
from ledgerbridge.service.rules import definition_of
from ledgerbridge.store import links, syncs
from ledgerbridge.store.transaction import Transaction
from simulation.moving import street_of
from simulation.people import CONTACT_FIELDS
from simulation.world import Simulation

PHONE = "PrimaryPhone.FreeFormNumber"
WROTE = re.compile(r"wrote invoice (\S+) for it")
PAID = re.compile(r"paid \S+ by payment")


async def check_removals(world: Simulation) -> None:
    """
    I-DEL: a customer whose contact somebody archived is made inactive, unless somebody edited it.
    A name that was never in step, for want of an update in time, counts as edited, and so does a
    balance that somebody's payment or the deletion of an invoice moved, perhaps back by now.

    Asked where nobody merged anything, for a merge is no deletion, and where no owner changed a
    direction: a contact whose loss is seen while nothing may be written to QuickBooks takes nobody
    along later.
    """
    if world.people.merged or world.counts["lost databases"]:
        return
    if world.counts["owner: changes direction"]:
        return
    ids = {about[1] for _, about, words in world.people.diary if about and PAID.match(words)}
    invoices = (world.company.get("Invoice", one) for one in ids)
    paid = {one["CustomerRef"]["value"] for one in invoices if one is not None}
    deleted = {
        about[1]
        for _, about, words in world.people.diary
        if about and (wrote := WROTE.match(words)) and ("Invoice", wrote[1]) in world.people.removed
    }
    for link in await world.store.read(_ended_by_rule):
        customer_id = link.quickbooks_id or ""
        customer = world.company.get("Customer", customer_id) or {}
        base = link.base_quickbooks
        edited = any(
            (base[name] or None) != (customer.get(name) or None)
            for name in CONTACT_FIELDS.values()
            if name in base
        )
        moved = Decimal(base.get("Balance") or 0) != Decimal(str(customer.get("Balance") or 0))
        moved |= any(name not in base for name in CONTACT_FIELDS.values() if customer.get(name))
        moved |= base.get("BillAddr.Line1") != street_of(customer)
        moved |= PHONE not in base and "PrimaryPhone" in customer
        moved |= customer_id in deleted or customer_id in paid
        by_us = not customer["Active"] and customer_id not in world.people.deactivated
        assert not (by_us and edited), f"I-DEL: customer {customer_id} went, though it was edited"
        gone = ("contacts", link.hubspot_id or "") in world.people.removed
        stays = gone and customer["Active"] and not edited and not moved
        assert not stays, f"I-DEL: customer {customer_id} stays, though its contact is gone"
        world.counts["removals checked"] += 1


def _ended_by_rule(tx: Transaction) -> list[Link]:
    return [
        link
        for sync in syncs.every(tx)
        if sync.name == "contacts" and definition_of(sync).deletions is DeletionRule.ARCHIVE
        for link in links.page(tx, sync.id, "", 1000)
        if link.status is LinkStatus.DEAD
        and link.reason.startswith("deleted in HubSpot")
        and link.quickbooks_id is not None
    ]
