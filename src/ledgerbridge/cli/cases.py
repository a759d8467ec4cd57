"""`ledgerbridge cases`: what only a person can decide."""

from __future__ import annotations

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.service import cases


@click.command("cases")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, as_json: bool) -> None:
    """List what only a person can decide, with the evidence; no call is made."""
    report = wait_for(_cases())
    if as_json:
        output.show_json(report)
    elif not report.cases:
        output.say("There is nothing for a person to decide.")
    else:
        for case in report.cases:
            output.say(f"{case.sync} {case.record} ({case.code}, since {case.since:%Y-%m-%d})")
            output.say(f"  {case.message}")
            output.say(f"  {case.remedy}")


async def _cases() -> cases.CasesReport:
    async with opened(alone=False) as shop:
        return await shop.store.read(cases.cases_report)
