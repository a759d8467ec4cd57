"""How records are shown: ids, times, the properties asked for, histories, associations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from ledgerbridge.sandbox.hubspot.association_types import PRIMARY, AssociationType
from ledgerbridge.sandbox.hubspot.calls import BASE_URL, cursor_of
from ledgerbridge.sandbox.hubspot.instants import iso, parse_ms
from ledgerbridge.sandbox.hubspot.object_types import BY_NAME, ObjectType, object_type
from ledgerbridge.sandbox.hubspot.records import Change, Record, Shelf
from ledgerbridge.sandbox.hubspot.search_index import Indexed, Values
from ledgerbridge.sandbox.hubspot.state import PortalState


def shown_values(
    state: PortalState, shelf: Shelf, hit: Indexed, asked: Sequence[str]
) -> dict[str, Any]:
    """An indexed version as search shows it: what was asked for, and the times and id."""
    kind = shelf.kind
    names = [*asked, kind.created, "hs_object_id", kind.modified]
    return {
        "id": str(hit.number),
        "properties": _picked(state, shelf, hit.values, shelf.visible(names)),
        "createdAt": iso(hit.created_ms),
        "updatedAt": iso(hit.modified_ms),
        "archived": False,
        "url": _url(state, kind, str(hit.number)),
    }


def names_to_read(shelf: Shelf, asked: Sequence[str]) -> list[str]:
    """The properties a read returns: the defaults, or those asked for with the times and id."""
    kind = shelf.kind
    if not asked:
        return shelf.visible(list(kind.defaults))
    return shelf.visible([*asked, kind.created, "hs_object_id", kind.modified])


def shown_read(
    state: PortalState,
    shelf: Shelf,
    record: Record,
    names: Sequence[str],
    *,
    history: Sequence[str] = (),
    associated: Iterable[str] = (),
) -> dict[str, Any]:
    """A record as a read shows it; `names` are defined ones (`names_to_read`)."""
    shown = _frame(state, shelf, record, _picked(state, shelf, record.values, names))
    if history:
        shown["propertiesWithHistory"] = {
            name: [change.shown() for change in _in_order(state, record.changes(name))]
            for name in shelf.visible(list(history))
        }
    found = associations_of(state, shelf, record, associated)
    if found:
        shown["associations"] = found
    return shown


def _in_order(state: PortalState, changes: list[Change]) -> list[Change]:
    return changes if state.switches.history_order == "newest first" else changes[::-1]


def shown_created(state: PortalState, shelf: Shelf, record: Record) -> dict[str, Any]:
    """A record as its creation shows it: everything submitted and computed that has a value."""
    names = sorted(name for name, value in record.values.items() if value)
    return _frame(state, shelf, record, _written(state, shelf, record, shelf.visible(names)))


def shown_updated(
    state: PortalState, shelf: Shelf, record: Record, written: Iterable[str]
) -> dict[str, Any]:
    """A record as its update shows it: what was written, and what is computed."""
    computed = shelf.computed_names & record.values.keys()
    names = sorted({*written, *computed})
    return _frame(state, shelf, record, _written(state, shelf, record, shelf.visible(names)))


def associations_of(
    state: PortalState, shelf: Shelf, record: Record, associated: Iterable[str]
) -> dict[str, Any]:
    """The `associations` of a read: by type, with one entry for each association type."""
    found: dict[str, Any] = {}
    for name in associated:
        kind = object_type(name)
        linked = state.linked(record, kind.name)
        page, further = paged_links(state, record, shelf.kind, linked)
        results = [
            {"id": other.id, "type": type_name(found_type)}
            for other in page
            for type_id in record.links[kind.name][other.id]
            if (found_type := state.association_types.find(shelf.kind.name, kind.name, type_id))
        ]
        if results:
            found[kind.name.replace("_", " ")] = {"results": results, **further}
    return found


def paged_links(
    state: PortalState, record: Record, kind: ObjectType, linked: list[Record], after: int = 0
) -> tuple[list[Record], dict[str, Any]]:
    """The associated records from number `after` on that fit into one answer, and its `paging`."""
    page_max = state.switches.associations_page_max
    if after == 0 and len(linked) <= page_max:
        return linked, {}
    chosen = sorted((one for one in linked if one.number >= after), key=lambda one: one.number)
    if len(chosen) <= page_max:
        return chosen, {}
    cursor = cursor_of(chosen[page_max].number, state.switches.cursor)
    path = f"/crm/objects/2026-09/{kind.name}/{record.id}/associations"
    link = f"{BASE_URL}{path}?after={cursor}"
    return chosen[:page_max], {"paging": {"next": {"after": cursor, "link": link}}}


def type_name(found: AssociationType) -> str:
    """The old name of an association type, e.g. `contact_to_company_unlabeled`."""
    pair = f"{BY_NAME[found.from_type].singular}_to_{BY_NAME[found.to_type].singular}"
    if found.label is None:
        labelled = {found.from_type, found.to_type} in PAIRS_WITH_PRIMARY
        return f"{pair}_unlabeled" if labelled else pair
    if found.label == PRIMARY:
        return pair
    return found.label.lower().replace(" ", "_")


STAGE_DATE = re.compile(r"hs_lifecyclestage_\w+_date\Z")
WHOLE_SECOND = re.compile(r"(?<=\dT\d\d:\d\d:\d\d)Z\Z")
PAIRS_WITH_PRIMARY = ({"contacts", "companies"}, {"companies", "deals"})


def _written(
    state: PortalState, shelf: Shelf, record: Record, names: Sequence[str]
) -> dict[str, str | None]:
    """As `_picked`; the answer to a write shows when a stage was reached in milliseconds."""
    shown = _picked(state, shelf, record.values, names)
    for name, value in shown.items():
        ms = parse_ms(value) if value and STAGE_DATE.match(name) else None
        if ms is not None:
            shown[name] = str(ms)
    return shown


def _picked(
    state: PortalState, shelf: Shelf, values: Values, names: Sequence[str]
) -> dict[str, str | None]:
    if state.switches.date_form == "milliseconds":
        days = ((name, parse_ms(values.get(name, ""))) for name in shelf.date_names)
        values = {**values, **{name: str(ms) for name, ms in days if ms is not None}}
    if state.switches.milliseconds == "always":
        values = {name: WHOLE_SECOND.sub(".000Z", value) for name, value in values.items()}
    if state.switches.cleared_value == "null":
        return {name: values.get(name) or None for name in names}
    return {name: values.get(name) for name in names}


def _frame(
    state: PortalState, shelf: Shelf, record: Record, properties: dict[str, str | None]
) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": record.id,
        "properties": properties,
        "createdAt": iso(record.created_ms),
        "updatedAt": iso(record.updated_ms),
        "archived": record.archived_ms is not None,
        "url": _url(state, shelf.kind, record.id),
    }
    if record.archived_ms is not None:
        shown["archivedAt"] = iso(record.archived_ms)
    return shown


def _url(state: PortalState, kind: ObjectType, record_id: str) -> str:
    place = f"{state.portal_id}/record/{kind.type_id}/{record_id}"
    return f"https://{state.settings.ui_domain}/contacts/{place}"
