"""Somebody is forgotten in the middle of a life under faults (I-ERASE)."""

from __future__ import annotations

import sqlite3
from random import Random

import pytest

from ledgerbridge.core.model import Side
from ledgerbridge.errors import Interlock
from ledgerbridge.service.forgetting import ForgetReport, forget
from ledgerbridge.store import links, syncs
from ledgerbridge.store.transaction import Transaction
from simulation.duplicates import check_no_duplicate
from simulation.loop import VirtualLoop, run
from simulation.properties import check_conservation, check_idle_is_silent
from simulation.runs import STORM
from simulation.world import Folder, Simulation

COMPANY = ("CompanyName", "company")
"""What a person's record gave to a company stays there: a company is no person."""


@pytest.mark.parametrize("seed", range(200, 208))
def test_whoever_is_forgotten_stays_forgotten_whatever_happens(seed: int) -> None:
    loop = VirtualLoop()
    with Folder() as folder:

        async def life() -> None:
            world = Simulation(loop, seed, folder)
            await world.begin(5, 4)
            await world.busy(8, STORM)
            await world.settle()
            customer, contact = Random(seed).choice(await world.store.read(_pairs))
            await world.busy(3, STORM)
            await _forget(world, customer)
            made = {one["hs_object_id"] for one in world.portal.all("contacts")}
            await world.busy(8, STORM)
            world.people.edit_customer(customer, "GivenName")
            await world.settle()
            _check_nothing_kept(world, customer, contact)
            merged = {survivor for _, survivor in world.people.merged}
            _check_not_made_again(world, customer, made | merged)
            await check_no_duplicate(world)
            await check_conservation(world)
            await check_idle_is_silent(world)

        run(life(), loop)


async def _forget(world: Simulation, customer: str) -> ForgetReport:
    """Forget, after as many runs as it takes until nothing is in doubt."""
    world.fate.chances = {}
    while True:
        secrets, now = world.shop().secrets, world.clock.now()
        who = (Side.QUICKBOOKS, customer)
        try:
            return await world.store.write(forget, who, secrets, now, do=True)
        except Interlock:
            await world.cycle()


def _pairs(tx: Transaction) -> list[tuple[str, str]]:
    (sync,) = [one for one in syncs.every(tx) if one.name == "contacts"]
    found = [(one.quickbooks_id, one.hubspot_id) for one in links.page(tx, sync.id, "", 100)]
    return [(theirs, ours) for theirs, ours in found if theirs and ours]


def _check_nothing_kept(world: Simulation, customer: str, contact: str) -> None:
    """No word that anybody wrote about them is in the database."""
    theirs = {(Side.QUICKBOOKS, customer), (Side.HUBSPOT, contact)}
    words = {
        token
        for token, (side, record_id, name) in world.people.written.items()
        if (side, record_id) in theirs and name not in COMPANY
    }
    with sqlite3.connect(world.store.path) as raw:
        tables = raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        rows = [repr(row) for (name,) in tables for row in raw.execute(f"SELECT * FROM {name}")]
    text = "\n".join(rows)
    kept = {word for word in words if word in text}
    assert words, "I-ERASE: nobody wrote anything about them"
    assert not kept, f"I-ERASE: {kept} of customer {customer} are still there"


def _check_not_made_again(world: Simulation, customer: str, made: set[str]) -> None:
    """No contact was made for them since."""
    again = [
        one["hs_object_id"]
        for one in world.portal.all("contacts")
        if one.get("ledgerbridge_key", "").endswith(f":customer:{customer}")
        and one["hs_object_id"] not in made
    ]
    assert not again, f"I-ERASE: contacts {again} were made for customer {customer}"
