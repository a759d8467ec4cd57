"""A run that stops in the middle to look keeps every promise, under faults and when it dies."""

from __future__ import annotations

import pytest

from ledgerbridge.service import first_ten
from simulation.runs import die_at, live

STEPS = range(20, 140, 12)


@pytest.fixture(autouse=True)
def one_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """These worlds are small, so that one goes first instead of ten."""
    monkeypatch.setattr(first_ten, "FIRST", 1)


@pytest.mark.parametrize("seed", range(100, 104))
def test_a_life_in_which_one_goes_first_keeps_every_promise(seed: int) -> None:
    counts = live(seed).counts

    assert counts["idle checks"] == 3


def test_a_first_run_that_dies_around_its_first_one_goes_on() -> None:
    reached = [die_at(step)[1] for step in STEPS]

    assert any(reached)
