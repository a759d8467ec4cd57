"""What an app subscribes to: from Python, in the project's file, and over the API."""

from __future__ import annotations

from typing import Any

import pytest

from contract.deliveries import taken
from contract.hubspot_caller import Caller
from ledgerbridge.sandbox.hubspot.subscriptions import InvalidSubscriptionError

URL = "https://example.com/webhook"


def _subscribed(event_type: str, *, active: bool = True) -> Caller:
    caller = Caller()
    caller.emulator.webhooks.set_target(URL)
    caller.emulator.webhooks.subscribe(event_type, active=active)
    return caller


async def _events(caller: Caller) -> list[dict[str, Any]]:
    return await taken(caller.emulator.outbox)


async def test_an_inactive_subscription_is_silent() -> None:
    caller = _subscribed("contact.creation", active=False)

    caller.portal.create("contacts", {"email": "ada@example.com"})

    assert await _events(caller) == []


async def test_the_form_of_the_project_file_is_taken() -> None:
    caller = Caller()
    caller.emulator.webhooks.upload_project(
        {"targetUrl": URL, "maxConcurrentRequests": 12},
        {
            "crmObjects": [
                {
                    "subscriptionType": "object.propertyChange",
                    "objectType": "contact",
                    "propertyName": "firstname",
                    "active": True,
                }
            ],
            "legacyCrmObjects": [{"subscriptionType": "contact.deletion"}],
            "hubEvents": [{"subscriptionType": "contact.privacyDeletion"}],
        },
    )
    contact = caller.portal.create("contacts", {"firstname": "Ada"})["hs_object_id"]
    caller.portal.archive("contacts", contact)

    events = await _events(caller)

    assert [one["subscriptionType"] for one in events] == [
        "object.propertyChange",
        "contact.deletion",
    ]
    assert events[0]["objectTypeId"] == "0-1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"crmObjects": [{"subscriptionType": "object.creation", "objectType": "elephant"}]},
        {"crmObjects": [{"subscriptionType": "object.explosion", "objectType": "contact"}]},
        {"legacyCrmObjects": [{"subscriptionType": "contact.propertyChange"}]},
        {"hubEvents": [{}]},
        {"moreObjects": []},
    ],
)
def test_a_wrong_project_file_is_refused_and_changes_nothing(wrong: dict[str, Any]) -> None:
    caller = _subscribed("contact.creation")

    with pytest.raises(InvalidSubscriptionError):
        caller.emulator.webhooks.upload_project({"targetUrl": URL}, wrong)

    assert len(caller.emulator.webhooks.subscriptions) == 1


async def test_settings_and_subscriptions_can_be_made_over_the_api() -> None:
    caller = Caller()
    caller.token = caller.emulator.issue_app_token()
    base = f"/app-webhooks/2026-09/{caller.emulator.webhooks.app_id}"

    assert (await caller.refused("GET", f"{base}/settings"))[0] == 404
    settings = {"targetUrl": URL, "throttling": {"maxConcurrentRequests": 10}}
    assert (await caller.good("PUT", f"{base}/settings", settings))["targetUrl"] == URL
    wanted = {"eventType": "contact.propertyChange", "propertyName": "email", "active": False}
    made = await caller.good("POST", f"{base}/subscriptions", wanted)
    await caller.good("PATCH", f"{base}/subscriptions/{made['id']}", {"active": True})
    listed = await caller.good("GET", f"{base}/subscriptions")
    assert [(one["id"], one["active"]) for one in listed["results"]] == [(made["id"], True)]
    inputs = {"inputs": [{"id": int(made["id"]), "active": False}]}
    batch = await caller.good("POST", f"{base}/subscriptions/batch/update", inputs)
    assert [one["active"] for one in batch["results"]] == [False]
    await caller.good("DELETE", f"{base}/subscriptions/{made['id']}")
    assert (await caller.refused("GET", f"{base}/subscriptions/{made['id']}"))[0] == 404
    await caller.good("DELETE", f"{base}/settings")
    assert caller.emulator.webhooks.target_url is None


async def test_the_legacy_path_takes_the_developer_key() -> None:
    caller = Caller()
    emulator = caller.emulator
    base = f"/webhooks/v3/{emulator.webhooks.app_id}/subscriptions"

    assert await caller.good("GET", f"{base}?hapikey={emulator.developer.developer_key}") == {
        "results": []
    }
    assert (await caller.refused("GET", f"{base}?hapikey=wrong"))[0] == 401
    assert (await caller.refused("GET", base))[0] == 403


async def test_a_token_of_the_app_opens_no_portal() -> None:
    caller = Caller()
    caller.token = caller.emulator.issue_app_token()

    assert (await caller.refused("GET", "/crm/objects/2026-09/contacts"))[0] == 403
