"""Customers and those above them, a bounded number of levels up, whatever circles they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledgerbridge.core.model import LinkStatus, Record, Side
from ledgerbridge.service.planners.chunk import Chunk, Found
from ledgerbridge.service.sub_customers import LEVELS_MAX
from ledgerbridge.syncs.sub_customers import parent_of


def ancestors(chunk: Chunk, free: Sequence[Record]) -> Found:
    """All customers above these."""
    found: Found = {}
    wanted = _parents(free)
    for _ in range(LEVELS_MAX):
        missing = wanted - set(found)
        if not missing:
            break
        read = chunk.read(Side.QUICKBOOKS, "Customer", missing)
        found |= read
        wanted = _parents(read.values())
    return found


def _parents(customers: Iterable[Record]) -> set[str]:
    return {x for record in customers if (x := parent_of(record)) is not None}


def above(record: Record, known: Found) -> tuple[Record, ...]:
    """Those above one customer, the nearest first, each once."""
    chain: list[Record] = []
    passed = {record.id}
    while len(chain) < LEVELS_MAX:
        parent = parent_of(record)
        if parent is None or parent in passed or parent not in known:
            break
        record = known[parent]
        passed.add(parent)
        chain.append(record)
    return tuple(chain)


def linked_of(chunk: Chunk, customers: Iterable[str]) -> frozenset[str]:
    """Those of these customers that have a living link of their own in the sync."""
    found = chunk.links(Side.QUICKBOOKS, customers)
    return frozenset(x for x, link in found.items() if link.status is LinkStatus.LIVE)
