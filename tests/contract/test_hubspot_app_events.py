"""App events: taken once under their id, by an installed app that has their type, never changed."""

from __future__ import annotations

from typing import Any

import pytest

from contract.hubspot_caller import Caller

EVENTS = "/integrators/timeline/2026-03/events"
TYPE = "ledgerbridge_payment"


def installed(**switches: Any) -> tuple[Caller, str]:
    """A portal whose app has one type of events, and a deal to tell them of."""
    caller = Caller(**switches)
    caller.token = caller.emulator.issue_oauth()[0]
    caller.portal.add_event_type(TYPE, "deals", "text", "entry")
    return caller, caller.portal.create("deals", {"dealname": "Fence"})["hs_object_id"]


def event(event_id: str, deal: str, **changes: Any) -> dict[str, Any]:
    """An event as it is sent."""
    return {
        "eventTypeName": TYPE,
        "id": event_id,
        "objectId": deal,
        "properties": {"text": "Payment of 5.00 USD"},
        "timestamp": "2026-03-12T10:00:00Z",
        **changes,
    }


async def test_an_event_is_shown_as_it_was_taken() -> None:
    caller, deal = installed()

    status, shown = await caller.call("POST", EVENTS, event("a/1", deal))

    assert (status, shown) == (201, event("a/1", deal))


async def test_an_id_that_was_sent_is_taken_for_good() -> None:
    caller, deal = installed()
    await caller.good("POST", EVENTS, event("a/1", deal))

    status, body = await caller.call(
        "POST", EVENTS, event("a/1", deal, properties={"text": "other"})
    )

    assert (status, body["category"]) == (409, "CONFLICT")
    (kept,) = caller.portal.app_events.values()
    assert kept.properties == {"text": "Payment of 5.00 USD"}


@pytest.mark.parametrize(("switch", "taken"), [("row", ["a/1", "a/2"]), ("whole", ["a/1"])])
async def test_a_taken_id_in_a_batch_does_as_the_switch_says(switch: str, taken: list[str]) -> None:
    caller, deal = installed(taken_event_in_batch=switch)
    await caller.good("POST", EVENTS, event("a/1", deal))
    rows = {"inputs": [event("a/1", deal), event("a/2", deal)]}

    status, body = await caller.call("POST", f"{EVENTS}/batch", rows)

    assert [one.id for one in caller.portal.app_events.values()] == taken
    if switch == "row":
        assert status == 200
        assert [one["id"] for one in body["results"]] == ["a/2"]
        assert [(one["id"], one["category"]) for one in body["errors"]] == [("a/1", "CONFLICT")]
    else:
        assert status == 409


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"eventTypeName": "nobody_made_this"}, 400),
        ({"properties": {"colour": "red"}}, 400),
        ({"objectId": None}, 400),
        ({"objectId": "77"}, 404),
    ],
)
async def test_an_event_that_fits_nothing_is_refused(changes: dict[str, Any], status: int) -> None:
    caller, deal = installed()

    assert (await caller.call("POST", EVENTS, event("a/1", deal, **changes)))[0] == status
    assert caller.portal.app_events == {}


async def test_an_unknown_type_has_the_status_that_the_switch_says() -> None:
    caller, deal = installed(unknown_event_type_status=404)
    sent = event("a/1", deal, eventTypeName="nobody_made_this")

    assert (await caller.call("POST", EVENTS, sent))[0] == 404


@pytest.mark.parametrize(("switch", "status"), [(False, 403), (True, 201)])
async def test_the_token_of_a_private_app_sends_events_as_the_switch_says(
    switch: bool, status: int
) -> None:
    caller, deal = installed(app_events_of_private_apps=switch)
    caller.token = caller.emulator.issue_token()

    assert (await caller.call("POST", EVENTS, event("a/1", deal)))[0] == status


async def test_events_need_the_scope_to_write_contacts_companies_or_deals() -> None:
    caller, deal = installed()
    caller.token = caller.emulator.issue_oauth(scopes=["oauth", "crm.objects.deals.read"])[0]

    status, body = await caller.call("POST", EVENTS, event("a/1", deal))

    assert (status, body["category"]) == (403, "MISSING_SCOPES")


async def test_a_batch_has_a_hundred_events_at_most() -> None:
    caller, deal = installed()
    rows = {"inputs": [event(f"a/{number}", deal) for number in range(101)]}

    assert (await caller.call("POST", f"{EVENTS}/batch", rows))[0] == 400
