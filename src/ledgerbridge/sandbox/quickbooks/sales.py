"""
The rules of sales forms: totals, numbers, dates, addresses, currencies.

Amounts are exact decimals; whatever is computed is rounded half up to cents.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ledgerbridge.sandbox.quickbooks.books import Books
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused, broken_rule, missing
from ledgerbridge.sandbox.quickbooks.lists import home_currency, multicurrency
from ledgerbridge.sandbox.quickbooks.money import cents
from ledgerbridge.sandbox.quickbooks.postings import UNDEPOSITED
from ledgerbridge.sandbox.quickbooks.records import Record
from ledgerbridge.sandbox.quickbooks.sale_lines import lines_of
from ledgerbridge.sandbox.quickbooks.sale_tax import is_global, tax_of, without_tax
from ledgerbridge.sandbox.quickbooks.schema import Body, plain
from ledgerbridge.sandbox.quickbooks.times import plus_days, today

DUE_DAYS = 30
NUMBERED = {
    **dict.fromkeys(("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt"), "sales"),
    "Estimate": "quote",
}
PAID_AT_ONCE = ("SalesReceipt", "RefundReceipt")
DEFAULTS: dict[str, Body] = {
    "Invoice": {
        "AllowIPNPayment": False,
        "AllowOnlinePayment": False,
        "AllowOnlineCreditCardPayment": False,
        "AllowOnlineACHPayment": False,
    },
    "Estimate": {"TxnStatus": "Pending"},
}
COPIED = {"BillAddr": "BillAddr", "ShipAddr": "ShipAddr", "SalesTermRef": "SalesTermRef"}


def prepared(
    books: Books, entity: str, body: Body, old: Body | None, *, duplicate_number: bool = False
) -> Body:
    """
    A sales form as kept, with all that the server computes. Raises Refused where a rule breaks.

    What is applied to it by payments is taken off its balance by the caller.
    """
    customer = _customer(books, body)
    body = {
        **DEFAULTS.get(entity, {}),
        "TxnDate": today(books.moment).isoformat(),
        "ApplyTaxAfterDiscount": False,
        "PrintStatus": "NeedToPrint",
        "EmailStatus": "NotSet",
        "CustomField": [],
        **({} if entity in PAID_AT_ONCE else {"LinkedTxn": []}),
        **body,
    }
    check_open_period(books, body, old)
    body |= _from_customer(books, entity, body, customer, old)
    if "LinkedTxn" in body:
        body["LinkedTxn"] = _links(books, body["LinkedTxn"], old)
    body["CustomField"] = custom_fields(books, body["CustomField"])
    body |= currency_fields(books, body, customer)
    if is_global(books):
        body.setdefault("GlobalTaxCalculation", "TaxExcluded")
    body["Line"] = without_tax(books, body)
    lines = lines_of(books, body, old)
    body["Line"] = lines.kept
    body["TxnTaxDetail"] = tax_of(books, body, old, lines)
    tax = Decimal(body["TxnTaxDetail"]["TotalTax"])
    total = cents(lines.subtotal - lines.discount + lines.shipping + tax)
    if total < 0:
        raise broken_rule("Transaction amount must be 0 or greater")
    body["TotalAmt"] = plain(total)
    body["Balance"] = 0 if entity in PAID_AT_ONCE else plain(total)
    body |= _numbered(books, entity, body, old, unchecked=duplicate_number)
    if entity == "Invoice":
        body["DueDate"] = body.get("DueDate") or _due_date(books, body)
        body["Balance"] = plain(total - _deposit(body, total))
        _check_delivery(body)
    if entity == "CreditMemo":
        body["RemainingCredit"] = body["Balance"]
    if entity == "SalesReceipt":
        body.setdefault("DepositToAccountRef", {"value": UNDEPOSITED})
    if entity == "Estimate":
        del body["Balance"]
    return body


def _deposit(body: Body, total: Decimal) -> Decimal:
    """What was paid when the invoice was written; part of it, or all."""
    deposit = cents(Decimal(body.get("Deposit", 0)))
    if not 0 <= deposit <= total:
        raise broken_rule("A deposit must be between 0 and the total of the transaction")
    return deposit


def home_amounts(books: Books, body: Body) -> Body:
    """HomeTotalAmt and HomeBalance, where the form is in another currency than the company's."""
    if not multicurrency(books):
        return {}
    rate = Decimal(body.get("ExchangeRate", 1))
    amounts = {"HomeTotalAmt": plain(cents(Decimal(body["TotalAmt"]) * rate))}
    if "Balance" in body:
        amounts["HomeBalance"] = plain(cents(Decimal(body["Balance"]) * rate))
    return amounts


def check_open_period(books: Books, *bodies: Body | None) -> None:
    """Raises Refused (6210) for a date on or before the day the books were closed."""
    closed = books.one("Preferences")["AccountingInfoPrefs"].get("BookCloseDate")
    if closed and any(body and body.get("TxnDate", closed) <= closed for body in bodies):
        raise Refused(
            "6210",
            "Account Period Closed : The account period has closed and the account books cannot"
            " be updated through the QBO Services API. Please use the QBO website.",
        )


def currency_fields(books: Books, body: Body, customer: Record | None) -> Body:
    """CurrencyRef, which is the customer's, and the ExchangeRate of that day."""
    home = home_currency(books)
    expected = customer.body["CurrencyRef"]["value"] if customer else home
    sent = body.get("CurrencyRef", {}).get("value", expected)
    if sent != expected:
        raise broken_rule("The currency of the transaction is not the currency of the customer")
    if not multicurrency(books):
        return {"CurrencyRef": {"value": expected}}
    rate = body.get("ExchangeRate") or plain(exchange_rate(books, expected, body["TxnDate"]))
    return {"CurrencyRef": {"value": expected}, "ExchangeRate": rate}


def exchange_rate(books: Books, currency: str, day: str) -> Decimal:
    """Units of home currency for one of that currency, by the latest rate up to that day; or 1."""
    known = [rate for since, rate in sorted(books.rates[currency].items()) if since <= day]
    return known[-1] if known else Decimal(1)


def custom_fields(books: Books, sent: list[Body]) -> list[Body]:
    """The custom fields defined in the preferences, with the values sent for them."""
    values = {field.get("DefinitionId"): field.get("StringValue") for field in sent}
    defined = []
    for group in books.one("Preferences")["SalesFormsPrefs"].get("CustomField", ()):
        for definition in group.get("CustomField", ()):
            if "SalesCustomName" in definition.get("Name", "") and "StringValue" in definition:
                number = definition["Name"][-1]
                field = {"DefinitionId": number, "Name": definition["StringValue"]}
                field["Type"] = "StringType"
                if values.get(number):
                    field["StringValue"] = values[number]
                defined.append(field)
    return defined


def _links(books: Books, sent: list[Body], old: Body | None) -> list[Body]:
    """The links kept: those payments made, which no form can change, and the estimates sent."""
    before = (old or {}).get("LinkedTxn", ())
    made = [link for link in before if link["TxnType"] != "Estimate"]
    estimates = [link for link in sent if link not in made and link.get("TxnType") != "Payment"]
    for link in (link for link in estimates if link not in before):
        kind, id_ = link.get("TxnType", ""), link.get("TxnId", "")
        if kind != "Estimate":
            raise Refused("620", f"Transaction cannot be linked : {kind[:40]} {id_[:40]}")
        if books.find(kind, id_) is None:
            name = f"{kind} {id_[:40]}"
            raise broken_rule(
                f"The entity {name} that you are trying to link does not exist. {name}"
            )
    return estimates + made


def _customer(books: Books, body: Body) -> Record | None:
    reference = body.get("CustomerRef")
    return books.find("Customer", reference["value"]) if reference else None


def _from_customer(
    books: Books, entity: str, body: Body, customer: Record | None, old: Body | None
) -> Body:
    """Addresses and terms: the customer's where none were sent, at creation or for another."""
    moved = old is not None and old.get("CustomerRef") != body.get("CustomerRef")
    if customer is None or (old is not None and not moved):
        return {}
    names = dict(COPIED)
    if entity != "Invoice":
        names.pop("SalesTermRef")
    copied = {
        mine: customer.body[theirs]
        for mine, theirs in names.items()
        if mine not in body and theirs in customer.body
    }
    if entity == "Invoice":
        copied["FreeFormAddress"] = body.get("FreeFormAddress", True)
        company = books.one("CompanyInfo").get("CompanyAddr")
        if company and "ShipFromAddr" not in body:
            copied["ShipFromAddr"] = company
    return copied


def _numbered(books: Books, entity: str, body: Body, old: Body | None, *, unchecked: bool) -> Body:
    number = body.get("DocNumber")
    custom = books.one("Preferences")["SalesFormsPrefs"].get("CustomTxnNumbers", False)
    if number == "AUTO_GENERATE" or (not number and not custom):
        return {"DocNumber": books.next_number(NUMBERED[entity])}
    if not number:
        return {}
    if custom and not unchecked and (old is None or old.get("DocNumber") != number):
        _check_number(books, entity, number, old)
    books.note_number(NUMBERED[entity], number)
    return {}


def _check_number(books: Books, entity: str, number: str, old: Body | None) -> None:
    own_id = old["Id"] if old else None
    for record in books.records(entity):
        if record.body.get("DocNumber") == number and record.id != own_id:
            raise Refused(
                "6140",
                "Duplicate Document Number Error : You must specify a different number. This"
                f" number has already been used. DocNumber={number} is assigned to"
                f" TxnType={entity} with TxnId={record.id}",
            )


def _due_date(books: Books, body: Body) -> str:
    reference = body.get("SalesTermRef")
    term = books.find("Term", reference["value"]) if reference else None
    if term is None:
        return plus_days(body["TxnDate"], DUE_DAYS)
    if term.body.get("Type") == "DATE_DRIVEN":
        return _day_of_month(body["TxnDate"], term.body)
    return plus_days(body["TxnDate"], int(term.body.get("DueDays", 0)))


def _day_of_month(day: str, term: Body) -> str:
    """The next due day of a month; the one after that when it is nearer than the term's grace."""
    start = date.fromisoformat(day)
    due_day, grace_days = int(term.get("DayOfMonthDue", 1)), int(term.get("DueNextMonthDays", 0))
    due = _in_month(start.year, start.month, due_day)
    if due < start or (due - start).days < grace_days:
        due = _in_month(start.year + start.month // 12, start.month % 12 + 1, due_day)
    return due.isoformat()


def _in_month(year: int, month: int, day: int) -> date:
    for last in range(min(max(day, 1), 31), 27, -1):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    return date(year, month, min(day, 28))


def _check_delivery(body: Body) -> None:
    if body["EmailStatus"] == "NeedToSend":
        if not body.get("BillEmail"):
            raise missing("BillEmail")
        body.setdefault("DeliveryInfo", {"DeliveryType": "Email"})
