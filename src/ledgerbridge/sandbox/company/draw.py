"""Drawing people, businesses, addresses, telephone numbers and moments from the word lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import TypeVar

from ledgerbridge.sandbox.company import words
from ledgerbridge.sandbox.company.story import Body, SituationIndex

T = TypeVar("T")

MAIL_DOMAINS = ["example.com", "example.org", "example.net"]
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Person:
    """A person; `latin` is the name as it would stand in an e-mail address."""

    given: str
    family: str
    latin: str

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given} {self.family}"


@dataclass(frozen=True, slots=True)
class Business:
    """A business; `domain` is where its e-mail addresses live."""

    name: str
    domain: str


def cents(amount: Decimal) -> Decimal:
    """Rounded to the cent, half up, as QuickBooks does."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def slug(text: str) -> str:
    """The text as a part of a domain name: `Wren's Cafe` is `wrens-cafe`."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower().replace("'", "")).strip("-")


def iso(moment: datetime) -> str:
    """As HubSpot takes it, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Draw:
    """
    One random source, and what has been taken so far.

    All that is drawn depends on the source and on the order of the calls alone.
    """

    def __init__(self, rng: Random, today: date) -> None:
        self.rng = rng
        self.today = today
        self.situations = SituationIndex()
        self._taken: set[str] = set()

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return self.rng.choice(options)

    def chance(self, share: float) -> bool:
        """True in that share of the cases."""
        return self.rng.random() < share

    def unique(self, text: str) -> str:
        """The text, or the text with the first free number after it (case does not tell apart)."""
        candidate, number = text, 2
        while candidate.casefold() in self._taken:
            candidate, number = f"{text} {number}", number + 1
        self._taken.add(candidate.casefold())
        return candidate

    def is_free(self, text: str) -> bool:
        """Whether no record has taken this name."""
        return text.casefold() not in self._taken

    def person(self) -> Person:
        """Somebody with a name in Latin letters that nobody has yet."""
        while True:
            given, family = self.pick(words.GIVEN), self.pick(words.FAMILY)
            if self.is_free(f"{given} {family}"):
                return Person(given, family, f"{given}.{family}".lower())

    def person_of_other_script(self) -> Person:
        """Somebody whose name needs more than ASCII."""
        given, family, latin_given, latin_family = self.pick(words.PEOPLE_OF_OTHER_SCRIPTS)
        return Person(given, family, f"{latin_given}.{latin_family}")

    def business(self) -> Business:
        """A business with a plain name that nobody has yet."""
        while True:
            stem = f"{self.pick(words.BUSINESS_FIRST)} {self.pick(words.BUSINESS_SECOND)}"
            if self.is_free(f"business {stem}"):
                self.unique(f"business {stem}")
                name = stem + self.pick(words.BUSINESS_FORMS)
                return Business(name, f"{slug(stem)}.example.com")

    def email(self, person: Person, domain: str | None = None) -> str:
        """An address that nobody has, at the domain or at one for private people."""
        local, number = person.latin, 2
        where = domain or self.pick(MAIL_DOMAINS)
        while not self.is_free(f"{local}@{where}"):
            local, number = f"{person.latin}{number}", number + 1
        return self.unique(f"{local}@{where}")

    def phone(self, country: str = "US") -> str:
        """A telephone number of the range for fiction, as someone there writes it; may be ''."""
        if country == "US":
            area, number = self.rng.randint(201, 989), self.rng.randint(100, 199)
            form = self.pick(["({}) 555-0{}", "{}-555-0{}", "+1 {} 555 0{}", "{}.555.0{}"])
            return form.format(area, number)
        return self._filled(self.pick(words.COUNTRIES[country]["phones"]))

    def address(self, country: str = "US") -> Body:
        """A QuickBooks address; fields without a value are left out."""
        house = self.rng.randint(1, 1999)
        if country == "US":
            line = f"{house} {self.pick(words.STREETS)} {self.pick(words.STREET_KINDS)}"
            lines = [line, f"Suite {self.rng.randint(2, 40)}00"] if self.chance(0.15) else [line]
            body = {
                "City": self.pick(words.TOWNS),
                "CountrySubDivisionCode": self.pick(words.STATES),
                "PostalCode": f"{self.rng.randint(80000, 99999)}",
                "Country": self.pick(["USA", "USA", "US", "United States", ""]),
            }
        else:
            form = words.COUNTRIES[country]
            street = self.pick(form["streets"])
            numbered = country in ("DE", "SE", "JP", "MX")
            lines = [f"{street} {house % 200 + 1}" if numbered else f"{house % 200 + 1} {street}"]
            body = {
                "City": self.pick(form["towns"]),
                "CountrySubDivisionCode": self.pick(form["regions"]),
                "PostalCode": self._filled(self.pick(form["postal_codes"])),
                "Country": self.pick(form["names"]),
            }
        numbered_lines = {f"Line{index}": text for index, text in enumerate(lines, 1)}
        return {key: value for key, value in {**numbered_lines, **body}.items() if value}

    def moment(self, day: date) -> datetime:
        """A second of that day in the office hours of the US west coast, in UTC."""
        opening = datetime.combine(day, time(17, 0), UTC)
        return opening + timedelta(seconds=self.rng.randint(0, 6 * 3600))

    def day_between(self, first: date, last: date) -> date:
        """A day between two days, both included; `first` where they are the wrong way round."""
        return first + timedelta(days=self.rng.randint(0, max(0, (last - first).days)))

    def _filled(self, form: str) -> str:
        letters = "ABCEGHJKLMNPRSTVXY"
        return "".join(
            str(self.rng.randint(0, 9))
            if sign == "#"
            else self.rng.choice(letters)
            if sign == "?"
            else sign
            for sign in form
        )
