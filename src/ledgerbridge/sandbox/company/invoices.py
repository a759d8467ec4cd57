"""The invoices of the story: 18 months of them, each with the end that it is drawn to meet."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from ledgerbridge.sandbox.company import words
from ledgerbridge.sandbox.company.currency import currency_fields
from ledgerbridge.sandbox.company.customers import CustomerBook
from ledgerbridge.sandbox.company.draw import Draw, cents
from ledgerbridge.sandbox.company.items import ItemBook
from ledgerbridge.sandbox.company.story import Body, Entry, existing, ref

HISTORY_DAYS = 548
# The code of most taxed invoices, and one of two rates; each rate and its percentage.
TAX_CODE = "California"
TAX_CODE_OF_SEVERAL = "California and Fairview"
TAX_RATES = {"California": Decimal(8), "Fairview": Decimal("1.25")}
# Custom fields of sales forms by their number.
CUSTOM_FIELDS = {"1": "P.O. Number", "2": "Crew", "3": "HubSpot deal"}
PO_FIELD, CREW_FIELD, DEAL_FIELD = CUSTOM_FIELDS
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
    ("several_tax_rates", 0.03),
    ("discounts", 0.08),
    ("bundle_lines", 0.02),
    ("description_only_lines", 0.10),
    ("with_memo", 0.15),
    ("with_purchase_order", 0.12),
    ("with_crew", 0.15),
    ("with_deposit", 0.03),
    ("sent", 0.65),
]


PLAIN, SILENT = 5, 2
"""How many customers have an open invoice of plain lines, and any without an e-mail, if so many."""


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

    def write(self, number: str, value: str) -> None:
        """Fills the custom field of that number, once."""
        fields = self.body.setdefault("CustomField", [])
        if number not in [field["DefinitionId"] for field in fields]:
            name = {"DefinitionId": number, "Name": CUSTOM_FIELDS[number], "Type": "StringType"}
            fields.append({**name, "StringValue": value})

    def written(self, number: str) -> str:
        """What the custom field of that number holds; '' where it is blank."""
        held = {x["DefinitionId"]: x["StringValue"] for x in self.body.get("CustomField", ())}
        return str(held.get(number, ""))


@dataclass(frozen=True, slots=True)
class Required:
    """An invoice that has to be: to one of these, with an end, and with features, or with none."""

    customers: list[Entry]
    fate: str = ""
    features: frozenset[str] = frozenset()
    is_plain: bool = False


def draw_invoices(draw: Draw, count: int, book: CustomerBook, items: ItemBook) -> list[Invoice]:
    """Exactly `count` invoices in the order of their entry; numbers come later."""
    fates = _quota(draw, count, FATES)
    features = [_quota(draw, count, [feature]) for feature in FEATURES]
    active = [entry for entry in book.customers if entry.key not in book.deactivated]
    reached = [entry for entry in active if _is_reached(book, entry)]
    regulars = draw.rng.sample(reached, len(active) // 10)
    regulars.sort(key=lambda entry: entry.at)
    required = _required(book, count, reached, regulars)
    invoices = []
    for index, fate in enumerate(fates):
        has = {quota[index] for quota in features} - {""}
        candidates = regulars if draw.chance(0.4) else active
        must_be = next((one for one in required if one.fate == fate), None)
        if must_be is not None:
            required.remove(must_be)
            candidates = must_be.customers
            has = set() if must_be.is_plain else has | must_be.features
        invoices.append(
            _invoice(draw, fate=fate or "paid", features=has, candidates=candidates, items=items)
        )
    assert not required, "fewer invoices of an end than there have to be"
    invoices.sort(key=lambda invoice: invoice.at)
    for number, invoice in enumerate(invoices, 1):
        invoice.key = f"invoice:{number}"
    return invoices


def _is_reached(book: CustomerBook, customer: Entry) -> bool:
    """At the top, with one e-mail, which is the contact's if there is one."""
    address = str(customer.body.get("PrimaryEmailAddr", {}).get("Address", ""))
    is_plain = bool(address) and not address.endswith(".invalid")
    is_on_top = "ParentRef" not in customer.body and "CurrencyRef" not in customer.body
    return is_plain and is_on_top and customer.key not in book.contacts_like


def _required(
    book: CustomerBook, count: int, reached: list[Entry], regulars: list[Entry]
) -> list[Required]:
    """
    What chance alone could miss: invoices of all kinds of customers, of rare features, and some
    for people to edit: plain ones, and a paid and an open one of a regular customer.
    """
    found = [Required([entry]) for entry in book.customers if entry.key in book.deactivated]
    subs = [entry for entry in book.customers if "ParentRef" in entry.body]
    found += [Required([entry]) for entry in subs[: count // 12]]
    silent = [entry for entry in book.customers if "PrimaryEmailAddr" not in entry.body]
    found += [Required([entry]) for entry in silent if "ParentRef" not in entry.body][:SILENT]
    for entry in book.customers:
        if "CurrencyRef" in entry.body:
            discounted = frozenset({"discounts"})
            found += [Required([entry], "", discounted), Required([entry], "overdue")]
    found += [
        Required(reached, "", frozenset({feature}))
        for feature in ("several_tax_rates", "bundle_lines", "with_crew")
    ]
    others = [entry for entry in reached if entry not in regulars]
    found += [Required([entry], "overdue", is_plain=True) for entry in others[:PLAIN]]
    return [*found, Required(regulars[:1]), Required(regulars[:1], "overdue")]


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
    items: ItemBook,
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
    if "CurrencyRef" in customer.body:
        features -= {"tax", "several_tax_rates"}
    if "several_tax_rates" in features:
        features.add("tax")
    _fill(draw, invoice, items)
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


def _fill(draw: Draw, invoice: Invoice, items: ItemBook) -> None:
    """Gives the invoice its lines, what follows from them, and what it has besides."""
    lines, amounts = _lines(draw, invoice, items.sold)
    if "bundle_lines" in invoice.features:
        lines.append(_bundle(items))
        amounts.append((lines[-1]["Amount"], False))
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
        **currency_fields(invoice.customer, invoice.day),
        "Line": lines,
    }
    if invoice.fate != "zero_total" and "tax" in invoice.features:
        taxable = sum((amount for amount, is_taxed in amounts if is_taxed), Decimal(0))
        body["TxnTaxDetail"] = _tax(taxable, several="several_tax_rates" in invoice.features)
        tax = body["TxnTaxDetail"]["TotalTax"]
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
    if "several_tax_rates" in invoice.features:
        items.append(draw.pick([item for item in sold if not item.body.get("Taxable")]))
    lines, amounts = [], []
    for item in items:
        quantity = Decimal(draw.pick(["1", "1", "2", "3", "4", "12", "1.5", "2.25"]))
        if item.body["Type"] != "Service":
            quantity = quantity.to_integral_value()
        amount = cents(quantity * item.body["UnitPrice"])
        taxed = is_taxed and bool(item.body.get("Taxable"))
        lines.append(_line(item, quantity, amount, taxed=taxed))
        amounts.append((amount, taxed))
    if "description_only_lines" in invoice.features:
        text = draw.pick(words.DESCRIPTION_ONLY_LINES)
        position = draw.rng.randint(0, len(lines))
        detail = {"DetailType": "DescriptionOnly", "DescriptionLineDetail": {}}
        lines.insert(position, {"Description": text, **detail})
    return lines, amounts


def _line(item: Entry, quantity: Decimal, amount: Decimal, *, taxed: bool) -> Body:
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


def _bundle(items: ItemBook) -> Body:
    """A bundle of one of each of its parts, which are not taxed."""
    parts = [
        _line(part, Decimal(1), part.body["UnitPrice"], taxed=False) for part in items.bundle_parts
    ]
    bundle = items.items[-1]
    detail = {"GroupItemRef": {"value": ref(bundle.key)}, "Quantity": 1, "Line": parts}
    return {
        "DetailType": "GroupLineDetail",
        "Description": bundle.name,
        "Amount": sum((part["Amount"] for part in parts), Decimal(0)),
        "GroupLineDetail": detail,
    }


def _tax(taxable: Decimal, *, several: bool) -> Body:
    """The tax of one code: a line for each of its rates, and their sum."""
    code, rates = TAX_CODE, [TAX_CODE]
    if several:
        code, rates = TAX_CODE_OF_SEVERAL, list(TAX_RATES)
    lines = [_tax_line(rate, taxable) for rate in rates]
    total = sum((line["Amount"] for line in lines), Decimal(0))
    reference = {"value": existing("TaxCode", code)}
    return {"TxnTaxCodeRef": reference, "TotalTax": total, "TaxLine": lines}


def _tax_line(rate: str, taxable: Decimal) -> Body:
    return {
        "Amount": cents(taxable * TAX_RATES[rate] / 100),
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": existing("TaxRate", rate)},
            "PercentBased": True,
            "TaxPercent": TAX_RATES[rate],
            "NetAmountTaxable": taxable,
        },
    }


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
        invoice.write(PO_FIELD, f"PO-{draw.rng.randint(10000, 99999)}")
    if "with_crew" in features:
        invoice.write(CREW_FIELD, draw.pick(words.CREWS))
    if "with_deposit" in features:
        deposit = cents(invoice.total * draw.pick([10, 20, 30]) / 100)
        body["Deposit"] = deposit
        invoice.settled += deposit
    address = invoice.customer.body.get("PrimaryEmailAddr", {}).get("Address", "")
    if address and "," not in address and ";" not in address:
        body["BillEmail"] = {"Address": address.strip()}
    if "sent" in features and "BillEmail" in body:
        body["EmailStatus"] = "EmailSent"
