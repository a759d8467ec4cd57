"""Customers and those above them, a bounded number of levels up, whatever circles they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledgerbridge.core.model import Record, Side
from ledgerbridge.service.planners.chunk import Chunk, Found

SUB_CUSTOMER_LEVELS_MAX = 5


def ancestors(chunk: Chunk, free: Sequence[Record]) -> Found:
    """All customers above these."""
    found: Found = {}
    wanted = _parents(free)
    for _ in range(SUB_CUSTOMER_LEVELS_MAX):
        missing = wanted - set(found)
        if not missing:
            break
        read = chunk.read(Side.QUICKBOOKS, "Customer", missing)
        found |= read
        wanted = _parents(read.values())
    return found


def _parents(customers: Iterable[Record]) -> set[str]:
    return {x for record in customers for x in record.references.get("ParentRef", ())}


def above(record: Record, known: Found) -> tuple[Record, ...]:
    """The chain of those above one customer, the nearest first."""
    chain: list[Record] = []
    while len(chain) < SUB_CUSTOMER_LEVELS_MAX:
        parent = next(iter(record.references.get("ParentRef", ())), None)
        if parent is None or parent not in known:
            break
        record = known[parent]
        chain.append(record)
    return tuple(chain)
