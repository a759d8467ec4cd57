"""Associating and separating records: which types may meet, labels, primaries, single parents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledgerbridge.sandbox.hubspot.association_types import SINGLE_PARENTS, AssociationType
from ledgerbridge.sandbox.hubspot.errors import ApiError, error, invalid
from ledgerbridge.sandbox.hubspot.happenings import tell_links
from ledgerbridge.sandbox.hubspot.object_types import BY_NAME
from ledgerbridge.sandbox.hubspot.records import Record
from ledgerbridge.sandbox.hubspot.state import PortalState

LINE_ITEMS = "line_items"


@dataclass(frozen=True, slots=True)
class Link:
    """One association to be made: the type from here, and the other record."""

    type: AssociationType
    other: Record


def target(state: PortalState, type_name: str, record_id: str, end: str = "TO") -> Record:
    """The living record at one end of an association; raises the recorded 404."""
    found = state.shelves[type_name].find(record_id)
    if found is None:
        word = BY_NAME[type_name].label
        raise error(
            404,
            f"No {word} with ID {record_id} exists",
            "OBJECT_NOT_FOUND",
            subCategory=f"crm.associations.{end}_OBJECT_NOT_FOUND",
            context={"id": [record_id], "objectType": [word]},
        )
    return found


def invalid_type(name: str, from_type: str, to_type: str) -> ApiError:
    """400: two types that cannot be associated so."""
    return invalid(
        f"{name} is not a valid association type between {from_type} and {to_type}",
        subCategory="crm.associations.INVALID_ASSOCIATION_TYPE",
        context={"type": [name], "fromObjectType": [from_type], "toObjectType": [to_type]},
    )


def default_type(state: PortalState, from_type: str, to_type: str) -> AssociationType:
    """The unlabelled type of a pair; raises 400 where the two cannot be associated."""
    found = state.association_types.default(from_type, to_type)
    if found is None:
        name = f"{BY_NAME[from_type].singular}_to_{BY_NAME[to_type].singular}"
        raise invalid_type(name, from_type, to_type)
    return found


def typed(state: PortalState, from_type: str, to_type: str, type_id: int) -> AssociationType:
    """The type of a pair with this id; raises 400 where it is not one of them."""
    found = state.association_types.find(from_type, to_type, type_id)
    if found is None:
        raise invalid_type(str(type_id), from_type, to_type)
    return found


def check_category(found: AssociationType, category: str) -> None:
    """Raises 400 where a type is named under the category of another."""
    if found.category != category:
        name = f"{category} {found.type_id}"
        raise invalid_type(name, found.from_type, found.to_type)


def check_limits(
    state: PortalState, from_type: str, origin: Record | None, links: Sequence[Link]
) -> None:
    """Raises 400 where a record would get more associated records than the portal allows."""
    if not state.association_limits:
        return
    for to_type in {link.type.to_type for link in links}:
        others = [link.other for link in links if link.type.to_type == to_type]
        held = set() if origin is None else {one.id for one in state.linked(origin, to_type)}
        _check_limit(state, from_type, to_type, origin, held | {other.id for other in others})
        for other in others:
            ends = {one.id for one in state.linked(other, from_type)}
            new = "new" if origin is None else origin.id
            _check_limit(state, to_type, from_type, other, ends | {new})


def _check_limit(
    state: PortalState, from_type: str, to_type: str, origin: Record | None, ends: set[str]
) -> None:
    limit = state.association_limits.get((from_type, to_type))
    if limit is None or len(ends) <= limit:
        return
    own = "new" if origin is None else origin.id
    raise invalid(
        f"{BY_NAME[from_type].label} {own} can be associated with at most {limit} {to_type}",
        subCategory="crm.associations.ASSOCIATION_LIMIT_EXCEEDED",
        context={"fromObjectId": [own], "toObjectType": [to_type], "limit": [str(limit)]},
    )


def links_to_make(
    state: PortalState, from_type: str, wanted: Sequence[tuple[str, int]]
) -> list[Link]:
    """The links of a creation, from ids and association type ids; raises 400 or 404."""
    links = []
    for record_id, type_id in wanted:
        found = state.association_types.find_from(from_type, type_id)
        if found is None:
            raise invalid_type(str(type_id), from_type, "unknown")
        links.append(Link(found, target(state, found.to_type, record_id)))
    return links


def check_parents(
    state: PortalState, from_type: str, origin: Record | None, links: Sequence[Link]
) -> None:
    """Raises 400 where a line item would get a second parent."""
    if from_type == LINE_ITEMS:
        _check_line(state, origin, links)
    elif from_type in SINGLE_PARENTS:
        for link in links:
            if link.type.to_type == LINE_ITEMS:
                own = "new" if origin is None else origin.id
                _check_child(state, from_type, own, link)


def _check_child(state: PortalState, from_type: str, own: str, link: Link) -> None:
    for parent_type in _rivals(state, from_type):
        for parent in state.linked(link.other, parent_type):
            if parent_type != from_type or parent.id != own:
                raise one_to_one([parent.id, own], link.type.reverse_id)


def _check_line(state: PortalState, origin: Record | None, links: Sequence[Link]) -> None:
    parents = [link for link in links if link.type.to_type in SINGLE_PARENTS]
    if not parents:
        return
    ids = list(dict.fromkeys(link.other.id for link in parents))
    if origin is not None:
        for parent_type in _rivals(state, parents[0].type.to_type):
            ids = [parent.id for parent in state.linked(origin, parent_type)] + ids
    ids = list(dict.fromkeys(ids))
    if len(ids) > 1:
        raise one_to_one(ids, parents[0].type.type_id)


def _rivals(state: PortalState, parent_type: str) -> Sequence[str]:
    return SINGLE_PARENTS if state.switches.line_item_single_parent else (parent_type,)


def one_to_one(ids: Sequence[str], type_id: int) -> ApiError:
    """400: more than one where only one can be."""
    spec = f"associationCategory=HUBSPOT_DEFINED, associationTypeId={type_id}"
    return invalid(
        f"cannot pass multiple to object ids: [{', '.join(ids)}] "
        f"for one to one association type AssociationSpec{{{spec}}}"
    )


def link(
    state: PortalState, origin: Record, types: Sequence[AssociationType], other: Record
) -> None:
    """
    Associates two records in both directions. The labels among `types` replace those that were
    there; the unlabelled type is always there too, and a primary takes the place of another.
    """
    from_type, to_type = types[0].from_type, types[0].to_type
    known = state.association_types
    ids = {found.type_id for found in types}
    default, primary = known.default(from_type, to_type), known.primary(from_type, to_type)
    if default is not None:
        ids.add(default.type_id)
    if primary is not None and _singular(from_type, to_type):
        ids |= _primary(state, origin, primary, other, primary.type_id in ids)
    elif primary is not None:
        reverse = known.primary(to_type, from_type)
        assert reverse is not None
        if _primary(state, other, reverse, origin, primary.type_id in ids):
            ids.add(primary.type_id)
    back = (known.find(from_type, to_type, type_id) for type_id in sorted(ids))
    origin.links.setdefault(to_type, {})[other.id] = tuple(sorted(ids))
    other.links.setdefault(from_type, {})[origin.id] = tuple(
        sorted(found.reverse_id for found in back if found is not None)
    )


def _singular(from_type: str, to_type: str) -> bool:
    """Whether the origin is the end that has one primary: a contact or a deal has one company."""
    return to_type == "companies"


def _primary(
    state: PortalState, origin: Record, primary: AssociationType, other: Record, wanted: bool
) -> set[int]:
    """The primary's id if `other` is to be the primary of `origin`; takes it from the former."""
    others = origin.links.get(primary.to_type, {})
    former = next((key for key, ids in others.items() if primary.type_id in ids), None)
    if former == other.id:
        return {primary.type_id}
    if former is None:
        first = wanted or state.switches.first_company_is_primary
        return {primary.type_id} if first else set()
    if not wanted:
        return set()
    _take_label(state, origin, primary, former)
    return {primary.type_id}


def _take_label(state: PortalState, origin: Record, label: AssociationType, other_id: str) -> None:
    """Removes one label between two records; without any type left they are separate."""
    here = origin.links.get(label.to_type, {})
    before = here[other_id]
    here[other_id] = tuple(kept for kept in here[other_id] if kept != label.type_id)
    other = state.shelves[label.to_type].records[other_id]
    there = other.links[label.from_type]
    there[origin.id] = tuple(kept for kept in there[origin.id] if kept != label.reverse_id)
    if not here[other_id]:
        unlink(origin, label.from_type, other, label.to_type)
    tell_links(state, (label.from_type, origin), (label.to_type, other), before)


def take_labels(
    state: PortalState, origin: Record, labels: Sequence[AssociationType], other: Record
) -> None:
    """Removes labels; the unlabelled type stays unless it is named."""
    for label in labels:
        if label.type_id in origin.links.get(label.to_type, {}).get(other.id, ()):
            _take_label(state, origin, label, other.id)


def unlink(origin: Record, from_type: str, other: Record, to_type: str) -> bool:
    """Separates two records; whether they were associated."""
    was = origin.links.get(to_type, {}).pop(other.id, None)
    other.links.get(from_type, {}).pop(origin.id, None)
    return was is not None


COUNTS = {
    ("contacts", "deals"): "num_associated_deals",
    ("companies", "contacts"): "num_associated_contacts",
    ("companies", "deals"): "num_associated_deals",
    ("deals", "contacts"): "num_associated_contacts",
    ("deals", "line_items"): "hs_num_of_associated_line_items",
}


def counted(state: PortalState, record: Record, from_type: str, to_type: str) -> dict[str, str]:
    """The count of a record's associations with a type, as the property that shows it."""
    name = COUNTS.get((from_type, to_type))
    if name is None:
        return {}
    links = record.links.get(to_type, {})
    return {name: str(len(links) - state.shelves[to_type].archived_among(links))}
