"""
What HubSpot is told of an invoice beyond its own fields: states and figures, derived from the
transactions (business-rules.md, invoices).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.model import Record, State, Value, Values
from ledgerbridge.syncs.adjustments import shown_total
from ledgerbridge.syncs.allocations import Settlement, money, settlement
from ledgerbridge.syncs.custom_fields import po_number
from ledgerbridge.syncs.kind import origin, plain_name

SETTLEMENTS = ("LinkedTxn.Payment", "LinkedTxn.CreditMemo")
ESTIMATES = "LinkedTxn.Estimate"
INVOICE_PAGE = "https://app.qbo.intuit.com/app/invoice?txnId="


class Around(Struct, frozen=True, kw_only=True):
    """
    What the figures of an invoice depend on besides itself.

    `as_of` is the day for which they hold, in the company's time zone; `payments` are those that
    have to do with it, None where payments are not read; `before` is its base image; `refused` are
    the keys of discounts and taxes that HubSpot refuses. `path` is the full name of its customer,
    with the customers above it; None where customers are not read.
    """

    enabled_at: str = ""
    as_of: str = ""
    payments: Sequence[Record] | None = None
    before: Values | None = None
    refused: frozenset[str] = frozenset()
    path: Value = None


def settled(invoice: Record, around: Around) -> Settlement | None:
    """How the invoice came to its balance; None where payments are not read, or it is voided."""
    if around.payments is None or invoice.state is State.VOIDED:
        return None
    return settlement(invoice, around.payments)


def status(invoice: Record, found: Settlement | None) -> str:
    """
    `hs_invoice_status`: voided, paid where nothing is open and the transactions account for it,
    else open.

    Where payments are not read, that a payment, credit or deposit is linked has to do.
    """
    if invoice.state is State.VOIDED:
        return "voided"
    total, balance = money(invoice.fields.get("TotalAmt")), money(invoice.fields.get("Balance"))
    if balance != 0:
        return "open"
    if found is not None:
        return "paid" if found.adds_up else "open"
    linked = any(invoice.references.get(kind) for kind in SETTLEMENTS)
    linked = linked or money(invoice.fields.get("Deposit")) > 0
    return "paid" if linked or total == 0 else "open"


def payment_state(invoice: Record, shown: str) -> str:
    """In words: unpaid, part paid, paid, voided."""
    if shown in ("paid", "voided"):
        return shown
    total, balance = money(invoice.fields.get("TotalAmt")), money(invoice.fields.get("Balance"))
    return "unpaid" if balance >= total else "part paid"


def overdue(invoice: Record, as_of: str) -> bool:
    """Whether its due day is over and something is open; it turns at midnight, with no event."""
    due = invoice.fields.get("DueDate")
    still_open = invoice.state is State.LIVE and money(invoice.fields.get("Balance")) > 0
    return bool(due and as_of and still_open and due < as_of)


def original_total(invoice: Record, before: Values | None) -> Value:
    """The total, that of before where a void has set it to 0; None where nobody saw it."""
    if invoice.state is not State.VOIDED:
        return invoice.fields.get("TotalAmt")
    known = before or {}
    remembered = known.get("@original_total") or known.get("TotalAmt")
    return remembered if money(remembered) else None


def derive(invoice: Record, around: Around) -> Record:
    """The invoice with the figures and states that HubSpot is shown."""
    fields = invoice.fields
    found = settled(invoice, around)
    shown = status(invoice, found)
    state = payment_state(invoice, shown)
    discount = sum(
        (money(line.fields.get("Amount")) for line in invoice.lines if _is_discount(line.fields)),
        Decimal(0),
    )
    computed: dict[str, Value] = {
        "@status": shown,
        "@payment_state": state,
        "@part_paid": _flag(state == "part paid"),
        "@overdue": _flag(overdue(invoice, around.as_of)),
        "@external_id": _external_id(invoice),
        "@path": plain_name(around.path) or fields.get("CustomerRef.name"),
        "@sent": _flag(fields.get("EmailStatus") == "EmailSent"),
        "@tax": str(money(fields.get("TxnTaxDetail.TotalTax"))),
        "@discount": str(discount),
        "@not_in_lines": str(_not_shown(invoice, around.refused)),
        "@original_total": original_total(invoice, around.before),
        "@deposit": str(money(fields.get("Deposit"))),
        "@estimate": "; ".join(invoice.references.get(ESTIMATES, ())) or None,
        "@po_number": po_number(invoice),
        "@state": invoice.state.value,
        "@link": f"{INVOICE_PAGE}{invoice.id}",
        "@origin": origin(invoice.created_at, around.enabled_at),
    }
    if found is not None:
        computed |= {"@cash_paid": str(found.cash), "@credits_applied": str(found.credited)}
    return replace(invoice, fields={**fields, **computed})


def _external_id(invoice: Record) -> str:
    """`realm:id`."""
    realm_id = (invoice.fields.get("@key") or "").partition(":")[0]
    return f"{realm_id}:{invoice.id}"


def _not_shown(invoice: Record, refused: frozenset[str]) -> Decimal:
    return money(invoice.fields.get("TotalAmt")) - shown_total(invoice, refused)


def _flag(true: bool) -> str:
    return "true" if true else "false"


def _is_discount(fields: dict[str, Value]) -> bool:
    return fields.get("DetailType") == "DiscountLineDetail"
