"""The demo's deals: which got their invoices, by which rule, and what no rule decides."""

from __future__ import annotations

from collections import Counter

from ledgerbridge.cli.demo_stage import Stage
from ledgerbridge.cli.demo_text import paragraph
from ledgerbridge.cli.output import number
from ledgerbridge.core.planning import KEY_FIELD
from ledgerbridge.service.cases import Case, cases_report
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.deals import ESTIMATE, PO_NUMBER, WON

ITS_ID, ITS_PO_NUMBER, ITS_ESTIMATE = "its id on the invoice", "its PO number", "its estimate"
TIME_AND_AMOUNT = "when it was won and its amount"
RULES = (ITS_ID, ITS_PO_NUMBER, ITS_ESTIMATE, TIME_AND_AMOUNT)
"""By what an invoice finds its deal, where nobody has associated them."""


async def show_deals(stage: Stage) -> None:
    """The deals that got invoices, by each rule; what no rule decides waits for a person."""
    named = {
        field.get("StringValue")
        for invoice in stage.company.all("Invoice")
        for field in invoice["CustomField"]
    }
    deals = [deal for deal in stage.portal.all("deals") if deal.get(KEY_FIELD)]
    billed = [deal for deal in deals if deal.get("ledgerbridge_invoices", "0") != "0"]
    found = Counter(_found_by(deal, named) for deal in billed)
    stage.expect("" not in found, "An invoice went on an open deal that nothing names.")
    for rule in RULES:
        stage.expect(found[rule], f"No invoice found its deal by {rule}.")
    if billed:
        one = billed[0]
        ways = ", ".join(f"{found[rule]} by {rule}" for rule in RULES)
        paragraph(
            f"{number(len(billed), 'deal')} got their invoices by rule: {ways}. Such as deal "
            f"{one['hs_object_id']}: {one['ledgerbridge_invoiced']} invoiced, "
            f"{one.get('ledgerbridge_paid', '0')} paid, {one['ledgerbridge_open']} open."
        )
    cases = await stage.shop.store.read(undecided)
    stage.expect(cases, "No invoice could be on either of two deals.")
    paragraph(
        f"Of {number(len(cases), 'invoice')} a person has to say the deal: two won ones fit alike, "
        "and that is never guessed. See: ledgerbridge cases"
    )


def _found_by(deal: dict[str, str], named: set[str | None]) -> str:
    """By what the invoices of a deal found it; empty where nothing could have."""
    if deal["hs_object_id"] in named:
        return ITS_ID
    if deal.get(PO_NUMBER):
        return ITS_PO_NUMBER
    if deal.get(ESTIMATE):
        return ITS_ESTIMATE
    return TIME_AND_AMOUNT if deal[WON] == "true" else ""


def undecided(tx: Transaction) -> list[Case]:
    """The invoices of which a person has to say on which deal they belong."""
    return [case for case in cases_report(tx).cases if case.code == "which_deal"]
