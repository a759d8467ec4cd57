"""
Every named mutant dies by its property at one recorded seed, and the product itself lives there.

`make mutants` searches for more; `make mutants RECORD=1` records anew.
"""

from __future__ import annotations

import pytest

from ledgerbridge.service import sending, settling
from mutants.mutant import Killer, Surgery, expose
from mutants.search import recorded
from mutants.table import BY_NAME, MUTANTS

KILLING = recorded()
PLAYED: dict[tuple[str, int], Killer] = {
    (mutant.killer.name, KILLING[mutant.name]): mutant.killer
    for mutant in MUTANTS
    if mutant.name in KILLING
}
OF_THE_MODEL = {
    "no_intent",
    "adopt_in_doubt",
    "no_key",
    "fresh_key",
    "no_base",
    "intended_base",
    "whole_record",
    "absent_is_deleted",
    "cursor_first",
    "no_overlap",
    "blind_retry",
    "no_history_check",
    "no_journal",
    "late_journal",
    "delete_unchecked",
    "delete_blind",
}
OUR_OWN_MIN = 14


@pytest.mark.wrong_on_purpose
@pytest.mark.parametrize("name", list(BY_NAME))
def test_a_mutant_is_caught_by_the_property_that_is_named_for_it(name: str) -> None:
    mutant = BY_NAME[name]

    caught = expose(mutant.killer, KILLING[name], mutant.change)

    assert caught.by == mutant.caught_by, caught.words


@pytest.mark.parametrize(("killer", "seed"), list(PLAYED))
def test_the_product_itself_lives_where_its_mutants_die(killer: str, seed: int) -> None:
    caught = expose(PLAYED[killer, seed], seed)

    assert not caught.by, caught.words


def test_a_mutant_is_put_back_when_it_has_been_played() -> None:
    places = (settling, sending)

    with Surgery() as surgery:
        surgery.function(settling.settle, print)
        changed = [vars(place)["settle"] for place in places]

    assert changed == [print, print]
    assert [vars(place)["settle"] for place in places] == [settling.settle, settling.settle]
    assert settling.settle.__module__ == settling.__name__


def test_all_of_the_model_are_there_and_more_of_our_own() -> None:
    model = {mutant.name for mutant in MUTANTS if mutant.model}

    assert model == OF_THE_MODEL
    assert len(MUTANTS) - len(model) >= OUR_OWN_MIN
    assert len(BY_NAME) == len(MUTANTS)


def test_each_mutant_has_a_recorded_seed_and_no_other_has() -> None:
    assert set(KILLING) == set(BY_NAME), "record anew with: make mutants RECORD=1"
