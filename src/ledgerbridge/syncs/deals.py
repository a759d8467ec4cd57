"""
Which deal an invoice belongs to: by rule, never by a guess (business-rules.md, deals).

What no rule decides, though there are deals that it could be, is a case for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from msgspec import Struct

from ledgerbridge.core.model import Record, Value
from ledgerbridge.syncs.allocations import money
from ledgerbridge.syncs.custom_fields import custom_fields, po_number
from ledgerbridge.syncs.invoice_figures import ESTIMATES

PO_NUMBER, ESTIMATE = "ledgerbridge_po_number", "ledgerbridge_estimate"
WON, CLOSED_AT, CURRENCY = "hs_is_closed_won", "closedate", "deal_currency_code"
DAYS_BEFORE, DAYS_AFTER = timedelta(days=30), timedelta(days=120)


class Candidate(Struct, frozen=True, kw_only=True):
    """A deal of the invoice's customer; `billed` are the totals of the invoices already on it."""

    deal: Record
    billed: Decimal
    by_person: bool = False
    refused: bool = False


class Chosen(Struct, frozen=True):
    """The deal that a rule found, and by what."""

    deal_id: str
    why: str


class Undecided(Struct, frozen=True):
    """More than one deal could be the one: a person decides."""

    deal_ids: tuple[str, ...]
    why: str


def choose(
    invoice: Record,
    candidates: Sequence[Candidate],
    known: Mapping[str, Record],
    home_currency: str,
) -> Chosen | Undecided | None:
    """
    The deal of an invoice by the first rule that hits; None where no deal could be the one.

    `known` are all deals by id: a custom field may name any of them.
    """
    mine = [one for one in candidates if one.by_person]
    if mine:
        return Chosen(mine[0].deal.id, "associated by a person")
    free = [one for one in candidates if not one.refused]
    refused = {one.deal.id for one in candidates if one.refused}
    for value in custom_fields(invoice).values():
        if value in known and value not in refused:
            return Chosen(value, "its id is in a custom field of the invoice")
    for rule, why in RULES:
        found = [one.deal.id for one in free if rule(invoice, one.deal)]
        if len(found) == 1:
            return Chosen(found[0], why)
    won = [one for one in free if fits(invoice, one, home_currency)]
    if len(won) == 1:
        return Chosen(won[0].deal.id, "the only deal won around that time with this much unbilled")
    if won:
        ids = tuple(one.deal.id for one in won)
        return Undecided(ids, f"the won deals {', '.join(ids)} fit alike")
    return None


def same_po_number(invoice: Record, deal: Record) -> bool:
    """Both carry one PO number."""
    mine = po_number(invoice)
    return bool(mine) and (deal.fields.get(PO_NUMBER) or "").strip() == mine


def same_estimate(invoice: Record, deal: Record) -> bool:
    """The invoice was made from the estimate that the deal names."""
    return (deal.fields.get(ESTIMATE) or "-") in invoice.references.get(ESTIMATES, ())


RULES: tuple[tuple[Callable[[Record, Record], bool], str], ...] = (
    (same_po_number, "the only deal of the customer with its PO number"),
    (same_estimate, "the only deal of the customer with its estimate"),
)


def fits(invoice: Record, candidate: Candidate, home_currency: str) -> bool:
    """A won deal, in the same currency, won around that time, whose unbilled rest covers it."""
    fields = candidate.deal.fields
    if fields.get(WON) != "true":
        return False
    if (fields.get(CURRENCY) or home_currency) != invoice.fields.get("CurrencyRef", home_currency):
        return False
    won_at, dated = day(fields.get(CLOSED_AT)), day(invoice.fields.get("TxnDate"))
    if won_at is None or dated is None or not won_at - DAYS_BEFORE <= dated <= won_at + DAYS_AFTER:
        return False
    rest = money(fields.get("amount")) - candidate.billed
    return rest >= money(invoice.fields.get("TotalAmt")) > 0


def day(text: Value) -> date | None:
    """The day of an ISO date or instant; None where there is none."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
