"""A run that stops in the middle to look keeps every promise, under faults and when it dies."""

from __future__ import annotations

import pytest

from ledgerbridge.service import first_ten
from simulation.crashes import Point, survive
from simulation.runs import live

STEPS = range(120, 330, 21)


@pytest.fixture(autouse=True)
def one_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """These worlds are small, so that one goes first instead of ten."""
    monkeypatch.setattr(first_ten, "FIRST", 1)


@pytest.mark.parametrize("seed", range(100, 104))
def test_a_life_in_which_one_goes_first_keeps_every_promise(seed: int) -> None:
    counts = live(seed).counts

    assert counts["idle checks"] == 3


@pytest.mark.parametrize("step", STEPS)
def test_a_first_run_that_dies_around_its_first_one_goes_on(step: int) -> None:
    assert survive(Point("first sync", step)).told.counts["deaths"] == 1
