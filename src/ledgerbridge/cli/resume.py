"""`ledgerbridge resume`: what was paused goes on."""

from __future__ import annotations

import click

from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.cli.pause import show
from ledgerbridge.cli.record_names import record_named
from ledgerbridge.service import pausing


@click.command("resume")
@click.argument("target", metavar="TARGET")
@click.argument("record", metavar="[RECORD]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, target: str, record: str | None, as_json: bool) -> None:
    """Let a connection, a sync, or a RECORD of a sync go on; what changed meanwhile travels."""
    named = None if record is None else record_named(record)
    show(wait_for(_resume(target, named)), as_json=as_json)


async def _resume(target: str, named: pausing.Named | None) -> pausing.RestsReport:
    async with opened(alone=True) as shop:
        return await shop.store.write(pausing.resume, target, named, shop.clock.now())
