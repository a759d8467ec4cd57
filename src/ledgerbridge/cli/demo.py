"""
`ledgerbridge demo`: the whole job between two emulated accounts, from the plan to the mend.

It calls what every other command calls, and looks at the emulators to see whether what was said
is so.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.demo_deals import show_deals
from ledgerbridge.cli.demo_edits import show_edits
from ledgerbridge.cli.demo_numbers import (
    calls_least,
    holdings,
    show_calls,
    show_crews,
    show_holdings,
    show_money,
    to_be_read,
)
from ledgerbridge.cli.demo_plan import PlanInShort, show_plan
from ledgerbridge.cli.demo_serving import serve
from ledgerbridge.cli.demo_setup import CREW_FIELD, set_up
from ledgerbridge.cli.demo_stage import Stage, staged
from ledgerbridge.cli.demo_text import heading, item, numbers, paragraph, title
from ledgerbridge.cli.demo_totals import show_totals
from ledgerbridge.cli.demo_trouble import show_conflict, show_refusal
from ledgerbridge.cli.demo_waiting import show_waiting, unreached_customers
from ledgerbridge.cli.environment import wait_for
from ledgerbridge.cli.root import STOPPED
from ledgerbridge.cli.sandbox import filled
from ledgerbridge.core.plan import Status
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.quickbooks import QuickBooks
from ledgerbridge.service.connecting import connect_hubspot, connect_quickbooks
from ledgerbridge.service.cycle import RunResult
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.reconciling import reconcile
from ledgerbridge.service.reporting import SyncStatus, status_report
from ledgerbridge.service.world import Progress

SEED = 1
CUSTOMERS = 400
PROGRESS_EVERY_S = 5.0
UNEXPECTED = 1


@click.command("demo")
@click.option("--once", is_flag=True, help="Show it, then end; else both go on until stopped.")
@click.option("--customers", type=int, default=CUSTOMERS, show_default=True, help="60 or more.")
@click.option(
    "--seed", type=int, default=SEED, show_default=True, help="Another seed, another company."
)
def command(*, once: bool, customers: int, seed: int) -> int:
    """
    Show the whole job between two emulated accounts; needs no account and no network.

    Everything lives in a temporary folder. Exit 1: something was not as it should be.
    """
    accounts = filled(seed, customers)
    return wait_for(_stoppable(*accounts, seed, once=once))


async def _stoppable(hubspot: HubSpot, quickbooks: QuickBooks, seed: int, *, once: bool) -> int:
    """The demo, ended cleanly by Ctrl-C, by SIGTERM, or with its terminal."""
    told = asyncio.Event()
    playing = asyncio.create_task(_play(hubspot, quickbooks, seed, told, once=once))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, playing.cancel)
    try:
        return await playing
    except asyncio.CancelledError:
        output.tell("Stopped. The emulators and the demo's database are gone; nothing is left.")
        return 0 if told.is_set() else STOPPED


async def _play(
    hubspot: HubSpot, quickbooks: QuickBooks, seed: int, told: asyncio.Event, *, once: bool
) -> int:
    started_s = time.monotonic()
    async with staged(hubspot, quickbooks) as stage:
        await _tell(stage, seed, started_s)
        for surprise in stage.surprises:
            output.tell(f"Not as it should be: {surprise}")
        if not once:
            told.set()
            await serve(stage)
        return UNEXPECTED if stage.surprises else 0


async def _tell(stage: Stage, seed: int, started_s: float) -> None:
    """The whole story, section by section."""
    title("Ledgerbridge demo: a HubSpot portal and a QuickBooks company, kept in step")
    paragraph(
        "Everything happens on this machine. Nothing leaves it, and none of your data is touched."
    )
    before = holdings(stage)
    heading(1, "Two accounts: emulators that speak real HTTP, with made-up people")
    await _connect(stage)
    heading(2, "The plan, before anything is written")
    stage.clear_calls()
    read = to_be_read(stage)
    plan = await show_plan(stage)
    heading(3, "The plan, carried out")
    first = await _apply(stage, plan)
    made = stage.calls()
    heading(4, "What each side holds now, counted by the emulators")
    show_holdings(before, holdings(stage))
    show_money(stage)
    show_crews(stage)
    show_totals(stage)
    await show_deals(stage)
    heading(5, "Once more: nothing is left to do")
    await _again(stage)
    heading(6, "People go on working, on both sides")
    await show_edits(stage, seed)
    heading(7, "A conflict: both sides changed the same field")
    await show_conflict(stage)
    heading(8, "A value that HubSpot refuses")
    await show_refusal(stage)
    heading(9, "What waited for a person")
    await show_waiting(stage)
    heading(10, "In short")
    await _sum_up(stage)
    show_calls(made, calls_least(read, plan), first)
    whole_s = time.monotonic() - started_s
    ending = "everything was as it should be" if not stage.surprises else "see below"
    paragraph(f"The whole demo took {output.duration(whole_s)}; {ending}.")


async def _connect(stage: Stage) -> None:
    accounts, shop = stage.accounts, stage.shop
    portal = await connect_hubspot(shop, accounts.hubspot.token)
    books = await connect_quickbooks(
        shop, accounts.quickbooks.realm_id, accounts.quickbooks.refresh_token
    )
    counts = holdings(stage)
    item(
        f"QuickBooks company “{books.description.name}”: "
        + ", ".join(
            output.number(counts[f"QuickBooks {name}s"], name)
            for name in ("customer", "item", "invoice")
        )
    )
    item(
        f"HubSpot portal {portal.description.account_id}: "
        + ", ".join(
            output.number(counts[f"HubSpot {name}s"], name)
            for name in ("contact", "product", "invoice")
        )
    )
    created = portal.ensured.created if portal.ensured is not None else ()
    item(
        f"Connected: HubSpot got {len(created)} fields of ours, such as a customer's balance; "
        "QuickBooks gets none."
    )
    since = await set_up(stage)
    item(
        f"Set up besides: the custom field “{CREW_FIELD}” of invoices goes into a property that is "
        "made for it."
    )
    item(
        "Switched on: contacts both ways (from HubSpot only those with an invoice or a payment "
        "there); companies, products, invoices, payments and the figures of deals to HubSpot "
        f"(invoices since {since[:10]}; the default: since today)."
    )


class _ProgressLines:
    """A line for each quarter of the work, and at least one every few seconds."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._started_s: float | None = None
        self._shown_s = 0.0
        self._quarter = 0

    def __call__(self, progress: Progress) -> None:
        if not progress.total:
            return
        now_s = time.monotonic()
        if self._started_s is None:
            self._started_s = self._shown_s = now_s
        quarter = min(3, 4 * progress.done // progress.total)
        if quarter == self._quarter and now_s - self._shown_s < PROGRESS_EVERY_S:
            return
        self._quarter, self._shown_s = quarter, now_s
        text = output.progress_text(
            progress.stage.replace("_", " "),
            now_s - self._started_s,
            done=progress.done,
            total=progress.total,
            seen=progress.seen,
        )
        calls = sum(sum(by_kind.values()) for by_kind in self._stage.calls().values())
        output.say(f"   {text} · {output.number(calls, 'call')} used")


async def _apply(stage: Stage, plan: PlanInShort) -> RunResult:
    paragraph("You would be asked first. Accepting the plan, and writing what it says:")
    result = await stage.run(accept=True, tell=_ProgressLines(stage))
    rate = result.writes / max(result.seconds, 0.001)
    paragraph(
        f"Done: {output.number(result.writes, 'record')} written in "
        f"{output.duration(result.seconds)} ({rate:,.0f} records/s), "
        f"{output.number(result.failing, 'record')} failing."
    )
    stage.expect(result.writes, "The first run wrote nothing.")
    stage.expect(not result.in_doubt, f"{result.in_doubt} requests of the first run are in doubt.")
    status = await stage.shop.store.read(status_report)
    refused = [
        reason
        for sync in status.syncs
        for reason in sync.reasons
        if reason.status is Status.FAILING
        and reason.code not in {known.code for known in plan.reasons[sync.name]}
    ]
    for reason in refused:
        item(f"{reason.records} refused: {reason.message} → {reason.remedy}")
    await _tell_unreached(stage)
    return result


async def _tell_unreached(stage: Stage) -> None:
    """Who the customers are whose invoices HubSpot does not open, and what becomes of them."""
    found = await unreached_customers(stage)
    if found:
        invoices = output.number(sum(len(one.invoices) for one in found), "invoice")
        item(
            f"{invoices} wait so for an e-mail address of {output.number(len(found), 'customer')}, "
            f"such as {found[0].name}. Once QuickBooks has it, they follow by themselves: see 9."
        )


async def _again(stage: Stage) -> None:
    result = await stage.run()
    calls = sum(result.calls.values())
    paragraph(
        f"{output.number(result.writes, 'record')} written ({output.number(calls, 'call')}, "
        f"{output.duration(result.seconds)}): what we wrote ourselves never comes back as news."
    )
    stage.expect(not result.writes, f"The second run wrote {result.writes} records.")


async def _sum_up(stage: Stage) -> None:
    status = await stage.shop.store.read(status_report)
    numbers(
        ["in step", "left out", "waiting", "failing"],
        [
            (
                sync.name,
                [
                    sync.in_sync,
                    _records(sync, Status.EXCLUDED),
                    _records(sync, Status.BLOCKED, Status.WAITING, Status.IN_DOUBT),
                    _records(sync, Status.FAILING),
                ],
            )
            for sync in status.syncs
        ],
    )
    stage.expect(not status.in_doubt, f"{status.in_doubt} requests are still in doubt.")
    await _reconcile(stage)


async def _reconcile(stage: Stage) -> None:
    """What is open on both sides; every difference must have its cause."""
    report = await reconcile(await open_world(stage.shop))
    for total in report.compared.totals:
        paragraph(
            f"Reconciled: {total.quickbooks:,.2f} {total.currency} are open in QuickBooks and "
            f"{total.hubspot:,.2f} in HubSpot. Of the difference, {-total.explained:,.2f} has a "
            f"cause and {-total.unexplained:,.2f} has none."
        )
    for what, compared in (("invoice", report.compared), ("payment", report.paid)):
        causes = Counter(one.cause for one in compared.differences) if compared else {}
        for cause, found in sorted(causes.items()):
            item(f"{output.number(found, what)} not in HubSpot, or not the same: {cause}")
    for one in report.not_covered:
        of = output.number(one.customers, "customer")
        item(f"not covered: {one.what}, {one.amount:,.2f} {one.currency} of {of}")
    stage.expect(not report.unexplained, f"{report.unexplained} differences are unexplained.")


def _records(sync: SyncStatus, *statuses: Status) -> int:
    return sum(reason.records for reason in sync.reasons if reason.status in statuses)
