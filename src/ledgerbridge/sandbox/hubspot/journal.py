"""
The webhooks journal: what happened, in pages that an app fetches in order and for three days.

A page grows while things happen at one moment; once somebody was told of it, it is complete.
"""

from __future__ import annotations

import hmac
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID

from ledgerbridge.sandbox.hubspot.happenings import Happening
from ledgerbridge.sandbox.hubspot.instants import DAY_MS, iso, to_ms
from ledgerbridge.sandbox.hubspot.journal_subscriptions import (
    Condition,
    JournalFilter,
    JournalSubscription,
    NewSubscription,
    action_of,
)
from ledgerbridge.sandbox.hubspot.object_types import BY_NAME

RETENTION_MS = 3 * DAY_MS
LINK_MS = 15 * 60_000
PAGE_EVENTS_MAX = 100


@dataclass(slots=True, eq=False)
class Page:
    """One entry of the journal."""

    number: int
    offset: str
    at_ms: int
    events: list[dict[str, Any]] = field(default_factory=list)
    is_complete: bool = False


class Journal:
    """The journal of the one app over all portals that installed it."""

    def __init__(self, *, now: Callable[[], datetime], app_id: int, seed: int = 0) -> None:
        self._now, self.app_id = now, app_id
        self._random = Random(f"journal:{seed}")
        self._secret = f"{self._random.getrandbits(128):032x}"
        self.subscriptions: dict[int, JournalSubscription] = {}
        self.snapshots: dict[str, int] = {}
        self._pages: list[Page] = []
        self._last_id = 0
        self._last_number = 0

    def now_ms(self) -> int:
        """The present in milliseconds."""
        return to_ms(self._now())

    def subscribe(self, asked: NewSubscription) -> JournalSubscription:
        """A new subscription; whether it makes sense was checked before."""
        made = JournalSubscription(self._next_id(), asked, self.now_ms())
        self.subscriptions[made.id] = made
        return made

    def add_filter(self, one: JournalSubscription, conditions: list[Condition]) -> JournalFilter:
        """A new filter of a subscription."""
        made = JournalFilter(self._next_id(), conditions, self.now_ms())
        one.filters[made.id] = made
        return made

    def heard(self, happening: Happening) -> None:
        """Records a happening that some subscription wants."""
        wanting = [one for one in self.subscriptions.values() if one.wants(happening)]
        if not wanting:
            return
        changes: dict[str, str] = {}
        for one in wanting:
            changes |= one.shown(happening)
        self._record(_event(happening, changes))

    def snapshot(self, portal_id: int, type_id: str, object_id: int, values: dict[str, Any]) -> str:
        """Records a record's values as they are; the id of the snapshot's status."""
        status_id = self._uuid()
        self.snapshots[status_id] = self.now_ms()
        self._record(
            {
                "type": "object",
                "action": "SNAPSHOT",
                "portalId": portal_id,
                "occurredAt": iso(self.now_ms()),
                "objectTypeId": type_id,
                "objectId": object_id,
                "properties": values,
                "snapshotStatusId": status_id,
            }
        )
        return status_id

    def pages(self, portal_id: int | None = None) -> list[Page]:
        """The pages still kept, oldest first; of one portal only those that tell of it."""
        first_ms = self.now_ms() - RETENTION_MS
        while self._pages and self._pages[0].at_ms < first_ms:
            self._pages.pop(0)
        if portal_id is None:
            return list(self._pages)
        return [page for page in self._pages if _of(page, portal_id)]

    def after(self, offset: str, portal_id: int | None = None) -> list[Page]:
        """The pages after the one of an offset. Raises KeyError for an offset no longer known."""
        self.pages()
        own = next((page for page in self._pages if page.offset == offset), None)
        if own is None:
            raise KeyError(offset)
        numbers = [page.number for page in self._pages]
        following = self._pages[bisect_left(numbers, own.number) + 1 :]
        return [page for page in following if portal_id is None or _of(page, portal_id)]

    def find(self, offset: str) -> Page | None:
        """The page of an offset that is still kept."""
        return next((page for page in self.pages() if page.offset == offset), None)

    def link(self, page: Page, portal_id: int | None) -> tuple[str, int]:
        """The signed path and query under which a page is fetched, and when they expire."""
        page.is_complete = True
        expires_ms = self.now_ms() + LINK_MS
        scope = "" if portal_id is None else str(portal_id)
        signature = self._signature(page.offset, expires_ms, scope)
        query = f"portal={scope}&expires={expires_ms}&signature={signature}"
        return f"/webhooks-journal/pages/{page.offset}?{query}", expires_ms

    def opened(self, offset: str, expires: str, scope: str, signature: str) -> Page | None:
        """The page of a link, or None where the link is forged, expired or its page is gone."""
        if not expires.isdecimal() or int(expires[:18]) < self.now_ms():
            return None
        if not hmac.compare_digest(self._signature(offset, int(expires), scope), signature):
            return None
        return self.find(offset)

    def _record(self, event: dict[str, Any]) -> None:
        now_ms = self.now_ms()
        last = self._pages[-1] if self._pages else None
        is_open = (
            last is not None
            and not last.is_complete
            and last.at_ms == now_ms
            and len(last.events) < PAGE_EVENTS_MAX
        )
        if last is None or not is_open:
            self._last_number += 1
            last = Page(self._last_number, self._uuid(), now_ms)
            self._pages.append(last)
        last.events.append(event)

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def _uuid(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def _signature(self, offset: str, expires_ms: int, scope: str) -> str:
        signed = f"{offset}:{expires_ms}:{scope}".encode("utf-8", "replace")
        return hmac.new(self._secret.encode(), signed, sha256).hexdigest()


def _of(page: Page, portal_id: int) -> bool:
    return any(event["portalId"] == portal_id for event in page.events)


def _event(happening: Happening, changes: dict[str, str]) -> dict[str, Any]:
    event: dict[str, Any] = {
        "type": "object",
        "action": action_of(happening),
        "portalId": happening.portal_id,
        "occurredAt": iso(happening.at_ms),
        "objectTypeId": BY_NAME[happening.type_name].type_id,
        "objectId": int(happening.object_id),
    }
    if happening.kind == "associationChange":
        return {
            **event,
            "type": "association",
            "associatedObjectTypeId": BY_NAME[happening.to_type].type_id,
            "associatedObjectId": int(happening.to_id),
            "associationTypeIds": list(happening.types),
        }
    if happening.kind == "propertyChange":
        event["propertyChanges"] = changes
    elif happening.kind == "merge":
        event["primaryObjectId"] = int(happening.primary_id)
        event["mergedObjectIds"] = [int(one) for one in happening.merged_ids]
    elif happening.kind == "privacyDeletion":
        event["type"] = "gdprPrivacyDeletion"
    return event
