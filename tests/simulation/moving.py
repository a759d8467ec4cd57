"""Where people live and how they are called up: somebody moves, on one side or on both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ledgerbridge.core.model import Side

if TYPE_CHECKING:
    from simulation.people import People

PLACES = (("Boston", "MA"), ("Austin", "TX"), ("Denver", "CO"), ("Portland", "OR"))
SHARED = frozenset(word for place in PLACES for word in place)
"""What more than one address says, so that losing it twice is no telling twice."""


def in_the_books(number: int) -> dict[str, Any]:
    """The address and the phone of one number, as QuickBooks has them."""
    city, state = PLACES[number % len(PLACES)]
    return {
        "BillAddr": {
            "Line1": street(number),
            "City": city,
            "CountrySubDivisionCode": state,
            "PostalCode": f"{10_000 + number}",
            "Country": "US",
        },
        "PrimaryPhone": {"FreeFormNumber": _phone(number)},
    }


def in_hubspot(number: int) -> dict[str, str]:
    """The same as HubSpot has them."""
    city, state = PLACES[number % len(PLACES)]
    return {
        "address": street(number),
        "city": city,
        "state": state,
        "zip": f"{10_000 + number}",
        "country": "United States",
        "phone": _phone(number),
    }


def street(number: int) -> str:
    """The first line of the address of one number."""
    return f"{number} Elm Street"


def _phone(number: int) -> str:
    return f"(555) 01{number % 10}-{1000 + number % 9000}"


def street_of(record: Mapping[str, Any]) -> str | None:
    """The line of an address, of either side, that nobody else wrote."""
    found = record.get("address") or (record.get("BillAddr") or {}).get("Line1")
    return None if found is None else str(found)


def moves(people: People) -> bool:
    """Somebody has a new address and a new phone; now and then both sides hear of two of them."""
    pair = people.any_pair()
    if pair is None:
        return False
    customer, contact = pair
    heard = people.random.choice([(True, False), (False, True), (True, True)])
    if heard[0]:
        move_customer(people, customer)
    if heard[1]:
        people.move((Side.HUBSPOT, contact), people.portal.get("contacts", contact) or {})
        people.portal.update("contacts", contact, in_hubspot(people.serial))
    return True


def move_customer(people: People, customer: str) -> None:
    """The books hear of a new address and a new phone."""
    people.move((Side.QUICKBOOKS, customer), people.company.get("Customer", customer) or {})
    new = in_the_books(people.serial)
    people.company.update("Customer", {"Id": customer, "sparse": True, **new})
