"""What happens in a portal, as webhooks and the journal tell it to an app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from ledgerbridge.sandbox.hubspot.records import Record, Shelf, Source

if TYPE_CHECKING:
    from ledgerbridge.sandbox.hubspot.association_types import AssociationType
    from ledgerbridge.sandbox.hubspot.state import PortalState

Kind = Literal[
    "creation",
    "propertyChange",
    "associationChange",
    "deletion",
    "restore",
    "merge",
    "privacyDeletion",
]


@dataclass(frozen=True, slots=True)
class Happening:
    """
    One thing that happened to a record.

    `values` are all its values afterwards, `changes` those that are new. `to_type`, `to_id`,
    `types`, `removed` and `is_primary` tell of an association; the rest of a merge.
    """

    kind: Kind
    portal_id: int
    type_name: str
    object_id: str
    at_ms: int
    source: Source
    values: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, str] = field(default_factory=dict)
    to_type: str = ""
    to_id: str = ""
    types: tuple[int, ...] = ()
    removed: bool = False
    is_primary: bool = False
    primary_id: str = ""
    merged_ids: tuple[str, ...] = ()


def tell(
    state: PortalState,
    kind: Kind,
    shelf: Shelf,
    record: Record,
    *,
    source: Source | None = None,
    changes: Mapping[str, str] | None = None,
) -> None:
    """Tells whoever listens to the portal; without a source it is who acts now."""
    if state.listener is not None:
        state.listener(
            Happening(
                kind,
                state.portal_id,
                shelf.kind.name,
                record.id,
                state.now_ms(),
                source or state.actor,
                values=record.values,
                changes=changes or {},
            )
        )


def tell_merge(
    state: PortalState, shelf: Shelf, survivor: Record, ids: tuple[str, str], moved: int
) -> None:
    """Tells of a merge: the ids of the primary and of the other, and how many values moved."""
    if state.listener is not None:
        state.listener(
            Happening(
                "merge",
                state.portal_id,
                shelf.kind.name,
                survivor.id,
                state.now_ms(),
                state.actor,
                values=survivor.values,
                changes={"numberOfPropertiesMoved": str(moved)},
                primary_id=ids[0],
                merged_ids=ids,
            )
        )


def tell_links(
    state: PortalState, origin: tuple[str, Record], other: tuple[str, Record], before: Sequence[int]
) -> None:
    """
    Tells which association types between two records, each with its type, came since `before`, and
    which went.
    """
    if state.listener is None:
        return
    after = origin[1].links.get(other[0], {}).get(other[1].id, ())
    for ids, removed in ((set(after) - set(before), False), (set(before) - set(after), True)):
        types = (state.association_types.find(origin[0], other[0], one) for one in sorted(ids))
        found = tuple(one for one in types if one is not None)
        if found:
            _tell_association(state, found, origin[1], other[1], removed=removed)


def _tell_association(
    state: PortalState,
    types: tuple[AssociationType, ...],
    origin: Record,
    other: Record,
    *,
    removed: bool,
) -> None:
    """Tells of an association that came or went, once from each end."""
    assert state.listener is not None
    known = state.association_types
    there = (known.find(one.from_type, one.to_type, one.type_id) for one in types)
    back = [
        found
        for one in there
        if one is not None
        and (found := known.find(one.to_type, one.from_type, one.reverse_id)) is not None
    ]
    for ends, way in (((origin, other), types), ((other, origin), tuple(back))):
        if way:
            primary = known.primary(way[0].from_type, way[0].to_type)
            ids = tuple(one.type_id for one in way)
            state.listener(
                Happening(
                    "associationChange",
                    state.portal_id,
                    way[0].from_type,
                    ends[0].id,
                    state.now_ms(),
                    state.actor,
                    values=ends[0].values,
                    to_type=way[0].to_type,
                    to_id=ends[1].id,
                    types=ids,
                    removed=removed,
                    is_primary=primary is not None and primary.type_id in ids,
                )
            )
