"""A creation in QuickBooks whose answer was lost is sent again, and the second answer is a no."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledgerbridge.core.endings import PAIRS_MET
from ledgerbridge.core.plan import Status
from ledgerbridge.errors import CallFailed, Refuse, Unauthorized
from ledgerbridge.sandbox.http import Request
from ledgerbridge.store import operations
from support.pair import Pair, to_quickbooks

BATCH = to_quickbooks("/batch")


async def _lose_the_answer(pair: Pair, then: CallFailed) -> None:
    """The first batch is lost on its way, the second is answered so, the third gets through."""
    await pair.begin("contacts", "products")
    await pair.run()
    pair.contact("ada@example.com", qualifies=True, firstname="Ada")
    pair.item("Hours")
    pair.quickbooks.faults.next("drop_before", BATCH)
    asked: list[str] = []

    def answer(request: Request) -> None:
        if BATCH(request):
            asked.append(request.path)
            if len(asked) == 2:
                raise then

    pair.transport.on_send = answer


async def test_a_refusal_is_the_answer_and_the_run_goes_on(pair: Pair) -> None:
    await _lose_the_answer(pair, Refuse("invalid_value", "one of the values cannot be"))

    await pair.run()

    assert len(pair.portal.all("products")) == 1
    assert pair.names() == ["Ada"]


async def test_a_lost_permission_says_nothing_of_it_and_the_intent_stays(pair: Pair) -> None:
    await _lose_the_answer(pair, Unauthorized("unauthorized", "not let in", status=403))

    with pytest.raises(Unauthorized):
        await pair.run()

    assert len(await pair.store.read(operations.in_flight)) == 1
    assert await pair.outcomes() == []
    await pair.run()
    assert pair.names() == ["Ada"]
    assert await pair.store.read(operations.in_flight) == []


async def test_a_pair_whose_contact_is_merged_into_the_one_in_doubt_waits_and_meets_the_new_one(
    pair: Pair,
) -> None:
    pair.portal.use_switches(replace(pair.portal.switches, merge_new_id=False))
    bea = pair.customer("Bea Roe", "bea@example.com", GivenName="Bea")
    await pair.begin("contacts")
    await pair.run()
    ada = pair.contact("ada@example.com", qualifies=True, firstname="Ada")
    pair.quickbooks.faults.next("drop_after", BATCH, times=None)
    assert (await pair.run()).in_doubt == 1
    other = pair.contact_of("bea@example.com")["hs_object_id"]
    assert pair.portal.merge("contacts", ada, other)["hs_object_id"] == ada
    assert (await pair.run()).in_doubt == 1
    pair.quickbooks.faults.script.clear()

    await pair.run()

    (made,) = {one["Id"] for one in pair.company.all("Customer")} - {bea}
    told = {one.record_id: one.code for one in await pair.outcomes(Status.CASE)}
    assert told == {bea: PAIRS_MET, made: PAIRS_MET}
    assert (await pair.run()).writes == 0


async def _made_in_doubt(pair: Pair) -> tuple[str, str, str]:
    """Two customers in step, of which the first is invoiced, and one whose making is in doubt."""
    bea = pair.customer("Bea Roe", "bea@example.com", GivenName="Bea")
    cy = pair.customer("Cy Dow", GivenName="Cy")
    pair.invoice(bea, pair.item("Hours"))
    await pair.begin("contacts", "products", "invoices")
    await pair.run()
    pair.contact("ada@example.com", qualifies=True, firstname="Ada")
    pair.quickbooks.faults.next("drop_after", BATCH, times=None)
    assert (await pair.run()).in_doubt == 1
    (made,) = {one["Id"] for one in pair.company.all("Customer")} - {bea, cy}
    return bea, cy, made


async def _merged_and_answered(pair: Pair, survivor: str, loser: str) -> None:
    pair.company.merge("Customer", survivor, loser)
    assert (await pair.run()).in_doubt == 1
    pair.quickbooks.faults.script.clear()
    await pair.run()


async def test_a_pair_whose_customer_is_merged_into_the_one_in_doubt_waits_and_meets_the_new_one(
    pair: Pair,
) -> None:
    bea, _, made = await _made_in_doubt(pair)

    await _merged_and_answered(pair, made, bea)

    told = {one.record_id: one.code for one in await pair.outcomes(Status.CASE)}
    assert told == {bea: PAIRS_MET, made: PAIRS_MET}
    assert (await pair.run()).writes == 0


async def test_a_pair_whose_customer_is_merged_while_another_is_in_doubt_goes_on_after_that(
    pair: Pair,
) -> None:
    bea, cy, _ = await _made_in_doubt(pair)

    await _merged_and_answered(pair, cy, bea)

    assert pair.contact_of("bea@example.com")["ledgerbridge_key"].endswith(f":{cy}")
    assert (await pair.run()).writes == 0
