"""What an object's fields are: type, who may write them, how long, which options."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field

from ledgerbridge.core.model import Side

OWN_PREFIX, COMPUTED_PREFIX = "ledgerbridge_", "@"
"""How HubSpot properties of ours begin, and QuickBooks values that we compute."""


class FieldType(StrEnum):
    """How values of a field are compared and converted (engine.md, values)."""

    TEXT = "text"
    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    DATETIME = "datetime"
    BOOL = "bool"
    ENUM = "enum"
    CURRENCY = "currency"
    COUNTRY = "country"
    STATE = "state"
    REFERENCE = "reference"


class Writable(StrEnum):
    """When a side lets us write a field."""

    ALWAYS = "always"
    ON_CREATE = "on create"
    NEVER = "never"


class Field(Struct, frozen=True, kw_only=True):
    """One field of one object type, in the vendor's own name. `length_max` counts characters."""

    name: str
    type: FieldType = FieldType.TEXT
    label: str = ""
    writable: Writable = Writable.ALWAYS
    length_max: int | None = None
    options: tuple[str, ...] = ()
    unique: bool = False
    private: bool = False


class ObjectSchema(Struct, frozen=True, kw_only=True):
    """The fields of one object type of one account, by name."""

    side: Side
    object_type: str
    fields: dict[str, Field] = field(default_factory=dict)
