"""Undo is exact or says why not, and what was undone is not simply done again (promise 12)."""

from __future__ import annotations

import pytest
from msgspec import structs

from ledgerbridge.core.model import LinkStatus, Side
from ledgerbridge.errors import Interlock, UsageError
from ledgerbridge.service.undo_subjects import Target
from ledgerbridge.store import runs
from support.pair import AFTER_A_RUN_S, Countdown, Pair, to_hubspot, to_quickbooks
from support.undoing import differing, given_name, in_step, planned, state, statuses, undo


class Died(BaseException):
    """The process ends in the middle of something."""


def die() -> None:
    """End the process."""
    raise Died


async def test_an_undone_update_puts_back_the_value_and_is_not_done_again(pair: Pair) -> None:
    customer, _ = await in_step(pair)
    pair.edit_customer(customer, GivenName="Griselda")
    before = state(pair)
    run = (await pair.run()).run
    assert pair.contact_of("zelda@example.com")["firstname"] == "Griselda"

    report = await undo(pair, Target(run=run))

    assert [one.fields for one in report.steps] == [("firstname",)]
    assert report.left == ()
    assert differing(before, state(pair)) == {}
    assert (await pair.run()).writes == 0
    assert pair.contact_of("zelda@example.com")["firstname"] == "Zelda"


@pytest.mark.parametrize("side", list(Side))
async def test_an_edit_after_an_undo_travels_again(pair: Pair, side: Side) -> None:
    customer, contact = await in_step(pair)
    pair.edit_customer(customer, GivenName="Griselda")
    await undo(pair, Target(run=(await pair.run()).run))

    if side is Side.QUICKBOOKS:
        pair.edit_customer(customer, GivenName="Esme")
    else:
        pair.portal.update("contacts", contact, {"firstname": "Esme"})
    await pair.run()

    assert pair.contact_of("zelda@example.com")["firstname"] == "Esme"


async def test_what_somebody_has_edited_since_is_left_and_listed(pair: Pair) -> None:
    customer, contact = await in_step(pair)
    pair.edit_customer(customer, GivenName="Griselda", FamilyName="Quist")
    run = (await pair.run()).run
    pair.portal.update("contacts", contact, {"firstname": "Esme"})

    report = await undo(pair, Target(run=run))

    shown = pair.contact_of("zelda@example.com")
    assert shown["firstname"] == "Esme"
    assert shown.get("lastname") != "Quist"
    (left,) = report.left
    assert (left.record, left.fields, left.for_good) == (
        f"hubspot:{contact}",
        ("firstname",),
        False,
    )
    assert "changed since" in left.reason
    assert left.who


async def test_an_edit_between_the_plan_and_the_write_is_put_back(pair: Pair) -> None:
    customer, contact = await in_step(pair)
    pair.edit_customer(customer, GivenName="Griselda")
    run = (await pair.run()).run
    pair.transport.on_send = Countdown(
        to_hubspot("contacts/batch/update"),
        1,
        lambda: pair.portal.update("contacts", contact, {"firstname": "Esme"}),
    )

    await undo(pair, Target(run=run))
    await pair.run()

    assert pair.contact_of("zelda@example.com")["firstname"] == "Esme"


async def test_an_update_of_the_books_is_undone_as_well(pair: Pair) -> None:
    customer, contact = await in_step(pair)
    pair.portal.create("invoices", {"hs_currency": "USD"}, [("contacts", contact)])
    pair.portal.update("contacts", contact, {"firstname": "Griselda"})
    run = (await pair.run()).run
    assert given_name(pair, customer) == "Griselda"

    await undo(pair, Target(record=(Side.QUICKBOOKS, customer)))

    assert run
    assert given_name(pair, customer) == "Zelda"
    assert (await pair.run()).writes == 0


async def test_an_undo_of_an_undo_brings_the_values_again(pair: Pair) -> None:
    customer, _ = await in_step(pair)
    pair.edit_customer(customer, GivenName="Griselda")
    undone = await undo(pair, Target(run=(await pair.run()).run))

    await undo(pair, Target(run=undone.run))

    assert pair.contact_of("zelda@example.com")["firstname"] == "Griselda"
    assert (await pair.run()).writes == 0


async def test_a_customer_that_we_made_is_made_inactive_and_comes_back(pair: Pair) -> None:
    pair.contact("esme@example.com", qualifies=True, firstname="Esme", lastname="Quist")
    await pair.begin("contacts")
    run = (await pair.run()).run
    assert pair.names() == ["Esme Quist"]
    contact = pair.contact_of("esme@example.com")["hs_object_id"]
    undone = await undo(pair, Target(run=run))
    assert [one["Active"] for one in pair.company.all("Customer")] == [False]
    ((record, reason, for_good),) = [(x.record, x.reason, x.for_good) for x in undone.left]
    assert (record, reason, for_good) == (f"hubspot:{contact}", "its pair has ended", False)
    assert (await pair.run()).writes == 0

    await undo(pair, Target(run=undone.run))

    assert [one["Active"] for one in pair.company.all("Customer")] == [True]
    assert (await pair.run()).writes == 0


async def test_a_pair_lives_again_only_once_its_customer_is_active_again(pair: Pair) -> None:
    pair.contact("esme@example.com", qualifies=True, firstname="Esme", lastname="Quist")
    await pair.begin("contacts")
    undone = await undo(pair, Target(run=(await pair.run()).run))
    pair.transport.on_send = Countdown(to_quickbooks("/batch"), 1, die)
    with pytest.raises(BaseExceptionGroup):
        await undo(pair, Target(run=undone.run))
    assert [one["Active"] for one in pair.company.all("Customer")] == [False]

    assert await pair.store.read(statuses) == [LinkStatus.DEAD]
    assert (await pair.run()).writes == 0
    assert await pair.store.read(statuses) == [LinkStatus.DEAD]

    pair.pass_time(AFTER_A_RUN_S)
    await undo(pair, Target(run=undone.run))
    assert [one["Active"] for one in pair.company.all("Customer")] == [True]
    assert await pair.store.read(statuses) == [LinkStatus.LIVE]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target(run="nobody"), "There is no run"),
        (Target(record=(Side.HUBSPOT, "99")), "nothing that was written"),
    ],
)
async def test_what_is_not_in_the_history_cannot_be_undone(
    pair: Pair, target: Target, words: str
) -> None:
    await in_step(pair)
    with pytest.raises(UsageError, match=words):
        await planned(pair, target)


async def test_a_creation_in_doubt_is_settled_by_a_run_and_not_by_planning_an_undo(
    pair: Pair,
) -> None:
    await in_step(pair)
    (first, *_) = await pair.store.read(runs.newest, 1)
    pair.contact("esme@example.com", qualifies=True, firstname="Esme", lastname="Quist")
    pair.transport.on_send = Countdown(to_quickbooks("/batch"), 1, die)
    with pytest.raises(BaseExceptionGroup):
        await pair.run()
    before = pair.names(), pair.written_to_quickbooks(), len(pair.transport.sent)

    with pytest.raises(Interlock, match="ledgerbridge run"):
        await planned(pair, Target(run=first.id))

    assert (pair.names(), pair.written_to_quickbooks(), len(pair.transport.sent)) == before
    await pair.run()
    assert (await planned(pair, Target(run=first.id))).steps


async def test_a_later_run_is_undone_first(pair: Pair) -> None:
    customer, _ = await in_step(pair)
    pair.edit_customer(customer, GivenName="Griselda")
    first = (await pair.run()).run
    pair.edit_customer(customer, GivenName="Esme")
    second = (await pair.run()).run

    report = await planned(pair, Target(run=first))

    assert report.steps == ()
    assert second in report.left[0].reason


async def test_what_the_history_has_dropped_is_said_to_be_unknown(pair: Pair) -> None:
    await in_step(pair)
    (first, *_) = await pair.store.read(runs.newest, 1)
    pair.pass_time(40 * 86_400.0)
    pair.settings = structs.replace(pair.settings, history_days=30)

    result = await pair.run()

    assert result.pruned == 1
    with pytest.raises(UsageError, match="still knows"):
        await planned(pair, Target(run=first.id))
