"""Which deal an invoice belongs to: the first rule that hits, else nobody's guess."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ledgerbridge.core.model import Record
from ledgerbridge.syncs.custom_fields import po_number
from ledgerbridge.syncs.deals import Candidate, Chosen, Undecided, choose

WON = {
    "hs_is_closed_won": "true",
    "closedate": "2026-05-01T10:00:00Z",
    "amount": "500",
    "deal_currency_code": "USD",
}


def invoice(estimate: str | None = None, **fields: str) -> Record:
    shown = {"TotalAmt": "100", "TxnDate": "2026-05-05", "CurrencyRef": "USD", **fields}
    references: dict[str, tuple[str, ...]] = {}
    if estimate:
        references["LinkedTxn.Estimate"] = (estimate,)
    return Record("Invoice", "7", "0", dict(shown), references)


def deal(deal_id: str, **fields: str) -> Record:
    return Record("deals", deal_id, "v1", {**WON, **fields})


def candidate(
    one: Record, *, billed: str = "0", by_person: bool = False, refused: bool = False
) -> Candidate:
    return Candidate(deal=one, billed=Decimal(billed), by_person=by_person, refused=refused)


def chosen(record: Record, *candidates: Candidate) -> str | None:
    known = {one.deal.id: one.deal for one in candidates} | {"99": deal("99")}
    found = choose(record, candidates, known, "USD")
    return found.deal_id if isinstance(found, Chosen) else None


def test_a_person_goes_before_every_rule() -> None:
    record = invoice(**{"CustomField.PO Number": "A"})
    by_rule = candidate(deal("1", ledgerbridge_po_number="A"))
    assert chosen(record, by_rule, candidate(deal("2"), by_person=True)) == "2"


def test_a_custom_field_may_name_any_deal_but_a_refused_one() -> None:
    record = invoice(**{"CustomField.Deal": "99"})
    assert chosen(record, candidate(deal("1"))) == "99"
    named = candidate(deal("99"), refused=True)
    assert chosen(record, candidate(deal("1")), named) == "1"


def test_a_po_number_or_an_estimate_must_be_that_of_one_deal() -> None:
    record = invoice(**{"CustomField.P.O. Number": " A-1 "})
    one, two = deal("1", ledgerbridge_po_number="A-1"), deal("2", ledgerbridge_po_number="A-1")
    open_one = deal("1", ledgerbridge_po_number="A-1", hs_is_closed_won="false")
    assert po_number(record) == "A-1"
    assert chosen(record, candidate(open_one), candidate(deal("2"))) == "1"
    assert chosen(record, candidate(one), candidate(two)) is None
    estimated = candidate(deal("3", ledgerbridge_estimate="44", hs_is_closed_won="false"))
    assert chosen(invoice("44"), estimated, candidate(deal("2"))) == "3"


@pytest.mark.parametrize(
    ("dated", "fits"),
    [
        ("2026-03-31", False),
        ("2026-04-01", True),
        ("2026-08-29", True),
        ("2026-08-30", False),
        ("", False),
    ],
)
def test_the_invoice_is_dated_from_30_days_before_to_120_after_it_was_won(
    dated: str, fits: bool
) -> None:
    assert (chosen(invoice(TxnDate=dated), candidate(deal("1"))) == "1") is fits


@pytest.mark.parametrize(
    ("fields", "billed"),
    [
        ({"hs_is_closed_won": "false"}, "0"),
        ({"deal_currency_code": "EUR"}, "0"),
        ({"amount": "99.99"}, "0"),
        ({}, "400.01"),
        ({"closedate": ""}, "0"),
    ],
    ids=["not won", "another currency", "too small", "billed already", "never closed"],
)
def test_a_deal_that_does_not_fit_gets_nothing(fields: dict[str, str], billed: str) -> None:
    assert chosen(invoice(), candidate(deal("1", **fields), billed=billed)) is None


def test_two_that_fit_are_a_case_that_names_both() -> None:
    both = [candidate(deal("1")), candidate(deal("2"))]
    found = choose(invoice(), both, {}, "USD")
    assert isinstance(found, Undecided)
    assert found.deal_ids == ("1", "2")
    assert choose(invoice(), [both[0], candidate(deal("2"), refused=True)], {}, "USD") == Chosen(
        "1", "the only deal won around that time with this much unbilled"
    )
