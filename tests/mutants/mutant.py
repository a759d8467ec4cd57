"""
What a mutant is: a defect with a name, the property that must catch it, and how the product is
changed for it. The product itself contains no switch.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, MutableMapping
from contextlib import ExitStack
from typing import Any
from unittest import mock

from msgspec import Struct

PROPERTY = re.compile(r"I-[A-Z]+")


class Surgery(ExitStack):
    """Replaces parts of the product; at its end everything is as it was."""

    def function(self, original: Callable[..., Any], instead: Callable[..., Any]) -> None:
        """Replace a function wherever a module of the product knows it by its name."""
        name = original.__name__
        owners = [
            module
            for path, module in sys.modules.items()
            if path.startswith("ledgerbridge.") and vars(module).get(name) is original
        ]
        assert owners, f"no module of the product knows {name}"
        for owner in owners:
            self.attribute(owner, name, instead)

    def attribute(self, owner: object, name: str, instead: object) -> None:
        """Replace an attribute of a module or a class."""
        self.enter_context(mock.patch.object(owner, name, instead))

    def entry(self, table: MutableMapping[str, Any], key: str, instead: object) -> None:
        """Replace one entry of a table."""
        self.enter_context(mock.patch.dict(table, {key: instead}))


class Killer(Struct, frozen=True, kw_only=True):
    """
    What a mutant is exposed to.

    `play` plays it with a seed and raises AssertionError where a property does not hold. One that
    is `scripted` always goes the same way, whatever the seed.
    """

    name: str
    play: Callable[[int], None]
    scripted: bool = False


class Mutant(Struct, frozen=True, kw_only=True):
    """
    One defect: what it `breaks` in a sentence, the `promise` of the engine that it violates, the
    property it is `caught_by`, and its `killer`. Those of the `model` are also in its list.
    """

    name: str
    breaks: str
    promise: int
    caught_by: str
    change: Callable[[Surgery], None]
    killer: Killer
    model: bool = False


class Caught(Struct, frozen=True):
    """The property that failed (empty where none did), and in which words."""

    by: str
    words: str = ""


def expose(killer: Killer, seed: int, change: Callable[[Surgery], None] | None = None) -> Caught:
    """Play a killer's seed, with the product changed or as it is."""
    with Surgery() as surgery:
        if change is not None:
            change(surgery)
        try:
            killer.play(seed)
        except AssertionError as broken:
            words = str(broken)
            found = PROPERTY.match(words)
            return Caught(found.group() if found else "an assertion", words.partition("\n")[0])
        except Exception as error:  # noqa: BLE001 -- a traceback is a defect, and no property
            return Caught(f"a traceback: {type(error).__name__}", str(error).partition("\n")[0])
    return Caught("")
