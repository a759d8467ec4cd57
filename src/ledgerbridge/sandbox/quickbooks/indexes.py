"""
Orders and look-ups of the records, kept in step so that no query needs to sort or scan them all.

Each is made when it is first asked for. A change is only noted; what was noted is put in its new
place at the next question, or everything is sorted anew where that is cheaper.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from ledgerbridge.sandbox.quickbooks.records import Record

Key = tuple[Any, ...]
KeyOf = Callable[[Record], Key]

FOLDED = "folded "
RESORT_SHARE = 50
"""Beyond this share (one in so many) of changed records, sorting anew is cheaper."""


def by_number(record: Record) -> Key:
    """Ids as numbers."""
    return (record.number, record.id)


def by_created(record: Record) -> Key:
    """Oldest first."""
    return (record.created, record.number, record.id)


def by_updated(record: Record) -> Key:
    """Longest unchanged first."""
    return (record.updated, record.number, record.id)


def by_label(name: str) -> KeyOf:
    """A name field, compared bytewise."""
    return lambda record: (record.body.get(name, ""), record.number, record.id)


def by_folded(name: str) -> KeyOf:
    """A text field without regard to case; records without it first."""

    def key(record: Record) -> Key:
        value = record.body.get(name)
        return (value is not None, str(value or "").casefold(), record.number, record.id)

    return key


class Order:
    """The records of one table by a key; all, or the active ones."""

    def __init__(self, table: Mapping[str, Record], key: KeyOf, *, active: bool) -> None:
        self._table, self._key, self._active = table, key, active
        self._entries: list[tuple[Key, Record]] = []
        self._keys: dict[str, Key] = {}
        self._changed: set[str] = set(table)

    def note(self, id_: str) -> None:
        """The record is new, changed or gone."""
        self._changed.add(id_)

    def records(self) -> list[Record]:
        """All of them."""
        return [record for _, record in self._settled()]

    def between(self, low: datetime | None, high: datetime | None) -> list[Record]:
        """Those whose key begins with a value from low to high, both included."""
        entries = self._settled()
        first = 0 if low is None else bisect_left(entries, low, key=_first)
        last = len(entries)
        if high is not None:
            last = bisect_left(entries, True, lo=first, key=lambda entry: entry[0][0] > high)
        return [record for _, record in entries[first:last]]

    def _settled(self) -> list[tuple[Key, Record]]:
        if len(self._changed) * RESORT_SHARE > len(self._table):
            held = [record for record in self._table.values() if self._holds(record)]
            self._entries = sorted(((self._key(one), one) for one in held), key=_key_of)
            self._keys = {record.id: key for key, record in self._entries}
        else:
            for id_ in self._changed:
                self._replace(id_)
        self._changed.clear()
        return self._entries

    def _holds(self, record: Record) -> bool:
        return record.active or not self._active

    def _replace(self, id_: str) -> None:
        record = self._table.get(id_)
        new = self._key(record) if record is not None and self._holds(record) else None
        old = self._keys.get(id_)
        if old is not None:
            at = bisect_left(self._entries, old, key=_key_of)
            if new == old and record is self._entries[at][1]:
                return
            del self._entries[at], self._keys[id_]
        if record is not None and new is not None:
            self._keys[id_] = new
            insort(self._entries, (new, record), key=_key_of)


class Lookup:
    """The ids of one table's records by a value of theirs, its case folded."""

    def __init__(self, table: Mapping[str, Record], path: tuple[str, ...]) -> None:
        self._table, self._path = table, path
        self._ids: dict[str, dict[str, None]] = defaultdict(dict)
        self._values: dict[str, str] = {}
        self._changed: set[str] = set(table)

    def note(self, id_: str) -> None:
        """The record is new, changed or gone."""
        self._changed.add(id_)

    def find(self, values: Iterable[str]) -> list[Record]:
        """The records with one of these values, each once."""
        for id_ in self._changed:
            self._replace(id_)
        self._changed.clear()
        ids = dict.fromkeys(id_ for value in values for id_ in self._ids.get(value, ()))
        return [self._table[id_] for id_ in ids]

    def _replace(self, id_: str) -> None:
        record = self._table.get(id_)
        new = _value(record, self._path) if record else None
        old = self._values.get(id_)
        if new == old:
            return
        if old is not None:
            del self._ids[old][id_], self._values[id_]
        if new is not None:
            self._ids[new][id_] = None
            self._values[id_] = new


class Indexes:
    """All orders and look-ups of one company."""

    def __init__(self, tables: Mapping[str, Mapping[str, Record]]) -> None:
        self._tables = tables
        self._known: dict[str, dict[object, Order | Lookup]] = defaultdict(dict)

    def note(self, entity: str, id_: str) -> None:
        """A record of an entity is new, changed or gone."""
        for index in self._known[entity].values():
            index.note(id_)

    def order(self, entity: str, name: str, *, active: bool = False) -> Order:
        """The order by `Id`, `created`, `updated`, a name field, or `folded` and a field."""
        found = self._known[entity].get((name, active))
        if not isinstance(found, Order):
            folded = name.startswith(FOLDED)
            key = by_folded(name[len(FOLDED) :]) if folded else _KEYS.get(name) or by_label(name)
            found = Order(self._tables[entity], key, active=active)
            self._known[entity][name, active] = found
        return found

    def lookup(self, entity: str, path: tuple[str, ...]) -> Lookup:
        """The look-up by the value at a path, e.g. `("CustomerRef", "value")`."""
        found = self._known[entity].get(path)
        if not isinstance(found, Lookup):
            found = self._known[entity][path] = Lookup(self._tables[entity], path)
        return found


_KEYS: dict[str, KeyOf] = {"Id": by_number, "created": by_created, "updated": by_updated}


def _value(record: Record, path: tuple[str, ...]) -> str | None:
    value: Any = record.body
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return None if value is None else str(value).casefold()


def _key_of(entry: tuple[Key, Record]) -> Key:
    return entry[0]


def _first(entry: tuple[Key, Record]) -> Any:
    return entry[0][0]
