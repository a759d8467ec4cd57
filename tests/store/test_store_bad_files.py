"""Files that are damaged or not ours: refused in words, and not a byte of them is changed."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import pytest
from store_world import ask, do, fresh_world, open_store

from ledgerbridge.errors import StoreProblem
from ledgerbridge.store import syncs
from ledgerbridge.store.database import Store
from ledgerbridge.store.upgrade import REVISIONS

Harm: TypeAlias = Callable[[Path], None]
PAGE = 4096
OURS = "Keep a copy of it, then restore the file from a backup"
FOREIGN = "Choose another file with LEDGERBRIDGE_DATABASE_URL"
NOT_ONE = "Restore the file from a backup, or choose another one"
NOTES = 40


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database of ours, closed, with something in it."""
    path = tmp_path / "ledgerbridge.db"
    with fresh_world(path) as store:
        _fill(store, "before")
    assert _at_path(path).keys() == {path.name}
    return path


def _fill(store: Store, value: str) -> None:
    for number in range(NOTES):
        do(store, syncs.set_setting, f"note {number}", value * 100)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _at_path(path: Path) -> dict[str, bytes]:
    """The file and its journals, byte for byte; not SQLite's index of a log."""
    names = (path, _beside(path, "-wal"), _beside(path, "-journal"))
    return {one.name: one.read_bytes() for one in names if one.is_file()}


def _text(text: str) -> Harm:
    def harm(path: Path) -> None:
        path.write_text(text)

    return harm


def _sql(*statements: str) -> Harm:
    def harm(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as raw:
            for statement in statements:
                raw.execute(statement)

    return harm


def _anew(*statements: str) -> Harm:
    def harm(path: Path) -> None:
        path.unlink()
        _sql(*statements)(path)

    return harm


def _cut(size: Callable[[int], int]) -> Harm:
    def harm(path: Path) -> None:
        whole = path.read_bytes()
        path.write_bytes(whole[: size(len(whole))])

    return harm


def _over(start: int, data: bytes) -> Harm:
    def harm(path: Path) -> None:
        whole = path.read_bytes()
        path.write_bytes(whole[:start] + data + whole[start + len(data) :])

    return harm


def _page_of(name: str, byte: bytes) -> Harm:
    """The first page of a table or index is overwritten."""

    def harm(path: Path) -> None:
        with closing(sqlite3.connect(path)) as raw:
            where = "SELECT rootpage FROM sqlite_master WHERE name = ?"
            ((number,),) = raw.execute(where, (name,)).fetchall()
        _over((number - 1) * PAGE, byte * PAGE)(path)

    return harm


def _leave_behind(source: Path, ending: str, target: Path, *statements: str) -> None:
    """What a program that dies in the midst leaves beside its file, put beside ours."""
    raw = sqlite3.connect(source, isolation_level=None)
    for statement in statements:
        raw.execute(statement)
    kept = _beside(source, ending).read_bytes()
    raw.close()
    assert kept
    _beside(target, ending).write_bytes(kept)


FILLING = (
    "CREATE TABLE recipes (name TEXT)",
    "INSERT INTO recipes VALUES (hex(randomblob(40000)))",
)


def _hot_journal(path: Path) -> None:
    writes = ("PRAGMA cache_size = 1", "BEGIN", "UPDATE recipes SET name = hex(randomblob(40000))")
    _leave_behind(path.with_name("other.db"), "-journal", path, *FILLING, *writes)


def _log_of_another(path: Path) -> None:
    log = "PRAGMA journal_mode = WAL"
    _leave_behind(path.with_name("other.db"), "-wal", path, log, *FILLING)


def _log_of_a_later_time(path: Path) -> None:
    """The file is brought back from a backup, the log of the later one stays there."""
    backup = path.read_bytes()
    _sql("UPDATE setting SET value = hex(randomblob(3000))", "VACUUM")(path)
    drop = [f"DELETE FROM setting WHERE name = 'note {number}'" for number in range(0, NOTES, 2)]
    _leave_behind(path, "-wal", path.with_name("kept"), *drop)
    path.write_bytes(backup)
    _beside(path, "-wal").write_bytes(_beside(path.with_name("kept"), "-wal").read_bytes())


def _only_the_log(path: Path) -> None:
    _log_of_a_later_time(path)
    path.unlink()


def _dead_neighbour(path: Path) -> None:
    """Another program died, and its log is still beside its database."""
    path.unlink()
    other = path.with_name("other.db")
    _leave_behind(other, "-wal", path, "PRAGMA journal_mode = WAL", *FILLING)
    shutil.copy(other, path)


SITUATIONS: dict[str, tuple[Harm, str, str]] = {
    "a text": (_text("Dear diary\n" * 999), "not a database", NOT_ONE),
    "a short text": (_text("hello"), "not a database", NOT_ONE),
    "zeros": (_over(0, bytes(PAGE * 9)), "not a database", NOT_ONE),
    "the header is zeros": (_over(0, bytes(100)), "not a database", NOT_ONE),
    "the header is cut": (_cut(lambda size: 60), "is damaged", OURS),
    "half of it": (_cut(lambda size: size // 2), "is damaged", OURS),
    "half a page more": (_cut(lambda size: size // 2 + 1000), "is damaged", OURS),
    "its last page is gone": (_cut(lambda size: size - PAGE), "is damaged", OURS),
    "its schema is overwritten": (_over(108, b"\xff" * 3000), "is damaged", OURS),
    "no revision": (_sql("DELETE FROM alembic_version"), "not say of which revision", OURS),
    "two revisions": (
        _sql("INSERT INTO alembic_version VALUES ('0001')"), "not say of which revision", OURS
    ),
    "a revision that never was": (
        _sql("UPDATE alembic_version SET version_num = '000'"), "not say of which revision", OURS
    ),
    "a newer revision": (
        _sql("UPDATE alembic_version SET version_num = '9999'", "CREATE TABLE later (a)"),
        "by a newer version of Ledgerbridge .*9999", "Install that version again",
    ),
    "a table is gone": (_sql("DROP TABLE outcome"), r"it lacks outcome\.", OURS),
    "a column is gone": (
        _sql("ALTER TABLE journal DROP COLUMN reason"), r"it lacks journal\.reason", OURS
    ),
    "an index is gone": (_sql("DROP INDEX journal_run"), "it lacks journal_run", OURS),
    "tables of another program": (_anew(*FILLING), "tables of another program", FOREIGN),
    "another program's, with a log": (
        _anew("PRAGMA journal_mode = WAL", *FILLING), "tables of another program", FOREIGN
    ),
    "another program's, whose log was left": (
        _dead_neighbour, "tables of another program", FOREIGN
    ),
    "another program's, without tables": (
        _anew("PRAGMA application_id = 77"), "belongs to another program .*77", FOREIGN
    ),
    "a hot rollback journal": (
        _hot_journal, r"rollback journal, .*db-journal\..*of another file", "Move the journal away"
    ),
    "the log of another database": (_log_of_another, "db-wal beside it is of another", "backup"),
    "the log of a later time": (_log_of_a_later_time, "or of another time", "move the log away"),
    "only the log is left": (_only_the_log, "missing or empty, but the log", "Bring the file back"),
}  # fmt: skip


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_is_refused_is_named_with_a_remedy_and_stays_byte_for_byte(
    situation: str, path: Path
) -> None:
    harm, what, remedy = SITUATIONS[situation]
    harm(path)
    before = _at_path(path)

    with pytest.raises(StoreProblem, match=what) as refused:
        open_store(path)

    assert path.name in str(refused.value)
    assert "Nothing was written" in str(refused.value)
    assert remedy in str(refused.value)
    assert _at_path(path) == before


def test_a_log_that_does_not_fit_is_found_behind_a_symbolic_link(path: Path) -> None:
    _log_of_another(path)
    before = _at_path(path)
    (path.parent / "elsewhere").mkdir()
    link = path.parent / "elsewhere" / "a #name of its own.db"
    link.symlink_to(path)

    with pytest.raises(StoreProblem, match="db-wal beside it is of another"):
        open_store(link)

    assert _at_path(path) == before


def test_links_in_a_circle_are_named(tmp_path: Path) -> None:
    one, other = tmp_path / "one.db", tmp_path / "other.db"
    one.symlink_to(other)
    other.symlink_to(one)
    with pytest.raises(StoreProblem, match="cannot be opened"):
        open_store(one)


@pytest.mark.parametrize("byte", [b"\x00", b"\xa5"], ids=["zeros", "noise"])
@pytest.mark.parametrize("name", ["journal", "journal_run", "record", "link", "outcome", "run"])
def test_nobody_may_write_while_one_page_is_damaged(name: str, byte: bytes, path: Path) -> None:
    _page_of(name, byte)(path)
    before = _at_path(path)

    with (
        open_store(path) as store,
        pytest.raises(StoreProblem, match=r"is damaged \(.*age.*Nothing was written.*a backup"),
    ):
        store.claim()

    assert _at_path(path) == before


def test_a_refused_claim_is_free_again(path: Path) -> None:
    healthy = path.read_bytes()
    _page_of("journal", b"\xa5")(path)
    with open_store(path) as store:
        with pytest.raises(StoreProblem, match="is damaged"):
            store.claim()
        path.write_bytes(healthy)
        with open_store(path) as again:
            again.claim().release()


def test_an_older_database_that_is_damaged_is_not_upgraded(path: Path) -> None:
    _sql(f"UPDATE alembic_version SET version_num = '{REVISIONS[0]}'")(path)
    _page_of("record", b"\xa5")(path)
    before = _at_path(path)

    with pytest.raises(StoreProblem, match="is damaged"):
        open_store(path)

    assert _at_path(path) == before


def test_an_empty_file_becomes_a_new_database(path: Path) -> None:
    path.write_bytes(b"")

    with open_store(path) as store:
        assert ask(store, syncs.every) == []


@pytest.mark.parametrize("left", [1.0, 0.5, 0.0], ids=["whole", "cut", "missing"])
def test_with_its_own_log_the_database_is_as_of_the_last_whole_transaction(
    left: float, path: Path, tmp_path: Path
) -> None:
    died = tmp_path / "died.db"
    with open_store(path) as store:
        _fill(store, "after")
        shutil.copy(path, died)
        log = _beside(path, "-wal").read_bytes()
    if left:
        _beside(died, "-wal").write_bytes(log[: int(len(log) * left)])

    with open_store(died) as store, store.claim():
        kept = [ask(store, syncs.setting, f"note {number}") for number in range(NOTES)]

    after = kept.count("after" * 100)
    assert kept == ["after" * 100] * after + ["before" * 100] * (NOTES - after)
    assert (after == NOTES, after == 0) == (left == 1.0, left == 0.0)


def test_a_value_that_cannot_be_read_back_is_damage_and_no_defect(path: Path) -> None:
    _sql("UPDATE setting SET value = '{' WHERE name = 'note 1'")(path)
    with open_store(path) as store, pytest.raises(StoreProblem, match="value that cannot be read"):
        ask(store, syncs.setting, "note 1")


def test_bytes_that_are_no_text_are_damage_and_are_not_shown(path: Path) -> None:
    _sql("UPDATE setting SET value = CAST(x'ff414243' AS TEXT) WHERE name = 'note 1'")(path)
    with (
        open_store(path) as store,
        pytest.raises(StoreProblem, match="a text that is none") as refused,
    ):
        ask(store, syncs.setting, "note 1")

    assert "ABC" not in str(refused.value)
