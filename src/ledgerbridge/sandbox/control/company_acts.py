"""What people do in a QuickBooks company."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from random import Random
from typing import Any

from ledgerbridge.sandbox.company import words
from ledgerbridge.sandbox.control.people import ActKind, CannotError, Doing
from ledgerbridge.sandbox.quickbooks import Company, QuickBooks, Refused

LISTS = ("Customer", "Item", "Vendor")
SALES = ("Invoice", "CreditMemo", "SalesReceipt", "Estimate")
VOIDED = ("Invoice", "Payment", "CreditMemo")
DELETED = ("Invoice", "Payment", "Estimate")
EDITED: Mapping[str, tuple[str, ...]] = {
    "Customer": ("GivenName", "FamilyName", "Notes", "PrimaryPhone", "CompanyName"),
    "Vendor": ("CompanyName", "PrimaryPhone"),
    "Item": ("Description", "UnitPrice"),
    "Invoice": ("PrivateNote", "CustomerMemo"),
}
CLEARED: Mapping[str, tuple[str, ...]] = {
    "Customer": ("Notes", "CompanyName", "PrimaryPhone", "BillAddr"),
    "Item": ("Description",),
    "Invoice": ("PrivateNote",),
}


def drawn_value(name: str, rng: Random) -> Any:
    """An invented value of a field."""
    if name == "PrimaryPhone":
        return {"FreeFormNumber": f"({rng.randint(201, 989)}) 555-01{rng.randint(0, 99):02}"}
    if name == "UnitPrice":
        return Decimal(rng.randint(100, 50_000)) / 100
    if name == "CustomerMemo":
        return {"value": rng.choice(words.MEMOS)}
    if name == "CompanyName":
        return f"{rng.choice(words.BUSINESS_FIRST)} {rng.choice(words.BUSINESS_SECOND)}"
    listed = {"GivenName": words.GIVEN, "FamilyName": words.FAMILY, "Notes": words.NOTES}
    return rng.choice(listed.get(name, words.PRIVATE_NOTES))


def _any(company: Company, doing: Doing, *, active: bool = True) -> None:
    if not doing.id:
        ids = [
            str(one["Id"])
            for one in company.all(doing.type)
            if (one.get("Active") is not False) == active
        ]
        doing.id = doing.chosen(ids, f"{'' if active else 'inactive '}{doing.type}")


def _create(company: Company, doing: Doing) -> None:
    if not doing.has_values:
        doing.values = _drawn_body(company, doing)
    doing.id = str(company.create(doing.type, doing.values)["Id"])


def _drawn_body(company: Company, doing: Doing) -> dict[str, Any]:
    rng = doing.random
    number = rng.randint(1, 10**6)
    if doing.type == "Item":
        income = {"value": "79"}
        name = f"{rng.choice(words.BUSINESS_FIRST)} {number}"
        return {
            "Name": name,
            "Type": "Service",
            "IncomeAccountRef": income,
            "UnitPrice": drawn_value("UnitPrice", rng),
        }
    if doing.type == "Invoice":
        customers = [one["Id"] for one in company.all("Customer") if one.get("Active") is not False]
        line = {
            "DetailType": "SalesItemLineDetail",
            "Amount": drawn_value("UnitPrice", rng),
            "SalesItemLineDetail": {},
        }
        return {"CustomerRef": {"value": doing.chosen(customers, "customer")}, "Line": [line]}
    given, family = rng.choice(words.GIVEN), rng.choice(words.FAMILY)
    mail = f"{given}.{family}.{number}@example.com".lower()
    return {
        "DisplayName": f"{given} {family} {number}",
        "GivenName": given,
        "FamilyName": family,
        "PrimaryEmailAddr": {"Address": mail},
    }


def _edit(company: Company, doing: Doing) -> None:
    _any(company, doing)
    if not doing.has_values:
        name = doing.random.choice(EDITED[doing.type])
        doing.values = {name: drawn_value(name, doing.random)}
    company.update(doing.type, {**doing.values, "Id": doing.id})


def _clear(company: Company, doing: Doing) -> None:
    names = list(doing.values)
    if not names:
        filled = [
            (str(one["Id"]), name)
            for one in company.all(doing.type)
            for name in CLEARED[doing.type]
            if one.get(name) and doing.id in {"", one["Id"]}
        ]
        if not filled:
            raise CannotError(f"no field of {doing.type} can be cleared")
        doing.id, name = doing.random.choice(filled)
        names = [name]
    _any(company, doing)
    stored = company.get(doing.type, doing.id) or {}
    doing.values = {name: {} if isinstance(stored.get(name), dict) else "" for name in names}
    company.update(doing.type, {**doing.values, "Id": doing.id})


def _merge(company: Company, doing: Doing) -> None:
    _any(company, doing)
    if doing.other is None:
        ids = [str(one["Id"]) for one in company.all(doing.type)]
        others = [one for one in ids if one != doing.id]
        doing.other = doing.chosen(others, f"second {doing.type}")
    company.merge(doing.type, doing.id, doing.other)


def _deactivate(company: Company, doing: Doing) -> None:
    _any(company, doing)
    company.update(doing.type, {"Id": doing.id, "Active": False})


def _reactivate(company: Company, doing: Doing) -> None:
    _any(company, doing, active=False)
    company.update(doing.type, {"Id": doing.id, "Active": True})


def _pay(company: Company, doing: Doing) -> None:
    if not doing.id:
        due = [str(one["Id"]) for one in company.all("Invoice") if one.get("Balance", 0) > 0]
        doing.id = doing.chosen(due, "invoice with a balance")
    invoice = company.get("Invoice", doing.id)
    if invoice is None:
        raise CannotError(f"there is no invoice {doing.id}")
    try:
        amount = Decimal(str(doing.values.get("amount", invoice["Balance"])))
    except InvalidOperation:
        raise CannotError("amount must be a number") from None
    line = {"Amount": amount, "LinkedTxn": [{"TxnId": doing.id, "TxnType": "Invoice"}]}
    body: dict[str, Any] = {
        "CustomerRef": {"value": invoice["CustomerRef"]["value"]},
        "TotalAmt": amount,
        "Line": [line],
    }
    if "CurrencyRef" in invoice:
        body["CurrencyRef"] = {"value": invoice["CurrencyRef"]["value"]}
    doing.other = str(company.create("Payment", body)["Id"])
    doing.values = {"amount": amount}


def _void(company: Company, doing: Doing) -> None:
    if not doing.id:
        ids = [str(one["Id"]) for one in company.all(doing.type) if one.get("TotalAmt", 0)]
        doing.id = doing.chosen(ids, f"{doing.type} to void")
    company.void(doing.type, doing.id)


def _delete(company: Company, doing: Doing) -> None:
    _any(company, doing)
    company.delete(doing.type, doing.id)


def _email(company: Company, doing: Doing) -> None:
    _any(company, doing)
    company.email(doing.type, doing.id)


ACTS: Mapping[str, ActKind] = {
    "create": ActKind(("Customer", "Item", "Invoice", "Vendor"), 4, _create),
    "edit": ActKind(tuple(EDITED), 10, _edit),
    "clear": ActKind(tuple(CLEARED), 2, _clear),
    "merge": ActKind(LISTS, 1, _merge),
    "deactivate": ActKind(LISTS, 1, _deactivate),
    "reactivate": ActKind(LISTS, 1, _reactivate),
    "pay": ActKind(("Invoice",), 4, _pay),
    "void": ActKind(VOIDED, 1, _void),
    "delete": ActKind(DELETED, 1, _delete),
    "email": ActKind(SALES, 1, _email),
}


class CompanyFinder:
    """Finds the company that an act names."""

    def __init__(self, emulator: QuickBooks) -> None:
        self._emulator = emulator

    def __call__(self, account: str | None) -> tuple[str, Company]:
        """The company and its realm. Raises ValueError for an unknown one."""
        companies = self._emulator.companies()
        wanted = self._emulator.realm_id if account is None else account
        if wanted not in companies:
            raise ValueError(f"there is no realm {wanted}")
        return wanted, companies[wanted]


def refusal(problem: Exception) -> str | None:
    """What QuickBooks says where it refuses, or None for a defect."""
    return str(problem) if isinstance(problem, Refused) else None
