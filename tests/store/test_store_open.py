"""The database: opening, transactions, and what is said about a bad one."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from store_world import (
    PORTAL,
    StandingClock,
    ask,
    contact,
    do,
    fresh_world,
    later,
    open_store,
    url_of,
)

from ledgerbridge.core.model import Record
from ledgerbridge.errors import StoreProblem, UsageError
from ledgerbridge.store import database, records, syncs, tables
from ledgerbridge.store.database import Store
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.store.upgrade import REVISIONS, upgrade


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledgerbridge.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with fresh_world(path) as store:
        yield store


class Death(BaseException):
    """What a hook raises: the process dies there."""


def die() -> None:
    raise Death


def make(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as raw, raw:
        for statement in statements:
            raw.execute(statement)


def test_a_new_database_is_made_with_its_folder_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "data" / "ledgerbridge.db"
    with open_store(path) as store:
        do(store, syncs.set_setting, "colour", {"name": "blue"})
    with open_store(path) as store:
        assert ask(store, syncs.setting, "colour") == {"name": "blue"}

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_migrations_build_exactly_the_tables_that_the_code_knows(path: Path) -> None:
    open_store(path).close()
    engine = create_engine(url_of(path))
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), tables.metadata)
    engine.dispose()

    assert differences == []


def test_the_known_revisions_are_those_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", "ledgerbridge.store:migrations")
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config).walk_revisions()

    assert [script.revision for script in scripts][::-1] == list(REVISIONS)


def test_an_intent_is_on_disk_when_write_returns(store: Store) -> None:
    def pragmas(tx: Transaction) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return {name: tx.rows(f"PRAGMA {name}")[0][0] for name in names}

    assert ask(store, pragmas) == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_postgresql_is_refused_until_scale_out(scheme: str) -> None:
    with pytest.raises(StoreProblem, match=r"comes with scale-out.*Use SQLite now"):
        Store.open(f"{scheme}://user:pass@db.example.com/lb", clock=StandingClock())


@pytest.mark.parametrize(
    "url",
    ["", "ledgerbridge.db", "sqlite://", "sqlite:///:memory:", "a://b", "sqlite:////a.db?mode=ro"],
)
def test_a_url_that_does_not_name_a_file_and_nothing_else_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="LEDGERBRIDGE_DATABASE_URL"):
        Store.open(url, clock=StandingClock())


def test_a_failing_function_leaves_nothing_behind(store: Store) -> None:
    def fails(tx: Transaction) -> None:
        syncs.set_setting(tx, "half", 1)
        raise ValueError("midway")

    with pytest.raises(ValueError, match="midway"):
        do(store, fails)

    assert ask(store, syncs.setting, "half") is None


def test_death_before_the_commit_leaves_nothing_and_after_it_everything(store: Store) -> None:
    store.before_commit = die
    with pytest.raises(Death):
        do(store, syncs.set_setting, "before", 1)
    store.before_commit, store.after_commit = None, die
    with pytest.raises(Death):
        do(store, syncs.set_setting, "after", 1)
    with open_store(store.path) as again:
        kept = [ask(again, syncs.setting, name) for name in ("before", "after")]

    assert kept == [None, 1]


def test_a_read_cannot_write(store: Store) -> None:
    with pytest.raises(RuntimeError, match="wrote to it"):
        ask(store, syncs.set_setting, "sneaked", 1)

    assert ask(store, syncs.setting, "sneaked") is None


def test_a_read_does_not_call_the_hooks(store: Store) -> None:
    store.before_commit = store.after_commit = die

    assert ask(store, syncs.setting, "anything") is None


async def test_functions_run_one_by_one_on_one_thread_that_is_not_the_callers(path: Path) -> None:
    at_work: list[int] = []

    def count_up(tx: Transaction) -> None:
        at_work.append(threading.get_ident())
        syncs.set_setting(tx, "count", (syncs.setting(tx, "count") or 0) + 1)

    with Store.open(url_of(path), clock=StandingClock()) as store:
        await asyncio.gather(*(store.write(count_up) for _ in range(20)))
        assert await store.read(syncs.setting, "count") == 20

    assert len(set(at_work)) == 1
    assert threading.get_ident() not in at_work


def test_a_damaged_page_is_named_when_it_is_met(path: Path) -> None:
    page = [contact(str(number), name="x" * 500) for number in range(200)]
    with fresh_world(path) as store:
        do(store, store_contacts, page)
    healthy = path.read_bytes()
    path.write_bytes(healthy[:8192] + b"\xff" * (len(healthy) - 8192))
    with (
        pytest.raises(StoreProblem, match=r"is damaged.*Nothing was written.*backup"),
        open_store(path) as store,
    ):
        ask(store, records.get_many, PORTAL, "contacts", [record.id for record in page])


def test_the_alembic_table_of_another_program_does_not_fool_us(path: Path) -> None:
    make(path, "CREATE TABLE alembic_version (version_num TEXT)",
         "INSERT INTO alembic_version VALUES ('0001')")  # fmt: skip
    with pytest.raises(StoreProblem, match="tables of another program"):
        open_store(path)


def test_an_upgrade_that_dies_midway_leaves_an_empty_database_that_can_be_opened(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies_at_the_end(connection: Connection) -> None:
        upgrade(connection)
        raise Death

    monkeypatch.setattr(database, "upgrade", dies_at_the_end)
    with pytest.raises(Death):
        open_store(path)
    monkeypatch.undo()
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    with open_store(path) as store:
        assert ask(store, syncs.every) == []


def test_a_full_disk_is_named_and_nothing_is_half_written(store: Store) -> None:
    page = [contact(str(number), name="x" * 1000) for number in range(1000)]
    ((pages,),) = ask(store, lambda tx: tx.rows("PRAGMA page_count"))
    ask(store, lambda tx: tx.rows(f"PRAGMA max_page_count = {pages + 10}"))
    with pytest.raises(StoreProblem, match=r"the disk is full.*Nothing was written.*Free some"):
        do(store, store_contacts, page)
    assert ask(store, records.count, PORTAL, "contacts") == 0

    ask(store, lambda tx: tx.rows("PRAGMA max_page_count = 100000"))
    do(store, store_contacts, page)
    assert ask(store, records.count, PORTAL, "contacts") == 1000


def test_a_read_only_file_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(path: Path, lock_wait_s_max: float) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)

    open_store(path).close()
    monkeypatch.setattr(database, "_connect", read_only)
    with (
        open_store(path) as store,
        pytest.raises(StoreProblem, match=r"is read-only.*writable for this user"),
    ):
        do(store, syncs.set_setting, "a", 1)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    with pytest.raises(StoreProblem, match=r"cannot be opened .*LEDGERBRIDGE_DATABASE_URL"):
        open_store(tmp_path / "data" / "ledgerbridge.db")


def test_a_folder_in_place_of_the_file_is_named(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreProblem, match="cannot be opened"):
        open_store(path)


def test_a_broken_rule_of_the_tables_is_called_our_defect(store: Store) -> None:
    with pytest.raises(StoreProblem, match=r"breaks one of its rules.*FOREIGN KEY.*defect"):
        do(store, store_contacts, [contact("1")], connection="nobody")


def test_a_mistake_in_our_sql_is_not_blamed_on_the_database(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        ask(store, lambda tx: tx.rows("SELECT * FROM nonsense"))


def store_contacts(tx: Transaction, page: list[Record], connection: str = PORTAL) -> list[str]:
    return records.store_page(
        tx,
        connection,
        "contacts",
        page,
        keys_of=lambda record: [],
        newer=records.hubspot_newer,
        now=later(0),
    )
