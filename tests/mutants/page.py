"""The table of mutants as a page of the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mutants.mutant import Mutant

PAGE = Path(__file__).parents[2] / "docs" / "developers" / "mutants.md"

HEAD = """\
# Mutants

A mutant is a defect with a name that the tests switch on in the real code: a function or a value
of the product is replaced while a world runs, and put back. The product contains no switch. Each
of these is caught by the property that is named for it; see [Testing](testing.md#the-mutants) for
how to search, and [Engine](engine.md#what-the-simulation-holds) for the properties.

This page is written by `make mutants RECORD=1` from `tests/mutants/table.py`; a test compares them.
The promises are numbered as in the engine's design: 1 convergence, 2 idle is silent, 3 no
duplicate, 4 no silent loss, 5 no unasked destruction, 6 crash anywhere, 7 isolation, 8 order,
9 one writer, 10 scope changes are gentle, 11 merges are followed, 12 undo is exact.
"""
COLUMNS = """\
| Name | Breaks | Promise | Caught by | In |
|---|---|---|---|---|
"""
MODEL = """
## Those of the model

The algorithm was first tried on a small model, with these sixteen deliberate bugs. Each has its
counterpart in the product. Two differ from the model's, since the product is guarded twice:

- `no_key` takes the key from what is made in HubSpot. QuickBooks, where a `requestid` is the key,
  has a mutant of its own, `fresh_key`: there unique display names catch most of what would be
  doubled, so a customer has to be renamed in the meantime.
- `intended_base` shows only where a side stores less than it is given. Neither emulator does so
  with what we send, so the script cuts a value on its way.

"""
OWN = """
## Our own

"""
KILLERS = """
## What they are exposed to

A random life reaches what people and networks do every day. Where it does not reach a defect, or
too rarely, a shorter life brings one kind of trouble thick, or a script brings about the very
situation; a script always goes the same way.

"""


def page(mutants: Sequence[Mutant]) -> str:
    """The whole page, as Markdown."""
    model = COLUMNS + "".join(map(_row, (one for one in mutants if one.model)))
    own = COLUMNS + "".join(map(_row, (one for one in mutants if not one.model)))
    killers = {one.killer.name: one.killer for one in mutants}
    kinds = "".join(
        f"- {name} ({'script' if killer.scripted else 'seeds'})\n"
        for name, killer in sorted(killers.items())
    )
    return f"{HEAD}{MODEL}{model}{OWN}{own}{KILLERS}{kinds}"


def _row(mutant: Mutant) -> str:
    return (
        f"| `{mutant.name}` | {mutant.breaks} | {mutant.promise} | {mutant.caught_by} "
        f"| {mutant.killer.name} |\n"
    )
