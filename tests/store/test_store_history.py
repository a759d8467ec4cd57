"""The journal, runs, acceptances, cursors, syncs and settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from store_world import (
    COMPANY,
    NOW,
    PORTAL,
    SYNC,
    ask,
    do,
    fresh_world,
    later,
    live_link,
    open_store,
)

from ledgerbridge.core.model import Attachment, LineLink, Side
from ledgerbridge.errors import StoreProblem
from ledgerbridge.store import connections, journal, links, operations, pending, runs, syncs
from ledgerbridge.store.database import Store
from ledgerbridge.store.journal import Entry, LossEntry, WriteEntry
from ledgerbridge.store.operations import Operation, SentRequest
from ledgerbridge.store.runs import Acceptance, Cursor, Run
from ledgerbridge.store.syncs import Sync


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_world(tmp_path / "ledgerbridge.db") as store:
        yield store


def write(record_id: str, *, run: str = "r1") -> WriteEntry:
    return WriteEntry(
        at=NOW,
        run=run,
        sync=SYNC,
        link="a",
        side=Side.HUBSPOT,
        object_type="contacts",
        record_id=record_id,
        changes={"firstname": ("Ann", "Anne"), "city": (None, "Graz"), "zip": ("8010", None)},
    )


def loss(record_id: str, *, run: str = "r1") -> LossEntry:
    return LossEntry(
        at=later(1),
        run=run,
        sync=SYNC,
        link="a",
        side=Side.QUICKBOOKS,
        object_type="Customer",
        record_id=record_id,
        field="GivenName",
        value="Anna",
        winner=None,
        reason="conflict rule of the sync: hubspot",
    )


def without_seq(entries: list[Entry]) -> list[Entry]:
    return [msgspec.structs.replace(entry, seq=0) for entry in entries]


def test_the_journal_shows_the_newest_first_in_pages(store: Store) -> None:
    entries: list[Entry] = [write("1"), loss("2"), write("3")]
    do(store, journal.enter, entries)
    first = ask(store, journal.newest, 2)
    rest = ask(store, journal.newest, 2, before=first[-1].seq)

    assert without_seq(first + rest) == entries[::-1]


def test_the_journal_is_asked_by_run_sync_record_and_kind(store: Store) -> None:
    do(store, journal.enter, [write("1"), write("2", run="r2"), loss("1", run="r2")])

    assert without_seq(ask(store, journal.newest, 9, run="r1")) == [write("1")]
    assert ask(store, journal.newest, 9, sync="invoices") == []
    assert len(ask(store, journal.newest, 9, sync=SYNC)) == 3
    assert without_seq(ask(store, journal.newest, 9, record=(Side.HUBSPOT, "1"))) == [write("1")]
    assert without_seq(ask(store, journal.newest, 9, kind="loss")) == [loss("1", run="r2")]
    assert ask(store, journal.counts, "r2") == {"write": 1, "loss": 1}
    assert ask(store, journal.counts, "r3") == {"write": 0, "loss": 0}


def test_a_run_that_was_cut_short_stays_running(store: Store) -> None:
    do(store, runs.start, Run(id="r1", kind="run", started_at=NOW))
    do(store, runs.start, Run(id="r2", kind="plan", started_at=later(5)))
    do(store, runs.finish, "r2", "clean", {"create": 3}, later(9))

    assert ask(store, runs.newest, 5) == [
        Run(
            id="r2",
            kind="plan",
            started_at=later(5),
            finished_at=later(9),
            status="clean",
            counts={"create": 3},
        ),
        Run(id="r1", kind="run", started_at=NOW),
    ]
    assert ask(store, runs.newest, 1)[0] == ask(store, runs.get, "r2")
    assert ask(store, runs.get, "r3") is None


def test_only_a_run_that_was_started_can_finish(store: Store) -> None:
    with pytest.raises(AssertionError, match="was started"):
        do(store, runs.finish, "r1", "clean", {}, NOW)


def test_the_latest_acceptance_of_a_sync_counts(store: Store) -> None:
    first = Acceptance(sync=SYNC, fingerprint="f1", counts={"create": 400}, accepted_at=NOW)
    second = Acceptance(sync=SYNC, fingerprint="f2", counts={}, accepted_at=later(9))

    assert ask(store, runs.accepted, SYNC) is None
    do(store, runs.accept, first)
    assert ask(store, runs.accepted, SYNC) == first
    do(store, runs.accept, second)
    assert ask(store, runs.accepted, SYNC) == second


def test_a_cursor_moves_and_is_forgotten_with_its_connection_only(store: Store) -> None:
    assert ask(store, runs.cursor_of, PORTAL, "contacts") is None
    do(store, runs.move_cursor, PORTAL, "contacts", Cursor("2026-03-01T00:00:00Z", "f1"))
    do(store, runs.move_cursor, PORTAL, "contacts", Cursor("2026-03-02T00:00:00Z", "f2"))
    do(store, runs.move_cursor, COMPANY, "changes", Cursor("2026-03-03T00:00:00Z", "f1"))

    assert ask(store, runs.cursor_of, PORTAL, "contacts") == Cursor("2026-03-02T00:00:00Z", "f2")
    do(store, runs.drop_cursors, PORTAL)
    assert ask(store, runs.cursor_of, PORTAL, "contacts") is None
    assert ask(store, runs.cursor_of, COMPANY, "changes") is not None


def test_a_sync_comes_back_as_it_was_put(store: Store) -> None:
    sync = Sync(
        id="invoices",
        name="Invoices",
        hubspot_connection=PORTAL,
        quickbooks_connection=COMPANY,
        definition='{"mappings": [{"hubspot": "hs_title"}]}',
        enabled=True,
        enabled_at=later(3),
        fingerprint="f1",
    )
    do(store, syncs.put, sync)

    assert ask(store, syncs.get, "invoices") == sync
    assert [one.name for one in ask(store, syncs.every)] == ["Contacts", "Invoices"]
    do(store, syncs.put, msgspec.structs.replace(sync, enabled=False))
    changed = ask(store, syncs.get, "invoices")
    assert changed is not None
    assert not changed.enabled
    assert ask(store, syncs.get, "nothing") is None


def test_a_removed_sync_takes_its_links_along_and_leaves_the_journal(store: Store) -> None:
    do(store, links.put, SYNC, [live_link("a", "1", "2")], NOW)
    child = LineLink(key="k", hubspot_id="5", base_hubspot={}, base_quickbooks={})
    do(store, links.put_lines, "a", [child])
    do(store, links.attach, SYNC, [Attachment("8", "a", "same e-mail")])
    do(store, pending.mark, SYNC, Side.HUBSPOT, ["1"], NOW)
    do(store, journal.enter, [write("1")])
    do(store, syncs.remove, SYNC)

    assert ask(store, syncs.every) == []
    assert ask(store, links.get_many, ["a"]) == {}
    assert ask(store, links.lines_of, ["a"]) == {}
    assert ask(store, pending.count, [SYNC]) == 0
    assert len(ask(store, journal.newest, 9)) == 1


def test_a_sync_with_writes_in_flight_stays(store: Store) -> None:
    planned = Operation(
        run="r1",
        sync=SYNC,
        stage=0,
        unit="a",
        side=Side.HUBSPOT,
        object_type="contacts",
        kind="create",
        record_id=None,
        payload=b"",
    )
    request = SentRequest(
        id="q",
        run="r1",
        side=Side.HUBSPOT,
        connection=PORTAL,
        kind="create",
        object_type="contacts",
        created_at=NOW,
    )
    epoch = do(store, connections.claim_epoch, [PORTAL])
    do(store, operations.spool, [planned])
    do(store, operations.send, request, [1], epoch=epoch, connections=[PORTAL])
    with pytest.raises(StoreProblem, match=r"1 writes in flight.*Run it once"):
        do(store, syncs.remove, SYNC)

    assert ask(store, syncs.get, SYNC) is not None


def test_a_setting_is_kept_until_it_is_set_again(store: Store) -> None:
    do(store, syncs.set_setting, "budget", {"calls": 500_000})
    with open_store(store.path) as again:
        assert ask(again, syncs.setting, "budget") == {"calls": 500_000}
    do(store, syncs.set_setting, "budget", 7)

    assert ask(store, syncs.setting, "budget") == 7
    assert ask(store, syncs.setting, "colour") is None
