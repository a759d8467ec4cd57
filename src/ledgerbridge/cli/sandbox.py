"""`ledgerbridge sandbox`: both emulators on loopback, filled with a believable company."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import click
from msgspec import Struct

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import wait_for
from ledgerbridge.sandbox.company import generate, load
from ledgerbridge.sandbox.console import with_console
from ledgerbridge.sandbox.http import Server
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.quickbooks import QuickBooks

PORT = click.IntRange(0, 65535)
TOKEN_VARIABLE = "SANDBOX_HUBSPOT_TOKEN"  # noqa: S105 -- the name of a variable
REFRESH_VARIABLE = "SANDBOX_QUICKBOOKS_REFRESH_TOKEN"


class EmulatedHubSpot(Struct, frozen=True, kw_only=True):
    """Where the emulated portal answers, its page for people, and the token that opens it."""

    url: str
    page: str
    portal_id: str
    token: str


class EmulatedQuickBooks(Struct, frozen=True, kw_only=True):
    """Where the emulated company answers, its page, and what it takes to get access tokens."""

    url: str
    page: str
    realm_id: str
    client_id: str
    client_secret: str
    refresh_token: str


class SandboxReport(Struct, frozen=True, kw_only=True):
    """
    Both emulators, the `environment` that leads this program to them, and the `commands` that
    connect them.
    """

    hubspot: EmulatedHubSpot
    quickbooks: EmulatedQuickBooks
    environment: dict[str, str]
    commands: tuple[str, ...]


@click.command("sandbox")
@click.option("--hubspot-port", type=PORT, default=0, help="0 takes a free one.")
@click.option("--quickbooks-port", type=PORT, default=0, help="0 takes a free one.")
@click.option("--seed", type=int, default=1, show_default=True, help="What the company is like.")
@click.option("--customers", type=int, default=400, show_default=True, help="How many it has.")
def command(*, hubspot_port: int, quickbooks_port: int, seed: int, customers: int) -> None:
    """Serve emulators of both systems, with pages to look at them; prints addresses as JSON."""
    wait_for(_serve(hubspot_port, quickbooks_port, seed, customers))


async def _serve(hubspot_port: int, quickbooks_port: int, seed: int, customers: int) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with emulators(hubspot_port, quickbooks_port, seed, customers) as report:
        output.show_json(report)
        await stopped.wait()


@asynccontextmanager
async def emulators(
    hubspot_port: int, quickbooks_port: int, seed: int, customers: int
) -> AsyncIterator[SandboxReport]:
    """Both emulators with the company of a seed, served while the block lasts."""
    hubspot, quickbooks = filled(seed, customers)
    try:
        async with (
            Server(with_console(hubspot), hubspot_port) as portal,
            Server(with_console(quickbooks), quickbooks_port) as books,
        ):
            yield report_of(hubspot, quickbooks, portal.url, books.url)
    except OSError as error:
        raise click.UsageError(f"A port cannot be listened on: {error.strerror}.") from error


def filled(seed: int, customers: int) -> tuple[HubSpot, QuickBooks]:
    """Fresh emulators that hold the company of a seed."""
    hubspot = HubSpot(now=_now, seed=seed)
    quickbooks = QuickBooks(now=_now, seed=seed)
    try:
        story = generate(seed, customers, today=_now().date())
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--customers") from error
    load(story, quickbooks.company(), hubspot.portal())
    return hubspot, quickbooks


def report_of(
    hubspot: HubSpot, quickbooks: QuickBooks, hubspot_url: str, quickbooks_url: str
) -> SandboxReport:
    """What it takes to reach two served emulators."""
    token, (_, refresh_token) = hubspot.issue_token(), quickbooks.issue_tokens()
    realm = f"--realm-id {quickbooks.realm_id} --refresh-token-env {REFRESH_VARIABLE}"
    return SandboxReport(
        hubspot=EmulatedHubSpot(
            url=hubspot_url,
            page=f"{hubspot_url}/",
            portal_id=str(hubspot.portal_id),
            token=token,
        ),
        quickbooks=EmulatedQuickBooks(
            url=quickbooks_url,
            page=f"{quickbooks_url}/",
            realm_id=quickbooks.realm_id,
            client_id=quickbooks.client_id,
            client_secret=quickbooks.client_secret,
            refresh_token=refresh_token,
        ),
        environment={
            "LEDGERBRIDGE_HUBSPOT_API_URL": hubspot_url,
            "LEDGERBRIDGE_QUICKBOOKS_API_URL": quickbooks_url,
            "LEDGERBRIDGE_INTUIT_TOKEN_URL": f"{quickbooks_url}/oauth2/v1/tokens/bearer",
            "LEDGERBRIDGE_INTUIT_CLIENT_ID": quickbooks.client_id,
            "LEDGERBRIDGE_INTUIT_CLIENT_SECRET": quickbooks.client_secret,
            TOKEN_VARIABLE: token,
            REFRESH_VARIABLE: refresh_token,
        },
        commands=(
            f"ledgerbridge connect hubspot --token-env {TOKEN_VARIABLE}",
            f"ledgerbridge connect quickbooks {realm}",
            "ledgerbridge sync enable contacts companies products invoices",
        ),
    )


def _now() -> datetime:
    return datetime.now(UTC)
