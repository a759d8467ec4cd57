"""What a deletion on one side does on the other, by the rule of the sync; and what comes back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ledgerbridge.connectors.transport import HttpRequest
from ledgerbridge.core.definition import DeletionRule
from ledgerbridge.core.model import LinkStatus, Side
from ledgerbridge.core.plan import Status
from ledgerbridge.errors import Interlock
from ledgerbridge.service.cycle import RunResult, run_once
from ledgerbridge.service.opening import open_world
from ledgerbridge.store import journal, links
from ledgerbridge.store.transaction import Transaction
from support.pair import HUBSPOT_URL, Countdown, Pair, to_hubspot

A_DAY_S = 90_000


async def _statuses(pair: Pair, sync: str = "contacts.1") -> list[LinkStatus]:
    def read(tx: Transaction) -> list[LinkStatus]:
        return [link.status for link in links.page(tx, sync, "", 100)]

    return await pair.store.read(read)


async def _begun(pair: Pair, rule: DeletionRule) -> str:
    customer = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    await pair.begin("contacts")
    await pair.set_up("contacts", deletions=rule)
    await pair.run()
    return customer


def _archive(pair: Pair, email: str = "ada@example.com") -> str:
    contact = pair.contact_of(email)["hs_object_id"]
    pair.portal.archive("contacts", contact)
    pair.pass_time(A_DAY_S)
    return contact


@pytest.mark.parametrize("rule", [DeletionRule.NOTHING, DeletionRule.MARK])
async def test_a_customer_stays_as_it_is_when_its_contact_is_archived(
    pair: Pair, rule: DeletionRule
) -> None:
    customer = await _begun(pair, rule)
    _archive(pair)

    await pair.run()

    assert (pair.company.get("Customer", customer) or {})["Active"] is True
    assert await _statuses(pair) == [LinkStatus.DEAD]
    assert pair.portal.all("contacts") == []


async def test_with_the_rule_archive_a_customer_becomes_inactive_and_the_history_says_why(
    pair: Pair,
) -> None:
    customer = await _begun(pair, DeletionRule.ARCHIVE)
    _archive(pair)

    await pair.run()

    assert (pair.company.get("Customer", customer) or {})["Active"] is False
    newest, *_ = await pair.store.read(journal.newest, 1)
    assert isinstance(newest, journal.WriteEntry)
    assert newest.changes["GivenName"] == ("Ada", None)
    told = {one.record_id: one.message for one in await pair.outcomes(Status.EXCLUDED)}
    assert "archived" in told[customer]
    assert (await pair.run()).writes == 0


async def test_an_edit_beats_a_delete(pair: Pair) -> None:
    customer = await _begun(pair, DeletionRule.ARCHIVE)
    _archive(pair)
    pair.edit_customer(customer, GivenName="Adelaide")

    await pair.run()

    assert (pair.company.get("Customer", customer) or {})["Active"] is True
    told = {one.record_id: one.message for one in await pair.outcomes(Status.EXCLUDED)}
    assert "somebody edited it since" in told[customer]
    assert (await pair.run()).writes == 0


async def _both_made(pair: Pair) -> tuple[str, str]:
    """A customer and its contact, which HubSpot gave no stage of its own."""
    customer = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    pair.portal.create("contacts", {"email": "ada@example.com", "lifecyclestage": "customer"})
    await pair.begin("contacts")
    await pair.set_up("contacts", deletions=DeletionRule.ARCHIVE)
    await pair.run()
    return customer, pair.contact_of("ada@example.com")["hs_object_id"]


@pytest.mark.parametrize("edited", [{"firstname": "Adelaide"}, {"company": "Poe & Daughters"}])
async def test_an_edit_that_no_search_showed_beats_a_delete_too(
    pair: Pair, edited: dict[str, str]
) -> None:
    customer, contact = await _both_made(pair)
    pair.company.books.forget(pair.company.books.tables["Customer"][customer])
    pair.transport.on_send = Countdown(
        to_hubspot("commerce_payments/search"),
        1,
        lambda: pair.portal.update("contacts", contact, edited),
    )

    await pair.run()

    assert pair.portal.get("contacts", contact) is not None
    told = {one.record_id: one.message for one in await pair.outcomes(Status.EXCLUDED)}
    assert "somebody edited it since" in told[customer]
    assert (await pair.run()).writes == 0


async def test_an_edit_at_the_moment_of_the_removal_is_told(pair: Pair) -> None:
    customer, contact = await _both_made(pair)
    pair.company.books.forget(pair.company.books.tables["Customer"][customer])
    pair.transport.on_send = Countdown(
        to_hubspot("contacts/batch/archive"),
        1,
        lambda: pair.portal.update("contacts", contact, {"firstname": "Adelaide"}),
    )

    await pair.run()

    assert pair.portal.all("contacts") == []
    (loss,) = await pair.store.read(journal.newest, 10, kind="loss")
    assert isinstance(loss, journal.LossEntry)
    assert (loss.record_id, loss.field, loss.value) == (contact, "firstname", "Adelaide")
    assert "recycle bin" in loss.reason


async def test_a_merge_that_no_search_showed_takes_no_survivor_away(pair: Pair) -> None:
    customer, contact = await _both_made(pair)
    other = pair.contact("other@example.com")
    await pair.run()
    pair.company.books.forget(pair.company.books.tables["Customer"][customer])
    pair.transport.on_send = Countdown(
        to_hubspot("commerce_payments/search"),
        1,
        lambda: pair.portal.merge("contacts", other, contact),
    )

    await pair.run()

    assert [one["email"] for one in pair.portal.all("contacts")] == ["other@example.com"]
    assert (await pair.run()).writes == 0


async def test_what_nobody_edited_is_archived_when_its_customer_is_gone(pair: Pair) -> None:
    customer, _ = await _both_made(pair)
    pair.company.books.forget(pair.company.books.tables["Customer"][customer])

    await pair.run()

    assert pair.portal.all("contacts") == []
    assert (await pair.run()).writes == 0


async def test_a_customer_that_was_made_for_a_contact_goes_with_it_though_nothing_came_back_yet(
    pair: Pair,
) -> None:
    await pair.begin("contacts")
    await pair.set_up("contacts", deletions=DeletionRule.ARCHIVE)
    contact = pair.contact("ada@example.com", qualifies=True, firstname="Ada")
    pair.transport.on_send = Countdown(
        to_hubspot("contacts/batch/update"), 1, lambda: pair.portal.archive("contacts", contact)
    )

    await pair.run()

    (customer,) = pair.company.all("Customer")
    assert (customer["GivenName"], customer["Active"]) == ("Ada", False)
    assert await _statuses(pair) == [LinkStatus.DEAD]
    assert (await pair.run()).writes == 0


async def test_a_merge_is_never_taken_for_a_deletion(pair: Pair) -> None:
    customer = await _begun(pair, DeletionRule.ARCHIVE)
    other = pair.contact("other@example.com")
    contact = pair.contact_of("ada@example.com")["hs_object_id"]
    pair.portal.merge("contacts", contact, other)
    pair.pass_time(A_DAY_S)

    await pair.run()

    assert (pair.company.get("Customer", customer) or {})["Active"] is True
    assert await _statuses(pair) == [LinkStatus.LIVE]


async def test_what_a_person_restores_is_linked_again_and_not_made_anew(pair: Pair) -> None:
    customer = await _begun(pair, DeletionRule.MARK)
    contact = _archive(pair)
    await pair.run()
    pair.edit_customer(customer, GivenName="Adelaide")
    await pair.run()
    pair.portal.restore("contacts", contact)
    pair.pass_time(A_DAY_S)

    await pair.run()

    assert await _statuses(pair) == [LinkStatus.LIVE]
    assert [one["hs_object_id"] for one in pair.portal.all("contacts")] == [contact]
    assert pair.contact_of("ada@example.com")["firstname"] == "Adelaide"
    assert await pair.outcomes(Status.EXCLUDED) == []
    assert (await pair.run()).writes == 0


@pytest.mark.parametrize("out_of_the_bin_after_s", [600, A_DAY_S, 3 * A_DAY_S])
async def test_a_contact_that_was_in_the_bin_before_the_first_run_is_one_like_any_when_restored(
    pair: Pair, out_of_the_bin_after_s: int
) -> None:
    contact = pair.contact("ada@example.com")
    pair.portal.archive("contacts", contact)
    await pair.begin("contacts")
    await pair.run()
    pair.pass_time(out_of_the_bin_after_s)
    await pair.run()
    pair.portal.restore("contacts", contact)
    pair.pass_time(A_DAY_S)
    await pair.run()

    pair.portal.create("invoices", {"hs_currency": "USD"}, [("contacts", contact)])
    await pair.run()

    assert [one["PrimaryEmailAddr"]["Address"] for one in pair.company.all("Customer")] == [
        "ada@example.com"
    ]
    assert await _statuses(pair) == [LinkStatus.LIVE]


async def test_a_contact_in_the_bin_makes_nothing_and_is_not_told_of(pair: Pair) -> None:
    contact = pair.contact("ada@example.com", qualifies=True)
    pair.portal.archive("contacts", contact)
    await pair.begin("contacts")

    result = await pair.run()

    assert result.writes == 0
    assert pair.company.all("Customer") == []
    assert await _statuses(pair) == []


async def test_both_halves_gone_is_a_dead_link_and_nothing_more(pair: Pair) -> None:
    await _begun(pair, DeletionRule.ARCHIVE)
    customer = pair.company.all("Customer")[0]["Id"]
    _archive(pair)
    pair.company.books.forget(pair.company.books.tables["Customer"][customer])

    result = await pair.run()

    assert result.writes == 0
    assert await _statuses(pair) == [LinkStatus.DEAD]


async def test_a_product_is_archived_when_its_item_is_gone_and_the_rule_says_so(
    pair: Pair,
) -> None:
    item = pair.item("Hours")
    await pair.begin("products")
    await pair.set_up("products", deletions=DeletionRule.ARCHIVE)
    await pair.run()
    pair.company.books.forget(pair.company.books.tables["Item"][item])

    await pair.run()

    assert pair.portal.all("products") == []
    assert (await pair.run()).writes == 0


MANY = 8


async def _many_archived(pair: Pair) -> list[str]:
    made = [pair.customer(f"Person {n}", f"person{n}@example.com") for n in range(MANY)]
    await pair.begin("contacts")
    await pair.set_up("contacts", deletions=DeletionRule.ARCHIVE)
    await pair.run()
    for number in range(MANY):
        pair.portal.archive(
            "contacts", pair.contact_of(f"person{number}@example.com")["hs_object_id"]
        )
    pair.pass_time(A_DAY_S)
    return made


def _active(pair: Pair) -> int:
    return sum(one["Active"] for one in pair.company.all("Customer"))


async def _allowing(pair: Pair, number: int) -> RunResult:
    world = replace(await open_world(pair.shop()), removals_allowed=number)
    return await run_once(world, lambda counts: True)


async def test_many_removals_need_a_person_who_names_their_number(pair: Pair) -> None:
    await _many_archived(pair)

    with pytest.raises(Interlock, match=f"{MANY} of {MANY}.*--allow-removals {MANY}"):
        await pair.run()
    with pytest.raises(Interlock, match="would be removed"):
        await _allowing(pair, MANY - 1)

    assert _active(pair) == MANY
    await _allowing(pair, MANY)
    assert _active(pair) == 0


async def test_a_contact_erased_in_hubspot_is_not_made_again_though_nobody_heard_of_it(
    pair: Pair,
) -> None:
    customer, item = pair.customer("Ada Poe", "ada@example.com"), pair.item("Hours")
    await pair.begin()
    pair.invoice(customer, item)
    await pair.run()
    contact = pair.contact_of("ada@example.com")["hs_object_id"]
    erase = HttpRequest(
        method="POST",
        url=f"{HUBSPOT_URL}/crm/objects/2026-09/contacts/gdpr-delete",
        headers={"authorization": f"Bearer {pair.token}", "content-type": "application/json"},
        body=json.dumps({"objectId": contact}).encode(),
    )
    assert (await pair.transport.send(erase)).status == 204
    pair.pass_time(A_DAY_S)
    await pair.run()

    pair.edit_customer(customer, Notes="Still a customer")
    pair.customer("Ada Poe II", "ada@example.com")
    pair.invoice(customer, item)
    for _ in range(3):
        await pair.run()
        pair.pass_time(A_DAY_S)

    assert pair.emails() == []
    told = {one.record_id: one for one in await pair.outcomes(Status.EXCLUDED)}
    assert told[customer].code == "link_ended"
    assert "HubSpot answers 404" in told[customer].message
    assert [one.code for one in await pair.outcomes(Status.BLOCKED)] == ["waits_for_parent"]
    assert await pair.outcomes() == []


@pytest.mark.parametrize("side", Side)
async def test_a_pair_whose_half_is_restored_gives_way_to_the_one_that_a_merge_brings(
    pair: Pair, side: Side
) -> None:
    pair.portal.use_switches(replace(pair.portal.switches, merge_new_id=False))
    ada = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    bea = pair.customer("Bea Roe", "bea@example.com", GivenName="Bea")
    pair.invoice(bea, pair.item("Hours"))
    await pair.begin("contacts", "products", "invoices")
    await pair.run()
    first, second = (
        pair.contact_of(f"{name}@example.com")["hs_object_id"] for name in ("ada", "bea")
    )
    pair.portal.archive("contacts", first)
    pair.pass_time(90_000)  # the bin is looked into once a day
    await pair.run()
    pair.portal.restore("contacts", first)
    if side is Side.HUBSPOT:
        assert pair.portal.merge("contacts", first, second)["hs_object_id"] == first
    else:
        pair.company.merge("Customer", ada, bea)
    pair.edit_customer(ada, GivenName="Adah")
    pair.pass_time(90_000)

    await pair.run()
    await pair.run()

    living = {x for x in await pair.store.read(_pairs) if x[2] is LinkStatus.LIVE}
    stays = (first, bea) if side is Side.HUBSPOT else (second, ada)
    assert living == {(*stays, LinkStatus.LIVE)}
    assert (await pair.run()).writes == 0


def _pairs(tx: Transaction) -> set[tuple[str | None, str | None, LinkStatus]]:
    found = links.page(tx, "contacts.1", "", 100)
    return {(link.hubspot_id, link.quickbooks_id, link.status) for link in found}
