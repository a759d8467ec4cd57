from __future__ import annotations

from decimal import Decimal

from ledgerbridge.core.reconciliation import Cause, Due, Reason, compare


def due(opened: str, *, total: str = "100", customer: str = "1", currency: str = "USD") -> Due:
    return Due(customer=customer, currency=currency, total=Decimal(total), open=Decimal(opened))


def unexplained(invoice: str, ours: Due | None, theirs: Due | None) -> Reason:
    return Reason(Cause.UNEXPLAINED, "nobody knows")


def waiting(invoice: str, ours: Due | None, theirs: Due | None) -> Reason:
    return Reason(Cause.WAITING, "soon", "ledgerbridge run")


def test_what_is_the_same_is_no_difference() -> None:
    found = compare({"7": due("40")}, {"7": due("40")}, unexplained)
    assert found.differences == ()
    (total,) = found.totals
    assert (total.invoices, int(total.quickbooks), int(total.hubspot)) == (1, 40, 40)


def test_currencies_and_customers_are_never_added_to_one_another() -> None:
    books = {"7": due("40"), "8": due("5", currency="EUR"), "10": due("2", customer="12")}
    found = compare(books, books, unexplained)
    assert [(t.currency, int(t.quickbooks)) for t in found.totals] == [("EUR", 5), ("USD", 42)]
    assert [(c.customer, c.currency, int(c.hubspot)) for c in found.customers] == [
        ("1", "EUR", 5),
        ("1", "USD", 40),
        ("12", "USD", 2),
    ]


def test_a_difference_is_explained_or_shown_as_unexplained() -> None:
    books, mirrors = {"7": due("40")}, {"7": due("30")}
    (total,) = compare(books, mirrors, waiting).totals
    assert (int(total.explained), int(total.unexplained)) == (-10, 0)
    found = compare(books, mirrors, unexplained)
    assert (int(found.totals[0].explained), int(found.totals[0].unexplained)) == (0, -10)
    assert found.unexplained == 1


def test_one_side_alone_is_a_difference_where_something_is_open() -> None:
    found = compare({"7": due("40"), "8": due("0")}, {"9": due("3"), "10": due("0")}, waiting)
    assert [(d.invoice, d.quickbooks, d.hubspot) for d in found.differences] == [
        ("7", Decimal(40), None),
        ("9", None, Decimal(3)),
    ]
    assert found.totals[0].invoices == 2


def test_another_total_is_a_difference_though_nothing_is_open() -> None:
    found = compare({"7": due("0")}, {"7": due("0", total="90")}, unexplained)
    assert [d.invoice for d in found.differences] == ["7"]


def test_all_currencies_are_added_up_in_home_currency_where_both_sides_know_it() -> None:
    euros = Due(customer="1", currency="EUR", total=Decimal(9), open=Decimal(9), home=Decimal(10))
    unknown = Due(customer="1", currency="CHF", total=Decimal(9), open=Decimal(9))
    found = compare({"7": euros, "8": unknown}, {"7": euros, "8": unknown}, unexplained, "USD")
    assert [(t.currency, t.invoices, int(t.quickbooks), int(t.hubspot)) for t in found.home] == [
        ("USD", 1, 10, 10)
    ]


def test_another_amount_in_home_currency_alone_is_a_difference() -> None:
    ours, theirs = (
        Due(customer="1", currency="EUR", total=Decimal(9), open=Decimal(9), home=Decimal(home))
        for home in (10, 12)
    )
    found = compare({"7": ours}, {"7": theirs}, waiting, "USD")
    assert [d.invoice for d in found.differences] == ["7"]
    assert (int(found.totals[0].explained), int(found.home[0].explained)) == (0, 2)
