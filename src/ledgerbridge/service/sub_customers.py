"""Who stands below a customer, so that what changes above is noticed there."""

from __future__ import annotations

from collections.abc import Iterable

from ledgerbridge.store import records
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.sub_customers import PARENT

LEVELS_MAX = 5
"""How far up or down is looked, whatever circles there are; QuickBooks has five levels."""


def below(tx: Transaction, connection: str, customers: Iterable[str]) -> set[str]:
    """The sub-customers of these, of all levels; none of these themselves."""
    above = set(customers)
    found: set[str] = set()
    level = above
    for _ in range(LEVELS_MAX):
        groups = records.referring(tx, connection, "Customer", PARENT, level)
        level = {x for group in groups.values() for x in group} - found - above
        if not level:
            break
        found |= level
    return found
