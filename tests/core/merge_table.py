"""
The decision table of one mapping, as data: what each situation leads to under each setting.

`python -m merge_table`, started in this folder, prints it. In the rows, `a` is what both sides
showed when they were last in step, `o` another value that QuickBooks (in mirrored rows: HubSpot)
showed then, `h` is what a person wrote in HubSpot, `q` in QuickBooks, `n` the same on both sides.
"""

from __future__ import annotations

from typing import NamedTuple

from ledgerbridge.core.mapping import Direction, Rule, When
from ledgerbridge.core.model import Side, Value

H, Q = Side.HUBSPOT, Side.QUICKBOOKS
BOTH, TO_H, TO_Q = Direction.BOTH, Direction.TO_HUBSPOT, Direction.TO_QUICKBOOKS
ALWAYS, IF_BLANK, ON_CREATE = When.ALWAYS, When.IF_BLANK, When.ON_CREATE
KEPT = (ALWAYS, IF_BLANK)
RULES = tuple(Rule)
CHOSEN = (Rule.NEWEST, Rule.ASK)
YES, NO, EITHER = (True,), (False,), (True, False)

Pair = tuple[Value, Value]
"""What HubSpot and what QuickBooks shows."""


class Situation(NamedTuple):
    """
    The base images (None: there are none yet) and what both sides show now; `deferred` is the
    side that the first match could not write to.
    """

    name: str
    base: Pair | None
    shown: Pair
    deferred: Side | None = None


class Effect(NamedTuple):
    """
    At most one write, what it replaces for good, bases that move, with the side to which the
    first match is deferred until its direction opens, or a question.
    """

    write_to: Side | None = None
    value: Value = None
    loses: Value = None
    moves: bool = False
    deferred: Side | None = None
    asks: bool = False


class Row(NamedTuple):
    """In this situation, under any combination of these settings, this happens."""

    situation: Situation
    directions: tuple[Direction, ...]
    rules: tuple[Rule, ...]
    whens: tuple[When, ...]
    enforced: tuple[bool, ...]
    effect: Effect


def to_hubspot(value: Value, loses: Value = None) -> Effect:
    """HubSpot is written to."""
    return Effect(H, value, loses)


def to_quickbooks(value: Value, loses: Value = None) -> Effect:
    """QuickBooks is written to."""
    return Effect(Q, value, loses)


NOTHING = Effect()
MOVES = Effect(moves=True)
DEFERS_HUBSPOT, DEFERS_QUICKBOOKS = Effect(moves=True, deferred=H), Effect(moves=True, deferred=Q)
ASKS = Effect(asks=True)

UNCHANGED = Situation("neither changed", ("a", "a"), ("a", "a"))
UNCHANGED_APART = Situation("neither changed, though they differ", ("a", "o"), ("a", "o"))
CHANGED = Situation("HubSpot changed", ("a", "a"), ("h", "a"))
CHANGED_APART = Situation("HubSpot changed, they differed before", ("a", "o"), ("h", "o"))
CLEARED = Situation("HubSpot cleared", ("a", "a"), (None, "a"))
FILLED = Situation("HubSpot filled a blank", (None, None), ("h", None))
SAME = Situation("both changed to the same", ("a", "a"), ("n", "n"))
SAME_CLEARED = Situation("both cleared", ("a", "a"), (None, None))
CONFLICT = Situation("both changed", ("a", "a"), ("h", "q"))
CHANGED_CLEARED = Situation("HubSpot changed, QuickBooks cleared", ("a", "a"), ("h", None))
FIRST_SAME = Situation("first match, the same", None, ("n", "n"))
FIRST_BLANK = Situation("first match, both blank", None, (None, None))
FIRST_ONE = Situation("first match, only HubSpot has a value", None, ("h", None))
FIRST_APART = Situation("first match, both have a value", None, ("h", "q"))
DEFERRED = Situation("neither changed, QuickBooks deferred at the match", ("a", "o"), ("a", "o"), Q)
DEFERRED_BLANK = Situation(
    "neither changed, QuickBooks deferred and blank", ("a", None), ("a", None), Q
)
DEFERRED_CHANGED = Situation(
    "HubSpot changed, QuickBooks deferred at the match", ("a", "o"), ("h", "o"), Q
)

FROM_HUBSPOT = (
    Row(CHANGED, (BOTH, TO_Q), RULES, (ALWAYS,), EITHER, to_quickbooks("h")),
    Row(CHANGED, (BOTH, TO_Q), RULES, (IF_BLANK,), EITHER, NOTHING),
    Row(CHANGED, (TO_H,), RULES, KEPT, NO, NOTHING),
    Row(CHANGED, (TO_H,), RULES, (ALWAYS,), YES, to_hubspot("a", loses="h")),
    Row(CHANGED, (TO_H,), RULES, (IF_BLANK,), YES, NOTHING),
    Row(CHANGED_APART, (BOTH, TO_Q), RULES, (ALWAYS,), EITHER, to_quickbooks("h", loses="o")),
    Row(CHANGED_APART, (BOTH, TO_Q), RULES, (IF_BLANK,), EITHER, NOTHING),
    Row(CHANGED_APART, (TO_H,), RULES, KEPT, NO, NOTHING),
    Row(CHANGED_APART, (TO_H,), RULES, (ALWAYS,), YES, to_hubspot("o", loses="h")),
    Row(CHANGED_APART, (TO_H,), RULES, (IF_BLANK,), YES, NOTHING),
    Row(CLEARED, (BOTH, TO_Q), RULES, (ALWAYS,), EITHER, to_quickbooks(None)),
    Row(CLEARED, (BOTH, TO_Q), RULES, (IF_BLANK,), EITHER, NOTHING),
    Row(CLEARED, (TO_H,), RULES, KEPT, NO, NOTHING),
    Row(CLEARED, (TO_H,), RULES, KEPT, YES, to_hubspot("a")),
    Row(FILLED, (BOTH, TO_Q), RULES, KEPT, EITHER, to_quickbooks("h")),
    Row(FILLED, (TO_H,), RULES, KEPT, NO, NOTHING),
    Row(FILLED, (TO_H,), RULES, (ALWAYS,), YES, to_hubspot(None, loses="h")),
    Row(FILLED, (TO_H,), RULES, (IF_BLANK,), YES, NOTHING),
    Row(CHANGED_CLEARED, (BOTH,), (Rule.HUBSPOT,), KEPT, EITHER, to_quickbooks("h")),
    Row(
        CHANGED_CLEARED,
        (BOTH,),
        (Rule.QUICKBOOKS,),
        (ALWAYS,),
        EITHER,
        to_hubspot(None, loses="h"),
    ),
    Row(CHANGED_CLEARED, (BOTH,), (Rule.QUICKBOOKS,), (IF_BLANK,), EITHER, to_quickbooks("h")),
    Row(CHANGED_CLEARED, (BOTH,), CHOSEN, (ALWAYS,), EITHER, ASKS),
    Row(CHANGED_CLEARED, (BOTH,), CHOSEN, (IF_BLANK,), EITHER, to_quickbooks("h")),
    Row(CHANGED_CLEARED, (TO_H,), RULES, (ALWAYS,), EITHER, to_hubspot(None, loses="h")),
    Row(CHANGED_CLEARED, (TO_H,), RULES, (IF_BLANK,), EITHER, NOTHING),
    Row(CHANGED_CLEARED, (TO_Q,), RULES, KEPT, EITHER, to_quickbooks("h")),
    Row(FIRST_ONE, (BOTH, TO_Q), RULES, KEPT, EITHER, to_quickbooks("h")),
    Row(FIRST_ONE, (TO_H,), RULES, KEPT, EITHER, DEFERS_QUICKBOOKS),
    Row(DEFERRED, (TO_H,), RULES, KEPT, EITHER, NOTHING),
    Row(DEFERRED, (BOTH, TO_Q), (Rule.HUBSPOT,), (ALWAYS,), EITHER, to_quickbooks("a", loses="o")),
    Row(DEFERRED, (BOTH,), (Rule.QUICKBOOKS,), (ALWAYS,), EITHER, to_hubspot("o", loses="a")),
    Row(DEFERRED, (TO_Q,), (Rule.QUICKBOOKS,), (ALWAYS,), EITHER, DEFERS_HUBSPOT),
    Row(DEFERRED, (BOTH, TO_Q), CHOSEN, (ALWAYS,), EITHER, ASKS),
    Row(DEFERRED, (BOTH, TO_Q), RULES, (IF_BLANK,), EITHER, MOVES),
    Row(DEFERRED_BLANK, (BOTH, TO_Q), RULES, KEPT, EITHER, to_quickbooks("a")),
    Row(DEFERRED_BLANK, (TO_H,), RULES, KEPT, EITHER, NOTHING),
    Row(DEFERRED_CHANGED, (BOTH, TO_Q), RULES, (ALWAYS,), EITHER, to_quickbooks("h", loses="o")),
    Row(DEFERRED_CHANGED, (BOTH, TO_Q), RULES, (IF_BLANK,), EITHER, NOTHING),
    Row(DEFERRED_CHANGED, (TO_H,), RULES, KEPT, NO, NOTHING),
    Row(DEFERRED_CHANGED, (TO_H,), RULES, (ALWAYS,), YES, to_hubspot("o", loses="h")),
    Row(DEFERRED_CHANGED, (TO_H,), RULES, (IF_BLANK,), YES, NOTHING),
)

SYMMETRIC = (
    Row(UNCHANGED, (BOTH, TO_H, TO_Q), RULES, KEPT, EITHER, NOTHING),
    Row(UNCHANGED_APART, (BOTH, TO_H, TO_Q), RULES, KEPT, EITHER, NOTHING),
    Row(SAME, (BOTH, TO_H, TO_Q), RULES, KEPT, EITHER, MOVES),
    Row(SAME_CLEARED, (BOTH, TO_H, TO_Q), RULES, KEPT, EITHER, MOVES),
    Row(CONFLICT, (BOTH,), (Rule.HUBSPOT,), (ALWAYS,), EITHER, to_quickbooks("h", loses="q")),
    Row(CONFLICT, (BOTH,), (Rule.QUICKBOOKS,), (ALWAYS,), EITHER, to_hubspot("q", loses="h")),
    Row(CONFLICT, (BOTH,), CHOSEN, (ALWAYS,), EITHER, ASKS),
    Row(CONFLICT, (TO_Q,), RULES, (ALWAYS,), EITHER, to_quickbooks("h", loses="q")),
    Row(CONFLICT, (TO_H,), RULES, (ALWAYS,), EITHER, to_hubspot("q", loses="h")),
    Row(CONFLICT, (BOTH, TO_H, TO_Q), RULES, (IF_BLANK,), EITHER, NOTHING),
    Row(FIRST_SAME, (BOTH, TO_H, TO_Q), RULES, KEPT, EITHER, MOVES),
    Row(FIRST_BLANK, (BOTH, TO_H, TO_Q), RULES, KEPT, EITHER, MOVES),
    Row(
        FIRST_APART,
        (BOTH, TO_Q),
        (Rule.HUBSPOT,),
        (ALWAYS,),
        EITHER,
        to_quickbooks("h", loses="q"),
    ),
    Row(
        FIRST_APART,
        (BOTH, TO_H),
        (Rule.QUICKBOOKS,),
        (ALWAYS,),
        EITHER,
        to_hubspot("q", loses="h"),
    ),
    Row(FIRST_APART, (TO_H,), (Rule.HUBSPOT,), (ALWAYS,), EITHER, DEFERS_QUICKBOOKS),
    Row(FIRST_APART, (TO_Q,), (Rule.QUICKBOOKS,), (ALWAYS,), EITHER, DEFERS_HUBSPOT),
    Row(FIRST_APART, (BOTH, TO_H, TO_Q), CHOSEN, (ALWAYS,), EITHER, ASKS),
    Row(FIRST_APART, (BOTH, TO_H, TO_Q), RULES, (IF_BLANK,), EITHER, MOVES),
)

OTHER_WORDS = {"HubSpot": "QuickBooks", "QuickBooks": "HubSpot"}
OTHER_VALUES: dict[Value, Value] = {"h": "q", "q": "h"}
OTHER_DIRECTIONS = {BOTH: BOTH, TO_H: TO_Q, TO_Q: TO_H}
OTHER_RULES = {
    Rule.HUBSPOT: Rule.QUICKBOOKS,
    Rule.QUICKBOOKS: Rule.HUBSPOT,
    Rule.NEWEST: Rule.NEWEST,
    Rule.ASK: Rule.ASK,
}


def _other(value: Value) -> Value:
    return OTHER_VALUES.get(value, value)


def mirrored(row: Row) -> Row:
    """The same row seen from the other side: neither of the two services is special."""
    name, base, shown, deferred = row.situation
    words = " ".join(OTHER_WORDS.get(word, word) for word in name.split(" "))
    effect = row.effect
    return row._replace(
        situation=Situation(
            words,
            None if base is None else (_other(base[1]), _other(base[0])),
            (_other(shown[1]), _other(shown[0])),
            deferred.other if deferred else None,
        ),
        directions=tuple(OTHER_DIRECTIONS[each] for each in row.directions),
        rules=tuple(OTHER_RULES[each] for each in row.rules),
        effect=effect._replace(
            write_to=effect.write_to.other if effect.write_to else None,
            value=_other(effect.value),
            loses=_other(effect.loses),
            deferred=effect.deferred.other if effect.deferred else None,
        ),
    )


KEPT_ROWS = (*FROM_HUBSPOT, *map(mirrored, FROM_HUBSPOT), *SYMMETRIC)
SITUATIONS = tuple(dict.fromkeys(row.situation for row in KEPT_ROWS))
ROWS = (
    *KEPT_ROWS,
    *(
        Row(situation, (BOTH, TO_H, TO_Q), RULES, (ON_CREATE,), EITHER, NOTHING)
        for situation in SITUATIONS
    ),
)


def _shown(pair: Pair | None) -> str:
    return "none" if pair is None else " / ".join(value or "blank" for value in pair)


def _any(chosen: tuple[object, ...], count: int) -> str:
    return "any" if len(chosen) == count else ", ".join(str(each) for each in chosen)


def described(effect: Effect) -> str:
    """An effect in words."""
    if effect.moves:
        later = f", defer {effect.deferred.shown}" if effect.deferred else ""
        return f"move the bases{later}"
    if effect.asks:
        return "hold it until it is chosen"
    if effect.write_to is None:
        return "nothing"
    where = "HubSpot" if effect.write_to is H else "QuickBooks"
    done = f"write {effect.value} to {where}" if effect.value else f"clear {where}"
    return f"{done}, journal {effect.loses}" if effect.loses else done


def cells(row: Row) -> tuple[str, ...]:
    """One row as text, in the order of `HEADINGS`."""
    enforced = "any" if len(row.enforced) == 2 else ("yes" if row.enforced[0] else "no")
    return (
        row.situation.name,
        _shown(row.situation.base),
        _shown(row.situation.shown),
        _any(row.directions, 3),
        _any(row.rules, len(RULES)),
        _any(row.whens, 3),
        enforced,
        described(row.effect),
    )


HEADINGS = ("situation", "base", "shown now", "direction", "rule", "when", "enforce", "decision")


def as_markdown(rows: tuple[Row, ...] = ROWS) -> str:
    """The table; pairs of values are HubSpot / QuickBooks."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *map(cells, rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    print(as_markdown())
