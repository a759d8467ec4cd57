"""What invoices add up to, and from which day on they count."""

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from operator import add

from hypothesis import given
from hypothesis import strategies as st

from ledgerbridge.core.filters import Condition, Filter
from ledgerbridge.core.model import Record, State
from ledgerbridge.syncs.allocations import Settlement
from ledgerbridge.syncs.totals import (
    NOTHING,
    Totals,
    amounts,
    counted_since,
    last_payment,
    of_customer,
    of_invoice,
)

TODAY = "2026-05-04"


def invoice(total: str, balance: str, *, due: str = TODAY, state: State = State.LIVE) -> Record:
    """An invoice of May 1st."""
    fields = {"TotalAmt": total, "Balance": balance, "DueDate": due, "TxnDate": "2026-05-01"}
    return Record("Invoice", "1", "0", dict(fields), state=state)


def settlement(cash: str, credited: str) -> Settlement:
    """Paid and credited so far."""
    return Settlement(
        cash=Decimal(cash),
        credited=Decimal(credited),
        deposited=Decimal(0),
        open=Decimal(0),
        difference=Decimal(0),
    )


def test_what_is_overdue_is_open_too_and_its_due_day_is_told() -> None:
    late = of_invoice(invoice("100", "60", due="2026-04-30"), settlement("40", "0"), TODAY)
    early = of_invoice(invoice("50", "50"), settlement("0", "0"), TODAY)

    found = late + early

    assert (found.invoices, found.invoiced, found.paid) == (2, Decimal(150), Decimal(40))
    assert (found.open, found.overdue) == (Decimal(110), Decimal(60))
    assert found.oldest_due == "2026-04-30"


def test_voided_and_deleted_invoices_leave_the_totals() -> None:
    for state in (State.VOIDED, State.DELETED):
        assert of_invoice(invoice("9", "9", state=state), None, TODAY) == NOTHING


def test_what_was_paid_is_not_told_where_it_is_not_known_of_every_invoice() -> None:
    known = of_invoice(invoice("9", "0"), settlement("9", "0"), TODAY)
    unknown = of_invoice(invoice("9", "0"), None, TODAY)

    assert amounts(known)["@paid"] == "9"
    assert not {"@paid", "@credited"} & amounts(known + unknown).keys()


def test_what_a_customer_owes_comes_from_its_own_balance() -> None:
    billed = of_invoice(invoice("100", "60"), settlement("40", "0"), TODAY)
    balances = [Record("Customer", x, "0", {"Balance": b}) for x, b in (("1", "45"), ("2", "5"))]

    shown = of_customer(billed, balances, "2026-05-02", "2026-01-01")

    assert (shown["@open"], shown["@overdue"], shown["@oldest_due"]) == ("50", "0", None)
    assert (shown["@last_invoice"], shown["@last_payment"]) == ("2026-05-01", "2026-05-02")
    assert shown["@since"] == "2026-01-01"


def test_a_customer_without_invoices_and_payments_shows_no_totals() -> None:
    assert of_customer(NOTHING, [Record("Customer", "1", "0", {"Balance": "5"})], "", "") == {}


def test_a_payment_of_no_cash_is_no_last_payment() -> None:
    fields = {"TxnDate": "2026-05-03", "TotalAmt": "0"}
    cash = Record("Payment", "1", "0", {"TxnDate": "2026-05-01", "TotalAmt": "5"})

    assert last_payment([Record("Payment", "2", "0", dict(fields)), cash]) == "2026-05-01"
    assert last_payment([Record("Payment", "2", "0", dict(fields))]) == ""


def test_invoices_count_since_the_day_before_which_no_group_of_the_filter_lets_one_in() -> None:
    def since(day: str) -> Condition:
        return Condition(field="TxnDate", operator="on or after", value=day)

    anywhere = Condition(field="DocNumber", operator="is known", value=None)
    assert counted_since(Filter()) == ""
    assert counted_since(Filter(groups=((since("2026-01-01"), anywhere),))) == "2026-01-01"
    two = Filter(groups=((since("2026-03-01"),), (since("2026-02-01"),)))
    assert counted_since(two) == "2026-02-01"
    assert counted_since(Filter(groups=((since("2026-03-01"),), (anywhere,)))) == ""


MONEY = st.decimals(0, 1000, places=2)
TOTALS = st.builds(
    Totals,
    invoices=st.integers(0, 9),
    invoiced=MONEY,
    overdue=MONEY,
    oldest_due=st.sampled_from(["", "2026-01-01", "2026-02-01"]),
    last_invoice=st.sampled_from(["", "2026-01-01", "2026-02-01"]),
    settled=st.booleans(),
)


@given(found=st.lists(TOTALS, max_size=6), data=st.data())
def test_the_order_in_which_invoices_are_read_does_not_matter(
    found: list[Totals], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(found))
    assert reduce(add, found, NOTHING) == reduce(add, shuffled, NOTHING)
