"""Operations on associations: between two records, in batches, and the labels of a pair."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ledgerbridge.sandbox.http import Response
from ledgerbridge.sandbox.hubspot import linking, writing
from ledgerbridge.sandbox.hubspot.association_types import USER_DEFINED, AssociationType
from ledgerbridge.sandbox.hubspot.calls import (
    Call,
    answer,
    batch_answer,
    cursor_number,
    cursor_of,
    paging,
)
from ledgerbridge.sandbox.hubspot.errors import ApiError, error, invalid, unknown_path
from ledgerbridge.sandbox.hubspot.linking import Link
from ledgerbridge.sandbox.hubspot.object_types import BY_NAME
from ledgerbridge.sandbox.hubspot.records import Record, Shelf
from ledgerbridge.sandbox.hubspot.shown import paged_links
from ledgerbridge.sandbox.hubspot.wire import (
    AssociationBatch,
    AssociationInput,
    AssociationReadBatch,
    AssociationSpec,
    LabelUpdate,
    NewLabel,
    SeparationBatch,
)

LIMIT_MAX, READ_MAX, WRITE_MAX = 500, 1_000, 2_000


def list_associated(call: Call) -> Response:
    """`GET …/{objectId}/associations/{toObjectType}`."""
    if call.first_shapes:
        raise unknown_path()
    shelf, others = call.shelf(), call.shelf("toObjectType")
    record = linking.target(call.state, shelf.kind.name, call.parts["objectId"], end="FROM")
    page_max = min(LIMIT_MAX, call.state.switches.associations_page_max)
    limit, after = min(call.limit(page_max, LIMIT_MAX), page_max), call.after()
    numbers = sorted(other.number for other in call.state.linked(record, others.kind.name))
    chosen = [number for number in numbers if number >= after]
    results = [_shown_end(call, shelf, record, others, str(number)) for number in chosen[:limit]]
    if len(chosen) <= limit:
        return answer(200, {"results": results})
    cursor = cursor_of(chosen[limit], call.state.switches.cursor)
    return answer(200, {"results": results, "paging": paging(call, cursor)})


def _shown_end(
    call: Call, shelf: Shelf, record: Record, others: Shelf, other_id: str
) -> dict[str, Any]:
    pair = shelf.kind.name, others.kind.name
    found = (
        call.state.association_types.find(*pair, type_id)
        for type_id in record.links[others.kind.name][other_id]
    )
    return {
        "toObjectId": _id(call, other_id),
        "associationTypes": [type_.shown() for type_ in found if type_ is not None],
    }


def _id(call: Call, record_id: str) -> str | int:
    """Ids are numbers on the paths of v4; on the dated ones a switch says what they are."""
    as_text = call.dated and call.state.switches.association_ids == "text"
    return record_id if as_text else int(record_id)


def associate_default(call: Call) -> Response:
    """`PUT …/associations/default/…`: both directions are answered."""
    shelf, others = call.shelf("fromObjectType"), call.shelf("toObjectType")
    found = linking.default_type(call.state, shelf.kind.name, others.kind.name)
    record, other = _ends(call, shelf, others)
    writing.associate(call.state, shelf.kind.name, record, [Link(found, other)])
    return batch_answer(call, _both(record, other, found), [])


def _ends(call: Call, shelf: Shelf, others: Shelf) -> tuple[Record, Record]:
    record_id = call.parts.get("fromObjectId") or call.parts["objectId"]
    record = linking.target(call.state, shelf.kind.name, record_id, end="FROM")
    return record, linking.target(call.state, others.kind.name, call.parts["toObjectId"])


def _both(record: Record, other: Record, found: AssociationType) -> list[dict[str, Any]]:
    return [
        {
            "from": {"id": origin.id},
            "to": {"id": target.id},
            "associationSpec": {
                "associationCategory": found.category,
                "associationTypeId": type_id,
            },
        }
        for origin, target, type_id in (
            (record, other, found.type_id),
            (other, record, found.reverse_id),
        )
    ]


def associate_labelled(call: Call) -> Response:
    """`PUT …/associations/{toObjectType}/{toObjectId}` with the types to set."""
    specs = call.body(list[AssociationSpec])
    shelf, others = call.shelf(), call.shelf("toObjectType")
    record, other = _ends(call, shelf, others)
    types = _typed(call, shelf, others, specs)
    links = [Link(found, other) for found in types]
    writing.associate(call.state, shelf.kind.name, record, links)
    return answer(201, _labelled(call, record, other, types))


def _typed(
    call: Call, shelf: Shelf, others: Shelf, specs: list[AssociationSpec]
) -> list[AssociationType]:
    if not specs:
        raise invalid("At least one association type is required")
    pair = shelf.kind.name, others.kind.name
    found = [linking.typed(call.state, *pair, spec.association_type_id) for spec in specs]
    for type_, spec in zip(found, specs, strict=True):
        linking.check_category(type_, spec.association_category)
    return found


def _labelled(
    call: Call, record: Record, other: Record, types: list[AssociationType]
) -> dict[str, Any]:
    from_type, to_type = BY_NAME[types[0].from_type], BY_NAME[types[0].to_type]
    return {
        "fromObjectTypeId": from_type.type_id,
        "fromObjectId": _id(call, record.id),
        "toObjectTypeId": to_type.type_id,
        "toObjectId": _id(call, other.id),
        "labels": [found.label for found in types if found.label is not None],
    }


def separate(call: Call) -> Response:
    """`DELETE …/associations/{toObjectType}/{toObjectId}`: 204 whether or not there was one."""
    shelf, others = call.shelf(), call.shelf("toObjectType")
    record = shelf.find(call.parts["objectId"])
    other = others.find(call.parts["toObjectId"])
    if record is not None and other is not None:
        writing.separate(call.state, shelf.kind.name, record, others.kind.name, other)
    return answer(204)


def batch_read(call: Call) -> Response:
    """`POST …/batch/read`; a record without associations is a row of the errors."""
    shelf, others = call.shelf("fromObjectType"), call.shelf("toObjectType")
    inputs = call.body(AssociationReadBatch).inputs
    check_size(inputs, READ_MAX)
    results, errors = [], []
    for one in inputs:
        given, after = str(one.id), cursor_number(one.after)
        record = shelf.find(given)
        linked = [] if record is None else call.state.linked(record, others.kind.name)
        if record is None or not linked:
            errors.append(nothing_associated(shelf, others, given))
            continue
        page, further = paged_links(call.state, record, shelf.kind, linked, after)
        ends = [_shown_end(call, shelf, record, others, other.id) for other in page]
        results.append({"from": {"id": given}, "to": ends, **further})
    return batch_answer(call, results, errors)


def nothing_associated(shelf: Shelf, others: Shelf, given: str) -> dict[str, Any]:
    """The row of a batch read for a record without associations of a type."""
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {others.kind.label} is associated with {shelf.kind.label} {given}.",
        "context": {
            "fromObjectId": [given],
            "fromObjectType": [shelf.kind.singular],
            "toObjectType": [others.kind.singular],
        },
    }


def batch_create(call: Call) -> Response:
    """`POST …/batch/create` with types; rows fail alone."""
    shelf, others = call.shelf("fromObjectType"), call.shelf("toObjectType")

    def make(one: AssociationInput) -> list[dict[str, Any]]:
        record, other = input_ends(call, shelf, others, one)
        types = _typed(call, shelf, others, one.types or [])
        links = [Link(found, other) for found in types]
        writing.associate(call.state, shelf.kind.name, record, links)
        return [_labelled(call, record, other, types)]

    return each_alone(call, make, 201)


def batch_associate_default(call: Call) -> Response:
    """`POST …/batch/associate/default`."""
    shelf, others = call.shelf("fromObjectType"), call.shelf("toObjectType")

    def make(one: AssociationInput) -> list[dict[str, Any]]:
        found = linking.default_type(call.state, shelf.kind.name, others.kind.name)
        record, other = input_ends(call, shelf, others, one)
        writing.associate(call.state, shelf.kind.name, record, [Link(found, other)])
        return _both(record, other, found)

    return each_alone(call, make, 200)


def input_ends(
    call: Call, shelf: Shelf, others: Shelf, one: AssociationInput
) -> tuple[Record, Record]:
    """The living records of one row of a batch; raises the recorded 404."""
    record = linking.target(call.state, shelf.kind.name, str(one.from_.id), end="FROM")
    return record, linking.target(call.state, others.kind.name, str(one.to.id))


def each_alone(
    call: Call, make: Callable[[AssociationInput], list[dict[str, Any]]], status: int
) -> Response:
    """Each input alone; only a second parent of a line item refuses the whole batch."""
    inputs = call.body(AssociationBatch).inputs
    check_size(inputs, WRITE_MAX)
    results, errors = [], []
    for one in inputs:
        try:
            results += make(one)
        except ApiError as problem:
            if "one to one" in problem.body["message"]:
                raise
            errors.append(problem.row())
    return batch_answer(call, results, errors, status=status)


def batch_archive(call: Call) -> Response:
    """`POST …/batch/archive`: 204 of old, 200 with a body on the dated paths."""
    shelf, others = call.shelf("fromObjectType"), call.shelf("toObjectType")
    inputs = call.body(SeparationBatch).inputs
    check_size(inputs, WRITE_MAX)
    for one in inputs:
        record = shelf.find(str(one.from_.id))
        for target in one.to:
            other = others.find(str(target.id))
            if record is not None and other is not None:
                writing.separate(call.state, shelf.kind.name, record, others.kind.name, other)
    return batch_answer(call, [], []) if call.dated else answer(204)


def batch_archive_labels(call: Call) -> Response:
    """`POST …/batch/labels/archive`: the unlabelled type stays unless it is named."""
    shelf, others = call.shelf("fromObjectType"), call.shelf("toObjectType")
    for one in call.body(AssociationBatch).inputs:
        record, other = input_ends(call, shelf, others, one)
        types = _typed(call, shelf, others, one.types or [])
        linking.take_labels(call.state, record, types, other)
    return batch_answer(call, [], []) if call.dated else answer(204)


def list_labels(call: Call) -> Response:
    """`GET …/labels`."""
    pair = call.shelf("fromObjectType").kind.name, call.shelf("toObjectType").kind.name
    return answer(200, {"results": [_shown_label(t) for t in _between(call, *pair)]})


def _between(call: Call, from_type: str, to_type: str) -> list[AssociationType]:
    return call.state.association_types.between(from_type, to_type)


def _shown_label(found: AssociationType) -> dict[str, Any]:
    shown = found.shown()
    return shown if found.label is not None else {**shown, "label": None}


def create_label(call: Call) -> Response:
    """`POST …/labels`: the ids there and back."""
    asked = call.body(NewLabel)
    pair = call.shelf("fromObjectType").kind.name, call.shelf("toObjectType").kind.name
    inverse = asked.inverse_label or asked.label
    _check_label(call, *pair, asked.label)
    forward, back = call.state.association_types.add_label(*pair, asked.label, inverse)
    results = [
        {"category": USER_DEFINED, "typeId": forward, "label": asked.label},
        {"category": USER_DEFINED, "typeId": back, "label": inverse},
    ]
    return answer(200, {"results": results})


def update_label(call: Call) -> Response:
    """`PUT …/labels`."""
    asked = call.body(LabelUpdate)
    pair = call.shelf("fromObjectType").kind.name, call.shelf("toObjectType").kind.name
    found = linking.typed(call.state, *pair, asked.association_type_id)
    if found.category != USER_DEFINED:
        raise invalid("Only labels of one's own can be changed")
    call.state.association_types.rename_label(found, asked.label, asked.inverse_label)
    return answer(204)


def _check_label(call: Call, from_type: str, to_type: str, label: str) -> None:
    """Raises 400 for a label that the pair has already, or that is one too many."""
    linking.default_type(call.state, from_type, to_type)
    types, labels_max = call.state.association_types, call.state.switches.association_labels_max
    if not label.strip():
        raise invalid("A label needs a text")
    if any(found.label == label for found in types.between(from_type, to_type)):
        raise invalid(f"The label {label} already exists between {from_type} and {to_type}")
    if len(types.labels(from_type, to_type)) >= labels_max:
        raise invalid(f"{from_type} and {to_type} can have at most {labels_max} labels")


def delete_label(call: Call) -> Response:
    """`DELETE …/labels/{typeId}`."""
    pair = call.shelf("fromObjectType").kind.name, call.shelf("toObjectType").kind.name
    type_id = call.parts["typeId"]
    known = type_id.isascii() and type_id.isdigit()
    if not known or not call.state.association_types.remove_label(*pair, int(type_id[:9])):
        raise error(404, "resource not found")
    return answer(204)


def check_size(inputs: object, size_max: int) -> None:
    """Raises 400 for a batch that is too large."""
    if isinstance(inputs, list) and len(inputs) > size_max:
        raise invalid(f"A batch can have at most {size_max} inputs")
