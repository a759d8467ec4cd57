"""
One request as one batch: rows to JSON, the answer back to outcomes.

Rows whose values the table already refuses never leave; they are refused the same way each time,
so that a request sent again has the same body (theory.md 4.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from msgspec.structs import replace

from ledgerbridge.connectors.port import Failed, Outcome, Request, Stored, Write, WriteKind
from ledgerbridge.connectors.quickbooks.failures import faults_in, row_failure
from ledgerbridge.connectors.quickbooks.records import record_of
from ledgerbridge.connectors.quickbooks.schema import ENTITIES, Entity, is_reference
from ledgerbridge.core.model import Value
from ledgerbridge.core.schema import Field, FieldType, Writable
from ledgerbridge.errors import Verdict

OPERATIONS = {
    WriteKind.CREATE: "create",
    WriteKind.UPDATE: "update",
    WriteKind.ARCHIVE: "update",
}
NUMBERS = (FieldType.NUMBER, FieldType.MONEY)

encode = msgspec.json.Encoder(decimal_format="number").encode


class Refused(Exception):
    """A row that QuickBooks could only refuse, as the outcome that says so."""

    def __init__(self, failed: Failed) -> None:
        self.failed = failed
        super().__init__(failed.message)


class Batch:
    """A request made ready: the `body` to send, or None when no row is left to send."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._refused: dict[str, Failed] = {}
        items: list[dict[str, Any]] = []
        for number, write in enumerate(request.writes):
            try:
                body = _entity_body(request, write)
            except Refused as refused:
                self._refused[write.trace] = refused.failed
                continue
            item = {"bId": f"b{number}", "operation": OPERATIONS[request.kind]}
            items.append({**item, request.object_type: body})
        self.body = encode({"BatchItemRequest": items}) if items else None

    def outcomes(self, realm_id: str, answer: Mapping[str, Any] | None) -> tuple[Outcome, ...]:
        """One outcome for each row, in order, from the decoded answer of the batch."""
        rows = (answer or {}).get("BatchItemResponse")
        by_id = {row.get("bId"): row for row in rows or () if isinstance(row, dict)}
        return tuple(
            self._refused.get(write.trace)
            or self._outcome(realm_id, write, by_id.get(f"b{number}"))
            for number, write in enumerate(self._request.writes)
        )

    def _outcome(self, realm_id: str, write: Write, row: Mapping[str, Any] | None) -> Outcome:
        if row is None:
            return _in_doubt(write, "QuickBooks' answer says nothing about this row.")
        faults = faults_in(row)
        if faults:
            return row_failure(write, faults)
        entity = self._request.object_type
        try:
            return Stored(write.trace, record_of(realm_id, entity, row[entity]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            what = type(error).__name__
            return _in_doubt(write, f"QuickBooks' answer for this row cannot be read ({what}).")


def _in_doubt(write: Write, message: str) -> Failed:
    return Failed(
        trace=write.trace,
        verdict=Verdict.LOOK_AGAIN,
        code="undecodable_answer",
        message=message,
        remedy="It may have been applied: the record is looked at before anything is sent again.",
    )


def _entity_body(request: Request, write: Write) -> dict[str, Any]:
    entity = ENTITIES[request.object_type]
    if request.kind is WriteKind.CREATE:
        given = {name: raw for name, raw in write.fields.items() if raw}
        return _nested(entity, replace(write, fields=given), ON_CREATE)
    assert write.record_id, "an update names its record"
    assert write.version is not None, "an update carries the SyncToken it was planned with"
    body: dict[str, Any] = {"sparse": True, "Id": write.record_id, "SyncToken": write.version}
    if request.kind is WriteKind.UPDATE:
        return {**body, **_nested(entity, write, ON_UPDATE)}
    if not entity.named:
        message = f"A {entity.name} cannot be made inactive in QuickBooks."
        raise Refused(_refusal(write, "cannot_archive", message))
    return {**body, "Active": False}


ON_CREATE = (Writable.ALWAYS, Writable.ON_CREATE)
ON_UPDATE = (Writable.ALWAYS,)


def _nested(entity: Entity, write: Write, writable: tuple[Writable, ...]) -> dict[str, Any]:
    """The row's fields as the objects of the API. Raises Refused."""
    body: dict[str, Any] = {}
    for name, raw in write.fields.items():
        field = entity.fields.get(name)
        if field is None:
            message = f"{entity.name} has no field {name} that we know."
            raise Refused(_refusal(write, "unknown_field", message, name))
        if field.writable not in writable:
            message = f"{name} cannot be written in QuickBooks."
            raise Refused(_refusal(write, "read_only", message, name))
        *outer, last = name.split(".")
        at = body
        for part in outer:
            at = at.setdefault(part, {})
        at[last] = _json_value(field, raw, write)
    return body


def _json_value(field: Field, raw: Value, write: Write) -> Any:
    if is_reference(field.name):
        return {"value": raw or ""}
    if field.type is FieldType.BOOL:
        if raw in ("true", "false"):
            return raw == "true"
        raise _invalid(field, raw, write, "true or false")
    if field.type in NUMBERS:
        return _number(field, raw, write)
    if field.length_max is not None and len(raw or "") > field.length_max:
        message = (
            f"{field.name} has {len(raw or '')} characters; QuickBooks takes {field.length_max}."
        )
        raise Refused(_refusal(write, "too_long", message, field.name, TOO_LONG_REMEDY))
    return raw or ""


TOO_LONG_REMEDY = "Shorten it, or let the mapping truncate it."


def _number(field: Field, raw: Value, write: Write) -> Decimal:
    try:
        number = Decimal(raw or "")
    except InvalidOperation:
        raise _invalid(field, raw, write, "a number") from None
    if not number.is_finite():
        raise _invalid(field, raw, write, "a number")
    return number


def _invalid(field: Field, raw: Value, write: Write, wanted: str) -> Refused:
    shown = "empty" if not raw else f"“{raw[:50]}”"
    message = f"{field.name} must be {wanted} in QuickBooks, and it is {shown}."
    return Refused(_refusal(write, "invalid_value", message, field.name))


def _refusal(
    write: Write, code: str, message: str, field: str | None = None, remedy: str = ""
) -> Failed:
    return Failed(
        trace=write.trace,
        verdict=Verdict.REFUSE,
        code=code,
        message=f"{message} Nothing of this record was written.",
        remedy=remedy,
        field=field,
    )
