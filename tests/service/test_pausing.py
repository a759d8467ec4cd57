"""What a person pauses or ignores rests, says so, costs no calls, and loses nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledgerbridge.core.filters import Condition, Filter
from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import Status
from ledgerbridge.errors import Interlock, UsageError
from ledgerbridge.service import pausing, reporting, retrying, switching
from ledgerbridge.service.disconnecting import owed
from ledgerbridge.service.doctor import examine
from ledgerbridge.service.explaining import plan_report
from ledgerbridge.service.opening import open_world
from support.pair import Pair

VIP = Filter(groups=((Condition(field="Title", operator="is", value="VIP"),),))


async def _begun(pair: Pair) -> tuple[str, str]:
    ada = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    bea = pair.customer("Bea Roe", "bea@example.com", GivenName="Bea")
    await pair.begin("contacts", "products")
    await pair.run()
    return ada, bea


async def _pause(pair: Pair, target: str, record: pausing.Named | None = None) -> None:
    await pair.store.write(pausing.pause, target, record, pair.clock.now())


async def _resume(pair: Pair, target: str, record: pausing.Named | None = None) -> None:
    await pair.store.write(pausing.resume, target, record, pair.clock.now())


@pytest.mark.parametrize("address", ["ada@example.com", "other@example.com"])
async def test_a_contact_whose_customer_is_paused_says_so_and_is_decided_after_it_is_resumed(
    pair: Pair, address: str
) -> None:
    ada = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    await pair.begin("contacts")
    await pair.set_up("contacts", to_hubspot=VIP)
    await pair.run()
    await _pause(pair, "contacts", (Side.QUICKBOOKS, ada))
    contact = pair.contact("ada@example.com")
    await pair.run()

    told = {one.record_id: one for one in await pair.outcomes(Status.EXCLUDED)}
    assert {one.code for one in told.values()} == {"paused"}
    assert f"quickbooks:{ada} is paused" in told[contact].message

    pair.edit_customer(ada, PrimaryEmailAddr={"Address": address})
    await pair.run()
    named = (Side.QUICKBOOKS, ada)
    resumed = await pair.store.write(pausing.resume, "contacts", named, pair.clock.now())
    assert resumed.looked_at_again == len(told)
    await pair.run()

    codes = {one.record_id: one.code for one in await pair.outcomes(Status.EXCLUDED)}
    assert codes == {ada: "filtered_out", contact: "filtered_out"}


@pytest.mark.parametrize("side", Side)
async def test_an_edit_of_a_paused_record_travels_after_it_is_resumed(
    pair: Pair, side: Side
) -> None:
    ada, bea = await _begun(pair)
    contact = pair.contact_of("ada@example.com")["hs_object_id"]
    named = (side, contact if side is Side.HUBSPOT else ada)
    await _pause(pair, "contacts", named)
    pair.edit_customer(ada, GivenName="Adelaide")
    pair.portal.update("contacts", contact, {"lastname": "Poe"})
    pair.edit_customer(bea, GivenName="Beatrix")
    await pair.run()

    assert pair.contact_of("ada@example.com")["firstname"] == "Ada"
    assert pair.contact_of("bea@example.com")["firstname"] == "Beatrix"
    assert {one.code for one in await pair.outcomes(Status.EXCLUDED)} == {"paused"}
    assert (await pair.run()).writes == 0

    await _resume(pair, "contacts", named)
    await pair.run()

    assert pair.contact_of("ada@example.com")["firstname"] == "Adelaide"
    assert (pair.company.get("Customer", ada) or {})["FamilyName"] == "Poe"
    assert await pair.outcomes(Status.EXCLUDED) == []


async def test_a_paused_contact_is_not_paired_either(pair: Pair) -> None:
    await _begun(pair)
    contact = pair.contact("cleo@example.com", firstname="Cleo")
    await pair.run()
    await _pause(pair, "contacts", (Side.HUBSPOT, contact))
    pair.customer("Cleo Fox", "cleo@example.com", GivenName="C")

    await pair.run()

    assert "ledgerbridge_key" not in (pair.portal.get("contacts", contact) or {})
    await _resume(pair, "contacts", (Side.HUBSPOT, contact))
    await pair.run()
    assert (pair.portal.get("contacts", contact) or {})["ledgerbridge_key"]
    assert len(pair.portal.all("contacts")) == 3


async def test_a_paused_sync_costs_no_calls_and_catches_up(pair: Pair) -> None:
    ada, _ = await _begun(pair)
    await _pause(pair, "contacts")
    pair.edit_customer(ada, GivenName="Adelaide")
    pair.item("Hours")
    before = {kind: n for kind, n in pair.hubspot.calls.items() if "contacts" in kind}

    await pair.run()

    after = {kind: n for kind, n in pair.hubspot.calls.items() if "contacts" in kind}
    assert after == before
    assert pair.contact_of("ada@example.com")["firstname"] == "Ada"
    assert [one["name"] for one in pair.portal.all("products")] == ["Hours"]
    world = await open_world(pair.shop())
    report = await plan_report(world, {})
    (told,) = [one.unavailable for one in report.syncs if one.name == "contacts"]
    assert told.startswith("it is paused")

    await _resume(pair, "contacts")
    await pair.run()

    assert pair.contact_of("ada@example.com")["firstname"] == "Adelaide"


async def test_a_paused_account_is_not_called_at_all(pair: Pair) -> None:
    await _begun(pair)
    connection = f"hubspot-{pair.portal.portal_id}"
    await _pause(pair, connection)
    calls = len(pair.transport.sent)

    with pytest.raises(Interlock, match=f"{connection} is paused.*resume {connection}"):
        await pair.run()
    assert len(pair.transport.sent) == calls
    checks = (await examine(pair.shop())).checks
    assert "It is paused, so it was not asked." in [one.message for one in checks]
    (rest,) = (await pair.store.read(reporting.status_report)).resting
    assert rest.connection == connection
    await _resume(pair, connection)
    await pair.run()


async def test_everything_that_rests_stops_the_run_and_says_how_to_go_on(pair: Pair) -> None:
    await _begun(pair)
    await _pause(pair, "contacts")
    await _pause(pair, "products")

    with pytest.raises(Interlock, match="contacts, products: paused"):
        await pair.run()


async def test_an_ignored_record_is_left_out_until_its_day(pair: Pair) -> None:
    ada, _ = await _begun(pair)
    now = pair.clock.now()
    until = now + timedelta(days=3)
    await pair.store.write(pausing.ignore, "contacts", (Side.QUICKBOOKS, ada), until, now)
    pair.edit_customer(ada, GivenName="Adelaide")
    await pair.run()
    assert {one.code for one in await pair.outcomes(Status.EXCLUDED)} == {"ignored"}
    assert pair.contact_of("ada@example.com")["firstname"] == "Ada"

    pair.pass_time(4 * 86_400)
    await pair.run()

    assert pair.contact_of("ada@example.com")["firstname"] == "Adelaide"
    assert (await pair.store.read(reporting.status_report)).resting == ()


async def _failing(pair: Pair) -> tuple[str, str]:
    """Two customers whose addresses HubSpot refuses."""
    made = [pair.customer(f"Gil {n}", f"gil{n}@home.invalid") for n in range(2)]
    await pair.begin("contacts")
    await pair.run()
    return made[0], made[1]


async def test_an_error_group_is_ignored_and_taken_back(pair: Pair) -> None:
    await _failing(pair)
    (code,) = {one.code for one in await pair.outcomes()}
    status = await pair.store.read(reporting.status_report)
    (group,) = [x for x in status.syncs[0].reasons if x.status is Status.FAILING]
    assert group.records == 2
    assert group.next_try is not None

    now = pair.clock.now()
    await pair.store.write(pausing.ignore_group, "contacts", code, None, now)
    pair.customer("Gil 3", "gil3@home.invalid")
    result = await pair.run()

    assert result.failing == 0
    assert {one.code for one in await pair.outcomes(Status.EXCLUDED)} == {code}
    assert len(await pair.outcomes(Status.EXCLUDED)) == 3
    report = await pair.store.write(pausing.unignore_group, "contacts", code, pair.clock.now())
    assert report.looked_at_again == 3
    assert (await pair.run()).failing == 3


async def test_one_record_or_one_group_is_tried_again(pair: Pair) -> None:
    first, _ = await _failing(pair)
    now = pair.clock.now()
    (code,) = {one.code for one in await pair.outcomes()}

    alone = retrying.Which(record=(Side.QUICKBOOKS, first))
    assert (await pair.store.write(retrying.retry, (), now, alone)).records["contacts"] == 1
    group = retrying.Which(group=code)
    assert (await pair.store.write(retrying.retry, (), now, group)).records["contacts"] == 2
    with pytest.raises(UsageError, match="No such record fails: with 'nothing'"):
        await pair.store.write(retrying.retry, (), now, retrying.Which(group="nothing"))


async def test_disconnecting_says_what_is_still_owed(pair: Pair) -> None:
    await _failing(pair)
    pair.portal.merge(
        "contacts",
        pair.contact("x@example.com"),
        pair.contact("y@example.com"),
    )

    report = await pair.store.read(owed, f"hubspot-{pair.portal.portal_id}")

    assert (report.failing, report.cases) == (2, 0)


WRONG = [
    ("people", None, "'people' is neither a sync nor a connection"),
    ("contacts", (Side.QUICKBOOKS, "999"), "There is no Customer 999 in QuickBooks"),
]


@pytest.mark.parametrize(("target", "record", "says"), WRONG)
async def test_what_is_not_there_cannot_be_paused(
    pair: Pair, target: str, record: pausing.Named | None, says: str
) -> None:
    await _begun(pair)

    with pytest.raises(UsageError, match=says):
        await _pause(pair, target, record)


async def test_what_is_not_paused_cannot_be_resumed(pair: Pair) -> None:
    ada, _ = await _begun(pair)

    with pytest.raises(UsageError, match="is not paused"):
        await _resume(pair, "contacts")
    with pytest.raises(UsageError, match="is not ignored"):
        await pair.store.write(
            pausing.unignore, "contacts", (Side.QUICKBOOKS, ada), pair.clock.now()
        )
    with pytest.raises(UsageError, match="No record of contacts fails with 'x'"):
        await pair.store.write(pausing.ignore_group, "contacts", "x", None, pair.clock.now())


async def test_what_rests_of_a_sync_goes_with_it(pair: Pair) -> None:
    ada, _ = await _begun(pair)
    await _pause(pair, "contacts")
    await _pause(pair, "contacts", (Side.QUICKBOOKS, ada))
    await _pause(pair, "products")

    await pair.store.write(switching.delete, "contacts")

    (left,) = (await pair.store.read(reporting.status_report)).resting
    assert left.sync == "products"
