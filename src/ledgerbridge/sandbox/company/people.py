"""
People at work after the story: edits drawn on both sides, and two that are written by hand.

Drawing looks at what both sides hold now; `edits.perform` then does what was drawn. No record is
in two edits of one drawing, so that what conflicts does so on purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from random import Random

from ledgerbridge.sandbox.company import bookkeeping, words
from ledgerbridge.sandbox.company.customers import body_of_person
from ledgerbridge.sandbox.company.draw import Draw, Person, cents
from ledgerbridge.sandbox.company.edits import Edit, Step, of_step
from ledgerbridge.sandbox.company.story import Body
from ledgerbridge.sandbox.hubspot import Portal
from ledgerbridge.sandbox.quickbooks import Company

PHONES_IN_CONFLICT = ("(415) 555-0111", "(415) 555-0122", "(415) 555-0133", "(415) 555-0144")


class Desk:
    """What both sides hold when the drawing begins, and which records are spoken for."""

    def __init__(self, company: Company, portal: Portal, rng: Random, today: date) -> None:
        self.draw = Draw(rng, today)
        self.customers = company.all("Customer")
        self.items = company.all("Item")
        self.invoices = company.all("Invoice")
        self.payments = company.all("Payment")
        self.contacts = portal.all("contacts")
        self._spoken_for: set[tuple[str, str]] = set()
        for holder in (*self.customers, *company.all("Vendor"), *company.all("Employee")):
            self.draw.unique(holder["DisplayName"])
        for contact in self.contacts:
            self.draw.unique(contact.get("email", ""))

    def take(self, type_: str, records: list[Body], fits: Callable[[Body], bool]) -> Body | None:
        """One of the records that fit and that no edit has yet, or None."""
        key = "hs_object_id" if type_ == "contacts" else "Id"
        free = [
            record
            for record in records
            if (type_, record[key]) not in self._spoken_for and fits(record)
        ]
        if not free:
            return None
        chosen = self.draw.pick(free)
        self._spoken_for.add((type_, chosen[key]))
        return chosen

    def take_invoice(self, fits: Callable[[Body], bool]) -> Body | None:
        """An invoice that fits, together with its customer; QuickBooks lets both be written."""
        inactive_items = {each["Id"] for each in self.items if not each["Active"]}
        writable = {each["Id"] for each in self.customers if each["Active"]}

        def is_writable(invoice: Body) -> bool:
            customer = invoice["CustomerRef"]["value"]
            is_free = customer in writable and ("Customer", customer) not in self._spoken_for
            return is_free and not inactive_items & _items_of(invoice) and fits(invoice)

        invoice = self.take("Invoice", self.invoices, is_writable)
        if invoice is not None:
            self._spoken_for.add(("Customer", invoice["CustomerRef"]["value"]))
        return invoice


def draw_edits(
    company: Company, portal: Portal, rng: Random, count: int, *, today: date
) -> list[Edit]:
    """
    Exactly `count` edits, of every kind in turn; a kind that finds no record to fit is passed over.

    `today` matters to the drawing alone; what is written carries the emulators' own time.
    """
    desk = Desk(company, portal, rng, today)
    edits: list[Edit] = []
    while len(edits) < count:
        # A new contact can always be drawn, so every round adds something.
        drawn = [edit for kind in KINDS if (edit := kind(desk))]
        edits += rng.sample(drawn, len(drawn))
    return edits[:count]


def conflict(company: Company, portal: Portal, customer_id: str, contact_id: str) -> Edit:
    """The telephone number of one person, changed on both sides, differently."""
    customer, contact = company.get("Customer", customer_id), portal.get("contacts", contact_id)
    assert customer is not None, f"there is no customer {customer_id}"
    assert contact is not None, f"there is no contact {contact_id}"
    held = {customer.get("PrimaryPhone", {}).get("FreeFormNumber"), contact.get("phone")}
    here, there = [phone for phone in PHONES_IN_CONFLICT if phone not in held][:2]
    name = customer["DisplayName"]
    return Edit(
        f"{name} gets the number {here} in QuickBooks and {there} in HubSpot",
        (
            Step("quickbooks", "Customer", {"PrimaryPhone": {"FreeFormNumber": here}}, customer_id),
            Step("hubspot", "contacts", {"phone": there}, contact_id),
        ),
    )


def invalid(company: Company, customer_id: str) -> Edit:
    """A customer gets an e-mail in QuickBooks that HubSpot refuses: its domain cannot exist."""
    customer = company.get("Customer", customer_id)
    assert customer is not None, f"there is no customer {customer_id}"
    address = f"accounts.{customer_id}@harbor-office.invalid"
    return Edit(
        f"{customer['DisplayName']} gets the e-mail {address} in QuickBooks",
        (Step("quickbooks", "Customer", {"PrimaryEmailAddr": {"Address": address}}, customer_id),),
    )


def _is_plain(customer: Body) -> bool:
    """Whether the customer is active, at the top, and has one e-mail of its own."""
    address = customer.get("PrimaryEmailAddr", {}).get("Address", "")
    return (
        customer["Active"]
        and "ParentRef" not in customer
        and bool(address)
        and not any(sign in address for sign in ",; ")
        and not address.endswith(".invalid")
    )


def _new_phone(desk: Desk) -> Edit | None:
    customer = desk.take("Customer", desk.customers, _is_plain)
    if customer is None:
        return None
    phone = desk.draw.phone()
    return Edit(
        f"{customer['DisplayName']} has a new telephone number in QuickBooks: {phone}",
        (_change("Customer", customer, {"PrimaryPhone": {"FreeFormNumber": phone}}),),
    )


def _new_family_name(desk: Desk) -> Edit | None:
    customer = desk.take(
        "Customer",
        desk.customers,
        lambda each: (
            _is_plain(each)
            and each["DisplayName"] == f"{each.get('GivenName')} {each.get('FamilyName')}"
        ),
    )
    if customer is None:
        return None
    person = desk.draw.person()
    name = desk.draw.unique(f"{customer['GivenName']} {person.family}")
    change = {"FamilyName": person.family, "DisplayName": name}
    return Edit(
        f"{customer['DisplayName']} is now {name} in QuickBooks",
        (_change("Customer", customer, change),),
    )


def _new_customer_with_invoice(desk: Desk) -> Edit | None:
    item = desk.take("Item", desk.items, _is_sold)
    if item is None:
        return None
    person = desk.draw.person()
    body = body_of_person(desk.draw, person)
    desk.draw.unique(person.name)
    invoice = {
        "CustomerRef": {"value": of_step(1)},
        "Line": [_line(item, Decimal(desk.draw.rng.randint(1, 5)))],
    }
    return Edit(
        f"{person.name} is a new customer in QuickBooks and gets an invoice for {item['Name']}",
        (Step("quickbooks", "Customer", body), Step("quickbooks", "Invoice", invoice)),
    )


def _new_price(desk: Desk) -> Edit | None:
    item = desk.take("Item", desk.items, _is_sold)
    if item is None:
        return None
    price = cents(item["UnitPrice"] * Decimal("1.05"))
    return Edit(
        f"{item['Name']} costs {price} instead of {item['UnitPrice']} in QuickBooks",
        (_change("Item", item, {"UnitPrice": price}),),
    )


def _more_of_an_item(desk: Desk) -> Edit | None:
    invoice = desk.take_invoice(bookkeeping.is_simple)
    if invoice is None:
        return None
    lines = [line for line in invoice["Line"] if line["DetailType"] == "SalesItemLineDetail"]
    detail = lines[0]["SalesItemLineDetail"]
    quantity = detail["Qty"] + 1
    amount = cents(quantity * Decimal(detail["UnitPrice"]))
    changed = {**lines[0], "Amount": amount, "SalesItemLineDetail": {**detail, "Qty": quantity}}
    return Edit(
        f"Invoice {invoice['DocNumber']} in QuickBooks now has {quantity} x "
        f"{detail['ItemRef']['name']}",
        (_change("Invoice", invoice, {"Line": [changed, *lines[1:]]}),),
    )


def _payment(desk: Desk) -> Edit | None:
    invoice = desk.take_invoice(lambda each: each["Balance"] > 0)
    if invoice is None:
        return None
    amount = invoice["Balance"]
    linked = {"TxnId": invoice["Id"], "TxnType": "Invoice"}
    body = {
        "CustomerRef": {"value": invoice["CustomerRef"]["value"]},
        "TotalAmt": amount,
        "Line": [{"Amount": amount, "LinkedTxn": [linked]}],
    }
    return Edit(
        f"{invoice['CustomerRef']['name']} pays invoice {invoice['DocNumber']} in full ({amount})",
        (Step("quickbooks", "Payment", body),),
    )


def _deactivation(desk: Desk) -> Edit | None:
    parents = {each["ParentRef"]["value"] for each in desk.customers if "ParentRef" in each}
    customer = desk.take(
        "Customer",
        desk.customers,
        lambda each: _is_plain(each) and each["Id"] not in parents and each["Balance"] == 0,
    )
    if customer is None:
        return None
    return Edit(
        f"{customer['DisplayName']} is made inactive in QuickBooks",
        (_change("Customer", customer, {"Active": False}),),
    )


def _new_address(desk: Desk) -> Edit | None:
    contact = desk.take("contacts", desk.contacts, lambda each: "email" in each)
    if contact is None:
        return None
    address = desk.draw.address()
    body = {
        "address": address["Line1"],
        "city": address["City"],
        "state": address["CountrySubDivisionCode"],
        "zip": address["PostalCode"],
    }
    return Edit(
        f"{contact['email']} moves to {body['address']}, {body['city']} in HubSpot",
        (Step("hubspot", "contacts", body, contact["hs_object_id"]),),
    )


def _renamed_contact(desk: Desk) -> Edit | None:
    contact = desk.take("contacts", desk.contacts, lambda each: "email" in each)
    if contact is None:
        return None
    others = [name for name in words.GIVEN if name != contact.get("firstname")]
    given = desk.draw.pick(others)
    return Edit(
        f"{contact['email']} has the first name {given} in HubSpot",
        (Step("hubspot", "contacts", {"firstname": given}, contact["hs_object_id"]),),
    )


def _new_contact_with_invoice(desk: Desk) -> Edit:
    person: Person = desk.draw.person()
    desk.draw.unique(person.name)
    contact = {
        "email": desk.draw.email(person),
        "firstname": person.given,
        "lastname": person.family,
        "phone": desk.draw.phone(),
    }
    line = {"name": "First visit", "quantity": "1", "price": "180.00"}
    invoice = {
        "hs_currency": "USD",
        "hs_invoice_billable": "true",
        "hs_invoice_status": "open",
        "hs_title": "Made in HubSpot",
    }
    to = (("contacts", of_step(1)), ("line_items", of_step(2)))
    return Edit(
        f"{person.name} is a new contact in HubSpot and gets an invoice there",
        (
            Step("hubspot", "contacts", contact),
            Step("hubspot", "line_items", line),
            Step("hubspot", "invoices", invoice, associations=to),
        ),
    )


def _change(entity: str, record: Body, body: Body) -> Step:
    return Step("quickbooks", entity, body, record["Id"])


def _is_sold(item: Body) -> bool:
    is_kind = item["Type"] in ("Service", "NonInventory")
    return is_kind and item["Active"] and item["UnitPrice"] > 0


def _items_of(invoice: Body) -> set[str]:
    details = (line.get("SalesItemLineDetail", {}) for line in invoice["Line"])
    return {detail["ItemRef"]["value"] for detail in details if "ItemRef" in detail}


def _line(item: Body, quantity: Decimal) -> Body:
    price = item["UnitPrice"]
    detail = {"ItemRef": {"value": item["Id"]}, "Qty": quantity, "UnitPrice": price}
    return {
        "DetailType": "SalesItemLineDetail",
        "Amount": cents(quantity * price),
        "SalesItemLineDetail": detail,
    }


Kind = Callable[[Desk], Edit | None]

# Each draws one edit, or None where nothing fits. Those that fit few records choose first.
KINDS: list[Kind] = [
    bookkeeping.another_customer,
    bookkeeping.shipping_and_allowance,
    _more_of_an_item,
    bookkeeping.moved_payment,
    bookkeeping.void,
    bookkeeping.deletion,
    bookkeeping.bounced_payment,
    bookkeeping.part_payment,
    _payment,
    bookkeeping.new_number,
    _new_family_name,
    _deactivation,
    _new_phone,
    _new_customer_with_invoice,
    _new_price,
    _new_address,
    _renamed_contact,
    _new_contact_with_invoice,
]
