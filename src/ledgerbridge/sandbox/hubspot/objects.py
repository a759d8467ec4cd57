"""Operations on single records, and lists of them."""

from __future__ import annotations

from ledgerbridge.sandbox.http import Response
from ledgerbridge.sandbox.hubspot import merges, writing
from ledgerbridge.sandbox.hubspot.association_types import (
    HUBSPOT_DEFINED,
    LABEL_ID_FIRST,
    USER_DEFINED,
)
from ledgerbridge.sandbox.hubspot.calls import Call, answer, cursor_of, paging
from ledgerbridge.sandbox.hubspot.errors import error, invalid, object_not_found
from ledgerbridge.sandbox.hubspot.happenings import tell
from ledgerbridge.sandbox.hubspot.records import Record, Shelf
from ledgerbridge.sandbox.hubspot.shown import (
    names_to_read,
    shown_created,
    shown_read,
    shown_updated,
)
from ledgerbridge.sandbox.hubspot.wire import Merge, PrivacyDelete, RecordInput

LIMIT_DEFAULT, LIMIT_MAX = 10, 100


def list_records(call: Call) -> Response:
    """`GET …/{objectType}`: a page in the order of ids."""
    shelf, history = call.shelf(), call.listed("propertiesWithHistory")
    limit_max = call.state.switches.history_rows_max if history else LIMIT_MAX
    limit = call.limit(min(LIMIT_DEFAULT, limit_max), limit_max)
    records, following = shelf.page(call.after(), limit, call.flag("archived"))
    names, associated = names_to_read(shelf, call.listed("properties")), call.listed("associations")
    results = [
        shown_read(call.state, shelf, record, names, history=history, associated=associated)
        for record in records
    ]
    if following is None:
        return answer(200, {"results": results})
    cursor = cursor_of(following, call.state.switches.cursor)
    return answer(200, {"results": results, "paging": paging(call, cursor)})


def create(call: Call) -> Response:
    """`POST …/{objectType}`."""
    shelf, asked = call.shelf(), call.body(RecordInput)
    new = writing.prepare_create(call.state, shelf, asked.properties, associations_in(asked))
    record = writing.commit_create(call.state, new, call.source)
    location = {"Location": f"{call.request.path}/{record.id}"}
    return answer(201, shown_created(call.state, shelf, record), location)


def associations_in(asked: RecordInput) -> list[tuple[str, int]]:
    """The associations of a creation as ids and type ids; raises 400 for a wrong category."""
    wanted = [(found.to.id, spec) for found in asked.associations or () for spec in found.types]
    for _, spec in wanted:
        own = spec.association_type_id >= LABEL_ID_FIRST
        if spec.association_category != (USER_DEFINED if own else HUBSPOT_DEFINED):
            name = f"{spec.association_category} {spec.association_type_id}"
            raise invalid(
                f"{name} is not a valid association type",
                subCategory="crm.associations.INVALID_ASSOCIATION_TYPE",
            )
    return [(str(record_id), spec.association_type_id) for record_id, spec in wanted]


def read(call: Call) -> Response:
    """`GET …/{objectType}/{objectId}`, by id or by a unique property."""
    shelf = call.shelf()
    record = _readable(call, shelf)
    names = names_to_read(shelf, call.listed("properties"))
    history, associated = call.listed("propertiesWithHistory"), call.listed("associations")
    return answer(
        200, shown_read(call.state, shelf, record, names, history=history, associated=associated)
    )


def update(call: Call) -> Response:
    """`PATCH …/{objectType}/{objectId}`."""
    shelf, asked = call.shelf(), call.body(RecordInput)
    if asked.associations is not None:
        raise invalid("associations cannot be changed by an update")
    record = addressed(call, shelf)
    change = writing.prepare_update(call.state, shelf, record, asked.properties)
    writing.commit_update(call.state, change, call.source)
    return answer(200, shown_updated(call.state, shelf, record, change.asked))


def archive(call: Call) -> Response:
    """`DELETE …/{objectType}/{objectId}`: 204 whether or not there was such a record."""
    shelf = call.shelf()
    record = shelf.find(call.parts["objectId"])
    if record is not None:
        writing.archive(call.state, shelf, record)
    return answer(204)


def merge(call: Call) -> Response:
    """`POST …/{objectType}/merge`."""
    shelf, asked = call.shelf(), call.body(Merge)
    ids = str(asked.primary_object_id), str(asked.object_id_to_merge)
    record = merges.merge(call.state, shelf, *ids)
    return answer(200, shown_created(call.state, shelf, record))


def privacy_delete(call: Call) -> Response:
    """`POST …/contacts/gdpr-delete`: 204 whether or not there was such a contact."""
    shelf, asked = call.shelf(), call.body(PrivacyDelete)
    if shelf.kind.name != "contacts":
        raise error(404, "resource not found")
    record = by_property(shelf, asked.id_property, str(asked.object_id))
    if record is not None:
        writing.erase(call.state, shelf, record)
        tell(call.state, "privacyDeletion", shelf, record)
    return answer(204)


def addressed(call: Call, shelf: Shelf, archived: bool = False) -> Record:
    """The record that the path means, by id or by `idProperty`; raises 404."""
    id_property, given = call.request.first("idProperty"), call.parts["objectId"]
    found = by_property(shelf, id_property, given, archived=archived)
    if found is None:
        raise object_not_found(given, id_property)
    return found


def _readable(call: Call, shelf: Shelf) -> Record:
    """As `addressed`; an archived record too where it is asked for, or the switch shows it."""
    archived = call.flag("archived")
    if call.state.switches.archived_readable and not call.request.first("idProperty"):
        found = shelf.find(call.parts["objectId"], archived=True)
        if found is not None:
            return found
    return addressed(call, shelf, archived=archived)


def by_property(
    shelf: Shelf, id_property: str | None, given: str, archived: bool = False
) -> Record | None:
    """The record of an id or of a unique value; raises 400 for a property that is not unique."""
    if id_property in {None, "", "hs_object_id"}:
        return shelf.find(given, archived=archived)
    assert id_property is not None
    if id_property not in shelf.unique_names:
        raise invalid(f"Property {id_property} is not a unique property of {shelf.kind.name}")
    holder = shelf.holder(id_property, given)
    return None if holder is None else shelf.find(holder, archived=archived)
