"""
Invoices that are in the portal already and may show one of QuickBooks
(business-rules.md, invoices).

A number alone proves nothing: HubSpot numbers its own invoices, too. What another app's sync put
there is that app's; of the others, one that is not billed by HubSpot and agrees in everything is
the invoice, and one that agrees only in part is for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from msgspec import Struct

from ledgerbridge.core.model import Record, Value
from ledgerbridge.core.planning import KEY_FIELD
from ledgerbridge.core.values import parse_date, parse_instant, text_key

SOURCE = "hs_invoice_source"
HUBSPOTS_OWN_SOURCES = ("hubspot", "HubSpot")
"""Both spellings are seen: that of the label and that of the stored value."""
NOT_BILLED = "false"
NUMBER, CUSTOMER, TOTAL, CURRENCY, DATE = "number", "customer", "total", "currency", "date"
FREE = "not billed by HubSpot"


class Likeness(Struct, frozen=True, kw_only=True):
    """A HubSpot invoice of the same number: in what it agrees with one of QuickBooks, and not."""

    mirror: Record
    same: tuple[str, ...]
    differs: tuple[str, ...]

    @property
    def certain(self) -> bool:
        """Whether it is that very invoice."""
        return not self.differs

    @property
    def proposes(self) -> bool:
        """Whether a person should look: more than a number and a day speak for it."""
        return CUSTOMER in self.same or {TOTAL, CURRENCY} <= set(self.same)

    def told(self) -> str:
        """In words: `invoice 12: same number, total; not the same: date`."""
        but = f"; but not: {', '.join(self.differs)}" if self.differs else ""
        return f"HubSpot invoice {self.mirror.id} has the same {', '.join(self.same)}{but}"


def billed(mirror: Record) -> bool:
    """Whether HubSpot may bill somebody by an invoice; one that does not say so may."""
    return mirror.fields.get("hs_invoice_billable") != NOT_BILLED


def by_another_app(mirror: Record) -> bool:
    """Whether another app's sync, such as HubSpot's own, has put an invoice into the portal."""
    return (mirror.fields.get(SOURCE) or "hubspot").casefold() != "hubspot"


def likenesses(
    invoice: Record, candidates: Sequence[Record], contact: str | None
) -> tuple[Likeness, ...]:
    """
    How each of these that is not ours compares; those of another number are left out.

    `contact` is the contact of the invoice's customer in HubSpot, None where it has none.
    """
    number = text_key(invoice.fields.get("DocNumber") or "")
    return tuple(
        _compared(invoice, one, contact)
        for one in candidates
        if number
        and text_key(one.fields.get("hs_number") or "") == number
        and not one.fields.get(KEY_FIELD)
        and not one.state.gone
    )


def _compared(invoice: Record, mirror: Record, contact: str | None) -> Likeness:
    ours, theirs = invoice.fields, mirror.fields
    total = _amount(ours.get("TotalAmt"))
    facts = {
        NUMBER: True,
        CUSTOMER: contact is not None and contact in mirror.references.get("contacts", ()),
        TOTAL: total is not None and _amount(theirs.get("hs_amount_billed")) == total,
        CURRENCY: theirs.get("hs_currency") == ours.get("CurrencyRef"),
        DATE: _day(theirs.get("hs_invoice_date")) == ours.get("TxnDate"),
        FREE: not billed(mirror),
    }
    return Likeness(
        mirror=mirror,
        same=tuple(fact for fact, holds in facts.items() if holds and fact != FREE),
        differs=tuple(fact for fact, holds in facts.items() if not holds),
    )


def shown_by_another_app(found: Sequence[Likeness]) -> list[Record]:
    """Those of another app that show this very invoice, whoever it is for."""
    whole = {NUMBER, TOTAL, CURRENCY, DATE}
    return [one.mirror for one in found if by_another_app(one.mirror) and whole <= set(one.same)]


def _amount(value: Value) -> Decimal | None:
    try:
        return Decimal(value) if value else None
    except InvalidOperation:
        return None


def _day(value: Value) -> str | None:
    day = parse_date(value or "") or None
    if day is not None:
        return day.isoformat()
    instant = parse_instant(value or "")
    return instant.date().isoformat() if instant is not None else None
