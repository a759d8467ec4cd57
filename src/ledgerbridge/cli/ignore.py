"""`ledgerbridge ignore`: leave out a record, or all that fails for one reason."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.cli.pause import show
from ledgerbridge.cli.record_names import record_named
from ledgerbridge.errors import UsageError
from ledgerbridge.service import pausing


@click.command("ignore")
@click.argument("sync", metavar="SYNC")
@click.argument("record", metavar="[RECORD]", required=False)
@click.option("--group", metavar="CODE", help="All that fails for this reason, now and later.")
@click.option("--until", metavar="DATE", help="Until this day (YYYY-MM-DD), not for good.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    *, sync: str, record: str | None, group: str | None, until: str | None, as_json: bool
) -> None:
    """Leave a RECORD of a sync out, or with --group all that fails for one reason."""
    report = wait_for(_ignore(sync, record, group, _day(until)))
    show(report, as_json=as_json)


def one_of_both(record: str | None, group: str | None) -> None:
    """Raises UsageError unless exactly one of them is given."""
    if (record is None) == (group is None):
        raise UsageError("Name either a record or, with --group, a reason. Nothing was changed.")


def _day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise UsageError(f"{text!r} is no day. Write it like 2027-01-31.") from None


async def _ignore(
    sync: str, record: str | None, group: str | None, until: datetime | None
) -> pausing.RestsReport:
    one_of_both(record, group)
    async with opened(alone=True) as shop:
        now = shop.clock.now()
        if record is not None:
            named = record_named(record)
            return await shop.store.write(pausing.ignore, sync, named, until, now)
        return await shop.store.write(pausing.ignore_group, sync, group or "", until, now)
