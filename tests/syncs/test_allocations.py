"""What a payment settles: to the cent, whatever it brings together."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ledgerbridge.core.model import Line, Record, State
from ledgerbridge.syncs.allocations import allocations, money, parts, settlement, unapplied

CENTS = st.integers(min_value=1, max_value=10**9)


def payment(
    total: Decimal, invoices: dict[str, Decimal], credit: Decimal, state: State = State.LIVE
) -> Record:
    rows = [("Invoice", x, amount) for x, amount in invoices.items()]
    rows += [("CreditMemo", "900", credit)] if credit else []
    lines = tuple(
        Line(
            str(number),
            {"Amount": str(amount), "LinkedTxn.TxnId": x, "LinkedTxn.TxnType": kind},
        )
        for number, (kind, x, amount) in enumerate(rows)
    )
    fields = {"@key": "1:payment:5", "TotalAmt": str(total), "CurrencyRef": "USD"}
    references: dict[str, tuple[str, ...]] = {"CustomerRef": ("58",)}
    return Record("Payment", "5", "0", dict(fields), references, lines, state)


@st.composite
def payments(draw: st.DrawFn) -> Record:
    """Any payment that QuickBooks would take: cash and credit cover its invoices, or more."""
    due = {str(n): Decimal(draw(CENTS)) / 100 for n in range(draw(st.integers(0, 4)))}
    owed = sum(due.values(), Decimal(0))
    credit = min(owed, Decimal(draw(st.integers(0, 10**9))) / 100)
    rest = Decimal(draw(st.integers(0, 10**6))) / 100
    return payment(owed - credit + rest, due, credit)


@given(payments())
def test_the_cash_of_all_allocations_is_the_payment(one: Record) -> None:
    shown = sum((money(a.fields["@amount"]) for a in allocations(one)), Decimal(0))
    assert shown == money(one.fields["TotalAmt"])


@given(payments())
def test_cash_and_credit_of_each_part_are_what_its_line_says(one: Record) -> None:
    said = {
        line.fields["LinkedTxn.TxnId"]: money(line.fields["Amount"])
        for line in one.lines
        if line.fields["LinkedTxn.TxnType"] == "Invoice"
    }
    assert {part.invoice_id: part.cash + part.credit for part in parts(one)} == said
    assert all(part.cash >= 0 and part.credit >= 0 for part in parts(one))


@given(payments())
def test_an_invoice_that_one_payment_settles_adds_up(one: Record) -> None:
    for part in parts(one):
        total = str(part.cash + part.credit + 7)
        invoice = Record("Invoice", part.invoice_id, "0", {"TotalAmt": total, "Balance": "7"})
        found = settlement(invoice, [one])
        assert (found.cash, found.credited) == (part.cash, part.credit)
        assert found.adds_up


def test_what_no_transaction_accounts_for_is_the_difference() -> None:
    invoice = Record("Invoice", "1", "0", {"TotalAmt": "100", "Balance": "0", "Deposit": "10"})
    found = settlement(invoice, [payment(Decimal(60), {"1": Decimal(60)}, Decimal(0))])
    assert not found.adds_up
    assert found.difference == Decimal(30)


def test_a_voided_payment_settles_nothing() -> None:
    gone = payment(Decimal(60), {"1": Decimal(60)}, Decimal(0), State.VOIDED)
    invoice = Record("Invoice", "1", "0", {"TotalAmt": "60", "Balance": "60"})
    assert allocations(gone) == ()
    assert settlement(invoice, [gone]).cash == 0


def test_several_lines_for_one_invoice_are_one_allocation() -> None:
    one = payment(Decimal(50), {"1": Decimal(20)}, Decimal(0))
    twice = (*one.lines, Line("9", {**one.lines[0].fields, "Amount": "30"}))
    (found,) = allocations(replace(one, lines=twice))
    assert (found.id, found.fields["@amount"]) == ("5:1", "50")
    assert unapplied(one) == Decimal(30)
