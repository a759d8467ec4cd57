"""
Field mappings: as their owner set them up, and as they work once compiled (`core/compiling.py`).

A mapping pairs one HubSpot property with one QuickBooks field, all parts of an address, or several
fields with one through a template. Mapping happens at comparison: base images stay raw, so that
editing a mapping makes nothing dirty.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from ledgerbridge.core.conversion import Unconvertible
from ledgerbridge.core.model import Side, Value, Values
from ledgerbridge.core.transforms import Transform
from ledgerbridge.core.values import Canonical, Context

__all__ = [
    "CompiledMapping",
    "Context",
    "Direction",
    "Mapping",
    "Rule",
    "Unconvertible",
    "When",
]

Fields: TypeAlias = dict[str, Value]
Convert: TypeAlias = Callable[[Values, Values | None], Fields | Unconvertible]
Form: TypeAlias = Callable[[Values], Canonical]


class Direction(StrEnum):
    """Which way values travel."""

    BOTH = "both ways"
    TO_HUBSPOT = "to hubspot"
    TO_QUICKBOOKS = "to quickbooks"

    def leads(self, to: Side) -> bool:
        """Whether values may travel to that side."""
        return self is Direction.BOTH or self.value == f"to {to}"


class When(StrEnum):
    """When a value may be written."""

    ALWAYS = "always"
    ON_CREATE = "on create only"
    IF_BLANK = "fill if blank"


class Rule(StrEnum):
    """Who wins a conflict; *newest* is the younger edit, *ask* leaves it to a person."""

    HUBSPOT = "hubspot"
    QUICKBOOKS = "quickbooks"
    NEWEST = "newest"
    ASK = "ask"


class Mapping(Struct, frozen=True, kw_only=True):
    """
    One mapping as its owner set it up.

    `into_quickbooks` overrides `when` for writes to the books. `rule` overrides the sync's.
    `enforce` puts edits of a one-way target back. `truncate` cuts text that is too long.
    `zero_is_blank`: a number of 0 means that nothing is set. `private` says that its owner wants a
    private field to travel. `transforms` say how values are written on their way, `template` how
    several fields become one text. `create` has the HubSpot property made where it is missing.
    """

    name: str
    hubspot: tuple[str, ...]
    quickbooks: tuple[str, ...]
    direction: Direction = Direction.BOTH
    when: When = When.ALWAYS
    into_quickbooks: When | None = None
    rule: Rule | None = None
    enforce: bool = False
    truncate: bool = False
    enabled: bool = True
    zero_is_blank: bool = False
    private: bool = False
    transforms: tuple[Transform, ...] = ()
    template: str = ""
    create: bool = False

    def when_to(self, to: Side) -> When:
        """When a value may be written to that side."""
        if to is Side.QUICKBOOKS and self.into_quickbooks is not None:
            return self.into_quickbooks
        return self.when


class Half(Struct, frozen=True, kw_only=True):
    """One side of a compiled mapping: its fields, and how values get there."""

    names: tuple[str, ...]
    form: Form
    convert: Convert
    when: When
    allows: bool
    creates: bool


class CompiledMapping(Struct, frozen=True, kw_only=True):
    """
    A mapping that knows the fields it speaks of; made by `compile_mappings`.

    With `clears` the side that wins clears the other one at a first match as well: for a field that
    no person writes.
    """

    name: str
    rule: Rule | None
    enforce: bool
    zero_is_blank: bool
    on_hubspot: Half
    on_quickbooks: Half
    clears: bool = False

    @property
    def hubspot(self) -> tuple[str, ...]:
        """The HubSpot properties."""
        return self.on_hubspot.names

    @property
    def quickbooks(self) -> tuple[str, ...]:
        """The QuickBooks fields."""
        return self.on_quickbooks.names

    def on(self, side: Side) -> Half:
        """One side of it."""
        return self.on_hubspot if side is Side.HUBSPOT else self.on_quickbooks

    def fields(self, side: Side) -> tuple[str, ...]:
        """The fields of one side, in the mapping's order."""
        return self.on(side).names

    def allows(self, to: Side) -> bool:
        """Whether an existing record of that side may be changed: direction and target allow it."""
        return self.on(to).allows

    def creates(self, to: Side) -> bool:
        """Whether a record of that side gets the value while it is being created."""
        return self.on(to).creates

    def decided_by(self, rule: Rule) -> Rule:
        """Its own rule, else that of its sync."""
        return self.rule or rule

    def when(self, to: Side) -> When:
        """When a value may be written to that side."""
        return self.on(to).when

    def empty(self, side: Side, values: Values) -> bool:
        """Whether one side shows nothing: no text, or a zero that means not set."""
        half = self.on(side)
        if len(half.names) == 1 and not self.zero_is_blank:
            value = values.get(half.names[0])
            return not value or not value.strip()
        return half.form(values) is None

    def same(self, side: Side, a: Values, b: Values) -> bool:
        """Whether one side's value is unchanged between two raw images of that side."""
        half = self.on(side)
        for name in half.names:
            if a.get(name) != b.get(name):
                return half.form(a) == half.form(b)
        return True

    def agree(self, hubspot: Values, quickbooks: Values) -> bool:
        """
        Whether both sides say the same: converting either gives what the other shows.

        A lossy conversion one way is no disagreement, so one of the two is enough.
        """
        without = self.empty(Side.HUBSPOT, hubspot), self.empty(Side.QUICKBOOKS, quickbooks)
        if any(without):
            return all(without)
        return self._gives(Side.QUICKBOOKS, hubspot, quickbooks) or self._gives(
            Side.HUBSPOT, quickbooks, hubspot
        )

    def _gives(self, to: Side, source: Values, shown: Values) -> bool:
        converted = self.convert(to, source, shown)
        return not isinstance(converted, Unconvertible) and self.same(to, converted, shown)

    def convert(self, to: Side, source: Values, current: Values | None) -> Fields | Unconvertible:
        """
        All fields of the target for one raw image of the other side; None clears a field.

        `current` is what the target shows now, None while it does not exist: of a list of several
        e-mails only the first is replaced, and an address keeps the parts that say the same.
        """
        return self.on(to).convert(source, current)
