"""Undo is exact or says why not, and what was undone is not simply done again (promise 12)."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from ledgerbridge.core.model import LinkStatus, Side
from ledgerbridge.errors import Interlock, UsageError
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.undo_subjects import Target
from ledgerbridge.service.undoing import UndoReport, carry_out, plan_undo
from ledgerbridge.store import links, runs, syncs
from ledgerbridge.store.transaction import Transaction
from support.pair import AFTER_A_RUN_S, Countdown, Pair, to_hubspot, to_quickbooks


class Died(BaseException):
    """The process ends in the middle of something."""


def die() -> None:
    """End the process."""
    raise Died


NOTE = {"hs_note_body": "Called.", "hs_timestamp": "2026-01-02T00:00:00Z"}
State = dict[tuple[str, str], dict[str, Any]]


def state(pair: Pair, *, fields: bool = True) -> State:
    """What people see of both accounts, without versions and times."""
    found: State = {}
    for kind in ("contacts", "companies", "products", "invoices", "line_items"):
        for one in pair.portal.all(kind):
            shown = {n: v for n, v in one.items() if v and "date" not in n and n[:3] != "hs_"}
            found[kind, one["hs_object_id"]] = shown if fields else {}
    for kind in ("Customer", "Item", "Invoice"):
        for one in pair.company.all(kind):
            if one.get("Active", True):
                shown = {n: v for n, v in one.items() if n not in ("MetaData", "SyncToken")}
                found[kind, one["Id"]] = shown if fields else {}
    return found


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


async def test_an_undone_update_puts_back_the_value_and_is_not_done_again(pair: Pair) -> None:
    customer, contact = await in_step(pair)
    before = state(pair)
    pair.edit_customer(customer, GivenName="Griselda")
    run = (await pair.run()).run
    assert pair.contact_of("zelda@example.com")["firstname"] == "Griselda"

    report = await undo(pair, Target(run=run))

    assert [one.fields for one in report.steps] == [("firstname",)]
    assert report.left == ()
    assert state(pair)["contacts", contact] == before["contacts", contact]
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


async def test_a_first_run_is_undone_and_stays_undone(pair: Pair) -> None:
    customer = pair.customer("Zelda Moreno", "zelda@example.com")
    pair.item("Rope")
    pair.contact("esme@example.com", qualifies=True, firstname="Esme")
    await pair.begin("contacts", "products")
    before = state(pair)
    run = (await pair.run()).run
    assert state(pair) != before

    report = await undo(pair, Target(run=run))

    assert customer
    listed = {one.record for one in report.left}
    differs = {k for k in {*before, *state(pair)} if before.get(k) != state(pair).get(k)}
    assert {x for _, x in differs} <= {x.partition(":")[2] for x in listed}, report.left
    assert (await pair.run()).writes == 0


async def test_what_was_made_stays_once_a_person_has_used_it(pair: Pair) -> None:
    _, contact = await in_step(pair)
    pair.portal.update("contacts", contact, {"phone": "+1 212 555 0101"})

    report = await planned(pair, Target(record=(Side.HUBSPOT, contact)))

    assert report.steps == ()
    assert ("phone",) in [one.fields for one in report.left]


async def test_a_contact_stays_while_an_invoice_hangs_on_it(pair: Pair) -> None:
    customer = pair.customer("Zelda Moreno", "zelda@example.com")
    pair.invoice(customer, pair.item("Rope"))
    await pair.begin()
    await pair.run()
    contact = pair.contact_of("zelda@example.com")["hs_object_id"]

    report = await planned(pair, Target(record=(Side.HUBSPOT, contact)))

    assert report.steps == ()
    assert "hang on it" in report.left[0].reason


@pytest.mark.parametrize("kind", ["companies", "deals", "notes"])
async def test_a_contact_stays_while_a_person_has_put_something_on_it(
    pair: Pair, kind: str
) -> None:
    _, contact = await in_step(pair)
    body = {"companies": {"name": "Quist Ltd"}, "deals": {"dealname": "Rope"}, "notes": NOTE}[kind]
    other = pair.portal.create(kind, body, [("contacts", contact)])["hs_object_id"]

    report = await undo(pair, Target(record=(Side.HUBSPOT, contact)))

    assert (report.steps, report.writes) == ((), 0)
    (left,) = report.left
    assert left.record == f"hubspot:{contact}"
    assert f"hubspot:{other} ({kind})" in left.reason
    assert pair.contact_of("zelda@example.com")


async def test_a_company_goes_with_its_contact_but_not_with_one_that_a_person_put_on_it(
    pair: Pair,
) -> None:
    pair.customer("Stone Ltd", "office@stone.example", CompanyName="Stone Ltd")
    await pair.begin("contacts", "companies")
    run = (await pair.run()).run
    (company,) = [one["hs_object_id"] for one in pair.portal.all("companies")]
    assert {one.object_type for one in (await planned(pair, Target(run=run))).steps} == {
        "contacts",
        "companies",
    }
    esme = pair.contact("esme@example.com")
    pair.portal.associate("contacts", esme, "companies", company)

    report = await undo(pair, Target(run=run))

    (left,) = report.left
    assert left.record == f"hubspot:{company}"
    assert f"hubspot:{esme} (contacts)" in left.reason
    assert pair.emails() == ["esme@example.com"]


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
    undone = await undo(pair, Target(run=run))
    assert [one["Active"] for one in pair.company.all("Customer")] == [False]
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
