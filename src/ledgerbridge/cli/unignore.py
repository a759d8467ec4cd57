"""`ledgerbridge unignore`: what was ignored is looked at again."""

from __future__ import annotations

import click

from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.cli.ignore import one_of_both
from ledgerbridge.cli.pause import show
from ledgerbridge.cli.record_names import record_named
from ledgerbridge.service import pausing


@click.command("unignore")
@click.argument("sync", metavar="SYNC")
@click.argument("record", metavar="[RECORD]", required=False)
@click.option("--group", metavar="CODE", help="All that fails for this reason.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, sync: str, record: str | None, group: str | None, as_json: bool) -> None:
    """Look at a RECORD of a sync again, or with --group at all that failed for one reason."""
    show(wait_for(_unignore(sync, record, group)), as_json=as_json)


async def _unignore(sync: str, record: str | None, group: str | None) -> pausing.RestsReport:
    one_of_both(record, group)
    async with opened(alone=True) as shop:
        now = shop.clock.now()
        if record is not None:
            return await shop.store.write(pausing.unignore, sync, record_named(record), now)
        return await shop.store.write(pausing.unignore_group, sync, group or "", now)
