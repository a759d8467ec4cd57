"""Undo is exact or says why not, and what was undone is not simply done again (promise 12)."""

from __future__ import annotations

from dataclasses import replace
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


async def test_a_first_run_is_undone_and_stays_undone(pair: Pair) -> None:
    pair.customer("Zelda Moreno", "zelda@example.com")
    pair.customer("Stone Ltd", "office@stone.example", CompanyName="Stone Ltd")
    pair.item("Rope")
    esme = pair.contact("esme@example.com", qualifies=True, firstname="Esme")
    await pair.begin("contacts", "companies", "products")
    before = state(pair)
    run = (await pair.run()).run
    assert len(state(pair)) == len(before) + 5  # two contacts, a company, a product, a customer

    report = await undo(pair, Target(run=run))

    (customer,) = [key for key in state(pair) if key[1] == "Customer" and key not in before]
    inactive = (f"quickbooks:{customer[2]}", "Customer")
    listed = {(one.record, one.object_type): set(one.fields) for one in report.left}
    assert set(listed) == {(f"hubspot:{esme}", "contacts")}
    assert all(x.startswith("ledgerbridge_") for names in listed.values() for x in names)
    assert state(pair)[customer]["Active"] is False
    after = {key: shown for key, shown in state(pair).items() if key != customer}
    assert differing(before, after) == listed
    assert [one.fields for one in report.steps if (one.record, one.object_type) == inactive] == [
        ("Active",)
    ]
    assert (await pair.run()).writes == 0


async def test_what_was_made_stays_once_a_person_has_used_it(pair: Pair) -> None:
    _, contact = await in_step(pair)
    pair.portal.update("contacts", contact, {"phone": "+1 212 555 0101"})

    report = await planned(pair, Target(record=(Side.HUBSPOT, contact)))

    assert report.steps == ()
    assert ("phone",) in [one.fields for one in report.left]


async def test_a_company_that_we_made_goes_with_what_we_put_on_it(pair: Pair) -> None:
    pair.customer("Stone Ltd", "office@stone.example", CompanyName="Stone Ltd")
    await pair.begin("contacts", "companies")
    before = state(pair)
    run = (await pair.run()).run
    assert len(pair.portal.all("companies")) == 1

    report = await undo(pair, Target(run=run))

    assert report.left == ()
    assert differing(before, state(pair)) == {}
    assert (await pair.run()).writes == 0


async def test_a_product_that_we_made_goes_and_a_changed_one_gets_its_name_back(
    pair: Pair,
) -> None:
    item = pair.item("Rope")
    await pair.begin("products")
    made = (await pair.run()).run
    pair.company.update("Item", {"Id": item, "Description": "Twelve strands"})
    before = state(pair)
    run = (await pair.run()).run
    assert differing(before, state(pair)) != {}

    report = await undo(pair, Target(run=run))

    assert report.left == ()
    assert differing(before, state(pair)) == {}
    await undo(pair, Target(run=made))
    assert pair.portal.all("products") == []
    assert (await pair.run()).writes == 0


@pytest.mark.parametrize("paid", [True, False])
async def test_an_invoice_stays_with_its_contact_where_hubspot_lets_nobody_delete_it(
    pair: Pair, paid: bool
) -> None:
    customer = pair.customer("Zelda Moreno", "zelda@example.com")
    invoice = pair.invoice(customer, pair.item("Rope"))
    if paid:
        line = {"Amount": 20, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}
        payment = {"CustomerRef": {"value": customer}, "TotalAmt": 20, "Line": [line]}
        pair.company.create("Payment", payment)
    await pair.begin()
    run = (await pair.run()).run
    (mirror,) = pair.mirrors()
    contact = pair.contact_of("zelda@example.com")["hs_object_id"]
    before = state(pair)

    report = await undo(pair, Target(run=run))

    shown, found = f"hubspot:{mirror['hs_object_id']}", {x.record: x for x in report.left}
    assert set(found) == {shown, f"hubspot:{contact}"}
    why = "lets nobody delete a paid invoice" if paid else "it was not done; see why with"
    assert why in found[shown].reason
    assert found[shown].for_good is paid
    assert f"{shown} (invoices)" in found[f"hubspot:{contact}"].reason
    went = {kind for _, kind in differing(before, state(pair))}
    assert went == {"products"}  # and neither the invoice, nor its lines, nor what was paid
    assert pair.mirrors()[0]["hs_object_id"] == mirror["hs_object_id"]


async def test_an_open_invoice_goes_with_its_lines_where_the_account_allows_it(
    pair: Pair,
) -> None:
    pair.portal.use_switches(replace(pair.portal.switches, open_invoices_deletable=True))
    customer = pair.customer("Zelda Moreno", "zelda@example.com")
    pair.invoice(customer, pair.item("Rope"))
    await pair.begin()
    before = state(pair)
    run = (await pair.run()).run
    assert len(pair.mirrors()) == 1

    report = await undo(pair, Target(run=run))

    assert report.left == ()
    assert differing(before, state(pair)) == {}
    assert (await pair.run()).writes == 0


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
