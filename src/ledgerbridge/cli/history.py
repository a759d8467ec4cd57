"""`ledgerbridge history`: runs, and the journal of what was written and what was lost."""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.cli.record_names import record_named
from ledgerbridge.cli.status import run_in_words
from ledgerbridge.core.model import Value
from ledgerbridge.service import history_rows, reporting

DEEDS = {
    "create": "made",
    "archive": "archived",
    "associate": "associated",
    "disassociate": "separated",
}


@click.command("history")
@click.option("--run", metavar="ID", help="What this run wrote and lost.")
@click.option("--record", metavar="SIDE:ID", help="What happened to one record: hubspot:501")
@click.option("--losses", is_flag=True, help="Values of people that lost to a rule.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option("--values", is_flag=True, help="Show the values before and after.")
@click.option("--since", metavar="DATE", help="From this day on (UTC), such as 2026-10-31.")
@click.option("--until", metavar="DATE", help="Before this day (UTC).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print all entries with their values as CSV.")
def command(
    *,
    run: str | None,
    record: str | None,
    losses: bool,
    limit: int,
    values: bool,
    since: str | None,
    until: str | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Show the newest runs, or what was written."""
    if as_json and as_csv:
        raise click.UsageError("Choose one of --json and --csv.")
    found = record_named(record) if record is not None else None
    wanted = history_rows.Wanted(
        run=run, record=found, losses=losses, since=_day(since), until=_day(until)
    )
    if as_csv:
        wait_for(_export(wanted))
        return
    report = wait_for(_history(wanted, limit, values=values))
    if as_json:
        output.show_json(report)
        return
    if not (report.runs or report.entries):
        output.say("Nothing to show.")
    output.table([[one.id, run_in_words(one)] for one in report.runs])
    for entry in report.entries:
        _show(entry)


def _day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise click.UsageError(f"{text!r} is no day; write it as 2026-10-31.") from None


async def _history(
    wanted: history_rows.Wanted, limit: int, *, values: bool
) -> reporting.HistoryReport:
    async with opened(alone=False) as shop:
        if wanted == history_rows.Wanted():
            return await shop.store.read(reporting.runs_report, limit)
        return await shop.store.read(
            reporting.entries_report,
            limit,
            run=wanted.run,
            record=wanted.record,
            losses=wanted.losses,
            values=values,
            since=wanted.since,
            until=wanted.until,
        )


async def _export(wanted: history_rows.Wanted) -> None:
    """Every row, page by page, so that the history may be longer than the memory."""
    writer, before = csv.writer(sys.stdout), None
    async with opened(alone=False) as shop:
        rows, before = await shop.store.read(history_rows.page, wanted, before)
        writer.writerow(history_rows.COLUMNS)
        writer.writerows(rows)
        while before is not None:
            rows, before = await shop.store.read(history_rows.page, wanted, before)
            writer.writerows(rows)


def _show(entry: reporting.JournalReport) -> None:
    at = f"{entry.at:%Y-%m-%d %H:%M:%S}"
    what = DEEDS.get(entry.operation, "wrote") if entry.kind == "write" else "lost"
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
