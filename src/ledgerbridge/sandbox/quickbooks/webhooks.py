"""The app's webhooks: where they go, for which entities and operations, and in which format."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from random import Random
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec

from ledgerbridge.sandbox.delivery import Outbox, Post, Rules
from ledgerbridge.sandbox.quickbooks.happenings import Happening, Operation
from ledgerbridge.sandbox.quickbooks.switches import Switches
from ledgerbridge.sandbox.quickbooks.times import PACIFIC

Format = Literal["legacy", "cloudevents"]

BATCH_MAX, CONCURRENCY_MAX, TIMEOUT_S = 100, 10, 3.0
RETRY_AFTER_S = (10, 20, 30, 300, 1200, 7200, 14_400, 21_600)  # the last one repeats
RETRIES_MAX = 20
USER_AGENT = "intuit_notification_server/0.1"
LIST_OPERATIONS: tuple[Operation, ...] = ("Create", "Update", "Delete", "Merge")
SALE_OPERATIONS: tuple[Operation, ...] = ("Create", "Update", "Delete", "Void", "Emailed")
OPERATIONS: dict[str, tuple[Operation, ...]] = {
    **dict.fromkeys(
        ("Account", "Class", "Customer", "Employee", "Item", "Vendor"), LIST_OPERATIONS
    ),
    **dict.fromkeys(
        ("BillPayment", "Purchase", "Transfer"), ("Create", "Update", "Delete", "Void")
    ),
    **dict.fromkeys(
        ("CreditMemo", "Invoice", "Payment", "RefundReceipt", "SalesReceipt"), SALE_OPERATIONS
    ),
    **dict.fromkeys(("Estimate", "PurchaseOrder"), ("Create", "Update", "Delete", "Emailed")),
    **dict.fromkeys(
        (
            "Bill",
            "Department",
            "Deposit",
            "JournalEntry",
            "PaymentMethod",
            "TimeActivity",
            "VendorCredit",
        ),
        ("Create", "Update", "Delete"),
    ),
    **dict.fromkeys(
        ("Budget", "Currency", "JournalCode", "TaxAgency", "Term"), ("Create", "Update")
    ),
    "Preferences": ("Update",),
}
VERBS: dict[str, str] = {
    "Create": "created",
    "Update": "updated",
    "Delete": "deleted",
    "Merge": "merged",
    "Emailed": "emailed",
}
ENTITY_NAMES = {"CompanyCurrency": "Currency"}  # what webhooks call an entity otherwise


class InvalidWebhookError(ValueError):
    """A configuration that the developer portal would not take; the message says why."""


class Webhooks:
    """
    The webhooks of the one app, for all companies that it is connected to.

    `verifier_token` signs them. `outbox` holds every event and delivery.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        switches: Switches,
        fault_of: Callable[[str], str | None],
        seed: int = 0,
    ) -> None:
        self._switches = switches
        self._random = Random(f"webhooks:{seed}")
        self.verifier_token = str(UUID(int=self._random.getrandbits(128), version=4))
        self._source = f"intuit.{self._word()}="
        self.url: str | None = None
        self.format: Format = "cloudevents"
        self.chosen: dict[str, tuple[Operation, ...]] = {}
        rules = Rules(
            batch_max=BATCH_MAX,
            concurrency_max=CONCURRENCY_MAX,
            timeout_s=TIMEOUT_S,
            retry_after_s=RETRY_AFTER_S,
            retries_max=RETRIES_MAX,
            accepts=accepted,
            delay_s=switches.webhook_delay_s,
            supersedes=switches.webhook_aggregates,
            withholds=switches.webhook_withholds,
        )
        self.outbox = Outbox(now=now, write=self.written, rules=rules, fault_of=fault_of, seed=seed)

    def configure(
        self,
        url: str,
        entities: Mapping[str, Sequence[str]] | None = None,
        format_: str = "cloudevents",
    ) -> None:
        """
        Ticks the boxes of the developer portal: operations by entity, by default all. Raises
        InvalidWebhookError and has changed nothing then.
        """
        if not url.startswith(("https://", "http://")):
            raise InvalidWebhookError("url must be an http or https address")
        if format_ not in get_args(Format):
            raise InvalidWebhookError(f"format must be one of {', '.join(get_args(Format))}")
        chosen: dict[str, tuple[Operation, ...]] = {}
        for entity, operations in (OPERATIONS if entities is None else entities).items():
            possible = OPERATIONS.get(entity)
            if possible is None:
                raise InvalidWebhookError(f"there are no webhooks for {entity}")
            wrong = [one for one in operations if one not in possible]
            if wrong:
                raise InvalidWebhookError(f"{entity} has no {wrong[0]}, only {', '.join(possible)}")
            chosen[entity] = tuple(one for one in possible if one in operations)
        self.url, self.format, self.chosen = url, format_, chosen  # type: ignore[assignment]

    def clear(self) -> None:
        """No event goes anywhere any more."""
        self.url = None

    def heard(self, realm_id: str, happening: Happening) -> None:
        """Puts the event of a happening into the outbox, where it was asked for."""
        entity = ENTITY_NAMES.get(happening.entity, happening.entity)
        operation = self._operation(happening)
        if self.url is None or operation not in self.chosen.get(entity, ()):
            return
        if happening.only_moved and not self._switches.webhook_balance_updates:
            return
        event: dict[str, Any] = {
            "realmId": realm_id,
            "name": entity,
            "id": happening.id,
            "operation": operation,
            "at": happening.at.isoformat(),
            "eventId": str(UUID(int=self._random.getrandbits(128), version=4)),
        }
        if happening.deleted_id is not None:
            event["deletedId"] = happening.deleted_id
        key = f"{realm_id}:{entity}:{happening.id}:{operation}:{happening.deleted_id}"
        self.outbox.put(self.url, f"{entity} {operation}", key, event)

    def test(self, realm_id: str) -> None:
        """Sends an event about customer 1, asked for or not. Raises InvalidWebhookError."""
        if self.url is None:
            raise InvalidWebhookError("there is no url to send a test to")
        entities, self.chosen = self.chosen, {"Customer": ("Update",)}
        now = self.outbox.now()
        self.heard(realm_id, Happening("Customer", "1", "Update", now))
        self.chosen = entities

    def written(self, url: str, events: Sequence[dict[str, Any]], _: int, at: datetime) -> Post:
        """The signed request of a batch, the same at every attempt but for its times."""
        legacy = self.format == "legacy"
        content = self._legacy(events) if legacy else [self._cloud_event(one) for one in events]
        body = msgspec.json.encode(content)
        kind = "application/json; charset=utf-8" if legacy else self._switches.cloudevents_type
        headers = {
            "User-Agent": USER_AGENT,
            "Content-Type": kind,
            "intuit-signature": signature(self.verifier_token, body),
            "intuit-created-time": _zulu(at),
            "intuit-t-id": f"1-{int(at.timestamp()):08x}-{self._random.getrandbits(96):024x}",
            "intuit-notification-schema-version": "0.1",
        }
        return Post(url, headers, body)

    def _operation(self, happening: Happening) -> Operation:
        can_be_deleted = "Delete" in OPERATIONS.get(happening.entity, ())
        if happening.deactivated and can_be_deleted:
            return self._switches.webhook_deactivation
        return happening.operation

    def _legacy(self, events: Sequence[dict[str, Any]]) -> dict[str, Any]:
        realms: dict[str, list[dict[str, str]]] = {}
        for event in events:
            shown = {name: event[name] for name in ("name", "id", "operation")}
            shown["lastUpdated"] = _pacific(event["at"])
            if "deletedId" in event:
                shown["deletedId"] = event["deletedId"]
            realms.setdefault(event["realmId"], []).append(shown)
        return {
            "eventNotifications": [
                {"realmId": realm_id, "dataChangeEvent": {"entities": entities}}
                for realm_id, entities in realms.items()
            ]
        }

    def _cloud_event(self, event: dict[str, Any]) -> dict[str, Any]:
        verb = VERBS.get(event["operation"], self._switches.cloudevents_void)
        data = {"deletedid": event["deletedId"]} if "deletedId" in event else {}
        return {
            "specversion": "1.0",
            "id": event["eventId"],
            "source": self._source,
            "type": f"qbo.{event['name'].lower()}.{verb}.v1",
            "datacontenttype": "application/json",
            "time": _zulu(datetime.fromisoformat(event["at"])),
            "intuitentityid": event["id"],
            "intuitaccountid": event["realmId"],
            "data": data,
        }

    def _word(self) -> str:
        return base64.b64encode(self._random.randbytes(32)).decode().rstrip("=")


def signature(verifier_token: str, body: bytes) -> str:
    """The header `intuit-signature`: base64 HMAC-SHA-256 of the raw body."""
    return base64.b64encode(hmac.new(verifier_token.encode(), body, sha256).digest()).decode()


def accepted(status: int) -> bool:
    """Whether the subscriber took a batch."""
    return status == 200


def _pacific(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(PACIFIC).strftime("%Y-%m-%dT%H:%M:%S%z")


def _zulu(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
