"""Writes that wait together share one commit, and each of them still stands or falls alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from store_world import PORTAL, StandingClock, contact, later, url_of

from ledgerbridge.errors import StoreProblem
from ledgerbridge.store import records, syncs
from ledgerbridge.store.database import Store
from ledgerbridge.store.transaction import Transaction


class Busy:
    """A store whose thread is held up, so that writes queue behind it; commits are counted."""

    def __init__(self, store: Store) -> None:
        self.store, self.commits = store, 0
        self._held, self._free = threading.Event(), threading.Event()
        store.before_commit = self._count

    def _count(self) -> None:
        self.commits += 1

    async def hold(self) -> asyncio.Task[None]:
        """Keep the thread at work until it is released."""
        held = asyncio.create_task(self.store.write(self._wait))
        await asyncio.to_thread(self._held.wait, 10)
        return held

    def _wait(self, tx: Transaction) -> None:
        self._held.set()
        self._free.wait(10)

    def release(self) -> None:
        """Let the thread go on."""
        self._free.set()


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Busy]:
    with Store.open(url_of(tmp_path / "ledgerbridge.db"), clock=StandingClock()) as store:
        yield Busy(store)


async def test_writes_that_wait_together_share_one_commit(busy: Busy) -> None:
    held = await busy.hold()
    waiting = [
        asyncio.create_task(busy.store.write(syncs.set_setting, f"name {number}", number))
        for number in range(6)
    ]
    await asyncio.sleep(0)
    busy.release()
    await asyncio.gather(held, *waiting)

    assert busy.commits == 2
    assert [await busy.store.read(syncs.setting, f"name {n}") for n in range(6)] == [*range(6)]


async def test_a_write_that_fails_is_undone_without_the_others_of_its_commit(busy: Busy) -> None:
    def fails(tx: Transaction) -> None:
        syncs.set_setting(tx, "half", 1)
        raise ValueError("midway")

    held = await busy.hold()
    waiting = [
        asyncio.create_task(busy.store.write(syncs.set_setting, "before", 1)),
        asyncio.create_task(busy.store.write(fails)),
        asyncio.create_task(busy.store.write(syncs.set_setting, "after", 1)),
    ]
    await asyncio.sleep(0)
    busy.release()
    answers = await asyncio.gather(held, *waiting, return_exceptions=True)

    assert [type(answer) for answer in answers] == [type(None), type(None), ValueError, type(None)]
    kept = [await busy.store.read(syncs.setting, name) for name in ("before", "half", "after")]
    assert kept == [1, None, 1]


async def test_a_disk_that_is_full_fails_the_write_that_needs_room(busy: Busy) -> None:
    page = [contact(str(number), name="x" * 1000) for number in range(1000)]

    def too_much(tx: Transaction) -> None:
        ((pages,),) = tx.rows("PRAGMA page_count")
        tx.rows(f"PRAGMA max_page_count = {pages + 10}")
        records.store_page(
            tx,
            PORTAL,
            "contacts",
            page,
            keys_of=lambda record: (),
            newer=records.hubspot_newer,
            now=later(0),
        )

    held = await busy.hold()
    waiting = [
        asyncio.create_task(busy.store.write(syncs.set_setting, "before", 1)),
        asyncio.create_task(busy.store.write(too_much)),
    ]
    await asyncio.sleep(0)
    busy.release()
    answers = await asyncio.gather(held, *waiting, return_exceptions=True)

    assert [type(answer) for answer in answers] == [type(None), type(None), StoreProblem]
    assert await busy.store.read(syncs.setting, "before") == 1
    assert await busy.store.read(records.count, PORTAL, "contacts") == 0


async def test_when_sqlite_gives_up_a_transaction_all_its_writes_fail(busy: Busy) -> None:
    def given_up(tx: Transaction) -> None:
        tx.rows("ROLLBACK")
        raise ValueError("the disk is gone")

    held = await busy.hold()
    waiting = [
        asyncio.create_task(busy.store.write(syncs.set_setting, "before", 1)),
        asyncio.create_task(busy.store.write(given_up)),
    ]
    await asyncio.sleep(0)
    busy.release()
    answers = await asyncio.gather(held, *waiting, return_exceptions=True)

    assert [type(answer) for answer in answers] == [type(None), ValueError, ValueError]
    assert await busy.store.read(syncs.setting, "before") is None
    await busy.store.write(syncs.set_setting, "again", 1)
    assert await busy.store.read(syncs.setting, "again") == 1


async def test_a_write_that_nobody_waits_for_any_more_does_not_begin(busy: Busy) -> None:
    held = await busy.hold()
    waiting = asyncio.create_task(busy.store.write(syncs.set_setting, "late", 1))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    busy.release()
    await held

    assert await busy.store.read(syncs.setting, "late") is None
