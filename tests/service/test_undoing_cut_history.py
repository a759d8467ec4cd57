"""Undo over a history that is not whole: it refuses what it cannot prove, and syncing goes on."""

from __future__ import annotations

import pytest

from ledgerbridge.core.model import Side
from ledgerbridge.errors import StoreProblem
from ledgerbridge.service.cycle import DONE
from ledgerbridge.service.doctor import State, examine
from ledgerbridge.service.undo_subjects import Target
from ledgerbridge.store import journal, runs
from ledgerbridge.store.transaction import Transaction
from support.pair import Pair
from support.undoing import differing, in_step, planned, state, undo


async def _three_runs(pair: Pair) -> tuple[list[str], str]:
    """A contact got three first names in three runs; the runs, and the contact."""
    customer, contact = await in_step(pair)
    found = []
    for name in ("Griselda", "Esme", "Ottilie"):
        pair.edit_customer(customer, GivenName=name)
        found.append((await pair.run()).run)
    return found, contact


async def _lose(pair: Pair, run: str) -> None:
    def lose(tx: Transaction) -> int:
        return tx.many("DELETE FROM journal WHERE run = ?", [(run,)])

    assert await pair.store.write(lose) == 1


@pytest.mark.parametrize("lost", [1, 2], ids=["of the middle", "of the end"])
async def test_a_run_is_not_undone_where_later_entries_are_missing(lost: int, pair: Pair) -> None:
    found, _ = await _three_runs(pair)
    before = state(pair)
    await _lose(pair, found[lost])

    with pytest.raises(StoreProblem) as refused:
        await undo(pair, Target(run=found[0]))

    assert "lacks 1 of its entries" in str(refused.value)
    assert "neither account was written to" in str(refused.value)
    assert "backup" in str(refused.value)
    assert differing(before, state(pair)) == {}


async def test_a_run_after_the_gap_is_undone(pair: Pair) -> None:
    found, _ = await _three_runs(pair)
    await _lose(pair, found[0])

    report = await undo(pair, Target(run=found[2]))

    assert [one.fields for one in report.steps] == [("firstname",)]
    assert pair.contact_of("zelda@example.com")["firstname"] == "Esme"


async def test_what_was_written_to_a_record_is_not_undone_over_any_gap(pair: Pair) -> None:
    found, contact = await _three_runs(pair)
    await _lose(pair, found[0])

    with pytest.raises(StoreProblem, match="The history is not whole"):
        await planned(pair, Target(record=(Side.HUBSPOT, contact)))


async def test_a_run_of_which_an_entry_was_changed_is_not_undone(pair: Pair) -> None:
    found, _ = await _three_runs(pair)

    def change(tx: Transaction) -> None:
        (entry,) = journal.writes_of(tx, found[2])
        journal.enter(tx, [entry])
        runs.finish(tx, found[2], DONE, {"write": 2}, pair.clock.now())
        tx.many("UPDATE journal SET kind = 'other' WHERE seq = ?", [(entry.seq,)])

    await pair.store.write(change)

    with pytest.raises(StoreProblem, match="lacks 1 of its entries"):
        await planned(pair, Target(run=found[2]))


async def test_the_doctor_tells_of_a_gap_and_a_run_goes_on(pair: Pair) -> None:
    found, contact = await _three_runs(pair)
    await _lose(pair, found[1])

    checks = (await examine(pair.shop())).checks

    (told,) = [one for one in checks if one.subject == "history"]
    assert told.state is State.PROBLEM
    assert "lacks 1 of its entries" in told.message
    assert (await pair.run()).writes == 0
    pair.portal.update("contacts", contact, {"firstname": "Ada"})
    assert (await pair.run()).writes == 1
