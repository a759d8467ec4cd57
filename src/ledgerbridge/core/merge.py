"""
The decision table for one link, mapping by mapping (engine.md, deciding).

Dirty is by value, never by time: a side is dirty where its mapped value now differs from the one
in its base image. Nothing here knows which vendor it speaks of; both sides are treated alike.
"""

from __future__ import annotations

from collections.abc import Mapping as Dict
from collections.abc import Sequence

from msgspec import Struct, field

from ledgerbridge.core.conflicts import Conflict
from ledgerbridge.core.mapping import CompiledMapping, Rule, Unconvertible, When
from ledgerbridge.core.model import Link, Record, Side, Value, Values
from ledgerbridge.core.plan import Loss

SIDES = (Side.HUBSPOT, Side.QUICKBOOKS)
CHOSEN = frozenset({Rule.NEWEST, Rule.ASK})
"""The rules under which a mapping is held until it is chosen, by the times of edits or a person."""
NEVER_IN_STEP = "the two sides differed since their match, and the other one changed"
DEFERRED = "true"


def deferred(mapping: str) -> str:
    """The mark in the base of a side that could not be written at the first match of a mapping."""
    return f"@deferred:{mapping}"


def deferred_to(link: Link, mapping: str) -> Side | None:
    """The side whose write the first match of a mapping defers; None where it is settled."""
    return next((side for side in SIDES if link.base_of(side).get(deferred(mapping))), None)


class Patch(Struct, frozen=True):
    """What to write to one side: only changed fields, and what moves the bases once stored."""

    fields: dict[str, Value] = field(default_factory=dict)
    covers: tuple[str, ...] = ()
    sources: dict[str, Value] = field(default_factory=dict)
    losses: tuple[Loss, ...] = ()
    decided: tuple[str, ...] = ()


class Decision(Struct, frozen=True):
    """
    One patch per side, base moves that need no write, fields that cannot travel, and conflicts
    that are held for a person.
    """

    patches: dict[Side, Patch]
    moved: dict[Side, dict[str, Value]]
    problems: tuple[Unconvertible, ...]
    held: tuple[Conflict, ...] = ()


class _Gathering:
    """Collects the decisions of all mappings of one link."""

    def __init__(self, shown: Dict[Side, Values], link: Link) -> None:
        self.shown, self.link = shown, link
        self.fields: dict[Side, dict[str, Value]] = {side: {} for side in SIDES}
        self.covers: dict[Side, list[str]] = {side: [] for side in SIDES}
        self.sources: dict[Side, dict[str, Value]] = {side: {} for side in SIDES}
        self.losses: dict[Side, list[Loss]] = {side: [] for side in SIDES}
        self.moved: dict[Side, dict[str, Value]] = {side: {} for side in SIDES}
        self.problems: list[Unconvertible] = []
        self.held: list[Conflict] = []
        self.decided: dict[Side, list[str]] = {side: [] for side in SIDES}

    def image(self, mapping: CompiledMapping, side: Side) -> dict[str, Value]:
        """What one side shows in the fields of a mapping."""
        shown = self.shown[side]
        return {name: shown.get(name) for name in mapping.fields(side)}

    def move(self, mapping: CompiledMapping) -> None:
        """Both sides are in step as they stand: their bases move to what they show."""
        for side in SIDES:
            self.moved[side].update({**self.image(mapping, side), **self._unmarked(mapping)})

    def defer(self, mapping: CompiledMapping, to: Side) -> None:
        """Edits travel from here on; the first match is decided once that side is writable."""
        self.move(mapping)
        self.moved[to][deferred(mapping.name)] = DEFERRED

    def _unmarked(self, mapping: CompiledMapping) -> dict[str, Value]:
        """What takes the mark of a deferred mapping out of a base."""
        marked = deferred_to(self.link, mapping.name) is not None
        return {deferred(mapping.name): None} if marked else {}

    def write(self, mapping: CompiledMapping, to: Side, loss_reason: str = "") -> None:
        """Carry one mapping's value to a side; with a reason, what it replaces is a loss."""
        source, target = self.image(mapping, to.other), self.image(mapping, to)
        converted = mapping.convert(to, source, target)
        if isinstance(converted, Unconvertible):
            self.problems.append(converted)
            return
        if mapping.same(to, converted, target):
            self.move(mapping)
            return
        changed = _changed(mapping, to, converted, target)
        self.fields[to].update(changed)
        unmarked = self._unmarked(mapping)
        self.covers[to].extend((*mapping.fields(to), *unmarked))
        self.sources[to].update({**source, **unmarked})
        if loss_reason and not mapping.empty(to, target):
            self.losses[to].append(
                Loss(side=to, fields=target, winner=converted, reason=loss_reason)
            )

    def ask(self, mapping: CompiledMapping, writable: Sequence[Side]) -> None:
        """
        Do what was chosen for these very values; else hold the mapping.

        A choice whose write would say the same, or fill what is not blank, accepts both as they
        stand; one against the direction is deferred.
        """
        images = {side: self.image(mapping, side) for side in SIDES}
        hubspot, quickbooks = images[Side.HUBSPOT], images[Side.QUICKBOOKS]
        held = Conflict(mapping=mapping.name, hubspot=hubspot, quickbooks=quickbooks)
        choice = self.link.choices.get(mapping.name)
        if choice is None or not choice.holds(hubspot, quickbooks):
            self.held.append(held)
            return
        to = choice.take.other
        if to not in writable:
            self.accept(mapping, to)
            return
        impossible = len(self.problems)
        by_a_person = f"a person decided: {choice.take.shown}'s value was taken"
        self.write(mapping, to, choice.why or by_a_person)
        if len(self.problems) > impossible:
            self.held.append(held)
        else:
            self.decided[to].append(mapping.name)

    def accept(self, mapping: CompiledMapping, to: Side) -> None:
        """A side that may not be written to stands: for good where it is only filled if blank."""
        filled = mapping.when(to) is When.IF_BLANK and not mapping.empty(to, self.shown[to])
        if mapping.allows(to) or filled:
            self.move(mapping)
        else:
            self.defer(mapping, to)

    def decision(self) -> Decision:
        """All of it, frozen."""
        patches = {
            side: Patch(
                fields=self.fields[side],
                covers=tuple(self.covers[side]),
                sources=self.sources[side],
                losses=tuple(self.losses[side]),
                decided=tuple(self.decided[side]),
            )
            for side in SIDES
            if self.fields[side]
        }
        moved = {side: image for side, image in self.moved.items() if image}
        return Decision(
            patches=patches,
            moved=moved,
            problems=tuple(self.problems),
            held=tuple(self.held),
        )


def _changed(
    mapping: CompiledMapping, to: Side, converted: Values, target: Values
) -> dict[str, Value]:
    """
    The fields to send: on HubSpot those that differ; on QuickBooks all of a compound value.

    A nested QuickBooks object (an address) is replaced as a whole by a sparse update.
    """
    if to is Side.QUICKBOOKS:
        return dict(converted)
    return {name: value for name, value in converted.items() if value != target.get(name)}


def decide(
    link: Link,
    hubspot: Record,
    quickbooks: Record,
    mappings: Sequence[CompiledMapping],
    rule: Rule,
) -> Decision:
    """Decide every mapping of one link from its base images and what both sides show now."""
    shown = {Side.HUBSPOT: hubspot.fields, Side.QUICKBOOKS: quickbooks.fields}
    gathering = _Gathering(shown, link)
    for mapping in mappings:
        if not _keeps(mapping):
            continue
        if _has_base(link, mapping):
            _decide_with_base(gathering, link, mapping, rule)
        else:
            _decide_without_base(gathering, mapping, rule)
    return gathering.decision()


def _keeps(mapping: CompiledMapping) -> bool:
    """Whether a mapping has anything to say once both records are there."""
    return mapping.on_hubspot.allows or mapping.on_quickbooks.allows


def _has_base(link: Link, mapping: CompiledMapping) -> bool:
    return all(name in link.base_of(side) for side in SIDES for name in mapping.fields(side))


def _decide_with_base(
    gathering: _Gathering, link: Link, mapping: CompiledMapping, rule: Rule
) -> None:
    dirty = [
        side for side in SIDES if not mapping.same(side, gathering.shown[side], link.base_of(side))
    ]
    if not dirty:
        waiting = deferred_to(link, mapping.name)
        if waiting is not None and mapping.allows(waiting):
            _decide_without_base(gathering, mapping, rule)
        return
    if len(dirty) == 1:
        in_step = mapping.agree(link.base_hubspot, link.base_quickbooks)
        _one_dirty(gathering, mapping, dirty[0], "" if in_step else NEVER_IN_STEP)
    elif mapping.agree(gathering.shown[Side.HUBSPOT], gathering.shown[Side.QUICKBOOKS]):
        gathering.move(mapping)
    else:
        _both_dirty(gathering, mapping, rule)


def _one_dirty(
    gathering: _Gathering, mapping: CompiledMapping, dirty: Side, loss_reason: str
) -> None:
    if mapping.allows(dirty.other):
        if _may_overwrite(gathering, mapping, dirty.other):
            gathering.write(mapping, dirty.other, loss_reason)
    elif mapping.enforce and mapping.allows(dirty) and _may_overwrite(gathering, mapping, dirty):
        gathering.write(mapping, dirty, "put back: this mapping is enforced one way")


def _both_dirty(gathering: _Gathering, mapping: CompiledMapping, rule: Rule) -> None:
    open_to = [side for side in SIDES if mapping.allows(side)]
    if len(open_to) == 2 and mapping.decided_by(rule) in CHOSEN:
        _ask_of_both(gathering, mapping)
    elif len(open_to) == 2:
        winner = _winner(mapping, rule)
        if _may_overwrite(gathering, mapping, winner.other):
            reason = f"both sides changed; {winner.shown} wins by rule"
            gathering.write(mapping, winner.other, reason)
        elif mapping.empty(winner, gathering.shown[winner]):
            gathering.write(mapping, winner)  # a blank that may not win is filled
    elif open_to and _may_overwrite(gathering, mapping, open_to[0]):
        gathering.write(mapping, open_to[0], "this mapping goes one way")


def _ask_of_both(gathering: _Gathering, mapping: CompiledMapping) -> None:
    """It is asked where a value could be replaced; a blank that may not win is filled."""
    writable = [side for side in SIDES if _may_overwrite(gathering, mapping, side)]
    if len(writable) == 1 and mapping.empty(writable[0], gathering.shown[writable[0]]):
        gathering.write(mapping, writable[0])
    elif writable:
        gathering.ask(mapping, writable)


def _decide_without_base(gathering: _Gathering, mapping: CompiledMapping, rule: Rule) -> None:
    shown = gathering.shown
    if mapping.agree(shown[Side.HUBSPOT], shown[Side.QUICKBOOKS]):
        gathering.move(mapping)
        return
    blank = [side for side in SIDES if mapping.empty(side, shown[side])]
    if not blank and mapping.decided_by(rule) in CHOSEN:
        may_change = [side for side in SIDES if mapping.when(side) is not When.IF_BLANK]
        writable = [side for side in may_change if mapping.allows(side)]
        if writable:
            gathering.ask(mapping, writable)
        elif may_change:
            gathering.defer(mapping, may_change[0])
        else:
            gathering.move(mapping)
        return
    to = blank[0] if blank and not mapping.clears else _winner(mapping, rule).other
    if not mapping.allows(to) or (not blank and mapping.when(to) is When.IF_BLANK):
        gathering.accept(mapping, to)
        return
    gathering.write(mapping, to, "" if blank else "first match; the other side wins by rule")


def _may_overwrite(gathering: _Gathering, mapping: CompiledMapping, to: Side) -> bool:
    """Fill-if-blank leaves a value alone; a price of zero means not set and erases nothing."""
    if mapping.when(to) is When.IF_BLANK and not mapping.empty(to, gathering.shown[to]):
        return False
    unset = mapping.zero_is_blank and mapping.empty(to.other, gathering.shown[to.other])
    return not unset


def _winner(mapping: CompiledMapping, rule: Rule) -> Side:
    return Side.HUBSPOT if mapping.decided_by(rule) is Rule.HUBSPOT else Side.QUICKBOOKS


def creation(
    to: Side, source: Record, mappings: Sequence[CompiledMapping]
) -> tuple[Patch, tuple[Unconvertible, ...]]:
    """The fields of a record to be made from its partner; what cannot travel is named."""
    fields: dict[str, Value] = {}
    covers: list[str] = []
    sources: dict[str, Value] = {}
    problems: list[Unconvertible] = []
    other, shown = to.other, source.fields
    for mapping in mappings:
        if not mapping.creates(to):
            continue
        image = {name: shown.get(name) for name in mapping.fields(other)}
        if mapping.empty(other, image):
            if _keeps(mapping):
                covers.extend(mapping.fields(to))
                sources.update(image)
            continue
        converted = mapping.convert(to, image, None)
        if isinstance(converted, Unconvertible):
            problems.append(converted)
            continue
        fields.update({name: value for name, value in converted.items() if value is not None})
        covers.extend(mapping.fields(to))
        sources.update(image)
    patch = Patch(fields=fields, covers=tuple(covers), sources=sources)
    return patch, tuple(problems)
