"""Merging two records: the survivor, its values, its links, and where the old ids lead."""

from __future__ import annotations

from ledgerbridge.sandbox.hubspot import linking, writing
from ledgerbridge.sandbox.hubspot.derived import derived
from ledgerbridge.sandbox.hubspot.effects import links_changed, put
from ledgerbridge.sandbox.hubspot.errors import error, invalid, object_not_found
from ledgerbridge.sandbox.hubspot.happenings import tell_merge
from ledgerbridge.sandbox.hubspot.instants import iso
from ledgerbridge.sandbox.hubspot.records import Record, Shelf, Source
from ledgerbridge.sandbox.hubspot.secondary_emails import secondary_emails
from ledgerbridge.sandbox.hubspot.state import PortalState

MERGES_MAX = 250
MERGING = Source("MERGE_OBJECTS", "MergeObjects")


def merge(state: PortalState, shelf: Shelf, primary_id: str, other_id: str) -> Record:
    """
    Makes one record of two. The primary's values win, the other's fill its blanks.

    Raises 404 for an unknown id, 400 for types that do not merge, 414 past 250 merges.
    """
    if not shelf.kind.mergeable:
        raise invalid(f"Objects of type {shelf.kind.kind} cannot be merged")
    primary, other = (_found(shelf, record_id) for record_id in (primary_id, other_id))
    if primary is other:
        raise invalid(f"Cannot merge object {primary_id} with itself")
    old_ids = [*_merged_ids(other), other.id]
    kept_ids = _merged_ids(primary)
    if len(kept_ids) + len(old_ids) > MERGES_MAX:
        raise error(414, "Cannot have more than 250 identities on a profile", "VALIDATION_ERROR")
    survivor = _renumbered(state, shelf, primary) if state.switches.merge_new_id else primary
    _move_links(state, shelf, other, survivor)
    values = _merged_values(shelf, primary, other)
    writing.erase(state, shelf, other)
    for name in shelf.unique_names:
        if name in values:
            shelf.claim(name, values[name], survivor.id)
    for address in values.get("hs_additional_emails", "").split(";"):
        if address:
            shelf.claim("email", address, survivor.id)
    if survivor.id != primary.id:
        old_ids = [primary.id, *old_ids]
    values["hs_merged_object_ids"] = ";".join([*kept_ids, *old_ids])
    values |= derived(state, shelf.kind.name, {**survivor.values, **values}, survivor.id)
    if shelf.kind.name == "contacts":
        values |= _vids(state, primary, survivor, old_ids)
    for old_id in old_ids:
        shelf.redirects[old_id] = survivor.id
    put(state, shelf, survivor, values, MERGING)
    links_changed(state, shelf, survivor)
    moved = sum(1 for name in values if name in other.values and not name.startswith("hs_merged"))
    tell_merge(state, shelf, survivor, (primary.id, other.id), moved)
    return survivor


def _found(shelf: Shelf, record_id: str) -> Record:
    found = shelf.find(record_id)
    if found is None:
        raise object_not_found(record_id)
    return found


def _merged_ids(record: Record) -> list[str]:
    return [part for part in record.values.get("hs_merged_object_ids", "").split(";") if part]


def _vids(
    state: PortalState, primary: Record, survivor: Record, old_ids: list[str]
) -> dict[str, str]:
    known = primary.values.get("hs_calculated_merged_vids", "")
    now_ms = state.now_ms()
    merged = ";".join(filter(None, [known, *(f"{old_id}:{now_ms}" for old_id in old_ids)]))
    return {
        "hs_calculated_merged_vids": merged,
        "hs_all_contact_vids": ";".join([survivor.id, *old_ids]),
    }


def _merged_values(shelf: Shelf, primary: Record, other: Record) -> dict[str, str]:
    fixed = {"hs_object_id", shelf.kind.modified, shelf.kind.created, "hs_createdate"}
    filled = {
        name: value
        for name, value in other.values.items()
        if value and name not in fixed and not primary.values.get(name)
    }
    if shelf.kind.name == "contacts":
        addresses = [
            *secondary_emails(primary),
            other.values.get("email", ""),
            *secondary_emails(other),
        ]
        email = primary.values.get("email") or filled.get("email", "")
        further = dict.fromkeys(address for address in addresses if address and address != email)
        filled["hs_additional_emails"] = ";".join(further)
        filled["email"] = email
    return filled


def _renumbered(state: PortalState, shelf: Shelf, primary: Record) -> Record:
    """The primary under a new id; it takes over everything, history included."""
    number = state.next_number()
    survivor = Record(
        number,
        {**primary.values, "hs_object_id": str(number)},
        primary.created_ms,
        state.now_ms(),
        primary.source,
        history={name: list(changes) for name, changes in primary.history.items()},
        pinned=primary.pinned,
    )
    survivor.values[shelf.kind.modified] = iso(survivor.updated_ms)
    _move_links(state, shelf, primary, survivor)
    writing.erase(state, shelf, primary)
    shelf.add(survivor)
    for name in shelf.unique_names & survivor.values.keys():
        shelf.claim(name, survivor.values[name], survivor.id)
    return survivor


def _move_links(state: PortalState, shelf: Shelf, origin: Record, survivor: Record) -> None:
    from_type = shelf.kind.name
    for to_type, others in list(origin.links.items()):
        for other_id, type_ids in list(others.items()):
            other = state.shelves[to_type].records.get(other_id)
            if other is None or other is survivor:
                continue
            found = [state.association_types.find(from_type, to_type, key) for key in type_ids]
            types = [type_ for type_ in found if type_ is not None]
            here = survivor.links.get(to_type, {}).get(other_id, ())
            kept = [state.association_types.find(from_type, to_type, key) for key in here]
            types += [type_ for type_ in kept if type_ is not None and type_ not in types]
            if types:
                linking.link(state, survivor, types, other)
            linking.unlink(origin, from_type, other, to_type)
