"""Plain customers in any number, for measurements: all alike, and no two the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from ledgerbridge.sandbox.company import words
from ledgerbridge.sandbox.company.draw import MAIL_DOMAINS
from ledgerbridge.sandbox.company.story import Body
from ledgerbridge.sandbox.quickbooks import Company

# The telephone numbers for fiction end here: 789 area codes with a hundred numbers each.
BULK_MAX = 78_900
AREA_FIRST, NUMBERS_IN_AREA = 201, 100
FIRST_AT = datetime(2024, 1, 1, 17, tzinfo=UTC)


def bulk(customers: int, seed: int) -> Iterator[Body]:
    """
    That many customer bodies, one after the other, each with its own name, e-mail, telephone
    number and address, and a MetaData.CreateTime one second after the one before.

    Raises ValueError for more than BULK_MAX.
    """
    if customers > BULK_MAX:
        raise ValueError(f"there are telephone numbers for {BULK_MAX} customers, not {customers}")
    rng = Random(seed)
    given, family = _shuffled(rng, words.GIVEN), _shuffled(rng, words.FAMILY)
    streets, towns = _shuffled(rng, words.STREETS), _shuffled(rng, words.TOWNS)
    for index in range(customers):
        rest, first = divmod(index, len(given))
        generation, last = divmod(rest, len(family))
        initial = f"{chr(ord('A') + generation - 1)}. " if generation else ""
        area, number = divmod(index, NUMBERS_IN_AREA)
        local = f"{given[first]}.{family[last]}.{index}".lower()
        at = (FIRST_AT + timedelta(seconds=index)).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield {
            "DisplayName": f"{given[first]} {initial}{family[last]}",
            "GivenName": given[first],
            "FamilyName": family[last],
            "PrimaryEmailAddr": {"Address": f"{local}@{MAIL_DOMAINS[index % 3]}"},
            "PrimaryPhone": {"FreeFormNumber": f"({AREA_FIRST + area}) 555-01{number:02}"},
            "BillAddr": {
                "Line1": f"{index + 1} {streets[index % len(streets)]} Street",
                "City": towns[index % len(towns)],
                "CountrySubDivisionCode": words.STATES[index % len(words.STATES)],
                "PostalCode": f"{80000 + index % 20000}",
                "Country": "USA",
            },
            "MetaData": {"CreateTime": at},
        }


def load_bulk(company: Company, customers: int, seed: int) -> None:
    """Enters `bulk` customers, each at its CreateTime."""
    for body in bulk(customers, seed):
        at = datetime.fromisoformat(body["MetaData"]["CreateTime"])
        company.create("Customer", body, at=at)


def _shuffled(rng: Random, listed: list[str]) -> list[str]:
    return rng.sample(listed, len(listed))
