"""Where people live and how they are called up: somebody moves, on one side or on both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledgerbridge.core.model import Side

if TYPE_CHECKING:
    from simulation.people import People

PLACES = (("Boston", "MA"), ("Austin", "TX"), ("Denver", "CO"), ("Portland", "OR"))


def in_the_books(number: int) -> dict[str, Any]:
    """The address and the phone of one number, as QuickBooks has them."""
    city, state = PLACES[number % len(PLACES)]
    return {
        "BillAddr": {
            "Line1": f"{number} Elm Street",
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
        "address": f"{number} Elm Street",
        "city": city,
        "state": state,
        "zip": f"{10_000 + number}",
        "country": "United States",
        "phone": _phone(number),
    }


def _phone(number: int) -> str:
    return f"(555) 01{number % 10}-{1000 + number % 9000}"


def moves(people: People) -> bool:
    """Somebody has a new address and a new phone; now and then both sides hear of two of them."""
    pair = people.any_pair()
    if pair is None:
        return False
    customer, contact = pair
    heard = people.random.choice([(True, False), (False, True), (True, True)])
    if heard[0]:
        people.serial += 1
        new = in_the_books(people.serial)
        people.company.update("Customer", {"Id": customer, "sparse": True, **new})
        people.say(f"moved to {people.serial} Elm Street", (Side.QUICKBOOKS, customer))
    if heard[1]:
        people.serial += 1
        people.portal.update("contacts", contact, in_hubspot(people.serial))
        people.say(f"moved to {people.serial} Elm Street", (Side.HUBSPOT, contact))
    return True
