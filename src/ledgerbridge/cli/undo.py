"""`ledgerbridge undo`: put back what a run, or all runs to one record, wrote."""

from __future__ import annotations

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.cli.record_names import record_named
from ledgerbridge.cli.running import followed_world
from ledgerbridge.errors import UsageError
from ledgerbridge.service.undo_subjects import Target
from ledgerbridge.service.undoing import UndoReport, carry_out, plan_undo

SHOWN_MAX = 20


@click.command("undo")
@click.argument("what", metavar="RUN|SIDE:ID")
@click.option("--type", "object_type", metavar="TYPE", help="Which record, where ids are shared.")
@click.option("--dry-run", is_flag=True, help="Show what it would do, and write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, what: str, object_type: str | None, dry_run: bool, yes: bool, as_json: bool) -> None:
    """
    Undo what a run wrote, or all that was written to one record (hubspot:501). It shows first what
    it would do and what it leaves, and asks. What somebody has changed since stays.
    """
    record = record_named(what) if ":" in what else None
    target = Target(run=None if record else what, record=record, object_type=object_type)
    report = wait_for(_undo(target, dry_run=dry_run, yes=yes, as_json=as_json))
    if as_json:
        output.show_json(report)
    elif report.run:
        _show_done(report)


async def _undo(target: Target, *, dry_run: bool, yes: bool, as_json: bool) -> UndoReport:
    async with opened(alone=True) as shop, followed_world(shop, ()) as world:
        plan = await plan_undo(world, target)
        if not as_json:
            _show_plan(plan)
        if dry_run or not plan.steps:
            return plan
        if not yes and output.somebody_is_there():
            yes = output.agreed("Undo this?")
        if not yes:
            raise UsageError("Nothing was undone: nobody agreed. Add --yes to agree.")
        return await carry_out(world, target, plan)


def _show_plan(plan: UndoReport) -> None:
    output.say(f"{output.number(len(plan.steps), 'write')} would undo it:")
    rows = [
        [one.record, one.object_type, one.kind, ", ".join(one.fields)]
        for one in plan.steps[:SHOWN_MAX]
    ]
    output.table(rows, indent=2)
    _and_more(len(plan.steps))
    if plan.unknown:
        output.say(
            f"{output.number(plan.unknown, 'write')} of this run are not in the history any more: "
            "what they did is not known, and stays."
        )
    _show_left(plan)


def _show_left(report: UndoReport) -> None:
    if not report.left:
        return
    output.say(f"{output.number(len(report.left), 'thing')} stay as they are:")
    for one in report.left[:SHOWN_MAX]:
        good = "irreversible: " if one.for_good else ""
        who = f" ({one.who})" if one.who else ""
        fields = f" {', '.join(one.fields)}:" if one.fields else ""
        output.say(f"  {one.record} ({one.object_type}){fields} {good}{one.reason}{who}")
    _and_more(len(report.left))


def _and_more(number: int) -> None:
    if number > SHOWN_MAX:
        output.say(f"  … and {number - SHOWN_MAX:,} more; all of them with --json")


def _show_done(report: UndoReport) -> None:
    output.say(f"Undone with {output.number(report.writes, 'write')}. Run {report.run}")
    if report.in_doubt:
        requests = output.number(report.in_doubt, "request")
        output.say(f"{requests} left and was not answered. Ask for the same undo again later.")
    _show_left(report)
