"""
The rules of the entities generated from the schema, see `generated_entities.py`.

Sums and names are kept right; no other bookkeeping follows from them.
"""

from __future__ import annotations

from decimal import Decimal

from ledgerbridge.sandbox.quickbooks.books import ZERO, Books
from ledgerbridge.sandbox.quickbooks.entities import ENTITIES
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused, broken_rule, missing
from ledgerbridge.sandbox.quickbooks.generated_entities import BY_NAME
from ledgerbridge.sandbox.quickbooks.lists import home_currency
from ledgerbridge.sandbox.quickbooks.names import check_unique, marked, placed
from ledgerbridge.sandbox.quickbooks.schema import Body, fields_of, plain
from ledgerbridge.sandbox.quickbooks.times import plus_days, today


def transaction(entity: str, books: Books, body: Body, old: Body | None) -> Body:
    """A transaction as kept: dated, its lines numbered, its total their sum."""
    row = BY_NAME[entity]
    day = today(books.moment).isoformat()
    body = {"TxnDate": day, "CurrencyRef": {"value": home_currency(books)}, **row.defaults, **body}
    lines = [
        {**line, "Id": line.get("Id") or str(number), "LineNum": line.get("LineNum") or number}
        for number, line in enumerate(body.get("Line", ()), 1)
    ]
    body["Line"] = lines
    total = sum((Decimal(line.get("Amount", 0)) for line in lines), ZERO)
    if row.totals:
        body["TotalAmt"] = plain(total)
    if entity == "JournalEntry":
        body["TotalAmt"] = plain(_debits(lines))
    if entity in {"Bill", "VendorCredit"}:
        body["Balance"] = body["TotalAmt"]
    if entity == "Bill":
        body.setdefault("DueDate", plus_days(body["TxnDate"], 0))
    return body


def _debits(lines: list[Body]) -> Decimal:
    """The sum of the debits. Raises Refused (6000) where the credits are another sum."""
    sums = {"Debit": ZERO, "Credit": ZERO}
    for line in lines:
        detail = line.get("JournalEntryLineDetail")
        if detail is None:
            continue
        if "PostingType" not in detail:
            raise missing("PostingType")
        if "AccountRef" not in detail:
            raise missing("AccountRef")
        sums[detail["PostingType"]] += Decimal(line.get("Amount", 0))
    if sums["Debit"] != sums["Credit"]:
        raise broken_rule("The debits of a journal entry must equal its credits")
    return sums["Debit"]


def listed(entity: str, books: Books, body: Body, old: Body | None) -> Body:
    """A record of a name list as kept: its name unique, marked when inactive, placed."""
    label = ENTITIES[entity].label
    assert label is not None
    own_id = old["Id"] if old else None
    name = str(body[label]).strip()
    if ":" in name:
        raise Refused("2040", f"Element contains invalid characters: {name[:100]}", element=label)
    known = fields_of(entity)
    body = {"Active": True, **body, label: name} if "Active" in known else {**body, label: name}
    body[label] = marked(name, active=body.get("Active", True))
    if "FullyQualifiedName" in known:
        body |= placed(books, entity, body, own_id)
        flag = {"Class": "SubClass", "Department": "SubDepartment"}.get(entity)
        if flag:
            body[flag] = bool(body.get("ParentRef"))
    check_unique(books, entity, body, own_id)
    return body


def time_activity(books: Books, body: Body, old: Body | None) -> Body:
    """A time activity as kept; whose it is must be said."""
    worker = {"Vendor": "VendorRef", "Employee": "EmployeeRef"}.get(body["NameOf"], "OtherNameRef")
    if worker not in body:
        raise missing(worker)
    return {"TxnDate": today(books.moment).isoformat(), "BillableStatus": "NotBillable", **body}
