"""Under *newest* the younger edit wins where the times tell, and else a person is asked."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ledgerbridge.core.mapping import Rule
from ledgerbridge.core.model import Side
from ledgerbridge.service import conflicts
from ledgerbridge.service.conflicts import ConflictReport
from ledgerbridge.service.history import Wanted, entries_report
from support.pair import AFTER_A_RUN_S, Pair

LATER_S = 60.0


@dataclass
class Both:
    """Ada on both sides, in step, in a sync in which the newest edit wins."""

    pair: Pair
    customer: str
    contact: str

    def in_hubspot(self, name: str) -> None:
        """Somebody renames the contact, and a minute passes."""
        self.pair.portal.update("contacts", self.contact, {"firstname": name})
        self.pair.pass_time(LATER_S)

    def in_quickbooks(self, name: str) -> None:
        """Somebody renames the customer, and a minute passes."""
        self.pair.edit_customer(self.customer, GivenName=name)
        self.pair.pass_time(LATER_S)

    def names(self) -> tuple[str | None, str | None]:
        """Ada's first name in HubSpot and in QuickBooks."""
        contact = self.pair.portal.get("contacts", self.contact) or {}
        customer = self.pair.company.get("Customer", self.customer) or {}
        return contact.get("firstname"), customer.get("GivenName")

    async def open(self) -> list[ConflictReport]:
        """The conflicts that are listed."""
        return list((await self.pair.store.read(conflicts.report)).conflicts)

    async def reasons(self) -> list[str]:
        """Why values were lost."""
        report = await self.pair.store.read(entries_report, 50, Wanted(losses=True))
        return [entry.reason or "" for entry in report.entries]


@pytest.fixture
async def both(pair: Pair) -> Both:
    customer = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada", FamilyName="Poe")
    await pair.begin("contacts")
    await pair.set_up("contacts", rule=Rule.NEWEST)
    await pair.run()
    await pair.run()
    return Both(pair, customer, pair.contact_of("ada@example.com")["hs_object_id"])


async def test_an_edit_in_hubspot_after_the_one_in_the_books_wins(both: Both) -> None:
    both.in_quickbooks("Adelaide")
    both.in_hubspot("Adele")

    plan = await both.pair.plan()
    await both.pair.run()

    assert plan == {"contacts.quickbooks.update": 1}
    assert both.names() == ("Adele", "Adele")
    (reason,) = await both.reasons()
    assert reason.startswith("HubSpot's value is the newer one: of 20")
    assert await both.open() == []
    assert (await both.pair.run()).writes == 0


@pytest.mark.parametrize("moved", [False, True])
async def test_an_older_edit_in_hubspot_is_never_taken_for_the_newer_one(
    both: Both, moved: bool
) -> None:
    both.in_hubspot("Adele")
    both.in_quickbooks("Adelaide")
    if moved:
        both.pair.invoice(both.customer, both.pair.item("Rope"))

    await both.pair.run()

    assert both.names() == ("Adele", "Adelaide")
    (one,) = await both.open()
    assert one.note.startswith("which is newer cannot be told: HubSpot's value is of ")
    assert await both.reasons() == []


async def test_where_the_times_do_not_tell_a_person_decides(both: Both) -> None:
    both.in_hubspot("Adele")
    both.in_quickbooks("Adelaide")
    await both.pair.run()

    await both.pair.store.write(
        conflicts.decide,
        "contacts",
        Side.QUICKBOOKS,
        both.customer,
        field="first name",
        take=Side.QUICKBOOKS,
        now=both.pair.clock.now(),
    )
    await both.pair.run()

    assert both.names() == ("Adelaide", "Adelaide")
    assert await both.reasons() == ["a person decided: QuickBooks's value was taken"]


async def test_at_a_first_match_a_value_older_than_the_customer_gives_way(pair: Pair) -> None:
    contact = pair.contact("ada@example.com", firstname="Adele")
    pair.pass_time(AFTER_A_RUN_S)
    customer = pair.customer("Ada Poe", "ada@example.com", GivenName="Adelaide")
    await pair.begin("contacts")
    await pair.set_up("contacts", rule=Rule.NEWEST)

    await pair.run()

    assert Both(pair, customer, contact).names() == ("Adelaide", "Adelaide")


async def test_the_lookup_asks_once_for_all_conflicts_of_a_run(both: Both) -> None:
    pair = both.pair
    others = []
    for number in range(5):
        customer = pair.customer(f"Bea {number}", f"bea{number}@example.com", GivenName="Bea")
        others.append((customer, f"bea{number}@example.com"))
    await pair.run()
    for customer, email in others:
        pair.edit_customer(customer, GivenName="Beatrix")
        pair.pass_time(LATER_S)
        contact = pair.contact_of(email)["hs_object_id"]
        pair.portal.update("contacts", contact, {"firstname": "Beate"})

    await pair.run()

    assert {pair.contact_of(email)["firstname"] for _, email in others} == {"Beate"}
    assert (await pair.run()).writes == 0
