"""`ledgerbridge forget`: nothing of a person is kept here, and they are never made again."""

from __future__ import annotations

import sys

import click

from ledgerbridge.cli import output
from ledgerbridge.cli.environment import opened, wait_for
from ledgerbridge.cli.record_names import record_named
from ledgerbridge.core.model import Side
from ledgerbridge.errors import UsageError
from ledgerbridge.service.forgetting import ForgetReport, forget

LEFT = (
    "HubSpot and QuickBooks are left as they are. What becomes of the person's customer, invoices "
    "and payments in QuickBooks is for you to decide, and so is what still stands in HubSpot: "
    "erase the contact there, too, if that is what was asked for."
)


@click.command("forget")
@click.argument("record", required=False, metavar="[SIDE:ID]")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, record: str | None, yes: bool, as_json: bool) -> None:
    """
    Forget a person: a contact (hubspot:501), a customer (quickbooks:12), or, without SIDE:ID,
    whoever has the e-mail address that is asked for, or read from standard input.
    """
    who = record_named(record) if record else _address()
    wait_for(_forget(who, yes=yes, as_json=as_json))


def _address() -> str:
    """An address is personal, so it is never an argument, which others could read."""
    if sys.stdin.isatty():
        return str(click.prompt("E-mail address", err=True))
    return sys.stdin.readline().strip()


async def _forget(who: tuple[Side, str] | str, *, yes: bool, as_json: bool) -> None:
    async with opened(alone=True) as shop:
        now, store, secrets = shop.clock.now(), shop.store, shop.secrets
        report = await store.read(forget, who, secrets, now, do=False)
        if not as_json:
            _tell(report)
        if not yes and output.somebody_is_there():
            yes = output.agreed("Forget all this for good?")
        if not yes:
            raise UsageError("Nothing was forgotten: nobody agreed. Add --yes to agree.")
        report = await store.write(forget, who, secrets, now, do=True)
        await store.compact()
    if as_json:
        output.show_json(report)
        return
    entries = output.number(report.entries or 0, "entry", "entries")
    output.say(f"Forgotten. The values of {entries} of the history are gone. {LEFT}")


def _tell(report: ForgetReport) -> None:
    """What it would do."""
    people = (*report.contacts, *report.customers)
    if people:
        output.say(f"It is about {', '.join(people)}.")
    else:
        output.say("Nothing is stored of this person.")
    about = output.number(report.transactions, "transaction")
    pairs = output.number(report.pairs, "pair ends", "pairs end")
    output.say(
        f"All values of these records and of {about} about them are taken out of the database and "
        f"its history; ids, dates and amounts remain. {pairs}."
    )
    output.say(
        "A keyed digest of the e-mail addresses and ids remains, so that the person is never "
        "paired or made again on either side. This cannot be undone."
    )
