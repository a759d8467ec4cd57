"""`ledgerbridge reconcile`: what is open on both sides, to the cent, and why they differ."""

from __future__ import annotations

import csv
import sys
from datetime import date
from decimal import Decimal

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.core.reconciliation import Difference, Receivable
from ledgerbridge.service import reconciling
from ledgerbridge.service.counting import Counted
from ledgerbridge.service.opening import open_world

DIFFERENCES_SHOWN = 20
UNEXPLAINED = 3
STANDING = ("left out", "waiting", "failing", "cases")
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
    _show_sums(report.compared.totals, "invoices")
    if len(report.compared.totals) > 1:
        output.say(f"All of it in home currency, {report.home_currency}")
        _show_sums(report.compared.home, "invoices")
    if report.paid is not None:
        output.say(f"Payments {when}, a part for each invoice that one settles")
        _show_sums(report.paid.totals, "parts")
    output.say("Records now")
    _show_counted(report.counted)
    for row in report.not_covered:
        customers = output.number(row.customers, "customer")
        output.say(f"  Not covered: {row.what}, {row.amount:,.2f} {row.currency} of {customers}.")
    there = [f"{one.quickbooks:,} {one.what}" for one in report.not_counted]
    output.say(f"  Not shown in HubSpot: {', '.join(there)}.")
    _show_differences("invoice", report.compared.differences)
    _show_differences("payment", report.paid.differences if report.paid is not None else ())
    output.say()
    ending = output.number(report.unexplained, "difference")
    calls = output.number(report.calls, "call")
    output.say(f"{ending} without an explanation. Nothing was written; {calls}.")


def _show_sums(rows: tuple[Receivable, ...], what: str) -> None:
    titles = ("currency", what, "QuickBooks", "HubSpot", "explained", "unexplained")
    output.table([_receivable(one) for one in rows], titles, indent=2)
    output.say()


def _show_counted(rows: tuple[Counted, ...]) -> None:
    titles = ("records", "QuickBooks", "HubSpot", "paired", "attached", *STANDING)
    shown = []
    for one in rows:
        sides = (one.quickbooks, one.hubspot, one.paired, one.attached)
        standing = (one.left_out, one.waiting, one.failing, one.cases)
        numbers = ("-" if x is None else f"{x:,}" for x in (*sides, *standing))
        shown.append((one.what, *numbers))
    output.table(shown, titles, indent=2)


def _receivable(one: Receivable) -> tuple[str, ...]:
    amounts = (one.quickbooks, one.hubspot, one.explained, one.unexplained)
    return (one.currency, f"{one.invoices:,}", *(f"{amount:,.2f}" for amount in amounts))


def _show_differences(what: str, found: tuple[Difference, ...]) -> None:
    if not found:
        return
    output.say()
    output.say(f"{output.number(len(found), what)} not the same on both sides:")
    causes: dict[str, int] = {}
    for one in found:
        causes[one.cause] = causes.get(one.cause, 0) + 1
    output.table([(cause, f"{number:,}") for cause, number in sorted(causes.items())], indent=2)
    shown = sorted(found, key=lambda one: one.cause != "unexplained")[:DIFFERENCES_SHOWN]
    for one in shown:
        output.say(f"  {what} {one.invoice}: {_amounts(one, what)} ({one.cause}) {one.message}")
        if one.remedy:
            output.say(f"    {one.remedy}")
    if len(found) > len(shown):
        more = len(found) - len(shown)
        output.say(f"  … and {more:,} more; all of them with: ledgerbridge reconcile --csv")


def _amounts(one: Difference, what: str) -> str:
    before = "open " if what == "invoice" else ""
    told = f"{before}{_both(one.quickbooks, one.hubspot)}, {one.currency}"
    if one.quickbooks != one.hubspot or one.quickbooks_home == one.hubspot_home:
        return told
    return f"{told}; in home currency {_both(one.quickbooks_home, one.hubspot_home)}"


def _both(books: Decimal | None, mirror: Decimal | None) -> str:
    ours, theirs = ("not there" if x is None else f"{x:,.2f}" for x in (books, mirror))
    return f"{ours} in QuickBooks, {theirs} in HubSpot"


def _show_csv(report: reconciling.ReconcileReport) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    for row in report.compared.customers:
        amounts = (str(row.quickbooks), str(row.hubspot))
        writer.writerow(("customer", row.customer, row.currency, "", *amounts, "", "", ""))
    for one in report.compared.differences:
        writer.writerow(("difference", *_row(one)))
    for one in report.paid.differences if report.paid is not None else ():
        writer.writerow(("payment", *_row(one)))


def _row(one: Difference) -> tuple[str, ...]:
    sides = ("" if x is None else str(x) for x in (one.quickbooks, one.hubspot))
    told = (one.cause.value, one.message, one.remedy)
    return (one.customer, one.currency, one.invoice, *sides, *told)
