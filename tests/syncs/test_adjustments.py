"""An invoice's discounts and tax: which records they become, and when one is made or goes."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from invoice_worlds import (
    ONE_LINE,
    discount,
    header_of,
    invoice,
    known_lines,
    lines_of,
    linked,
    plan,
    plan_changed,
    sale,
)
from msgspec.structs import replace
from sync_worlds import key

from ledgerbridge.core.model import Line, LineLink, Record, State, Value
from ledgerbridge.core.order import Stage
from ledgerbridge.core.plan import Operation, Planned, Pointer, WriteKind
from ledgerbridge.syncs.adjustments import (
    ADJUSTMENT_TYPES,
    REFUSED,
    shown_total,
    type_of,
    wanted_adjustments,
)
from ledgerbridge.syncs.lines import lines_total

KEY = key("invoice", "130")
SALE = sale("1", "275", "1", "275")


def taxed(tax: str, *lines: Line, total: str = "297") -> Record:
    """The invoice with that tax."""
    record = invoice(total=total, **{"TxnTaxDetail.TotalTax": tax})
    return replace(record, lines=lines or ONE_LINE)


def wanted(record: Record) -> list[tuple[str, Value, Value]]:
    """Type, label and amount of each adjustment."""
    found = wanted_adjustments(record)
    return [(one.object_type, one.fields["hs_label"], one.fields["hs_value"]) for one in found]


def adjusting(planned: Planned) -> list[Operation]:
    """The operations on discounts and taxes."""
    return [one for one in lines_of(planned) if one.object_type in ADJUSTMENT_TYPES]


def test_a_discount_is_one_fixed_record() -> None:
    (made,) = wanted_adjustments(invoice(SALE, discount("2", "27.5"), total="247.5"))
    assert made.key == f"{KEY}:discounts"
    assert made.fields == {
        "hs_label": "Discount",
        "hs_type": "FIXED",
        "hs_value": "27.50",
        "hs_sort_order": "1300000",
    }


def test_several_negative_lines_are_discounts_of_their_own_names() -> None:
    returned = sale("4", "-20", "1", "-20", Description="Returned pump")
    record = invoice(SALE, sale("3", "-10", "1", "-10"), returned, total="245")
    assert wanted(record) == [
        ("discounts", "Rock Fountain", "10.00"),
        ("discounts", "Returned pump", "20.00"),
    ]
    assert [one.fields["hs_sort_order"] for one in wanted_adjustments(record)] == [
        "1300003",
        "1300004",
    ]


def test_tax_of_all_rates_is_one_record() -> None:
    assert wanted(taxed("22")) == [("taxes", "Tax", "22.00")]


def test_nothing_taken_off_and_no_tax_make_no_record_and_no_call() -> None:
    record = taxed("0", SALE, discount("2", "0"), total="275")
    assert wanted(record) == []
    assert adjusting(plan(record)) == []


def test_a_surcharge_given_as_a_negative_discount_is_stated_instead() -> None:
    record = invoice(SALE, discount("2", "-5"), total="280")
    assert wanted(record) == []
    assert header_of(plan(record)).fields["ledgerbridge_not_in_lines"] == "5.00"


def test_they_are_made_after_the_invoice_and_name_it() -> None:
    planned = plan(taxed("22"))
    (tax,) = adjusting(planned)
    assert (tax.kind, tax.stage) == (WriteKind.CREATE, Stage.LINES_AFTER)
    assert tax.points == (Pointer(object_type="invoices", sync="invoices", partner_id="130"),)
    assert tax.line == f"{KEY}:taxes"
    assert tax.line not in {point.line for point in header_of(planned).points}


def test_the_key_says_the_type() -> None:
    assert [type_of(f"{KEY}{end}") for end in (":1", ":taxes", ":discounts", ":1:discounts")] == [
        "line_items",
        "taxes",
        "discounts",
        "discounts",
    ]


def test_another_amount_updates_it() -> None:
    before, after = taxed("22"), taxed("23", total="298")
    (changed,) = adjusting(plan_changed(before, after))
    assert (changed.kind, changed.fields) == (WriteKind.UPDATE, {"hs_value": "23.00"})
    assert changed.object_type == "taxes"


def test_one_that_is_no_longer_there_is_withdrawn() -> None:
    before = invoice(SALE, discount("2", "50"), total="225")
    (gone,) = adjusting(plan_changed(before, invoice(SALE)))
    assert (gone.kind, gone.object_type) == (WriteKind.ARCHIVE, "discounts")


def test_a_line_that_turns_negative_goes_and_comes_back_as_a_discount() -> None:
    before = invoice(SALE, sale("2", "25", "1", "25"), total="300")
    after = invoice(SALE, sale("2", "-25", "1", "-25"), total="250")
    made, gone = lines_of(plan_changed(before, after))
    assert (made.kind, made.object_type) == (WriteKind.CREATE, "discounts")
    assert (gone.kind, gone.object_type) == (WriteKind.ARCHIVE, "line_items")


def refused(record: Record) -> dict[str, LineLink]:
    """Its children, the adjustments of which HubSpot refused."""
    return {
        key: one
        if type_of(key) == "line_items"
        else replace(one, hubspot_id="", base_hubspot={REFUSED: "No such feature."})
        for key, one in known_lines(record).items()
    }


def test_a_refused_one_is_told_stated_and_not_tried_again() -> None:
    record = taxed("22")
    planned = plan_changed(record, record, lines=refused(record))
    assert adjusting(planned) == []
    assert header_of(planned).fields == {"ledgerbridge_not_in_lines": "22.00"}
    (outcome,) = planned.outcomes
    assert outcome.code == "adjustments_refused"
    assert "taxes" in outcome.message
    assert "No such feature." in outcome.message


def test_a_refused_one_is_tried_again_once_it_changed() -> None:
    before, after = taxed("22"), taxed("23", total="298")
    planned = plan_changed(before, after, lines=refused(before))
    assert [one.kind for one in adjusting(planned)] == [WriteKind.CREATE]
    assert planned.outcomes == ()


def test_a_refused_one_that_is_no_longer_wanted_needs_nothing() -> None:
    before = taxed("22")
    planned = plan_changed(before, invoice(SALE), lines=refused(before))
    assert adjusting(planned) == []


def test_a_voided_invoice_keeps_them() -> None:
    before = taxed("22")
    link, ours = linked(before)
    voided = replace(taxed("0", total="0"), state=State.VOIDED)
    planned = plan(voided, link=link, mirror=ours, lines=known_lines(before))
    assert lines_of(planned) == []


MONEY = st.decimals(-1000, 1000, places=2)


@settings(deadline=None)
@given(st.lists(MONEY, max_size=6), st.decimals(0, 200, places=2), st.decimals(0, 99, places=2))
def test_lines_less_discounts_plus_tax_and_what_is_stated_are_the_total(
    amounts: list[Decimal], off: Decimal, tax: Decimal
) -> None:
    lines = [sale(str(n), str(amount)) for n, amount in enumerate(amounts, start=1)]
    total = sum(amounts, Decimal(0)) - off + tax
    record = taxed(str(tax), *lines, discount("99", str(off)), total=str(total))
    assert shown_total(record) == total
    left_out = [one.key for one in wanted_adjustments(record)]
    assert shown_total(record, left_out) == lines_total(record)
    made = header_of(plan(record))
    assert Decimal(made.fields["ledgerbridge_not_in_lines"] or "") == 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9999), st.integers(1, 9999)), unique=True, max_size=20))
def test_no_two_have_the_same_place(pairs: list[tuple[int, int]]) -> None:
    places = []
    for invoice_id, line_id in pairs:
        record = replace(invoice(sale(str(line_id), "-1")), id=str(invoice_id))
        places += [one.fields["hs_sort_order"] for one in wanted_adjustments(record)]
    assert len(set(places)) == len(pairs)
