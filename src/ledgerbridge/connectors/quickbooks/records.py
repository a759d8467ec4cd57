"""
What the API shows, as records: each entity's table is compiled once into a plan for its rows.

Numbers keep the very digits of the JSON (`decode` leaves them as text), nested fields get dotted
names, empty texts are absent. What the table does not name is left out: pseudonyms, map
coordinates and the like, which differ from one answer to the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from ledgerbridge.connectors.quickbooks.instants import utc
from ledgerbridge.connectors.quickbooks.schema import CUSTOM_FIELD, ENTITIES, Entity, is_reference
from ledgerbridge.core.model import Line, Record, State, Value

Row: TypeAlias = dict[str, Any]
Plan: TypeAlias = "dict[str, str | Plan]"

KEY = "@key"
VOID_NOTE = "Voided"
CUSTOM_VALUES = ("StringValue", "NumberValue", "BooleanValue", "DateValue")

decode = msgspec.json.Decoder(dict[str, Any], float_hook=str).decode
"""The body of an answer; numbers with a point stay text, exactly as written."""


def _compiled(entity: Entity) -> Plan:
    """By the key in a row: the field's name, or a plan for the object that stands there."""
    plan: Plan = {}
    for name in entity.fields:
        if name.endswith("Ref.name") or name.startswith("MetaData."):
            continue
        *outer, last = name.split(".")
        at = plan
        for part in outer:
            inner = at.setdefault(part, {})
            assert isinstance(inner, dict)
            at = inner
        at[last] = name
    return plan


PLANS = {name: _compiled(entity) for name, entity in ENTITIES.items()}


def record_of(realm_id: str, entity: str, row: Mapping[str, Any]) -> Record:
    """
    One row as a record. Raises KeyError, TypeError or ValueError for a row that is none: without
    an id, a SyncToken or a time (`records_of` says so in words).
    """
    record_id = row["Id"]
    fields: dict[str, Value] = {}
    references: dict[str, tuple[str, ...]] = {}
    _flatten(PLANS[entity], row, fields, references)
    meta = row["MetaData"]
    created_at = fields["MetaData.CreateTime"] = utc(meta["CreateTime"])
    fields[KEY] = f"{realm_id}:{entity.lower()}:{record_id}"
    if "CustomField" in row:
        _custom_fields(row["CustomField"], fields)
    if "LinkedTxn" in row:
        references.update(_linked(row["LinkedTxn"]))
    lines = _lines(row["Line"]) if "Line" in row else ()
    if entity == "Payment":
        references.update(_settled(lines))
    return Record(
        object_type=entity,
        id=record_id,
        version=row["SyncToken"],
        fields=fields,
        references=references,
        lines=lines,
        state=_state(fields, lines),
        created_at=created_at,
        modified_at=utc(meta["LastUpdatedTime"]),
    )


def text(value: Any) -> Value:
    """A JSON scalar as raw text; None where it is empty."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    return str(value) if value is not None and value != "" else None


def _flatten(
    plan: Plan,
    row: Mapping[str, Any],
    fields: dict[str, Value],
    references: dict[str, tuple[str, ...]],
) -> None:
    for key, value in row.items():
        known = plan.get(key)
        if known is None:
            continue
        if known.__class__ is str:
            name: Any = known
            if value.__class__ is dict:
                _value_object(name, value, fields, references)
            elif value.__class__ is str:
                if value:
                    fields[name] = value
            elif (raw := text(value)) is not None:
                fields[name] = raw
        elif value.__class__ is dict:
            inner: Any = known
            _flatten(inner, value, fields, references)


def _value_object(
    name: str,
    value: Mapping[str, Any],
    fields: dict[str, Value],
    references: dict[str, tuple[str, ...]],
) -> None:
    """A reference `{"value", "name"}`, or a memo, which has a value only."""
    raw = text(value.get("value"))
    if raw is None:
        return
    fields[name] = raw
    if is_reference(name):
        references[name] = (raw,)
        if shown := text(value.get("name")):
            fields[f"{name}.name"] = shown


def _custom_fields(rows: Sequence[Mapping[str, Any]], fields: dict[str, Value]) -> None:
    for row in rows:
        raw = next((found for key in CUSTOM_VALUES if (found := text(row.get(key)))), None)
        if raw is not None and row.get("Name"):
            fields[CUSTOM_FIELD + row["Name"]] = raw


def _linked(rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Linked transactions: all of them, and those of each type under `LinkedTxn.Payment` etc."""
    by_kind: dict[str, tuple[str, ...]] = {}
    for row in rows:
        for kind in ("LinkedTxn", f"LinkedTxn.{row['TxnType']}"):
            by_kind[kind] = (*by_kind.get(kind, ()), row["TxnId"])
    return by_kind


def _settled(lines: Sequence[Line]) -> dict[str, tuple[str, ...]]:
    """The transactions that the lines of a payment settle or use, by type, each once."""
    by_kind: dict[str, dict[str, None]] = {}
    for line in lines:
        kind, other = line.fields.get("LinkedTxn.TxnType"), line.fields.get("LinkedTxn.TxnId")
        if kind and other:
            by_kind.setdefault(kind, {})[other] = None
    return {kind: tuple(ids) for kind, ids in by_kind.items()}


def _lines(rows: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
    """
    The lines in order, those within a bundle after it. Lines without an id go by position.

    Intuit does not say whether the lines within a bundle are numbered with the others, so their ids
    are told with the bundle's own: `2.1`.
    """
    lines: list[Line] = []
    for row in rows:
        fields: dict[str, Value] = {}
        inner: list[Mapping[str, Any]] = []
        _line_fields("", row, fields, inner)
        detail = row.get("DetailType", "line")
        line = Line(id=row.get("Id") or f"{detail}-{len(lines) + 1}", fields=fields)
        lines.append(line)
        lines.extend(Line(f"{line.id}.{one.id}", one.fields) for one in _lines(inner))
    return tuple(lines)


def _line_fields(
    prefix: str,
    row: Mapping[str, Any],
    fields: dict[str, Value],
    inner: list[Mapping[str, Any]],
) -> None:
    for key, value in row.items():
        name = prefix + key
        if value.__class__ is dict:
            if key.endswith("Ref"):
                _value_object(name, value, fields, {})
            elif key != "LineEx":
                _line_fields(f"{name}.", value, fields, inner)
        elif value.__class__ is list:
            if key == "Line":
                inner.extend(value)
            elif key == "LinkedTxn" and value:
                _line_fields("LinkedTxn.", value[0], fields, inner)
        elif key != "Id" and (raw := text(value)) is not None:
            fields[name] = raw


def _state(fields: Mapping[str, Value], lines: Sequence[Line]) -> State:
    """Voided: total 0 and the void note and zeroed lines; a zero total alone is settled."""
    if fields.get("Active") == "false":
        return State.INACTIVE
    if (
        (fields.get("PrivateNote") or "").startswith(VOID_NOTE)
        and _is_zero(fields.get("TotalAmt"))
        and all(_is_zero(line.fields.get("Amount")) for line in lines)
    ):
        return State.VOIDED
    return State.LIVE


def _is_zero(number: Value) -> bool:
    return number is None or not number.strip("-0.")
