"""`ledgerbridge conflicts`: fields that both sides changed and that wait for a person."""

from __future__ import annotations

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.cli.record_names import record_named
from ledgerbridge.core.model import Side, Value
from ledgerbridge.core.order import SYNC_ORDER
from ledgerbridge.service import conflicts
from ledgerbridge.service.conflicts import ConflictReport, ConflictsReport
from ledgerbridge.store.transaction import Transaction

SYNC = click.argument("sync", type=click.Choice(SYNC_ORDER), metavar="SYNC")
RECORD = click.argument("record", metavar="SIDE:ID")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("conflicts")
def command() -> None:
    """See the fields that both sides changed, and say whose value is right (rule: ask)."""


@command.command("list")
@JSON
def list_conflicts(*, as_json: bool) -> None:
    """List what waits for a person, with both values; no call is made."""
    _show(wait_for(_report(None)), as_json=as_json)


@command.command("show")
@SYNC
@RECORD
@JSON
def show(*, sync: str, record: str, as_json: bool) -> None:
    """Show the open conflicts of one pair, named by either half: hubspot:501"""
    _show(wait_for(_report((sync, *record_named(record)))), as_json=as_json)


@command.command("decide")
@SYNC
@RECORD
@click.argument("field", metavar="FIELD")
@click.option(
    "--take",
    required=True,
    type=click.Choice([side.value for side in Side]),
    help="Whose value is right.",
)
@JSON
def decide(*, sync: str, record: str, field: str, take: str, as_json: bool) -> None:
    """Say whose value of a field is right; the next run writes it to the other side."""
    report = wait_for(_decide(sync, *record_named(record), field, Side(take)))
    if as_json:
        output.show_json(report)
        return
    (done,) = report.conflicts
    output.say(
        f"Decided: {Side(take).shown}'s value of {done.field} is right. The next run does it, "
        "unless the field changes before: ledgerbridge run"
    )


def _show(report: ConflictsReport, *, as_json: bool) -> None:
    if as_json:
        output.show_json(report)
        return
    if not report.conflicts:
        output.say("No conflict waits for a person.")
    for one in report.conflicts:
        _show_one(one)


def _show_one(one: ConflictReport) -> None:
    ours, theirs = one.records
    output.say(
        f"{one.sync}  {one.field}  {ours} and {theirs}, since {one.since:%Y-%m-%d %H:%M} UTC"
    )
    rows = [[side.shown, *_line(values)] for side, values in _sides(one)]
    output.table(rows, indent=4)
    if one.note:
        output.say(f"    asked again: {one.note}")
    if one.take is not None:
        output.say(f"    decided: {one.take.shown}'s value; the next run does it: ledgerbridge run")
    else:
        words = f"{one.sync} {theirs} '{one.field}' --take hubspot|quickbooks"
        output.say(f"    decide: ledgerbridge conflicts decide {words}")


def _sides(one: ConflictReport) -> tuple[tuple[Side, dict[str, Value]], ...]:
    return (Side.HUBSPOT, one.hubspot), (Side.QUICKBOOKS, one.quickbooks)


def _line(values: dict[str, Value]) -> tuple[str, str]:
    shown = ", ".join(value for value in values.values() if value)
    return ", ".join(values), shown or "(empty)"


async def _report(pair: tuple[str, Side, str] | None) -> ConflictsReport:
    async with opened(alone=False) as shop:
        return await shop.store.read(conflicts.report, pair)


async def _decide(sync: str, side: Side, record_id: str, field: str, take: Side) -> ConflictsReport:
    async with opened(alone=True) as shop:
        now = shop.clock.now()

        def write(tx: Transaction) -> ConflictsReport:
            return conflicts.decide(tx, sync, side, record_id, field=field, take=take, now=now)

        return await shop.store.write(write)
