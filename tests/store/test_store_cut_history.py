"""A history that was cut short: what is missing is counted, what cannot be read is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_world import NOW, SYNC, ask, do, fresh_world, later

from ledgerbridge.core.model import Side
from ledgerbridge.errors import StoreProblem
from ledgerbridge.store import journal
from ledgerbridge.store.database import Store
from ledgerbridge.store.journal import WriteEntry
from ledgerbridge.store.transaction import Transaction

RUNS = ("r1", "r2", "r3")
LARGE = 10**9


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Three runs wrote three entries each: 1 to 3, 4 to 6 and 7 to 9."""
    with fresh_world(tmp_path / "ledgerbridge.db") as store:
        do(store, journal.enter, [_write(run, number) for run in RUNS for number in range(3)])
        yield store


def _write(run: str, number: int, at_s: float = 0) -> WriteEntry:
    return WriteEntry(
        at=later(at_s),
        run=run,
        sync=SYNC,
        link="a",
        side=Side.HUBSPOT,
        object_type="contacts",
        record_id=str(number),
        changes={"city": (None, "Graz")},
    )


def _lose(tx: Transaction, seqs: set[int]) -> None:
    tx.many("DELETE FROM journal WHERE seq = ?", [(seq,) for seq in seqs])


@pytest.mark.parametrize(
    ("lost", "of_all", "of_runs"),
    [
        (set(), 0, (0, 0, 0)),
        ({5}, 1, (1, 1, 0)),
        ({4}, 1, (1, 1, 0)),
        ({6}, 1, (1, 1, 1)),
        ({9}, 1, (1, 1, 1)),
        ({2, 8}, 2, (2, 1, 1)),
        ({7, 8, 9}, 3, (3, 3, 0)),
        ({1, 2}, 0, (0, 0, 0)),
        ({1, 2, 3, 4}, 0, (0, 0, 0)),
        (set(range(1, 10)), 0, (0, 0, 0)),
    ],
    ids=[
        "nothing",
        "within a run",
        "the begin of a run",
        "the end of a run",
        "the end",
        "twice",
        "the last run",
        "the oldest, as pruning takes them",
        "the oldest run and more",
        "all of it",
    ],
)
def test_what_is_missing_is_counted_unless_pruning_may_have_taken_it(
    lost: set[int], of_all: int, of_runs: tuple[int, ...], store: Store
) -> None:
    do(store, _lose, lost)

    assert ask(store, journal.missing) == of_all
    assert tuple(ask(store, journal.missing, run) for run in RUNS) == of_runs


def test_what_was_undone_with_its_transaction_leaves_no_gap(store: Store) -> None:
    def fails(tx: Transaction) -> None:
        journal.enter(tx, [_write("r4", 1)])
        raise ValueError("midway")

    with pytest.raises(ValueError, match="midway"):
        do(store, fails)
    do(store, journal.enter, [_write("r5", 1)])

    assert ask(store, journal.missing) == 0


def test_pruning_leaves_no_gap_though_a_clock_was_wrong(store: Store) -> None:
    do(store, journal.enter, [_write("r4", 1, at_s=-LARGE), _write("r5", 1, at_s=LARGE)])

    gone = do(store, journal.prune, NOW, LARGE, 500)

    assert gone == 0  # the entry of the wrong clock waits until those before it are old
    assert do(store, journal.prune, later(1), LARGE, 500) == 10
    assert ask(store, journal.missing) == 0


@pytest.mark.parametrize(
    "harm",
    ["changes = x'ff00ff'", "changes = x'93010203'", "side = 'nowhere'", "at = 'yesterday'"],
)
def test_an_entry_that_cannot_be_read_is_damage_and_no_defect(harm: str, store: Store) -> None:
    do(store, lambda tx: tx.many(f"UPDATE journal SET {harm} WHERE seq = ?", [(5,)]))

    with pytest.raises(StoreProblem, match=r"Entry 5 of the history cannot be read.*a backup"):
        ask(store, journal.writes_of, "r2")
    with pytest.raises(StoreProblem, match=r"cannot be read.*Nothing was written.*a backup"):
        ask(store, journal.newest, 9)
    assert len(ask(store, journal.writes_of, "r1")) == 3
    assert do(store, journal.prune, NOW, LARGE, 500) == 0
