"""One open transaction, as every function of the store takes it first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable

VALUES_MAX = 500  # in one `IN (…)`; SQLite takes 32,766 parameters, long lists parse slowly


class Transaction:
    """
    Statements of one transaction.

    SQLAlchemy Core for most of them (`execute`); SQL in SQLite's words where many rows go by, and
    for what every run asks (`many`, `rows`, `rows_in`).
    """

    def __init__(self, core: Connection, raw: sqlite3.Connection) -> None:
        self._core, self._raw = core, raw

    def execute(self, statement: Executable) -> CursorResult[Any]:
        """Execute one statement of SQLAlchemy Core."""
        return self._core.execute(statement)

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Execute one statement for each row of parameters; returns how many rows it touched."""
        return self._raw.executemany(sql, rows).rowcount

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement."""
        return self._raw.execute(sql, parameters).fetchall()

    def rows_in(
        self, sql: str, before: Sequence[Any], values: Iterable[Any]
    ) -> Iterator[tuple[Any, ...]]:
        """
        The rows of a statement whose last parameters are the list in `IN (*)`, part by part.

        `before` are the parameters in front of the list. Without values there are no rows.
        """
        rest = list(values)
        for start in range(0, len(rest), VALUES_MAX):
            part = rest[start : start + VALUES_MAX]
            marks = ",".join("?" * len(part))
            yield from self._raw.execute(sql.replace("(*)", f"({marks})"), (*before, *part))
