"""The demo's figures: what each side holds, and the calls made against the fewest possible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from math import ceil
from typing import Any, TypeAlias

from ledgerbridge.cli.demo_plan import ROWS, PlanInShort
from ledgerbridge.cli.demo_setup import CREW_FIELD, CREW_PROPERTY
from ledgerbridge.cli.demo_stage import Stage
from ledgerbridge.cli.demo_text import numbers, paragraph
from ledgerbridge.cli.output import number
from ledgerbridge.core.model import Side
from ledgerbridge.core.planning import KEY_FIELD
from ledgerbridge.service.cycle import RunResult

HELD = {
    "HubSpot contacts": (Side.HUBSPOT, "contacts"),
    "HubSpot companies": (Side.HUBSPOT, "companies"),
    "HubSpot products": (Side.HUBSPOT, "products"),
    "HubSpot invoices": (Side.HUBSPOT, "invoices"),
    "HubSpot line items": (Side.HUBSPOT, "line_items"),
    "HubSpot commerce payments": (Side.HUBSPOT, "commerce_payments"),
    "QuickBooks customers": (Side.QUICKBOOKS, "Customer"),
    "QuickBooks items": (Side.QUICKBOOKS, "Item"),
    "QuickBooks invoices": (Side.QUICKBOOKS, "Invoice"),
    "QuickBooks payments": (Side.QUICKBOOKS, "Payment"),
}
READ = {
    (Side.HUBSPOT, "contacts"): 100,
    (Side.HUBSPOT, "companies"): 100,
    (Side.HUBSPOT, "products"): 100,
    (Side.HUBSPOT, "invoices"): 100,
    (Side.HUBSPOT, "commerce_payments"): 100,
    (Side.HUBSPOT, "deals"): 100,
    (Side.QUICKBOOKS, "Customer"): 1000,
    (Side.QUICKBOOKS, "Item"): 1000,
    (Side.QUICKBOOKS, "Invoice"): 1000,
    (Side.QUICKBOOKS, "Payment"): 1000,
}
"""What the first look reads, and how many records fit on a full page."""

SUMS = (("billed", "hs_amount_billed", "TotalAmt"), ("still owed", "hs_balance_due", "Balance"))
"""What is added up: its name, and its field in HubSpot and in QuickBooks."""

PAID = "paid"
SUM_NAMES = (*(name for name, _, _ in SUMS), PAID)
Sums: TypeAlias = defaultdict[str, defaultdict[str, Decimal]]
"""What there is of each by currency."""

BATCH = {Side.HUBSPOT: 100, Side.QUICKBOOKS: 30}
"""How many rows fit in a full batch."""

READ_BACK = "batch read "
LOOKED_FOR_NAMES = ("query Vendor", "query Employee")
LOOK_AGAIN = ("account info", "search ", "cdc")


def holdings(stage: Stage) -> dict[str, int]:
    """How many records of each type both emulators hold now."""
    return {name: stage.count(*where) for name, where in HELD.items()}


def show_holdings(before: Mapping[str, int], now: Mapping[str, int]) -> None:
    """What was there, and what is there now."""
    numbers(
        ["before", "now", "new"],
        [(name, [before[name], now[name], now[name] - before[name]]) for name in HELD],
    )


def show_money(stage: Stage) -> None:
    """The invoices that are in HubSpot now, added up on both sides; they must be equal."""
    mirrored = {
        key.rsplit(":", 1)[1]: invoice
        for invoice in stage.portal.all("invoices")
        if (key := invoice.get(KEY_FIELD))
    }
    theirs = [one for one in stage.company.all("Invoice") if one["Id"] in mirrored]
    ours, books = _paid(stage, mirrored)
    for label, our_name, their_name in SUMS:
        for mirror in mirrored.values():
            ours[mirror["hs_currency"]][label] += Decimal(mirror.get(our_name) or "0")
        for invoice in theirs:
            books[invoice["CurrencyRef"]["value"]][label] += Decimal(invoice[their_name])
    for currency in sorted({*ours, *books}, reverse=True):
        _show_sums(stage, currency, ours[currency], books[currency])


def _show_sums(
    stage: Stage, currency: str, ours: Mapping[str, Decimal], books: Mapping[str, Decimal]
) -> None:
    for label in SUM_NAMES:
        stage.expect(
            ours[label] == books[label],
            f"{label}: {books[label]} in QuickBooks, {ours[label]} in HubSpot.",
        )
    equal = all(ours[label] == books[label] for label in SUM_NAMES)
    how = "the same on both sides" if equal else "differently"
    sums = ", ".join(f"{label} {books[label]:,.2f}" for label in SUM_NAMES)
    paragraph(f"The invoices in {currency} add up {how}: {sums}.")


def _paid(stage: Stage, mirrored: Mapping[str, object]) -> tuple[Sums, Sums]:
    """The cash that settles these invoices: as HubSpot shows it, and in the books."""
    ours, books = _no_sums(), _no_sums()
    for one in stage.portal.all("commerce_payments"):
        if one.get("hs_external_reference_id", "").rsplit(":", 1)[-1] in mirrored:
            ours[one["hs_currency_code"]][PAID] += Decimal(one["hs_initial_amount"])
    for payment in stage.company.all("Payment"):
        credit = sum(
            (Decimal(x["Amount"]) for x in payment["Line"] if _kind(x) == "CreditMemo"), Decimal(0)
        )
        for line in payment["Line"]:
            if _kind(line) != "Invoice":
                continue
            covered = min(credit, Decimal(line["Amount"]))
            credit -= covered
            if line["LinkedTxn"][0]["TxnId"] in mirrored:
                currency = payment["CurrencyRef"]["value"]
                books[currency][PAID] += Decimal(line["Amount"]) - covered
    return ours, books


def show_crews(stage: Stage) -> None:
    """A custom field of the books, in the property that was made for it."""
    written = {
        invoice["Id"]: field["StringValue"]
        for invoice in stage.company.all("Invoice")
        for field in invoice["CustomField"]
        if field["Name"] == CREW_FIELD and "StringValue" in field
    }
    mirrors = [one for one in stage.portal.all("invoices") if one.get(KEY_FIELD)]
    wrong = [
        one["hs_object_id"]
        for one in mirrors
        if one.get(CREW_PROPERTY) != written.get(one[KEY_FIELD].rpartition(":")[2])
    ]
    stage.expect(not wrong, f"The crew of {len(wrong)} invoices is not that of QuickBooks.")
    held = sum(CREW_PROPERTY in one for one in mirrors)
    stage.expect(held, "No invoice in HubSpot has a crew.")
    paragraph(f"{number(held, 'invoice')} say which crew did the work, from the custom field.")


def _no_sums() -> Sums:
    return defaultdict(lambda: defaultdict(Decimal))


def _kind(line: Mapping[str, Any]) -> str:
    return str(line["LinkedTxn"][0]["TxnType"])


def to_be_read(stage: Stage) -> dict[tuple[Side, str], int]:
    """How many records of each type the first look has to read."""
    return {(side, kind): stage.count(side, kind) for side, kind in READ}


def calls_least(read: Mapping[tuple[Side, str], int], plan: PlanInShort) -> int:
    """
    The fewest calls that could read the same records on full pages and write them in full batches.

    Each new customer's key is written on its contact, which can only be done once the customer
    has its id.
    """
    pages = sum(max(1, ceil(read[where] / size)) for where, size in READ.items())
    batches = 0
    for row in ROWS:
        for side, size in BATCH.items():
            for kind in ("create", "update"):
                rows = plan.counts[row, f"{side}.{kind}"]
                if (row, side, kind) == ("contacts", Side.HUBSPOT, "update"):
                    rows += plan.counts["contacts", "quickbooks.create"]
                batches += ceil(rows / size)
    return pages + batches


def show_calls(made: Mapping[Side, Mapping[str, int]], least: int, first: RunResult) -> None:
    """The calls of plan and first run, and what those above the fewest possible were for."""
    totals = {side: sum(by_kind.values()) for side, by_kind in made.items()}
    total = sum(totals.values())
    kinds = {kind: n for by_kind in made.values() for kind, n in by_kind.items()}
    again = sum(n for kind, n in kinds.items() if kind.startswith(LOOK_AGAIN))
    back = sum(n for kind, n in kinds.items() if kind.startswith(READ_BACK))
    names = sum(kinds.get(kind, 0) for kind in LOOKED_FOR_NAMES)
    waited = max(0, total - least - again - back - names)
    paragraph(
        f"The plan and the first run, {number(first.writes, 'record')}, took {total} calls "
        f"({totals[Side.HUBSPOT]} to HubSpot, {totals[Side.QUICKBOOKS]} to QuickBooks, counted by "
        f"the emulators). Full pages and full batches alone would be {least}. Of the others, "
        f"{again} looked at both sides again before the first write, {back} made sure that no "
        f"update overwrote a person's, {names} asked who has a name that was taken, and {waited} "
        "were for what had to wait for other records."
    )
