"""
The story of a record, in words: what people did, what we wrote, what was set aside, and what else
went on meanwhile. A failure carries the stories of the records that it names.
"""

from __future__ import annotations

import re
from collections.abc import Coroutine, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from ledgerbridge.core.model import Side
from ledgerbridge.service.switching import stored
from ledgerbridge.store import journal, links
from ledgerbridge.store.transaction import Transaction
from simulation.world import Simulation

T = TypeVar("T")
Named = tuple[Side, str]

TYPES = {
    "contact": (Side.HUBSPOT, "contacts"),
    "deal": (Side.HUBSPOT, "deals"),
    "customer": (Side.QUICKBOOKS, "Customer"),
    "invoice": (Side.QUICKBOOKS, "Invoice"),
    "payment": (Side.QUICKBOOKS, "Payment"),
}
NAMED = re.compile(rf"\b({'|'.join(TYPES)})s? \W{{0,2}}(\d+)")
TOKEN = re.compile(r"\b[HQ]\d+x\b")
STORIES_MAX = 3


async def told(world: Simulation, broken: str) -> str:
    """What broke, and the stories of the records that it names."""
    records = dict.fromkeys((word, found) for word, found in NAMED.findall(broken))
    for token in TOKEN.findall(broken):
        if token in world.people.written:
            side, record_id, _ = world.people.written[token]
            records[("contact" if side == "hubspot" else "customer"), record_id] = None
    stories = [await story_of(world, *one) for one in list(records)[:STORIES_MAX]]
    return "\n".join([broken, *stories])


async def story_of(world: Simulation, word: str, record_id: str) -> str:
    """What happened to a `contact`, `customer`, `invoice`, `deal` or `payment`, oldest first."""
    side, object_type = TYPES[word]
    both = await world.store.read(_partners, (side, record_id)) if word in _PAIRED else []
    named = [(side, record_id), *both]
    lines = [*_said(world, named)]
    for one in named:
        entries = await world.store.read(journal.newest, 1000, record=one)
        lines += [(entry.at, _in_words(entry)) for entry in entries]
    told = [f"  {at:%d %H:%M:%S} {words}" for at, words in sorted(lines)]
    now = f"  now: {_now(world, side, object_type, record_id)}"
    return "\n".join([f"The story of {word} {record_id}:", *told, now])


async def with_its_story(world: Simulation, life: Coroutine[Any, Any, T]) -> T:
    """A life; what breaks in it is told with the story of whom it concerns."""
    try:
        return await life
    except AssertionError as broken:
        world.end()
        world.fate.reborn()
        raise AssertionError(await told(world, str(broken))) from broken


_PAIRED = ("contact", "customer")


def _said(world: Simulation, named: list[Named]) -> Iterator[tuple[datetime, str]]:
    for at, about, words in world.people.diary:
        if about is None:
            yield at, words
        elif about in named:
            yield at, f"{about[0]} {about[1]}: somebody {words}"


def _partners(tx: Transaction, record: Named) -> list[Named]:
    side, record_id = record
    found = links.by_ids(tx, stored(tx, "contacts").id, side, [record_id])
    ids = [link.id_of(side.other) for link in found.values()]
    return [(side.other, one) for one in ids if one is not None]


def _in_words(entry: journal.Entry) -> str:
    about = f"{entry.side} {entry.record_id}"
    if isinstance(entry, journal.LossEntry):
        lost = f"{entry.field} {entry.value!r} gave way to {entry.winner!r}"
        return f"{about}: {lost} ({entry.reason})"
    changes = ", ".join(
        f"{name} from {before!r} to {after!r}" for name, (before, after) in entry.changes.items()
    )
    return f"{about}: we {entry.operation} {changes}"


def _now(world: Simulation, side: Side, object_type: str, record_id: str) -> Mapping[str, Any]:
    if side is Side.HUBSPOT:
        return world.portal.get(object_type, record_id) or {}
    return world.company.get(object_type, record_id) or {}
