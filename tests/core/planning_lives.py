"""A pair that people on both sides fill and edit, strategies for it, and what becomes of tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hypothesis import strategies as st
from planning_worlds import HUBSPOT, QUICKBOOKS, Shown, SimulatedPair, rules

from ledgerbridge.core.conflicts import Conflict
from ledgerbridge.core.mapping import Direction, Mapping, Rule, When
from ledgerbridge.core.model import Side, Value
from ledgerbridge.core.planning import Rules, plan_pair
from ledgerbridge.core.schema import Field, FieldType

ROUNDS_MAX = 3
TOKEN = re.compile(r"[1-9]\d{3}")
ADDRESS = ("address", "city", "state", "zip", "country")
LINES = ("BillAddr.Line1", "BillAddr.Line2")
BILLED = (*LINES, *(f"BillAddr.{part}" for part in ("City", "State", "Zip", "Country")))


class Kind(NamedTuple):
    """A pair of fields, and how a person writes a token there."""

    hubspot: Field
    quickbooks: Field
    written: str
    zero_is_blank: bool = False


KINDS = {
    "text": Kind(Field(name="text"), Field(name="Text"), "{} Main"),
    "trimmed": Kind(Field(name="trimmed"), Field(name="Trimmed"), "  {} Main "),
    "cut": Kind(Field(name="cut"), Field(name="Cut"), "{} is cut by QuickBooks"),
    "email": Kind(
        Field(name="email", type=FieldType.EMAIL),
        Field(name="Email", type=FieldType.EMAIL),
        "Jane{}@Example.com",
    ),
    "price": Kind(
        Field(name="price", type=FieldType.MONEY),
        Field(name="Price", type=FieldType.MONEY),
        "{}.50",
        zero_is_blank=True,
    ),
}
KNOWN_FORMS = ("text", "trimmed", "email", "price", "address")
EDITABLE = {
    "address": ("address", "city"),
    "BillAddr": ("BillAddr.Line1", "BillAddr.Line2", "BillAddr.City"),
}


def normal(name: str, value: Value) -> Value:
    """HubSpot lower-cases e-mails, QuickBooks cuts a text and spells prices out; both trim."""
    if value is None or not value.strip():
        return None
    value = value.strip()
    if name == "email":
        return value.lower()
    if name == "Cut":
        return value[:9].strip()
    return f"{float(value):.2f}" if name == "Price" else value


def tokens(values: Iterable[Value]) -> set[str]:
    """The tokens in some values."""
    return {token for value in values for token in TOKEN.findall(value or "")}


class People:
    """The people of both sides: they write tokens, and see what they replace."""

    def __init__(self) -> None:
        self.next = 1000
        self.replaced: set[str] = set()
        self.written: set[str] = set()

    def value(self, name: str) -> str:
        """A value that nobody wrote before."""
        self.next += 1
        self.written.add(str(self.next))
        kind = KINDS.get(name.lower())
        return kind.written.format(self.next) if kind else f"{self.next} Elm St"

    def edit(self, pair: SimulatedPair, side: Side, name: str, *, clear: bool = False) -> None:
        """Somebody changes one field."""
        self.replaced |= tokens([pair.shown(side).get(name)])
        unset = "0" if name == "Price" else None
        pair.edit(side, name, unset if clear else self.value(name))


class Edit(NamedTuple):
    """Somebody writes one field of one side, or clears it."""

    side: Side
    name: str
    clear: bool


def fields_of(mapping: Mapping, side: Side) -> tuple[str, ...]:
    """The fields that people write."""
    if mapping.name == "address":
        return EDITABLE["address" if side is HUBSPOT else "BillAddr"]
    return mapping.hubspot if side is HUBSPOT else mapping.quickbooks


@st.composite
def mappings(draw: st.DrawFn, names: tuple[str, ...] = (*KINDS, "address")) -> list[Mapping]:
    """Some mappings with any settings, in any order."""
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True))
    return [
        Mapping(
            name=name,
            hubspot=ADDRESS if name == "address" else (name,),
            quickbooks=BILLED if name == "address" else (name.capitalize(),),
            direction=draw(st.sampled_from(Direction)),
            when=draw(st.sampled_from((When.ALWAYS, When.ALWAYS, When.IF_BLANK))),
            into_quickbooks=draw(st.sampled_from((None, None, When.IF_BLANK, When.ON_CREATE))),
            rule=draw(st.none() | st.sampled_from(Rule)),
            enforce=draw(st.booleans()),
            zero_is_blank=name in KINDS and KINDS[name].zero_is_blank,
        )
        for name in chosen
    ]


def compiled_rules(chosen: list[Mapping], rule: Rule) -> Rules:
    """The rules of a sync with these mappings."""
    return rules(
        chosen,
        [kind.hubspot for kind in KINDS.values()],
        [kind.quickbooks for kind in KINDS.values()],
        rule=rule,
    )


@st.composite
def edits(draw: st.DrawFn, chosen: list[Mapping], count_max: int = 6) -> list[Edit]:
    """Independent edits on both sides, clearings among them."""
    fields = [(side, name) for side in Side for each in chosen for name in fields_of(each, side)]
    picked = draw(st.lists(st.sampled_from(fields), max_size=count_max))
    return [Edit(side, name, clear=draw(st.integers(0, 4)) == 0) for side, name in picked]


class Drawn(NamedTuple):
    """A pair that may or may not be in step, and whoever wrote it."""

    pair: SimulatedPair
    people: People
    mappings: list[Mapping]


@st.composite
def pairs(
    draw: st.DrawFn,
    names: tuple[str, ...] = (*KINDS, "address"),
    rules: tuple[Rule, ...] = tuple(Rule),
) -> Drawn:
    """A first match of two records that people filled independently, or not at all."""
    chosen = draw(mappings(names))
    people = People()
    shown: dict[Side, Shown] = {side: {} for side in Side}
    for side in Side:
        for mapping in chosen:
            for name in fields_of(mapping, side):
                filled = draw(st.booleans())
                shown[side][name] = normal(name, people.value(name)) if filled else None
    made = compiled_rules(chosen, draw(st.sampled_from(rules)))
    return Drawn(SimulatedPair(made, shown[HUBSPOT], shown[QUICKBOOKS], normal), people, chosen)


def rounds(pair: SimulatedPair) -> Iterator[int]:
    """Plan and apply until nothing is left to do; counts the rounds that did something."""
    for count in range(1, ROUNDS_MAX + 2):
        hubspot, quickbooks = pair.records[HUBSPOT], pair.records[QUICKBOOKS]
        planned = plan_pair(pair.rules, pair.link, hubspot, quickbooks)
        if not planned.operations and not planned.moved:
            return
        pair.apply(planned)
        yield count


def held(pair: SimulatedPair) -> dict[str, Conflict]:
    """The conflicts that wait for a person, by mapping."""
    planned = plan_pair(pair.rules, pair.link, pair.records[HUBSPOT], pair.records[QUICKBOOKS])
    return {one.mapping: one for each in planned.held for one in each.conflicts}


def settle(pair: SimulatedPair) -> None:
    """Bring a pair to rest."""
    assert max(rounds(pair), default=0) <= ROUNDS_MAX


def perturb(drawn: Drawn, chosen: list[Edit]) -> None:
    """People edit both sides, none of them seeing the other side."""
    for edit in chosen:
        drawn.people.edit(drawn.pair, edit.side, edit.name, clear=edit.clear)


def lost(pair: SimulatedPair) -> list[str]:
    """The tokens that the losses name, as often as they do."""
    return [
        token
        for loss in pair.losses
        for name, value in loss.fields.items()
        if value != loss.winner.get(name)
        for token in tokens([value])
    ]
