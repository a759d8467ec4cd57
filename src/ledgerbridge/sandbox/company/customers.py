"""The customers and vendors of the story: a cast that shows every situation, then ordinary ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ledgerbridge.sandbox.company import words
from ledgerbridge.sandbox.company.currency import CURRENCY
from ledgerbridge.sandbox.company.draw import Business, Draw, Person
from ledgerbridge.sandbox.company.story import Body, Entry, existing, ref

TERMS = ["Due on receipt", "Net 15", "Net 30", "Net 60"]
DISPLAY_NAME_LONG = 100
CUSTOMERS_MIN = 60


@dataclass
class CustomerBook:
    """
    The customers and vendors drawn so far, whose e-mail looks different in HubSpot, and of whom
    how many contacts have the name there, but not the e-mail.
    """

    draw: Draw
    customers: list[Entry] = field(default_factory=list)
    vendors: list[Entry] = field(default_factory=list)
    deactivated: list[str] = field(default_factory=list)
    businesses: dict[str, Business] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    email_in_hubspot: dict[str, str] = field(default_factory=dict)
    contacts_like: dict[str, int] = field(default_factory=dict)

    def add(
        self,
        body: Body,
        *situations: str,
        person: Person | None = None,
        parent: Entry | None = None,
    ) -> Entry:
        """Enters a customer; its DisplayName is made unique, and what is evident is noted."""
        body["DisplayName"] = self.draw.unique(body["DisplayName"])
        if parent is not None:
            body |= {"Job": True, "ParentRef": {"value": ref(parent.key)}}
        key = f"customer:{len(self.customers) + 1}"
        at = parent.at + timedelta(seconds=60) if parent else self._entered_at()
        entry = Entry(key, "Customer", body["DisplayName"], body, at)
        self.customers.append(entry)
        if person is not None:
            self.people[key] = person
        for situation in (*situations, *_evident(body)):
            self.draw.situations.add(situation, entry.name)
        return entry

    def _entered_at(self) -> datetime:
        today = self.draw.today
        years = 4 if self.draw.chance(0.75) else 1
        first = today - timedelta(days=365 * years)
        return self.draw.moment(self.draw.day_between(first, today - timedelta(days=10)))


def draw_customers(draw: Draw, count: int) -> CustomerBook:
    """Exactly `count` customers in the order of their entry, parents before jobs, and vendors."""
    book = CustomerBook(draw)
    for _ in range(max(3, count // 40)):
        _vendor(book)
    for recipe, share in CAST:
        for _ in range(max(1, round(count * share))):
            recipe(book)
    while len(book.customers) < count:
        ORDINARY[draw.rng.randrange(len(ORDINARY))](book)
    assert len(book.customers) == count, "the cast is larger than the company"
    book.customers.sort(key=lambda entry: entry.at)
    return book


def body_of_person(draw: Draw, person: Person, **more: object) -> Body:
    """A private customer with an e-mail, a telephone number and an address."""
    return {
        "DisplayName": person.name,
        "GivenName": person.given,
        "FamilyName": person.family,
        "PrimaryEmailAddr": {"Address": draw.email(person)},
        "PrimaryPhone": {"FreeFormNumber": draw.phone()},
        "BillAddr": draw.address(),
        **more,
    }


def body_of_business(draw: Draw, business: Business, person: Person) -> Body:
    """A business customer, known by its name, with the person one writes to."""
    return {
        **body_of_person(draw, person),
        "DisplayName": business.name,
        "CompanyName": business.name[:100],
        "PrimaryEmailAddr": {"Address": draw.email(person, business.domain)},
        "WebAddr": {"URI": f"https://{business.domain}"},
    }


def _evident(body: Body) -> list[str]:
    """The situations that the body alone shows."""
    name = body["DisplayName"]
    country = body.get("BillAddr", {}).get("Country", "")
    shown = {
        "names_in_other_scripts": not name.isascii(),
        "names_with_apostrophe": "'" in name,
        "names_with_ampersand": "&" in name,
        "very_long_names": len(name) > DISPLAY_NAME_LONG,
        "without_email": "PrimaryEmailAddr" not in body,
        "abroad": any(country in form["names"] for form in words.COUNTRIES.values()),
        "with_terms": "SalesTermRef" in body,
        "with_notes": "Notes" in body,
        "sub_customers": "ParentRef" in body,
        "customers_in_another_currency": "CurrencyRef" in body,
    }
    return [situation for situation, holds in shown.items() if holds]


def _person(book: CustomerBook) -> None:
    draw, person = book.draw, book.draw.person()
    body = body_of_person(draw, person)
    if draw.chance(0.3):
        body["Title"] = draw.pick(words.TITLES)
    if draw.chance(0.1):
        body["MiddleName"] = f"{draw.pick(words.GIVEN)[0]}."
    if draw.chance(0.05):
        body["Suffix"] = draw.pick(words.SUFFIXES)
    _sprinkle(draw, body)
    book.add(body, person=person)


def _business(book: CustomerBook) -> None:
    draw, business, person = book.draw, book.draw.business(), book.draw.person()
    body = body_of_business(draw, business, person)
    _sprinkle(draw, body)
    book.businesses[book.add(body, person=person).key] = business


def _sprinkle(draw: Draw, body: Body) -> None:
    """What any customer may have or lack."""
    if draw.chance(0.01):
        del body["PrimaryEmailAddr"]
    if draw.chance(0.12):
        del body["PrimaryPhone"]
    if draw.chance(0.15):
        body["Mobile"] = {"FreeFormNumber": draw.phone()}
    if draw.chance(0.05):
        body["Fax"] = {"FreeFormNumber": draw.phone()}
    if draw.chance(0.25):
        body["SalesTermRef"] = {"value": existing("Term", draw.pick(TERMS))}
    if draw.chance(0.08):
        body["Notes"] = draw.pick(words.NOTES)
    if draw.chance(0.1):
        body["ShipAddr"] = draw.address()


def _vendor(book: CustomerBook) -> None:
    person = book.draw.person()
    name = book.draw.unique(person.name)
    key = f"vendor:{len(book.vendors) + 1}"
    body = {"DisplayName": name, "GivenName": person.given, "FamilyName": person.family}
    book.people[key] = person
    at = book.draw.moment(book.draw.today - timedelta(days=1500))
    book.vendors.append(Entry(key, "Vendor", name, body, at))


def _people_of_one_business(book: CustomerBook) -> None:
    draw, business = book.draw, book.draw.business()
    for _ in range(3):
        person = draw.person()
        body = body_of_business(draw, business, person) | {"DisplayName": person.name}
        entry = book.add(body, "people_of_one_business", person=person)
        book.businesses[entry.key] = business


def _jobs(book: CustomerBook) -> None:
    """A business with a site below it, work below that, and a branch with its own e-mail."""
    draw, business, person = book.draw, book.draw.business(), book.draw.person()
    owner = book.add(body_of_business(draw, business, person), person=person)
    book.businesses[owner.key] = business
    name = {"DisplayName": draw.pick(words.JOBS), "CompanyName": business.name}
    site = book.add(name | {"BillAddr": draw.address()}, "jobs_like_projects", parent=owner)
    work = {"DisplayName": f"{draw.pick(words.JOBS)} {draw.today.year}-{draw.rng.randint(10, 99)}"}
    book.add(work, "sub_customers_two_levels_down", "jobs_like_projects", parent=site)
    clerk = draw.person()
    branch = body_of_business(draw, business, clerk)
    branch["DisplayName"] = f"{business.name} – {draw.pick(words.TOWNS)}"
    book.add(branch, "sub_customers_with_own_email", person=clerk, parent=owner)


def _shared_email(book: CustomerBook) -> None:
    draw, family = book.draw, book.draw.person().family
    address = draw.unique(f"{family.lower()}.household@{draw.pick(['example.org', 'example.net'])}")
    for given in draw.rng.sample(words.GIVEN, 2):
        person = Person(given, family, f"{given}.{family}".lower())
        body = body_of_person(draw, person, PrimaryEmailAddr={"Address": address})
        book.add(body, "shared_email", person=person)


def _several_emails(book: CustomerBook) -> None:
    draw, person = book.draw, book.draw.person()
    body = body_of_person(draw, person)
    first = body["PrimaryEmailAddr"]["Address"]
    both = draw.pick([", ", "; ", ","]).join([first, draw.email(draw.person())])
    body["PrimaryEmailAddr"] = {"Address": both}
    entry = book.add(body, "several_emails_in_one_field", person=person)
    book.email_in_hubspot[entry.key] = first


def _email_in_other_case(book: CustomerBook) -> None:
    draw, person = book.draw, book.draw.person()
    body = body_of_person(draw, person)
    plain = body["PrimaryEmailAddr"]["Address"]
    body["PrimaryEmailAddr"] = {"Address": plain.title()}
    entry = book.add(body, "email_in_other_case", person=person)
    book.email_in_hubspot[entry.key] = plain


def _email_with_spaces(book: CustomerBook) -> None:
    draw, person = book.draw, book.draw.person()
    body = body_of_person(draw, person)
    plain = body["PrimaryEmailAddr"]["Address"]
    body["PrimaryEmailAddr"] = {"Address": f" {plain} "}
    entry = book.add(body, "email_with_spaces", person=person)
    book.email_in_hubspot[entry.key] = plain


def _refused_email(book: CustomerBook) -> None:
    draw, person = book.draw, book.draw.person()
    address = draw.unique(f"{person.latin}@{person.family.lower()}-home.invalid")
    body = body_of_person(draw, person, PrimaryEmailAddr={"Address": address})
    book.add(body, "email_that_hubspot_refuses", person=person)


def _without_email(book: CustomerBook) -> None:
    draw, person = book.draw, book.draw.person()
    body = body_of_person(draw, person, Notes=draw.pick(words.NOTES))
    del body["PrimaryEmailAddr"]
    book.add(body, person=person)


def _of_other_script(book: CustomerBook) -> None:
    draw, person = book.draw, book.draw.person_of_other_script()
    book.add(body_of_person(draw, person), person=person)


def _business_of_other_script(book: CustomerBook) -> None:
    draw, person = book.draw, book.draw.person()
    name, stem = draw.pick(words.BUSINESSES_OF_OTHER_SCRIPTS)
    business = Business(name, f"{stem}.example.com")
    body = body_of_business(draw, business, person) | {"Notes": draw.pick(words.NOTES)}
    book.businesses[book.add(body, person=person).key] = business


def _with_apostrophe(book: CustomerBook) -> None:
    draw = book.draw
    given, family = draw.pick(words.GIVEN), draw.pick(words.FAMILY_WITH_APOSTROPHE)
    person = Person(given, family, f"{given}.{family.replace(chr(39), '')}".lower())
    term = {"value": existing("Term", draw.pick(TERMS))}
    book.add(body_of_person(draw, person, SalesTermRef=term), person=person)


def _with_ampersand(book: CustomerBook) -> None:
    draw, person = book.draw, book.draw.person()
    name = f"{person.family} & {draw.pick(words.FAMILY)} {draw.pick(words.BUSINESS_SECOND)}"
    business = Business(name, f"{person.family.lower()}-and-co.example.com")
    entry = book.add(body_of_business(draw, business, person), person=person)
    book.businesses[entry.key] = business


def _with_long_name(book: CustomerBook) -> None:
    draw, person = book.draw, book.draw.person()
    name = " ".join([draw.pick(words.TOWNS), *words.LONG_NAME_WORDS])
    domain = f"{person.family.lower()}-gardens.example.com"
    book.add(body_of_business(draw, Business(name, domain), person), person=person)


def _abroad(book: CustomerBook) -> None:
    draw, person = book.draw, book.draw.person()
    country = draw.pick(sorted(words.COUNTRIES))
    body = body_of_person(draw, person, BillAddr=draw.address(country))
    if number := draw.phone(country):
        body["PrimaryPhone"] = {"FreeFormNumber": number}
    else:
        del body["PrimaryPhone"]
    book.add(body, person=person)


def _inactive(book: CustomerBook) -> None:
    draw, person = book.draw, book.draw.person()
    entry = book.add(body_of_person(draw, person), "inactive_customers", person=person)
    book.deactivated.append(entry.key)


def _in_another_currency(book: CustomerBook) -> None:
    draw, business, person = book.draw, book.draw.business(), book.draw.person()
    body = body_of_business(draw, business, person)
    body |= {"BillAddr": draw.address("DE"), "CurrencyRef": {"value": CURRENCY}}
    body["PrimaryPhone"] = {"FreeFormNumber": draw.phone("DE")}
    book.businesses[book.add(body, person=person).key] = business


def _known_otherwise(book: CustomerBook) -> None:
    draw, person = book.draw, book.draw.person()
    entry = book.add(body_of_person(draw, person), "customers_known_otherwise", person=person)
    book.contacts_like[entry.key] = 1


def _known_twice(book: CustomerBook) -> None:
    draw, person = book.draw, book.draw.person()
    situations = ("customers_known_otherwise", "customers_known_twice")
    entry = book.add(body_of_person(draw, person), *situations, person=person)
    book.contacts_like[entry.key] = 2


Recipe = Callable[[CustomerBook], None]

# How often each kind of customer occurs, as a share of all, and once at least.
CAST: list[tuple[Recipe, float]] = [
    (_people_of_one_business, 0.0125),
    (_jobs, 0.02),
    (_shared_email, 0.0075),
    (_several_emails, 0.0075),
    (_email_in_other_case, 0.02),
    (_email_with_spaces, 0.01),
    (_refused_email, 0.0075),
    (_without_email, 0.01),
    (_of_other_script, 0.04),
    (_business_of_other_script, 0.015),
    (_with_apostrophe, 0.02),
    (_with_ampersand, 0.015),
    (_with_long_name, 0.005),
    (_abroad, 0.05),
    (_inactive, 0.03),
    (_in_another_currency, 0.0075),
    (_known_otherwise, 0.005),
    (_known_twice, 0.005),
]

# How the rest is drawn; each of these makes one customer.
ORDINARY: list[Recipe] = [_person, _person, _person, _business, _business]
