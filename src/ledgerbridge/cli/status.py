"""`ledgerbridge status`: how it stands, from what is remembered; no call is made."""

from __future__ import annotations

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.connections import show_connections
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.cli.pause import show_resting
from ledgerbridge.service import reporting


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, as_json: bool) -> None:
    """Show what is in sync, what is not, why, and what to do."""
    report = wait_for(_status())
    if as_json:
        output.show_json(report)
    else:
        show_status(report)


async def _status() -> reporting.StatusReport:
    async with opened(alone=False) as shop:
        return await shop.store.read(reporting.status_report)


def show_status(report: reporting.StatusReport) -> None:
    """Print how it stands for a person."""
    show_connections(report.connections)
    for sync in report.syncs:
        output.say()
        _show_sync(sync)
    output.say()
    show_resting(report.resting)
    if report.in_doubt:
        requests = output.number(report.in_doubt, "request")
        output.say(f"{requests} of unknown fate: the next run finds out.")
    if report.last_run is not None:
        output.say(f"Last run: {run_in_words(report.last_run)}")
    else:
        output.say("Nothing has run yet.")


def _show_sync(sync: reporting.SyncStatus) -> None:
    parts = [f"{sync.name}: {'on' if sync.enabled else 'off'}", f"{sync.in_sync:,} in sync"]
    if sync.leaning:
        parts.append(f"{sync.leaning:,} lean on another one's pair")
    if sync.ended:
        parts.append(f"{sync.ended:,} ended")
    if sync.to_look_at:
        parts.append(f"{sync.to_look_at:,} to look at in the next run")
    output.say(", ".join(parts))
    output.table(output.reason_rows(sync.reasons), indent=2)
    due = [one.next_try for one in sync.reasons if one.next_try is not None]
    if due:
        output.say(f"  next try by itself: {min(due):%Y-%m-%d %H:%M} UTC")


def run_in_words(run: reporting.RunSummary) -> str:
    """`2026-11-23 04:50 UTC, done: 12 writes, 3 calls`."""
    parts = [output.number(run.writes, "write"), output.number(run.calls, "call")]
    if run.losses:
        parts.append(output.number(run.losses, "loss", "losses"))
    if run.failing:
        parts.append(f"{run.failing:,} failing")
    return f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC, {run.status}: {', '.join(parts)}"
