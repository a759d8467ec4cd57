"""
Reading all records of an entity while people go on working: pages by time, never by position.

Each page starts at the last second of the one before; what was seen of that second is left out.
Only a second that fills a whole page is read by position, each page starting at the last row of
the one before: if that row is no longer there, rows have moved, and the second is read again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from ledgerbridge.connectors.port import Page
from ledgerbridge.connectors.quickbooks.api import Api
from ledgerbridge.connectors.quickbooks.instants import next_second
from ledgerbridge.connectors.quickbooks.query import CREATED, from_on, select
from ledgerbridge.connectors.quickbooks.schema import Entity
from ledgerbridge.core.model import Record
from ledgerbridge.errors import Retry

REREADS_MAX = 10


class Pages:
    """The pages of one entity, ordered by one of its two times."""

    def __init__(
        self, api: Api, entity: Entity, time: str, rows_max: int, conditions: Sequence[str] = ()
    ) -> None:
        self._api, self._entity, self._time = api, entity, time
        self._rows_max, self._conditions = rows_max, tuple(conditions)

    async def since(self, start: str | None) -> AsyncIterator[Page]:
        """All records from an instant on (None: from the beginning), each at least once."""
        seen: set[str] = set()
        while True:
            window = () if start is None else from_on(self._time, start)
            rows = await self._page(window)
            yield self._fresh(rows, seen)
            if len(rows) < self._rows_max:
                return
            last = self._time_of(rows[-1])
            seen = {row.id for row in rows if self._time_of(row) == last}
            if len(seen) < len(rows):
                start = last
                continue
            async for page in self._second(last, rows[-1].id, seen):
                yield page
            start, seen = next_second(last), set()

    async def _second(self, second: str, last_id: str, seen: set[str]) -> AsyncIterator[Page]:
        """The rest of a second whose first page was seen and ended with `last_id`."""
        window = from_on(self._time, second, next_second(second))
        position, rereads = self._rows_max, 0
        while True:
            rows = await self._page(window, position)
            moved = position > 1 and (not rows or rows[0].id != last_id)
            yield self._fresh(rows, seen)
            seen.update(row.id for row in rows)
            if moved:
                rereads += 1
                if rereads > REREADS_MAX:
                    raise Retry(
                        "moving_data",
                        f"{self._entity.name} records of {second} kept moving while being read.",
                        remedy="They are read again later.",
                    )
                position = 1
                continue
            if len(rows) < self._rows_max:
                return
            position, last_id = position + len(rows) - 1, rows[-1].id

    async def _page(self, window: Sequence[str], position: int = 1) -> list[Record]:
        statement = select(
            self._entity,
            (*self._conditions, *window),
            order=f"{self._time}, Id",
            rows_max=self._rows_max,
            start=position,
        )
        return await self._api.records(self._entity, statement)

    def _time_of(self, record: Record) -> str:
        return record.created_at if self._time == CREATED else record.modified_at

    def _fresh(self, rows: Sequence[Record], seen: set[str]) -> Page:
        fresh = tuple(row for row in rows if row.id not in seen)
        return Page(self._entity.name, fresh)
