"""Search: seed after seed until a mutant is caught by the property that is named for it."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType

from msgspec import Struct

from mutants.mutant import Killer, Mutant, expose

RECORDED = Path(__file__).with_name("killing_seeds.json")
CPU_S_MAX = 60
"""A world that a mutant keeps from ending is given up after so much time."""


class Found(Struct, frozen=True, kw_only=True):
    """
    The `seed` at which a mutant was caught (None: it survives) and how many were tried.

    `others` are the properties that failed on the way, and how often.
    """

    name: str
    seed: int | None
    tried: int
    words: str
    others: dict[str, int]


class TooLong(BaseException):
    """A world does not end. Not an Exception, so that no handler can swallow it."""


def recorded() -> dict[str, int]:
    """The killing seeds of the last search, by mutant."""
    return dict(json.loads(RECORDED.read_text(encoding="utf-8"))) if RECORDED.exists() else {}


def record(found: Mapping[str, int]) -> None:
    """Keep these killing seeds for the default suite."""
    text = json.dumps(dict(found), indent=2, sort_keys=True)
    RECORDED.write_text(f"{text}\n", encoding="utf-8")


def search(mutant: Mutant, seeds: int, first: int | None) -> Found:
    """Try the recorded seed first, then all from zero on; a script is played once."""
    others: Counter[str] = Counter()
    tried = 0
    for seed in _seeds(mutant.killer, seeds, first):
        tried += 1
        by, words = _exposed(mutant, seed)
        if by == mutant.caught_by:
            return Found(name=mutant.name, seed=seed, tried=tried, words=words, others=dict(others))
        if by:
            others[by] += 1
    return Found(name=mutant.name, seed=None, tried=tried, words="", others=dict(others))


def _seeds(killer: Killer, seeds: int, first: int | None) -> Iterator[int]:
    if killer.scripted:
        yield 0
        return
    if first is not None:
        yield first
    yield from (seed for seed in range(seeds) if seed != first)


def _exposed(mutant: Mutant, seed: int) -> tuple[str, str]:
    def too_long(number: int, frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_S_MAX)
    try:
        caught = expose(mutant.killer, seed, mutant.change)
    except TooLong:
        return "no end", ""
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return caught.by, caught.words
