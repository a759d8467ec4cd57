"""The shapes of requests, and JSON in and out."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

Value = str | int | float | bool | None
encoded = msgspec.json.encode


class Wire(msgspec.Struct, rename="camel", kw_only=True):
    """What all request bodies share: camel-case names on the wire."""


class ObjectId(Wire):
    """A reference to a record; ids may come as numbers."""

    id: str | int


class AssociationSpec(Wire):
    """One association type."""

    association_type_id: int
    association_category: str = "HUBSPOT_DEFINED"


class NewAssociation(Wire):
    """An association in a create."""

    to: ObjectId
    types: list[AssociationSpec]


class RecordInput(Wire):
    """A record to create, or to update or upsert by `id`."""

    properties: dict[str, Value] = msgspec.field(default_factory=dict)
    associations: list[NewAssociation] | None = None
    id: str | int | None = None
    id_property: str | None = None
    object_write_trace_id: str | None = None


class RecordBatch(Wire):
    """A batch of records to write."""

    inputs: list[RecordInput]


class IdBatch(Wire):
    """A batch of ids to archive."""

    inputs: list[ObjectId]


class ReadBatch(Wire):
    """A batch of ids to read, and what to return of them."""

    inputs: list[ObjectId]
    properties: list[str] | None = None
    properties_with_history: list[str] | None = None
    id_property: str | None = None


class AppEventInput(Wire):
    """An event of an app; only its record's id says here on whose timeline it goes."""

    event_type_name: str
    id: str
    properties: dict[str, str]
    object_id: str | None = None
    timestamp: str | None = None


class AppEventBatch(Wire):
    """Events of an app."""

    inputs: list[AppEventInput]


class Merge(Wire):
    """Two records to become one."""

    primary_object_id: str | int
    object_id_to_merge: str | int


class PrivacyDelete(Wire):
    """A contact to erase."""

    object_id: str | int
    id_property: str | None = None


class AssociationRead(Wire):
    """One record whose associations are asked for."""

    id: str | int
    after: str | None = None


class AssociationReadBatch(Wire):
    """Records whose associations are asked for."""

    inputs: list[AssociationRead]


class AssociationInput(Wire):
    """Two records and the types between them; `type` is the name of the oldest paths."""

    from_: ObjectId = msgspec.field(name="from")
    to: ObjectId
    types: list[AssociationSpec] | None = None
    type: str | None = None


class AssociationBatch(Wire):
    """Pairs to associate, or to take labels from."""

    inputs: list[AssociationInput]


class Separation(Wire):
    """One record and those it is no longer associated with."""

    from_: ObjectId = msgspec.field(name="from")
    to: list[ObjectId]


class SeparationBatch(Wire):
    """Associations to remove."""

    inputs: list[Separation]


class NewLabel(Wire):
    """A label of one's own between two types."""

    label: str
    name: str | None = None
    inverse_label: str | None = None


class LabelUpdate(Wire):
    """A new text of a label."""

    association_type_id: int
    label: str
    inverse_label: str | None = None


class LimitInput(Wire):
    """How many associated records a record may have."""

    type_id: int
    category: str
    max_to_object_ids: int


class LimitBatch(Wire):
    """Limits to set for a pair of types."""

    inputs: list[LimitInput]


class LimitType(Wire):
    """The association type whose limit ends."""

    type_id: int
    category: str


class LimitPurge(Wire):
    """Limits to end for a pair of types."""

    inputs: list[LimitType]


class Option(Wire):
    """One option of an enumeration."""

    value: str
    label: str
    hidden: bool = False
    display_order: int = -1
    description: str | None = None


class PropertyInput(Wire):
    """A property to create."""

    name: str
    label: str
    type: str
    field_type: str
    group_name: str
    options: list[Option] = msgspec.field(default_factory=list)
    description: str | None = None
    display_order: int = -1
    has_unique_value: bool = False
    hidden: bool = False
    form_field: bool = False
    external_options: bool = False
    data_sensitivity: str = "non_sensitive"
    calculation_formula: str | None = None
    referenced_object_type: str | None = None


class PropertyBatch(Wire):
    """Properties to create."""

    inputs: list[PropertyInput]


class PropertyUpdate(Wire):
    """Changes to a property; what is absent stays."""

    label: str | None = None
    type: str | None = None
    field_type: str | None = None
    group_name: str | None = None
    options: list[Option] | None = None
    description: str | None = None
    display_order: int | None = None
    hidden: bool | None = None
    form_field: bool | None = None
    calculation_formula: str | None = None


class PropertyName(Wire):
    """The name of a property."""

    name: str


class PropertyNameBatch(Wire):
    """Names of properties to read or archive."""

    inputs: list[PropertyName]
    archived: bool = False
    data_sensitivity: str = "non_sensitive"


class GroupInput(Wire):
    """A property group to create."""

    name: str
    label: str
    display_order: int = -1


class GroupUpdate(Wire):
    """Changes to a property group."""

    label: str | None = None
    display_order: int | None = None


class Filter(Wire):
    """One condition of a search."""

    property_name: str
    operator: str
    value: Value = None
    high_value: Value = None
    values: list[Value] | None = None


class FilterGroup(Wire):
    """Conditions that must all hold."""

    filters: list[Filter]


class Sort(Wire):
    """One order of a search."""

    property_name: str
    direction: str = "ASCENDING"


class Search(Wire):
    """A search: groups of which one must hold, words, order and page."""

    filter_groups: list[FilterGroup] = msgspec.field(default_factory=list)
    filters: list[Filter] = msgspec.field(default_factory=list)
    sorts: list[Sort | str] = msgspec.field(default_factory=list)
    query: str | None = None
    properties: list[str] | None = None
    limit: int | None = None
    after: str | int | None = None


class TokenKey(Wire):
    """A private app's token to look up."""

    token_key: str


T = TypeVar("T")
_BYTE = re.compile(r"\(byte (\d+)\)")


class MalformedError(Exception):
    """A body that is not the JSON asked for; the message says where and why."""


def decoded(body: bytes, shape: type[T]) -> T:
    """The body as `shape`; raises MalformedError with the line and the column."""
    try:
        return msgspec.json.decode(body or b"", type=shape)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError) as problem:
        text = str(problem) or type(problem).__name__
        at = _BYTE.search(text)
        before = body[: int(at[1])] if at else b""
        line = before.count(b"\n") + 1
        column = len(before) - (before.rfind(b"\n") + 1) + 1
        raise MalformedError(
            f"Invalid input JSON on line {line}, column {column}: {text}"
        ) from None


def text_of(value: Value) -> str | None:
    """How HubSpot keeps a JSON value: everything is text, or null."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)
