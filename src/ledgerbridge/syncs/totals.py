"""
What invoices add up to, on a deal and on the contact or company of a customer (business-rules.md).

Voided and deleted invoices leave the totals. What a customer owes comes from its own balance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.filters import Condition, Filter
from ledgerbridge.core.model import Record, State, Value
from ledgerbridge.core.schema import FieldType
from ledgerbridge.syncs.allocations import Settlement, money
from ledgerbridge.syncs.invoice_figures import overdue
from ledgerbridge.syncs.kind import derived, own, shown

# property and value, label, type
SHOWN = (
    ("invoices", "Number of invoices", FieldType.NUMBER),
    ("invoiced", "Invoiced", FieldType.MONEY),
    ("paid", "Paid", FieldType.MONEY),
    ("credited", "Credited", FieldType.MONEY),
    ("open", "Open", FieldType.MONEY),
    ("overdue", "Overdue", FieldType.MONEY),
    ("oldest_due", "Due date of the oldest overdue invoice", FieldType.DATE),
    ("last_invoice", "Date of the last invoice", FieldType.DATE),
    ("last_payment", "Date of the last payment", FieldType.DATE),
    ("since", "Invoices count since", FieldType.TEXT),
)
MAPPINGS = tuple(
    replace(shown(name.replace("_", " "), f"ledgerbridge_{name}", f"@{name}"), enforce=True)
    for name, _, _ in SHOWN
)
"""Enforced, for a merge in HubSpot may bring the totals of another contact."""
PROPERTIES = tuple(own(name, label, kind) for name, label, kind in SHOWN)
DERIVED = tuple(derived(name, kind) for name, _, kind in SHOWN)
FIELDS = frozenset(field.name for field in DERIVED)
FROM = frozenset({"on or after", "after"})
"""The operators of a filter that cut the past off."""
ZERO = Decimal(0)


class Totals(Struct, frozen=True, kw_only=True):
    """
    What some invoices add up to, in their currency. `oldest_due` and `last_invoice` are days as
    ISO text, empty for none; `settled` says whether it is known how all of them were settled.
    """

    invoices: int = 0
    invoiced: Decimal = ZERO
    open: Decimal = ZERO
    overdue: Decimal = ZERO
    paid: Decimal = ZERO
    credited: Decimal = ZERO
    oldest_due: str = ""
    last_invoice: str = ""
    settled: bool = True

    def __add__(self, other: Totals) -> Totals:
        """Both together."""
        return Totals(
            invoices=self.invoices + other.invoices,
            invoiced=self.invoiced + other.invoiced,
            open=self.open + other.open,
            overdue=self.overdue + other.overdue,
            paid=self.paid + other.paid,
            credited=self.credited + other.credited,
            oldest_due=min(filter(None, (self.oldest_due, other.oldest_due)), default=""),
            last_invoice=max(self.last_invoice, other.last_invoice),
            settled=self.settled and other.settled,
        )


NOTHING = Totals()


def of_invoice(invoice: Record, settlement: Settlement | None, as_of: str) -> Totals:
    """One invoice, on a day; nothing if it is voided or gone."""
    if invoice.state is not State.LIVE:
        return NOTHING
    fields = invoice.fields
    balance, late = money(fields.get("Balance")), overdue(invoice, as_of)
    return Totals(
        invoices=1,
        invoiced=money(fields.get("TotalAmt")),
        open=balance,
        overdue=balance if late else ZERO,
        paid=settlement.cash + settlement.deposited if settlement is not None else ZERO,
        credited=settlement.credited if settlement is not None else ZERO,
        oldest_due=(fields.get("DueDate") or "") if late else "",
        last_invoice=fields.get("TxnDate") or "",
        settled=settlement is not None,
    )


def amounts(totals: Totals) -> dict[str, Value]:
    """The totals as HubSpot is shown them; what was paid is left out where it is not known."""
    fields: dict[str, Value] = {
        "@invoices": str(totals.invoices),
        "@invoiced": str(totals.invoiced),
        "@open": str(totals.open),
        "@overdue": str(totals.overdue),
    }
    if totals.settled:
        fields |= {"@paid": str(totals.paid), "@credited": str(totals.credited)}
    return fields


def of_customer(
    totals: Totals, customers: Sequence[Record], last_payment: str, since: str
) -> dict[str, Value]:
    """
    What a contact or company is shown of its customer and those who lean on it; nothing where there
    is neither an invoice nor a payment.
    """
    if not totals.invoices and not last_payment:
        return {}
    return {
        **amounts(totals),
        "@open": str(sum((money(one.fields.get("Balance")) for one in customers), ZERO)),
        "@oldest_due": totals.oldest_due or None,
        "@last_invoice": totals.last_invoice or None,
        "@last_payment": last_payment or None,
        "@since": since or None,
    }


def last_payment(payments: Iterable[Record]) -> str:
    """The day of the last one that moved cash, empty for none."""
    days = (
        one.fields.get("TxnDate") or ""
        for one in payments
        if one.state is State.LIVE and money(one.fields.get("TotalAmt")) > 0
    )
    return max(days, default="")


def counted_since(chosen: Filter) -> str:
    """The day before which a filter lets no invoice count, empty where it cuts nothing off."""
    days = [
        max(
            (
                str(one.value)[:10]
                for one in group
                if isinstance(one, Condition) and one.operator in FROM
            ),
            default="",
        )
        for group in chosen.groups
    ]
    return min(days) if days and all(days) else ""
