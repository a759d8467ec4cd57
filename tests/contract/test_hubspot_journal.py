"""The webhooks journal: what it records, in which order it is read, and how long it is kept."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from contract.hubspot_caller import Caller
from ledgerbridge.sandbox.http import request_of

JOURNAL = "/webhooks-journal/journal/2026-09"
SUBSCRIPTIONS = "/webhooks-journal/subscriptions/2026-03"
TOKEN = "/oauth/2026-03/token"
SCOPES = (
    "developer.webhooks_journal.read developer.webhooks_journal.subscriptions.read"
    " developer.webhooks_journal.subscriptions.write developer.webhooks_journal.snapshots.write"
)


class Reader:
    """An app with a token of its own, beside people who act in its portal."""

    def __init__(self) -> None:
        self.caller = Caller()
        self.portal = self.caller.portal
        self.caller.token = self.caller.emulator.issue_app_token()

    async def subscribe(self, **wanted: Any) -> dict[str, Any]:
        """A subscription to contacts, unless told otherwise."""
        body = {"subscriptionType": "OBJECT", "objectTypeId": "0-1", **wanted}
        made: dict[str, Any] = await self.caller.good("POST", SUBSCRIPTIONS, body)
        return made

    async def page(self, target: str, base: str = JOURNAL) -> tuple[str, list[dict[str, Any]]]:
        """The offset and the events behind one entry of the journal."""
        entry = await self.caller.good("GET", f"{base}/{target}")
        if entry is None:
            return "", []
        url = urlsplit(entry["url"])
        answer = await self.caller.app(request_of("GET", f"{url.path}?{url.query}", {}, b""))
        assert answer.status == 200
        page = msgspec.json.decode(answer.body)
        assert page["offset"] == entry["currentOffset"]
        return page["offset"], page["journalEvents"]

    async def all_events(self) -> list[dict[str, Any]]:
        """Everything from the earliest page to the last."""
        offset, events = await self.page("earliest")
        found = list(events)
        while offset:
            offset, events = await self.page(f"offset/{offset}/next")
            found += events
        return found

    def contact(self, **values: str) -> str:
        """A new contact, some time after what was before."""
        self.caller.pass_time(seconds=1)
        return self.portal.create("contacts", values)["hs_object_id"]


async def test_an_app_gets_its_token_by_client_credentials() -> None:
    caller = Caller()
    form = f"grant_type=client_credentials&client_id=a&client_secret=b&scope={SCOPES}"
    answer = await caller.emulator.app(
        request_of("POST", TOKEN, {}, form.replace(" ", "+").encode())
    )

    granted = msgspec.json.decode(answer.body)
    caller.token = granted["access_token"]
    assert "refresh_token" not in granted
    assert await caller.good("GET", SUBSCRIPTIONS) == {"results": []}
    caller.pass_time(seconds=granted["expires_in"])
    assert (await caller.refused("GET", SUBSCRIPTIONS))[0] == 401


async def test_a_token_without_the_scope_is_refused() -> None:
    caller = Caller()
    assert (await caller.refused("GET", f"{JOURNAL}/earliest"))[0] == 403
    caller.token = caller.emulator.issue_app_token(["developer.webhooks_journal.read"])
    assert (await caller.refused("GET", SUBSCRIPTIONS))[0] == 403


async def test_pages_are_read_from_the_earliest_to_the_last_without_a_gap() -> None:
    reader = Reader()
    await reader.subscribe(actions=["CREATE", "DELETE"])
    assert await reader.page("earliest") == ("", [])
    ids = [reader.contact(email=f"p{number}@example.com") for number in range(3)]
    reader.portal.archive("contacts", ids[0])

    events = await reader.all_events()

    assert [(one["action"], one["objectId"]) for one in events] == [
        ("CREATE", int(ids[0])),
        ("CREATE", int(ids[1])),
        ("CREATE", int(ids[2])),
        ("DELETE", int(ids[0])),
    ]
    latest, _ = await reader.page("latest")
    assert await reader.page(f"offset/{latest}/next") == ("", [])


async def test_a_page_that_was_read_does_not_grow_afterwards() -> None:
    reader = Reader()
    await reader.subscribe(actions=["CREATE"])
    reader.contact(email="ada@example.com")
    offset, _ = await reader.page("latest")

    late = reader.portal.create("contacts", {"email": "eve@example.com"})["hs_object_id"]

    _, events = await reader.page(f"offset/{offset}/next")
    assert [one["objectId"] for one in events] == [int(late)]


async def test_updates_show_the_properties_subscribed_to_and_no_others() -> None:
    reader = Reader()
    await reader.subscribe(actions=["UPDATE"], properties=["firstname"])
    contact = reader.contact(email="ada@example.com")

    reader.portal.update("contacts", contact, {"lastname": "Frost"})
    reader.portal.update("contacts", contact, {"firstname": "Ada", "lastname": "Moss"})

    (event,) = await reader.all_events()
    assert event["propertyChanges"] == {"firstname": "Ada"}


async def test_a_filter_lets_only_records_pass_that_fulfil_it() -> None:
    reader = Reader()
    made = await reader.subscribe(objectTypeId="0-3", actions=["CREATE"])
    conditions = [
        {
            "filterType": "CRM_OBJECT_PROPERTY",
            "property": "amount",
            "operator": "GTE",
            "value": "100",
        }
    ]
    filters = f"{SUBSCRIPTIONS}/filters"
    body = {"subscriptionId": made["id"], "filter": {"conditions": conditions}}
    filter_id = (await reader.caller.good("POST", filters, body))["filterId"]
    reader.portal.create("deals", {"dealname": "Small", "amount": "99"})
    large = reader.portal.create("deals", {"dealname": "Large", "amount": "1000"})

    events = await reader.all_events()

    assert [one["objectId"] for one in events] == [int(large["hs_object_id"])]
    shown = await reader.caller.good("GET", f"{filters}/{filter_id}")
    assert shown["filter"]["conditions"][0]["operator"] == "GTE"
    listed = await reader.caller.good("GET", f"{filters}/subscription/{made['id']}")
    assert [one["id"] for one in listed] == [filter_id]
    await reader.caller.good("DELETE", f"{filters}/{filter_id}")
    assert (await reader.caller.refused("GET", f"{filters}/{filter_id}"))[0] == 404


async def test_associations_and_privacy_deletions_are_recorded() -> None:
    reader = Reader()
    await reader.subscribe(
        subscriptionType="ASSOCIATION",
        associatedObjectTypeIds=["0-2"],
        actions=["ASSOCIATION_ADDED", "ASSOCIATION_REMOVED"],
    )
    await reader.subscribe(subscriptionType="GDPR_PRIVACY_DELETION", actions=["GDPR_DELETE"])
    contact = reader.contact(email="ada@example.com")
    company = reader.portal.create("companies", {"name": "Alder"})["hs_object_id"]
    reader.portal.associate("contacts", contact, "companies", company)
    reader.portal.disassociate("contacts", contact, "companies", company)
    app_token, reader.caller.token = reader.caller.token, reader.caller.emulator.issue_token()
    body = {"objectId": contact}
    await reader.caller.good("POST", "/crm/objects/2026-09/contacts/gdpr-delete", body)
    reader.caller.token = app_token

    events = await reader.all_events()

    assert [one["action"] for one in events] == [
        "ASSOCIATION_ADDED",
        "ASSOCIATION_REMOVED",
        "GDPR_DELETE",
    ]
    assert events[0]["associatedObjectId"] == int(company)


async def test_the_local_journal_shows_one_portal_only() -> None:
    reader = Reader()
    await reader.subscribe(actions=["CREATE"])
    own = reader.contact(email="ada@example.com")
    other = reader.caller.emulator.portal(999)
    other.create("contacts", {"email": "eve@example.com"})
    local = "/webhooks-journal/journal-local/2026-03"

    assert len((await reader.page("earliest"))[1]) == 2
    _, events = await reader.page(f"earliest?installPortalId={reader.portal.portal_id}", local)

    assert [one["objectId"] for one in events] == [int(own)]
    assert (await reader.caller.refused("GET", f"{local}/earliest"))[0] == 400


async def test_several_pages_are_read_at_once() -> None:
    reader = Reader()
    await reader.subscribe(actions=["CREATE"])
    for number in range(5):
        reader.contact(email=f"p{number}@example.com")

    first = await reader.caller.good("GET", f"{JOURNAL}/batch/earliest/2")
    offsets = [one["currentOffset"] for one in first["results"]]
    rest = await reader.caller.good("GET", f"{JOURNAL}/batch/{offsets[-1]}/next/10")
    latest = await reader.caller.good("GET", f"{JOURNAL}/batch/latest/1")
    read = await reader.caller.good(
        "POST", f"{JOURNAL}/batch/read", {"inputs": [offsets[0], "no-such"]}
    )

    assert (len(offsets), len(rest["results"])) == (2, 3)
    assert latest["results"][0]["currentOffset"] == rest["results"][-1]["currentOffset"]
    assert [one["currentOffset"] for one in read["results"]] == offsets[:1]
    assert read["numErrors"] == 1


async def test_pages_are_kept_for_three_days_and_links_for_minutes() -> None:
    reader = Reader()
    await reader.subscribe(actions=["CREATE"])
    reader.contact(email="ada@example.com")
    offset, _ = await reader.page("earliest")
    entry = await reader.caller.good("GET", f"{JOURNAL}/earliest")
    url = urlsplit(entry["url"])
    reader.caller.pass_time(minutes=16)
    answer = await reader.caller.app(request_of("GET", f"{url.path}?{url.query}", {}, b""))
    assert answer.status == 403

    reader.caller.pass_time(days=3)
    reader.caller.token = reader.caller.emulator.issue_app_token()

    assert await reader.page("earliest") == ("", [])
    assert (await reader.caller.refused("GET", f"{JOURNAL}/offset/{offset}/next"))[0] == 404


async def test_a_snapshot_puts_the_present_values_into_the_journal() -> None:
    reader = Reader()
    contact = reader.contact(email="ada@example.com", firstname="Ada")
    wanted = {
        "portalId": reader.portal.portal_id,
        "objectId": int(contact),
        "objectTypeId": "0-1",
        "properties": ["firstname"],
    }

    answer = await reader.caller.good(
        "POST", "/webhooks-journal/snapshots/2026-03/crm", {"snapshotRequests": [wanted]}
    )

    status_id = answer["snapshotResponses"][0]["snapshotStatusId"]
    status = await reader.caller.good("GET", f"{JOURNAL}/status/{status_id}")
    assert status["status"] == "SUCCESS"
    (event,) = await reader.all_events()
    assert (event["action"], event["properties"]) == ("SNAPSHOT", {"firstname": "Ada"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"subscriptionType": "LIST_MEMBERSHIP", "actions": ["ADDED_TO_LIST"]},
        {"subscriptionType": "OBJECT", "objectTypeId": "0-1", "actions": ["GDPR_DELETE"]},
        {"subscriptionType": "OBJECT", "objectTypeId": "0-1", "actions": []},
        {"subscriptionType": "OBJECT", "objectTypeId": "0-999", "actions": ["CREATE"]},
    ],
)
async def test_a_subscription_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    reader = Reader()

    assert (await reader.caller.refused("POST", SUBSCRIPTIONS, wrong))[0] == 400


async def test_subscriptions_are_listed_read_and_removed() -> None:
    reader = Reader()
    made = await reader.subscribe(actions=["CREATE"], portalId=5)
    other = await reader.subscribe(actions=["CREATE"])

    assert len((await reader.caller.good("GET", SUBSCRIPTIONS))["results"]) == 2
    assert (await reader.caller.good("GET", f"{SUBSCRIPTIONS}/{made['id']}"))["portalId"] == 5
    await reader.caller.good("DELETE", f"{SUBSCRIPTIONS}/portals/5")
    assert (await reader.caller.refused("GET", f"{SUBSCRIPTIONS}/{made['id']}"))[0] == 404
    await reader.caller.good("DELETE", f"{SUBSCRIPTIONS}/{other['id']}")
    assert await reader.caller.good("GET", SUBSCRIPTIONS) == {"results": []}
