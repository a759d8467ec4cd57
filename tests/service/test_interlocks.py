"""What stops a run before it could do harm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledgerbridge.core.guard import Caps
from ledgerbridge.core.model import Side
from ledgerbridge.core.order import SYNC_ORDER
from ledgerbridge.core.plan import WriteKind
from ledgerbridge.errors import Interlock, NotAccepted
from ledgerbridge.sandbox.hubspot import ALL_SCOPES
from ledgerbridge.service import acceptance
from ledgerbridge.service.cycle import run_once
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.world import World
from support.pair import Pair

MANY = 30


async def _many_invoices(pair: Pair) -> list[str]:
    customer = pair.customer("Ada Poe", "ada@example.com")
    item = pair.item("Hours")
    made = [pair.invoice(customer, item) for _ in range(MANY)]
    await pair.begin()
    await pair.run()
    return made


async def _unasked(pair: Pair) -> None:
    await run_once(await open_world(pair.shop()))


async def test_a_first_run_that_nobody_accepted_writes_nothing(pair: Pair) -> None:
    pair.customer("Ada Poe", "ada@example.com")
    await pair.begin()

    with pytest.raises(NotAccepted, match=r"first run.*Nothing was written.*run --yes"):
        await _unasked(pair)

    assert pair.emails() == []
    await pair.run()
    assert pair.emails() == ["ada@example.com"]


async def _capped(pair: Pair, changes_max: int) -> World:
    world = await open_world(pair.shop())
    return replace(world, caps=Caps(changes_max=changes_max))


@pytest.mark.parametrize("name", SYNC_ORDER)
async def test_a_cap_holds_for_every_sync(pair: Pair, name: str) -> None:
    pair.customer("Ada Poe", "ada@example.com")
    await pair.begin()
    await pair.run()
    world = await _capped(pair, 20)

    for side in Side:
        for kind in WriteKind:
            at_the_cap, beyond = ({f"{name}.{side}.{kind}": number} for number in (20, 21))
            await pair.store.read(acceptance.check, world, at_the_cap)
            with pytest.raises(Interlock, match=f"21 records of {name} would change"):
                await pair.store.read(acceptance.check, world, beyond)


@pytest.mark.parametrize("name", SYNC_ORDER)
async def test_too_many_ended_pairs_stop_every_sync(pair: Pair, name: str) -> None:
    pair.customer("Ada Poe", "ada@example.com")
    await pair.begin()
    await pair.run()
    world = await open_world(pair.shop())

    with pytest.raises(Interlock, match=f"26 of . linked records of {name}"):
        await pair.store.read(acceptance.check, world, {f"{name}.hubspot.end": 26})


async def test_what_follows_from_the_first_writes_of_a_run_keeps_to_the_cap_too(
    pair: Pair,
) -> None:
    quiet = pair.customer("Ada Poe")
    pair.customer("Bob Stone", "bob@example.com")
    item = pair.item("Hours")
    for _ in range(20):
        pair.invoice(quiet, item)
    await pair.begin("contacts", "products", "invoices")
    await pair.run()
    pair.edit_customer(quiet, PrimaryEmailAddr={"Address": "ada@example.com"})

    with pytest.raises(Interlock, match="40 records of invoices would change"):
        await run_once(await _capped(pair, 30))

    assert pair.emails() == ["ada@example.com", "bob@example.com"]
    assert pair.mirrors() == []
    await pair.run()
    assert len(pair.mirrors()) == 20


async def test_many_deletions_at_once_stop_the_run_until_somebody_says_they_are_meant(
    pair: Pair,
) -> None:
    invoices = await _many_invoices(pair)
    for invoice in invoices:
        pair.company.delete("Invoice", invoice)

    with pytest.raises(Interlock, match=f"{MANY} of {MANY} linked records of invoices"):
        await _unasked(pair)

    assert {mirror["hs_invoice_status"] for mirror in pair.mirrors()} == {"open"}
    await pair.run()
    assert {mirror["hs_invoice_status"] for mirror in pair.mirrors()} == {"voided"}
    assert len(pair.mirrors()) == MANY


async def test_one_deletion_is_marked_and_the_mirror_stays(pair: Pair) -> None:
    first, *_ = await _many_invoices(pair)
    pair.company.delete("Invoice", first)

    await _unasked(pair)

    marked = [mirror for mirror in pair.mirrors() if mirror["ledgerbridge_state"] == "deleted"]
    assert [mirror["hs_balance_due"] for mirror in marked] == ["0"]
    assert len(pair.mirrors()) == MANY


async def test_without_our_key_a_sync_rests_and_says_what_to_do(pair: Pair) -> None:
    pair.customer("Ada Poe", "ada@example.com")
    pair.item("Hours")
    may_not = "crm.schemas.contacts.write"
    await pair.begin(scopes=[scope for scope in ALL_SCOPES if scope != may_not])

    result = await pair.run()

    assert "no property ledgerbridge_key" in result.unavailable["contacts"]
    assert pair.emails() == []
    assert [one["name"] for one in pair.portal.all("products")] == ["Hours"]
    await pair.connect_hubspot()
    await pair.run()
    assert pair.emails() == ["ada@example.com"]
