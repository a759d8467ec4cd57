"""`ledgerbridge history`: runs, and the journal of what was written and what was lost."""

from __future__ import annotations

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.cli.record_names import record_named
from ledgerbridge.cli.status import run_in_words
from ledgerbridge.core.model import Side, Value
from ledgerbridge.service import reporting


@click.command("history")
@click.option("--run", metavar="ID", help="What this run wrote and lost.")
@click.option("--record", metavar="SIDE:ID", help="What happened to one record: hubspot:501")
@click.option("--losses", is_flag=True, help="Values of people that lost to a rule.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option("--values", is_flag=True, help="Show the values before and after.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    *, run: str | None, record: str | None, losses: bool, limit: int, values: bool, as_json: bool
) -> None:
    """Show the newest runs, or what was written."""
    found = record_named(record) if record is not None else None
    report = wait_for(_history(run, found, limit, losses=losses, values=values))
    if as_json:
        output.show_json(report)
        return
    if not (report.runs or report.entries):
        output.say("Nothing to show.")
    output.table([[one.id, run_in_words(one)] for one in report.runs])
    for entry in report.entries:
        _show(entry)


async def _history(
    run: str | None, record: tuple[Side, str] | None, limit: int, *, losses: bool, values: bool
) -> reporting.HistoryReport:
    async with opened(alone=False) as shop:
        if run is None and record is None and not losses:
            return await shop.store.read(reporting.runs_report, limit)
        return await shop.store.read(
            reporting.entries_report, limit, run=run, record=record, losses=losses, values=values
        )


def _show(entry: reporting.JournalReport) -> None:
    at = f"{entry.at:%Y-%m-%d %H:%M:%S}"
    what = "wrote" if entry.kind == "write" else "lost"
    output.say(f"{at}  {entry.sync}  {what} {entry.record} ({entry.object_type})")
    if entry.reason:
        output.say(f"    {entry.reason}")
    if entry.values is None:
        output.say(f"    {', '.join(entry.fields)}")
        return
    rows = [
        [name, _value(before), "→", _value(after)] for name, (before, after) in entry.values.items()
    ]
    output.table(rows, indent=4)


def _value(value: Value) -> str:
    return "(empty)" if value is None else value
