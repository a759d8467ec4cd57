"""`ledgerbridge config`: the set-up as YAML, with a diff before anything is applied."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from pathlib import Path

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.errors import UsageError
from ledgerbridge.service import config_file, configuring
from ledgerbridge.service.config_file import Document
from ledgerbridge.service.owners import with_owners
from ledgerbridge.syncs.catalogue import Preset

CHANGES_PENDING = 2
STANDARD_INPUT = "-"


@click.group("config")
def command() -> None:
    """Export the set-up as YAML, apply it, choose a preset."""


@command.command("export")
@click.argument("file", required=False, type=click.Path(path_type=Path))
def export(*, file: Path | None) -> None:
    """Write the whole set-up to a new file, or to standard output."""
    text = wait_for(_export())
    if file is None:
        output.say(text.rstrip())
        return
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise UsageError(f"{file} exists already. Nothing was written. Choose another.") from error
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from error
    output.say(f"Written to {file}.")


async def _export() -> str:
    async with opened(alone=False) as shop:
        return await shop.store.read(configuring.export)


@command.command("apply")
@click.argument("file")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Show the differences only. Exit 2: there are some.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def apply(*, file: str, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Apply a file (- is standard input). Syncs that it does not name stay as they are."""
    document = config_file.read(_text_of(file))
    wait_for(_apply(document, yes=yes, dry_run=dry_run, as_json=as_json))


def _text_of(file: str) -> str:
    try:
        if file == STANDARD_INPUT:
            return sys.stdin.read()
        return Path(file).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not text in UTF-8. Nothing was applied.") from error
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error


@command.command("preset")
@click.argument("name", nargs=-1)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Show the differences only. Exit 2: there are some.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def preset(*, name: tuple[str, ...], yes: bool, dry_run: bool, as_json: bool) -> None:
    """Set all syncs to a preset; whether they are on stays. Without a name: list the presets."""
    if not name:
        for one in Preset:
            output.say(f"{one.value:24}{ABOUT[one]}")
        return
    document = configuring.of_preset(_preset(" ".join(name)))
    wait_for(_apply(document, yes=yes, dry_run=dry_run, as_json=as_json))


ABOUT = {
    Preset.RECOMMENDED: "contacts both ways, products and invoices to HubSpot",
    Preset.BOOKS_FIRST: "HubSpot may create customers and fill blanks, never change the books",
    Preset.READ_ONLY: "nothing is ever written to QuickBooks",
}


def _preset(text: str) -> Preset:
    words = {one.value.lower(): one for one in Preset}
    wanted = " ".join(text.lower().replace("-", " ").split())
    if wanted not in words:
        near = get_close_matches(wanted, words, n=1)
        hint = f" Did you mean {words[near[0]].value!r}?" if near else ""
        names = ", ".join(repr(one.value) for one in Preset)
        raise UsageError(f"There is no preset {text!r}.{hint} The presets are {names}.")
    return words[wanted]


async def _apply(document: Document, *, yes: bool, dry_run: bool, as_json: bool) -> None:
    async with opened(alone=True) as shop:
        await configuring.ask_both(shop)
        document = await with_owners(shop, document)
        now = shop.clock.now()
        report = await shop.store.read(configuring.differences, document, now)
        if not as_json:
            _show(report)
        if not report.changes or dry_run:
            _leave(report, as_json=as_json)
            return
        if not yes and output.somebody_is_there():
            yes = output.agreed("Apply this?")
        if not yes:
            raise UsageError("Nothing was applied: nobody agreed. Add --yes to agree.")
        await configuring.make_properties(shop, report.properties)
        report = await shop.store.write(configuring.apply, document, now)
    if as_json:
        output.show_json(report)
    else:
        output.say("Applied. What it leads to: ledgerbridge plan")


def _leave(report: configuring.ConfigReport, *, as_json: bool) -> None:
    if as_json:
        output.show_json(report)
    if report.changes:
        click.get_current_context().exit(CHANGES_PENDING)


def _show(report: configuring.ConfigReport) -> None:
    for change in report.changes:
        output.say(change.place)
        if change.before is not None:
            output.say(f"  - {change.before}")
        if change.after is not None:
            output.say(f"  + {change.after}")
    for one in report.properties:
        options = f" of {', '.join(one.options)}" if one.options else ""
        output.say(f"HubSpot {one.object_type} get the property {one.name} ({one.type}{options})")
    if not report.changes:
        output.say("Nothing would change.")
