"""A first run that nobody regrets: ten first, a look, and nothing that HubSpot bills unasked."""

from __future__ import annotations

import pytest

from ledgerbridge.core.model import Side
from ledgerbridge.errors import Interlock
from ledgerbridge.service import marketing
from ledgerbridge.service.cycle import RunResult, make_plan, run_once
from ledgerbridge.service.explaining import PlanReport, plan_report
from ledgerbridge.service.first_ten import Questions, Sample
from ledgerbridge.service.marketing import Bill, Counted
from ledgerbridge.service.opening import open_world
from ledgerbridge.syncs.identity import FREE_MAIL
from support.pair import Pair

MANY = 25


def _customers(pair: Pair, number: int = MANY, start: int = 0) -> None:
    for one in range(start, start + number):
        pair.customer(f"Person {one}", f"person{one:03}@example.com")


async def _run(pair: Pair, questions: Questions) -> RunResult:
    return await run_once(await open_world(pair.shop()), lambda counts: True, questions)


class Person:
    """Somebody who is there, and what they are asked."""

    def __init__(self, *, goes_on: bool = True, pays: bool = True) -> None:
        self.samples: list[Sample] = []
        self.bills: list[Bill] = []
        self._goes_on, self._pays = goes_on, pays
        self.questions = Questions(look=self._look, billed=self._billed)

    def _look(self, sample: Sample) -> bool:
        self.samples.append(sample)
        return self._goes_on

    def _billed(self, bill: Bill) -> bool:
        self.bills.append(bill)
        return self._pays


async def test_ten_contacts_are_made_and_the_run_stops_where_hubspot_bills_them(
    pair: Pair,
) -> None:
    pair.portal.change_settings(marketing_contacts=True)
    _customers(pair)
    await pair.begin()

    with pytest.raises(Interlock, match=r"10 of the first 10 do\. 15 more would be made"):
        await pair.run()

    assert len(pair.emails()) == 10


async def test_a_later_run_makes_none_at_all_until_somebody_agrees(pair: Pair) -> None:
    pair.portal.change_settings(marketing_contacts=True)
    _customers(pair)
    await pair.begin()
    with pytest.raises(Interlock):
        await pair.run()

    with pytest.raises(Interlock, match="run --marketing accept"):
        await pair.run()

    assert len(pair.emails()) == 10
    person = Person()
    await _run(pair, Questions(billed=person.questions.billed))
    assert person.bills == [Bill(counted=0, first=0, left=15)]
    assert len(pair.emails()) == MANY


async def test_who_agreed_once_is_not_asked_again(pair: Pair) -> None:
    pair.portal.change_settings(marketing_contacts=True)
    _customers(pair)
    await pair.begin()
    person = Person()
    await _run(pair, Questions(billed=person.questions.billed))
    assert person.bills == [Bill(counted=10, first=10, left=15)]

    _customers(pair, 20, start=MANY)
    await pair.run()

    assert len(pair.emails()) == MANY + 20


async def test_ten_more_are_looked_at_after_the_portal_was_changed(pair: Pair) -> None:
    pair.portal.change_settings(marketing_contacts=True)
    _customers(pair)
    await pair.begin()
    with pytest.raises(Interlock):
        await pair.run()

    pair.portal.change_settings(marketing_contacts=False)
    connection = f"hubspot-{pair.portal.portal_id}"
    await pair.store.write(marketing.remember, connection, Counted.UNKNOWN)
    await pair.run()

    assert len(pair.emails()) == MANY


async def test_where_hubspot_bills_nobody_the_run_goes_through(pair: Pair) -> None:
    _customers(pair)
    await pair.begin()

    result = await pair.run()

    assert result.writes == MANY
    assert len(pair.emails()) == MANY


async def test_a_few_contacts_are_made_without_looking_at_them(pair: Pair) -> None:
    pair.portal.change_settings(marketing_contacts=True)
    _customers(pair, 10)
    await pair.begin()

    await pair.run()

    assert len(pair.emails()) == 10


async def test_a_person_looks_at_the_first_ten_of_each_kind(pair: Pair) -> None:
    _customers(pair)
    item = pair.item("Hours")
    customer = pair.company.all("Customer")[0]["Id"]
    for _ in range(12):
        pair.invoice(customer, item)
    await pair.begin("contacts", "products", "invoices")
    person = Person()

    await _run(pair, person.questions)

    assert [(one.sync, len(one.written), one.left) for one in person.samples] == [
        ("contacts", 10, MANY - 10),
        ("invoices", 10, 2),
    ]
    contacts, invoices = person.samples
    shown = contacts.written[0]
    contact = shown.hubspot.removeprefix("hubspot:")
    assert contact in {one["hs_object_id"] for one in pair.portal.all("contacts")}
    assert [page.rpartition("/")[2] for page in shown.pages] == [
        contact,
        f"customerdetail?nameId={shown.quickbooks.removeprefix('quickbooks:')}",
    ]
    assert all("/record/0-53/" in one.pages[0] for one in invoices.written)
    assert len(pair.mirrors()) == 12


async def test_who_does_not_like_what_they_see_keeps_ten_and_no_more(pair: Pair) -> None:
    _customers(pair)
    pair.item("Hours")
    await pair.begin("contacts", "products")

    with pytest.raises(Interlock, match=r"first 10 of contacts.*run --no-look"):
        await _run(pair, Person(goes_on=False).questions)

    assert len(pair.emails()) == 10
    assert pair.portal.all("products") == []
    await pair.run()
    assert len(pair.emails()) == MANY


async def test_nobody_is_asked_to_look_once_the_first_run_is_done(pair: Pair) -> None:
    _customers(pair)
    await pair.begin("contacts")
    await pair.run()
    _customers(pair, 20, start=MANY)
    person = Person()

    await _run(pair, person.questions)

    assert person.samples == []
    assert len(pair.emails()) == MANY + 20


async def test_ten_that_hubspot_refuses_tell_nothing_so_the_next_ten_are_looked_at(
    pair: Pair,
) -> None:
    pair.portal.change_settings(marketing_contacts=True)
    for one in range(18):  # ten of their ids come first, as text
        pair.customer(f"Wrong {one}", f"wrong{one}@home.invalid")
    _customers(pair)
    await pair.begin()

    with pytest.raises(Interlock, match="marketing contacts"):
        await pair.run()

    assert 0 < len(pair.emails()) <= 10
    assert len(await pair.outcomes()) >= 10


async def _plan(pair: Pair) -> PlanReport:
    world = await open_world(pair.shop())
    return await plan_report(world, await make_plan(world))


async def test_the_plan_says_what_it_makes_and_what_nobody_can_undo(pair: Pair) -> None:
    _customers(pair, 3)
    pair.contact("jane@example.com", qualifies=True, firstname="Jane", lastname="Doe")
    pair.item("Hours")
    await pair.begin("contacts", "products")

    report = await _plan(pair)

    assert {(one.side, one.object_type): one.records for one in report.creations} == {
        (Side.HUBSPOT, "contacts"): 3,
        (Side.HUBSPOT, "products"): 1,
        (Side.QUICKBOOKS, "Customer"): 1,
    }
    held = {one.what: one.records for one in report.irreversible}
    assert held["customers made in QuickBooks"] == 1
    assert held["contacts made in HubSpot that it may count as marketing contacts"] == 3


async def test_the_plan_names_everybody_whom_a_first_run_could_startle(pair: Pair) -> None:
    pair.customer("Acme", "office@acme.example")
    pair.customer("Ada Poe", f"ada@{min(FREE_MAIL)}")
    pair.pass_time(60)
    await pair.begin("contacts")

    billing, companies, workflows = (await _plan(pair)).notes

    assert "10 are made first" in billing
    assert "companies by itself for 1 of the new contacts" in companies
    assert "2 of these records were there before" in workflows


async def test_the_records_of_a_first_run_say_that_they_are_a_backfill(pair: Pair) -> None:
    pair.customer("Ada Poe", "ada@example.com")
    pair.item("Hours")
    pair.pass_time(60)
    await pair.begin("contacts", "products")
    await pair.run()
    pair.customer("Bob Stone", "bob@example.com")
    await pair.run()

    shown = {one["email"]: one["ledgerbridge_origin"] for one in pair.portal.all("contacts")}
    assert shown == {"ada@example.com": "backfill", "bob@example.com": "live"}
    assert [one["ledgerbridge_origin"] for one in pair.portal.all("products")] == ["backfill"]


@pytest.mark.parametrize("counts", [True, False])
async def test_the_plan_says_what_is_known_of_billing(pair: Pair, *, counts: bool) -> None:
    pair.portal.change_settings(marketing_contacts=counts)
    _customers(pair)
    await pair.begin("contacts")
    await _run(pair, Questions(billed=lambda bill: True))
    pair.customer("Ada Poe", "ada@example.com")

    report = await _plan(pair)

    notes = [note for note in report.notes if "marketing contacts" in note]
    assert ["as you agreed" in note for note in notes] == ([True] if counts else [])
    assert bool(report.irreversible) is counts


async def test_the_plan_says_how_many_reads_intuit_charges_for(pair: Pair) -> None:
    _customers(pair, 3)
    await pair.begin("contacts")
    before = pair.quickbooks.metered

    report = await _plan(pair)

    assert report.metered_so_far == pair.quickbooks.metered - before > 0
    between = pair.quickbooks.metered
    await pair.run()
    assert report.metered == pair.quickbooks.metered - between
