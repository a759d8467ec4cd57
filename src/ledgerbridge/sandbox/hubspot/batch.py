"""Batches of records: what is all or nothing, and which rows of a batch can fail alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ledgerbridge.sandbox.http import Response
from ledgerbridge.sandbox.hubspot import writing
from ledgerbridge.sandbox.hubspot.calls import Call, answer, batch_answer
from ledgerbridge.sandbox.hubspot.errors import ApiError, invalid, some_not_found
from ledgerbridge.sandbox.hubspot.objects import associations_in, by_property
from ledgerbridge.sandbox.hubspot.records import Record, Shelf
from ledgerbridge.sandbox.hubspot.shown import (
    names_to_read,
    shown_created,
    shown_read,
    shown_updated,
)
from ledgerbridge.sandbox.hubspot.wire import IdBatch, ReadBatch, RecordBatch, RecordInput
from ledgerbridge.sandbox.hubspot.writing import Reservations

INPUTS_MAX = 100
Prepare = Callable[[RecordInput, Reservations | None], Callable[[], dict[str, Any]]]


def read(call: Call) -> Response:
    """`POST …/batch/read`; missing ids are one row of the errors."""
    shelf, asked = call.shelf(), call.body(ReadBatch)
    ids = [str(one.id) for one in asked.inputs]
    _check_size(
        ids, call.state.switches.history_rows_max if asked.properties_with_history else None
    )
    archived, found, missing = call.flag("archived"), dict[str, Record](), list[str]()
    for given in dict.fromkeys(ids):
        record = _to_read(call, shelf, asked.id_property, given, archived)
        if record is None:
            missing.append(given)
        else:
            found[record.id] = record
    names = names_to_read(shelf, asked.properties or [])
    history = asked.properties_with_history or []
    results = [
        shown_read(call.state, shelf, record, names, history=history) for record in found.values()
    ]
    errors = [some_not_found(shelf.kind.kind, missing)] if missing else []
    mixed = call.state.switches.batch_read_missing_status
    return batch_answer(call, results, errors, mixed=mixed)


def _to_read(
    call: Call, shelf: Shelf, id_property: str | None, given: str, archived: bool
) -> Record | None:
    if not id_property and _merged_away(call, shelf, given):
        return None
    found = by_property(shelf, id_property, given, archived=archived)
    if found is None and call.state.switches.archived_readable and not id_property:
        return shelf.find(given, archived=True)
    return found


def _merged_away(call: Call, shelf: Shelf, given: str) -> bool:
    """Whether an id from before a merge leads nowhere in a batch."""
    followed = call.state.switches.merged_ids_in_batches
    leads = followed == "all" or (followed == "contacts" and shelf.kind.name == "contacts")
    return given in shelf.redirects and not leads


def create(call: Call) -> Response:
    """`POST …/batch/create`: all or nothing, unless every input has a trace id."""
    shelf, inputs = call.shelf(), call.body(RecordBatch).inputs
    _check_size(inputs)

    def prepare(one: RecordInput, reserved: Reservations | None) -> Callable[[], dict[str, Any]]:
        new = writing.prepare_create(
            call.state, shelf, one.properties, associations_in(one), reserved
        )

        def commit() -> dict[str, Any]:
            record = writing.commit_create(call.state, new, call.source)
            return _traced(call, one, shown_created(call.state, shelf, record))

        return commit

    results, errors = _performed(inputs, prepare)
    return batch_answer(call, results, errors, status=201)


def update(call: Call) -> Response:
    """`POST …/batch/update`: ids that do not exist are one row; else as a creation."""
    shelf, inputs = call.shelf(), call.body(RecordBatch).inputs
    _check_size(inputs)
    _check_ids(inputs)
    targets: list[tuple[RecordInput, Record]] = []
    missing: list[str] = []
    for one in inputs:
        record = _to_update(call, shelf, one)
        if record is None:
            missing.append(str(one.id))
        else:
            targets.append((one, record))
    records = {id(one): record for one, record in targets}

    def prepare(one: RecordInput, reserved: Reservations | None) -> Callable[[], dict[str, Any]]:
        record = records[id(one)]
        change = writing.prepare_update(call.state, shelf, record, one.properties, reserved)

        def commit() -> dict[str, Any]:
            writing.commit_update(call.state, change, call.source)
            return _traced(call, one, shown_updated(call.state, shelf, record, change.asked))

        return commit

    results, errors = _performed([one for one, _ in targets], prepare)
    if missing:
        errors.append(some_not_found(shelf.kind.kind, missing))
    return batch_answer(call, results, errors)


def _to_update(call: Call, shelf: Shelf, one: RecordInput) -> Record | None:
    """The record of an input; contacts are not found by e-mail here."""
    if one.id_property == "email" and shelf.kind.name == "contacts":
        return None
    if not one.id_property and _merged_away(call, shelf, str(one.id)):
        return None
    return by_property(shelf, one.id_property, str(one.id))


def upsert(call: Call) -> Response:
    """`POST …/batch/upsert` by a unique property that all inputs name."""
    shelf, inputs = call.shelf(), call.body(RecordBatch).inputs
    _check_size(inputs)
    _check_ids(inputs)
    names = {one.id_property for one in inputs}
    if len(names) > 1 or names & {None, "", "hs_object_id"}:
        raise invalid("idProperty is required and must be the same for all inputs")
    if not names <= shelf.unique_names:
        name = next(iter(names))
        raise invalid(f"Property {name} is not a unique property of {shelf.kind.name}")

    def prepare(one: RecordInput, reserved: Reservations | None) -> Callable[[], dict[str, Any]]:
        assert one.id_property is not None
        record = by_property(shelf, one.id_property, str(one.id))
        raw = one.properties
        if record is not None:
            change = writing.prepare_update(call.state, shelf, record, raw, reserved)
            return lambda: _upserted(
                call,
                one,
                shown_updated(
                    call.state,
                    shelf,
                    writing.commit_update(call.state, change, call.source),
                    change.asked,
                ),
                new=False,
            )
        raw = {one.id_property: str(one.id), **raw}
        new = writing.prepare_create(call.state, shelf, raw, associations_in(one), reserved)
        return lambda: _upserted(
            call,
            one,
            shown_created(call.state, shelf, writing.commit_create(call.state, new, call.source)),
            new=True,
        )

    together = names == {"email"} and call.state.switches.upsert_by_email == "all or nothing"
    results, errors = _performed(inputs, prepare, together=together)
    return batch_answer(call, results, errors)


def _upserted(call: Call, one: RecordInput, shown: dict[str, Any], new: bool) -> dict[str, Any]:
    return {**_traced(call, one, shown), "new": new}


def archive(call: Call) -> Response:
    """`POST …/batch/archive`: 204 whatever the state of the ids."""
    shelf, ids = call.shelf(), [str(one.id) for one in call.body(IdBatch).inputs]
    _check_size(ids)
    for given in dict.fromkeys(ids):
        record = shelf.find(given)
        if record is not None:
            writing.archive(call.state, shelf, record)
    return answer(204)


def _performed(
    inputs: Sequence[RecordInput], prepare: Prepare, *, together: bool = False
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """
    Results and error rows. With a trace id on every input each row stands alone; otherwise, or
    where they go `together`, everything is prepared first, and the first problem is the answer of
    the whole batch.
    """
    if together or not all(one.object_write_trace_id for one in inputs):
        reserved = Reservations()
        return [commit() for commit in [prepare(one, reserved) for one in inputs]], []
    results, errors = [], []
    for one in inputs:
        try:
            results.append(prepare(one, None)())
        except ApiError as problem:
            errors.append(problem.row(one.object_write_trace_id))
    return results, errors


def _traced(call: Call, one: RecordInput, shown: dict[str, Any]) -> dict[str, Any]:
    if call.state.switches.trace_id_echoed and one.object_write_trace_id:
        return {**shown, "objectWriteTraceId": one.object_write_trace_id}
    return shown


def _check_size(inputs: Sequence[object], inputs_max: int | None = None) -> None:
    most = INPUTS_MAX if inputs_max is None else inputs_max
    if len(inputs) > most:
        raise invalid(f"The maximum number of inputs supported in a batch request is {most}")


def _check_ids(inputs: Iterable[RecordInput]) -> None:
    ids = [one.id for one in inputs]
    if any(given is None for given in ids):
        raise invalid("Every input needs an id")
    if len({str(given) for given in ids}) != len(ids):
        raise invalid("duplicate ids found in batch input")
