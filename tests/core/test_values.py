from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapping_worlds import CONTEXT

from ledgerbridge.core.schema import FieldType
from ledgerbridge.core.values import (
    Context,
    canonical,
    day_of,
    emails,
    instant_text,
    minor_unit,
    noon,
    parse_bool,
    parse_date,
    parse_instant,
    parse_number,
    text,
    text_key,
)

INSTANTS = st.datetimes(timezones=st.just(UTC)).filter(lambda at: 2 < at.year < 9998)
ZONES = st.sampled_from(["Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York", "UTC"])
SAME = [
    (FieldType.TEXT, "  Jane   Doe ", "Jane Doe"),
    (FieldType.TEXT, "Zoe\u0308", "Zo\u00eb"),
    (FieldType.NAME, "Doe\n", "Doe"),
    (FieldType.EMAIL, " Jane@Example.com", "jane@example.com"),
    (FieldType.EMAIL, "jane@example.com; billing@example.com", "JANE@example.com"),
    (FieldType.PHONE, "(415) 555-2671", "+1 415 555 2671"),
    (FieldType.PHONE, "415.555.2671 ext. 12", "+14155552671x12"),
    (FieldType.PHONE, "415/555-2671", "4155552671"),
    (FieldType.PHONE, "1-2", "12"),
    (FieldType.PHONE, "+44 (0)20 7946 0958", "+442079460958"),
    (FieldType.PHONE, "Ask for Jane!", "ask for jane"),
    (FieldType.URL, "https://Example.com/", "example.com"),
    (FieldType.URL, "HTTP://EXAMPLE.com/Path/", "example.com/Path"),
    (FieldType.NUMBER, "639", "639.0"),
    (FieldType.NUMBER, "6.39E2", "639"),
    (FieldType.MONEY, "10", "10.001"),
    (FieldType.MONEY, "-0.005", "-0.01"),
    (FieldType.DATE, "2026-01-31", "2026-01-31T00:00:00.000Z"),
    (FieldType.DATE, "1769817600000", "2026-01-31"),
    (FieldType.DATETIME, "2026-05-05T02:05:12-07:00", "2026-05-05T09:05:12.000Z"),
    (FieldType.DATETIME, "1777971912000", "2026-05-05T09:05:12Z"),
    (FieldType.BOOL, "true", "Yes"),
    (FieldType.BOOL, "FALSE", "0"),
    (FieldType.CURRENCY, "usd ", "USD"),
    (FieldType.COUNTRY, "USA", "United States"),
    (FieldType.COUNTRY, "Atlantis", "ATLANTIS "),
    (FieldType.STATE, "CA", "California"),
    (FieldType.STATE, "Lower  Nowhere", "lower nowhere"),
]
DIFFERENT = [
    (FieldType.TEXT, "jane", "Jane"),
    (FieldType.ENUM, "PAID", "paid"),
    (FieldType.REFERENCE, "12", "012"),
    (FieldType.EMAIL, "jane@example.com", "joan@example.com"),
    (FieldType.PHONE, "415-555-2671 / 415-555-2672", "415-555-2671 / 415-555-2673"),
    (FieldType.PHONE, "415-555-2671 home", "415-555-2671 work"),
    (FieldType.PHONE, "415-555-2671", "415-555-2671 x5"),
    (FieldType.URL, "example.com/a", "example.com/A"),
    (FieldType.NUMBER, "1", "1.0000001"),
    (FieldType.NUMBER, "1,000", "1000"),
    (FieldType.MONEY, "10.00", "10.01"),
    (FieldType.MONEY, "free", "0"),
    (FieldType.DATE, "2026-01-31", "2026-01-31T08:00:00Z"),
    (FieldType.DATE, "2026-02-30", "2026-03-02"),
    (FieldType.DATETIME, "2026-05-05T02:05:12", "2026-05-05T02:05:12Z"),
    (FieldType.BOOL, "maybe", "no"),
    (FieldType.COUNTRY, "US", "CA"),
    (FieldType.STATE, "CA", "NV"),
]


@pytest.mark.parametrize(("kind", "a", "b"), SAME)
def test_spellings_of_one_value_are_the_same(kind: FieldType, a: str, b: str) -> None:
    assert canonical(kind, a, CONTEXT) == canonical(kind, b, CONTEXT) is not None


@pytest.mark.parametrize(("kind", "a", "b"), DIFFERENT)
def test_different_values_stay_different(kind: FieldType, a: str, b: str) -> None:
    assert canonical(kind, a, CONTEXT) != canonical(kind, b, CONTEXT)


@pytest.mark.parametrize("kind", FieldType)
@pytest.mark.parametrize("blank", [None, "", "  ", "\n\t"])
def test_blank_is_empty_whatever_the_type(kind: FieldType, blank: str | None) -> None:
    assert canonical(kind, blank, CONTEXT) is None


@pytest.mark.parametrize("kind", FieldType)
@given(value=st.text())
def test_only_blank_text_is_empty(kind: FieldType, value: str) -> None:
    assert (canonical(kind, value, CONTEXT) is None) == (not value.strip())


def test_a_phone_without_prefix_belongs_to_the_companys_country() -> None:
    german = Context(time_zone="Europe/Berlin", country="DE", currency="EUR")

    assert canonical(FieldType.PHONE, "030 123456", german) == "+4930123456"


def test_what_only_looks_like_a_phone_compares_by_its_digits() -> None:
    assert canonical(FieldType.PHONE, "(1)", CONTEXT) == "1"
    assert canonical(FieldType.PHONE, "x 12 # 3", CONTEXT) == "x123"
    assert canonical(FieldType.PHONE, "---", CONTEXT) == "---"


@given(value=st.text())
def test_canonical_text_is_stable_and_ignores_composition(value: str) -> None:
    once = text(value)

    assert text(once) == once
    assert text(unicodedata.normalize("NFD", value)) == once


@given(value=st.text(alphabet=st.characters(max_codepoint=0x24F)))
def test_a_text_key_ignores_case_and_spacing(value: str) -> None:
    assert text_key(f"  {value.upper()} ") == text_key(value.upper())
    assert text_key(text_key(value)) == text_key(value)


def test_addresses_in_one_field_are_split_and_the_first_comes_first() -> None:
    shown = "Jane@Example.com, billing@example.com;ap@example.com  last@example.com"

    assert emails(shown) == (
        "jane@example.com",
        "billing@example.com",
        "ap@example.com",
        "last@example.com",
    )
    assert emails(" ,; ") == emails(None) == ()


@given(number=st.decimals(allow_nan=False, allow_infinity=False, places=4, max_value=10**20))
def test_a_number_survives_its_notation(number: Decimal) -> None:
    assert parse_number(f" {number:f} ") == parse_number(f"{number:e}") == number


@pytest.mark.parametrize(
    "word", ["", "NaN", "Infinity", "1_000", "١٢", "1e999", "--1", ".", "1" * 65]
)
def test_what_is_no_number_is_none(word: str) -> None:
    assert parse_number(word) is None


@given(
    digits=st.integers(min_value=0, max_value=10**60),
    exponent=st.integers(min_value=-99, max_value=99),
)
def test_money_of_any_size_can_be_compared(digits: int, exponent: int) -> None:
    amount = f"{digits}e{exponent}"[:64]

    assert isinstance(canonical(FieldType.MONEY, amount, CONTEXT), Decimal)


@pytest.mark.parametrize(
    ("currency", "unit"), [("USD", "0.01"), ("jpy", "1"), ("KWD", "0.001"), ("CLF", "0.0001")]
)
def test_each_currency_has_its_smallest_unit(currency: str, unit: str) -> None:
    assert minor_unit(currency) == Decimal(unit)


def test_yen_have_no_cents() -> None:
    yen = Context(time_zone="Asia/Tokyo", country="JP", currency="JPY")

    assert canonical(FieldType.MONEY, "100.4", yen) == canonical(FieldType.MONEY, "100", yen)


@given(instant=INSTANTS, offset_h=st.integers(min_value=-12, max_value=12))
def test_an_instant_is_read_back_from_any_zone(instant: datetime, offset_h: int) -> None:
    shown = instant.astimezone(timezone(timedelta(hours=offset_h)))

    assert parse_instant(shown.isoformat()) == instant


@given(instant=INSTANTS)
def test_instants_are_written_in_utc_to_the_millisecond(instant: datetime) -> None:
    written = instant_text(instant)
    back = parse_instant(written)

    assert written.endswith("Z")
    assert back == instant.replace(microsecond=instant.microsecond // 1000 * 1000)


@pytest.mark.parametrize(
    "word",
    ["", "yesterday", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"],
)
def test_what_is_no_instant_is_none(word: str) -> None:
    assert parse_instant(word) is None


def test_an_epoch_beyond_the_calendar_is_no_instant() -> None:
    assert parse_instant("999999999999999") is None


@pytest.mark.parametrize(
    "word", ["", "2026-02-30", "20260101", "0001-01-01", "9999-12-31", "2026-01-01T00:00:01Z"]
)
def test_what_is_no_date_is_none(word: str) -> None:
    assert parse_date(word) is None


@given(day=st.dates(min_value=date(2, 1, 1), max_value=date(9998, 12, 31)), zone=ZONES)
def test_noon_falls_on_its_day_in_every_zone(day: date, zone: str) -> None:
    assert day_of(noon(day, zone), zone) == day


def test_noon_in_los_angeles_is_evening_in_utc() -> None:
    assert instant_text(noon(date(2026, 1, 31), "America/Los_Angeles")) == "2026-01-31T20:00:00Z"


def test_words_for_truth_are_few() -> None:
    assert parse_bool(" TRUE ") is True
    assert parse_bool("no") is False
    assert parse_bool("on") is None
