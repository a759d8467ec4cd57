"""Rows of HubSpot's answers as records, and values as HubSpot takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from ledgerbridge.connectors.hubspot.object_types import object_type_of
from ledgerbridge.connectors.hubspot.wire import AssociatedPage, Properties, Row
from ledgerbridge.connectors.port import Wanted
from ledgerbridge.core.model import Record, State, Value

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_WITH_MS = len("2026-05-05T09:02:05.123Z")
_WITHOUT_MS = len("2026-05-05T09:02:05Z")


def instant(text: str) -> str:
    """
    An instant as sortable text: `…:05Z` and `…:05.123Z` both occur, and would not sort.

    Raises ValueError if it is no instant.
    """
    if len(text) == _WITH_MS and text.endswith("Z"):
        return text
    if len(text) == _WITHOUT_MS and text.endswith("Z"):
        return f"{text[:-1]}.000Z"
    return iso_of(epoch_ms(text)) if text else ""


def epoch_ms(text: str) -> int:
    """The milliseconds since 1970 of an ISO instant; fractions of them are cut off."""
    return (datetime.fromisoformat(text) - _EPOCH) // _MILLISECOND


def iso_of(at_ms: int) -> str:
    """The ISO instant with milliseconds of milliseconds since 1970."""
    at = _EPOCH + at_ms * _MILLISECOND
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def record_of(
    row: Row, wanted: Wanted, references: Mapping[str, tuple[str, ...]] | None = None
) -> Record:
    """
    A row as a record with the fields that were wanted, or all it came with where none were named.

    HubSpot adds times and computed properties to every answer; unwanted ones are left out, so that
    a record changes only when something of interest does. `references` replace those of the row.
    """
    given = row.properties
    if wanted.fields:
        fields: dict[str, Value] = {name: given.get(name) or None for name in wanted.fields}
    else:
        fields = stored_fields(given)
    if references is None:
        references = references_of(row.associations, wanted.associations)
    updated_at = instant(row.updated_at)
    return Record(
        object_type=wanted.object_type,
        id=row.id,
        version=updated_at,
        fields=fields,
        references=dict(references),
        state=State.ARCHIVED if row.archived else State.LIVE,
        created_at=instant(row.created_at),
        modified_at=updated_at,
    )


def stored_fields(properties: Properties) -> dict[str, Value]:
    """All properties of an answer; an empty text and null both mean empty."""
    return {name: value or None for name, value in properties.items()}


def references_of(
    associations: Mapping[str, AssociatedPage], wanted: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """The associated ids by wanted type; one record can be there once for each of its labels."""
    if not wanted:
        return {}
    found = {object_type_of(name): page.results for name, page in associations.items()}
    return {
        name: unique(one.record_id for one in found.get(object_type_of(name), ()))
        for name in wanted
    }


def more_associations(row: Row) -> bool:
    """Whether a row shows only the first of its associated records."""
    return any(page.paging and page.paging.next for page in row.associations.values())


def unique(ids: Iterable[str]) -> tuple[str, ...]:
    """The ids, each once, in their order."""
    return tuple(dict.fromkeys(ids))


def created_properties(fields: Mapping[str, Value]) -> dict[str, str]:
    """
    What a creation sends: None needs no word, an empty text keeps HubSpot from filling in one.
    """
    return {name: value for name, value in fields.items() if value is not None}


def updated_properties(fields: Mapping[str, Value]) -> dict[str, str]:
    """What an update sends: an empty text clears, a null would be ignored."""
    return {name: value or "" for name, value in fields.items()}
