from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from mapping_worlds import ADDRESS, BILL_ADDRESS, LINES, address

from ledgerbridge.core.conversion import Unconvertible
from ledgerbridge.core.model import Side, Value

MAPPING = address()
HUBSPOT, QUICKBOOKS = Side.HUBSPOT, Side.QUICKBOOKS
SHOWN: dict[str, Value] = {
    "BillAddr.Line1": "12 Main St",
    "BillAddr.Line2": "Apt 4",
    "BillAddr.City": "Bayshore",
    "BillAddr.CountrySubDivisionCode": "CA",
    "BillAddr.PostalCode": "94326",
    "BillAddr.Country": "USA",
}
OURS: dict[str, Value] = {
    "address": "12 main st\nApt 4",
    "city": "Bayshore",
    "state": "California",
    "zip": "94326",
    "country": "United States",
}
PARTS = st.none() | st.text(max_size=12)
ANY_HUBSPOT = st.fixed_dictionaries(dict.fromkeys(ADDRESS, PARTS))
ANY_QUICKBOOKS = st.fixed_dictionaries(dict.fromkeys(BILL_ADDRESS, PARTS))


def to_quickbooks(ours: dict[str, Value], shown: dict[str, Value] | None) -> dict[str, Value]:
    """What QuickBooks would be asked to store."""
    converted = MAPPING.convert(QUICKBOOKS, ours, shown)
    assert isinstance(converted, dict)
    return converted


def test_lines_are_joined_for_hubspot() -> None:
    assert MAPPING.convert(HUBSPOT, SHOWN, None) == {
        "address": "12 Main St, Apt 4",
        "city": "Bayshore",
        "state": "CA",
        "zip": "94326",
        "country": "USA",
    }


def test_a_street_comes_back_as_one_line_and_clears_the_others() -> None:
    written = to_quickbooks(OURS, {**SHOWN, "BillAddr.Line1": "1 Elm St"})

    assert [written[name] for name in LINES] == ["12 main st, Apt 4", None, None, None, None]


def test_case_spacing_line_breaks_and_spellings_of_places_are_no_difference() -> None:
    assert MAPPING.agree(OURS, SHOWN)
    assert MAPPING.same(QUICKBOOKS, SHOWN, {**SHOWN, "BillAddr.PostalCode": "94 326"})


def test_another_part_is_another_address() -> None:
    for name, value in (("address", "13 Main St"), ("city", "Reno"), ("state", "NV")):
        assert not MAPPING.agree({**OURS, name: value}, SHOWN)
    for name, value in (("zip", "94327"), ("country", "Canada")):
        assert not MAPPING.agree({**OURS, name: value}, SHOWN)


def test_what_says_the_same_keeps_the_spelling_of_the_target() -> None:
    written = to_quickbooks({**OURS, "city": "Reno"}, SHOWN)

    assert written == {**dict.fromkeys(BILL_ADDRESS), **SHOWN, "BillAddr.City": "Reno"}


def test_a_state_without_a_country_is_one_of_the_companys_country() -> None:
    assert MAPPING.agree({"state": "nevada"}, {"BillAddr.CountrySubDivisionCode": "NV"})


def test_a_state_belongs_to_the_country_of_the_address() -> None:
    perth = {"BillAddr.CountrySubDivisionCode": "WA", "BillAddr.Country": "Australia"}

    assert MAPPING.agree({"state": "Western Australia", "country": "AU"}, perth)
    assert not MAPPING.agree({"state": "Washington", "country": "AU"}, perth)


def test_an_address_without_any_part_is_empty() -> None:
    assert MAPPING.empty(QUICKBOOKS, {"BillAddr.Line3": "  ", "BillAddr.City": None})
    assert not MAPPING.empty(QUICKBOOKS, {"BillAddr.Line3": "x"})
    assert to_quickbooks({}, SHOWN) == dict.fromkeys(BILL_ADDRESS)
    assert to_quickbooks({}, None) == dict.fromkeys(BILL_ADDRESS)


def test_a_street_that_is_too_long_holds_the_whole_address() -> None:
    converted = address(length_max=10).convert(QUICKBOOKS, OURS, None)

    assert isinstance(converted, Unconvertible)
    assert (converted.code, converted.field) == ("too_long", "BillAddr.Line1")


def test_a_part_that_is_too_long_is_named_on_both_sides() -> None:
    ours = {"address": "1 Elm", "city": "Bayshore-on-the-Hill"}
    converted = address(length_max=10).convert(QUICKBOOKS, ours, None)

    assert isinstance(converted, Unconvertible)
    assert converted.message == "city has 20 characters, BillAddr.City takes at most 10."


def test_a_truncated_address_still_agrees_with_what_was_written() -> None:
    cutting = address(length_max=10, truncate=True)
    converted = cutting.convert(QUICKBOOKS, OURS, None)

    assert isinstance(converted, dict)
    assert converted["BillAddr.Line1"] == "12 main st"
    assert cutting.agree(OURS, converted)


@given(ours=ANY_HUBSPOT, shown=st.none() | ANY_QUICKBOOKS)
def test_what_was_written_to_quickbooks_agrees(
    ours: dict[str, Value], shown: dict[str, Value] | None
) -> None:
    assert MAPPING.agree(ours, to_quickbooks(ours, shown))


@given(theirs=ANY_QUICKBOOKS, shown=st.none() | ANY_HUBSPOT)
def test_what_was_written_to_hubspot_agrees(
    theirs: dict[str, Value], shown: dict[str, Value] | None
) -> None:
    converted = MAPPING.convert(HUBSPOT, theirs, shown)

    assert isinstance(converted, dict)
    assert MAPPING.agree(converted, theirs)
