"""`ledgerbridge plan`: a dry run, in numbers, with examples and reasons."""

from __future__ import annotations

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.cli.matches import show_matches
from ledgerbridge.cli.running import followed_world
from ledgerbridge.core.model import Value
from ledgerbridge.service import acceptance, matching
from ledgerbridge.service.cautions import Creation
from ledgerbridge.service.cycle import make_plan
from ledgerbridge.service.explaining import END, GO_ON, MATCH, Change, Example, PlanReport, SyncPlan
from ledgerbridge.service.explaining import plan_report as report_of
from ledgerbridge.service.matching import MatchesReport

CHANGES_PENDING = 2
FIELDS_SHOWN_MAX = 6


@click.command("plan")
@click.argument("names", nargs=-1, metavar="[NAME…]")
@click.option("--accept", is_flag=True, help="Accept this plan, so that a run may do it.")
@click.option("--matches", is_flag=True, help="Show who is paired with whom instead.")
@click.option("--values", is_flag=True, help="Show the values of fields in the examples.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    *, names: tuple[str, ...], accept: bool, matches: bool, values: bool, as_json: bool
) -> None:
    """Show what a run would do, and write nothing. Exit 0: nothing to do, 2: changes pending."""
    report, pairs = wait_for(_plan(names, accept=accept, values=values))
    if as_json:
        output.show_json(pairs if matches else report)
    elif matches:
        show_matches(pairs)
    else:
        show_plan(report)
        if accept and report.changes:
            output.say("Accepted. Do it with: ledgerbridge run")
    if report.changes:
        click.get_current_context().exit(CHANGES_PENDING)


async def _plan(
    names: tuple[str, ...], *, accept: bool, values: bool
) -> tuple[PlanReport, MatchesReport]:
    async with opened(alone=True) as shop:
        async with followed_world(shop, names) as world:
            counts = await make_plan(world)
        if accept and counts:
            await world.commit(acceptance.accept, world, counts)
        report = await report_of(world, counts, values=values)
        return report, await shop.store.read(matching.report)


def show_plan(report: PlanReport) -> None:
    """Print a plan for a person."""
    for sync in report.syncs:
        _show_sync(sync)
    if report.creations:
        made = ", ".join(map(_made, report.creations))
        output.say(f"It would make: {made}.")
    for one in report.irreversible:
        output.say(f"Cannot be undone: {one.records:,} {one.what}. {one.why}")
    for note in report.notes:
        output.say(f"Note: {note}")
    if not report.changes:
        output.say("Nothing to do.")
        return
    calls = ", ".join(
        f"{number:,} to {output.SIDE_NAMES[side]}" for side, number in report.calls.items()
    )
    changes = output.number(report.changes, "change")
    output.say(f"{changes}; about {output.duration(report.seconds)} and these calls: {calls}.")
    output.say(
        f"Intuit charges for reads: looking took {report.metered_so_far:,}, a run takes about "
        f"{report.metered:,} more."
    )
    if report.needs_acceptance:
        output.say(report.needs_acceptance)


def _made(creation: Creation) -> str:
    where = output.SIDE_NAMES[creation.side]
    return f"{creation.records:,} {creation.object_type} in {where}"


def _show_sync(sync: SyncPlan) -> None:
    output.say(sync.name)
    if sync.unavailable:
        output.say(f"  cannot work now: {sync.unavailable}")
    if not (sync.changes or sync.not_going or sync.unavailable):
        output.say("  in step")
    output.table(
        [
            [f"{change.records:,}", _what(change), f"e.g. {_example(change.examples[0])}"]
            for change in sync.changes
        ],
        indent=2,
    )
    if sync.removed:
        output.say(f"  removed, because their other halves are gone: {', '.join(sync.removed)}")
    if sync.conflicts:
        first = sync.conflict_examples[0]
        conflicts = output.number(sync.conflicts, "conflict")
        output.say(f"  {conflicts} decided by rule; the loser is kept in the journal")
        side = output.SIDE_NAMES[first.losing_side]
        output.say(f"    e.g. {first.record}: {_fields(first.fields)} of {side} loses")
        output.say(f"    {first.reason}")
    output.table(output.reason_rows(sync.not_going), indent=2)
    output.say()


def _what(change: Change) -> str:
    if change.kind == MATCH:
        return f"pair existing {change.object_type}"
    if change.kind == END:
        return f"end pairs of {change.object_type}, one half is gone"
    if change.kind == GO_ON:
        return f"let pairs of {change.object_type} go on"
    return f"{change.kind} {change.object_type} in {output.SIDE_NAMES[change.side]}"


def _example(example: Example) -> str:
    if example.values:
        shown = "; ".join(
            f"{name}: {_value(before)} → {_value(after)}"
            for name, (before, after) in example.values.items()
        )
        return f"{example.record} ({example.reason}) {shown}"
    fields = f": {_fields(example.fields)}" if example.fields else ""
    return f"{example.record} ({example.reason}){fields}"


def _value(value: Value) -> str:
    return "(empty)" if value is None else repr(value)


def _fields(names: tuple[str, ...]) -> str:
    more = len(names) - FIELDS_SHOWN_MAX
    return ", ".join(names[:FIELDS_SHOWN_MAX]) + (f" and {more} more" if more > 0 else "")
