"""Records, and the shelf that holds all records of one type in one portal."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ledgerbridge.sandbox.hubspot.definitions import default_properties
from ledgerbridge.sandbox.hubspot.definitions.table import Property
from ledgerbridge.sandbox.hubspot.instants import iso
from ledgerbridge.sandbox.hubspot.object_types import ObjectType
from ledgerbridge.sandbox.hubspot.search_index import Indexed, SearchIndex


@dataclass(frozen=True, slots=True)
class Source:
    """Who wrote: the type and id that histories, creations and webhooks show."""

    type: str
    id: str
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a property's history."""

    value: str
    at_ms: int
    source: Source

    def shown(self) -> dict[str, str | int]:
        """The entry as the API shows it."""
        shown: dict[str, str | int] = {
            "value": self.value,
            "timestamp": iso(self.at_ms),
            "sourceType": self.source.type,
            "sourceId": self.source.id,
        }
        if self.source.user_id is not None:
            shown["updatedByUserId"] = self.source.user_id
        return shown


@dataclass(slots=True, eq=False)
class Record:
    """
    One record. `values` is replaced by each write, never changed, so that search may keep old ones.

    `links` holds the association type ids by the other's type and id. `pinned` names the computed
    invoice amounts that somebody wrote and that are therefore no longer computed.
    """

    number: int
    values: dict[str, str]
    created_ms: int
    updated_ms: int
    source: Source
    archived_ms: int | None = None
    history: dict[str, list[Change]] = field(default_factory=dict)
    links: dict[str, dict[str, tuple[int, ...]]] = field(default_factory=dict)
    pinned: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """The id as the API spells it."""
        return str(self.number)

    def changes(self, name: str) -> list[Change]:
        """The history of a property, newest first."""
        kept = self.history.get(name)
        if kept is not None:
            return kept[::-1]
        value = self.values.get(name)
        return [] if value is None else [Change(value, self.created_ms, self.source)]

    def remember(self, name: str, change: Change) -> None:
        """Adds to a property's history, which begins with its creation."""
        if name not in self.history:
            self.history[name] = self.changes(name)
        self.history[name].append(change)


def unique_key(type_name: str, name: str, value: str) -> str:
    """How a unique value is compared: e-mails without regard to case."""
    return value.lower() if (type_name, name) == ("contacts", "email") else value


class Shelf:
    """
    All records of one type in one portal, with the definitions of their properties.

    `listed` remembers what the API answers who asks for all definitions, for they seldom change.
    """

    def __init__(self, kind: ObjectType, index: SearchIndex) -> None:
        self.kind, self.index = kind, index
        self.records: dict[str, Record] = {}
        self.redirects: dict[str, str] = {}
        self.definitions: dict[str, Property] = dict(default_properties(kind.name))
        self.groups: dict[str, tuple[str, int]] = {}
        for found in self.definitions.values():
            self.groups.setdefault(found.group, (found.group, -1))
        self.listed: dict[tuple[bool, str], bytes] = {}
        self._living: list[int] = []
        self._archived: list[int] = []
        self._binned: deque[tuple[int, Record]] = deque()
        self._unique: dict[str, dict[str, str]] = {}
        self.refresh_definitions()

    def refresh_definitions(self) -> None:
        """Draws what follows from the definitions; to be called when they changed."""
        self.listed.clear()
        known = [found for found in self.definitions.values() if found.archived_ms is None]
        self.unique_names = {found.name for found in known if found.unique}
        if self.kind.name == "contacts":
            self.unique_names.add("email")
        self.date_names = frozenset(found.name for found in known if found.type == "date")
        self.computed_names = frozenset(found.name for found in known if found.computed)
        for name in self.unique_names - self._unique.keys():
            taken = ((record.values.get(name), record.id) for record in self.records.values())
            self._unique[name] = {value: record_id for value, record_id in taken if value}

    def own_properties(self) -> list[Property]:
        """The living definitions that are not HubSpot's."""
        return [
            found
            for found in self.definitions.values()
            if not found.hubspot_defined and found.archived_ms is None
        ]

    def replace_definitions(self, definitions: dict[str, Property]) -> None:
        """Takes these definitions, and their groups, for all there are."""
        self.definitions, self.groups = definitions, {}
        for found in definitions.values():
            self.groups.setdefault(found.group, (found.group, -1))
        self.refresh_definitions()

    def define(self, definition: Property) -> None:
        """Adds or replaces a definition."""
        self.definitions[definition.name] = definition
        self.groups.setdefault(definition.group, (definition.group, -1))
        self.refresh_definitions()

    def redefine(self, name: str, **changes: object) -> Property:
        """Changes a definition; the new one."""
        found = replace(self.definitions[name], **changes)  # type: ignore[arg-type]
        self.define(found)
        return found

    def visible(self, names: list[str]) -> list[str]:
        """Those names that are defined, each once."""
        known = self.definitions
        return [
            name
            for name in dict.fromkeys(names)
            if name in known and known[name].archived_ms is None
        ]

    def find(self, record_id: str, archived: bool = False) -> Record | None:
        """The living (or archived) record of an id, through the redirects of merges."""
        while record_id in self.redirects:
            record_id = self.redirects[record_id]
        found = self.records.get(record_id)
        return found if found is not None and (found.archived_ms is not None) == archived else None

    def holder(self, name: str, value: str) -> str | None:
        """The id of the record that has this value of a unique property."""
        return self._unique.get(name, {}).get(unique_key(self.kind.name, name, value))

    def claim(self, name: str, value: str, record_id: str) -> None:
        """Gives a unique value to a record."""
        self._unique.setdefault(name, {})[unique_key(self.kind.name, name, value)] = record_id

    def release(self, name: str, value: str, record_id: str) -> None:
        """Takes a unique value from a record, if it is the one that has it."""
        key, taken = unique_key(self.kind.name, name, value), self._unique.get(name, {})
        if taken.get(key) == record_id:
            del taken[key]

    def add(self, record: Record) -> None:
        """Puts a new record on the shelf and into the index."""
        self.records[record.id] = record
        insort(self._living, record.number)
        self.reindex(record)

    def shelve(self, record: Record, archived: bool) -> None:
        """Moves a record into the recycle bin, or out of it."""
        origin, target = (
            (self._living, self._archived) if archived else (self._archived, self._living)
        )
        _discard(origin, record.number)
        insort(target, record.number)
        if archived:
            self._binned.append((record.archived_ms or 0, record))
            self.index.remove(record.number)
        else:
            self.reindex(record)

    def expired(self, before_ms: int) -> list[Record]:
        """What has been in the recycle bin since before an instant, each told once."""
        found = []
        while self._binned and self._binned[0][0] < before_ms:
            archived_ms, record = self._binned.popleft()
            if record.archived_ms == archived_ms and record.id in self.records:
                found.append(record)
        return found

    def drop(self, record: Record) -> None:
        """Takes a record away for good."""
        del self.records[record.id]
        _discard(self._archived if record.archived_ms is not None else self._living, record.number)
        self.index.remove(record.number)

    def reindex(self, record: Record) -> None:
        """Tells search about a record's present values."""
        self.index.put(Indexed(record.number, record.created_ms, record.updated_ms, record.values))

    def page(self, after: int, limit: int, archived: bool) -> tuple[list[Record], int | None]:
        """Records from number `after` on, in the order of their ids, and the next number."""
        numbers = self._archived if archived else self._living
        start = bisect_left(numbers, after)
        chosen = numbers[start : start + limit]
        following = start + limit
        next_number = numbers[following] if following < len(numbers) else None
        return [self.records[str(number)] for number in chosen], next_number

    def numbers(self, archived: bool) -> list[int]:
        """The numbers of the living or the archived records, in order."""
        return list(self._archived if archived else self._living)

    def archived_among(self, ids: Mapping[str, object]) -> int:
        """How many of these ids are archived records'; quick where few are archived or asked."""
        if len(self._archived) < len(ids):
            return sum(str(number) in ids for number in self._archived)
        found = (self.records.get(one) for one in ids)
        return sum(one is None or one.archived_ms is not None for one in found)

    def living(self) -> list[Record]:
        """All living records in the order of their ids."""
        return [self.records[str(number)] for number in self._living]


def _discard(numbers: list[int], number: int) -> None:
    at = bisect_left(numbers, number)
    if at < len(numbers) and numbers[at] == number:
        del numbers[at]
