"""`ledgerbridge conflicts`: fields that both sides changed and that wait for a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

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
    """See the fields that both sides changed, and say whose value is right."""


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
@click.option(
    "--remember", is_flag=True, help="Let that side win in this field from now on, unasked."
)
@JSON
def decide(*, sync: str, record: str, field: str, take: str, remember: bool, as_json: bool) -> None:
    """Say whose value of a field is right; the next run writes it to the other side."""
    side, record_id = record_named(record)

    def write(tx: Transaction, now: datetime) -> ConflictsReport:
        return conflicts.decide(
            tx, sync, side, record_id, field=field, take=Side(take), now=now, remember=remember
        )

    report = wait_for(_decide(write))
    if as_json:
        output.show_json(report)
        return
    (done,) = report.conflicts
    output.say(
        f"Decided: {Side(take).shown}'s value of {done.field} is right. The next run does it, "
        "unless the field changes before: ledgerbridge run"
    )
    if remember:
        output.say(
            f"From now on {Side(take).shown} wins wherever both sides change {done.field} in "
            f"{sync}. To take that back, change its rule: ledgerbridge config export"
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
        output.say(f"    {one.note}")
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


async def _decide(
    write: Callable[[Transaction, datetime], ConflictsReport],
) -> ConflictsReport:
    async with opened(alone=True) as shop:
        return await shop.store.write(write, shop.clock.now())
