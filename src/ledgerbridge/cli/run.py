"""`ledgerbridge run`: one full cycle until nothing is left to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import click
from msgspec import Struct

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.cli.running import followed_world
from ledgerbridge.core.guard import in_words
from ledgerbridge.core.model import Side
from ledgerbridge.errors import UsageError
from ledgerbridge.service import reporting
from ledgerbridge.service.cycle import RunResult, run_once
from ledgerbridge.service.first_ten import Questions, Sample
from ledgerbridge.service.marketing import Bill, Counted, remember

SOME_FAILING = 3
ACCEPT, CHECK = "accept", "check"


class RunReport(Struct, frozen=True, kw_only=True):
    """
    What one run did. `planned` counts by `sync.side.kind`, `calls` by side and kind of call,
    `metered` are the QuickBooks calls that Intuit charges for. `in_doubt` are requests whose fate
    the next run finds out, `to_look_at` records that changed meanwhile, `failing` the reasons of
    the records that fail, `unavailable` syncs that could not work, with the reason, `paused` those
    that a person lets rest, `notices` what syncs did otherwise than asked, and why.
    `pruned` entries of the history were too old to be kept: what they tell of cannot be undone any
    more.
    """

    run: str
    seconds: float
    planned: dict[str, int]
    writes: int
    losses: int
    in_doubt: int
    to_look_at: int
    calls: dict[str, int]
    metered: int
    failing: dict[str, tuple[reporting.Reason, ...]]
    unavailable: dict[str, str]
    notices: dict[str, str]
    paused: tuple[str, ...]
    pruned: int


@click.command("run")
@click.argument("names", nargs=-1, metavar="[NAME…]")
@click.option("--yes", is_flag=True, help="Accept the plan, whatever it is.")
@click.option(
    "--look/--no-look",
    default=None,
    help="In a first run, ask after the first ten of each kind. On where a person is there.",
)
@click.option(
    "--marketing",
    type=click.Choice([ACCEPT, CHECK]),
    help="Make contacts though HubSpot bills them (accept), or make ten and look again (check).",
)
@click.option(
    "--allow-removals",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Remove up to N records whose other halves are gone, beyond the interlock.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    *,
    names: tuple[str, ...],
    yes: bool,
    look: bool | None,
    marketing: str | None,
    allow_removals: int,
    as_json: bool,
) -> None:
    """Bring both sides in step. Exit 3: some records fail, 4: no accepted plan, 5: stopped."""
    if look and not output.somebody_is_there():
        raise UsageError("Nobody is there to look. Nothing was written. Leave out --look.")
    looks = output.somebody_is_there() if look is None else look
    questions = Questions(
        look=_look if looks else None, billed=lambda bill: marketing == ACCEPT or _billed(bill)
    )
    report = wait_for(
        _run(names, questions, yes=yes, again=marketing == CHECK, removals=allow_removals)
    )
    if as_json:
        output.show_json(report)
    else:
        _show(report)
    if report.failing or report.unavailable or report.in_doubt:
        click.get_current_context().exit(SOME_FAILING)


async def _run(
    names: tuple[str, ...], questions: Questions, *, yes: bool, again: bool, removals: int
) -> RunReport:
    def agree(counts: Mapping[str, int]) -> bool:
        return yes or (output.somebody_is_there() and _asked(counts))

    async with opened(alone=True) as shop:
        async with followed_world(shop, names) as world:
            if again:
                portal = world.connections[Side.HUBSPOT]
                await world.commit(remember, portal, Counted.UNKNOWN)
            allowed = replace(world, removals_allowed=removals)
            result = await run_once(allowed, agree, questions)
        failing = await shop.store.read(
            reporting.failing, [(sync.kind.name, sync.id) for sync in world.ordered()]
        )
    return _report(result, failing, tuple(sorted(world.paused)))


def _asked(counts: Mapping[str, int]) -> bool:
    """Show the plan in numbers and ask."""
    output.tell("This run needs your agreement. It would:")
    for key, number in sorted(counts.items()):
        output.tell(f"  {number:>8,}  {in_words(key)}")
    output.tell("Examples and reasons, without writing anything: ledgerbridge plan")
    return output.agreed("Do it?")


def _look(sample: Sample) -> bool:
    """Show the first that were written and ask whether to go on."""
    output.tell(f"These {len(sample.written)} of {sample.sync} are written. Look at some:")
    for one in sample.written:
        output.tell(f"  {one.hubspot} and {one.quickbooks}  {'  '.join(one.pages)}")
    more = output.number(sample.left, "more change")
    return output.agreed(f"Go on with {more} of {sample.sync}?")


def _billed(bill: Bill) -> bool:
    """Ask whether contacts may be made that HubSpot bills."""
    if not output.somebody_is_there():
        return False
    output.tell("HubSpot counts contacts that are made here as marketing contacts, and bills them.")
    if bill.first:
        output.tell(f"Of the first {bill.first}, {bill.counted} count.")
    return output.agreed(f"Make {output.number(bill.left, 'more contact')}?")


def _report(
    result: RunResult, failing: dict[str, tuple[reporting.Reason, ...]], paused: tuple[str, ...]
) -> RunReport:
    return RunReport(
        run=result.run,
        seconds=round(result.seconds, 3),
        planned=result.planned,
        writes=result.writes,
        losses=result.losses,
        in_doubt=result.in_doubt,
        to_look_at=result.pending,
        calls=result.calls,
        metered=result.metered,
        failing=failing,
        unavailable=result.unavailable,
        notices=result.notices,
        paused=paused,
        pruned=result.pruned,
    )


def _show(report: RunReport) -> None:
    writes, calls = output.number(report.writes, "write"), sum(report.calls.values())
    took = output.duration(report.seconds)
    if report.writes:
        output.say(f"Done: {writes} in {took}, {output.number(calls, 'call')}. Run {report.run}")
    else:
        output.say(f"Nothing to do ({took}, {output.number(calls, 'call')}).")
    if report.losses:
        losses = output.number(report.losses, "value")
        output.say(f"{losses} of people lost to a rule. See: ledgerbridge history --losses")
    if report.paused:
        output.say(f"Paused: {', '.join(report.paused)}. Go on with: ledgerbridge resume NAME")
    if report.pruned:
        entries = output.number(report.pruned, "entry", "entries")
        output.say(
            f"{entries} of the history were too old, or too many, to be kept. What they tell of "
            "cannot be undone any more. How much is kept: LEDGERBRIDGE_HISTORY_DAYS, _MB"
        )
    for name, why in report.unavailable.items():
        output.say(f"{name} could not work: {why}")
    for name, why in report.notices.items():
        output.say(f"{name}: {why}")
    for name, reasons in report.failing.items():
        records = output.number(sum(one.records for one in reasons), "record")
        output.say(f"{name}: {records} failing")
        output.table(output.reason_rows(reasons), indent=2)
    if report.in_doubt:
        requests = output.number(report.in_doubt, "request")
        output.say(
            f"{requests} left and was not answered. The next run finds out what became of it."
        )
    if report.to_look_at:
        records = output.number(report.to_look_at, "record")
        output.say(f"{records} changed meanwhile, or wait for others. The next run looks at them.")
