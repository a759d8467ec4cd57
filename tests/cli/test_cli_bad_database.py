"""What the commands say of a bad database: one sentence, an exit code, never a traceback."""

from __future__ import annotations

import base64
import errno
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import pytest

from cli.cli_world import CONNECT_HUBSPOT, Installation
from ledgerbridge.clock import SystemClock
from ledgerbridge.store.database import Store

Harm: TypeAlias = Callable[[Path], object]
COMMANDS = {
    "status": ("status",),
    "history": ("history",),
    "export": ("history", "--csv"),
    "plan": ("plan",),
    "run": ("run", "--yes"),
    "undo": ("undo", "hubspot:1", "--yes"),
    "relink": ("relink",),
    "doctor": ("doctor",),
    "sync": ("sync", "disable", "contacts"),
    "pause": ("pause", "contacts"),
    "connect": CONNECT_HUBSPOT,
}

READING = frozenset({"status", "history", "export"})


@pytest.fixture
def synced(installed: Installation) -> Installation:
    """Ada is on both sides; Zoe waits to be sent."""
    installed.customer("Ada Moreno", "ada@example.com", GivenName="Ada")
    installed.begin()
    installed.done("run", "--yes")
    installed.customer("Zoe Young", "zoe@example.com", GivenName="Zoe")
    return installed


def _sql(statement: str) -> Harm:
    def harm(path: Path) -> None:
        with closing(sqlite3.connect(path)) as raw, raw:
            raw.execute(statement)

    return harm


def _noise(path: Path) -> None:
    """One page in the middle is overwritten: the first of the history."""
    with closing(sqlite3.connect(path)) as raw:
        where = "SELECT rootpage FROM sqlite_master WHERE name = 'journal'"
        ((page,),) = raw.execute(where).fetchall()
    whole = bytearray(path.read_bytes())
    whole[(page - 1) * 4096 : page * 4096] = b"\xa5" * 4096
    path.write_bytes(whole)


def _other(path: Path) -> None:
    path.unlink()
    _sql("CREATE TABLE recipes (name TEXT)")(path)


def _journal(path: Path) -> None:
    path.with_name(path.name + "-journal").write_bytes(b"\xd9\xd5\x05\xf9 of another file")


BAD: dict[str, tuple[Harm, str]] = {
    "a text": (lambda path: path.write_text("Dear diary\n" * 99), "is not a database"),
    "zeros": (lambda path: path.write_bytes(bytes(99_999)), "is not a database"),
    "half": (lambda path: path.write_bytes(path.read_bytes()[:40_000]), "is damaged"),
    "another program's": (_other, "tables of another program"),
    "newer": (_sql("UPDATE alembic_version SET version_num = '9999'"), "by a newer version"),
    "with another's journal": (_journal, "rollback journal"),
}


@pytest.mark.parametrize("bad", BAD)
def test_every_command_refuses_it_and_changes_nothing(bad: str, synced: Installation) -> None:
    harm, said = BAD[bad]
    harm(synced.database)
    before = synced.database.read_bytes()

    for command in COMMANDS.values():
        result = synced.done(*command, exit_code=1)
        assert said in result.stderr, command
        assert "Nothing was written" in result.stderr
        assert "Traceback" not in result.output

    assert synced.database.read_bytes() == before
    assert len(synced.contacts()) == 1


def test_with_a_damaged_page_only_what_reads_goes_on(synced: Installation) -> None:
    _noise(synced.database)
    before = synced.database.read_bytes()

    for name in sorted(COMMANDS.keys() - READING):
        failed = synced.done(*COMMANDS[name], exit_code=1)
        assert "is damaged" in failed.stderr, name
        assert "restore the file from a backup" in failed.stderr
    assert "is damaged" in synced.done(*COMMANDS["export"], exit_code=1).stderr
    for name in ("status", "history"):
        synced.done(*COMMANDS[name])

    assert synced.database.read_bytes() == before
    assert len(synced.contacts()) == 1


def test_json_says_it_as_well(synced: Installation) -> None:
    _noise(synced.database)

    failure = synced.asked("run", "--yes", exit_code=1)

    assert failure["error"] == "StoreProblem"
    assert "is damaged" in failure["message"]


def test_over_a_cut_history_undo_refuses_and_the_run_goes_on(synced: Installation) -> None:
    synced.done("run", "--yes")
    first = synced.asked("history")["runs"][-1]["id"]
    _sql("DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)")(synced.database)
    before = synced.contacts()

    refused = synced.done("undo", first, "--yes", exit_code=1)

    assert "The history is not whole: it lacks 1 of its entries" in refused.stderr
    assert synced.contacts() == before
    assert "It lacks 1 of its entries" in " ".join(
        synced.done("doctor", exit_code=1).stdout.split()
    )
    assert "Nothing to do" in synced.done("run", "--yes").stdout
    assert synced.done("history", "--run", first).exit_code == 0


def test_an_entry_that_cannot_be_read_is_named_by_what_reads_it(synced: Installation) -> None:
    first = synced.asked("history")["runs"][-1]["id"]
    _sql("UPDATE journal SET changes = x'ff00'")(synced.database)

    for command in (("undo", first, "--yes"), ("history", "--run", first), ("history", "--csv")):
        failed = synced.done(*command, exit_code=1)
        assert "of the history cannot be read" in failed.stderr, command

    assert synced.asked("run", "--yes")["writes"] == 1


def test_while_one_process_is_at_work_another_only_reads(synced: Installation) -> None:
    with Store.open(f"sqlite:///{synced.database}", clock=SystemClock()) as store, store.claim():
        for name in sorted(COMMANDS.keys() - READING):
            failed = synced.done(*COMMANDS[name], exit_code=5)
            assert "Another ledgerbridge process (pid " in failed.stderr, name
            assert "Nothing was done. Wait until it is done, or stop it" in failed.stderr
        for name in READING:
            synced.done(*COMMANDS[name])

    assert len(synced.contacts()) == 1


def _without_key(synced: Installation) -> None:
    synced.database.with_name(synced.database.name + ".key").unlink()


def _with_another_key(synced: Installation) -> None:
    synced.environment["LEDGERBRIDGE_SECRET_KEY"] = base64.b64encode(bytes(32)).decode()


def _with_cut_tokens(synced: Installation) -> None:
    _sql("UPDATE connection SET token = substr(token, 1, 20)")(synced.database)


@pytest.mark.parametrize("harm", [_without_key, _with_another_key, _with_cut_tokens])
def test_tokens_that_cannot_be_decrypted_stop_all_that_sends_until_connected_again(
    harm: Callable[[Installation], None], synced: Installation
) -> None:
    harm(synced)

    for name in ("run", "plan", "undo", "relink"):
        failed = synced.done(*COMMANDS[name], exit_code=1)
        assert "cannot be decrypted with" in failed.stderr, name
        assert "Nothing was sent. Bring back the key that was used, or connect" in failed.stderr
    assert len(synced.contacts()) == 1
    synced.done("status")

    synced.environment["SANDBOX_QUICKBOOKS_REFRESH_TOKEN"] = synced.quickbooks.issue_tokens()[1]
    synced.connect()
    assert synced.asked("run", "--yes")["writes"] == 1


def test_a_file_that_may_not_be_written_is_named(
    synced: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def denied(path: str | Path, flags: int, mode: int = 0o777, **more: int) -> int:
        if Path(path) == synced.database and flags & (os.O_RDWR | os.O_WRONLY):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return opened(path, flags, mode, **more)

    monkeypatch.setattr(os, "open", denied)

    for command in COMMANDS.values():
        failed = synced.done(*command, exit_code=1)
        assert "cannot be opened (Permission denied). Nothing was written" in failed.stderr
        assert "the file and its folder are writable" in failed.stderr
