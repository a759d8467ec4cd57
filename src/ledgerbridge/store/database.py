"""
The database: opened, checked, brought up to date; every function runs in a transaction of it.

- One connection and one writer thread: SQLite has one writer anyway, and order stays plain.
- Writes that wait for that thread together share one commit, hence one wait for the disk; each is
  undone by itself (a savepoint), and none returns before all are on disk.
- `inline` runs functions in the caller instead (simulation: no threads, no real time).
- An intent must be on disk before its request leaves, so commits wait for the disk.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, Literal, ParamSpec, Self, TypeAlias, TypeVar

import msgspec
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import StaticPool

from ledgerbridge.clock import Clock
from ledgerbridge.errors import StoreProblem, UsageError
from ledgerbridge.store.claim import Claim
from ledgerbridge.store.files import beside, check_files, check_log, check_sound
from ledgerbridge.store.problems import clear_problems
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.store.upgrade import is_current, upgrade

P = ParamSpec("P")
T = TypeVar("T")
Hook: TypeAlias = Callable[[], None]
Work: TypeAlias = Callable[[Transaction], Any]
Mode: TypeAlias = Literal["IMMEDIATE", "DEFERRED"]

LOCK_WAIT_S_MAX = 5.0
STATEMENTS_KEPT_MAX = 1000  # parsed once; a list of each length is one of its own (`rows_in`)
PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -16000",  # KiB
    # Pages: moving them out of the log is what costs most, and a larger log moves each less often.
    "PRAGMA wal_autocheckpoint = 4000",
)
COMPACTING = ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)")


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
    if parsed.query:
        raise UsageError(
            "LEDGERBRIDGE_DATABASE_URL has something behind a ?, and Ledgerbridge takes no options "
            "there. Nothing was opened. Write it like sqlite:////folder/ledgerbridge.db."
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
        self._waiting: deque[tuple[Work, Future[Any]]] = deque()
        engine = create_engine(
            "sqlite://",
            creator=lambda: raw,
            poolclass=StaticPool,
            json_serializer=_json,
            json_deserializer=msgspec.json.decode,
        )
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
        damaged, not ours, or newer than we are; AlreadyRunning when it is new or older and another
        process is at work on it; UsageError when the URL names no SQLite file.
        """
        path = path_of(url)
        with clear_problems(path):
            check_files(path)
            check_log(path, lock_wait_s_max)
            raw = _connect(path, lock_wait_s_max)
            try:
                current = is_current(raw, path)
                if not current:
                    check_sound(raw, path)
                for pragma in PRAGMAS:
                    raw.execute(pragma)
            except BaseException:
                raw.close()
                raise
            executor = None if inline else ThreadPoolExecutor(1, "ledgerbridge-store")
            store = cls(path, raw, clock, executor)
            try:
                if not current:  # nobody may be at work on the tables that change
                    with store._take():
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

        Who holds it may write, so every page is looked at first: nothing is built upon damage.
        Raises AlreadyRunning while another process holds it, StoreProblem when it is damaged.
        """
        claim = self._take()
        try:
            with clear_problems(self.path):
                check_sound(self._raw, self.path)
        except BaseException:
            claim.release()
            raise
        return claim

    def _take(self) -> Claim:
        return Claim.take(beside(self.path, ".lock"), self._clock.now())

    async def write(
        self, function: Callable[Concatenate[Transaction, P], T], *args: P.args, **named: P.kwargs
    ) -> T:
        """
        Run `function(tx, …)` in one transaction that is on disk when this returns.

        An exception of the function undoes all of it. Raises StoreProblem when the database does.
        """
        work = partial(_call, function, args, named)
        if self._executor is None:
            return self._in_transaction("IMMEDIATE", work)
        done: Future[T] = Future()
        self._waiting.append((work, done))
        self._executor.submit(self._write_waiting)
        return await asyncio.wrap_future(done)

    async def read(
        self, function: Callable[Concatenate[Transaction, P], T], *args: P.args, **named: P.kwargs
    ) -> T:
        """
        Run `function(tx, …)` on one unchanging image of the database.

        Raises RuntimeError, and undoes it, when the function writes.
        """
        work = partial(self._only_read, partial(_call, function, args, named))
        if self._executor is None:
            return self._in_transaction("DEFERRED", work)
        run = asyncio.get_running_loop().run_in_executor
        return await run(self._executor, self._in_transaction, "DEFERRED", work)

    def _only_read(self, work: Callable[[Transaction], T], tx: Transaction) -> T:
        """What the work answers. PRAGMA query_only would have every kept statement parsed anew."""
        before = self._raw.total_changes
        answer = work(tx)
        if self._raw.total_changes != before:
            raise RuntimeError("A function that was to read the store wrote to it.")
        return answer

    async def compact(self) -> None:
        """
        Write the file anew, so that nothing of what was deleted or replaced can be read in it.

        Raises StoreProblem when the disk is too full for a second copy, or the file is in use.
        """
        if self._executor is None:
            self._compact()
        else:
            await asyncio.get_running_loop().run_in_executor(self._executor, self._compact)

    def _compact(self) -> None:
        with clear_problems(self.path):
            for statement in COMPACTING:
                self._raw.execute(statement)

    def _write_waiting(self) -> None:
        """Carry out all writes that wait by now; whoever comes for them later finds nothing."""
        together: list[tuple[Work, Future[Any]]] = []
        while self._waiting:
            work, done = self._waiting.popleft()
            if done.set_running_or_notify_cancel():
                together.append((work, done))
        if not together:
            return
        try:
            answers = self._in_transaction("IMMEDIATE", partial(self._each, together))
        except BaseException as error:  # noqa: BLE001 -- it is raised in everybody who waits
            answers = [(None, error)] * len(together)
        for (_, done), (answer, failure) in zip(together, answers, strict=True):
            if failure is None:
                done.set_result(answer)
            else:
                done.set_exception(failure)

    def _each(
        self, together: Sequence[tuple[Work, Future[Any]]], tx: Transaction
    ) -> list[tuple[Any, BaseException | None]]:
        """What each write answers, or the exception that undid it alone."""
        answers: list[tuple[Any, BaseException | None]] = []
        for work, _ in together:
            self._raw.execute("SAVEPOINT one")
            try:
                with clear_problems(self.path):
                    answers.append((work(tx), None))
            except BaseException as error:
                if not self._raw.in_transaction:  # a full disk undoes everything at once
                    raise
                self._raw.execute("ROLLBACK TO one")
                answers.append((None, error))
            self._raw.execute("RELEASE one")
        return answers

    def _in_transaction(self, mode: Mode, work: Callable[[Transaction], T]) -> T:
        writes = mode == "IMMEDIATE"
        with clear_problems(self.path):
            self._raw.execute(f"BEGIN {mode}")
            try:
                result = work(Transaction(self._core, self._raw))
                if writes and self.before_commit is not None:
                    self.before_commit()
                self._core.commit()  # only where a statement of its own was executed
                self._raw.commit()
            except BaseException:
                self._core.rollback()
                self._raw.rollback()
                raise
            if writes and self.after_commit is not None:
                self.after_commit()
        return result


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _call(function: Callable[..., T], args: Any, named: Any, tx: Transaction) -> T:
    return function(tx, *args, **named)


def _connect(path: Path, lock_wait_s_max: float) -> sqlite3.Connection:
    """A connection in autocommit mode (we begin by hand); the file is made private first."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreProblem(
            f"The database {path} cannot be opened ({error.strerror}). Nothing was written. See "
            "that the file and its folder are writable for this user, or choose another file with "
            "LEDGERBRIDGE_DATABASE_URL."
        ) from error
    return sqlite3.connect(
        path,
        timeout=lock_wait_s_max,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=STATEMENTS_KEPT_MAX,
    )
