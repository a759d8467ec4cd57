"""The associations of v3: types are told by name, and batches are all there is."""

from __future__ import annotations

from typing import Any

from ledgerbridge.sandbox.http import Response
from ledgerbridge.sandbox.hubspot import linking, writing
from ledgerbridge.sandbox.hubspot.association_types import AssociationType
from ledgerbridge.sandbox.hubspot.associations import (
    READ_MAX,
    WRITE_MAX,
    check_size,
    each_alone,
    input_ends,
    nothing_associated,
)
from ledgerbridge.sandbox.hubspot.calls import Call, answer, batch_answer, cursor_number
from ledgerbridge.sandbox.hubspot.linking import Link
from ledgerbridge.sandbox.hubspot.shown import paged_links, type_name
from ledgerbridge.sandbox.hubspot.wire import (
    AssociationBatch,
    AssociationInput,
    AssociationReadBatch,
)


def list_types(call: Call) -> Response:
    """`GET /crm/v3/associations/{fromObjectType}/{toObjectType}/types`."""
    pair = call.shelf("fromObjectType").kind.name, call.shelf("toObjectType").kind.name
    found = call.state.association_types.between(*pair)
    results = [{"id": str(one.type_id), "name": type_name(one)} for one in found]
    return answer(200, {"results": results})


def batch_create(call: Call) -> Response:
    """`POST /crm/v3/associations/…/batch/create`: both directions are answered."""
    shelf, others = call.shelf("fromObjectType"), call.shelf("toObjectType")

    def make(one: AssociationInput) -> list[dict[str, Any]]:
        found = _named(call, one.type or "")
        record, other = input_ends(call, shelf, others, one)
        writing.associate(call.state, shelf.kind.name, record, [Link(found, other)])
        back = call.state.association_types.find(
            others.kind.name, shelf.kind.name, found.reverse_id
        )
        assert back is not None
        return [
            {"from": {"id": record.id}, "to": {"id": other.id}, "type": type_name(found)},
            {"from": {"id": other.id}, "to": {"id": record.id}, "type": type_name(back)},
        ]

    return each_alone(call, make, 201)


def _named(call: Call, name: str) -> AssociationType:
    """The type of the path's pair with this name; raises 400 where there is none."""
    pair = call.shelf("fromObjectType").kind.name, call.shelf("toObjectType").kind.name
    for found in call.state.association_types.between(*pair):
        if type_name(found) == name:
            return found
    raise linking.invalid_type(name, call.parts["fromObjectType"], call.parts["toObjectType"])


def batch_read(call: Call) -> Response:
    """`POST /crm/v3/associations/…/batch/read`: one row for each name between two records."""
    shelf, others = call.shelf("fromObjectType"), call.shelf("toObjectType")
    inputs = call.body(AssociationReadBatch).inputs
    check_size(inputs, READ_MAX)
    results, errors = [], []
    for one in inputs:
        given = str(one.id)
        record = shelf.find(given)
        linked = [] if record is None else call.state.linked(record, others.kind.name)
        if record is None or not linked:
            errors.append(nothing_associated(shelf, others, given))
            continue
        page, further = paged_links(
            call.state, record, shelf.kind, linked, cursor_number(one.after)
        )
        found = call.state.association_types.find
        ends = [
            {"id": other.id, "type": type_name(kind)}
            for other in page
            for type_id in record.links[others.kind.name][other.id]
            if (kind := found(shelf.kind.name, others.kind.name, type_id)) is not None
        ]
        results.append({"from": {"id": given}, "to": ends, **further})
    return batch_answer(call, results, errors)


def batch_archive(call: Call) -> Response:
    """`POST /crm/v3/associations/…/batch/archive`: 204; a pair that is not joined is no error."""
    shelf, others = call.shelf("fromObjectType"), call.shelf("toObjectType")
    inputs = call.body(AssociationBatch).inputs
    check_size(inputs, WRITE_MAX)
    named = [(one, _named(call, one.type or "")) for one in inputs]
    for one, label in named:
        record, other = shelf.find(str(one.from_.id)), others.find(str(one.to.id))
        if record is None or other is None:
            continue
        if label == call.state.association_types.default(shelf.kind.name, others.kind.name):
            writing.separate(call.state, shelf.kind.name, record, others.kind.name, other)
        else:
            linking.take_labels(call.state, record, [label], other)
    return answer(204)
