"""An invoice's lines as line items: what each shows, and what is sent when they change."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invoice_worlds import (
    ONE_LINE,
    discount,
    header_of,
    invoice,
    known_lines,
    lines_of,
    plan,
    plan_changed,
    sale,
    text_line,
)
from msgspec.structs import replace
from sync_worlds import HUBSPOT, key

from ledgerbridge.core.model import Line, Link, Value
from ledgerbridge.core.order import Stage
from ledgerbridge.core.plan import Planned, Pointer, WriteKind
from ledgerbridge.syncs.adjustments import shown_total
from ledgerbridge.syncs.children import RECURRING, plan_withdrawal
from ledgerbridge.syncs.lines import LINE_KEY, TITLE_LENGTH_MAX, wanted_lines

KEY = key("invoice", "130")
FIRST = f"{KEY}:1"


def shown(*lines: Line) -> list[dict[str, Value]]:
    """The fields of the line items of an invoice with these lines."""
    return [wanted.fields for wanted in wanted_lines(invoice(*lines))]


def amounts(*lines: Line) -> list[tuple[Value, Value]]:
    """Quantity and price of each line item."""
    return [(fields["quantity"], fields["price"]) for fields in shown(*lines)]


def test_a_line_shows_its_item_its_words_and_its_place() -> None:
    first = sale("1", "550", "2", "275", Description="In the garden")
    assert shown(first, sale("2", "10", "1", "10"))[0] == {
        "name": "Rock Fountain",
        "description": "In the garden",
        "quantity": "2",
        "price": "275",
        "hs_position_on_quote": "0",
        "hs_line_item_currency_code": "USD",
    }


def test_the_order_of_the_lines_is_kept() -> None:
    places = [fields["hs_position_on_quote"] for fields in shown(*(sale(x, "1") for x in "132"))]
    keys = [wanted.key for wanted in wanted_lines(invoice(*(sale(x, "1") for x in "132")))]
    assert places == ["0", "1", "2"]
    assert keys == [f"{KEY}:1", f"{KEY}:3", f"{KEY}:2"]


@pytest.mark.parametrize(
    ("amount", "quantity", "price", "expected"),
    [
        ("550", "2", "275", ("2", "275")),
        ("100", "3", "33.3333333", ("3", "33.3333333")),
        ("18.75", "1.25", "15", ("1.25", "15")),
        ("0.00", "0", "15", ("0", "15")),
        ("100", "1", "100.4", ("1", "100")),
        ("50", "2", "275", ("1", "50")),
        ("50", None, "275", ("1", "50")),
        ("50", "2", None, ("1", "50")),
        ("50", "-1", "-50", ("1", "50")),
        ("50", "two", "25", ("1", "50")),
    ],
)
def test_quantity_and_price_are_shown_where_they_make_the_amount_else_once_the_amount(
    amount: str, quantity: Value, price: Value, expected: tuple[str, str]
) -> None:
    assert amounts(sale("1", amount, quantity, price)) == [expected]


MONEY = st.decimals(0, 100_000, places=2).map(str)
FACTOR = st.none() | st.decimals(-100, 1000, places=3).map(str)


@settings(deadline=None)
@given(st.lists(st.tuples(MONEY, FACTOR, FACTOR), min_size=1, max_size=8))
def test_line_items_add_up_to_the_lines_to_the_cent(
    drawn: list[tuple[str, Value, Value]],
) -> None:
    lines = [sale(str(number), *each) for number, each in enumerate(drawn)]
    assert shown_total(invoice(*lines)) == sum(Decimal(amount) for amount, _, _ in drawn)


def test_a_rounded_unit_price_leaves_nothing_unshown() -> None:
    made = header_of(plan(invoice(sale("1", "100", "3", "33.3333333"), total="100")))
    assert made.fields["ledgerbridge_not_in_lines"] == "0.00"


def test_negative_lines_and_discounts_are_no_line_items() -> None:
    lines = (sale("1", "275", "1", "275"), sale("2", "-25", "1", "-25"), discount("3", "50"))
    made = header_of(plan(invoice(*lines, total="200")))
    assert [fields["price"] for fields in shown(*lines)] == ["275"]
    assert made.fields["ledgerbridge_not_in_lines"] == "0.00"
    assert made.fields["ledgerbridge_discount"] == "50"


def test_what_adds_up_to_no_total_is_stated() -> None:
    fields = header_of(plan(invoice(*ONE_LINE, total="297"))).fields
    assert fields["ledgerbridge_not_in_lines"] == "22.00"


def test_shipping_is_a_line_without_an_item() -> None:
    shipping = {
        "SalesItemLineDetail.ItemRef": "SHIPPING_ITEM_ID",
        "SalesItemLineDetail.ItemRef.name": None,
    }
    (line,) = wanted_lines(invoice(sale("1", "10", **shipping)))
    assert (line.fields["name"], line.item_id) == ("Shipping", None)
    assert (line.fields["quantity"], line.fields["price"]) == ("1", "10")


def test_a_line_of_words_is_kept_at_price_zero() -> None:
    (fields,) = shown(text_line("1", "Thank you for your business"))
    assert fields["name"] == fields["description"] == "Thank you for your business"
    assert (fields["quantity"], fields["price"]) == ("1", "0")


def test_a_line_without_words_or_item_has_a_name_all_the_same() -> None:
    bare = Line(id="1", fields={"DetailType": "SalesItemLineDetail", "Amount": "5"})
    assert shown(bare)[0]["name"] == "Line"


def test_an_invoice_without_lines_that_can_be_shown_gets_one_of_price_zero() -> None:
    for lines in ((discount("1", "5"),), (Line(id="1", fields={"DetailType": "SubTotal"}),)):
        (wanted,) = wanted_lines(invoice(*lines))
        assert wanted.key == f"{KEY}:none"
        assert (wanted.fields["name"], wanted.fields["price"]) == ("No lines", "0")
    (wanted,) = wanted_lines(replace(invoice(), lines=()))
    assert wanted.key == f"{KEY}:none"


def test_a_long_name_is_cut_and_the_description_kept() -> None:
    words = "word " * 100
    (fields,) = shown(text_line("1", words))
    assert fields["name"] == words[:TITLE_LENGTH_MAX]
    assert fields["description"] == words


def test_an_amount_that_is_no_number_counts_as_nothing() -> None:
    assert amounts(sale("1", "n/a")) == [("1", "0")]


def test_new_lines_are_made_before_the_invoice_which_names_them() -> None:
    planned = plan(invoice(sale("1", "275", "1", "275"), text_line("2", "Thanks")))
    made, words = lines_of(planned)
    assert [each.kind for each in (made, words)] == [WriteKind.CREATE, WriteKind.CREATE]
    assert {each.stage for each in (made, words)} == {Stage.LINES}
    assert made.stage < header_of(planned).stage
    assert (made.side, made.object_type, made.partner) == (HUBSPOT, "line_items", "130")
    assert made.fields[LINE_KEY] == made.line == FIRST
    assert made.key_field == LINE_KEY
    assert "description" not in made.fields
    (customer,) = words.points
    assert (customer.object_type, customer.gate, customer.into) == ("contacts", True, None)
    assert made.points == (
        customer,
        Pointer(
            object_type="products",
            sync="products",
            partner_id="5",
            into="hs_product_id",
            required=False,
        ),
    )
    named = [each.line for each in header_of(planned).points if each.line]
    assert named == [FIRST, f"{KEY}:2"]


def test_a_line_of_a_product_takes_no_subscription_over_from_it() -> None:
    sold, words = lines_of(plan(invoice(sale("1", "275"), text_line("2", "Thanks"))))
    assert {name: sold.fields[name] for name in RECURRING} == dict.fromkeys(RECURRING, "")
    assert not set(RECURRING) & set(words.fields)


def test_lines_that_an_interrupted_attempt_made_are_not_made_again() -> None:
    record = invoice(sale("1", "275", "1", "275"), sale("2", "10", "1", "10"))
    known = known_lines(record)
    del known[f"{KEY}:2"]
    planned = plan(record, lines=known)
    assert [each.line for each in lines_of(planned)] == [f"{KEY}:2"]
    assert [each.line for each in header_of(planned).points if each.line] == [FIRST, f"{KEY}:2"]


def test_lines_whose_invoice_went_before_its_mirror_was_made_are_withdrawn() -> None:
    record = invoice(sale("1", "275", "1", "275"), text_line("2", "Thanks"))
    begun = Link(id="invoices-1/q130/1", hubspot_id=None, quickbooks_id="130")
    withdrawn = plan_withdrawal("invoices-1", begun, known_lines(record))
    assert [(each.kind, each.record_id) for each in withdrawn] == [
        (WriteKind.ARCHIVE, "70"),
        (WriteKind.ARCHIVE, "71"),
    ]
    assert {each.link for each in withdrawn} == {begun.id}


def test_lines_in_step_cost_nothing() -> None:
    record = invoice(sale("1", "275", "1", "275"), text_line("2", "Thanks"))
    assert plan_changed(record, record) == Planned()


def test_a_changed_line_sends_its_changed_fields_only() -> None:
    before = invoice(sale("1", "275", "1", "275"))
    after = invoice(sale("1", "275", "1", "275", Description="Delivered"))
    (changed,) = plan_changed(before, after).operations
    assert (changed.kind, changed.line, changed.record_id) == (WriteKind.UPDATE, FIRST, "70")
    assert changed.stage == Stage.LINES_AFTER
    assert changed.fields == {"description": "Delivered"}
    assert changed.expected == {"description": None}
    assert changed.covers == ("description",)
    assert changed.sources["@item"] == "5"


def test_a_renamed_item_causes_no_line_update() -> None:
    renamed = {"SalesItemLineDetail.ItemRef.name": "Stone Fountain"}
    before = invoice(sale("1", "275", "1", "275"))
    assert plan_changed(before, invoice(sale("1", "275", "1", "275", **renamed))) == Planned()


def test_another_item_on_a_line_is_a_change() -> None:
    other = {
        "SalesItemLineDetail.ItemRef": "6",
        "SalesItemLineDetail.ItemRef.name": "Pump",
    }
    before = invoice(sale("1", "275", "1", "275"))
    (changed,) = lines_of(plan_changed(before, invoice(sale("1", "275", "1", "275", **other))))
    assert changed.fields == {"name": "Pump", "hs_product_id": None}
    assert [(point.into, point.partner_id) for point in changed.points] == [("hs_product_id", "6")]
    assert changed.sources["@item"] == "6"


def test_a_line_that_was_added_follows_and_points_at_its_invoice() -> None:
    before = invoice(sale("1", "275", "1", "275"))
    after = invoice(sale("1", "275", "1", "275"), text_line("2", "Thanks"))
    (added,) = lines_of(plan_changed(before, after))
    assert (added.kind, added.stage) == (WriteKind.CREATE, Stage.LINES_AFTER)
    assert added.line == f"{KEY}:2"
    assert added.points == (Pointer(object_type="invoices", sync="invoices", partner_id="130"),)


def test_a_line_that_was_removed_is_withdrawn_and_the_others_move_up() -> None:
    before = invoice(text_line("1", "Hello"), text_line("2", "Thanks"))
    after = invoice(text_line("2", "Thanks"))
    moved, gone = lines_of(plan_changed(before, after))
    assert (moved.line, moved.fields) == (f"{KEY}:2", {"hs_position_on_quote": "0"})
    assert (gone.kind, gone.line, gone.record_id) == (WriteKind.ARCHIVE, FIRST, "70")
    assert gone.expected["name"] == "Hello"
