"""
The values that everything else passes around; engine.md gives each word its meaning.

- Record: one object of one side, as that side showed it.
- Seen / Gone: what an observation found. Absence from a page is neither.
- Link: the pairing of one HubSpot and one QuickBooks record in one sync, with two base images.
- Attachment: a record without a partner of its own that leans on a link.
- Base image: raw values per field, as the side showed them when both were last in step. A field
  that is not in the image has no base yet; a field with None was empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct, field

Value: TypeAlias = str | None
Values: TypeAlias = Mapping[str, Value]


class Side(StrEnum):
    """The two services."""

    HUBSPOT = "hubspot"
    QUICKBOOKS = "quickbooks"

    @property
    def shown(self) -> str:
        """The vendor's name as a person writes it."""
        return "HubSpot" if self is Side.HUBSPOT else "QuickBooks"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.QUICKBOOKS if self is Side.HUBSPOT else Side.HUBSPOT


class State(StrEnum):
    """The life of a record, as its side reports it."""

    LIVE = "live"
    INACTIVE = "inactive"
    ARCHIVED = "archived"
    VOIDED = "voided"
    DELETED = "deleted"

    @property
    def gone(self) -> bool:
        """Archived (HubSpot) and deleted records are no longer there to be written."""
        return self in (State.ARCHIVED, State.DELETED)


class Line(Struct, frozen=True):
    """One line of a transaction: `id` is that side's own, `fields` are raw values."""

    id: str
    fields: dict[str, Value]


class Record(Struct, frozen=True):
    """
    One object of one side.

    `object_type` is the vendor's own word (`contacts`, `Customer`). `version` is the SyncToken or
    updatedAt. `fields` are raw canonical values: text as shown, numbers as decimal text, booleans
    as `true`/`false`, None or absent when empty; nested QuickBooks fields use dotted names.
    `references` name other records of the same side by their ids, by kind. Instants are ISO 8601
    UTC text, so that they sort.
    """

    object_type: str
    id: str
    version: str
    fields: dict[str, Value]
    references: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    state: State = State.LIVE
    created_at: str = ""
    modified_at: str = ""


class Gone(Struct, frozen=True):
    """A record that is surely no longer there, and the evidence; `merged_into` if it lives on."""

    object_type: str
    id: str
    evidence: str
    merged_into: str | None = None


class LinkStatus(StrEnum):
    """A link is live until one half is gone for good; then it is kept, dead."""

    LIVE = "live"
    DEAD = "dead"


class Choice(Struct, frozen=True, kw_only=True):
    """
    Whose value is taken in a conflict, and the raw values of both sides that were looked at.

    `why` is the reason where the times of the edits decided, empty where a person did.
    """

    take: Side
    hubspot: dict[str, Value] = field(default_factory=dict)
    quickbooks: dict[str, Value] = field(default_factory=dict)
    why: str = ""

    def holds(self, hubspot: Values, quickbooks: Values) -> bool:
        """Whether both sides still show what the person saw."""
        return self.hubspot == hubspot and self.quickbooks == quickbooks


class Link(Struct, frozen=True, kw_only=True):
    """
    One pairing. `base` images hold raw values per field; see the module's glossary. `choices` are
    what a person decided of its open conflicts, by mapping.
    """

    id: str
    hubspot_id: str | None
    quickbooks_id: str | None
    base_hubspot: dict[str, Value] = field(default_factory=dict)
    base_quickbooks: dict[str, Value] = field(default_factory=dict)
    status: LinkStatus = LinkStatus.LIVE
    reason: str = ""
    generation: int = 1
    choices: dict[str, Choice] = field(default_factory=dict)

    def id_of(self, side: Side) -> str | None:
        """The id of one half, None while it does not exist."""
        return self.hubspot_id if side is Side.HUBSPOT else self.quickbooks_id

    def base_of(self, side: Side) -> dict[str, Value]:
        """The base image of one side."""
        return self.base_hubspot if side is Side.HUBSPOT else self.base_quickbooks


class LineLink(Struct, frozen=True, kw_only=True):
    """The child link of one line: `key` is `realm:invoice:id:line`; both images are raw."""

    key: str
    hubspot_id: str
    base_hubspot: dict[str, Value]
    base_quickbooks: dict[str, Value]


class Attachment(Struct, frozen=True):
    """A record that leans on a link, and why."""

    record_id: str
    link_id: str
    reason: str


def link_id(sync: str, origin: Side, record_id: str, generation: int = 1) -> str:
    """
    The id of the link that starts from one record: the same whoever computes it, and when.

    A link made anew after a deletion uses the next generation (engine.md, keys).
    """
    return f"{sync}/{origin[0]}{record_id}/{generation}"


def any_generation(link: str) -> str:
    """What the ids of all links that start from one record have in common."""
    return link.rpartition("/")[0]
