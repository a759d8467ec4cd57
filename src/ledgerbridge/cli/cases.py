"""`ledgerbridge cases`: what only a person can decide, and the decision."""

from __future__ import annotations

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.cli.record_names import record_named
from ledgerbridge.service import cases, keeping

NONE = "none"


@click.group("cases", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(context: click.Context, *, as_json: bool) -> None:
    """List what only a person can decide, with the evidence; no call is made."""
    if context.invoked_subcommand is not None:
        return
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


@command.command("decide")
@click.argument("invoice", metavar="INVOICE")
@click.argument("deal", metavar="DEAL")
def decide(*, invoice: str, deal: str) -> None:
    """Say on which deal an invoice belongs (`none`: on no deal named); it is kept for ever."""
    chosen = None if deal == NONE else deal
    wait_for(_decide(invoice, chosen))
    what = "no deal that fits alike" if chosen is None else f"deal {chosen}"
    output.say(f"Decided: {what}. It is done by the next run: ledgerbridge run")


@command.command("keep")
@click.argument("sync", metavar="SYNC")
@click.argument("record", metavar="RECORD")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def keep(*, sync: str, record: str, as_json: bool) -> None:
    """Say which record stays the partner where a merge let several pairs meet."""
    kept = wait_for(_keep(sync, record))
    if as_json:
        output.show_json(kept)
        return
    output.say(f"hubspot:{kept.hubspot_id} and quickbooks:{kept.quickbooks_id} stay a pair.")
    output.say(f"No longer paired with it: {', '.join(kept.ended)}. Go on with: ledgerbridge run")


async def _cases() -> cases.CasesReport:
    async with opened(alone=False) as shop:
        return await shop.store.read(cases.cases_report)


async def _decide(invoice: str, deal: str | None) -> None:
    async with opened(alone=True) as shop:
        await shop.store.write(cases.decide, invoice, deal, shop.clock.now())


async def _keep(sync: str, record: str) -> keeping.Kept:
    async with opened(alone=True) as shop:
        named = record_named(record)
        return await shop.store.write(keeping.keep, sync, named, shop.clock.now())
