"""The bodies that come and go, as typed structs: what a field is called here is its wire name."""

from __future__ import annotations

from typing import TypeAlias

import msgspec
from msgspec import Struct, field

JSON_HEADERS = {"Accept": "application/json", "Content-Type": "application/json"}

Properties: TypeAlias = dict[str, str | None]


class Next(Struct, frozen=True):
    """The cursor of the next page."""

    after: str


class Paging(Struct, frozen=True):
    """Absent, or without `next`, on the last page."""

    next: Next | None = None


class Associated(Struct, frozen=True):
    """One associated record; the two shapes there are name its id differently."""

    id: str | None = None
    to_object_id: str | int | None = field(default=None, name="toObjectId")

    @property
    def record_id(self) -> str:
        """Its id as text."""
        return str(self.to_object_id) if self.id is None else self.id


class AssociatedPage(Struct, frozen=True):
    """The associated records of one type, perhaps not all of them."""

    results: tuple[Associated, ...] = ()
    paging: Paging | None = None


class HistoryEntry(Struct, frozen=True, rename="camel"):
    """One value that a property had."""

    timestamp: str
    value: str | None = None
    source_type: str = ""
    source_id: str | None = None


class Row(Struct, frozen=True, rename="camel"):
    """One record of an answer."""

    id: str
    properties: Properties
    created_at: str = ""
    updated_at: str = ""
    archived: bool = False
    archived_at: str = ""
    associations: dict[str, AssociatedPage] = {}
    properties_with_history: dict[str, tuple[HistoryEntry, ...]] = {}
    object_write_trace_id: str | None = None


class RowPage(Struct, frozen=True):
    """A page of a list or of a search; only a search says how many there are in `total`."""

    results: tuple[Row, ...]
    paging: Paging | None = None
    total: int = 0

    @property
    def after(self) -> str | None:
        """The cursor of the next page, None on the last one."""
        return self.paging.next.after if self.paging and self.paging.next else None


class ErrorDetail(Struct, frozen=True):
    """One of several problems of one call."""

    message: str = ""
    code: str | None = None
    context: dict[str, tuple[str, ...]] = {}


class ErrorBody(Struct, frozen=True, rename="camel"):
    """A whole error answer, or one row of a batch's errors; any of it may be absent."""

    message: str = ""
    category: str = ""
    # A text in every recorded body, an object in the published specification.
    sub_category: object = None
    error_type: str = ""
    policy_name: str = ""
    errors: tuple[ErrorDetail, ...] = ()
    context: dict[str, tuple[str, ...]] = {}


class BatchAnswer(Struct, frozen=True):
    """What a batch of records answers, in part or as a whole."""

    results: tuple[Row, ...] = ()
    errors: tuple[ErrorBody, ...] = ()


class RecordId(Struct, frozen=True):
    """One end of an association."""

    id: str


class AssociationSpec(Struct, frozen=True, rename="camel"):
    """One type of an association to be made."""

    association_type_id: int
    association_category: str = "HUBSPOT_DEFINED"


class NewAssociation(Struct, frozen=True):
    """An association made together with its record."""

    to: RecordId
    types: tuple[AssociationSpec, ...]


class CreateInput(Struct, frozen=True, rename="camel"):
    """A row of a batch of creations."""

    object_write_trace_id: str
    properties: dict[str, str]
    associations: tuple[NewAssociation, ...]


class UpdateInput(Struct, frozen=True, rename="camel"):
    """A row of a batch of updates."""

    id: str
    object_write_trace_id: str
    properties: dict[str, str]


class AppEventInput(Struct, frozen=True, rename="camel", omit_defaults=True):
    """An app event; its id is the sender's own, and taken for good."""

    event_type_name: str
    id: str
    object_id: str
    properties: dict[str, str]
    timestamp: str | None = None


class TakenEvent(Struct, frozen=True):
    """An event that was taken, known by its id."""

    id: str


class RefusedEvent(ErrorBody, frozen=True, rename="camel"):
    """An event that was not taken; `id` names it, where HubSpot does."""

    id: str | None = None


class AppEventAnswer(Struct, frozen=True):
    """What a batch of app events answers."""

    results: tuple[TakenEvent, ...] = ()
    errors: tuple[RefusedEvent, ...] = ()


class Pair(Struct, frozen=True):
    """Two records to be associated, or that were."""

    from_: RecordId = field(name="from")
    to: RecordId


class Separation(Struct, frozen=True):
    """One record, and those that it is no longer associated with."""

    from_: RecordId = field(name="from")
    to: tuple[RecordId, ...]


class PairAnswer(Struct, frozen=True):
    """What a batch of new associations answers: each of them in both directions."""

    results: tuple[Pair, ...] = ()
    errors: tuple[ErrorBody, ...] = ()


class AssociationRow(Struct, frozen=True):
    """The records associated with one record, perhaps not all of them."""

    from_: RecordId = field(name="from")
    to: tuple[Associated, ...] = ()
    paging: Paging | None = None


class AssociationAnswer(Struct, frozen=True):
    """What a batch read of associations answers."""

    results: tuple[AssociationRow, ...] = ()
    errors: tuple[ErrorBody, ...] = ()


class AccountDetails(Struct, frozen=True, rename="camel"):
    """The portal that a token opens."""

    portal_id: int
    time_zone: str
    company_currency: str
    additional_currencies: tuple[str, ...] = ()


class Owner(Struct, frozen=True):
    """A user of the portal who can own records."""

    id: str
    email: str | None = None


class OwnerPage(Struct, frozen=True):
    """A page of the owners who are active."""

    results: tuple[Owner, ...] = ()
    paging: Paging | None = None


class Option(Struct, frozen=True, rename="camel"):
    """One option of an enumeration."""

    value: str
    label: str
    hidden: bool = False
    display_order: int = -1


class ModificationMetadata(Struct, frozen=True, rename="camel"):
    """What nobody may change about a property."""

    read_only_value: bool = False


class PropertyRow(Struct, frozen=True, rename="camel"):
    """The definition of a property."""

    name: str
    type: str
    label: str = ""
    field_type: str = ""
    options: tuple[Option, ...] = ()
    calculated: bool = False
    has_unique_value: bool = False
    show_currency_symbol: bool = False
    data_sensitivity: str = "non_sensitive"
    modification_metadata: ModificationMetadata = ModificationMetadata()


class PropertyAnswer(Struct, frozen=True):
    """A list of definitions, or what a batch of new ones answers."""

    results: tuple[PropertyRow, ...] = ()
    errors: tuple[ErrorBody, ...] = ()


class PropertyInput(Struct, frozen=True, rename="camel"):
    """A property to be made."""

    name: str
    label: str
    type: str
    field_type: str
    group_name: str
    description: str
    has_unique_value: bool
    options: tuple[Option, ...] = ()


class GroupInput(Struct, frozen=True):
    """A group of properties to be made."""

    name: str
    label: str


decode_row = msgspec.json.Decoder(Row).decode
decode_rows = msgspec.json.Decoder(RowPage).decode
decode_batch = msgspec.json.Decoder(BatchAnswer).decode
decode_pairs = msgspec.json.Decoder(PairAnswer).decode
decode_associations = msgspec.json.Decoder(AssociationAnswer).decode
decode_events = msgspec.json.Decoder(AppEventAnswer).decode
decode_account = msgspec.json.Decoder(AccountDetails).decode
decode_owners = msgspec.json.Decoder(OwnerPage).decode
decode_properties = msgspec.json.Decoder(PropertyAnswer).decode
decode_error = msgspec.json.Decoder(ErrorBody).decode
encode = msgspec.json.Encoder().encode


def decode_nothing(body: bytes) -> None:
    """The body of an answer that says nothing more than its status."""
