"""`ledgerbridge reconcile`: what is open on both sides, to the cent, and why they differ."""

from __future__ import annotations

import csv
import sys
from datetime import date

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.core.reconciliation import Difference, Receivable
from ledgerbridge.service import reconciling
from ledgerbridge.service.opening import open_world

DIFFERENCES_SHOWN = 20
UNEXPLAINED = 3
COLUMNS = (
    "row",
    "customer",
    "currency",
    "invoice",
    "quickbooks",
    "hubspot",
    "cause",
    "message",
    "remedy",
)


@click.command("reconcile")
@click.option("--as-of", metavar="DATE", help="As of this day, such as 2026-10-31; else now.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print every customer and difference as CSV.")
def command(*, as_of: str | None, as_json: bool, as_csv: bool) -> None:
    """Compare what is open on both sides, to the cent, and explain each difference."""
    if as_json and as_csv:
        raise click.UsageError("Choose one of --json and --csv.")
    report = wait_for(_reconcile(_day(as_of)))
    if as_json:
        output.show_json(report)
    elif as_csv:
        _show_csv(report)
    else:
        _show(report)
    if report.unexplained:
        sys.exit(UNEXPLAINED)


def _day(text: str | None) -> str:
    if text is None:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise click.UsageError(f"{text!r} is no day; write it as 2026-10-31.") from None


async def _reconcile(as_of: str) -> reconciling.ReconcileReport:
    async with opened(alone=True) as shop:
        return await reconciling.reconcile(await open_world(shop), as_of)


def _show(report: reconciling.ReconcileReport) -> None:
    when = f"as of {report.as_of}" if report.as_of else "now"
    output.say(f"Receivables {when}, of all invoices")
    output.table(
        [_receivable(one) for one in report.compared.totals],
        ("currency", "invoices", "QuickBooks", "HubSpot", "explained", "unexplained"),
        indent=2,
    )
    output.say()
    output.table(
        [
            (one.what, f"{one.quickbooks:,}", f"{one.hubspot:,}", f"{one.ours:,}")
            for one in report.counted
        ],
        ("records", "QuickBooks", "HubSpot", "of them ours"),
        indent=2,
    )
    for row in report.not_covered:
        customers = output.number(row.customers, "customer")
        output.say(f"  Not covered: {row.what}, {row.amount:,.2f} {row.currency} of {customers}.")
    _show_differences(report.compared.differences)
    output.say()
    ending = output.number(report.unexplained, "difference")
    calls = output.number(report.calls, "call")
    output.say(f"{ending} without an explanation. Nothing was written; {calls}.")


def _receivable(one: Receivable) -> tuple[str, ...]:
    amounts = (one.quickbooks, one.hubspot, one.explained, one.unexplained)
    return (one.currency, f"{one.invoices:,}", *(f"{amount:,.2f}" for amount in amounts))


def _show_differences(found: tuple[Difference, ...]) -> None:
    if not found:
        return
    output.say()
    output.say(f"{output.number(len(found), 'invoice')} not the same on both sides:")
    causes: dict[str, int] = {}
    for one in found:
        causes[one.cause] = causes.get(one.cause, 0) + 1
    output.table([(cause, f"{number:,}") for cause, number in sorted(causes.items())], indent=2)
    shown = sorted(found, key=lambda one: one.cause != "unexplained")[:DIFFERENCES_SHOWN]
    for one in shown:
        output.say(f"  invoice {one.invoice}: {_open(one)} ({one.cause}) {one.message}")
        if one.remedy:
            output.say(f"    {one.remedy}")
    if len(found) > len(shown):
        more = len(found) - len(shown)
        output.say(f"  … and {more:,} more; all of them with: ledgerbridge reconcile --csv")


def _open(one: Difference) -> str:
    books = "not there" if one.quickbooks is None else f"{one.quickbooks:,.2f}"
    mirror = "not there" if one.hubspot is None else f"{one.hubspot:,.2f}"
    return f"open {books} in QuickBooks, {mirror} in HubSpot, {one.currency}"


def _show_csv(report: reconciling.ReconcileReport) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    for row in report.compared.customers:
        amounts = (str(row.quickbooks), str(row.hubspot))
        writer.writerow(("customer", row.customer, row.currency, "", *amounts, "", "", ""))
    for one in report.compared.differences:
        sides = ("" if x is None else str(x) for x in (one.quickbooks, one.hubspot))
        told = (one.cause.value, one.message, one.remedy)
        writer.writerow(("difference", one.customer, one.currency, one.invoice, *sides, *told))
