"""What an app asks the webhooks journal to record: subscriptions, their actions and filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

import msgspec

from ledgerbridge.sandbox.hubspot.happenings import Happening
from ledgerbridge.sandbox.hubspot.object_types import BY_NAME
from ledgerbridge.sandbox.hubspot.wire import Value, Wire, text_of

ACTIONS: Mapping[str, str] = {
    "creation": "CREATE",
    "propertyChange": "UPDATE",
    "deletion": "DELETE",
    "merge": "MERGE",
    "restore": "RESTORE",
    "privacyDeletion": "GDPR_DELETE",
}
OBJECT_ACTIONS = frozenset({"CREATE", "UPDATE", "DELETE", "MERGE", "RESTORE", "SNAPSHOT"})
ASSOCIATION_ACTIONS = frozenset({"ASSOCIATION_ADDED", "ASSOCIATION_REMOVED"})
TYPES: Mapping[str, frozenset[str]] = {
    "OBJECT": OBJECT_ACTIONS,
    "ASSOCIATION": ASSOCIATION_ACTIONS,
    "GDPR_PRIVACY_DELETION": frozenset({"GDPR_DELETE"}),
}
PROPERTY_FILTER = "CRM_OBJECT_PROPERTY"


class Override(Wire):
    """Other lists for one action of a subscription."""

    object_ids: list[int] | None = None
    properties: list[str] | None = None
    associated_object_type_ids: list[str] | None = None


class NewSubscription(Wire):
    """A subscription to make."""

    subscription_type: str
    object_type_id: str = ""
    portal_id: int | None = None
    object_ids: list[int] = msgspec.field(default_factory=list)
    properties: list[str] = msgspec.field(default_factory=list)
    actions: list[str] = msgspec.field(default_factory=list)
    associated_object_type_ids: list[str] = msgspec.field(default_factory=list)
    action_overrides: dict[str, Override] = msgspec.field(default_factory=dict)


class Condition(Wire):
    """One condition on a property of the record."""

    property: str
    operator: str
    filter_type: str = PROPERTY_FILTER
    value: Value = None
    values: list[Value] | None = None


class Conditions(Wire):
    """Conditions that must all hold."""

    conditions: list[Condition]


class NewFilter(Wire):
    """A filter to add to a subscription."""

    subscription_id: int
    filter: Conditions


@dataclass(slots=True, eq=False)
class JournalFilter:
    """A filter of a subscription, with when it was made."""

    id: int
    conditions: list[Condition]
    created_ms: int


@dataclass(slots=True, eq=False)
class JournalSubscription:
    """One subscription; of several filters one must let an event pass."""

    id: int
    asked: NewSubscription
    created_ms: int
    filters: dict[int, JournalFilter] = field(default_factory=dict)

    def wants(self, happening: Happening) -> bool:
        """Whether the happening belongs into the journal for this subscription's sake."""
        asked, action = self.asked, action_of(happening)
        if asked.portal_id not in {None, happening.portal_id} or action not in asked.actions:
            return False
        if asked.subscription_type == "GDPR_PRIVACY_DELETION":
            return True
        if BY_NAME[happening.type_name].type_id != asked.object_type_id:
            return False
        ids = self._listed(action, "object_ids")
        if ids and int(happening.object_id) not in ids:
            return False
        others = self._listed(action, "associated_object_type_ids")
        if happening.to_type and others and BY_NAME[happening.to_type].type_id not in others:
            return False
        if happening.kind == "propertyChange" and not self.shown(happening):
            return False
        filters = self.filters.values()
        return not filters or any(passes(one.conditions, happening.values) for one in filters)

    def shown(self, happening: Happening) -> dict[str, str]:
        """The changed values that this subscription shows; all where it names no property."""
        names = self._listed(action_of(happening), "properties")
        return {
            name: value for name, value in happening.changes.items() if not names or name in names
        }

    def _listed(self, action: str, name: str) -> list[object]:
        override = self.asked.action_overrides.get(action)
        own = None if override is None else getattr(override, name)
        found: list[object] = getattr(self.asked, name) if own is None else own
        return found


def action_of(happening: Happening) -> str:
    """The action that the journal calls a happening."""
    if happening.kind == "associationChange":
        return "ASSOCIATION_REMOVED" if happening.removed else "ASSOCIATION_ADDED"
    return ACTIONS[happening.kind]


def problem_of(asked: NewSubscription) -> str | None:
    """Why a subscription is refused, or None."""
    allowed = TYPES.get(asked.subscription_type)
    if allowed is None:
        return f"subscriptionType must be one of {', '.join(TYPES)} here"
    unknown = [action for action in asked.actions if action not in allowed]
    if unknown or not asked.actions:
        named = unknown[0] if unknown else "nothing"
        return f"actions of {asked.subscription_type} are {', '.join(sorted(allowed))}, not {named}"
    if asked.subscription_type != "GDPR_PRIVACY_DELETION" and asked.object_type_id not in BY_NAME:
        return f"objectTypeId {asked.object_type_id!r} is not a known type"
    return None


def filter_problem(conditions: list[Condition]) -> str | None:
    """Why a filter is refused, or None."""
    if not conditions:
        return "a filter needs at least one condition"
    for one in conditions:
        if one.filter_type != PROPERTY_FILTER:
            return f"filterType must be {PROPERTY_FILTER}"
        if one.operator not in OPERATORS:
            return f"operator must be one of {', '.join(OPERATORS)}"
    return None


def passes(conditions: list[Condition], values: Mapping[str, str]) -> bool:
    """Whether a record with these values fulfils all conditions."""
    return all(
        OPERATORS[one.operator](
            values.get(one.property, ""),
            [text_of(part) or "" for part in (one.values or [one.value])],
        )
        for one in conditions
    )


def _order(left: str, right: str) -> int:
    """-1, 0 or 1: by number where both are numbers, else by text."""
    try:
        numbers = Decimal(left), Decimal(right)
    except InvalidOperation:
        return (left > right) - (left < right)
    return int(numbers[0].compare(numbers[1])) if not any(n.is_nan() for n in numbers) else 1


OPERATORS: Mapping[str, Callable[[str, list[str]], bool]] = {
    "EQ": lambda own, given: _order(own, given[0]) == 0,
    "NEQ": lambda own, given: _order(own, given[0]) != 0,
    "GT": lambda own, given: own != "" and _order(own, given[0]) > 0,
    "GTE": lambda own, given: own != "" and _order(own, given[0]) >= 0,
    "LT": lambda own, given: own != "" and _order(own, given[0]) < 0,
    "LTE": lambda own, given: own != "" and _order(own, given[0]) <= 0,
    "IN": lambda own, given: own in given,
    "NOT_IN": lambda own, given: own not in given,
    "CONTAINS": lambda own, given: given[0] in own,
    "NOT_CONTAINS": lambda own, given: given[0] not in own,
    "STARTS_WITH": lambda own, given: own.startswith(given[0]),
    "ENDS_WITH": lambda own, given: own.endswith(given[0]),
    "IS_EMPTY": lambda own, _: own == "",
    "IS_NOT_EMPTY": lambda own, _: own != "",
}
