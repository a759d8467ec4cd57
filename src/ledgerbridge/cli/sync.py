"""`ledgerbridge sync`: list, show, preview, enable, disable, delete."""

from __future__ import annotations

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.core.mapping import Direction, Rule, When
from ledgerbridge.core.model import Side
from ledgerbridge.errors import UsageError
from ledgerbridge.service import describing, previewing, reporting, switching
from ledgerbridge.store.syncs import Sync

ARROWS = {
    Direction.BOTH: "both ways",
    Direction.TO_HUBSPOT: "to HubSpot",
    Direction.TO_QUICKBOOKS: "to QuickBooks",
}


SIDES = [side.value for side in Side]


@click.group("sync")
def command() -> None:
    """List, show, preview, switch on, switch off or delete syncs."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(*, as_json: bool) -> None:
    """Show all syncs in numbers."""
    report = wait_for(_list())
    if as_json:
        output.show_json(report)
    else:
        show_syncs(report.syncs)


def show_syncs(found: tuple[reporting.SyncStatus, ...]) -> None:
    """Print syncs as a table."""
    if not found:
        output.say("There are no syncs yet. They are set up once both sides are connected.")
    output.table(
        [
            [
                one.name,
                "on" if one.enabled else "off",
                ARROWS[Direction(one.direction)],
                output.number(one.in_sync, "pair") + " in sync",
            ]
            for one in found
        ]
    )


async def _list() -> reporting.SyncsReport:
    async with opened(alone=False) as shop:
        return await shop.store.read(reporting.syncs_report)


@command.command("show")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(*, name: str, as_json: bool) -> None:
    """Show how one sync is set up, and which mappings do not serve here."""
    report = wait_for(_show(name))
    if as_json:
        output.show_json(report)
        return
    since = f", since {report.enabled_at:%Y-%m-%d %H:%M} UTC" if report.enabled_at else ""
    output.say(
        f"{report.name}: {'on' if report.enabled else 'off'}{since if report.enabled else ''}"
    )
    output.table(
        [
            ["direction", ARROWS[Direction(report.direction)]],
            ["a conflict", _rule_in_words(Rule(report.rule))],
            ["a deletion", report.deletions],
            ["leaving the filters", report.leaving_scope],
            ["matched by", ", ".join(report.matching) or "nothing"],
            ["to HubSpot", report.filters_in_words["to_hubspot"]],
            ["to QuickBooks", report.filters_in_words["to_quickbooks"]],
        ],
        indent=2,
    )
    output.say()
    rows = [
        [one.name, _fields(one.hubspot), _fields(one.quickbooks), _remark(one)]
        for one in report.mappings
    ]
    output.table(rows, ("mapping", "HubSpot", "QuickBooks", ""), indent=2)


def _rule_in_words(rule: Rule) -> str:
    words = {Rule.ASK: "waits for a person", Rule.NEWEST: "the newest edit wins"}
    return words.get(rule) or f"{output.SIDE_NAMES[Side(rule)]} wins"


def _fields(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}"


def _remark(one: describing.MappingReport) -> str:
    if not one.enabled:
        return "off"
    if one.left_out:
        return f"left out: {one.left_out}"
    parts = [ARROWS[Direction(one.direction)]]
    if one.when != When.ALWAYS:
        parts.append(one.when)
    if one.into_quickbooks != one.when and one.direction != Direction.TO_HUBSPOT:
        parts.append(f"into QuickBooks {one.into_quickbooks}")
    if one.read_only:
        parts.append(f"read-only: {', '.join(one.read_only)}")
    return ", ".join(parts)


async def _show(name: str) -> describing.SyncReport:
    async with opened(alone=False) as shop:
        return await shop.store.read(describing.sync_report, name)


@command.command("preview")
@click.argument("name")
@click.option(
    "--to", "to", type=click.Choice([one.value for one in Side]), default=Side.HUBSPOT.value
)
@click.option("--mapping", help="Only the mapping of this name.")
@click.option("--limit", type=click.IntRange(1, 1000), default=5, help="How many records.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def preview(*, name: str, to: str, mapping: str | None, limit: int, as_json: bool) -> None:
    """Show what the mappings make of the records that changed last; nothing is written."""
    report = wait_for(_preview(name, Side(to), mapping, limit))
    if as_json:
        output.show_json(report)
        return
    record = ""
    for one in report.previews:
        if one.record != record:
            record = one.record
            output.say(record)
        shown = "; ".join(f"{key}: {value!r}" for key, value in one.source.items())
        given = "; ".join(f"{key}: {value!r}" for key, value in one.target.items())
        output.say(f"  {one.mapping}: {shown}")
        output.say(f"    → {one.problem or given}")


async def _preview(
    name: str, to: Side, mapping: str | None, limit: int
) -> previewing.PreviewReport:
    async with opened(alone=False) as shop:
        now = shop.clock.now()
        return await shop.store.read(
            previewing.preview, name, to, mapping=mapping, limit=limit, now=now
        )


@command.command("enable")
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
def enable(*, names: tuple[str, ...]) -> None:
    """Switch syncs on. Nothing is written before a plan is accepted."""
    for sync in wait_for(_enable(names)):
        output.say(f"{sync.name} is on.")
    output.say("Next: ledgerbridge plan")


async def _enable(names: tuple[str, ...]) -> list[Sync]:
    async with opened(alone=True) as shop:
        return await shop.store.write(switching.enable, names, shop.clock.now())


@command.command("disable")
@click.argument("names", nargs=-1, required=True, metavar="NAME…")
def disable(*, names: tuple[str, ...]) -> None:
    """Switch syncs off. Writes stop, links stay; switched on again, they go on from there."""
    for sync in wait_for(_disable(names)):
        output.say(f"{sync.name} is off; its links are kept.")


async def _disable(names: tuple[str, ...]) -> list[Sync]:
    async with opened(alone=True) as shop:
        return await shop.store.write(switching.disable, names)


@command.command("delete")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(*, name: str, yes: bool) -> None:
    """Forget a sync with its links and its set-up. No record is touched on either side."""
    done = wait_for(_delete(name, yes=yes))
    links = output.number(done.links_forgotten, "link")
    output.say(f"{name} is deleted, {links} forgotten. No record was touched on either side.")


async def _delete(name: str, *, yes: bool) -> switching.Deleted:
    async with opened(alone=True) as shop:
        await shop.store.read(switching.stored, name)
        if not yes and output.somebody_is_there():
            yes = output.agreed(f"Forget the sync {name}, its set-up and its links?")
        if not yes:
            raise UsageError(f"{name} was not deleted: nobody agreed. Add --yes to agree.")
        return await shop.store.write(switching.delete, name)
