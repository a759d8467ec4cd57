"""
People on both sides, who know nothing of the sync. Each value they write is a token of its own.

For every token it is remembered where it was written, and what its author replaced on purpose:
a value may vanish only if somebody who saw it replaced it, or if the journal holds it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from ledgerbridge.core.model import Side
from ledgerbridge.sandbox.hubspot import ApiError, Portal
from ledgerbridge.sandbox.quickbooks import Company, Refused
from simulation.endings import (
    archives,
    deactivates,
    leaves_or_comes_back,
    merges_contacts,
    merges_customers,
    restores,
)
from simulation.moving import in_hubspot, in_the_books, moves, street, street_of
from simulation.paying import applies_otherwise, bounces, pays

CONTACT_FIELDS = {
    "firstname": "GivenName",
    "lastname": "FamilyName",
    "company": "CompanyName",
}


@dataclass
class People:
    """Everybody at once, drawn from one seed."""

    company: Company
    portal: Portal
    random: Random
    now: Callable[[], datetime]
    diary: list[tuple[datetime, tuple[Side, str] | None, str]] = field(default_factory=list)
    written: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    streets: dict[str, tuple[Side, str]] = field(default_factory=dict)
    fixed: set[str] = field(default_factory=lambda: {"x", "Acorn Cafe"})
    brought_back: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    emptied: set[str] = field(default_factory=set)
    made: dict[str, set[str]] = field(default_factory=dict)
    removed: set[tuple[str, str]] = field(default_factory=set)
    merged: list[tuple[str, str]] = field(default_factory=list)
    took_in: dict[str, set[str]] = field(default_factory=dict)
    restored: set[str] = field(default_factory=set)
    deactivated: set[str] = field(default_factory=set)
    did: Counter[str] = field(default_factory=Counter)
    serial: int = 0

    def say(self, words: str, *about: tuple[Side, str]) -> None:
        """Note what was done, and to which records; it concerns everybody where none is named."""
        self.diary += [(self.now(), one, words) for one in about or (None,)]

    def token(self, side: str, record_id: str, name: str) -> str:
        """A fresh value, short enough for every field."""
        self.serial += 1
        token = f"{side[0].upper()}{self.serial}x"
        self.written[token] = (side, record_id, name)
        return token

    def customer(self, email: str | None, **fields: Any) -> str:
        """Somebody makes a customer."""
        self.serial += 1
        body = {"DisplayName": f"Customer {self.serial}", **in_the_books(self.serial), **fields}
        if email:
            body["PrimaryEmailAddr"] = {"Address": email}
        customer_id = str(self.company.create("Customer", body)["Id"])
        self.made.setdefault("Customer", set()).add(customer_id)
        self.say(f"made it, with the address {email}", (Side.QUICKBOOKS, customer_id))
        given = self.token("quickbooks", customer_id, "GivenName")
        self.company.update("Customer", {"Id": customer_id, "sparse": True, "GivenName": given})
        return customer_id

    def contact(self, email: str | None, *, qualifies: bool) -> str:
        """Somebody makes a contact, perhaps with an invoice of HubSpot's own."""
        properties = {"lastname": "x"} if email is None else {"email": email}
        if qualifies:
            properties |= in_hubspot(self.serial)
        contact_id = self.portal.create("contacts", properties)["hs_object_id"]
        self.made.setdefault("contacts", set()).add(contact_id)
        self.say(f"made it, with the address {email}", (Side.HUBSPOT, contact_id))
        first = self.token("hubspot", contact_id, "firstname")
        self.portal.update("contacts", contact_id, {"firstname": first})
        if qualifies:
            invoice = self.portal.create(
                "invoices", {"hs_currency": "USD"}, [("contacts", contact_id)]
            )
            self.made.setdefault("invoices", set()).add(invoice["hs_object_id"])
        return contact_id

    def item(self, price: str = "10") -> str:
        """Somebody makes an item."""
        self.serial += 1
        body = {
            "Name": f"Item {self.serial}",
            "Sku": f"SKU{self.serial}",
            "Type": "Service",
            "UnitPrice": price,
            "IncomeAccountRef": {"value": "1"},
        }
        return str(self.company.create("Item", body)["Id"])

    def invoice(self, customer_id: str, item_id: str, lines: int = 1) -> str:
        """Somebody writes an invoice."""
        body: dict[str, Any] = {
            "CustomerRef": {"value": customer_id},
            "Line": [
                {
                    "DetailType": "SalesItemLineDetail",
                    "Amount": 20,
                    "SalesItemLineDetail": {
                        "ItemRef": {"value": item_id},
                        "Qty": 2,
                        "UnitPrice": 10,
                    },
                }
                for _ in range(lines)
            ],
        }
        body["Line"] += self.taken_off(item_id)
        body["TxnTaxDetail"] = {"TotalTax": self.serial % 3}
        invoice_id = str(self.company.create("Invoice", body)["Id"])
        self.say(f"wrote invoice {invoice_id} for it", (Side.QUICKBOOKS, customer_id))
        self.say("made it", (Side.QUICKBOOKS, invoice_id))
        return invoice_id

    def edit_invoice(self, invoice_id: str, item_id: str, quantity: int, less: int) -> None:
        """Somebody adds a line to an invoice, takes its first `less` ones away, and taxes anew."""
        invoice = self.company.get("Invoice", invoice_id) or {}
        lines = [line for line in invoice["Line"] if is_sold(line)]
        sold = {"ItemRef": {"value": item_id}, "Qty": quantity, "UnitPrice": 10}
        lines.append(
            {
                "DetailType": "SalesItemLineDetail",
                "Amount": quantity * 10,
                "SalesItemLineDetail": sold,
            }
        )
        kept = lines[less:] + self.taken_off(item_id)
        body = {"Id": invoice_id, "sparse": True, "Line": kept}
        body["TxnTaxDetail"] = {"TotalTax": self.serial % 3}
        self.company.update("Invoice", body)
        self.say("edited its lines", (Side.QUICKBOOKS, invoice_id))

    def taken_off(self, item_id: str) -> list[dict[str, Any]]:
        """A discount, a negative line, both or neither: by turns, not by chance."""
        self.serial += 1
        less: list[dict[str, Any]] = [
            {"DetailType": "DiscountLineDetail", "Amount": 3, "DiscountLineDetail": {}},
            {
                "DetailType": "SalesItemLineDetail",
                "Amount": -2,
                "SalesItemLineDetail": {"ItemRef": {"value": item_id}},
            },
        ]
        return [one for turn, one in enumerate(less, start=1) if self.serial & turn]

    def deal(self, contact_id: str, amount: str) -> str:
        """Somebody wins a deal with a contact."""
        self.serial += 1
        body = {
            "dealname": f"Deal {self.serial}",
            "dealstage": "closedwon",
            "pipeline": "default",
            "amount": amount,
            "closedate": "2026-03-04T12:00:00Z",
        }
        deal = self.portal.create("deals", body, [("contacts", contact_id)])
        self.say("won it", (Side.HUBSPOT, str(deal["hs_object_id"])))
        return str(deal["hs_object_id"])

    def edit_customer(self, customer_id: str, name: str) -> None:
        """Somebody edits one field of a customer."""
        before = self.company.get("Customer", customer_id)
        assert before is not None
        self._saw(before.get(name))
        value = self.token("quickbooks", customer_id, name)
        self.say(f"wrote {name}: {value}", (Side.QUICKBOOKS, customer_id))
        self.company.update("Customer", {"Id": customer_id, "sparse": True, name: value})

    def edit_contact(self, contact_id: str, name: str) -> None:
        """Somebody edits one field of a contact."""
        before = self.portal.get("contacts", contact_id)
        assert before is not None
        self._saw(before.get(name))
        value = self.token("hubspot", contact_id, name)
        self.say(f"wrote {name}: {value}", (Side.HUBSPOT, contact_id))
        self.portal.update("contacts", contact_id, {name: value})

    def move(self, who: tuple[Side, str], before: dict[str, Any]) -> None:
        """Somebody who sees the address of a record is about to write that of the next number."""
        self.serial += 1
        self._saw(street_of(before))
        self.streets[street(self.serial)] = who
        self.say(f"moved to {street(self.serial)}", who)

    def _saw(self, value: object) -> None:
        if isinstance(value, str):
            self.replaced.add(value)

    def forget_removals(self) -> None:
        """With the database it is lost which of the records that are gone we removed ourselves."""
        there = {c["hs_object_id"] for c in self.portal.all("contacts")}
        self.removed |= {("contacts", x) for x in self.made.get("contacts", set()) - there}
        inactive = {c["Id"] for c in self.company.all("Customer") if not c["Active"]}
        self.deactivated |= inactive

    def sees_go(self, side: str, record_id: str) -> None:
        """Somebody knows what a record holds that is about to go."""
        contact = side == "hubspot"
        before = self.portal.get("contacts", record_id) if contact else None
        before = before or self.company.get("Customer", record_id) or {}
        for name in CONTACT_FIELDS if contact else CONTACT_FIELDS.values():
            self._saw(before.get(name))
        self._saw(street_of(before))

    def act(self) -> None:
        """Somebody does something."""
        deed = self.random.choice(DEEDS)
        try:
            if deed(self):
                self.did[deed.__name__] += 1
        except (ApiError, Refused):
            self.did["refused"] += 1

    def any_customer(self) -> str | None:
        """Some customer that is active."""
        ids = [c["Id"] for c in self.company.all("Customer") if c.get("Active", True)]
        return self.random.choice(ids) if ids else None

    def any_contact(self) -> str | None:
        """Some contact that is not archived."""
        ids = [c["hs_object_id"] for c in self.portal.all("contacts")]
        return self.random.choice(ids) if ids else None

    def any_pair(self) -> tuple[str, str] | None:
        """A customer and the contact that carries its key."""
        pairs = [
            (key.rsplit(":", 1)[1], contact["hs_object_id"])
            for contact in self.portal.all("contacts")
            if (key := contact.get("ledgerbridge_key"))
            and self.company.get("Customer", key.rsplit(":", 1)[1]) is not None
        ]
        return self.random.choice(pairs) if pairs else None


def edits_customer(people: People) -> bool:
    """One field in QuickBooks."""
    customer = people.any_customer()
    if customer is not None:
        people.edit_customer(customer, people.random.choice(list(CONTACT_FIELDS.values())))
    return customer is not None


def edits_contact(people: People) -> bool:
    """One field in HubSpot."""
    contact = people.any_contact()
    if contact is not None:
        people.edit_contact(contact, people.random.choice(list(CONTACT_FIELDS)))
    return contact is not None


def both_edit(people: People) -> bool:
    """The same field of one pair, on both sides."""
    pair = people.any_pair()
    if pair is None:
        return False
    ours, theirs = people.random.choice(list(CONTACT_FIELDS.items()))
    people.edit_customer(pair[0], theirs)
    people.edit_contact(pair[1], ours)
    return True


def clears_contact(people: People) -> bool:
    """A field in HubSpot is emptied."""
    contact = people.any_contact()
    if contact is None:
        return False
    before = people.portal.get("contacts", contact) or {}
    people._saw(before.get("company"))
    people.portal.update("contacts", contact, {"company": ""})
    people.emptied |= {"company", "CompanyName"}
    people.say("emptied company", (Side.HUBSPOT, contact))
    return True


def new_customer(people: People) -> bool:
    """A customer, now and then with an e-mail that is there already."""
    shared = people.random.random() < 0.2
    number = people.random.randrange(5) if shared else people.serial + 100
    people.customer(f"person{number}@example.com")
    return True


def new_contact(people: People) -> bool:
    """A contact, now and then one that qualifies for QuickBooks."""
    number = people.serial + 100
    people.contact(f"lead{number}@example.com", qualifies=people.random.random() < 0.5)
    return True


def new_invoice(people: People) -> bool:
    """An invoice of some customer."""
    customer, items = people.any_customer(), people.company.all("Item")
    if customer is None or not items:
        return False
    people.invoice(customer, people.random.choice(items)["Id"], people.random.randint(1, 3))
    return True


def wins_deal(people: People) -> bool:
    """A salesperson wins a deal with a contact."""
    contact = people.any_contact()
    if contact is not None:
        people.deal(contact, people.random.choice(["30", "500"]))
    return contact is not None


def is_sold(line: dict[str, Any]) -> bool:
    """Whether a line sells something, and takes nothing off."""
    return line["DetailType"] == "SalesItemLineDetail" and bool(line["Amount"] >= 0)


def edits_invoice(people: People) -> bool:
    """A line more or a line less."""
    invoices = people.company.all("Invoice")
    items = people.company.all("Item")
    if not invoices or not items:
        return False
    invoice = people.random.choice(invoices)["Id"]
    item, quantity = people.random.choice(items)["Id"], people.random.randint(1, 9)
    people.edit_invoice(invoice, item, quantity, less=people.random.randrange(2))
    return True


def deletes_invoice(people: People) -> bool:
    """An unpaid invoice is deleted in QuickBooks."""
    invoices = [i for i in people.company.all("Invoice") if i["Balance"] == i["TotalAmt"]]
    if not invoices:
        return False
    invoice = people.random.choice(invoices)
    people.company.delete("Invoice", invoice["Id"])
    people.removed.add(("Invoice", invoice["Id"]))
    people.say("deleted it", (Side.QUICKBOOKS, invoice["Id"]))
    return True


def edits_item(people: People) -> bool:
    """Another price."""
    items = people.company.all("Item")
    if not items:
        return False
    price = people.random.randint(1, 99)
    item = people.random.choice(items)
    people.company.update("Item", {"Id": item["Id"], "sparse": True, "UnitPrice": price})
    return True


DEEDS: tuple[Callable[[People], bool], ...] = (
    edits_customer,
    edits_customer,
    edits_contact,
    edits_contact,
    both_edit,
    both_edit,
    clears_contact,
    moves,
    new_customer,
    new_contact,
    new_invoice,
    pays,
    pays,
    bounces,
    applies_otherwise,
    wins_deal,
    edits_invoice,
    deletes_invoice,
    edits_item,
    deactivates,
    archives,
    archives,
    restores,
    merges_contacts,
    merges_customers,
    leaves_or_comes_back,
)
