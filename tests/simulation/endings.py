"""People who archive, restore, merge and deactivate, and let records leave the filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledgerbridge.core.model import Side
from ledgerbridge.sandbox.hubspot import ApiError

if TYPE_CHECKING:
    from simulation.people import People

OUTSIDE = "outside"


def deactivates(people: People) -> bool:
    """A customer becomes inactive."""
    customer = people.any_customer()
    if customer is not None:
        deactivate(people, customer)
    return customer is not None


def deactivate(people: People, customer: str) -> None:
    """This customer becomes inactive."""
    people.company.update("Customer", {"Id": customer, "sparse": True, "Active": False})
    people.deactivated.add(customer)
    people.say("made it inactive", (Side.QUICKBOOKS, customer))


def archives(people: People) -> bool:
    """A contact goes to the recycle bin, with what was written in it."""
    contact = people.any_contact()
    if contact is None or people.random.random() < 0.5:
        return False
    archive(people, contact)
    return True


def archive(people: People, contact: str) -> None:
    """This contact goes to the recycle bin."""
    people.sees_go("hubspot", contact)
    people.portal.archive("contacts", contact)
    people.removed.add(("contacts", contact))
    people.say("archived it", (Side.HUBSPOT, contact))


def merges_contacts(people: People) -> bool:
    """Two contacts become one; who does it sees the values that give way."""
    ids = [c["hs_object_id"] for c in people.portal.all("contacts")]
    if len(ids) < 2 or people.random.random() < 0.5:
        return False
    merge_contacts(people, *people.random.sample(ids, 2))
    return True


def merge_contacts(people: People, primary: str, other: str) -> None:
    """The other contact is merged into the primary one."""
    people.sees_go("hubspot", other)
    # Its history goes with it, and with that what would tell of an edit that we overwrote unseen.
    went = {other} | people.took_in.get(other, set())
    people.replaced |= {x for x, (_, record, _) in people.written.items() if record in went}
    people.replaced |= {x for x, (_, record) in people.streets.items() if record in went}
    survivor = people.portal.merge("contacts", primary, other)["hs_object_id"]
    people.removed |= {("contacts", x) for x in (primary, other) if x != survivor}
    people.took_in[survivor] = went | {primary} | people.took_in.get(primary, set())
    people.made.setdefault("contacts", set()).add(survivor)
    people.merged.append(("hubspot", survivor))
    words = f"merged {other} into {primary}, and {survivor} was left"
    people.say(words, *((Side.HUBSPOT, one) for one in dict.fromkeys((primary, other, survivor))))


def merges_customers(people: People) -> bool:
    """Two customers become one in QuickBooks."""
    ids = [c["Id"] for c in people.company.all("Customer") if c.get("Active", True)]
    if len(ids) < 2 or people.random.random() < 0.5:
        return False
    merge_customers(people, *people.random.sample(ids, 2))
    return True


def merge_customers(people: People, survivor: str, loser: str) -> None:
    """The loser is merged into the survivor."""
    people.sees_go("quickbooks", loser)
    people.company.merge("Customer", survivor, loser)
    people.removed.add(("Customer", loser))
    people.merged.append(("quickbooks", survivor))
    words = f"merged {loser} into {survivor}"
    people.say(words, (Side.QUICKBOOKS, survivor), (Side.QUICKBOOKS, loser))


def restores(people: People) -> bool:
    """An archived contact is taken out of the recycle bin."""
    ids = sorted(x for kind, x in people.removed if kind == "contacts")
    for contact in people.random.sample(ids, len(ids)):
        try:
            people.portal.restore("contacts", contact)
        except ApiError:
            continue
        # An id that a merge took away stands for the survivor.
        restored = (people.portal.get("contacts", contact) or {}).get("hs_object_id")
        people.removed.discard(("contacts", str(restored)))
        people.restored.add(str(restored))
        people.say(f"restored {contact}", (Side.HUBSPOT, str(restored)))
        return True
    return False


def leaves_or_comes_back(people: People) -> bool:
    """A customer leaves the filter of contacts, or comes back into it."""
    customer = people.any_customer()
    if customer is None:
        return False
    out = (people.company.get("Customer", customer) or {}).get("Notes") == OUTSIDE
    place(people, customer, inside=out)
    return True


def place(people: People, customer: str, *, inside: bool) -> None:
    """This customer is in the filter of contacts from now on, or out of it."""
    notes = "" if inside else OUTSIDE
    people.company.update("Customer", {"Id": customer, "sparse": True, "Notes": notes})
    people.say(f"put it {'inside' if inside else 'outside'}", (Side.QUICKBOOKS, customer))
