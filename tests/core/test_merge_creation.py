from __future__ import annotations

from mapping_worlds import compiled, typed

from ledgerbridge.core.mapping import Direction, When
from ledgerbridge.core.merge import Patch, creation
from ledgerbridge.core.model import Record, Side, Value
from ledgerbridge.core.schema import Field, FieldType, Writable

HUBSPOT, QUICKBOOKS = Side.HUBSPOT, Side.QUICKBOOKS


def customer(value: Value) -> Record:
    """A QuickBooks record with the one field that `typed` maps."""
    return Record("Customer", "12", "0", {"Theirs": value})


def test_a_new_record_carries_what_its_source_shows_and_both_images_are_its_base() -> None:
    patch, problems = creation(HUBSPOT, customer("Acme"), [typed(FieldType.TEXT)])
    assert patch == Patch(fields={"ours": "Acme"}, covers=("ours",), sources={"Theirs": "Acme"})
    assert problems == ()


def test_a_blank_is_not_sent_but_has_a_base_so_that_filling_it_later_is_an_edit() -> None:
    patch, _ = creation(HUBSPOT, customer(None), [typed(FieldType.TEXT)])
    assert patch == Patch(fields={}, covers=("ours",), sources={"Theirs": None})


def test_a_price_of_zero_is_not_sent() -> None:
    price = typed(FieldType.MONEY, zero_is_blank=True)
    patch, _ = creation(HUBSPOT, customer("0"), [price])
    assert patch == Patch(fields={}, covers=("ours",), sources={"Theirs": "0"})


def test_a_value_for_creation_only_is_sent_and_a_blank_one_forgotten() -> None:
    once = typed(FieldType.TEXT, when=When.ON_CREATE)
    assert creation(HUBSPOT, customer("live"), [once])[0].fields == {"ours": "live"}
    assert creation(HUBSPOT, customer(None), [once])[0] == Patch()


def test_a_mapping_of_the_other_direction_takes_no_part() -> None:
    back = typed(FieldType.TEXT, direction=Direction.TO_QUICKBOOKS)
    assert creation(HUBSPOT, customer("Acme"), [back]) == (Patch(), ())


def test_a_field_that_can_be_written_at_creation_only_is_written_then() -> None:
    ours = Field(name="ours")
    currency = compiled(ours, Field(name="CurrencyRef", writable=Writable.ON_CREATE))
    never = compiled(ours, Field(name="Balance", writable=Writable.NEVER))
    contact = Record("contacts", "1", "v1", {"ours": "USD"})
    patch, _ = creation(QUICKBOOKS, contact, [currency, never])
    assert patch.fields == {"CurrencyRef": "USD"}


def test_what_cannot_go_is_named_left_out_and_has_no_base() -> None:
    short = compiled(Field(name="ours", length_max=3), Field(name="Theirs"))
    patch, problems = creation(HUBSPOT, customer("Acme"), [short])
    assert patch == Patch()
    assert [(each.code, each.field) for each in problems] == [("too_long", "ours")]
