"""`ledgerbridge relink`: rebuild the pairs of a lost database from the keys in HubSpot."""

from __future__ import annotations

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.cli.running import followed_world
from ledgerbridge.service import relinking


@click.command("relink")
@click.argument("names", nargs=-1, metavar="[NAME…]")
@click.option("--dry-run", is_flag=True, help="Only count what the keys tell.")
@click.option("--again", is_flag=True, help="Go on although this database knows pairs already.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, names: tuple[str, ...], dry_run: bool, again: bool, as_json: bool) -> None:
    """Rebuild the pairs from the keys that HubSpot keeps; writes to neither side."""
    report = wait_for(_relink(names, dry=dry_run, again=again))
    if as_json:
        output.show_json(report)
        return
    output.table([_row(one, done=report.done) for one in report.syncs])
    if report.done:
        output.say("What differs is shown by: ledgerbridge plan")
    else:
        output.say("Nothing was changed. Rebuild the pairs with: ledgerbridge relink")


def _row(one: relinking.RelinkedSync, *, done: bool) -> list[str]:
    lost = one.keyed - one.there
    cells = [one.name, f"{one.keyed:,} in HubSpot carry a key"]
    cells.append(f"{lost:,} without a QuickBooks record" if lost else "all of them in QuickBooks")
    if done:
        cells.append(f"{one.pairs:,} pairs, {one.ended:,} ended, {one.lines:,} lines")
    return cells


async def _relink(names: tuple[str, ...], *, dry: bool, again: bool) -> relinking.RelinkReport:
    async with opened(alone=True) as shop, followed_world(shop, names) as world:
        return await relinking.relink(world, dry=dry, again=again)
