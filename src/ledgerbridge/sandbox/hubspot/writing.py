"""
Creating, changing, archiving and restoring records.

Every write has two halves: preparing, which may refuse it and changes nothing, and committing,
which cannot fail. A batch that is all or nothing prepares everything before it commits anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ledgerbridge.sandbox.hubspot import invoices, linking, payments
from ledgerbridge.sandbox.hubspot.association_types import SINGLE_PARENTS
from ledgerbridge.sandbox.hubspot.derived import company_domain, defaults, derived, lifecycle
from ledgerbridge.sandbox.hubspot.effects import (
    PAYMENTS,
    after_association,
    after_write,
    neighbours_changed,
    put,
    touch,
)
from ledgerbridge.sandbox.hubspot.errors import (
    Coordinates,
    ValueProblem,
    contact_exists,
    error,
    invalid_values,
    required_missing,
    value_locked,
    value_taken,
)
from ledgerbridge.sandbox.hubspot.happenings import tell, tell_links
from ledgerbridge.sandbox.hubspot.instants import iso
from ledgerbridge.sandbox.hubspot.linking import Link
from ledgerbridge.sandbox.hubspot.records import Record, Shelf, Source, unique_key
from ledgerbridge.sandbox.hubspot.secondary_emails import (
    release_secondary,
    secondary_after,
    secondary_emails,
)
from ledgerbridge.sandbox.hubspot.state import CALCULATED, PortalState
from ledgerbridge.sandbox.hubspot.values import (
    RefusedError,
    Writing,
    canonical,
    equal,
    writable,
)
from ledgerbridge.sandbox.hubspot.wire import Value, text_of

ADJUSTMENTS = frozenset({"discounts", "taxes"})


@dataclass(slots=True)
class Reservations:
    """What the rows before this one will take, in a batch that is not committed yet."""

    values: set[tuple[str, str]] = field(default_factory=set)
    children: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A creation that was accepted."""

    shelf: Shelf
    values: dict[str, str]
    links: list[Link]
    pinned: frozenset[str]


@dataclass(frozen=True, slots=True)
class Update:
    """A change that was accepted: what was asked for, and what of it is new."""

    shelf: Shelf
    record: Record
    asked: tuple[str, ...]
    changes: dict[str, str]


def prepare_create(
    state: PortalState,
    shelf: Shelf,
    raw: Mapping[str, Value],
    associations: Sequence[tuple[str, int]] = (),
    reserved: Reservations | None = None,
) -> NewRecord:
    """Checks a creation; `associations` are ids and type ids. Raises what HubSpot answers."""
    kind = shelf.kind
    if kind.name == PAYMENTS and not state.switches.payments_feature:
        raise error(403, "This account has no payments set up.", "MISSING_PERMISSIONS")
    if kind.name in ADJUSTMENTS and not state.switches.adjustments_feature:
        raise error(403, f"This account takes no {kind.name}.", "MISSING_PERMISSIONS")
    written = _checked_values(state, shelf, raw, {})
    values = {name: value for name, value in written.items() if value != ""}
    if kind.name != "products" or state.switches.product_name_required:
        _check_required(shelf, values)
    state.rules.check_create(kind.name, values)
    state.rules.check_values(kind.name, values, written)
    _check_unique(state, shelf, values, None, reserved)
    links = linking.links_to_make(state, kind.name, associations)
    linking.check_parents(state, kind.name, None, links)
    linking.check_limits(state, kind.name, None, links)
    _reserve_children(kind.name, links, reserved)
    now = iso(state.now_ms())
    filled = defaults(state, kind.name, values, now)
    if kind.name == "line_items":
        # What a creation says is empty is not copied from the product.
        filled = {name: value for name, value in filled.items() if name not in written}
    values = {**filled, **values}
    pinned: frozenset[str] = frozenset()
    if kind.name == "invoices":
        pinned = invoices.AMOUNTS & written.keys()
        _refuse(state, invoices.amount_problems(written, values))
        invoices.check_status(state, {}, values, {link.type.to_type for link in links})
    return NewRecord(shelf, values, links, pinned)


def commit_create(state: PortalState, new: NewRecord, source: Source) -> Record:
    """Makes the record of an accepted creation, with its associations."""
    kind, number = new.shelf.kind, state.next_number()
    now_ms = state.now_ms()
    now, record_id = iso(now_ms), str(number)
    values = {
        **new.values,
        **{n: v for n, v in derived(state, kind.name, new.values, record_id).items() if v},
        kind.created: now,
        "hs_createdate": now,
        kind.modified: now,
        "hs_object_id": record_id,
        "hs_object_source": source.type,
        "hs_object_source_id": source.id,
        "hs_object_source_label": source.type,
    }
    if kind.name == "deals" and new.values.get("createdate"):
        values["createdate"] = new.values["createdate"]
    if kind.name == "contacts":
        values[f"hs_lifecyclestage_{values['lifecyclestage']}_date"] = now
    if kind.name == "invoices":
        state.invoice_serial += 1
        values["hs_invoice_source"] = "hubspot"
    record = Record(number, values, now_ms, now_ms, source, pinned=new.pinned)
    for name in new.shelf.unique_names & values.keys():
        new.shelf.claim(name, values[name], record_id)
    new.shelf.add(record)
    tell(state, "creation", new.shelf, record, source=source, changes=values)
    for link in new.links:
        linking.link(state, record, [link.type], link.other)
        tell_links(state, (kind.name, record), (link.type.to_type, link.other), ())
        after_association(state, kind.name, record, link.type.to_type, link.other)
    after_write(state, new.shelf, record)
    if kind.name == "contacts" and state.switches.companies_from_email_domains:
        _company_of_domain(state, record)
    return record


def prepare_update(
    state: PortalState,
    shelf: Shelf,
    record: Record,
    raw: Mapping[str, Value],
    reserved: Reservations | None = None,
) -> Update:
    """Checks a change of a living record; raises what HubSpot answers."""
    written = _checked_values(state, shelf, raw, record.values)
    definitions, old = shelf.definitions, record.values
    changes = {
        name: value
        for name, value in written.items()
        if not equal(definitions[name], old.get(name, ""), value)
    }
    if "lifecyclestage" in changes and not lifecycle(
        old.get("lifecyclestage", ""), changes["lifecyclestage"]
    ):
        del changes["lifecyclestage"]
    state.rules.check_values(shelf.kind.name, {**old, **changes}, written)
    _check_unique(state, shelf, changes, record, reserved)
    if shelf.kind.name == PAYMENTS:
        payments.check_changeable(record)
    if shelf.kind.name == "invoices":
        result = {**old, **changes}
        _refuse(state, invoices.amount_problems(written, result))
        linked = {name for name in record.links if state.linked(record, name)}
        invoices.check_status(state, old, result, linked)
    return Update(shelf, record, tuple(written), changes)


def commit_update(state: PortalState, update: Update, source: Source) -> Record:
    """Makes an accepted change; nothing moves where nothing is new."""
    record, shelf = update.record, update.shelf
    if shelf.kind.name == "invoices":
        record.pinned |= invoices.AMOUNTS & set(update.asked)
    if update.changes:
        values = {**record.values, **update.changes}
        _hold_unique(shelf, record, update.changes)
        further = secondary_after(state, shelf, record, update.changes)
        computed = derived(state, shelf.kind.name, values, record.id)
        if "lifecyclestage" in update.changes and shelf.kind.name == "contacts":
            stage = update.changes["lifecyclestage"]
            computed |= {f"hs_lifecyclestage_{stage}_date": iso(state.now_ms())} if stage else {}
        put(state, shelf, record, update.changes, source)
        put(state, shelf, record, {**computed, **further}, CALCULATED)
    elif update.asked and state.switches.unchanged_write_touches:
        touch(state, shelf, record)
    if update.changes or shelf.kind.name == "invoices":
        after_write(state, shelf, record)
    return record


def archive(state: PortalState, shelf: Shelf, record: Record) -> None:
    """Puts a record into the recycle bin; raises 400 where an invoice may not go."""
    if shelf.kind.name == "invoices":
        invoices.check_archive(state, record.values)
    if shelf.kind.name == PAYMENTS:
        payments.check_changeable(record)
    record.archived_ms = state.now_ms()
    for name in shelf.unique_names & record.values.keys():
        shelf.release(name, record.values[name], record.id)
    release_secondary(shelf, record)
    shelf.shelve(record, archived=True)
    tell(state, "deletion", shelf, record)
    neighbours_changed(state, shelf, record)


def restore(state: PortalState, shelf: Shelf, record: Record) -> None:
    """Takes a record out of the recycle bin; raises 409 where its unique value is taken."""
    for name in shelf.unique_names & record.values.keys():
        holder = shelf.holder(name, record.values[name])
        if holder is not None and holder != record.id:
            raise contact_exists(holder, state.switches.contact_exists_form)
    record.archived_ms = None
    for name in shelf.unique_names & record.values.keys():
        shelf.claim(name, record.values[name], record.id)
    for address in secondary_emails(record):
        shelf.claim("email", address, record.id)
    shelf.shelve(record, archived=False)
    tell(state, "restore", shelf, record)
    neighbours_changed(state, shelf, record)


def erase(state: PortalState, shelf: Shelf, record: Record) -> None:
    """Removes a record for good."""
    for name in shelf.unique_names & record.values.keys():
        shelf.release(name, record.values[name], record.id)
    release_secondary(shelf, record)
    state.drop(shelf, record)
    neighbours_changed(state, shelf, record)


def associate(state: PortalState, from_type: str, origin: Record, links: Sequence[Link]) -> None:
    """Associates a record with another by one or more types; raises 400 for a second parent."""
    linking.check_parents(state, from_type, origin, links)
    linking.check_limits(state, from_type, origin, links)
    other, to_type = links[0].other, links[0].type.to_type
    before = origin.links.get(to_type, {}).get(other.id, ())
    linking.link(state, origin, [link.type for link in links], other)
    tell_links(state, (from_type, origin), (to_type, other), before)
    after_association(state, from_type, origin, to_type, other)


def separate(
    state: PortalState, from_type: str, origin: Record, to_type: str, other: Record
) -> None:
    """Removes all associations between two records."""
    before = origin.links.get(to_type, {}).get(other.id, ())
    if linking.unlink(origin, from_type, other, to_type):
        tell_links(state, (from_type, origin), (to_type, other), before)
        after_association(state, from_type, origin, to_type, other)


def set_computed(
    state: PortalState, shelf: Shelf, record: Record, values: Mapping[str, str]
) -> None:
    """Writes values as HubSpot itself does, read-only ones included."""
    put(state, shelf, record, values, CALCULATED)


def _checked_values(
    state: PortalState, shelf: Shelf, raw: Mapping[str, Value], old: Mapping[str, str]
) -> dict[str, str]:
    problems: list[ValueProblem] = []
    accepted: dict[str, str] = {}
    choices = state.choices()
    for name, value in raw.items():
        definition = shelf.definitions.get(name)
        problem = writable(definition, name)
        if problem is not None or definition is None:
            if problem is not None:
                problems.append(problem)
            continue
        text = text_of(value)
        if text is None:
            if not state.switches.null_clears:
                continue
            text = ""
        try:
            writing = Writing(shelf.kind.name, definition, text, old.get(name, ""), choices)
            accepted[name] = canonical(writing) if text else ""
        except RefusedError as refused:
            problems.append(ValueProblem(refused.code, name, refused.message))
    _refuse(state, problems)
    if state.switches.email_lowercased and "email" in accepted and shelf.kind.name == "contacts":
        accepted["email"] = accepted["email"].lower()
    return accepted


def _refuse(state: PortalState, problems: Sequence[ValueProblem]) -> None:
    if problems:
        raise invalid_values(problems, state.portal_id)


def _check_required(shelf: Shelf, values: Mapping[str, str]) -> None:
    kind = shelf.kind
    missing = [name for name in kind.required if name not in values]
    if kind.required_any and not any(name in values for name in kind.required_any):
        missing = list(kind.required_any)
    if missing:
        raise required_missing(kind.kind, missing)


def _check_unique(
    state: PortalState,
    shelf: Shelf,
    values: Mapping[str, str],
    record: Record | None,
    reserved: Reservations | None,
) -> None:
    own_id = None if record is None else record.id
    for name in sorted(shelf.unique_names & values.keys()):
        value = values[name]
        if value == "":
            continue
        key = (name, unique_key(shelf.kind.name, name, value))
        place = Coordinates(state.portal_id, shelf.kind.kind, name, value)
        if (shelf.kind.name, *key) in state.locked:
            raise value_locked(place)
        holder = shelf.holder(name, value)
        in_batch = reserved is not None and key in reserved.values
        if in_batch or (holder is not None and holder != own_id):
            if key[0] == "email":
                form = state.switches.contact_exists_form
                raise contact_exists(None if in_batch else holder, form)
            status = state.switches.unique_violation_status
            new_id = own_id or str(state.next_number())
            raise value_taken(place, new_id, holder or str(state.next_number()), status)
        if reserved is not None:
            reserved.values.add(key)


def _reserve_children(from_type: str, links: Sequence[Link], reserved: Reservations | None) -> None:
    if reserved is None or from_type not in SINGLE_PARENTS:
        return
    for link in links:
        if link.type.to_type == linking.LINE_ITEMS:
            if link.other.id in reserved.children:
                raise linking.one_to_one(["new", "new"], link.type.reverse_id)
            reserved.children.add(link.other.id)


def _hold_unique(shelf: Shelf, record: Record, changes: Mapping[str, str]) -> None:
    for name in shelf.unique_names & changes.keys():
        if old := record.values.get(name):
            shelf.release(name, old, record.id)
        if changes[name]:
            shelf.claim(name, changes[name], record.id)


def _company_of_domain(state: PortalState, contact: Record) -> None:
    domain = company_domain(contact.values.get("email", ""))
    if domain is None:
        return
    shelf = state.shelves["companies"]
    known = (found for found in shelf.living() if found.values.get("domain") == domain)
    company = next(known, None)
    if company is None:
        new = prepare_create(state, shelf, {"domain": domain, "name": domain})
        company = commit_create(state, new, Source("CRM_UI", "COMPANY_FROM_EMAIL_DOMAIN"))
    type_ = linking.default_type(state, "contacts", "companies")
    associate(state, "contacts", contact, [Link(type_, company)])
