"""`ledgerbridge doctor`: everything that a sync stands on, looked at now."""

from __future__ import annotations

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.service.doctor import DoctorReport, State, examine

SIGNS = {State.OK: "ok", State.NOTE: "note", State.PROBLEM: "PROBLEM"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, as_json: bool) -> None:
    """Check connections, permissions, properties, mappings, the clock and the database."""
    report = wait_for(_examine())
    if as_json:
        output.show_json(report)
    else:
        _show(report)
    if not report.healthy:
        click.get_current_context().exit(1)


async def _examine() -> DoctorReport:
    async with opened(alone=True) as shop:
        return await examine(shop)


def _show(report: DoctorReport) -> None:
    output.table(
        [
            [SIGNS[one.state], one.area, one.subject, f"{one.message} {one.remedy}".strip()]
            for one in report.checks
        ]
    )
    problems = sum(one.state is State.PROBLEM for one in report.checks)
    output.say("Healthy." if report.healthy else f"{output.number(problems, 'problem')} found.")
