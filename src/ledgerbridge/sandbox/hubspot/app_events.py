"""
App events: entries of an app of its own kind on the timelines of records.

Their types belong to the app, whose project names them; here a portal is told of them by
`add_event_type`. Nobody changes an event, deletes it or reads it: an id that was sent is taken.
"""

from __future__ import annotations

from typing import Any

from ledgerbridge.sandbox.http import Response
from ledgerbridge.sandbox.hubspot.calls import Call, answer, batch_answer
from ledgerbridge.sandbox.hubspot.errors import ApiError, error, invalid, object_not_found
from ledgerbridge.sandbox.hubspot.instants import iso
from ledgerbridge.sandbox.hubspot.state import AppEvent, EventType
from ledgerbridge.sandbox.hubspot.wire import AppEventBatch, AppEventInput

INPUTS_MAX = 100
TAKEN = "TimelineEventErrors.EVENT_UPSERTS_IMMUTABLE"
PRIVATE_APP = "This app is not approved to send app events."


def send(call: Call) -> Response:
    """`POST …/events`: one event, shown as it was taken."""
    _check_app(call)
    return answer(201, _taken(call, call.body(AppEventInput)))


def send_batch(call: Call) -> Response:
    """`POST …/events/batch`: each row is taken or refused alone, but for ids that are taken."""
    _check_app(call)
    inputs = call.body(AppEventBatch).inputs
    if len(inputs) > INPUTS_MAX:
        raise invalid(f"The maximum number of inputs supported in a batch request is {INPUTS_MAX}.")
    as_whole = call.state.switches.taken_event_in_batch == "whole"
    for one in inputs if as_whole else ():
        _check_free(call, one)
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for one in inputs:
        try:
            results.append(_taken(call, one))
        except ApiError as refusal:
            errors.append({**refusal.row(), "id": one.id})
    return batch_answer(call, results, errors, mixed=200)


def _check_app(call: Call) -> None:
    """Raises 403 for the token of a private app, unless the switch lets it."""
    if not (call.installed or call.state.switches.app_events_of_private_apps):
        raise error(403, PRIVATE_APP, "MISSING_PERMISSIONS")


def _check_free(call: Call, one: AppEventInput) -> None:
    if (one.event_type_name, one.id) in call.state.app_events:
        message = f"Event {one.id} exists already. Events are immutable."
        raise error(409, message, "CONFLICT", subCategory=TAKEN)


def _taken(call: Call, one: AppEventInput) -> dict[str, Any]:
    """The event as it is shown; raises 400, 404 or 409 for one that is refused."""
    kind = call.state.event_types.get(one.event_type_name)
    if kind is None:
        status = call.state.switches.unknown_event_type_status
        category = "OBJECT_NOT_FOUND" if status == 404 else "VALIDATION_ERROR"
        raise error(status, f"Event type {one.event_type_name} does not exist.", category)
    _check_properties(kind, one)
    _check_record(call, kind, one)
    _check_free(call, one)
    at = one.timestamp or iso(call.state.now_ms())
    found = AppEvent(one.event_type_name, one.id, one.object_id or "", dict(one.properties), at)
    call.state.app_events[found.event_type, found.id] = found
    return {
        "eventTypeName": found.event_type,
        "id": found.id,
        "objectId": found.object_id,
        "properties": dict(found.properties),
        "timestamp": found.at,
    }


def _check_properties(kind: EventType, one: AppEventInput) -> None:
    unknown = sorted(one.properties.keys() - set(kind.properties))
    if unknown:
        raise invalid(f"Event type {kind.name} has no property {', '.join(unknown)}.")


def _check_record(call: Call, kind: EventType, one: AppEventInput) -> None:
    if not one.object_id:
        raise invalid("One of objectId, email, utk or domain is required.")
    if call.state.shelves[kind.object_type].find(one.object_id) is None:
        raise object_not_found(one.object_id)
