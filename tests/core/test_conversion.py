from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapping_worlds import compiled, typed

from ledgerbridge.core.conversion import CONVERTERS, Unconvertible
from ledgerbridge.core.mapping import Direction
from ledgerbridge.core.model import Side, Value
from ledgerbridge.core.schema import Field, FieldType

HUBSPOT, QUICKBOOKS = Side.HUBSPOT, Side.QUICKBOOKS
TO_QUICKBOOKS = Direction.TO_QUICKBOOKS


def sent(kind: FieldType, to: FieldType, value: str) -> Value | Unconvertible:
    """What QuickBooks would be asked to store for a HubSpot value."""
    mapping = typed(kind, to, direction=TO_QUICKBOOKS)
    converted = mapping.convert(QUICKBOOKS, {"ours": value}, None)
    return converted if isinstance(converted, Unconvertible) else converted["Theirs"]


def refused(value: Value | Unconvertible | dict[str, Value]) -> Unconvertible:
    """The reason why it cannot travel."""
    assert isinstance(value, Unconvertible)
    return value


@pytest.mark.parametrize(
    ("kind", "to", "value", "stored"),
    [
        (FieldType.TEXT, FieldType.TEXT, "  as typed ", "  as typed "),
        (FieldType.NAME, FieldType.NAME, " Jane ", "Jane"),
        (FieldType.EMAIL, FieldType.EMAIL, "Jane@Example.com", "Jane@Example.com"),
        (FieldType.PHONE, FieldType.PHONE, "(415) 555-2671", "(415) 555-2671"),
        (FieldType.URL, FieldType.URL, "Example.com", "Example.com"),
        (FieldType.NUMBER, FieldType.NUMBER, "1.5e3", "1500"),
        (FieldType.MONEY, FieldType.NUMBER, "10.00", "10.00"),
        (FieldType.DATE, FieldType.DATE, "2026-01-31T00:00:00Z", "2026-01-31"),
        (FieldType.DATE, FieldType.DATETIME, "2026-01-31", "2026-01-31T20:00:00Z"),
        (FieldType.DATETIME, FieldType.DATE, "2026-02-01T07:59:59Z", "2026-01-31"),
        (FieldType.DATETIME, FieldType.DATETIME, "1777971912345", "2026-05-05T09:05:12.345Z"),
        (FieldType.BOOL, FieldType.BOOL, "Yes", "true"),
        (FieldType.ENUM, FieldType.BOOL, "no", "false"),
        (FieldType.CURRENCY, FieldType.CURRENCY, "usd", "USD"),
        (FieldType.ENUM, FieldType.ENUM, "paid", "paid"),
        (FieldType.COUNTRY, FieldType.COUNTRY, "Canada ", "Canada"),
        (FieldType.REFERENCE, FieldType.TEXT, "12", "12"),
    ],
)
def test_a_value_is_stored_as_typed_in_the_form_of_its_target(
    kind: FieldType, to: FieldType, value: str, stored: str
) -> None:
    assert sent(kind, to, value) == stored


@pytest.mark.parametrize(
    ("kind", "to", "value"),
    [
        (FieldType.NUMBER, FieldType.MONEY, "1,000"),
        (FieldType.DATE, FieldType.DATE, "31.01.2026"),
        (FieldType.DATE, FieldType.DATETIME, "soon"),
        (FieldType.DATETIME, FieldType.DATE, "2026-01-31"),
        (FieldType.DATETIME, FieldType.DATETIME, "2026-01-31T10:00"),
        (FieldType.BOOL, FieldType.BOOL, "perhaps"),
    ],
)
def test_a_value_that_is_not_what_its_type_says_is_refused(
    kind: FieldType, to: FieldType, value: str
) -> None:
    reason = refused(sent(kind, to, value))

    assert reason.code == "invalid_value"
    assert reason.field == "Theirs"
    assert value not in reason.message


@pytest.mark.parametrize("pair", CONVERTERS)
@given(value=st.text())
def test_no_text_makes_a_converter_fail(pair: tuple[FieldType, FieldType], value: str) -> None:
    converted = sent(*pair, value)

    assert converted is None or isinstance(converted, str | Unconvertible)


@pytest.mark.parametrize("pair", CONVERTERS)
@given(value=st.text())
def test_what_was_written_is_not_converted_to_something_else_again(
    pair: tuple[FieldType, FieldType], value: str
) -> None:
    once = sent(*pair, value)
    if isinstance(once, str):
        assert sent(pair[1], pair[1], once) == once or pair[1] is FieldType.REFERENCE


def test_every_type_can_be_shown_as_text() -> None:
    assert all((kind, FieldType.TEXT) in CONVERTERS for kind in FieldType)
    assert (FieldType.TEXT, FieldType.NUMBER) not in CONVERTERS


def test_text_that_is_too_long_is_refused_with_its_length_and_the_way_out() -> None:
    mapping = compiled(Field(name="salutation"), Field(name="Title", length_max=16))
    reason = refused(mapping.convert(QUICKBOOKS, {"salutation": "x" * 17}, None))

    assert reason.code == "too_long"
    assert reason.field == "Title"
    assert reason.message == "salutation has 17 characters, Title takes at most 16."
    assert "`truncate` in the mapping 'tested'" in reason.remedy


@given(value=st.text(min_size=1).filter(str.strip), limit=st.integers(min_value=1, max_value=8))
def test_truncated_text_always_fits(value: str, limit: int) -> None:
    mapping = compiled(Field(name="a"), Field(name="B", length_max=limit), truncate=True)
    converted = mapping.convert(QUICKBOOKS, {"a": value}, None)

    assert isinstance(converted, dict)
    assert value.startswith(converted["B"] or "")
    assert len(converted["B"] or "") <= limit


def test_a_phone_number_is_never_cut() -> None:
    field = Field(name="Phone", type=FieldType.PHONE, length_max=5)
    mapping = compiled(Field(name="phone", type=FieldType.PHONE), field, truncate=True)
    reason = refused(mapping.convert(QUICKBOOKS, {"phone": "415-555-2671"}, None))

    assert reason.code == "too_long"
    assert "truncate" not in reason.remedy


@pytest.mark.parametrize("name", ["Acme: East", "Acme\tEast", "Acme\nEast"])
def test_quickbooks_takes_no_colon_tab_or_line_break_in_a_name(name: str) -> None:
    mapping = typed(FieldType.NAME)
    reason = refused(mapping.convert(QUICKBOOKS, {"ours": name}, None))

    assert reason.code == "invalid_characters"
    assert mapping.convert(HUBSPOT, {"Theirs": name}, None) == {"ours": name}


def test_an_unknown_option_is_refused_by_its_name() -> None:
    field = Field(name="hs_currency", type=FieldType.ENUM, options=("USD", "EUR"))
    mapping = compiled(field, Field(name="CurrencyRef", type=FieldType.CURRENCY))
    reason = refused(mapping.convert(HUBSPOT, {"CurrencyRef": "GBP"}, None))

    assert reason.code == "unknown_option"
    assert reason.message == "'GBP' is not among the options of hs_currency."
    assert mapping.convert(HUBSPOT, {"CurrencyRef": "eur"}, None) == {"hs_currency": "EUR"}


@pytest.mark.parametrize(
    ("kind", "to", "options", "value", "chosen"),
    [
        (FieldType.BOOL, FieldType.ENUM, ("No", "Yes"), "true", "Yes"),
        (FieldType.COUNTRY, FieldType.ENUM, ("CA", "US"), "United States", "US"),
        (FieldType.TEXT, FieldType.COUNTRY, ("Canada", "United States"), "usa", "United States"),
        (FieldType.STATE, FieldType.STATE, ("CA", "NV"), "Nevada", "NV"),
        (FieldType.ENUM, FieldType.ENUM, ("paid", "open"), "open", "open"),
    ],
)
def test_the_targets_own_spelling_of_an_option_is_chosen(
    kind: FieldType, to: FieldType, options: tuple[str, ...], value: str, chosen: str
) -> None:
    theirs = Field(name="Theirs", type=to, options=options)
    mapping = compiled(Field(name="ours", type=kind), theirs, direction=TO_QUICKBOOKS)

    assert mapping.convert(QUICKBOOKS, {"ours": value}, None) == {"Theirs": chosen}


def test_options_of_an_enumeration_are_exact() -> None:
    theirs = Field(name="Theirs", type=FieldType.ENUM, options=("paid", "open"))
    mapping = compiled(Field(name="ours", type=FieldType.ENUM), theirs)

    assert refused(mapping.convert(QUICKBOOKS, {"ours": "Paid"}, None)).code == "unknown_option"


EMAIL = typed(FieldType.EMAIL)


@pytest.mark.parametrize(
    ("ours", "shown", "stored"),
    [
        ("new@example.com", None, "new@example.com"),
        ("new@example.com", "old@example.com", "new@example.com"),
        ("new@example.com", "old@example.com; ap@example.com", "new@example.com, ap@example.com"),
        ("AP@example.com", "old@example.com ap@example.com", "AP@example.com"),
        (None, "old@example.com, ap@example.com", "ap@example.com"),
        (None, "old@example.com", None),
        (None, None, None),
    ],
)
def test_only_the_persons_own_address_is_replaced_in_a_list(
    ours: str | None, shown: str | None, stored: str | None
) -> None:
    assert EMAIL.convert(QUICKBOOKS, {"ours": ours}, {"Theirs": shown}) == {"Theirs": stored}


def test_of_several_addresses_hubspot_gets_the_first() -> None:
    several = {"Theirs": "Jane@Example.com, ap@example.com"}

    assert EMAIL.convert(HUBSPOT, several, None) == {"ours": "Jane@Example.com"}
    assert EMAIL.convert(HUBSPOT, several, {"ours": "x@example.com"}) == {
        "ours": "Jane@Example.com"
    }


def test_what_is_clearly_no_address_is_refused() -> None:
    assert refused(EMAIL.convert(HUBSPOT, {"Theirs": "none"}, None)).code == "invalid_email"
    assert refused(EMAIL.convert(HUBSPOT, {"Theirs": " ; "}, None)).code == "invalid_email"
    assert refused(EMAIL.convert(QUICKBOOKS, {"ours": "jane@home"}, None)).code == "invalid_email"
    assert EMAIL.convert(HUBSPOT, {"Theirs": "jane@home"}, None) == {"ours": "jane@home"}


def test_a_list_of_addresses_that_no_longer_fits_is_refused() -> None:
    theirs = Field(name="Theirs", type=FieldType.EMAIL, length_max=30)
    mapping = compiled(Field(name="ours", type=FieldType.EMAIL), theirs, truncate=True)
    shown = {"Theirs": "a@example.com, b@example.com"}
    reason = refused(mapping.convert(QUICKBOOKS, {"ours": "longer@example.com"}, shown))

    assert reason.code == "too_long"
