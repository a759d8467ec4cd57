"""The invoices of the story: 18 months of them, each with the end that it is drawn to meet."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from ledgerbridge.sandbox.company import words
from ledgerbridge.sandbox.company.customers import CustomerBook
from ledgerbridge.sandbox.company.draw import Draw, cents
from ledgerbridge.sandbox.company.story import Body, Entry, existing, ref

HISTORY_DAYS = 548
TAX_PERCENT = Decimal(8)
TAX_CODE = {"value": existing("TaxCode", "California")}
TERM_DAYS = {"Due on receipt": 0, "Net 15": 15, "Net 30": 30, "Net 60": 60}

# How invoices end, as a share of all, and once at least; what is left over is paid.
FATES: list[tuple[str, float]] = [
    ("partly_paid", 0.12),
    ("overdue", 0.13),
    ("due_in_future", 0.10),
    ("voided", 0.03),
    ("zero_total", 0.012),
    ("credited", 0.02),
]

# What invoices have besides, drawn independently of how they end.
FEATURES: list[tuple[str, float]] = [
    ("tax", 0.35),
    ("discounts", 0.08),
    ("description_only_lines", 0.10),
    ("with_memo", 0.15),
    ("with_purchase_order", 0.12),
    ("with_deposit", 0.03),
    ("sent", 0.65),
]


@dataclass
class Invoice:
    """An invoice being drawn; `settled` grows as payments and credits are applied to it."""

    customer: Entry
    day: date
    due: date
    fate: str
    features: set[str]
    at: datetime
    body: Body = field(default_factory=dict)
    total: Decimal = Decimal(0)
    settled: Decimal = Decimal(0)
    key: str = ""
    number: str = ""

    @property
    def balance(self) -> Decimal:
        """What is still owed."""
        return self.total - self.settled

    def entry(self) -> Entry:
        """The invoice as it is entered."""
        return Entry(self.key, "Invoice", self.number, self.body, self.at)


def draw_invoices(draw: Draw, count: int, book: CustomerBook, sold: list[Entry]) -> list[Invoice]:
    """Exactly `count` invoices in the order of their entry; numbers come later."""
    fates = _quota(draw, count, FATES)
    features = [_quota(draw, count, [feature]) for feature in FEATURES]
    forced = [entry for entry in book.customers if entry.key in book.deactivated]
    forced += [entry for entry in book.customers if "ParentRef" in entry.body][: count // 12]
    active = [entry for entry in book.customers if entry.key not in book.deactivated]
    regulars = draw.rng.sample(active, len(active) // 10)
    regulars.sort(key=lambda entry: entry.at)
    invoices = []
    for index, fate in enumerate(fates):
        has = {quota[index] for quota in features} - {""}
        candidates = regulars if draw.chance(0.4) else active
        must_be = forced.pop() if not fate and forced else None
        invoices.append(
            _invoice(
                draw,
                fate=fate or "paid",
                features=has,
                candidates=[must_be] if must_be else candidates,
                sold=sold,
            )
        )
    assert not forced, "fewer paid invoices than customers that need one"
    invoices.sort(key=lambda invoice: invoice.at)
    for number, invoice in enumerate(invoices, 1):
        invoice.key = f"invoice:{number}"
    return invoices


def _quota(draw: Draw, count: int, shares: list[tuple[str, float]]) -> list[str]:
    """`count` words in drawn order, each as often as its share says, the rest empty."""
    drawn = [word for word, share in shares for _ in range(max(1, round(count * share)))]
    drawn += [""] * (count - len(drawn))
    draw.rng.shuffle(drawn)
    return drawn


def _invoice(
    draw: Draw,
    *,
    fate: str,
    features: set[str],
    candidates: list[Entry],
    sold: list[Entry],
) -> Invoice:
    yesterday = draw.today - timedelta(days=1)
    day = draw.day_between(draw.today - timedelta(days=HISTORY_DAYS), yesterday)
    if fate == "due_in_future":
        day = draw.day_between(draw.today - timedelta(days=12), yesterday)
    elif fate == "overdue":
        day = min(day, draw.today - timedelta(days=70))
    elif fate in ("paid", "partly_paid", "credited"):
        day = min(day, draw.today - timedelta(days=6))
    customer = _customer(draw, candidates, day)
    day = max(day, customer.at.date() + timedelta(days=1))
    days = TERM_DAYS.get(_term(customer), 30)
    if fate == "due_in_future" and day + timedelta(days=days) <= draw.today:
        days = 30
    invoice = Invoice(
        customer, day, day + timedelta(days=days), fate, features, _entered_at(draw, customer, day)
    )
    if "with_deposit" in features and fate == "zero_total":
        features.remove("with_deposit")
    _fill(draw, invoice, sold)
    return invoice


def _customer(draw: Draw, candidates: list[Entry], day: date) -> Entry:
    """Somebody who was a customer on that day."""
    known = bisect_right(candidates, day, key=lambda entry: entry.at.date())
    return draw.pick(candidates[: max(1, known)])


def _entered_at(draw: Draw, customer: Entry, day: date) -> datetime:
    return max(draw.moment(day), customer.at + timedelta(minutes=5))


def _term(customer: Entry) -> str:
    reference = customer.body.get("SalesTermRef", {}).get("value", "")
    return str(reference).partition("=")[2]


def _fill(draw: Draw, invoice: Invoice, sold: list[Entry]) -> None:
    """Gives the invoice its lines, what follows from them, and what it has besides."""
    lines, amounts = _lines(draw, invoice, sold)
    subtotal = sum((amount for amount, _ in amounts), Decimal(0))
    discount, tax = Decimal(0), Decimal(0)
    if "discounts" in invoice.features or invoice.fate == "zero_total":
        percent = 100 if invoice.fate == "zero_total" else draw.pick([5, 10, 15])
        discount = cents(subtotal * percent / 100)
        lines.append(_discount(percent, discount))
    body: Body = {
        "CustomerRef": {"value": ref(invoice.customer.key)},
        "TxnDate": invoice.day.isoformat(),
        "DueDate": invoice.due.isoformat(),
        "Line": lines,
    }
    if invoice.fate != "zero_total" and "tax" in invoice.features:
        taxable = sum((amount for amount, is_taxed in amounts if is_taxed), Decimal(0))
        tax = cents(taxable * TAX_PERCENT / 100)
        body["TxnTaxDetail"] = {"TxnTaxCodeRef": TAX_CODE, "TotalTax": tax}
    invoice.body, invoice.total = body, subtotal - discount + tax
    _add_features(draw, invoice)


def _lines(
    draw: Draw, invoice: Invoice, sold: list[Entry]
) -> tuple[list[Body], list[tuple[Decimal, bool]]]:
    """The selling and text lines, and of each selling line its amount and whether it is taxed."""
    is_taxed = "tax" in invoice.features and invoice.fate != "zero_total"
    items = draw.rng.sample(sold, min(len(sold), draw.pick([1, 1, 2, 2, 3, 4, 6])))
    if is_taxed and not any(item.body.get("Taxable") for item in items):
        items[0] = draw.pick([item for item in sold if item.body.get("Taxable")])
    lines, amounts = [], []
    for item in items:
        quantity = Decimal(draw.pick(["1", "1", "2", "3", "4", "12", "1.5", "2.25"]))
        if item.body["Type"] != "Service":
            quantity = quantity.to_integral_value()
        amount = cents(quantity * item.body["UnitPrice"])
        taxed = is_taxed and bool(item.body.get("Taxable"))
        lines.append(_line(item, quantity, amount, taxed))
        amounts.append((amount, taxed))
    if "description_only_lines" in invoice.features:
        text = draw.pick(words.DESCRIPTION_ONLY_LINES)
        position = draw.rng.randint(0, len(lines))
        detail = {"DetailType": "DescriptionOnly", "DescriptionLineDetail": {}}
        lines.insert(position, {"Description": text, **detail})
    return lines, amounts


def _line(item: Entry, quantity: Decimal, amount: Decimal, taxed: bool) -> Body:
    detail = {
        "ItemRef": {"value": ref(item.key)},
        "Qty": quantity,
        "UnitPrice": item.body["UnitPrice"],
        "TaxCodeRef": {"value": "TAX" if taxed else "NON"},
    }
    line: Body = {
        "DetailType": "SalesItemLineDetail",
        "Amount": amount,
        "SalesItemLineDetail": detail,
    }
    if "Description" in item.body:
        line["Description"] = item.body["Description"]
    return line


def _discount(percent: int, amount: Decimal) -> Body:
    detail = {"PercentBased": True, "DiscountPercent": percent}
    return {
        "DetailType": "DiscountLineDetail",
        "Amount": amount,
        "DiscountLineDetail": detail,
    }


def _add_features(draw: Draw, invoice: Invoice) -> None:
    body, features = invoice.body, invoice.features
    if _term(invoice.customer):
        body["SalesTermRef"] = invoice.customer.body["SalesTermRef"]
    if "with_memo" in features:
        body["CustomerMemo"] = {"value": draw.pick(words.MEMOS)}
    if draw.chance(0.05):
        body["PrivateNote"] = draw.pick(words.PRIVATE_NOTES)
    if "with_purchase_order" in features:
        number = {"StringValue": f"PO-{draw.rng.randint(10000, 99999)}"}
        definition = {"DefinitionId": "1", "Name": "P.O. Number", "Type": "StringType"}
        body["CustomField"] = [definition | number]
    if "with_deposit" in features:
        deposit = cents(invoice.total * draw.pick([10, 20, 30]) / 100)
        body["Deposit"] = deposit
        invoice.settled += deposit
    address = invoice.customer.body.get("PrimaryEmailAddr", {}).get("Address", "")
    if address and "," not in address and ";" not in address:
        body["BillEmail"] = {"Address": address.strip()}
    if "sent" in features and "BillEmail" in body:
        body["EmailStatus"] = "EmailSent"
