"""`ledgerbridge matches`: who is whom, as far as a person has to say it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.service import matching
from ledgerbridge.service.matching import Decided, MatchClass, MatchesReport
from ledgerbridge.store.transaction import Transaction

SYNC = click.argument("sync", type=click.Choice(matching.MATCHED), metavar="SYNC")
CUSTOMER = click.argument("customer", metavar="QUICKBOOKS_ID")
QUESTIONS = (MatchClass.PROPOSED, MatchClass.AMBIGUOUS)


@click.group("matches")
def command() -> None:
    """See who may be whom, with the evidence, and decide it; decisions are kept for ever."""


@command.command("list")
@click.option(
    "--class",
    "only",
    type=click.Choice([one.value for one in MatchClass]),
    help="Only pairs of this class.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_matches(*, only: str | None, as_json: bool) -> None:
    """List the pairs that wait for a person, and those that a person decided; no call is made."""
    report = wait_for(_report(MatchClass(only) if only else None))
    if as_json:
        output.show_json(report)
    else:
        show_matches(report)


@command.command("accept")
@SYNC
@CUSTOMER
def accept(*, sync: str, customer: str) -> None:
    """Say yes to the one pair that is proposed for a customer or an invoice."""
    _say_done("pair", wait_for(_decide(matching.accept, sync, customer)))


@command.command("reject")
@SYNC
@CUSTOMER
@click.argument("partner", metavar="[HUBSPOT_ID]", required=False)
def reject(*, sync: str, customer: str, partner: str | None) -> None:
    """Say no to what is proposed, or to one partner of it: it is never paired by a rule."""
    _say_done("no pair", wait_for(_decide(matching.reject, sync, customer, partner)))


@command.command("pair")
@SYNC
@CUSTOMER
@click.argument("partner", metavar="HUBSPOT_ID")
def pair(*, sync: str, customer: str, partner: str) -> None:
    """Pair a customer or an invoice with a HubSpot record of your choice."""
    _say_done("pair", wait_for(_decide(matching.pair_by_hand, sync, customer, partner)))


@command.command("unpair")
@SYNC
@CUSTOMER
def unpair(*, sync: str, customer: str) -> None:
    """End a pair: both records stay as they are, and no rule pairs them again."""
    done = wait_for(_decide(matching.unpair, sync, customer))
    _say_done("no pair any more", done)
    output.say(f"Undo it with: ledgerbridge matches pair {sync} {customer} {done.hubspot_ids[0]}")


def show_matches(report: MatchesReport) -> None:
    """Print pairs for a person."""
    if not report.matches:
        output.say("No pair waits for a person.")
    for one in report.matches:
        pair_of = f"quickbooks:{one.quickbooks_id} and hubspot:{one.hubspot_id}"
        output.say(f"{one.match.value:<9} {one.sync} {pair_of}")
        output.say(f"          {one.evidence}")
        if one.match in QUESTIONS:
            ids = f"{one.sync} {one.quickbooks_id}"
            yes = f"accept {ids}" if one.match is MatchClass.PROPOSED else _pair(one)
            output.say(f"          yes: ledgerbridge matches {yes}")
            output.say(f"          no:  ledgerbridge matches reject {ids} {one.hubspot_id}")


def _pair(one: matching.Match) -> str:
    return f"pair {one.sync} {one.quickbooks_id} {one.hubspot_id}"


def _say_done(what: str, done: Decided) -> None:
    partners = ", ".join(f"hubspot:{one}" for one in done.hubspot_ids)
    output.say(
        f"Decided in {done.sync}: quickbooks:{done.quickbooks_id} and {partners} are {what}. "
        "The next run does it: ledgerbridge run"
    )


async def _report(only: MatchClass | None) -> MatchesReport:
    async with opened(alone=False) as shop:
        return await shop.store.read(matching.report, only)


async def _decide(deed: Callable[..., Decided], *given: Any) -> Decided:
    async with opened(alone=True) as shop:

        def decide(tx: Transaction) -> Decided:
            return deed(tx, *given, shop.clock.now())

        return await shop.store.write(decide)
