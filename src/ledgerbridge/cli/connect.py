"""`ledgerbridge connect`: an account by its token; secrets come from the environment only."""

from __future__ import annotations

import os

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.core.model import Side
from ledgerbridge.errors import UsageError
from ledgerbridge.service import reporting
from ledgerbridge.service.connecting import Connected, connect_hubspot, connect_quickbooks
from ledgerbridge.service.connectors import Workshop

OTHER_APPS = (
    "{number:,} invoices are kept here by another app, such as HubSpot's own sync with QuickBooks. "
    "Where one of them shows an invoice of your company, it is left to that app, none is made "
    "beside it, and ledgerbridge cases lists it. To have it mirrored instead, switch that app off "
    "and archive its invoices in HubSpot before the first run."
)


@click.group("connect")
def command() -> None:
    """Connect a HubSpot portal or a QuickBooks company."""


@command.command("hubspot")
@click.option(
    "--token-env",
    "variable",
    required=True,
    metavar="VARIABLE",
    help="The environment variable that holds the token of a private app or a service key.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def hubspot(*, variable: str, as_json: bool) -> None:
    """Connect the portal that a static token opens."""
    wait_for(_connect_hubspot(_secret(variable), as_json=as_json))


@command.command("quickbooks")
@click.option("--realm-id", required=True, help="The id of the company; Intuit shows it.")
@click.option(
    "--refresh-token-env",
    "variable",
    required=True,
    metavar="VARIABLE",
    help="The environment variable that holds a refresh token.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def quickbooks(*, realm_id: str, variable: str, as_json: bool) -> None:
    """Connect a company by a refresh token. The token is replaced by newer ones from then on."""
    wait_for(_connect_quickbooks(realm_id, _secret(variable), as_json=as_json))


def _secret(variable: str) -> str:
    """The value of an environment variable. Raises UsageError where it is not set."""
    value = os.environ.get(variable, "").strip()
    if not value:
        raise UsageError(
            f"The environment variable {variable!r} is not set or empty. Nothing was connected. "
            "Give the name of the variable that holds the token, not the token itself."
        )
    return value


async def _connect_hubspot(token: str, *, as_json: bool) -> None:
    async with opened(alone=True) as shop:
        await _show(shop, await connect_hubspot(shop, token), as_json=as_json)


async def _connect_quickbooks(realm_id: str, refresh_token: str, *, as_json: bool) -> None:
    async with opened(alone=True) as shop:
        connected = await connect_quickbooks(shop, realm_id, refresh_token)
        await _show(shop, connected, as_json=as_json)


async def _show(shop: Workshop, connected: Connected, *, as_json: bool) -> None:
    report = await shop.store.read(reporting.connect_report, connected)
    if as_json:
        output.show_json(report)
        return
    found = report.connection
    service = output.SIDE_NAMES[found.service]
    output.say(f"Connected: {found.name} ({service} account {found.account_id})")
    output.say(f"  time zone {found.time_zone}, currencies {', '.join(found.currencies)}")
    created, existing = len(report.properties_created), len(report.properties_existing)
    if created or existing:
        output.say(f"  properties of ours: {created} created, {existing} there already")
    for problem in report.property_problems:
        output.say(f"  not usable: {problem.property}: {problem.message} {problem.remedy}")
    for lack in report.lacks:
        output.say(f"  missing: {lack.what} {lack.consequence} {lack.remedy}")
    if report.invoices_of_other_apps:
        output.say(f"  {OTHER_APPS.format(number=report.invoices_of_other_apps)}")
    known = await shop.store.read(reporting.connections_report)
    output.say(_next_step({one.service for one in known.connections if one.connected}))


def _next_step(sides: set[Side]) -> str:
    missing = [side for side in Side if side not in sides]
    if missing:
        return f"Next: ledgerbridge connect {missing[0]} --help"
    return "Both sides are connected. Next: ledgerbridge sync list"
