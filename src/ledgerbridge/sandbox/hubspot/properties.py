"""Operations on property definitions and their groups."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ledgerbridge.sandbox.http import Response
from ledgerbridge.sandbox.hubspot.calls import Call, answer, batch_answer
from ledgerbridge.sandbox.hubspot.definitions.table import YES_NO, Property, PropertyOption
from ledgerbridge.sandbox.hubspot.errors import JSON_HEADERS, ApiError, error, invalid
from ledgerbridge.sandbox.hubspot.object_types import ObjectType
from ledgerbridge.sandbox.hubspot.records import Shelf
from ledgerbridge.sandbox.hubspot.state import PortalState
from ledgerbridge.sandbox.hubspot.wire import (
    GroupInput,
    GroupUpdate,
    Option,
    PropertyBatch,
    PropertyInput,
    PropertyNameBatch,
    PropertyUpdate,
    encoded,
)

PAIRS: dict[str, frozenset[str]] = {
    "bool": frozenset({"booleancheckbox", "calculation_equation"}),
    "enumeration": frozenset(
        {"booleancheckbox", "checkbox", "radio", "select", "calculation_equation"}
    ),
    "date": frozenset({"date"}),
    "datetime": frozenset({"date"}),
    "string": frozenset(
        {"text", "textarea", "file", "html", "phonenumber", "calculation_equation"}
    ),
    "number": frozenset({"number", "calculation_equation"}),
}
NAME = re.compile(r"[a-z][a-z0-9_]{0,99}\Z")
NAMES = re.compile(r"\w+")
UNIQUE_MAX = 10


def list_properties(call: Call) -> Response:
    """`GET /crm/properties/…/{objectType}`: all living definitions, or all archived ones."""
    shelf, archived = call.shelf(), call.flag("archived")
    sensitivity = call.request.first("dataSensitivity") or "non_sensitive"
    body = shelf.listed.get((archived, sensitivity))
    if body is None:
        results = [
            found.shown()
            for found in shelf.definitions.values()
            if (found.archived_ms is not None) == archived and found.data_sensitivity == sensitivity
        ]
        body = shelf.listed[archived, sensitivity] = encoded({"results": results})
    return Response(200, body, dict(JSON_HEADERS))


def read_property(call: Call) -> Response:
    """`GET …/{propertyName}`; raises 404."""
    found = _found(call.shelf(), call.parts["propertyName"], archived=call.flag("archived"))
    return answer(200, found.shown())


def _found(shelf: Shelf, name: str, archived: bool = False) -> Property:
    found = shelf.definitions.get(name)
    if found is None or (found.archived_ms is not None) != archived:
        raise error(404, f"Property {name} does not exist", "OBJECT_NOT_FOUND")
    return found


def create_property(call: Call) -> Response:
    """`POST …/{objectType}`; a name that was archived comes back to life."""
    found = _created(call.state, call.shelf(), call.body(PropertyInput), call.source.user_id)
    location = {"Location": f"{call.request.path}/{found.name}"}
    return answer(201, found.shown(), location)


def _created(
    state: PortalState, shelf: Shelf, asked: PropertyInput, user_id: int | None
) -> Property:
    existing = shelf.definitions.get(asked.name)
    if existing is not None and existing.archived_ms is None:
        raise error(
            409,
            f"A property named '{asked.name}' already exists.",
            "OBJECT_ALREADY_EXISTS",
            subCategory="Properties.PROPERTY_WITH_NAME_EXISTS",
        )
    if existing is not None and state.switches.archived_property_returns == "as it was":
        return shelf.redefine(asked.name, archived_ms=None, updated_ms=state.now_ms())
    _check_definition(state, shelf, asked)
    now_ms = state.now_ms()
    found = Property(
        asked.name,
        asked.label,
        asked.type,
        asked.field_type,
        asked.group_name,
        _options(asked.options) or (YES_NO if asked.type == "bool" else ()),
        "owner" if asked.referenced_object_type == "OWNER" else None,
        calculated=asked.field_type == "calculation_equation",
        hidden=asked.hidden,
        unique=asked.has_unique_value,
        description=asked.description or "",
        display_order=asked.display_order,
        form_field=asked.form_field,
        data_sensitivity=asked.data_sensitivity,
        calculation_formula=asked.calculation_formula,
        created_ms=now_ms,
        updated_ms=now_ms,
        user_id=str(user_id or state.settings.app_id),
    )
    shelf.define(found)
    return found


def _check_definition(state: PortalState, shelf: Shelf, asked: PropertyInput) -> None:
    if not NAME.match(asked.name) or asked.field_type not in PAIRS.get(asked.type, ()):
        raise _failed_validation()
    if asked.group_name not in shelf.groups:
        raise error(
            400,
            f"Property group {asked.group_name} does not exist",
            "VALIDATION_ERROR",
            subCategory="Properties.PROPERTY_CREATE_FAILED_VALIDATION",
        )
    own, own_max = shelf.own_properties(), state.switches.custom_properties_max
    if len(own) >= own_max:
        raise invalid(f"An object type can have at most {own_max} properties of its own")
    if asked.has_unique_value and sum(found.unique for found in own) >= UNIQUE_MAX:
        raise invalid(f"An object type can have at most {UNIQUE_MAX} unique properties")
    if asked.type == "enumeration" and not asked.options and not asked.external_options:
        raise missing_options(asked.name, shelf.kind)


def _failed_validation() -> ApiError:
    return invalid(
        "Property failed validation.", subCategory="Properties.PROPERTY_CREATE_FAILED_VALIDATION"
    )


def missing_options(name: str, kind: ObjectType) -> ApiError:
    """400 for an enumeration without options."""
    message = (
        f"Property '{name}' of object type '{kind.type_id}' has no options "
        "but options are required!"
    )
    context = {"property": [name], "objectTypeId": [kind.type_id]}
    sub_category = "PropertyValidationError.MISSING_OPTIONS"
    return invalid(message, subCategory=sub_category, context=context)


def _options(options: list[Option]) -> tuple[PropertyOption, ...]:
    return tuple(
        PropertyOption(one.value, one.label, one.hidden, one.display_order, one.description)
        for one in options
    )


def update_property(call: Call) -> Response:
    """`PATCH …/{propertyName}`; options are replaced as a whole, HubSpot's own are fixed."""
    shelf, asked = call.shelf(), call.body(PropertyUpdate)
    found = _found(shelf, call.parts["propertyName"])
    if found.hubspot_defined and (asked.type or asked.field_type or asked.label):
        raise invalid(f"Property {found.name} has a read only definition")
    changed = replace(
        found,
        label=asked.label or found.label,
        type=asked.type or found.type,
        field_type=asked.field_type or found.field_type,
        group=asked.group_name or found.group,
        options=found.options if asked.options is None else _options(asked.options),
        description=found.description if asked.description is None else asked.description,
        display_order=found.display_order if asked.display_order is None else asked.display_order,
        hidden=found.hidden if asked.hidden is None else asked.hidden,
        form_field=found.form_field if asked.form_field is None else asked.form_field,
        updated_ms=call.state.now_ms(),
    )
    if changed.field_type not in PAIRS.get(changed.type, ()) and not found.hubspot_defined:
        raise _failed_validation()
    if changed.type == "enumeration" and not changed.options and found.external is None:
        raise missing_options(found.name, shelf.kind)
    shelf.define(changed)
    return answer(200, changed.shown())


def archive_property(call: Call) -> Response:
    """`DELETE …/{propertyName}`."""
    _archive(call.state, call.shelf(), call.parts["propertyName"])
    return answer(204)


def _archive(state: PortalState, shelf: Shelf, name: str) -> None:
    found = _found(shelf, name)
    if found.hubspot_defined:
        raise invalid(f"Property {name} is defined by HubSpot and cannot be archived")
    users = _users(shelf, name)
    if users:
        raise invalid(
            f"Property {name} is used by {', '.join(users)} and cannot be archived",
            subCategory="PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE",
            context={"property": [name], "usedBy": users},
        )
    shelf.redefine(name, archived_ms=state.now_ms())


def _users(shelf: Shelf, name: str) -> list[str]:
    """The living properties that are calculated from this one."""
    return [
        found.name
        for found in shelf.own_properties()
        if found.name != name and name in NAMES.findall(found.calculation_formula or "")
    ]


def batch_create(call: Call) -> Response:
    """`POST …/batch/create`: rows fail alone."""
    shelf, results, errors = call.shelf(), list[Any](), list[Any]()
    for asked in call.body(PropertyBatch).inputs:
        try:
            results.append(_created(call.state, shelf, asked, call.source.user_id).shown())
        except ApiError as problem:
            errors.append(problem.row())
    return batch_answer(call, results, errors, status=201 if not call.dated else 200)


def batch_read(call: Call) -> Response:
    """`POST …/batch/read`: unknown names are rows of the errors."""
    shelf, asked = call.shelf(), call.body(PropertyNameBatch)
    results, errors = [], []
    for one in asked.inputs:
        try:
            results.append(_found(shelf, one.name, archived=asked.archived).shown())
        except ApiError as problem:
            errors.append(problem.row())
    return batch_answer(call, results, errors)


def batch_archive(call: Call) -> Response:
    """`POST …/batch/archive`: 204 whatever the state of the names."""
    shelf = call.shelf()
    for one in call.body(PropertyNameBatch).inputs:
        found = shelf.definitions.get(one.name)
        if found is not None and found.archived_ms is None:
            _archive(call.state, shelf, one.name)
    return answer(204)


def list_groups(call: Call) -> Response:
    """`GET …/groups`."""
    shelf = call.shelf()
    return answer(200, {"results": [_shown_group(shelf, name) for name in shelf.groups]})


def read_group(call: Call) -> Response:
    """`GET …/groups/{groupName}`."""
    shelf, name = call.shelf(), call.parts["groupName"]
    if name not in shelf.groups:
        raise error(404, f"Property group {name} does not exist", "OBJECT_NOT_FOUND")
    return answer(200, _shown_group(shelf, name))


def _shown_group(shelf: Shelf, name: str) -> dict[str, Any]:
    label, order = shelf.groups[name]
    return {"name": name, "label": label, "displayOrder": order, "archived": False}


def create_group(call: Call) -> Response:
    """`POST …/groups`; raises 409 for a name that exists."""
    shelf, asked = call.shelf(), call.body(GroupInput)
    if asked.name in shelf.groups:
        raise error(
            409, f"A property group named '{asked.name}' already exists.", "OBJECT_ALREADY_EXISTS"
        )
    shelf.groups[asked.name] = (asked.label, asked.display_order)
    return answer(201, _shown_group(shelf, asked.name))


def update_group(call: Call) -> Response:
    """`PATCH …/groups/{groupName}`; raises 404."""
    shelf, asked, name = call.shelf(), call.body(GroupUpdate), call.parts["groupName"]
    if name not in shelf.groups:
        raise error(404, f"Property group {name} does not exist", "OBJECT_NOT_FOUND")
    label, order = shelf.groups[name]
    display_order = order if asked.display_order is None else asked.display_order
    shelf.groups[name] = (asked.label or label, display_order)
    return answer(200, _shown_group(shelf, name))


def archive_group(call: Call) -> Response:
    """`DELETE …/groups/{groupName}`; raises 400 while it has living properties."""
    shelf, name = call.shelf(), call.parts["groupName"]
    living = [
        found.name
        for found in shelf.definitions.values()
        if found.group == name and found.archived_ms is None
    ]
    if living:
        # Recorded: a whole error, nested as text in the message of the answer.
        category = "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES"
        inner = invalid(
            f"Property group {name} has active properties: {', '.join(living)}",
            subCategory=category,
            context={"groupName": [name], "properties": living},
        )
        raise invalid(encoded(inner.body).decode(), subCategory=category)
    if shelf.groups.pop(name, None) is None:
        raise error(404, f"Property group {name} does not exist", "OBJECT_NOT_FOUND")
    return answer(204)
