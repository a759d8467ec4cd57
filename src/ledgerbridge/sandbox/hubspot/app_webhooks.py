"""The operations on the app's webhooks: where they go, and what is subscribed to."""

from __future__ import annotations

from typing import Any

from ledgerbridge.sandbox.http import Response
from ledgerbridge.sandbox.hubspot.app_calls import AppCall
from ledgerbridge.sandbox.hubspot.calls import answer
from ledgerbridge.sandbox.hubspot.errors import error, invalid
from ledgerbridge.sandbox.hubspot.instants import iso
from ledgerbridge.sandbox.hubspot.subscriptions import InvalidSubscriptionError, Subscription
from ledgerbridge.sandbox.hubspot.wire import Wire


class Throttling(Wire):
    """How many requests may be on their way at once."""

    max_concurrent_requests: int


class SettingsInput(Wire):
    """Where webhooks go."""

    target_url: str
    throttling: Throttling


class SubscriptionInput(Wire):
    """A subscription to make."""

    event_type: str
    active: bool = False
    property_name: str | None = None
    object_type_id: str | None = None


class Activity(Wire):
    """Whether a subscription is active."""

    active: bool


class BatchActivity(Wire):
    """Whether a subscription of a batch is active."""

    id: int
    active: bool


class ActivityBatch(Wire):
    """Subscriptions to switch on or off."""

    inputs: list[BatchActivity]


def read_settings(call: AppCall) -> Response:
    """`GET …/settings`; 404 before any were made."""
    if call.webhooks.target_url is None:
        raise error(404, "No webhook settings exist for this app")
    return answer(200, call.webhooks.settings())


def write_settings(call: AppCall) -> Response:
    """`PUT …/settings`."""
    asked = call.body(SettingsInput)
    try:
        call.webhooks.set_target(asked.target_url, asked.throttling.max_concurrent_requests)
    except InvalidSubscriptionError as problem:
        raise invalid(str(problem)) from None
    return answer(200, call.webhooks.settings())


def clear_settings(call: AppCall) -> Response:
    """`DELETE …/settings`."""
    call.webhooks.clear_target()
    return answer(204)


def list_subscriptions(call: AppCall) -> Response:
    """`GET …/subscriptions`."""
    return answer(200, {"results": [_shown(one) for one in call.webhooks.subscriptions.values()]})


def create_subscription(call: AppCall) -> Response:
    """`POST …/subscriptions`."""
    asked = call.body(SubscriptionInput)
    try:
        made = call.webhooks.subscribe(
            asked.event_type, asked.property_name, asked.object_type_id, active=asked.active
        )
    except InvalidSubscriptionError as problem:
        raise invalid(str(problem)) from None
    return answer(201, _shown(made))


def read_subscription(call: AppCall) -> Response:
    """`GET …/subscriptions/{subscriptionId}`."""
    return answer(200, _shown(_found(call, int(call.parts["id"]))))


def update_subscription(call: AppCall) -> Response:
    """`PATCH …/subscriptions/{subscriptionId}`: switches it on or off."""
    one = _found(call, int(call.parts["id"]))
    _switch(call, one, call.body(Activity).active)
    return answer(200, _shown(one))


def delete_subscription(call: AppCall) -> Response:
    """`DELETE …/subscriptions/{subscriptionId}`."""
    del call.webhooks.subscriptions[_found(call, int(call.parts["id"])).id]
    return answer(204)


def batch_update(call: AppCall) -> Response:
    """`POST …/subscriptions/batch/update`."""
    inputs = call.body(ActivityBatch).inputs
    found = [(_found(call, one.id), one.active) for one in inputs]
    for one, active in found:
        _switch(call, one, active)
    now = iso(call.journal.now_ms())
    results = [_shown(one) for one, _ in found]
    return answer(
        200, {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    )


def _switch(call: AppCall, one: Subscription, active: bool) -> None:
    one.active, one.updated_ms = active, call.journal.now_ms()


def _found(call: AppCall, subscription_id: int) -> Subscription:
    found = call.webhooks.subscriptions.get(subscription_id)
    if found is None:
        raise error(404, f"No subscription with id {subscription_id}")
    return found


def _shown(one: Subscription) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": str(one.id),
        "eventType": one.event_type,
        "active": one.active,
        "createdAt": iso(one.created_ms),
        "updatedAt": iso(one.updated_ms),
    }
    if one.property_name is not None:
        shown["propertyName"] = one.property_name
    if one.object_type_id is not None:
        shown["objectTypeId"] = one.object_type_id
    return shown
