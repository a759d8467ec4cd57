"""The rules of name lists: customers, vendors, employees, items, accounts and the small lists."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from ledgerbridge.sandbox.quickbooks.account_types import CLASSIFICATIONS, type_of
from ledgerbridge.sandbox.quickbooks.books import Books
from ledgerbridge.sandbox.quickbooks.entities import CURRENCIES
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused, broken_rule, missing
from ledgerbridge.sandbox.quickbooks.names import (
    check_unique,
    display_name,
    marked,
    placed,
    print_name,
)
from ledgerbridge.sandbox.quickbooks.schema import Body

Rule = Callable[[Books, Body, Body | None], Body]

ITEM_TYPES = ("Service", "NonInventory", "Inventory", "Category")
INVENTORY_NEEDS = (
    "QtyOnHand",
    "InvStartDate",
    "AssetAccountRef",
    "IncomeAccountRef",
    "ExpenseAccountRef",
)


def customer(books: Books, body: Body, old: Body | None) -> Body:
    """A customer as kept: names, place below its parent, currency, balances, defaults."""
    own_id = old["Id"] if old else None
    body = _person(books, body, old)
    if body.get("Job") and not body.get("ParentRef"):
        raise missing("ParentRef")
    body["Job"] = bool(body.get("ParentRef"))
    body.pop("Level", None)
    body |= placed(books, "Customer", body, own_id)
    body = {
        "Taxable": True,
        "BillWithParent": False,
        "PreferredDeliveryMethod": "Print",
        "IsProject": False,
        "Balance": 0,
        "BalanceWithJobs": 0,
        **body,
    }
    check_unique(books, "Customer", body, own_id)
    return body


def vendor(books: Books, body: Body, old: Body | None) -> Body:
    """A vendor as kept."""
    body = {"Balance": 0, "Vendor1099": False, **_person(books, body, old)}
    check_unique(books, "Vendor", body, old["Id"] if old else None)
    return body


def employee(books: Books, body: Body, old: Body | None) -> Body:
    """An employee as kept; it has no currency."""
    body = {"BillableTime": False, **_person(books, body, old)}
    body.pop("CurrencyRef", None)
    check_unique(books, "Employee", body, old["Id"] if old else None)
    return body


def item(books: Books, body: Body, old: Body | None) -> Body:
    """An item as kept: what its type demands, its place below a category, its defaults."""
    own_id = old["Id"] if old else None
    body = {"Active": True, **body}
    kind = body.setdefault("Type", "Service")
    if old and kind != old["Type"]:
        raise broken_rule("The type of an item cannot be changed")
    if old is None and kind not in ITEM_TYPES:
        raise broken_rule(f"An item of type {kind} cannot be created")
    if kind == "Category" and not body["Active"]:
        raise broken_rule("A category cannot be made inactive")
    body["Name"] = marked(body["Name"].strip(), active=body["Active"])
    if ":" in body["Name"]:
        detail = f"Element contains invalid characters: {body['Name'][:100]}"
        raise Refused("2040", detail, element="Name")
    body["SubItem"] = bool(body.get("ParentRef"))
    body.pop("Level", None)
    body |= placed(books, "Item", body, own_id)
    if not body["SubItem"]:
        del body["SubItem"]
    check_unique(books, "Item", body, own_id)
    return _item_of_type(body, kind, old)


def _item_of_type(body: Body, kind: str, old: Body | None) -> Body:
    if kind == "Category":
        for field in ("UnitPrice", "PurchaseCost", "IncomeAccountRef", "ExpenseAccountRef"):
            body.pop(field, None)
        return body
    if kind == "Inventory":
        for need in INVENTORY_NEEDS:
            if need not in body:
                raise missing(need)
    elif kind in {"Service", "NonInventory"} and not (
        "IncomeAccountRef" in body or "ExpenseAccountRef" in body
    ):
        raise missing("IncomeAccountRef")
    tracked = kind == "Inventory"
    if old and old.get("TrackQtyOnHand") and body.get("TrackQtyOnHand") is False:
        raise broken_rule("Quantity tracking cannot be turned off")
    return {
        "Taxable": False,
        "UnitPrice": 0,
        "PurchaseCost": 0,
        "DeferredRevenue": False,
        **body,
        "TrackQtyOnHand": tracked,
    }


def account(books: Books, body: Body, old: Body | None) -> Body:
    """An account of the chart as kept."""
    own_id = old["Id"] if old else None
    if "AccountType" not in body and "AccountSubType" not in body:
        raise missing("AccountType")
    body = {"Active": True, "AccountType": type_of(body.get("AccountSubType", "")), **body}
    body["Name"] = marked(body["Name"].strip(), active=body["Active"])
    body["SubAccount"] = bool(body.get("ParentRef"))
    body |= placed(books, "Account", body, own_id)
    body.pop("Level", None)
    check_unique(books, "Account", body, own_id)
    return {
        "Classification": CLASSIFICATIONS.get(body["AccountType"], "Asset"),
        "CurrentBalance": 0,
        "CurrentBalanceWithSubAccounts": 0,
        "CurrencyRef": {"value": home_currency(books)},
        **body,
    }


def _small_list(entity: str, defaults: Body) -> Rule:
    def rule(books: Books, body: Body, old: Body | None) -> Body:
        body = {"Active": True, **defaults, **body}
        body["Name"] = marked(body["Name"].strip(), active=body["Active"])
        check_unique(books, entity, body, old["Id"] if old else None)
        return body

    return rule


def company_currency(books: Books, body: Body, old: Body | None) -> Body:
    """A currency the company uses; its name is filled in."""
    code = body["Code"]
    if code not in CURRENCIES:
        raise broken_rule(f"The currency {code[:10]} is not known")
    held = (record for record in books.records("CompanyCurrency") if record.body["Code"] == code)
    if old is None and any(record.active for record in held):
        raise Refused("6240", "The name supplied already exists. : null")
    return {"Name": CURRENCIES[code], "Active": True, **body}


def unruled(books: Books, body: Body, old: Body | None) -> Body:
    """An entity of which nothing is checked here beyond its schema."""
    return body


def home_currency(books: Books) -> str:
    """The code of the company's own currency."""
    return str(books.one("Preferences")["CurrencyPrefs"]["HomeCurrency"]["value"])


def multicurrency(books: Books) -> bool:
    """Whether the company deals in more than its own currency."""
    return bool(books.one("Preferences")["CurrencyPrefs"].get("MultiCurrencyEnabled"))


def _person(books: Books, body: Body, old: Body | None) -> Body:
    body = {"Active": True, **body}
    name = display_name(body)
    body["DisplayName"] = marked(name, active=body["Active"])
    body.setdefault("PrintOnCheckName", print_name(body, name.removesuffix(" (deleted)")))
    _check_email(body)
    home = home_currency(books)
    currency = body.setdefault("CurrencyRef", {"value": home})["value"]
    if old and "CurrencyRef" in old and currency != old["CurrencyRef"]["value"]:
        raise broken_rule("The currency of a customer or vendor cannot be changed")
    if currency != home and not multicurrency(books):
        raise broken_rule("Multi Currency should be enabled to perform this operation.")
    if currency != home and currency not in CURRENCIES:
        raise broken_rule(f"The currency {currency[:10]} is not known")
    return body


def _check_email(body: Body) -> None:
    address = body.get("PrimaryEmailAddr", {}).get("Address", "")
    for part in address.split(","):
        if address and ("@" not in part or "." not in part):
            raise broken_rule("Email Address does not conform to the syntax rules of RFC 822.")


RULES: dict[str, Rule] = {
    "Customer": customer,
    "Vendor": vendor,
    "Employee": employee,
    "Item": item,
    "Account": account,
    "Term": _small_list("Term", {"DiscountPercent": 0, "DiscountDays": 0, "Type": "STANDARD"}),
    "PaymentMethod": _small_list("PaymentMethod", {"Type": "NON_CREDIT_CARD"}),
    "CompanyCurrency": company_currency,
    "CompanyInfo": unruled,
    "Preferences": unruled,
}


def moved_family(books: Books, old: Body, new: Body) -> None:
    """After a customer got another parent: its balance leaves the old ancestors for the new."""
    if old.get("ParentRef") == new.get("ParentRef"):
        return
    amount = Decimal(new["BalanceWithJobs"])
    books.move_family(old.get("ParentRef"), -amount)
    books.move_family(new.get("ParentRef"), amount)
