"""What the product knows of one sync before its owner changes anything."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct, field

from ledgerbridge.core.definition import SyncDefinition
from ledgerbridge.core.mapping import Direction, Mapping, When
from ledgerbridge.core.model import Record, Side, Value
from ledgerbridge.core.plan import Planned
from ledgerbridge.core.planning import KEY_FIELD, excluded
from ledgerbridge.core.schema import COMPUTED_PREFIX, OWN_PREFIX, Field, FieldType

Keys = Callable[[Side, Record], tuple[tuple[str, str], ...]]


class SyncKind(Struct, frozen=True, kw_only=True):
    """
    One sync's fixed parts: the vendors' types, the defaults, the properties of ours it needs.

    `matching` names the keys that an owner may choose to match by, in the default order.
    `derived` are QuickBooks fields that we compute, described as if QuickBooks had them.
    `children` are HubSpot types that are written as part of one record. `reads` is the entity that
    the QuickBooks records are derived from, where they are no entity themselves. `key_property`
    is the unique HubSpot property that holds our key. An account `may_lack` the feature behind its
    HubSpot type: then the sync rests, and no record fails for it. `unread` are HubSpot records that
    are too many to be read whole: those that we made are known from their writing. `never_written`
    are HubSpot properties that no mapping may write, with the reason.
    """

    name: str
    hubspot_type: str
    quickbooks_type: str
    defaults: SyncDefinition
    matching: tuple[str, ...]
    own_properties: tuple[Field, ...]
    derived: tuple[Field, ...] = ()
    children: tuple[str, ...] = ()
    reads: str = ""
    key_property: str = KEY_FIELD
    may_lack: bool = False
    unread: bool = False
    never_written: dict[str, str] = field(default_factory=dict)

    @property
    def observed(self) -> str:
        """The QuickBooks entity that is read: that of its records, or the one they derive from."""
        return self.reads or self.quickbooks_type


def own(name: str, label: str, kind: FieldType = FieldType.TEXT, *, unique: bool = False) -> Field:
    """A HubSpot property of ours, in our group."""
    return Field(name=f"{OWN_PREFIX}{name}", label=label, type=kind, unique=unique)


def derived(name: str, kind: FieldType = FieldType.TEXT) -> Field:
    """A QuickBooks value that we compute: its name starts with `@`."""
    return Field(name=f"{COMPUTED_PREFIX}{name}", type=kind)


def both(name: str, hubspot: str, quickbooks: str) -> Mapping:
    """One field each, travelling both ways."""
    return Mapping(name=name, hubspot=(hubspot,), quickbooks=(quickbooks,))


def shown(name: str, hubspot: str, quickbooks: str, when: When = When.ALWAYS) -> Mapping:
    """One field each, from QuickBooks to HubSpot only."""
    return Mapping(
        name=name,
        hubspot=(hubspot,),
        quickbooks=(quickbooks,),
        direction=Direction.TO_HUBSPOT,
        when=when,
    )


DELETED_SUFFIX = " (deleted)"


def plain_name(name: Value) -> Value:
    """A name without the suffix that QuickBooks gives to inactive ones."""
    return name and name.removesuffix(DELETED_SUFFIX)


KEY = shown("key", "ledgerbridge_key", "@key")
KEY_PROPERTY = own("key", "QuickBooks key", unique=True)
STATE_PROPERTY = own("state", "QuickBooks state")
KEY_DERIVED = derived("key")
ORIGIN_MAPPING = shown("origin", "ledgerbridge_origin", "@origin", When.ON_CREATE)
ORIGIN_PROPERTY = own("origin", "Origin of the record")
ORIGIN_DERIVED = derived("origin")


def origin(created_at: str, enabled_at: str) -> str:
    """Whether a record was there before its sync was switched on: people filter by it."""
    return "backfill" if created_at < enabled_at else "live"


def not_made(to: Side, source: Record) -> Planned:
    """The partner that a sync does not make: its owner wants existing ones paired, and no more."""
    return excluded(
        to.other,
        source.id,
        "only_paired",
        f"it has no partner on {to.shown}, and this sync makes none there",
        "Make one by hand, or set `creates: true` for the sync.",
    )
