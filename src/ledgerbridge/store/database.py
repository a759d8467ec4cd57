"""
The database: opened, checked, brought up to date; every function runs in a transaction of it.

- One connection and one writer thread: SQLite has one writer anyway, and order stays plain.
- `inline` runs functions in the caller instead (simulation: no threads, no real time).
- An intent must be on disk before its request leaves, so commits wait for the disk.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Concatenate, Literal, ParamSpec, Self, TypeAlias, TypeVar

from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import StaticPool

from ledgerbridge.clock import Clock
from ledgerbridge.errors import StoreProblem, UsageError
from ledgerbridge.store.claim import Claim
from ledgerbridge.store.problems import clear_problems
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.store.upgrade import is_current, upgrade

P = ParamSpec("P")
T = TypeVar("T")
Hook: TypeAlias = Callable[[], None]
Mode: TypeAlias = Literal["IMMEDIATE", "DEFERRED"]

LOCK_WAIT_S_MAX = 5.0
PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -16000",  # KiB
    # Pages: moving them out of the log is what costs most, and a larger log moves each less often.
    "PRAGMA wal_autocheckpoint = 4000",
)


def path_of(url: str) -> Path:
    """
    The file of a `sqlite:///…` URL.

    Raises StoreProblem for PostgreSQL, UsageError for anything else.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UsageError(
            "LEDGERBRIDGE_DATABASE_URL is not a URL. "
            "Write it like sqlite:////folder/ledgerbridge.db."
        ) from error
    if parsed.get_backend_name() in {"postgresql", "postgres"}:
        raise StoreProblem(
            "PostgreSQL comes with scale-out and is not there yet. Nothing was opened. "
            "Use SQLite now: LEDGERBRIDGE_DATABASE_URL=sqlite:////folder/ledgerbridge.db."
        )
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        raise UsageError(
            "LEDGERBRIDGE_DATABASE_URL names no SQLite file. "
            "Write it like sqlite:////folder/ledgerbridge.db."
        )
    return Path(str(parsed.database)).expanduser().absolute()


class Store:
    """
    An open database.

    `before_commit` and `after_commit` are called around each commit of a `write`; a test raises
    there to die at a commit: before it nothing is kept, after it everything is.
    """

    def __init__(
        self, path: Path, raw: sqlite3.Connection, clock: Clock, executor: ThreadPoolExecutor | None
    ) -> None:
        self.path = path
        self.before_commit: Hook | None = None
        self.after_commit: Hook | None = None
        self._raw, self._clock, self._executor = raw, clock, executor
        engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
        self._core = engine.connect()

    @classmethod
    def open(
        cls,
        url: str,
        *,
        clock: Clock,
        inline: bool = False,
        lock_wait_s_max: float = LOCK_WAIT_S_MAX,
    ) -> Self:
        """
        Open the database of a URL; create it (readable by its owner only) where there is none.

        Raises StoreProblem, and leaves the file as it was, when it cannot be opened, is locked,
        damaged, not ours, or newer than we are; UsageError when the URL names no SQLite file.
        """
        path = path_of(url)
        with clear_problems(path):
            raw = _connect(path, lock_wait_s_max)
            try:
                current = is_current(raw, path)
                for pragma in PRAGMAS:
                    raw.execute(pragma)
            except BaseException:
                raw.close()
                raise
            executor = None if inline else ThreadPoolExecutor(1, "ledgerbridge-store")
            store = cls(path, raw, clock, executor)
            try:
                if not current:
                    store._in_transaction("IMMEDIATE", lambda tx: upgrade(store._core))
            except BaseException:
                store.close()
                raise
            return store

    def close(self) -> None:
        """Wait for the function at work, then close the file."""
        if self._executor is not None:
            self._executor.shutdown()
        self._core.close()
        self._raw.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def claim(self) -> Claim:
        """
        Hold this database for one foreground process, until released or the process ends.

        Raises AlreadyRunning while another process holds it.
        """
        return Claim.take(self.path.with_name(self.path.name + ".lock"), self._clock.now())

    async def write(
        self, function: Callable[Concatenate[Transaction, P], T], *args: P.args, **named: P.kwargs
    ) -> T:
        """
        Run `function(tx, …)` in one transaction that is on disk when this returns.

        An exception of the function undoes all of it. Raises StoreProblem when the database does.
        """
        return await self._run(lambda: self._in_transaction("IMMEDIATE", function, *args, **named))

    async def read(
        self, function: Callable[Concatenate[Transaction, P], T], *args: P.args, **named: P.kwargs
    ) -> T:
        """Run `function(tx, …)` on one unchanging image of the database; it cannot write."""
        return await self._run(lambda: self._in_transaction("DEFERRED", function, *args, **named))

    async def _run(self, work: Callable[[], T]) -> T:
        if self._executor is None:
            return work()
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def _in_transaction(
        self,
        mode: Mode,
        function: Callable[Concatenate[Transaction, P], T],
        *args: P.args,
        **named: P.kwargs,
    ) -> T:
        writes = mode == "IMMEDIATE"
        with clear_problems(self.path):
            with self._core.begin():
                self._raw.execute(f"PRAGMA query_only = {not writes}")
                self._raw.execute(f"BEGIN {mode}")
                result = function(Transaction(self._core, self._raw), *args, **named)
                if writes and self.before_commit is not None:
                    self.before_commit()
            if writes and self.after_commit is not None:
                self.after_commit()
        return result


def _connect(path: Path, lock_wait_s_max: float) -> sqlite3.Connection:
    """A connection in autocommit mode (we begin by hand); the file is made private first."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreProblem(
            f"The database {path} cannot be opened ({error.strerror}). Nothing was written. See "
            "that the folder is writable for this user, or choose another file with "
            "LEDGERBRIDGE_DATABASE_URL."
        ) from error
    return sqlite3.connect(
        path, timeout=lock_wait_s_max, isolation_level=None, check_same_thread=False
    )
