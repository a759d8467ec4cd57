"""A sync as its owner set it up: data that a configuration file can change."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.filters import Filter
from ledgerbridge.core.mapping import Direction, Mapping, Rule
from ledgerbridge.core.model import Side


class DeletionRule(StrEnum):
    """What a confirmed deletion on one side does on the other (promise 5)."""

    NOTHING = "nothing"
    MARK = "mark"
    ARCHIVE = "archive"


class LeavingScope(StrEnum):
    """What becomes of a linked pair that no filter lets pass any more (promise 10)."""

    FREEZE = "freeze"
    KEEP_SYNCING = "keep syncing"
    MARK = "mark"


class SubCustomers(StrEnum):
    """What a sub-customer or project with an e-mail address of its own is."""

    ATTACHED = "attached"
    OWN_CONTACT = "own contact"


class Entries(StrEnum):
    """As what payments are told on a timeline."""

    NOTES = "notes"
    APP_EVENTS = "app events"


class SyncDefinition(Struct, frozen=True, kw_only=True):
    """
    One sync: what travels which way, which records, matched how, who wins.

    `matching` lists the keys tried in order for records that have no partner yet; empty means
    that nothing is matched. `deletions` and `leaving_scope` say what becomes of a pair of which one
    half goes, or that leaves the filters. `creates` says whether partners are made where none is
    found; `sub_customers` what becomes of those with an address of their own. `entries` says as
    what payments are told on a timeline, `event_type` is the name of their type of app events.
    `owner` is the id of the HubSpot user who owns what is made there, empty for nobody.
    """

    name: str
    direction: Direction
    to_hubspot: Filter
    to_quickbooks: Filter
    mappings: tuple[Mapping, ...]
    matching: tuple[str, ...]
    rule: Rule = Rule.QUICKBOOKS
    deletions: DeletionRule = DeletionRule.MARK
    leaving_scope: LeavingScope = LeavingScope.FREEZE
    enabled: bool = False
    creates: bool = True
    sub_customers: SubCustomers = SubCustomers.ATTACHED
    owner: str = ""
    entries: Entries = Entries.NOTES
    event_type: str = "ledgerbridge_payment"

    def travels(self, to: Side) -> bool:
        """Whether records may travel to that side at all."""
        if self.direction is Direction.BOTH:
            return True
        wanted = Direction.TO_HUBSPOT if to is Side.HUBSPOT else Direction.TO_QUICKBOOKS
        return self.direction is wanted

    def filter_to(self, to: Side) -> Filter:
        """The filter of one direction, over the fields of the side where records come from."""
        return self.to_hubspot if to is Side.HUBSPOT else self.to_quickbooks


def narrowed(definition: SyncDefinition) -> tuple[Mapping, ...]:
    """The mappings with no direction wider than that of their sync."""
    from_sync = definition.direction
    if from_sync is Direction.BOTH:
        return definition.mappings
    return tuple(_narrow(mapping, from_sync) for mapping in definition.mappings)


def _narrow(mapping: Mapping, to: Direction) -> Mapping:
    if mapping.direction is to:
        return mapping
    on = mapping.enabled and mapping.direction is Direction.BOTH
    return replace(mapping, direction=to, enabled=on)
