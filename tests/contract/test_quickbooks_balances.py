"""Balances agree with the open forms, whatever was invoiced, paid, credited, voided or moved."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contract.quickbooks_caller import Body, Caller, sale
from ledgerbridge.sandbox.quickbooks import Refused

EVENT = st.tuples(
    st.sampled_from(["invoice", "credit", "pay", "apply", "void", "delete", "edit", "move"]),
    st.integers(0, 30),
    st.integers(1, 12).map(lambda tens: tens * 10),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(EVENT, max_size=25))
def test_balances_are_open_invoices_less_unapplied_payments_and_credits(
    events: list[tuple[str, int, int]],
) -> None:
    caller = Caller()
    parent_id = caller.customer("Parent")
    child = {"Job": True, "ParentRef": {"value": parent_id}}
    ids = [parent_id, caller.customer("Child", **child), caller.customer("Other")]
    for event in events:
        try:
            _happen(caller, ids, *event)
        except Refused as refused:
            if refused.code not in {"620", "6000", "610", "900"}:
                raise
    _assert_balanced(caller, ids)


def _happen(caller: Caller, ids: list[str], event: str, index: int, amount: int) -> None:
    company, customer_id = caller.company, ids[index % len(ids)]
    forms = [(e, r["Id"]) for e in ("Invoice", "CreditMemo", "Payment") for r in company.all(e)]
    if event in {"invoice", "credit"}:
        entity = "Invoice" if event == "invoice" else "CreditMemo"
        company.create(entity, sale(customer_id, amount))
    elif event == "pay":
        caller.pay(customer_id, amount)
    elif event == "move":
        reference = {"value": ids[(index + 1) % 3]}
        company.update("Customer", {"Id": customer_id, "Job": True, "ParentRef": reference})
    elif event == "apply":
        _apply(caller, index, amount)
    elif forms:
        entity, id_ = forms[index % len(forms)]
        if event == "void":
            company.void(entity, id_)
        elif event == "delete":
            company.delete(entity, id_)
        elif entity != "Payment":
            company.update(entity, {"Id": id_, "Line": sale(customer_id, amount)["Line"]})


def _apply(caller: Caller, index: int, amount: int) -> None:
    """Pays an open invoice with money, and with a credit of its customer where there is one."""
    opened = [form for form in caller.company.all("Invoice") if form["Balance"]]
    if not opened:
        return
    invoice = opened[index % len(opened)]
    owner = invoice["CustomerRef"]["value"]
    credits_ = [
        form
        for form in caller.company.all("CreditMemo")
        if form["Balance"] and form["CustomerRef"]["value"] == owner
    ]
    part = min(amount, invoice["Balance"])
    applied = {f"Invoice_{invoice['Id']}": part}
    total = part
    if credits_ and index % 2:
        used = min(part, credits_[0]["Balance"])
        applied[f"CreditMemo_{credits_[0]['Id']}"] = used
        total = part - used
    caller.pay(owner, total, **applied)


def _assert_balanced(caller: Caller, ids: list[str]) -> None:
    customers = {id_: caller.stored("Customer", id_) for id_ in ids}
    for id_, customer in customers.items():
        assert customer["Balance"] == _owed(caller, id_)
        family = [id_, *(other for other in ids if id_ in _above(customers, other))]
        assert customer["BalanceWithJobs"] == sum(_owed(caller, member) for member in family)
    receivable = caller.stored("Account", "84")
    assert receivable["CurrentBalance"] == sum(_owed(caller, id_) for id_ in ids)
    for invoice in caller.company.all("Invoice"):
        paid = _applied(caller, "Invoice", invoice["Id"])
        assert invoice["Balance"] == invoice["TotalAmt"] - paid >= 0
    for credit in caller.company.all("CreditMemo"):
        used = _applied(caller, "CreditMemo", credit["Id"])
        assert credit["RemainingCredit"] == credit["Balance"] == credit["TotalAmt"] - used >= 0
    for payment in caller.company.all("Payment"):
        assert payment["UnappliedAmt"] >= 0


def _owed(caller: Caller, customer_id: str) -> Decimal:
    signs = {"Invoice": ("Balance", 1), "Payment": ("UnappliedAmt", -1)}
    signs["CreditMemo"] = ("Balance", -1)
    return sum(
        (
            Decimal(record[field]) * sign
            for entity, (field, sign) in signs.items()
            for record in caller.company.all(entity)
            if record["CustomerRef"]["value"] == customer_id
        ),
        Decimal(0),
    )


def _above(customers: dict[str, Body], id_: str) -> set[str]:
    above: set[str] = set()
    reference: dict[str, Any] | None = customers[id_].get("ParentRef")
    while reference:
        above.add(reference["value"])
        reference = customers[reference["value"]].get("ParentRef")
    return above


def _applied(caller: Caller, entity: str, id_: str) -> Decimal:
    link = [{"TxnId": id_, "TxnType": entity}]
    return sum(
        (
            Decimal(line["Amount"])
            for payment in caller.company.all("Payment")
            for line in payment["Line"]
            if line["LinkedTxn"] == link
        ),
        Decimal(0),
    )
