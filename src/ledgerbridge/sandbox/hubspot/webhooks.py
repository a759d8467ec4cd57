"""The app's webhooks: where they go, what they are about, and how events look on the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from ledgerbridge.sandbox.delivery import Outbox, Post, Rules
from ledgerbridge.sandbox.hubspot import signatures
from ledgerbridge.sandbox.hubspot.happenings import Happening
from ledgerbridge.sandbox.hubspot.instants import iso, to_ms
from ledgerbridge.sandbox.hubspot.object_types import BY_NAME
from ledgerbridge.sandbox.hubspot.subscriptions import (
    GENERIC,
    SUBSCRIPTIONS_MAX,
    InvalidSubscriptionError,
    Subscription,
    checked,
    of_project,
)
from ledgerbridge.sandbox.hubspot.switches import Switches

BATCH_MAX, CONCURRENCY_DEFAULT, CONCURRENCY_MIN, TIMEOUT_S = 100, 10, 5, 5.0
# Ten retries that end 24 hours after the first attempt; HubSpot names only their number and span.
RETRY_AFTER_S = (60, 300, 900, 1800, 3600, 7200, 10_800, 14_400, 18_000, 29_340)
USER_AGENT = (
    "HubSpot Connect 2.0 (http://dev.hubspot.com/) (namespace: webhooks-nio-http-client)"
    " - WebhooksExecutorDaemon-executor"
)
EVENT_ID_MAX = 4_000_000_000
CHANGE_FLAGS = {"creation": "CREATED", "deletion": "DELETED", "restore": "RESTORED"}
TEST_OBJECT_ID, TEST_EVENT_ID, TEST_VALUE = 123, 100, "sample-value"


class Webhooks:
    """
    The webhooks of the one app, for all portals that installed it.

    `client_secret` signs them. `outbox` holds every event and delivery.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        app_id: int,
        switches: Switches,
        fault_of: Callable[[str], str | None],
        seed: int = 0,
    ) -> None:
        self._now, self.app_id, self._switches = now, app_id, switches
        self._random = Random(f"webhooks:{seed}")
        self.client_secret = str(UUID(int=self._random.getrandbits(128), version=4))
        self.target_url: str | None = None
        self.created_ms = self.updated_ms = 0
        self.subscriptions: dict[int, Subscription] = {}
        self._last_id = 1_000_000 + self._random.randint(0, 999_999)
        rules = Rules(
            batch_max=BATCH_MAX,
            concurrency_max=CONCURRENCY_DEFAULT,
            timeout_s=TIMEOUT_S,
            retry_after_s=RETRY_AFTER_S,
            retries_max=len(RETRY_AFTER_S),
            accepts=accepted,
            delay_s=switches.webhook_delay_s,
        )
        self.outbox = Outbox(now=now, write=self.written, rules=rules, fault_of=fault_of, seed=seed)

    def use_switches(self, switches: Switches) -> None:
        """Replaces the switches."""
        self._switches = switches
        self.outbox.rules = replace(self.outbox.rules, delay_s=switches.webhook_delay_s)

    def set_target(self, url: str, concurrency_max: int = CONCURRENCY_DEFAULT) -> None:
        """Sets where events go. Raises InvalidSubscriptionError for a wrong address or number."""
        if not url.startswith(("https://", "http://")):
            raise InvalidSubscriptionError("targetUrl must be an http or https address")
        if concurrency_max <= CONCURRENCY_MIN:
            raise InvalidSubscriptionError(f"maxConcurrentRequests must be over {CONCURRENCY_MIN}")
        now_ms = to_ms(self._now())
        self.created_ms = now_ms if self.target_url is None else self.created_ms
        self.updated_ms, self.target_url = now_ms, url
        self.outbox.rules = replace(self.outbox.rules, concurrency_max=concurrency_max)

    def clear_target(self) -> None:
        """No event goes anywhere any more."""
        self.target_url = None

    def subscribe(
        self,
        event_type: str,
        property_name: str | None = None,
        object_type: str | None = None,
        *,
        active: bool = True,
    ) -> Subscription:
        """
        A new subscription; `object_type` (name or id) is for `object.*`. Raises
        InvalidSubscriptionError.
        """
        found = None if object_type is None else BY_NAME.get(object_type)
        type_id = object_type if found is None else found.type_id
        checked(event_type, property_name, type_id)
        if len(self.subscriptions) >= SUBSCRIPTIONS_MAX:
            raise InvalidSubscriptionError(f"an app has at most {SUBSCRIPTIONS_MAX} subscriptions")
        self._last_id += 1
        now_ms = to_ms(self._now())
        made = Subscription(
            self._last_id, event_type, property_name, type_id, active, now_ms, now_ms
        )
        self.subscriptions[made.id] = made
        return made

    def upload_project(self, settings: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        """
        Takes settings and subscriptions in the form of `webhooks-hsmeta.json`, in the place of all
        before. Raises InvalidSubscriptionError and has changed nothing then.
        """
        wanted = list(of_project(given))
        concurrency = settings.get("maxConcurrentRequests", CONCURRENCY_DEFAULT)
        if not isinstance(concurrency, int) or isinstance(concurrency, bool):
            raise InvalidSubscriptionError("maxConcurrentRequests must be a whole number")
        self.set_target(str(settings.get("targetUrl", "")), concurrency)
        self.subscriptions.clear()
        for event_type, name, type_id, active in wanted:
            self.subscribe(event_type, name, type_id, active=active)

    def heard(self, happening: Happening) -> None:
        """Puts an event into the outbox for each subscription that covers the happening."""
        if self.target_url is None:
            return
        for one in self.subscriptions.values():
            told = self._told(happening, one)
            if told is None:
                continue
            event, key = self._event(one, told), f"{one.id}:{told.object_id}"
            self.outbox.put(self.target_url, one.event_type, key, event)
            if told.kind == "associationChange" and self._switches.associations_told_twice:
                self.outbox.put(
                    self.target_url, one.event_type, key, event | {"changeSource": "JOB"}
                )

    def test(self, subscription_id: int, portal_id: int) -> None:
        """
        Sends the event of the test button. Raises KeyError for an unknown subscription,
        InvalidSubscriptionError without a target.
        """
        one = self.subscriptions[subscription_id]
        if self.target_url is None:
            raise InvalidSubscriptionError("there is no targetUrl to send a test to")
        body = {
            "appId": self.app_id,
            "eventId": TEST_EVENT_ID,
            "subscriptionId": one.id,
            "portalId": portal_id,
            "occurredAt": to_ms(self._now()),
            "subscriptionType": one.event_type,
            "attemptNumber": 0,
            "objectId": TEST_OBJECT_ID,
            "changeSource": "CRM",
        }
        if one.property_name:
            body |= {"propertyName": one.property_name, "propertyValue": TEST_VALUE}
            body["isSensitive"] = False
        self.outbox.put(self.target_url, one.event_type, f"{one.id}:test", body)

    def written(
        self, url: str, events: Sequence[dict[str, Any]], attempt: int, at: datetime
    ) -> Post:
        """The signed request of a batch at an attempt."""
        body = msgspec.json.encode([{**event, "attemptNumber": attempt} for event in events])
        at_ms, version = to_ms(at), self._switches.webhook_signature
        secret = self.client_secret
        plain = (
            signatures.version_1(secret, body)
            if version == "v1"
            else signatures.version_2(secret, "POST", url, body)
        )
        headers = {
            "User-Agent": USER_AGENT,
            "Content-Type": "application/json",
            "Accept": "*/*",
            "traceparent": f"00-{self._random.getrandbits(128):032x}"
            f"-{self._random.getrandbits(64):016x}-00",
            "X-HubSpot-Signature": plain,
            "X-HubSpot-Signature-Version": version,
            "X-HubSpot-Signature-v3": signatures.version_3(secret, "POST", url, body, at_ms),
            "X-HubSpot-Request-Timestamp": str(at_ms),
        }
        return Post(url, headers, body)

    def settings(self) -> dict[str, Any]:
        """The settings as the API shows them."""
        return {
            "targetUrl": self.target_url or "",
            "throttling": {"maxConcurrentRequests": self.outbox.rules.concurrency_max},
            "createdAt": iso(self.created_ms),
            "updatedAt": iso(self.updated_ms),
        }

    def _told(self, happening: Happening, one: Subscription) -> Happening | None:
        """What a subscription makes of a happening, or None where it is about something else."""
        is_new = happening.kind == "creation" and self._switches.creation_tells_properties
        if one.kind == "propertyChange" and is_new:
            happening = replace(happening, kind="propertyChange", changes=happening.values)
        if not one.covers(happening):
            return None
        if one.kind == "propertyChange" and one.property_name not in happening.changes:
            return None
        return happening

    def _event(self, one: Subscription, told: Happening) -> dict[str, Any]:
        event: dict[str, Any] = {
            "eventId": self._random.randint(1, EVENT_ID_MAX),
            "subscriptionId": one.id,
            "portalId": told.portal_id,
            "appId": self.app_id,
            "occurredAt": told.at_ms,
            "subscriptionType": one.event_type,
            "attemptNumber": 0,
        }
        source = {"changeSource": told.source.type, "sourceId": told.source.id}
        if told.kind == "associationChange" and told.source.type == "CRM_UI":
            source["changeSource"] = "USER"  # as recorded; of other changes it is CRM_UI
        if told.kind == "associationChange":
            event |= _association(told)
        elif told.kind == "merge":
            event |= {"objectId": int(told.object_id), **_merge(told)}
        else:
            event["objectId"] = int(told.object_id)
        if told.kind == "propertyChange":
            name = one.property_name or ""
            event |= {"propertyName": name, "propertyValue": told.changes[name]}
        if told.kind in CHANGE_FLAGS:
            event["changeFlag"] = CHANGE_FLAGS[told.kind]
        event |= source
        if one.event_type.startswith(f"{GENERIC}."):
            event["objectTypeId"] = one.object_type_id
        return event


def _association(told: Happening) -> dict[str, Any]:
    origin, target = BY_NAME[told.type_name].kind, BY_NAME[told.to_type].kind
    return {
        "associationType": f"{origin}_TO_{target}",
        "fromObjectId": int(told.object_id),
        "toObjectId": int(told.to_id),
        "associationRemoved": told.removed,
        "isPrimaryAssociation": told.is_primary,
    }


def _merge(told: Happening) -> dict[str, Any]:
    return {
        "primaryObjectId": int(told.primary_id),
        "mergedObjectIds": [int(one) for one in told.merged_ids],
        "newObjectId": int(told.object_id),
        "numberOfPropertiesMoved": int(told.changes["numberOfPropertiesMoved"]),
    }


def accepted(status: int) -> bool:
    """Whether the subscriber took a batch."""
    return 200 <= status < 300
