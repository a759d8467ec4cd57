"""Countries and their subdivisions by ISO 3166, from any of their codes and names."""

from __future__ import annotations

from collections import Counter
from functools import cache, lru_cache

import pycountry

RESERVED_CODES = {"uk": "GB"}  # exceptionally reserved in ISO 3166-1 for the same country


def place_key(text: str) -> str:
    """Letters and digits only, case folded: `U.S.A.` and `usa` are one key."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


@lru_cache(maxsize=4096)
def country_code(text: str) -> str | None:
    """The two-letter ISO code of a country given by code or name; None if it is not known."""
    return _countries().get(place_key(text))


@lru_cache(maxsize=4096)
def state_code(country: str, text: str) -> str | None:
    """
    The ISO code (`US-CA`) of a state given by code or name; None if it is not known.

    `country` is a two-letter ISO code. A name that two subdivisions share names neither.
    """
    return _states(country).get(place_key(text))


@cache
def _countries() -> dict[str, str]:
    known = dict(RESERVED_CODES)
    for country in pycountry.countries:
        names = [country.name, getattr(country, "official_name", ""), country.alpha_3]
        names += [getattr(country, "common_name", ""), country.alpha_2]
        known |= {place_key(name): str(country.alpha_2) for name in names if name}
    return known


@cache
def _states(country: str) -> dict[str, str]:
    subdivisions = [each for each in pycountry.subdivisions if each.country_code == country]
    used = Counter(place_key(each.name) for each in subdivisions)
    known = {
        place_key(each.name): str(each.code)
        for each in subdivisions
        if used[place_key(each.name)] == 1
    }
    for each in subdivisions:
        code = str(each.code)
        known[place_key(code.partition("-")[2])] = code
        known[place_key(code)] = code
    return known
