"""`ledgerbridge pause`: let an account, a sync or a record rest."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.cli.record_names import record_named
from ledgerbridge.service import pausing


@click.command("pause")
@click.argument("target", metavar="TARGET")
@click.argument("record", metavar="[RECORD]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, target: str, record: str | None, as_json: bool) -> None:
    """Let a connection, a sync, or a RECORD of a sync rest until it is resumed; no call is made."""
    named = None if record is None else record_named(record)
    show(wait_for(_pause(target, named)), as_json=as_json)


async def _pause(target: str, named: pausing.Named | None) -> pausing.RestsReport:
    async with opened(alone=True) as shop:
        return await shop.store.write(pausing.pause, target, named, shop.clock.now())


def show(report: pausing.RestsReport, *, as_json: bool) -> None:
    """Print what rests now."""
    if as_json:
        output.show_json(report)
        return
    show_resting(report.resting)
    if not report.resting:
        output.say("Nothing rests.")
    if report.looked_at_again:
        records = output.number(report.looked_at_again, "record")
        output.say(f"The next run looks at {records} again: ledgerbridge run")


def show_resting(resting: Sequence[pausing.RestReport]) -> None:
    """Print what rests, one a line."""
    for one in resting:
        what = " ".join(x for x in (one.connection, one.sync, one.record, one.code) if x)
        until = f", until {one.until:%Y-%m-%d}" if one.until is not None else ""
        output.say(f"{one.kind}: {what}, since {one.since:%Y-%m-%d}{until}")
