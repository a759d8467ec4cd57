"""
How much speaks for two records being one person, beyond their key and e-mail
(business-rules.md, who is whom).

What is found here is only ever proposed to a person: names are no proof.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ledgerbridge.core.values import text_key

PROPOSED_FROM = 60
"""Points from which a pair is proposed. A name alone stays below it, with a second fact it is."""


class Likeness(Struct, frozen=True, kw_only=True):
    """What is compared of one record, in comparison form; empty where there is nothing."""

    name: str = ""
    company: str = ""
    phones: frozenset[str] = frozenset()
    street: str = ""
    postal_code: str = ""


class Evidence(Struct, frozen=True, kw_only=True):
    """What speaks for a pair: the points, and each fact with its own."""

    points: int
    facts: tuple[str, ...]

    @property
    def proposes(self) -> bool:
        """Whether a person should look at this pair."""
        return self.points >= PROPOSED_FROM

    def told(self) -> str:
        """In words: `same name (40), same phone (40): 80 points`."""
        return f"{', '.join(self.facts)}: {self.points} points"


FACTS = (("name", 40), ("company", 25), ("phone", 40), ("address", 25))


def weigh(ours: Likeness, theirs: Likeness) -> Evidence:
    """What two records have in common, fact by fact."""
    address = ours.street + ours.postal_code
    same = {
        "name": bool(ours.name) and ours.name == theirs.name,
        "company": bool(ours.company) and ours.company == theirs.company,
        "phone": bool(ours.phones & theirs.phones),
        "address": bool(address) and address == theirs.street + theirs.postal_code,
    }
    found = [(fact, points) for fact, points in FACTS if same[fact]]
    return Evidence(
        points=sum(points for _, points in found),
        facts=tuple(f"same {fact} ({points})" for fact, points in found),
    )


def likeness(
    *, names: Sequence[str], company: str, phones: Sequence[str], street: str, postal_code: str
) -> Likeness:
    """The comparison form of what a record shows; phones compare by their last nine digits."""
    digits = ("".join(x for x in one if x.isdigit()) for one in phones)
    return Likeness(
        name=text_key(" ".join(name for name in names if name)),
        company=text_key(company.replace(".", "").replace(",", " ")),
        phones=frozenset(one[-PHONE_DIGITS:] for one in digits if len(one) >= PHONE_DIGITS_MIN),
        street=text_key(street),
        postal_code=text_key(postal_code),
    )


PHONE_DIGITS, PHONE_DIGITS_MIN = 9, 7
