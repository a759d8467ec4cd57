"""The demo's plan: in numbers, with one example of each kind and of each reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeAlias

from ledgerbridge.cli.demo_stage import Stage
from ledgerbridge.cli.demo_text import fields_in_words, item, numbers, paragraph
from ledgerbridge.cli.output import SIDE_NAMES, number
from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import Attached, Item, Loss, MadeLink, Operation, Status, WriteKind
from ledgerbridge.service import matching, spool
from ledgerbridge.service.cycle import make_plan
from ledgerbridge.service.matching import MatchClass, MatchesReport
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.reporting import Reason, reasons_of
from ledgerbridge.store import operations, syncs
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.children import CHILD_TYPES

PAGE = 1000
FIELDS_SHOWN = 2
LINES_ROW = "  their lines"
ROWS = ("contacts", "companies", "products", "invoices", LINES_ROW, "payments")
COLUMNS = {
    "paired": "paired",
    "hubspot.create": "new in HubSpot",
    "hubspot.update": "changed there",
    "quickbooks.create": "new in QuickBooks",
    "quickbooks.update": "changed there",
}
STANDING = {
    Status.EXCLUDED: "left out",
    Status.BLOCKED: "wait",
    Status.WAITING: "wait",
    Status.CASE: "wait for a person",
    Status.FAILING: "fail",
    Status.IN_DOUBT: "in doubt",
}
Key: TypeAlias = tuple[str, str]


@dataclass
class PlanInShort:
    """
    A plan's rows by sync (or its lines) and column, one example of each kind, and how many
    values of people give way to the other side's.
    """

    counts: Counter[Key] = field(default_factory=Counter)
    examples: dict[Key, str] = field(default_factory=dict)
    losses: int = 0
    attached: int = 0
    reasons: dict[str, tuple[Reason, ...]] = field(default_factory=dict)

    @property
    def writes(self) -> int:
        """How many records would be written."""
        return sum(n for (_, column), n in self.counts.items() if column != "paired")

    def add(self, sync: str, planned: Item) -> None:
        """Count one item, and keep the first of its kind as an example."""
        if isinstance(planned, Operation):
            self.losses += sum(map(_values_lost, planned.losses))
        if isinstance(planned, Attached):
            self.attached += 1
        key = _key(sync, planned)
        if key is None:
            return
        self.counts[key] += 1
        if key not in self.examples:
            self.examples[key] = _example(planned)


def _key(sync: str, planned: Item) -> Key | None:
    if isinstance(planned, MadeLink):
        return sync, "paired"
    if isinstance(planned, Operation):
        row = LINES_ROW if planned.object_type in CHILD_TYPES else sync
        return row, f"{planned.side}.{planned.kind}"
    return None


def _values_lost(loss: Loss) -> int:
    """How many values of a person give way to another one."""
    return sum(
        value is not None and value != loss.winner.get(name) for name, value in loss.fields.items()
    )


def _example(planned: Item) -> str:
    if isinstance(planned, MadeLink):
        ids = f"HubSpot {planned.hubspot_id} and QuickBooks {planned.quickbooks_id}"
        return f"{ids}, {planned.reason}"
    assert isinstance(planned, Operation), "only these two kinds are shown"
    words = fields_in_words(planned.object_type, planned.fields)
    more = f" and {len(words) - FIELDS_SHOWN} more" if len(words) > FIELDS_SHOWN else ""
    fields = ", ".join(words[:FIELDS_SHOWN]) + more
    if planned.kind is not WriteKind.CREATE:
        return f"{planned.record_id} gets {fields}"
    if planned.line is not None:
        return f"with {fields}"
    return f"for {SIDE_NAMES[planned.side.other]} {planned.partner}, with {fields}"


async def show_plan(stage: Stage) -> PlanInShort:
    """Make the plan, writing nothing, and show it; returns it in short."""
    world = await open_world(stage.shop)
    await make_plan(world)
    plan = await stage.shop.store.read(_in_short)
    matches = await stage.shop.store.read(matching.report)
    _show_numbers(plan)
    _show_examples(plan)
    _show_matches(stage, matches)
    _show_reasons(plan)
    return plan


def _in_short(tx: Transaction) -> PlanInShort:
    plan = PlanInShort()
    for sync in syncs.every(tx):
        after = (-1, 0)
        while rows := operations.planned(tx, sync.id, PAGE, after):
            after = (rows[-1].stage, rows[-1].seq)
            for row in rows:
                plan.add(sync.name, spool.read(row).item)
        plan.reasons[sync.name] = reasons_of(tx, sync.id)
    return plan


def _show_numbers(plan: PlanInShort) -> None:
    paragraph(
        f"{number(plan.writes, 'record')} would be written. Nothing has been written yet; both "
        "sides were only read."
    )
    numbers(
        list(COLUMNS.values()),
        [(row, [plan.counts[row, column] for column in COLUMNS]) for row in ROWS],
    )


def _show_examples(plan: PlanInShort) -> None:
    paragraph("One of each:")
    for row in ROWS:
        for column in COLUMNS:
            if (row, column) in plan.examples:
                item(f"{row.strip()} {_where(column)}: {plan.examples[row, column]}")
    if plan.attached:
        item(
            f"{number(plan.attached, 'more customer')} without a contact of their own: a shared "
            "e-mail, or a sub-customer"
        )
    if plan.losses:
        item(
            f"{number(plan.losses, 'value')} of HubSpot give way to other ones of QuickBooks, by "
            "rule; the history keeps them"
        )


def _show_matches(stage: Stage, report: MatchesReport) -> None:
    """How sure the pairs are; one that is not certain waits for a person."""
    found = Counter(one.match for one in report.matches)
    for match in (MatchClass.CERTAIN, MatchClass.PROPOSED, MatchClass.AMBIGUOUS):
        stage.expect(found[match], f"No pair is {match}.")
    item(
        f"Who is whom: {number(found[MatchClass.CERTAIN], 'pair')} certain, "
        f"{found[MatchClass.PROPOSED]} proposed and {found[MatchClass.AMBIGUOUS]} ambiguous, which "
        "a person decides. With the evidence: ledgerbridge plan --matches"
    )


def _where(column: str) -> str:
    if column == "paired":
        return "paired"
    side, kind = column.split(".")
    verb = "new in" if kind == WriteKind.CREATE else "changed in"
    return f"{verb} {SIDE_NAMES[Side(side)]}"


def _show_reasons(plan: PlanInShort) -> None:
    paragraph("What is left out, waits or fails, and why (with one of them):")
    for name, reasons in plan.reasons.items():
        for reason in reasons:
            where = [SIDE_NAMES[Side(one.split(":")[0])] for one in reason.examples[:1]]
            example = f" ({where[0]} {reason.examples[0].split(':')[1]})" if where else ""
            what = f"{reason.records} {name} {STANDING[reason.status]}"
            item(f"{what}: {reason.message.removesuffix('.')}{example}")
