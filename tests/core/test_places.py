from __future__ import annotations

import pytest

from ledgerbridge.core.places import country_code, state_code


@pytest.mark.parametrize(
    "text", ["US", "us", "USA", "U.S.A.", "United States", " United States of America "]
)
def test_a_country_is_known_by_any_of_its_codes_and_names(text: str) -> None:
    assert country_code(text) == "US"


def test_a_common_name_is_as_good_as_the_formal_one() -> None:
    assert country_code("Taiwan") == country_code("Taiwan, Province of China") == "TW"


def test_uk_is_the_united_kingdom() -> None:
    assert country_code("UK") == country_code("United Kingdom") == "GB"


@pytest.mark.parametrize("text", ["", "Atlantis", "Unite", "..."])
def test_what_is_no_country_is_not_guessed(text: str) -> None:
    assert country_code(text) is None


@pytest.mark.parametrize("text", ["CA", "ca", "California", "US-CA", " california "])
def test_a_state_is_known_by_its_codes_and_name(text: str) -> None:
    assert state_code("US", text) == "US-CA"


def test_a_state_belongs_to_its_country() -> None:
    assert state_code("CA", "ON") == "CA-ON"
    assert state_code("US", "ON") is None
    assert state_code("ZZ", "ON") is None


def test_a_name_that_two_subdivisions_share_names_neither() -> None:
    assert state_code("BD", "Dhaka") is None
    assert state_code("BD", "13") == "BD-13"
    assert state_code("BD", "C") == "BD-C"
