"""`ledgerbridge history`: runs, and the journal of what was written and what was lost."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import click
import msgspec

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.cli.record_names import record_named
from ledgerbridge.cli.status import run_in_words
from ledgerbridge.core.model import Value
from ledgerbridge.service import history, history_rows
from ledgerbridge.service.history_rows import Row

DEEDS = {
    "create": "made",
    "archive": "archived",
    "associate": "associated",
    "disassociate": "separated",
}


@click.command("history")
@click.argument("record", required=False, metavar="[SIDE:ID]")
@click.option("--run", metavar="ID", help="What this run wrote and lost.")
@click.option("--losses", is_flag=True, help="Values of people that lost to a rule.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option("--values", is_flag=True, help="Show the values before and after.")
@click.option("--since", metavar="DATE", help="From this day on (UTC), such as 2026-10-31.")
@click.option("--until", metavar="DATE", help="Before this day (UTC).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print all entries with their values as CSV.")
@click.option("--json-lines", "as_lines", is_flag=True, help="The same as JSON, a field a line.")
def command(
    *,
    record: str | None,
    run: str | None,
    losses: bool,
    limit: int,
    values: bool,
    since: str | None,
    until: str | None,
    as_json: bool,
    as_csv: bool,
    as_lines: bool,
) -> None:
    """Show the newest runs, or what was written; of one record (hubspot:501) its whole story."""
    if as_json + as_csv + as_lines > 1:
        raise click.UsageError("Choose one of --json, --json-lines and --csv.")
    found = record_named(record) if record is not None else None
    wanted = history.Wanted(
        run=run, record=found, losses=losses, since=_day(since), until=_day(until)
    )
    if as_csv or as_lines:
        wait_for(_export(wanted, _as_csv() if as_csv else _as_json_lines))
        return
    report = wait_for(_history(wanted, limit, values=values))
    if as_json:
        output.show_json(report)
        return
    if report == history.HistoryReport():
        output.say("Nothing to show.")
    output.table([[one.id, run_in_words(one)] for one in report.runs])
    for pair in report.pairs:
        _show_pair(pair)
    told = report.entries if found is None else reversed(report.entries)
    for entry in told:
        _show(entry)
    if found is not None and len(report.entries) == limit:
        output.say(f"Only the newest {limit} entries. More of them: --limit")


def _day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise click.UsageError(f"{text!r} is no day; write it as 2026-10-31.") from None


async def _history(wanted: history.Wanted, limit: int, *, values: bool) -> history.HistoryReport:
    async with opened(alone=False) as shop:
        if wanted == history.Wanted():
            return await shop.store.read(history.runs_report, limit)
        return await shop.store.read(history.entries_report, limit, wanted, values=values)


async def _export(wanted: history.Wanted, write: Callable[[list[Row]], None]) -> None:
    """Every row, page by page, so that the history may be longer than the memory."""
    before = None
    async with opened(alone=False) as shop:
        while True:
            rows, before = await shop.store.read(history_rows.page, wanted, before)
            write(rows)
            if before is None:
                return


def _as_csv() -> Callable[[list[Row]], None]:
    writer = csv.writer(sys.stdout)
    writer.writerow(history_rows.COLUMNS)
    return lambda rows: writer.writerows([map(history_rows.harmless, row) for row in rows])


def _as_json_lines(rows: list[Row]) -> None:
    for row in rows:
        output.say(msgspec.json.encode(dict(zip(history_rows.COLUMNS, row, strict=True))).decode())


def _show_pair(pair: history.PairStanding) -> None:
    output.say(f"{pair.sync}: {' and '.join(pair.records)}, {pair.status}")
    for line in (pair.reason, pair.remedy):
        if line:
            output.say(f"    {line}")


def _show(entry: history.JournalReport) -> None:
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
