"""`ledgerbridge retry`: failing records are due now."""

from __future__ import annotations

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.cli.record_names import record_named
from ledgerbridge.service import retrying


@click.command("retry")
@click.argument("names", nargs=-1, metavar="[NAME…]")
@click.option("--group", metavar="CODE", help="Only those that fail for this reason.")
@click.option("--record", metavar="RECORD", help="Only this one, such as quickbooks:12.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    *, names: tuple[str, ...], group: str | None, record: str | None, as_json: bool
) -> None:
    """Let the next run try all failing records again, of these syncs or of all."""
    which = retrying.Which(group, None if record is None else record_named(record))
    report = wait_for(_retry(names, which))
    if as_json:
        output.show_json(report)
        return
    total = sum(report.records.values())
    output.say(f"{output.number(total, 'failing record')} due now.")
    if total:
        output.say("Try them with: ledgerbridge run")


async def _retry(names: tuple[str, ...], which: retrying.Which) -> retrying.RetryReport:
    async with opened(alone=True) as shop:
        return await shop.store.write(retrying.retry, names, shop.clock.now(), which)
