"""After the story: how to look around, and the syncing that goes on until it is stopped."""

from __future__ import annotations

import asyncio
import shlex
import shutil
import sys
from pathlib import Path

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.demo_edits import arrival_in_words, written
from ledgerbridge.cli.demo_stage import Stage
from ledgerbridge.cli.demo_text import INDENT, item, paragraph, title
from ledgerbridge.core.model import LinkStatus
from ledgerbridge.errors import AlreadyRunning, Fenced, LedgerbridgeError
from ledgerbridge.store import links, syncs
from ledgerbridge.store.transaction import Transaction

SYNC_EVERY_S = 3.0
ARRIVALS_SHOWN_MAX = 5
COMMANDS = {
    "status": "how it stands, and why some records are not in step",
    "plan": "what the next run would write",
    "history --losses --values": "what gave way to a rule, with the values",
    "sync show contacts": "fields, filters and rules, all of which can be changed",
    "doctor": "permissions, properties, connections",
}


async def serve(stage: Stage) -> None:
    """Print how to look around, then keep both sides in step until cancelled."""
    click.echo()
    title("The demo goes on until you press Ctrl-C")
    await _tell_how(stage)
    told = ""
    while True:
        await asyncio.sleep(SYNC_EVERY_S)
        try:
            result = await stage.run()
        except (AlreadyRunning, Fenced):
            continue  # a command in another terminal is at work: the next round is ours again
        except LedgerbridgeError as error:
            if str(error) != told:
                told = str(error)
                output.tell(f"{_now(stage)}  {told}")
            continue
        told = ""
        if result.writes:
            arrivals = await stage.shop.store.read(written, result.run)
            for arrival in arrivals[:ARRIVALS_SHOWN_MAX]:
                output.say(f"{_now(stage)}  {arrival_in_words(arrival)}")
            if len(arrivals) > ARRIVALS_SHOWN_MAX:
                output.say(f"{_now(stage)}  … {len(arrivals) - ARRIVALS_SHOWN_MAX} more")


def _now(stage: Stage) -> str:
    return f"{stage.shop.clock.now().astimezone():%H:%M:%S}"


async def _tell_how(stage: Stage) -> None:
    program = _program()
    paragraph("To look around, paste this into another terminal (the secrets are throw-away ones):")
    for name, value in stage.environment.items():
        output.say(f"export {name}={shlex.quote(value)}")
    paragraph("Then:")
    contact = await stage.shop.store.read(_some_contact)
    one = f"history hubspot:{contact}"
    commands = {**COMMANDS, one: "all that was written to one record"}
    width = max(map(len, commands))
    for command, words in commands.items():
        output.say(f"{INDENT}{program} {command.ljust(width)}  {words}")
    accounts = stage.accounts
    paragraph("Or change something yourself, and see it arrive here:")
    version = stage.shop.settings.hubspot_api_version
    output.say(
        f"curl -sS -X PATCH -H 'Authorization: Bearer {accounts.hubspot.token}' "
        f"-H 'Content-Type: application/json' \\\n"
        f"""  -d '{{"properties": {{"firstname": "Robin"}}}}' \\\n"""
        f"  {accounts.hubspot.url}/crm/objects/{version}/contacts/{contact}"
    )
    item(
        f"Look at both accounts in a browser: HubSpot at {accounts.hubspot.page}, QuickBooks at "
        f"{accounts.quickbooks.page}"
    )
    item(
        f"Every {SYNC_EVERY_S:.0f} seconds both are asked what changed; what arrives is shown here"
    )
    output.say()


def _some_contact(tx: Transaction) -> str:
    sync = next(one.id for one in syncs.every(tx) if one.name == "contacts")
    live = [one for one in links.page(tx, sync, "", 100) if one.status is LinkStatus.LIVE]
    return next(one.hubspot_id for one in live if one.hubspot_id is not None)


def _program() -> str:
    """How the person called us, so that it works in another terminal as well."""
    called = Path(sys.argv[0])
    if shutil.which(called.name) == str(called):
        return called.name
    here = Path.cwd()
    return str(called.relative_to(here)) if called.is_relative_to(here) else str(called)
