from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
from mapping_worlds import typed
from merge_table import HEADINGS, ROWS, RULES, SITUATIONS, Pair, Row, as_markdown

from ledgerbridge.core.conflicts import Conflict
from ledgerbridge.core.mapping import Direction, Rule, When
from ledgerbridge.core.merge import DEFERRED, Decision, Patch, decide, deferred
from ledgerbridge.core.model import Link, Record, Side, Value, Values
from ledgerbridge.core.plan import Loss
from ledgerbridge.core.schema import FieldType

NAMES = {Side.HUBSPOT: "ours", Side.QUICKBOOKS: "Theirs"}
MARK = deferred("tested")
Setting = tuple[Direction, Rule, When, bool]
CELLS = [
    (row, setting)
    for row in ROWS
    for setting in product(row.directions, row.rules, row.whens, row.enforced)
]


def images(pair: Pair) -> dict[Side, Values]:
    """What both sides show, by field."""
    return {side: {NAMES[side]: value} for side, value in zip(Side, pair, strict=True)}


def decided(row: Row, setting: Setting) -> Decision:
    """What the code decides for one cell of the table."""
    direction, rule, when, enforce = setting
    mapping = typed(FieldType.TEXT, direction=direction, when=when, enforce=enforce)
    base = images(row.situation.base) if row.situation.base else {side: {} for side in Side}
    if to := row.situation.deferred:
        base = {**base, to: {**base[to], MARK: DEFERRED}}
    shown = images(row.situation.shown)
    link = Link(
        id="contacts/q2/1",
        hubspot_id="1",
        quickbooks_id="2",
        base_hubspot=dict(base[Side.HUBSPOT]),
        base_quickbooks=dict(base[Side.QUICKBOOKS]),
    )
    return decide(
        link,
        Record("contacts", "1", "v1", dict(shown[Side.HUBSPOT])),
        Record("Customer", "2", "0", dict(shown[Side.QUICKBOOKS])),
        [mapping],
        rule,
    )


def expected(row: Row, reason: str) -> Decision:
    """What the table says, as the code would say it; the reason of a loss is taken as it is."""
    effect, shown = row.effect, images(row.situation.shown)
    unmarked: dict[str, Value] = {MARK: None} if row.situation.deferred else {}
    moved = {side: {**image, **unmarked} for side, image in shown.items()} if effect.moves else {}
    if effect.deferred:
        moved[effect.deferred][MARK] = DEFERRED
    if effect.write_to is None:
        ours, theirs = (dict(shown[side]) for side in Side)
        held = Conflict(mapping="tested", hubspot=ours, quickbooks=theirs)
        asked = (held,) if effect.asks else ()
        return Decision(patches={}, moved=moved, problems=(), held=asked)
    to, name = effect.write_to, NAMES[effect.write_to]
    loss = Loss(side=to, fields={name: effect.loses}, winner={name: effect.value}, reason=reason)
    patch = Patch(
        fields={name: effect.value},
        covers=(name, *unmarked),
        sources={**shown[to.other], **unmarked},
        losses=(loss,) if effect.loses else (),
    )
    return Decision(patches={to: patch}, moved=moved, problems=())


@pytest.mark.parametrize(
    ("row", "setting"), CELLS, ids=lambda each: each.situation.name if type(each) is Row else ""
)
def test_the_decision_is_the_one_of_the_table(row: Row, setting: Setting) -> None:
    found = decided(row, setting)
    reasons = [loss.reason for patch in found.patches.values() for loss in patch.losses]
    assert found == expected(row, reasons[0] if reasons else "")
    assert all(reasons)


def test_the_table_answers_every_setting_in_every_situation_once() -> None:
    answered = Counter((row.situation, *setting) for row, setting in CELLS)
    wanted = set(product(SITUATIONS, Direction, RULES, When, (True, False)))
    assert set(answered) == wanted
    assert set(answered.values()) == {1}


def test_the_table_loses_only_what_somebody_wrote_and_nobody_else_shows() -> None:
    for row in ROWS:
        lost = row.effect.loses
        assert lost is None or lost in row.situation.shown
        assert lost is None or row.situation.shown.count(lost) == 1


def test_the_table_can_be_printed() -> None:
    printed = as_markdown().splitlines()
    assert len(printed) == len(ROWS) + 2
    assert all(line.count("|") == len(HEADINGS) + 1 for line in printed)
    assert (
        "| both changed | a / a | h / q | both ways | quickbooks | always | any "
        "| write q to HubSpot, journal h |" in printed
    )
