"""
What search sees of one object type: for each record the values it had when it was last indexed.

Without lag every write is indexed at once. With lag a change waits, and until then search shows the
version before it, or nothing of a new record. An archived record leaves at once.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Values = Mapping[str, str]
Modified = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Indexed:
    """One record as search knows it."""

    number: int
    created_ms: int
    modified_ms: int
    values: Values


class SearchIndex:
    """The indexed version of every living record, and all of them by modification time."""

    def __init__(self, now_ms: Callable[[], int], lag_ms: int) -> None:
        self._now_ms, self._lag_ms = now_ms, lag_ms
        self._held_until_ms = 0
        self._waiting: deque[tuple[int, Indexed]] = deque()
        self._known: dict[int, Indexed] = {}
        self._by_modified: list[Modified] = []

    def waiting(self) -> list[int]:
        """The numbers of the records whose latest change search does not know yet."""
        return [version.number for _, version in self._waiting]

    @property
    def lags(self) -> bool:
        """Whether search may be behind the records."""
        return self._lag_ms > 0 or bool(self._waiting)

    def hold(self, until_ms: int) -> None:
        """Shows no change that happens from now on before that instant; the present ends it."""
        self._held_until_ms = until_ms
        latest_ms = max(until_ms, self._now_ms() + self._lag_ms)
        self._waiting = deque((min(due_ms, latest_ms), one) for due_ms, one in self._waiting)

    def put(self, version: Indexed) -> None:
        """A record was made or changed."""
        due_ms = max(self._now_ms() + self._lag_ms, self._held_until_ms)
        if self._lag_ms == 0 and due_ms > self._held_until_ms and not self._waiting:
            self._index(version)
        else:
            self._waiting.append((due_ms, version))
            self.catch_up()

    def remove(self, number: int) -> None:
        """A record was archived, merged away or erased."""
        self.catch_up()
        self._waiting = deque(one for one in self._waiting if one[1].number != number)
        self._forget(number)

    def catch_up(self) -> None:
        """Indexes the changes whose time has come."""
        now_ms = self._now_ms()
        while self._waiting and self._waiting[0][0] <= now_ms:
            self._index(self._waiting.popleft()[1])

    def known(self) -> Mapping[int, Indexed]:
        """All indexed records by number; not in any order."""
        return self._known

    def modified_between(self, low_ms: int, high_ms: int) -> list[int]:
        """The numbers of records modified in `low_ms`..`high_ms`, both included, oldest first."""
        low = bisect_left(self._by_modified, (low_ms, -1))
        high = bisect_left(self._by_modified, (high_ms + 1, -1))
        return [number for _, number in self._by_modified[low:high]]

    def _index(self, version: Indexed) -> None:
        self._forget(version.number)
        self._known[version.number] = version
        entry = (version.modified_ms, version.number)
        if not self._by_modified or self._by_modified[-1] < entry:
            self._by_modified.append(entry)
        else:
            insort(self._by_modified, entry)

    def _forget(self, number: int) -> None:
        old = self._known.pop(number, None)
        if old is not None:
            at = bisect_left(self._by_modified, (old.modified_ms, number))
            del self._by_modified[at]
