"""`ledgerbridge sandbox`: both emulators on loopback, filled with a believable company."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import click
import msgspec
from msgspec import Struct

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import wait_for
from ledgerbridge.sandbox.clock import Clock
from ledgerbridge.sandbox.company import generate, load
from ledgerbridge.sandbox.control import Control
from ledgerbridge.sandbox.control import load as load_state
from ledgerbridge.sandbox.control import save as save_state
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.quickbooks import QuickBooks
from ledgerbridge.sandbox.quickbooks.webhooks import Format, InvalidWebhookError
from ledgerbridge.sandbox.serving import served
from ledgerbridge.sandbox.state_file import StateError

PORT = click.IntRange(0, 65535)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
FORMS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ")
TOKEN_VARIABLE = "SANDBOX_HUBSPOT_TOKEN"  # noqa: S105 -- the name of a variable
REFRESH_VARIABLE = "SANDBOX_QUICKBOOKS_REFRESH_TOKEN"


class ProjectConfig(Struct, frozen=True, kw_only=True):
    """What a HubSpot project's file says of webhooks."""

    settings: dict[str, Any]
    subscriptions: dict[str, Any]


class ProjectFile(Struct, frozen=True, kw_only=True):
    """A HubSpot project's `webhooks-hsmeta.json`."""

    config: ProjectConfig


class EmulatedHubSpot(Struct, frozen=True, kw_only=True):
    """
    Where the emulated portal answers, its page for people, the static token that opens it, where
    it is controlled, and the secret that signs its webhooks.
    """

    url: str
    page: str
    portal_id: str
    token: str
    control: str
    client_secret: str


class EmulatedQuickBooks(Struct, frozen=True, kw_only=True):
    """
    Where the emulated company answers, its page, what it takes to get access tokens, where it is
    controlled, and the token that signs its webhooks.
    """

    url: str
    page: str
    realm_id: str
    client_id: str
    client_secret: str
    refresh_token: str
    control: str
    verifier_token: str


class SandboxReport(Struct, frozen=True, kw_only=True):
    """
    Both emulators, the `environment` that leads this program to them, and the `commands` that
    connect them.
    """

    hubspot: EmulatedHubSpot
    quickbooks: EmulatedQuickBooks
    environment: dict[str, str]
    commands: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line asks for."""

    hubspot_port: int
    quickbooks_port: int
    seed: int
    customers: int
    clock: datetime | None
    frozen: bool
    load: Path | None
    save: Path | None
    hubspot_webhooks: Path | None
    quickbooks_webhooks: str | None
    webhook_format: str


@click.command("sandbox")
@click.option("--hubspot-port", type=PORT, default=0, help="0 takes a free one.")
@click.option("--quickbooks-port", type=PORT, default=0, help="0 takes a free one.")
@click.option("--seed", type=int, default=1, show_default=True, help="What the company is like.")
@click.option("--customers", type=int, default=400, show_default=True, help="How many it has.")
@click.option("--clock", type=click.DateTime(FORMS), help="Where the clock begins, in UTC.")
@click.option("--frozen", is_flag=True, help="The clock stands still until it is moved.")
@click.option("--load", type=FILE, help="Go on from this state instead of a new company.")
@click.option("--save", type=NEW_FILE, help="Write the state here when stopped.")
@click.option("--hubspot-webhooks", type=FILE, help="A project's webhooks-hsmeta.json.")
@click.option("--quickbooks-webhooks", help="The address for all events of QuickBooks.")
@click.option(
    "--webhook-format",
    type=click.Choice(get_args(Format)),
    default="cloudevents",
    show_default=True,
    help="How QuickBooks writes them.",
)
def command(**options: Any) -> None:
    """
    Serve emulators of both systems until stopped; their addresses are printed as JSON.

    People look at them at the addresses called page. Their clock can be moved, and faults, people
    and webhooks be asked for, at those called control.
    """
    wait_for(_serve(Options(**options)))


async def _serve(options: Options) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    if options.save is not None and not options.save.parent.is_dir():
        raise click.BadParameter(f"{options.save.parent} is no folder.", param_hint="--save")
    at = None if options.clock is None else options.clock.replace(tzinfo=UTC)
    clock = Clock(_now, at=at, frozen=options.frozen)
    if options.load is None:
        hubspot, quickbooks = filled(options.seed, options.customers, clock.now)
    else:
        hubspot, quickbooks = HubSpot(now=clock.now), QuickBooks(now=clock.now)
    try:
        async with (
            served(hubspot, options.hubspot_port, clock=clock, seed=options.seed) as (one, portal),
            served(quickbooks, options.quickbooks_port, clock=clock, seed=options.seed) as (
                two,
                books,
            ),
        ):
            if options.load is not None:
                _load(options.load, portal, books, clock)
            _subscribe(options, hubspot, quickbooks)
            output.show_json(report_of(hubspot, quickbooks, one.url, two.url))
            await stopped.wait()
            if options.save is not None:
                _save(options.save, portal, books, clock)
    except OSError as error:
        raise click.UsageError(f"A port cannot be listened on: {error.strerror}.") from error


def _load(path: Path, portal: Control, books: Control, clock: Clock) -> None:
    try:
        load_state(path.read_bytes(), portal, books, clock=clock)
    except (StateError, OSError) as error:
        raise click.BadParameter(f"{path}: {error}.", param_hint="--load") from error


def _save(path: Path, portal: Control, books: Control, clock: Clock) -> None:
    """Writes beside the file first, so that a state that was there is never half overwritten."""
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.write_bytes(save_state(portal, books, clock=clock))
        beside.replace(path)
    except (StateError, OSError) as error:
        raise click.ClickException(f"The state was not saved to {path}: {error}.") from error


def _subscribe(options: Options, hubspot: HubSpot, quickbooks: QuickBooks) -> None:
    if options.hubspot_webhooks is not None:
        try:
            file = msgspec.json.decode(options.hubspot_webhooks.read_bytes(), type=ProjectFile)
            hubspot.webhooks.upload_project(file.config.settings, file.config.subscriptions)
        except (msgspec.DecodeError, OSError, ValueError) as error:
            raise click.BadParameter(
                f"{options.hubspot_webhooks}: {error}.", param_hint="--hubspot-webhooks"
            ) from error
    if options.quickbooks_webhooks is not None:
        try:
            quickbooks.webhooks.configure(
                options.quickbooks_webhooks, format_=options.webhook_format
            )
        except InvalidWebhookError as error:
            raise click.BadParameter(f"{error}.", param_hint="--quickbooks-webhooks") from error


def filled(
    seed: int, customers: int, now: Callable[[], datetime] | None = None
) -> tuple[HubSpot, QuickBooks]:
    """Fresh emulators that hold the company of a seed, on a clock or on the real one."""
    now = now or _now
    hubspot = HubSpot(now=now, seed=seed)
    quickbooks = QuickBooks(now=now, seed=seed)
    try:
        story = generate(seed, customers, today=now().date())
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
            control=f"{hubspot_url}/sandbox",
            client_secret=hubspot.client_secret,
        ),
        quickbooks=EmulatedQuickBooks(
            url=quickbooks_url,
            page=f"{quickbooks_url}/",
            realm_id=quickbooks.realm_id,
            client_id=quickbooks.client_id,
            client_secret=quickbooks.client_secret,
            refresh_token=refresh_token,
            control=f"{quickbooks_url}/sandbox",
            verifier_token=quickbooks.webhooks.verifier_token,
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
