"""What an app subscribes to: types of events, and the forms in which subscriptions are given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ledgerbridge.sandbox.hubspot.happenings import Happening
from ledgerbridge.sandbox.hubspot.object_types import BY_NAME

SUBSCRIPTIONS_MAX = 1000
GENERIC = "object"
KINDS = ("creation", "deletion", "merge", "restore", "propertyChange", "associationChange")
# The types with a word of their own; `object` covers all, by type id.
WORDS: dict[str, tuple[str, ...]] = {
    "contact": (*KINDS, "privacyDeletion"),
    "company": KINDS,
    "deal": KINDS,
    "ticket": KINDS,
    "line_item": KINDS,
    "product": tuple(kind for kind in KINDS if kind != "associationChange"),
    GENERIC: KINDS,
}
EVENT_TYPES = frozenset(f"{word}.{kind}" for word, kinds in WORDS.items() for kind in kinds)
UNTOLD = frozenset(
    {"hs_lastmodifieddate", "lastmodifieddate", "num_unique_conversion_events"}
)  # changes of these are never told
PROJECT_LISTS = ("crmObjects", "legacyCrmObjects", "hubEvents")


class InvalidSubscriptionError(ValueError):
    """A subscription that HubSpot would not take; the message says why."""


@dataclass(slots=True, eq=False)
class Subscription:
    """One subscription of the app. `object_type_id` is set for `object.*`, where it is needed."""

    id: int
    event_type: str
    property_name: str | None
    object_type_id: str | None
    active: bool
    created_ms: int
    updated_ms: int

    @property
    def kind(self) -> str:
        """The part after the point, e.g. propertyChange."""
        return self.event_type.partition(".")[2]

    def covers(self, happening: Happening) -> bool:
        """Whether it is about this kind of happening to this type of record."""
        word = self.event_type.partition(".")[0]
        type_ = BY_NAME[happening.type_name]
        about = type_.type_id == self.object_type_id if word == GENERIC else type_.singular == word
        return self.active and about and self.kind == happening.kind


def checked(event_type: str, property_name: str | None, type_id: str | None) -> None:
    """Raises InvalidSubscriptionError for a type, property or object type that makes no sense."""
    if event_type not in EVENT_TYPES:
        raise InvalidSubscriptionError(f"{event_type} is not an event type")
    word, _, kind = event_type.partition(".")
    if kind == "propertyChange":
        if not property_name:
            raise InvalidSubscriptionError(f"{event_type} needs a propertyName")
        if property_name in UNTOLD:
            raise InvalidSubscriptionError(f"changes of {property_name} cannot be subscribed to")
    elif property_name:
        raise InvalidSubscriptionError(f"{event_type} takes no propertyName")
    if word == GENERIC and (type_id is None or type_id not in BY_NAME):
        raise InvalidSubscriptionError(f"{event_type} needs the objectTypeId of a known type")


def of_project(
    subscriptions: Mapping[str, Any],
) -> Iterator[tuple[str, str | None, str | None, bool]]:
    """
    The subscriptions of a project file (`webhooks-hsmeta.json`) as event type, property, object
    type id and whether it is active. Raises InvalidSubscriptionError.
    """
    unknown = subscriptions.keys() - set(PROJECT_LISTS)
    if unknown:
        raise InvalidSubscriptionError(f"{min(unknown)} is none of {', '.join(PROJECT_LISTS)}")
    for listed in PROJECT_LISTS:
        for one in subscriptions.get(listed) or ():
            if not isinstance(one, Mapping) or not isinstance(one.get("subscriptionType"), str):
                raise InvalidSubscriptionError(f"an entry of {listed} has no subscriptionType")
            name, type_id = one.get("propertyName"), None
            if listed == "crmObjects":
                found = BY_NAME.get(str(one.get("objectType")))
                if found is None:
                    kind = one["subscriptionType"]
                    raise InvalidSubscriptionError(f"{kind} needs the objectType of a known type")
                type_id = found.type_id
            checked(one["subscriptionType"], name, type_id)
            yield one["subscriptionType"], name, type_id, bool(one.get("active", True))
