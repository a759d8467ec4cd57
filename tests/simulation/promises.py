"""
What is counted of each invariant and promise, and how often it must have been exercised at least: a
property that nothing tried would hold as well. `few` is over the seeds of the default suite, `many`
over any 200.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

MANY_SEEDS = 200


class Floor(Struct, frozen=True):
    """A counter that an invariant, or the promise of that number, stands on."""

    holds: str
    promise: int
    counter: str
    few: int
    many: int


FLOORS = (
    Floor("I-TERM", 1, "settled", 48, 600),
    Floor("I-CONV", 1, "converged fields", 400, 5000),
    Floor("I-CONV", 1, "converged streets", 120, 1500),
    Floor("I-CONV", 1, "converged invoices", 100, 1200),
    Floor("I-CONV", 1, "summed discounts", 80, 1000),
    Floor("I-CONV", 1, "summed taxes", 80, 1000),
    Floor("I-DEAL", 1, "deals with invoices", 4, 60),
    Floor("I-MONEY", 1, "converged payments", 8, 120),
    Floor("I-IDEM", 2, "idle checks", 48, 550),
    Floor("I-ECHO", 2, "echo checks", 10, 120),
    Floor("I-DUP", 3, "fault: lost", 40, 500),
    Floor("I-DUP", 3, "fault: late", 30, 400),
    Floor("I-INJ", 3, "made contacts", 60, 800),
    Floor("I-INJ", 3, "made invoices", 100, 1200),
    Floor("I-LOST", 4, "tokens", 400, 5000),
    Floor("I-LOST", 4, "streets", 12, 150),
    Floor("I-LOST", 4, "deed: both_edit", 12, 150),
    Floor("I-SPUR", 4, "losses looked at", 30, 400),
    Floor("I-WIPE", 4, "written fields", 300, 4000),
    Floor("I-WIPE", 4, "deed: moves", 2, 40),
    Floor("I-ASK", 4, "held fields", 4, 60),
    Floor("I-ASK", 4, "fields beside a held one", 8, 120),
    Floor("I-ASK", 4, "decisions done", 3, 40),
    Floor("I-NEWEST", 4, "newer edits told", 4, 60),
    Floor("I-TOTALS", 1, "totals with invoices", 60, 800),
    Floor("I-CONS", 5, "conservation checks", 48, 550),
    Floor("I-CONS", 5, "deed: archives", 8, 100),
    Floor("I-DEL", 5, "removed by rule", 1, 3),
    Floor("I-CRASH", 6, "deaths", 30, 400),
    Floor("I-CRASH", 6, "lost databases", 4, 50),
    Floor("I-CURS", 6, "observed records", 300, 4000),
    Floor("I-CURS", 6, "clocks put right", 2, 30),
    Floor("I-CONV", 7, "left failing", 8, 100),
    Floor("I-ORD", 8, "references of creations", 300, 4000),
    Floor("I-DUP", 9, "frozen and thawed", 3, 40),
    Floor("I-DUP", 9, "fenced processes", 3, 40),
    Floor("I-SCOPE", 10, "deed: leaves_or_comes_back", 8, 100),
    Floor("I-SCOPE", 10, "owner: changes filter", 2, 30),
    Floor("I-SCOPE", 10, "owner: changes mapping", 2, 30),
    Floor("I-SCOPE", 10, "owner: changes direction", 1, 30),
    Floor("I-SCOPE", 10, "owner: switches off", 4, 50),
    Floor("I-SCOPE", 10, "owner: pauses", 4, 50),
    Floor("I-SCOPE", 10, "owner: pauses a record", 4, 50),
    Floor("I-SCOPE", 10, "owner: ignores", 4, 50),
    Floor("I-MERGE", 11, "merges checked", 8, 120),
    Floor("I-UNDO", 12, "undone fields", 1, 20),
    Floor("I-LIMIT", 13, "requests", 3000, 40_000),
    Floor("I-TENANT", 9, "other tenants met", 16, 190),
    Floor("I-TENANT", 9, "tokens ended", 4, 50),
)


def missed(counts: Mapping[str, int], *, many: bool) -> list[str]:
    """What was exercised too little, in words."""
    return [
        f"{one.holds}: {one.counter} happened {counts.get(one.counter, 0)} times, not {floor}"
        for one in FLOORS
        if counts.get(one.counter, 0) < (floor := one.many if many else one.few)
    ]


def table(counts: Mapping[str, int], seeds: int) -> list[str]:
    """The counters by promise, with their floors where there are as many seeds as those ask for."""
    rows = [f"{'promise':>7}  {'holds':9} {'counter':32} {'times':>8} {'floor':>8}"]
    for one in sorted(FLOORS, key=lambda floor: floor.promise):
        floor = str(one.many) if seeds >= MANY_SEEDS else "-"
        times = counts.get(one.counter, 0)
        rows.append(f"{one.promise:7}  {one.holds:9} {one.counter:32} {times:8} {floor:>8}")
    return rows
