"""`ledgerbridge connections`: list, test, disconnect."""

from __future__ import annotations

import click
from msgspec import Struct

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.core.model import Side
from ledgerbridge.errors import LedgerbridgeError, UsageError
from ledgerbridge.service import reporting
from ledgerbridge.service.connectors import Workshop, hubspot_of, quickbooks_of
from ledgerbridge.service.descriptions import refresh
from ledgerbridge.service.disconnecting import OwedReport, disconnect, owed
from ledgerbridge.store import connections


class ConnectionTest(Struct, frozen=True, kw_only=True):
    """Whether an account answers, as itself; if not, why."""

    id: str
    answers: bool
    name: str
    problem: str


class ConnectionTests(Struct, frozen=True, kw_only=True):
    """All accounts, asked now."""

    tests: tuple[ConnectionTest, ...]


@click.group("connections")
def command() -> None:
    """List, test or disconnect what is connected."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(*, as_json: bool) -> None:
    """Show the connected accounts."""
    report = wait_for(_list())
    if as_json:
        output.show_json(report)
        return
    show_connections(report.connections)


def show_connections(found: tuple[reporting.ConnectionReport, ...]) -> None:
    """Print accounts as a table."""
    if not found:
        output.say("Nothing is connected. Connect with: ledgerbridge connect hubspot --help")
    output.table(
        [
            [
                one.id,
                one.name,
                ", ".join(one.currencies),
                one.time_zone,
                "connected" if one.connected else "disconnected, links kept",
            ]
            for one in found
        ]
    )


async def _list() -> reporting.ConnectionsReport:
    async with opened(alone=False) as shop:
        return await shop.store.read(reporting.connections_report)


@command.command("test")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def test(*, as_json: bool) -> None:
    """Ask every connected account who it is. Exit 1 if one does not answer as it must."""
    report = wait_for(_test())
    if as_json:
        output.show_json(report)
    else:
        for one in report.tests:
            output.say(f"{one.id}: " + (f"{one.name} answers" if one.answers else one.problem))
        if not report.tests:
            output.say("Nothing is connected.")
    if not all(one.answers for one in report.tests):
        click.get_current_context().exit(1)


async def _test() -> ConnectionTests:
    async with opened(alone=True) as shop:
        found = await shop.store.read(connections.every)
        return ConnectionTests(tests=tuple([await _test_one(shop, one) for one in found]))


async def _test_one(shop: Workshop, found: connections.Connection) -> ConnectionTest:
    connector_of = hubspot_of if found.service is Side.HUBSPOT else quickbooks_of
    try:
        connector = await connector_of(shop, found)
        heard = await refresh(shop.store, found, connector, shop.clock.now())
    except LedgerbridgeError as error:
        return ConnectionTest(id=found.id, answers=False, name=found.name, problem=str(error))
    return ConnectionTest(id=found.id, answers=True, name=heard.name, problem="")


@command.command("disconnect")
@click.argument("connection_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def disconnect_(*, connection_id: str, yes: bool, as_json: bool) -> None:
    """Forget the token of an account and stop its syncs; its links are kept."""
    wait_for(_disconnect(connection_id, yes=yes, as_json=as_json))


async def _disconnect(connection_id: str, *, yes: bool, as_json: bool) -> None:
    async with opened(alone=True) as shop:
        report = await shop.store.read(owed, connection_id)
        if not as_json:
            _show_owed(report)
        if not yes and not as_json and output.somebody_is_there():
            yes = output.agreed("Disconnect it?")
        if not yes:
            raise UsageError(
                f"{connection_id} was not disconnected: nobody agreed. Add --yes to agree."
            )
        report = await shop.store.write(disconnect, connection_id)
    if as_json:
        output.show_json(report)
        return
    output.say(f"Disconnected {connection_id}. No record was touched on either side.")


def _show_owed(report: OwedReport) -> None:
    if report.in_doubt:
        writes = output.number(report.in_doubt, "write")
        output.say(
            f"{writes} left and nobody knows what became of them; "
            "a run before disconnecting finds out."
        )
    if report.to_look_at:
        records = output.number(report.to_look_at, "record")
        output.say(f"{records} with changes that have not travelled yet.")
    if report.failing:
        output.say(f"{output.number(report.failing, 'record')} failing: see ledgerbridge status")
    if report.cases:
        cases = output.number(report.cases, "record waits", "records wait")
        output.say(f"{cases} for a person's decision: see ledgerbridge cases")
    if report.syncs_stopped:
        output.say(f"Syncs that stop: {', '.join(report.syncs_stopped)}.")
    links = output.number(report.links_kept, "link")
    output.say(f"{links} kept, for when it is connected again.")
