"""The contacts and companies of the story: a portal that overlaps with the books in part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ledgerbridge.sandbox.company import words
from ledgerbridge.sandbox.company.customers import CustomerBook
from ledgerbridge.sandbox.company.draw import Business, Draw, Person
from ledgerbridge.sandbox.company.story import Body, Entry

MATCHING_SHARE = 0.6
COMPANY_SHARE = 0.17
# These reach the other side only as one value.
ADDRESS = ["address", "city", "state", "zip", "country"]
SALUTATION_TOO_LONG = "Her Excellency the Ambassador"


@dataclass
class PortalBook:
    """
    The portal drawn so far; `contact_of` pairs it with the customers by key, `leads` are contacts
    whom the books do not know at all.
    """

    draw: Draw
    contacts: list[Entry] = field(default_factory=list)
    companies: list[Entry] = field(default_factory=list)
    contact_of: dict[str, str] = field(default_factory=dict)
    qualifying: dict[str, list[str]] = field(default_factory=lambda: {"invoice": [], "payment": []})
    company_of: dict[str, str] = field(default_factory=dict)
    leads: set[str] = field(default_factory=set)

    def add(self, body: Body, at: datetime, business: Business | None = None) -> Entry:
        """Enters a contact, associated with the company of its business where there is one."""
        key = f"contact:{len(self.contacts) + 1}"
        name = body.get("email") or f"{body['firstname']} {body['lastname']}"
        company = self.company_of.get(business.domain) if business else None
        associations = (("companies", company),) if company else ()
        entry = Entry(key, "contacts", name, body, at, associations)
        self.contacts.append(entry)
        if company is not None:
            company_name = next(each.name for each in self.companies if each.key == company)
            self.draw.situations.add("companies", company_name)
        return entry

    def recently(self) -> datetime:
        """A moment of the last 18 months, yesterday at the latest."""
        today = self.draw.today
        first, last = today - timedelta(days=540), today - timedelta(days=2)
        return self.draw.moment(self.draw.day_between(first, last))


def draw_contacts(draw: Draw, count: int, book: CustomerBook) -> PortalBook:
    """Exactly `count` contacts, and the companies of some businesses."""
    portal = PortalBook(draw)
    matching = _matching(draw, round(count * MATCHING_SHARE), book)
    _add_companies(portal, book, matching, round(count * COMPANY_SHARE))
    for customer in matching:
        _add_matching(portal, book, customer)
    for key, contacts in book.contacts_like.items():
        customer = next(entry for entry in book.customers if entry.key == key)
        for _ in range(contacts):
            _add_alike(portal, customer)
    _note_new_businesses(portal, book)
    _add_qualifying(portal, book, count)
    for _ in range(max(2, count // 25)):
        person = draw.person()
        properties = _lead(draw, person)
        del properties["email"]
        draw.situations.add(
            "contacts_without_email", portal.add(properties, portal.recently()).name
        )
    while len(portal.contacts) < count:
        entry = portal.add(_lead(draw, draw.person()), portal.recently())
        draw.situations.add("contacts_that_do_not_qualify", entry.name)
        portal.leads.add(entry.key)
    return portal


def _add_alike(portal: PortalBook, customer: Entry) -> None:
    """A contact with the customer's name and telephone number, and an e-mail of its own."""
    draw = portal.draw
    given, family = customer.body["GivenName"], customer.body["FamilyName"]
    email = draw.email(Person(given, family, f"{given}.{family}.home".lower()))
    body = properties_of(customer.body) | {"email": email}
    situation = "contacts_like_a_customer"
    draw.situations.add(situation, portal.add(body, portal.recently()).name)


def _note_new_businesses(portal: PortalBook, book: CustomerBook) -> None:
    for customer in book.customers:
        business = book.businesses.get(customer.key)
        if business is not None and business.domain not in portal.company_of:
            portal.draw.situations.add("businesses_new_to_the_portal", customer.name)


def _matching(draw: Draw, count: int, book: CustomerBook) -> list[Entry]:
    """Top-level customers with an e-mail that HubSpot takes, one for each e-mail, oldest first."""
    of_email: dict[str, Entry] = {}
    for entry in book.customers:
        email = _email(book, entry)
        is_found = entry.key not in book.contacts_like and "ParentRef" not in entry.body
        if email and not email.endswith(".invalid") and is_found:
            of_email.setdefault(email, entry)
    candidates = list(of_email.values())
    chosen = [entry for entry in candidates if entry.key in book.email_in_hubspot]
    others = [entry for entry in candidates if entry.key not in book.email_in_hubspot]
    chosen += draw.rng.sample(others, min(len(others), max(0, count - len(chosen))))
    return sorted(chosen, key=lambda entry: entry.at)


def _email(book: CustomerBook, customer: Entry) -> str:
    written = str(customer.body.get("PrimaryEmailAddr", {}).get("Address", ""))
    return book.email_in_hubspot.get(customer.key, written)


def _add_companies(
    portal: PortalBook, book: CustomerBook, matching: list[Entry], count: int
) -> None:
    for customer in matching:
        business = book.businesses.get(customer.key)
        if business is None or business.domain in portal.company_of or not count:
            continue
        count -= 1
        name = business.name
        if not portal.companies or portal.draw.chance(0.1):
            name = f"{name} (HQ)"
            portal.draw.situations.add("companies_known_by_domain", name)
        elif portal.draw.chance(0.2):
            name = portal.draw.pick([name.upper(), name.replace(" Inc.", ", Inc.")])
        body = {"name": name, "domain": business.domain, "phone": portal.draw.phone()}
        key = f"company:{len(portal.companies) + 1}"
        portal.companies.append(Entry(key, "companies", name, body, customer.at))
        portal.company_of[business.domain] = key


def _add_matching(portal: PortalBook, book: CustomerBook, customer: Entry) -> None:
    """The contact of a customer: mostly the same, in part a little different."""
    draw = portal.draw
    properties = properties_of(customer.body) | {"email": _email(book, customer)}
    situations = ["contacts_matching_by_email"]
    # One thing at a time: a difference must not fill what was blanked.
    turn = len(portal.contacts) % 6
    if turn in (0, 3):
        blank = draw.pick(_present(properties, ["phone", "address", "website", "company"]))
        for name in ADDRESS if blank == "address" else [blank]:
            properties.pop(name, None)
        situations.append("contacts_with_blanks")
    if turn in (1, 4):
        draw.pick(DIFFERENCES)(draw, properties)
        situations.append("contacts_that_differ")
    if turn == 2 and "mobilephone" not in properties:
        properties["mobilephone"] = draw.phone()
        situations.append("customers_with_blanks")
    if draw.chance(0.4):
        properties |= {"jobtitle": draw.pick(words.JOB_TITLES)}
    properties["lifecyclestage"] = draw.pick(["customer", "customer", "opportunity", "lead"])
    latest = datetime.combine(draw.today, datetime.min.time(), customer.at.tzinfo)
    at = min(customer.at + timedelta(days=draw.rng.randint(1, 60)), latest - timedelta(days=1))
    entry = portal.add(properties, at, book.businesses.get(customer.key))
    portal.contact_of[customer.key] = entry.key
    for situation in situations:
        draw.situations.add(situation, entry.name)


def _present(properties: Body, names: list[str]) -> list[str]:
    return [name for name in names if name in properties] or ["lastname"]


def properties_of(customer: Body) -> Body:
    """The contact properties that say the same as a customer's body, without its e-mail."""
    address = customer.get("BillAddr", {})
    lines = [address[line] for line in ("Line1", "Line2", "Line3") if line in address]
    found = {
        "firstname": customer.get("GivenName"),
        "lastname": customer.get("FamilyName"),
        "salutation": customer.get("Title"),
        "company": customer.get("CompanyName"),
        "phone": customer.get("PrimaryPhone", {}).get("FreeFormNumber"),
        "mobilephone": customer.get("Mobile", {}).get("FreeFormNumber"),
        "fax": customer.get("Fax", {}).get("FreeFormNumber"),
        "website": customer.get("WebAddr", {}).get("URI"),
        "address": "\n".join(lines),
        "city": address.get("City"),
        "state": address.get("CountrySubDivisionCode"),
        "zip": address.get("PostalCode"),
        "country": address.get("Country"),
    }
    return {name: value for name, value in found.items() if value}


def _other_phone(draw: Draw, properties: Body) -> None:
    properties["phone"] = draw.phone()


def _other_street(draw: Draw, properties: Body) -> None:
    address = draw.address()
    properties |= {"address": address["Line1"], "city": address["City"]}


def _short_first_name(draw: Draw, properties: Body) -> None:
    properties["firstname"] = f"{properties['firstname'][0]}."


def _other_last_name(draw: Draw, properties: Body) -> None:
    properties["lastname"] = f"{properties['lastname']}-{draw.pick(words.FAMILY)}"


def _other_salutation(draw: Draw, properties: Body) -> None:
    others = [title for title in words.TITLES if title != properties.get("salutation")]
    properties["salutation"] = draw.pick(others)


Difference = Callable[[Draw, Body], None]

# What people typed differently on the two sides.
DIFFERENCES: list[Difference] = [
    _other_phone,
    _other_street,
    _short_first_name,
    _other_last_name,
    _other_salutation,
]


def _lead(draw: Draw, person: Person) -> Body:
    """Somebody whom only the portal knows."""
    properties = {
        "email": draw.email(person),
        "firstname": person.given,
        "lastname": person.family,
        "phone": draw.phone(),
        "lifecyclestage": draw.pick(["subscriber", "lead", "lead", "opportunity"]),
    }
    if draw.chance(0.4):
        properties["company"] = draw.business().name
    if draw.chance(0.3):
        properties |= {"city": draw.pick(words.TOWNS), "country": "United States"}
    return properties


def _add_qualifying(portal: PortalBook, book: CustomerBook, count: int) -> None:
    """Contacts that QuickBooks is to get, some of them with a name or a value in the way."""
    draw = portal.draw
    for _ in range(max(2, count // 30)):
        _qualify(portal, _lead(draw, draw.person()), "invoice")
        _qualify(portal, _lead(draw, draw.person()), "payment")
    people = [
        entry
        for entry in book.customers
        if entry.key in book.people
        and entry.name == book.people[entry.key].name
        and entry.key not in (*book.deactivated, *book.contacts_like)
    ]
    for _ in range(max(1, count // 120)):
        namesake = book.people[draw.pick(book.vendors).key]
        _qualify(portal, _lead(draw, namesake), "invoice", "contacts_named_like_a_vendor")
        namesake = book.people[draw.pick(people).key]
        _qualify(portal, _lead(draw, namesake), "invoice", "contacts_named_like_a_customer")
        for too_long in (
            {"company": " ".join(words.LONG_NAME_WORDS)},
            {"salutation": SALUTATION_TOO_LONG},
        ):
            lead = _lead(draw, draw.person()) | too_long
            _qualify(portal, lead, "payment", "contacts_too_long_for_quickbooks")


def _qualify(portal: PortalBook, properties: Body, by: str, *situations: str) -> None:
    entry = portal.add(properties, portal.recently())
    portal.qualifying[by].append(entry.key)
    for situation in situations:
        portal.draw.situations.add(situation, entry.name)
