"""QuickBooks' webhooks: both formats, the signature, operations, retries; and merges of people."""

from __future__ import annotations

import base64
import hashlib
import hmac
from itertools import pairwise
from typing import Any

import pytest

from contract.deliveries import Subscriber
from contract.quickbooks_caller import Caller, sale
from ledgerbridge.sandbox.quickbooks import Refused, Switches
from ledgerbridge.sandbox.quickbooks.webhooks import InvalidWebhookError

URL = "https://example.com/hook"


def _subscribed(format_: str = "cloudevents", **switches: Any) -> Caller:
    caller = Caller(Switches(**switches))
    caller.emulator.webhooks.configure(URL, format_=format_)
    return caller


async def _posted(caller: Caller) -> Subscriber:
    """What arrives once the events were gathered."""
    subscriber = Subscriber()
    caller.pass_time(seconds=caller.emulator.switches.webhook_delay_s)
    await caller.emulator.outbox.deliver(subscriber)
    return subscriber


async def _types(caller: Caller) -> list[tuple[str, str]]:
    return [(one["type"], one["intuitentityid"]) for one in (await _posted(caller)).events]


async def test_cloud_events_have_the_keys_of_the_announcement() -> None:
    caller = _subscribed()
    customer = caller.customer()

    subscriber = await _posted(caller)

    (event,) = subscriber.events
    assert list(event) == [
        "specversion",
        "id",
        "source",
        "type",
        "datacontenttype",
        "time",
        "intuitentityid",
        "intuitaccountid",
        "data",
    ]
    assert event["type"] == "qbo.customer.created.v1"
    assert event["intuitentityid"] == customer
    assert event["intuitaccountid"] == caller.emulator.realm_id
    assert event["source"].startswith("intuit.")
    assert subscriber.posts[0].headers["Content-Type"] == "application/cloudevents+json"


async def test_legacy_notifications_hold_realms_and_their_entities() -> None:
    caller = _subscribed("legacy")
    customer = caller.customer()
    second = caller.emulator.company("9341450000000002")
    second.create("Customer", {"DisplayName": "Bea"})

    subscriber = await _posted(caller)

    (body,) = subscriber.bodies
    first, other = body["eventNotifications"]
    assert first == {
        "realmId": caller.emulator.realm_id,
        "dataChangeEvent": {
            "entities": [
                {
                    "name": "Customer",
                    "id": customer,
                    "operation": "Create",
                    "lastUpdated": "2026-11-20T12:00:00-0800",
                }
            ]
        },
    }
    assert other["realmId"] == "9341450000000002"
    kind = subscriber.posts[0].headers["Content-Type"]
    assert kind == "application/json; charset=utf-8"


@pytest.mark.parametrize("format_", ["legacy", "cloudevents"])
async def test_the_signature_is_that_of_the_raw_body(format_: str) -> None:
    caller = _subscribed(format_)
    caller.customer("Zoë Müßiggang")

    (post,) = (await _posted(caller)).posts

    token = caller.emulator.webhooks.verifier_token.encode()
    digest = hmac.new(token, post.body, hashlib.sha256).digest()
    assert post.headers["intuit-signature"] == base64.b64encode(digest).decode()
    assert post.headers["User-Agent"] == "intuit_notification_server/0.1"
    assert post.headers["intuit-notification-schema-version"] == "0.1"
    assert {"intuit-created-time", "intuit-t-id"} <= post.headers.keys()


async def test_each_operation_has_its_verb() -> None:
    caller = _subscribed()
    customer = caller.customer()
    invoice, other = caller.invoice(customer, 10), caller.invoice(customer, 20)
    await _posted(caller)

    caller.company.update("Customer", {"Id": customer, "Notes": "Rings twice"})
    caller.company.email("Invoice", other)
    caller.company.void("Invoice", invoice)
    caller.company.delete("Invoice", other)

    assert await _types(caller) == [
        ("qbo.customer.updated.v1", customer),
        ("qbo.invoice.emailed.v1", other),
        ("qbo.invoice.voided.v1", invoice),
        ("qbo.invoice.deleted.v1", other),
    ]


async def test_the_verb_of_a_void_is_a_switch() -> None:
    caller = _subscribed(cloudevents_void="void")
    invoice = caller.invoice(caller.customer(), 10)
    await _posted(caller)

    caller.company.void("Invoice", invoice)

    assert await _types(caller) == [("qbo.invoice.void.v1", invoice)]


@pytest.mark.parametrize(("told", "verb"), [("Delete", "deleted"), ("Update", "updated")])
async def test_a_deactivation_is_told_as_the_switch_says(told: str, verb: str) -> None:
    caller = _subscribed(webhook_deactivation=told)
    customer = caller.customer()
    await _posted(caller)

    caller.company.update("Customer", {"Id": customer, "Active": False})
    deactivated = await _types(caller)
    caller.company.update("Customer", {"Id": customer, "Active": True})

    assert deactivated == [(f"qbo.customer.{verb}.v1", customer)]
    assert await _types(caller) == [("qbo.customer.updated.v1", customer)]


async def test_a_payment_tells_of_itself_and_of_the_invoice_it_pays() -> None:
    caller = _subscribed()
    customer = caller.customer()
    invoice = caller.invoice(customer, 30)
    await _posted(caller)

    payment = caller.pay(customer, 30, **{f"Invoice_{invoice}": 30})

    assert await _types(caller) == [
        ("qbo.payment.created.v1", payment),
        ("qbo.invoice.updated.v1", invoice),
    ]


async def test_a_balance_that_moves_is_told_only_where_the_switch_says_so() -> None:
    caller = _subscribed(webhook_balance_updates=True)
    customer = caller.customer()
    await _posted(caller)

    caller.invoice(customer, 30)

    assert ("qbo.customer.updated.v1", customer) in await _types(caller)


async def test_a_write_over_http_is_told_too_and_a_refused_one_is_not() -> None:
    caller = _subscribed()
    answer = await caller.post("/customer", {"DisplayName": "Ann Aalto"})
    await caller.error("POST", "/customer", {"DisplayName": "Ann Aalto"})

    assert await _types(caller) == [("qbo.customer.created.v1", answer["Customer"]["Id"])]


async def test_equal_events_that_leave_together_become_one_unless_switched_off() -> None:
    for aggregates, count in ((True, 1), (False, 3)):
        caller = _subscribed(webhook_aggregates=aggregates)
        customer = caller.customer()
        await _posted(caller)
        for note in ("a", "b", "c"):
            caller.company.update("Customer", {"Id": customer, "Notes": note})

        assert len(await _types(caller)) == count


async def test_only_ticked_boxes_are_told() -> None:
    caller = Caller()
    caller.emulator.webhooks.configure(URL, {"Invoice": ["Create"]})
    customer = caller.customer()
    invoice = caller.invoice(customer, 10)
    caller.company.update("Invoice", {"Id": invoice, "PrivateNote": "x"})

    assert await _types(caller) == [("qbo.invoice.created.v1", invoice)]


@pytest.mark.parametrize(
    ("url", "entities", "format_"),
    [
        ("ftp://example.com", None, "legacy"),
        (URL, {"Elephant": ["Create"]}, "legacy"),
        (URL, {"Customer": ["Void"]}, "legacy"),
        (URL, None, "xml"),
    ],
)
def test_boxes_that_do_not_exist_cannot_be_ticked(url: str, entities: Any, format_: str) -> None:
    with pytest.raises(InvalidWebhookError):
        Caller().emulator.webhooks.configure(url, entities, format_)


async def test_a_failing_subscriber_is_tried_again_by_the_published_schedule() -> None:
    caller = _subscribed(webhook_delay_s=0.0)
    caller.customer()
    began, times = caller.now, []
    subscriber = Subscriber(*[503] * 10)

    while (due := caller.emulator.outbox.next_due()) is not None:
        caller.now = max(caller.now, due)
        times.append((caller.now - began).total_seconds())
        await caller.emulator.outbox.deliver(subscriber)

    pauses = [later - sooner for sooner, later in pairwise(times)]
    assert pauses == [10, 20, 30, 300, 1200, 7200, 14_400, 21_600, 21_600, 21_600]
    ids = {body[0]["id"] for body in subscriber.bodies}
    assert len(ids) == 1


async def test_anything_but_200_is_a_failure() -> None:
    caller = _subscribed()
    caller.customer()
    caller.pass_time(seconds=10)

    await caller.emulator.outbox.deliver(Subscriber(204))

    assert caller.emulator.outbox.next_due() is not None


async def test_a_merge_moves_what_the_lost_record_had_and_tells_its_id() -> None:
    caller = _subscribed("legacy")
    kept, lost = caller.customer("Ann Aalto"), caller.customer("Anne Aalto")
    invoice = caller.invoice(lost, 40)
    caller.invoice(kept, 2)
    await _posted(caller)

    caller.company.merge("Customer", kept, lost)

    ((body,),) = ((await _posted(caller)).bodies,)
    (entity,) = body["eventNotifications"][0]["dataChangeEvent"]["entities"]
    assert (entity["operation"], entity["id"], entity["deletedId"]) == ("Merge", kept, lost)
    assert (await caller.error("GET", f"/customer/{lost}"))["code"] == "610"
    assert caller.stored("Invoice", invoice)["CustomerRef"] == {"value": kept, "name": "Ann Aalto"}
    assert caller.stored("Customer", kept)["Balance"] == 42
    assert caller.customer("Anne Aalto")  # the name is free again


def test_what_cannot_be_merged_is_refused_and_changes_nothing() -> None:
    caller = Caller()
    kept, lost = caller.customer("Ann Aalto"), caller.customer("Bea Birch")
    caller.customer("Job", ParentRef={"value": lost}, Job=True)

    for entity, pair in (
        ("Customer", (kept, kept)),
        ("Customer", (kept, "999")),
        ("Customer", (kept, lost)),
        ("Invoice", ("1", "2")),
    ):
        with pytest.raises(Refused):
            caller.company.merge(entity, *pair)
    assert caller.stored("Customer", lost)["DisplayName"] == "Bea Birch"


async def test_the_test_event_goes_out_whatever_is_ticked() -> None:
    caller = Caller()
    caller.emulator.webhooks.configure(URL, {"Invoice": ["Create"]})

    caller.emulator.webhooks.test(caller.emulator.realm_id)

    assert await _types(caller) == [("qbo.customer.updated.v1", "1")]


async def test_stale_reads_show_an_older_state_for_a_while_and_writes_do_not_wait() -> None:
    caller = Caller()
    customer = caller.customer()
    caller.emulator.faults.next("stale", for_s=60)
    since = "2026-11-20T00:00:00Z"

    caller.company.update("Customer", {"Id": customer, "Notes": "new"})
    invoice = caller.company.create("Invoice", sale(customer, 5))["Id"]

    row = (await caller.query("SELECT * FROM Customer"))["Customer"][0]
    assert "Notes" not in row
    assert await caller.query("SELECT * FROM Invoice") == {}
    changed = await caller.get(f"/cdc?entities=Invoice&changedSince={since}")
    assert changed["CDCResponse"][0]["QueryResponse"] == [{}]
    assert (await caller.get(f"/invoice/{invoice}"))["Invoice"]["Id"] == invoice
    caller.pass_time(seconds=60)
    row = (await caller.query("SELECT * FROM Customer"))["Customer"][0]
    assert row["Notes"] == "new"
