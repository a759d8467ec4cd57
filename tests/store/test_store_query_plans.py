"""What runs for every page and batch finds its rows by an index, however many there are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from store_world import COMPANY, NOW, PORTAL, SYNC, contact, do, fresh_world, live_link

from ledgerbridge.core.model import Gone, LineLink, Side
from ledgerbridge.store import connections, journal, links, operations, outcomes, pending, records
from ledgerbridge.store.operations import Operation, SentRequest
from ledgerbridge.store.transaction import Transaction

# Holds what is in flight only: a handful of rows.
SMALL = {"request", "connection"}

OPERATION = Operation(
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
REQUEST = SentRequest(
    id="q",
    run="r1",
    side=Side.HUBSPOT,
    connection=PORTAL,
    kind="create",
    object_type="contacts",
    created_at=NOW,
)
LINE = LineLink(key="k", hubspot_id="5", base_hubspot={}, base_quickbooks={})


def see(tx: Transaction, version: str, email: str) -> None:
    records.store_page(
        tx,
        PORTAL,
        "contacts",
        [contact("1", version, email=email)],
        keys_of=lambda record: [("email", str(record.fields["email"]))],
        newer=records.hubspot_newer,
        now=NOW,
    )


def cycle(tx: Transaction) -> None:
    """Every function that a cycle calls for each page, batch or record."""
    see(tx, "1", "a@example.com")
    see(tx, "2", "b@example.com")
    records.mark_gone(tx, PORTAL, "contacts", [Gone("contacts", "1", "404")], NOW)
    records.get_many(tx, PORTAL, "contacts", ["1"])
    records.by_key(tx, PORTAL, "contacts", "email", ["a@example.com"])
    records.referring(tx, PORTAL, "contacts", "companies", ["1"])
    links.put(tx, SYNC, [live_link("a", "1", "2")], NOW)
    links.get_many(tx, ["a"])
    for side in Side:
        links.by_ids(tx, SYNC, side, ["1", "2"])
    links.page(tx, SYNC, "", 10)
    links.put_lines(tx, "a", [LINE])
    links.lines_of(tx, ["a"])
    links.drop_lines(tx, "a", ["k"])
    links.attachments(tx, SYNC, ["1"])
    links.attached_to(tx, ["a"])
    links.kill(tx, ["a"], "deleted")
    pending.mark(tx, SYNC, Side.HUBSPOT, ["1"], NOW)
    pending.take(tx, SYNC, 10)
    pending.clear(tx, SYNC, Side.HUBSPOT, ["1"])
    pending.wake(tx, ["9341:customer:12"], NOW)
    pending.wake_due(tx, NOW)
    outcomes.get_many(tx, SYNC, Side.HUBSPOT, ["1"])
    outcomes.clear(tx, SYNC, Side.HUBSPOT, ["1"])
    operations.spool(tx, [OPERATION])
    seqs = [one.seq for one in operations.planned(tx, SYNC, 10)]
    epoch = connections.claim_epoch(tx, [PORTAL, COMPANY])
    operations.send(tx, REQUEST, seqs, epoch=epoch, connections=[PORTAL])
    operations.in_flight(tx)
    operations.erase(tx, seqs)
    journal.newest(tx, 10, run="r1")
    journal.newest(tx, 10, record=(Side.HUBSPOT, "1"))


def scans_of(path: Path, work: Callable[[Transaction], Any]) -> tuple[int, list[str]]:
    """How many statements some work runs, and the steps in them that walk a whole table."""
    statements: set[str] = set()
    with fresh_world(path) as store:
        store._raw.set_trace_callback(statements.add)
        do(store, work)
        store._raw.set_trace_callback(None)
        wanted = sorted(s for s in statements if not s.startswith(("PRAGMA", "BEGIN", "--", "C")))
        steps = [
            f"{step[3]}: {' '.join(statement.split())}"
            for statement in wanted
            for step in store._raw.execute(f"EXPLAIN QUERY PLAN {statement}")
        ]
    scans = [step for step in steps if step.startswith("SCAN")]
    return len(wanted), [s for s in scans if s.split(":")[0].removeprefix("SCAN ") not in SMALL]


def test_no_statement_of_a_cycle_walks_a_whole_table(tmp_path: Path) -> None:
    statements, scans = scans_of(tmp_path / "ledgerbridge.db", cycle)

    assert statements > 30
    assert scans == []


@pytest.mark.parametrize("table", ["record", "operation", "outcome"])
def test_a_statement_that_does_walk_one_would_be_seen(tmp_path: Path, table: str) -> None:
    def walk(tx: Transaction) -> None:
        tx.rows(f"SELECT * FROM {table}")

    _, scans = scans_of(tmp_path / "ledgerbridge.db", walk)

    assert len(scans) == 1
