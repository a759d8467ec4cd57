"""A locked database, a full disk, a second process: said clearly; nothing is lost or doubled."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cli.cli_world import Installation
from ledgerbridge.clock import SystemClock
from ledgerbridge.errors import AlreadyRunning, Fenced, StoreProblem
from ledgerbridge.sandbox.faults import Match
from ledgerbridge.service.cycle import run_once
from ledgerbridge.service.opening import open_world
from ledgerbridge.store.database import Store
from support.pair import Countdown, Pair, to_hubspot, to_quickbooks

CUSTOMERS = 120
MOMENTS = pytest.mark.parametrize(
    "moment",
    [to_quickbooks("/query"), to_hubspot("/contacts/batch/create"), to_quickbooks("/batch")],
    ids=["while reading", "after an intent for HubSpot", "after an intent for QuickBooks"],
)


def _people(pair: Pair) -> None:
    """More than one batch to HubSpot, and somebody to QuickBooks."""
    for number in range(CUSTOMERS):
        pair.customer(f"Person {number:03}", f"person{number:03}@example.com")
    pair.contact("zoe@example.com", qualifies=True, firstname="Zoe", lastname="Young")


def _all_arrived(pair: Pair) -> bool:
    """Everybody is on both sides, once."""
    wanted = [f"person{number:03}@example.com" for number in range(CUSTOMERS)]
    names = [f"Person {number:03}" for number in range(CUSTOMERS)]
    return pair.emails() == [*wanted, "zoe@example.com"] and pair.names() == [*names, "Zoe Young"]


class _Lock:
    """Another program that writes to our database and does not stop."""

    def __init__(self, pair: Pair) -> None:
        self._other = sqlite3.connect(pair.store.path, isolation_level=None)

    def take(self) -> None:
        self._other.execute("BEGIN IMMEDIATE")

    def release(self) -> None:
        self._other.close()


@MOMENTS
async def test_a_database_locked_by_another_program_stops_the_run_and_a_later_one_goes_on(
    moment: Match, pair: Pair
) -> None:
    _people(pair)
    await pair.begin()
    lock = _Lock(pair)
    pair.transport.on_send = Countdown(moment, 1, lock.take)

    with pytest.raises(StoreProblem) as stopped:
        await pair.run()

    assert "pair.db is locked by another process" in str(stopped.value)
    assert "try again" in str(stopped.value)
    lock.release()
    await pair.run()
    assert _all_arrived(pair)
    assert await pair.outcomes() == []
    assert (await pair.run()).writes == 0


@contextmanager
def _full(pair: Pair) -> Iterator[None]:
    """The disk has no room for one more page; then somebody makes room."""
    ((pages,),) = pair.store._raw.execute("PRAGMA page_count")
    pair.store._raw.execute(f"PRAGMA max_page_count = {pages}").fetchall()
    yield
    pair.store._raw.execute("PRAGMA max_page_count = 1000000").fetchall()


@MOMENTS
async def test_a_full_disk_stops_the_run_and_a_later_one_goes_on(moment: Match, pair: Pair) -> None:
    _people(pair)
    await pair.begin()
    full = _full(pair)
    pair.transport.on_send = Countdown(moment, 1, full.__enter__)

    with pytest.raises(StoreProblem) as stopped:
        await pair.run()

    assert "the disk is full" in str(stopped.value)
    assert "Free some space" in str(stopped.value)
    full.__exit__(None, None, None)
    await pair.run()
    assert _all_arrived(pair)
    assert await pair.outcomes() == []
    assert (await pair.run()).writes == 0


def test_a_command_says_that_another_program_locks_the_database(installed: Installation) -> None:
    installed.customer("Ada Moreno", "ada@example.com")
    installed.begin()
    other = sqlite3.connect(installed.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    result = installed.done("run", "--yes", exit_code=1)

    assert "ledgerbridge.db is locked by another process" in result.stderr
    assert "Nothing was written" in result.stderr
    assert installed.contacts() == []
    other.close()
    assert installed.asked("run", "--yes")["writes"] == 1


def test_a_run_started_twice_names_the_first_one_which_goes_on(installed: Installation) -> None:
    installed.customer("Ada Moreno", "ada@example.com")
    installed.begin()
    with Store.open(f"sqlite:///{installed.database}", clock=SystemClock()) as store, store.claim():
        failure = installed.asked("run", "--yes", exit_code=5)

    assert failure["error"] == AlreadyRunning.__name__
    assert "Another ledgerbridge process (pid " in failure["message"]
    assert "Nothing was done. Wait until it is done" in failure["message"]
    assert installed.contacts() == []
    assert installed.asked("run", "--yes")["writes"] == 1


async def test_of_two_runs_without_the_lock_the_older_one_writes_no_more(pair: Pair) -> None:
    pair.customer("Ada Moreno", "ada@example.com")
    await pair.begin()
    older = await open_world(pair.shop())
    newer = await open_world(pair.shop())

    with pytest.raises(Fenced) as stopped:
        await run_once(older, lambda counts: True)

    assert "claimed" in str(stopped.value)
    assert pair.emails() == []
    await run_once(newer, lambda counts: True)
    assert pair.emails() == ["ada@example.com"]


async def test_who_waited_for_a_limit_sends_nothing_once_another_process_has_claimed(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = pair.customer("Ada Moreno", "ada@example.com", GivenName="Ada")
    await pair.begin("contacts")
    await pair.run()
    pair.edit_customer(customer, GivenName="Adele")
    older = await open_world(pair.shop())
    pair.hubspot.faults.next("throttle", to_hubspot("contacts/batch/update"))
    sleep = pair.clock.sleep

    async def claimed_meanwhile(wait_s: float) -> None:
        await open_world(pair.shop())
        await sleep(wait_s)

    monkeypatch.setattr(pair.clock, "sleep", claimed_meanwhile)
    with pytest.raises(Fenced):
        await run_once(older, lambda counts: True)

    assert pair.contact_of("ada@example.com")["firstname"] == "Ada"
