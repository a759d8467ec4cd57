"""Under *ask* a field that both sides changed waits for a person, alone, and is decided once."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from ledgerbridge.core.mapping import Rule
from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import Status
from ledgerbridge.errors import UsageError
from ledgerbridge.service import conflicts
from ledgerbridge.service.conflicts import ConflictReport
from ledgerbridge.service.doctor import examine
from ledgerbridge.service.forgetting import forget
from ledgerbridge.service.history import JournalReport, Wanted, entries_report
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.planning import plan_all
from ledgerbridge.service.rules import definition_of
from ledgerbridge.store import syncs
from support.pair import Pair


@dataclass
class Asked:
    """Ada on both sides, whose first name both sides changed while the sync asks."""

    pair: Pair
    customer: str
    contact: str

    async def open(self) -> list[ConflictReport]:
        """The conflicts that are listed."""
        return list((await self.pair.store.read(conflicts.report)).conflicts)

    async def decide(self, take: Side, field: str = "first name") -> None:
        """A person decides."""
        await self.pair.store.write(
            conflicts.decide,
            "contacts",
            Side.QUICKBOOKS,
            self.customer,
            field=field,
            take=take,
            now=self.pair.clock.now(),
        )

    def in_hubspot(self, **fields: str) -> None:
        """Somebody edits the contact."""
        self.pair.portal.update("contacts", self.contact, fields)

    def in_quickbooks(self, **fields: str) -> None:
        """Somebody edits the customer."""
        self.pair.edit_customer(self.customer, **fields)

    def names(self) -> tuple[str | None, str | None]:
        """Ada's first name in HubSpot and in QuickBooks."""
        contact = self.pair.portal.get("contacts", self.contact) or {}
        customer = self.pair.company.get("Customer", self.customer) or {}
        return contact.get("firstname"), customer.get("GivenName")

    async def losses(self) -> list[JournalReport]:
        """The values that were lost, as the journal has them."""
        report = await self.pair.store.read(entries_report, 50, Wanted(losses=True), values=True)
        return list(report.entries)


@pytest.fixture
async def asked(pair: Pair) -> Asked:
    customer = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada", FamilyName="Poe")
    await pair.begin("contacts")
    await pair.set_up("contacts", rule=Rule.ASK)
    await pair.run()
    made = Asked(pair, customer, pair.contact_of("ada@example.com")["hs_object_id"])
    made.in_hubspot(firstname="Adele")
    made.in_quickbooks(GivenName="Adelaide", FamilyName="Roe")
    await pair.run()
    return made


async def test_the_field_waits_with_both_values_and_the_others_travel(asked: Asked) -> None:
    assert asked.names() == ("Adele", "Adelaide")
    assert asked.pair.contact_of("ada@example.com")["lastname"] == "Roe"
    (one,) = await asked.open()
    assert (one.sync, one.field, one.take) == ("contacts", "first name", None)
    assert one.records == (f"hubspot:{asked.contact}", f"quickbooks:{asked.customer}")
    assert (one.hubspot, one.quickbooks) == ({"firstname": "Adele"}, {"GivenName": "Adelaide"})
    assert await asked.losses() == []


async def test_nothing_is_written_for_it_while_it_waits(asked: Asked) -> None:
    since = (await asked.open())[0].since
    asked.in_hubspot(lastname="Fox")

    await asked.pair.run()

    assert asked.names() == ("Adele", "Adelaide")
    assert (asked.pair.company.get("Customer", asked.customer) or {})["FamilyName"] == "Fox"
    assert [one.since for one in await asked.open()] == [since]


@pytest.mark.parametrize("take", Side)
async def test_the_next_run_does_what_was_decided_once_and_says_who_decided(
    asked: Asked, take: Side
) -> None:
    await asked.decide(take)
    assert asked.names() == ("Adele", "Adelaide")

    assert (await asked.pair.run()).writes == 1

    kept, lost = ("Adele", "Adelaide") if take is Side.HUBSPOT else ("Adelaide", "Adele")
    assert asked.names() == (kept, kept)
    assert await asked.open() == []
    (loss,) = await asked.losses()
    assert loss.reason == f"a person decided: {take.shown}'s value was taken"
    assert list((loss.values or {}).values()) == [(lost, kept)]
    assert (await asked.pair.run()).writes == 0
    assert await asked.pair.outcomes(Status.CASE) == []


@pytest.mark.parametrize("side", Side)
async def test_a_decision_whose_values_changed_is_asked_again(asked: Asked, side: Side) -> None:
    await asked.decide(Side.HUBSPOT)
    if side is Side.HUBSPOT:
        asked.in_hubspot(firstname="Adina")
    else:
        asked.in_quickbooks(GivenName="Adina")
    before = asked.names()

    await asked.pair.run()

    assert asked.names() == before
    (one,) = await asked.open()
    assert one.take is None
    assert f"the value in {side.shown} changed; nothing was written" in one.note

    await asked.decide(Side.HUBSPOT)
    await asked.pair.run()
    assert asked.names() == (before[0], before[0])
    assert await asked.open() == []


async def test_a_remembered_decision_is_asked_no_more_in_that_field(asked: Asked) -> None:
    now = asked.pair.clock.now()
    await asked.pair.store.write(
        conflicts.decide,
        "contacts",
        Side.QUICKBOOKS,
        asked.customer,
        field="first name",
        take=Side.HUBSPOT,
        now=now,
        remember=True,
    )
    await asked.pair.run()
    asked.in_hubspot(firstname="Adela", lastname="Poe")
    asked.in_quickbooks(GivenName="Ida", FamilyName="Fox")

    await asked.pair.run()

    assert asked.names() == ("Adela", "Adela")
    assert [one.field for one in await asked.open()] == ["last name"]


async def test_it_closes_by_itself_once_both_sides_say_the_same(asked: Asked) -> None:
    asked.in_hubspot(firstname="Adelaide")
    assert (await asked.pair.run()).writes == 0
    assert await asked.open() == []
    assert await asked.losses() == []


async def test_it_closes_by_itself_once_one_side_goes_back(asked: Asked) -> None:
    asked.in_hubspot(firstname="Ada")
    await asked.pair.run()
    assert asked.names() == ("Adelaide", "Adelaide")
    assert await asked.open() == []
    assert await asked.losses() == []


async def test_a_rule_that_asks_no_more_decides_what_waited(asked: Asked) -> None:
    await asked.pair.set_up("contacts", rule=Rule.HUBSPOT)
    await asked.pair.run()
    assert asked.names() == ("Adele", "Adele")
    assert await asked.open() == []


async def test_a_dry_run_tells_of_a_conflict_and_keeps_a_decision(asked: Asked) -> None:
    await asked.decide(Side.QUICKBOOKS)
    await asked.pair.plan()
    await asked.pair.plan()
    assert [one.take for one in await asked.open()] == [Side.QUICKBOOKS]
    await asked.pair.run()
    assert asked.names() == ("Adelaide", "Adelaide")


async def test_a_decision_survives_a_run_that_ends_before_its_write(asked: Asked) -> None:
    await asked.decide(Side.QUICKBOOKS)
    world = await open_world(asked.pair.shop(), ())
    await plan_all(world, dry=False)

    assert [one.take for one in await asked.open()] == [Side.QUICKBOOKS]
    await asked.pair.run()
    assert asked.names() == ("Adelaide", "Adelaide")
    assert await asked.open() == []


async def test_a_first_match_asks_too_and_one_mapping_may_ask_alone(pair: Pair) -> None:
    contact = pair.contact("bea@example.com", firstname="Bea", lastname="Roe")
    customer = pair.customer("Bea Roe", "bea@example.com", GivenName="Beatrix", FamilyName="Fox")
    await pair.begin("contacts")
    stored = await pair.store.read(syncs.every)
    (sync,) = [one for one in stored if one.name == "contacts"]
    mappings = tuple(
        replace(one, rule=Rule.ASK) if one.name == "first name" else one
        for one in definition_of(sync).mappings
    )
    await pair.set_up("contacts", mappings=mappings)
    await pair.run()

    met = Asked(pair, customer, contact)
    assert met.names() == ("Bea", "Beatrix")
    assert pair.contact_of("bea@example.com")["lastname"] == "Fox"
    assert [one.field for one in await met.open()] == ["first name"]

    await met.decide(Side.HUBSPOT)
    await pair.run()
    assert met.names() == ("Bea", "Bea")
    assert await met.open() == []


async def test_doctor_and_the_standing_of_the_record_say_what_to_do(asked: Asked) -> None:
    (case,) = await asked.pair.outcomes(Status.CASE)
    assert case.code == "both_changed"
    assert f"conflicts show contacts quickbooks:{asked.customer}" in case.remedy
    checks = (await examine(asked.pair.shop())).checks
    (check,) = [one for one in checks if one.area == "conflict"]
    assert (check.message, check.remedy) == (
        "1 field waits for a decision.",
        "ledgerbridge conflicts list",
    )


async def test_nothing_of_a_person_who_is_forgotten_waits_any_more(asked: Asked) -> None:
    secrets, now = asked.pair.shop().secrets, asked.pair.clock.now()
    await asked.pair.store.write(forget, "ada@example.com", secrets, now, do=True)
    assert await asked.open() == []
    await asked.pair.run()
    assert await asked.open() == []


async def test_what_is_no_open_conflict_cannot_be_decided(asked: Asked) -> None:
    with pytest.raises(UsageError, match="these are: first name"):
        await asked.decide(Side.HUBSPOT, "last name")
    await asked.decide(Side.HUBSPOT)
    await asked.pair.run()
    with pytest.raises(UsageError, match="has no open conflict in contacts"):
        await asked.decide(Side.HUBSPOT)
