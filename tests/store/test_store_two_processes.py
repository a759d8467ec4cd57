"""Two processes at one database: the claim, the lock, and a process killed at a commit."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from store_world import NOW, ask, do, fresh_world, open_store

from ledgerbridge.errors import AlreadyRunning, StoreProblem
from ledgerbridge.store import syncs
from ledgerbridge.store.database import Store
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.store.upgrade import APPLICATION_ID, REVISIONS

HOLD = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from ledgerbridge.store.claim import Claim
with Claim.take(Path(sys.argv[1] + ".lock"), datetime(2026, 3, 1, 12, tzinfo=UTC)):
    print("held", flush=True)
    sys.stdin.read()
"""
DIE_AT_COMMIT = """
import asyncio, os, sys
from ledgerbridge.clock import SystemClock
from ledgerbridge.store import syncs
from ledgerbridge.store.database import Store
store = Store.open("sqlite:///" + sys.argv[1], clock=SystemClock(), inline=sys.argv[3] == "inline")
setattr(store, sys.argv[2], lambda: os._exit(9))
asyncio.run(store.write(syncs.set_setting, "intent", "left"))
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_world(tmp_path / "ledgerbridge.db") as store:
        yield store


@contextmanager
def holder_of(path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_process_is_told_who_is_at_work_since_when(store: Store) -> None:
    with holder_of(store.path) as process, pytest.raises(AlreadyRunning) as told:
        store.claim()

    assert f"(pid {process.pid}, since 2026-03-01 12:00:00 UTC)" in str(told.value)
    assert "Wait until it is done, or stop it" in str(told.value)


def test_the_claim_of_a_killed_process_ends_with_it(store: Store) -> None:
    with holder_of(store.path) as process:
        process.kill()
        process.wait()
        store.claim().release()


def test_one_process_cannot_claim_twice_until_it_released(store: Store) -> None:
    with store.claim(), pytest.raises(AlreadyRunning, match=f"pid {os.getpid()}"):
        store.claim()

    with store.claim() as again:
        again.release()


def test_a_holder_that_has_not_written_its_name_yet_is_still_a_holder(store: Store) -> None:
    with store.claim():
        store.path.with_name(store.path.name + ".lock").write_bytes(b"")
        with pytest.raises(AlreadyRunning, match="just started"):
            store.claim()


def test_a_claim_without_a_place_for_its_file_says_so(store: Store) -> None:
    store.path.with_name(store.path.name + ".lock").mkdir()
    with pytest.raises(StoreProblem, match=r"lock file .* cannot be opened"):
        store.claim()


def test_one_database_under_two_names_is_claimed_once(store: Store, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "other-name.db"
    link.symlink_to(store.path)
    with open_store(link) as same, store.claim(), pytest.raises(AlreadyRunning):
        same.claim()


def test_a_claim_that_cannot_be_written_down_says_so_and_is_given_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, text: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(os, "write", full)
        with pytest.raises(StoreProblem, match=r"No space left.*Nothing was done.*free space"):
            store.claim()

    store.claim().release()


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_an_older_database_is_brought_up_to_date_but_not_under_a_process_at_work(
    revision: str, tmp_path: Path
) -> None:
    path = tmp_path / "older.db"
    _make(path, revision)
    before = path.read_bytes()

    with holder_of(path), pytest.raises(AlreadyRunning, match="Nothing was done"):
        open_store(path)
    assert path.read_bytes() == before

    with open_store(path) as store:
        assert ask(store, syncs.setting, "kept") == "from before"
        assert ask(store, lambda tx: tx.rows("SELECT * FROM alembic_version")) == [(REVISIONS[-1],)]


def _make(path: Path, revision: str) -> None:
    """A database as a version of ours made it that knew only the first revisions."""
    config = Config()
    config.set_main_option("script_location", "ledgerbridge.store:migrations")
    config.set_main_option("path_separator", "os")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        kept = ("kept", '"from before"')
        connection.exec_driver_sql("INSERT INTO setting (name, value) VALUES (?, ?)", kept)
    engine.dispose()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA journal_mode = WAL")


def test_a_locked_database_is_named_and_free_again_later(store: Store) -> None:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreProblem, match=r"locked by another process.*Nothing was written"):
            do(store, syncs.set_setting, "a", 1)
        assert ask(store, syncs.setting, "a") is None  # readers go on
        other.execute("ROLLBACK")
    do(store, syncs.set_setting, "a", 1)

    assert ask(store, syncs.setting, "a") == 1


def test_a_new_database_that_another_process_is_making_is_locked_too(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreProblem, match="locked by another process"):
            open_store(path)
        other.execute("ROLLBACK")

    with open_store(path) as store:
        assert ask(store, syncs.every) == []


@pytest.mark.parametrize("executor", ["inline", "thread"])
@pytest.mark.parametrize(("hook", "kept"), [("before_commit", None), ("after_commit", "left")])
def test_a_process_killed_at_a_commit_keeps_all_of_it_or_nothing(
    store: Store, hook: str, kept: str | None, executor: str
) -> None:
    command = [sys.executable, "-c", DIE_AT_COMMIT, str(store.path), hook, executor]
    assert subprocess.run(command, check=False).returncode == 9

    assert ask(store, syncs.setting, "intent") == kept


def test_the_clock_of_the_store_dates_the_claim(store: Store) -> None:
    with store.claim(), pytest.raises(AlreadyRunning, match=f"since {NOW:%Y-%m-%d %H:%M:%S} UTC"):
        store.claim()


def test_nobody_writes_between_the_reading_and_the_writing_of_one_step(store: Store) -> None:
    def count_up(tx: Transaction) -> None:
        before = syncs.setting(tx, "count") or 0
        with (
            closing(sqlite3.connect(store.path, isolation_level=None, timeout=0)) as other,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("BEGIN IMMEDIATE")
        syncs.set_setting(tx, "count", before + 1)

    do(store, count_up)

    assert ask(store, syncs.setting, "count") == 1


def test_the_name_of_an_earlier_holder_leaves_no_trace(store: Store) -> None:
    store.path.with_name(store.path.name + ".lock").write_bytes(b"x" * 200)
    with store.claim(), pytest.raises(AlreadyRunning, match=f"pid {os.getpid()}, since"):
        store.claim()
