"""
At rest every record is known: it has a partner, leans on a pair, or somebody says why not. And
nothing was made twice, not even after a person removed the first one.
"""

from __future__ import annotations

import re
from collections import Counter

from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import Status, WriteKind
from ledgerbridge.store import journal, links, outcomes, syncs
from ledgerbridge.store.transaction import Transaction
from simulation.world import Simulation

WORD = re.compile(r"\w+")


async def check_accounted(world: Simulation) -> None:
    """
    I-CURS: nothing that people made or changed was overlooked.

    Whoever survived a merge is known by the pairs of those that it took in (I-MERGE).
    """
    merged = {survivor for _, survivor in world.people.merged}
    customers = [c["Id"] for c in world.company.all("Customer") if c["Active"]]
    contacts = [c["hs_object_id"] for c in world.portal.all("contacts")]
    contacts = [one for one in contacts if one not in merged]
    invoices = [invoice["Id"] for invoice in world.company.all("Invoice")]
    for word, name, side, ids in (
        ("customer", "contacts", Side.QUICKBOOKS, customers),
        ("contact", "contacts", Side.HUBSPOT, contacts),
        ("invoice", "invoices", Side.QUICKBOOKS, invoices),
    ):
        known = await world.store.read(_known, name, side, ids)
        missing = ", ".join(f"{word} {one}" for one in sorted(set(ids) - known))
        assert not missing, f"I-CURS: overlooked in {name}: {missing}"
        world.counts["records accounted for"] += len(ids)


def _known(tx: Transaction, name: str, side: Side, ids: list[str]) -> set[str]:
    found: set[str] = set()
    for sync in (one for one in syncs.every(tx) if one.name == name):
        found |= set(links.by_ids(tx, sync.id, side, ids))
        found |= set(outcomes.get_many(tx, sync.id, side, ids))
        if side is Side.QUICKBOOKS:
            found |= set(links.attachments(tx, sync.id, ids))
        found |= _named_in_cases(tx, sync.id) & set(ids)
    return found


def _named_in_cases(tx: Transaction, sync: str) -> set[str]:
    """The records that the cases of others name: who is whom is asked of one side alone."""
    codes = {one.code for one in outcomes.counts(tx, sync) if one.status is Status.CASE}
    told = [x for code in codes for x in outcomes.page(tx, sync, Status.CASE, code, limit=1000)]
    return {word for one in told for word in WORD.findall(one.message)}


async def check_made_once(world: Simulation) -> None:
    """I-DUP: of each link we made at most one record on each side, ever."""
    entries = await world.store.read(journal.newest, 100_000, kind="write")
    made = Counter(
        (entry.link, entry.side, entry.object_type)
        for entry in entries
        if isinstance(entry, journal.WriteEntry)
        and entry.operation == WriteKind.CREATE
        and entry.object_type in ("contacts", "Customer", "products", "invoices")
    )
    twice = sorted(str(one) for one, number in made.items() if number > 1)
    assert not twice, f"I-DUP: {twice} were made more than once"
    world.counts["creations counted"] += len(made)
