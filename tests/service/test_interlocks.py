"""What stops a run before it could do harm."""

from __future__ import annotations

import pytest

from ledgerbridge.errors import Interlock, NotAccepted
from ledgerbridge.sandbox.hubspot import ALL_SCOPES
from ledgerbridge.service.cycle import run_once
from ledgerbridge.service.opening import open_world
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
