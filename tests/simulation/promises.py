"""
What is counted of each invariant, and how often it must have been exercised at least: a property
that nothing tried would hold as well. Over the seeds of the default suite, and over any 200.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

MANY_SEEDS = 200


class Floor(Struct, frozen=True):
    """A counter that an invariant, or a fault that all must survive, stands on."""

    holds: str
    counter: str
    few: int
    many: int


FLOORS = (Floor("I-TERM", "settled", 24, 400),)


def missed(counts: Mapping[str, int], *, many: bool) -> list[str]:
    """What was exercised too little, in words."""
    return [
        f"{one.holds}: {one.counter} happened {counts.get(one.counter, 0)} times, not {floor}"
        for one in FLOORS
        if counts.get(one.counter, 0) < (floor := one.many if many else one.few)
    ]


def table(counts: Mapping[str, int], seeds: int) -> list[str]:
    """The counters by invariant, with the floor where so many seeds have one."""
    rows = [f"{'holds':10} {'counter':32} {'times':>8} {'floor':>8}"]
    for one in FLOORS:
        floor = str(one.many) if seeds >= MANY_SEEDS else ""
        rows.append(f"{one.holds:10} {one.counter:32} {counts.get(one.counter, 0):8} {floor:>8}")
    return rows
