"""The shapes of the control API, in JSON: what is asked, and what is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from ledgerbridge.sandbox.control.people import Deed
from ledgerbridge.sandbox.delivery import Delivery, Event
from ledgerbridge.sandbox.faults import Fault, Pattern

Seconds = Annotated[float, Meta(ge=0, le=400 * 86_400)]
Pause = Annotated[float, Meta(ge=0, le=600)]
Times = Annotated[int, Meta(ge=1, le=1_000_000)]
Chance = Annotated[float, Meta(gt=0, le=1)]
Status = Annotated[int, Meta(ge=400, le=599)]
Seed = Annotated[int, Meta(ge=0, le=2**32)]
Count = Annotated[int, Meta(ge=1, le=1000)]


class Asked(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What all requests share: no field that is not known."""


class FaultAsked(Asked):
    """A fault: on the next `times` requests that match, or on all of them `for_s` seconds."""

    kind: str
    match: str | None = None
    times: Times | None = 1
    for_s: Seconds | None = None
    chance: Chance = 1.0
    status: Status | None = None
    slow_s: Pause = 1.0
    seed: Seed | None = None


class ActAsked(Asked):
    """One act of a person, or with `count` as many as that, drawn from `seed`."""

    act: str | None = None
    type: str | None = None
    id: str | None = None
    other: str | None = None
    values: dict[str, Any] | None = None
    account: str | None = None
    count: Count | None = None
    seed: Seed = 0


class ClockAsked(Asked):
    """What to do with the clock: one of the three, or `at` and `frozen`."""

    advance_s: Seconds | None = None
    at: datetime | None = None
    frozen: bool | None = None


class HubSpotWebhooksAsked(Asked):
    """Settings and subscriptions as a HubSpot project file has them."""

    settings: dict[str, Any]
    subscriptions: dict[str, Any]


class QuickBooksWebhooksAsked(Asked):
    """Where QuickBooks' webhooks go, the ticked boxes (None: all), and the format."""

    url: str
    entities: dict[str, list[str]] | None = None
    format: str = "cloudevents"


class TestAsked(Asked):
    """A test delivery; HubSpot needs a subscription."""

    __test__ = False
    subscription_id: int | None = None
    account: str | None = None


def instant(at: datetime | None) -> str | None:
    """An instant as the control API shows it."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def shown_fault(fault: Fault) -> dict[str, Any]:
    """A fault that may still happen."""
    return {
        "id": fault.id,
        "kind": fault.kind,
        "match": fault.match.text if isinstance(fault.match, Pattern) else None,
        "times": fault.times,
        "until": instant(fault.until),
        "chance": fault.chance,
        "status": fault.status,
        "slow_s": fault.slow_s,
    }


def shown_deed(deed: Deed) -> dict[str, Any]:
    """What somebody did."""
    return {
        "number": deed.number,
        "at": instant(deed.at),
        "account": deed.account,
        "act": deed.act,
        "type": deed.type,
        "id": deed.id,
        "other": deed.other,
        "values": dict(deed.values),
    }


def shown_event(event: Event) -> dict[str, Any]:
    """A webhook event, and what became of it."""
    return {
        "id": event.id,
        "at": instant(event.at),
        "label": event.label,
        "faults": list(event.faults),
        "outcome": event.outcome,
        "delivery_id": event.delivery_id,
    }


def shown_delivery(one: Delivery) -> dict[str, Any]:
    """A delivery with its attempts; `due` is when it is tried next."""
    return {
        "id": one.id,
        "url": one.url,
        "state": one.state,
        "due": instant(one.due) if one.state == "waiting" else None,
        "events": [event.id for event in one.events],
        "attempts": [{"at": instant(try_.at), "status": try_.status} for try_ in one.attempts],
    }
