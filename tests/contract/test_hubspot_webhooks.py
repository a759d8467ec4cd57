"""HubSpot's webhooks: what is subscribed to, what arrives, signed how, and how often."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from contract.deliveries import Subscriber, taken
from contract.hubspot_caller import Caller
from contract.hubspot_operations import WHY_SKIPPED, reference_folder
from ledgerbridge.sandbox.hubspot import signatures

URL = "https://example.com/webhook"
PRIMARY_COMPANY = 1
BODIES = {
    "contact-creation": "contact.creation",
    "contact-propertyChange": "contact.propertyChange",
    "deal-propertyChange-crmui": "deal.propertyChange",
    "deal-propertyChange-testbutton": "test",
    "company-associationChange": "company.associationChange",
    "company-propertyChange-setting": "company.propertyChange",
}


def _subscribed(*wanted: tuple[str, str | None], **switches: Any) -> Caller:
    caller = Caller(**switches)
    caller.emulator.webhooks.set_target(URL)
    for event_type, name in wanted:
        caller.emulator.webhooks.subscribe(event_type, name)
    return caller


async def _events(caller: Caller) -> list[dict[str, Any]]:
    return await taken(caller.emulator.outbox)


def test_the_three_signatures_are_those_of_the_vector() -> None:
    secret = "00000000-0000-0000-0000-000000000000"
    body = (
        b'[{"eventId":100,"subscriptionId":1,"portalId":1,"appId":1,"occurredAt":1700000000000,'
        b'"subscriptionType":"contact.creation","attemptNumber":0,"objectId":1,'
        b'"changeFlag":"CREATED","changeSource":"INTEGRATION","sourceId":"1"}]'
    )

    assert signatures.version_1(secret, body) == (
        "96c2d0385ca0dc5abe04f277ecc34fe2523fac071c374ccc8a4121823bac4cf0"
    )
    assert signatures.version_2(secret, "POST", URL, body) == (
        "285502af29ea07a11983f4ddf7b4f796d4ee52960a50a58220e729b79086ddd3"
    )
    assert signatures.version_3(secret, "POST", URL, body, 1_700_000_000_000) == (
        "nPk64h8Z/+eurRCPJbkJm227f0CcRu4lbaRkc7h8K8Q="
    )


def test_version_3_signs_the_address_with_some_characters_decoded() -> None:
    plain, encoded = "https://example.com/a?to=x@y,z;", "https://example.com/a?to=x%40y%2Cz%3b"

    assert signatures.version_3("s", "POST", plain, b"", 1) == signatures.version_3(
        "s", "POST", encoded, b"", 1
    )
    other = "https://example.com/a?to=x%20y"
    assert signatures.version_3("s", "POST", other, b"", 1) != signatures.version_3(
        "s", "POST", other.replace("%20", " "), b"", 1
    )


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_a_delivery_is_signed_over_exactly_what_was_sent(version: str) -> None:
    caller = _subscribed(("contact.creation", None), webhook_signature=version)
    caller.portal.create("contacts", {"email": "ada@example.com"})
    subscriber = Subscriber()

    await caller.emulator.outbox.deliver(subscriber)

    (post,), secret = subscriber.posts, caller.emulator.client_secret
    stamp = int(post.headers["X-HubSpot-Request-Timestamp"])
    plain = {
        "v1": signatures.version_1(secret, post.body),
        "v2": signatures.version_2(secret, "POST", URL, post.body),
    }
    assert post.headers["X-HubSpot-Signature-Version"] == version
    assert post.headers["X-HubSpot-Signature"] == plain[version]
    assert post.headers["X-HubSpot-Signature-v3"] == signatures.version_3(
        secret, "POST", URL, post.body, stamp
    )
    assert stamp == int(caller.now.timestamp() * 1000)


async def _seen(caller: Caller, kind: str) -> dict[str, Any]:
    """The event of one kind after everything that makes one happened."""
    webhooks, portal = caller.emulator.webhooks, caller.portal
    for event_type, name in (
        ("contact.creation", None),
        ("contact.propertyChange", "email"),
        ("deal.propertyChange", "dealstage"),
        ("company.associationChange", None),
        ("company.propertyChange", "lifecyclestage"),
    ):
        webhooks.subscribe(event_type, name)
    contact = await caller.create("contacts", {"email": "ada@example.com"})
    await caller.update("contacts", contact, email="eve@example.com")
    deal = portal.create("deals", {"dealname": "Spring", "dealstage": "qualifiedtobuy"})
    portal.update("deals", deal["hs_object_id"], {"dealstage": "contractsent"})
    company = portal.create("companies", {"name": "Alder"})["hs_object_id"]
    portal.associate("companies", company, "deals", deal["hs_object_id"])
    portal.disassociate("companies", company, "deals", deal["hs_object_id"])
    stage = {"lifecyclestage": "salesqualifiedlead"}
    portal.update("companies", company, stage, source="PIPELINE_SETTINGS")
    if kind == "test":
        await _events(caller)
        tested = next(one for one in webhooks.subscriptions.values() if one.property_name)
        webhooks.test(tested.id, portal.portal_id)
        return (await _events(caller))[-1]
    return next(one for one in reversed(await _events(caller)) if one["subscriptionType"] == kind)


@pytest.mark.parametrize("name", BODIES)
async def test_events_have_the_keys_and_types_of_those_recorded(name: str) -> None:
    folder = reference_folder()
    if folder is None:
        pytest.skip(WHY_SKIPPED)
    recorded = msgspec.json.decode((folder / "webhook-bodies" / f"{name}.json").read_bytes())[0]
    caller = _subscribed()

    event = await _seen(caller, BODIES[name])

    assert {key: type(part) for key, part in event.items()} == {
        key: type(part) for key, part in recorded.items()
    }
    same = {"changeFlag", "associationType", "associationRemoved", "isSensitive", "attemptNumber"}
    same.add("changeSource")
    for key in same & recorded.keys():
        assert event[key] == recorded[key], key


async def test_the_headers_are_those_recorded() -> None:
    folder = reference_folder()
    if folder is None:
        pytest.skip(WHY_SKIPPED)
    recorded = msgspec.json.decode((folder / "webhook-bodies/request-headers.json").read_bytes())
    caller = _subscribed(("contact.creation", None))
    caller.portal.create("contacts", {"email": "ada@example.com"})
    subscriber = Subscriber()

    await caller.emulator.outbox.deliver(subscriber)

    headers = subscriber.posts[0].headers
    for name in ("User-Agent", "Content-Type", "Accept"):
        assert headers[name] == recorded[name]
    assert len(headers["traceparent"]) == len(recorded["traceparent"])


async def test_own_writes_tell_the_app_and_those_of_people_the_person() -> None:
    caller = _subscribed(("contact.propertyChange", "firstname"), creation_tells_properties=False)
    contact = await caller.create("contacts", {"email": "ada@example.com"})

    await caller.update("contacts", contact, firstname="Ada")
    caller.portal.update("contacts", contact, {"firstname": "Eve"})

    own, person = await _events(caller)
    assert (own["changeSource"], own["sourceId"]) == ("INTEGRATION", str(own["appId"]))
    assert person["changeSource"] == "CRM_UI"
    assert person["sourceId"].startswith("userId:")
    assert (own["propertyValue"], person["propertyValue"]) == ("Ada", "Eve")


async def test_a_creation_tells_its_properties_only_where_the_switch_says_so() -> None:
    for told in (True, False):
        caller = _subscribed(
            ("contact.propertyChange", "firstname"), creation_tells_properties=told
        )
        caller.portal.create("contacts", {"firstname": "Ada"})

        assert [one["propertyValue"] for one in await _events(caller)] == ["Ada"] * told


async def test_a_write_that_changes_nothing_is_not_told() -> None:
    caller = _subscribed(("contact.propertyChange", "firstname"), creation_tells_properties=False)
    contact = caller.portal.create("contacts", {"firstname": "Ada"})["hs_object_id"]

    caller.portal.update("contacts", contact, {"firstname": "Ada"})

    assert await _events(caller) == []


async def test_archiving_and_restoring_are_told() -> None:
    caller = _subscribed(("contact.deletion", None), ("contact.restore", None))
    contact = caller.portal.create("contacts", {"email": "ada@example.com"})["hs_object_id"]

    await caller.good("DELETE", f"/crm/objects/2026-09/contacts/{contact}")
    caller.portal.restore("contacts", contact)

    deleted, restored = await _events(caller)
    assert deleted["changeFlag"] == "DELETED"
    assert (deleted["objectId"], deleted["changeSource"]) == (int(contact), "INTEGRATION")
    assert restored["subscriptionType"] == "contact.restore"
    assert restored["changeSource"] == "CRM_UI"


async def test_a_merge_tells_who_became_whom() -> None:
    caller = _subscribed(("contact.merge", None))
    ids = [
        caller.portal.create("contacts", {"email": f"{name}@example.com"})["hs_object_id"]
        for name in ("ada", "eve")
    ]

    survivor = caller.portal.merge("contacts", *ids)

    (event,) = await _events(caller)
    assert event["primaryObjectId"] == int(ids[0])
    assert event["mergedObjectIds"] == [int(one) for one in ids]
    assert event["newObjectId"] == int(survivor["hs_object_id"])
    assert event["numberOfPropertiesMoved"] >= 1


async def test_a_privacy_deletion_is_told_as_that() -> None:
    caller = _subscribed(("contact.privacyDeletion", None), ("contact.deletion", None))
    contact = await caller.create("contacts", {"email": "ada@example.com"})

    body = {"objectId": contact}
    await caller.good("POST", "/crm/objects/2026-09/contacts/gdpr-delete", body)

    (event,) = await _events(caller)
    assert event["subscriptionType"] == "contact.privacyDeletion"
    assert event["objectId"] == int(contact)


async def test_associations_are_told_from_the_end_subscribed_to_and_only_when_new() -> None:
    caller = _subscribed(("contact.associationChange", None), ("company.associationChange", None))
    portal = caller.portal
    contact = portal.create("contacts", {"email": "ada@example.com"})["hs_object_id"]
    company = portal.create("companies", {"name": "Alder"})["hs_object_id"]

    portal.associate("contacts", contact, "companies", company)
    portal.associate("contacts", contact, "companies", company)

    told = [(one["associationType"], one["fromObjectId"]) for one in await _events(caller)]
    assert told == [
        ("CONTACT_TO_COMPANY", int(contact)),
        ("COMPANY_TO_CONTACT", int(company)),
    ]


async def test_an_association_is_told_twice_where_the_switch_says_so() -> None:
    caller = _subscribed(("contact.associationChange", None), associations_told_twice=True)
    portal = caller.portal
    contact = portal.create("contacts", {"email": "ada@example.com"})["hs_object_id"]
    company = portal.create("companies", {"name": "Alder"})["hs_object_id"]

    portal.associate("contacts", contact, "companies", company)

    first, second = await _events(caller)
    assert (first.pop("changeSource"), second.pop("changeSource")) == ("USER", "JOB")
    assert first == second


async def test_a_new_primary_company_is_told_together_with_the_former_one() -> None:
    caller = _subscribed(("contact.associationChange", None))
    portal = caller.portal
    contact = portal.create("contacts", {"email": "ada@example.com"})["hs_object_id"]
    former, new = (
        portal.create("companies", {"name": name})["hs_object_id"] for name in ("Alder", "Birch")
    )
    portal.associate("contacts", contact, "companies", former)
    await _events(caller)

    portal.associate("contacts", contact, "companies", new, PRIMARY_COMPANY)

    told = [
        (one["toObjectId"], one["associationRemoved"], one["isPrimaryAssociation"])
        for one in await _events(caller)
    ]
    assert told == [(int(former), True, True), (int(new), False, True)]


async def test_generic_subscriptions_name_the_type_by_its_id() -> None:
    caller = _subscribed()
    caller.emulator.webhooks.subscribe("object.propertyChange", "hs_title", "invoices")
    invoice = caller.portal.create("invoices", {"hs_currency": "USD"})["hs_object_id"]

    caller.portal.update("invoices", invoice, {"hs_title": "Courtyard"})

    (event,) = await _events(caller)
    assert event["subscriptionType"] == "object.propertyChange"
    assert event["objectTypeId"] == "0-53"
    assert event["propertyValue"] == "Courtyard"


async def test_a_hundred_events_make_one_request_and_the_rest_another() -> None:
    caller = _subscribed(("contact.creation", None))
    for number in range(130):
        caller.portal.create("contacts", {"email": f"p{number}@example.com"})
    subscriber = Subscriber()

    await caller.emulator.outbox.deliver(subscriber)

    assert sorted(len(body) for body in subscriber.bodies) == [30, 100]


async def test_failed_requests_are_tried_ten_times_more_within_a_day_and_counted() -> None:
    caller = _subscribed(("contact.creation", None))
    began = caller.now
    caller.portal.create("contacts", {"email": "ada@example.com"})
    subscriber = Subscriber(*[500, 0, 404, 302, 503, 429, 500, 500, 500, 500, 500])

    while (due := caller.emulator.outbox.next_due()) is not None:
        caller.now = max(caller.now, due)
        await caller.emulator.outbox.deliver(subscriber)

    assert [body[0]["attemptNumber"] for body in subscriber.bodies] == list(range(11))
    assert (caller.now - began).total_seconds() == 86_400
    assert len({body[0]["eventId"] for body in subscriber.bodies}) == 1
    assert [event.outcome for event in caller.emulator.outbox.events] == ["given up"]
