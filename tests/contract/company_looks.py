"""How the claims look at a story: what an entry says, and what belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ledgerbridge.sandbox.company import Entry, Story

Body = dict[str, Any]


def email(customer: Entry) -> str:
    return str(customer.body.get("PrimaryEmailAddr", {}).get("Address", ""))


def contact_email(customer: Entry, story: Story) -> str:
    contact = story.entries[dict(story.pairs)[customer.key]]
    return str(contact.body["email"])


def customer_of(contact: Entry, story: Story) -> Body:
    customer = next(pair[0] for pair in story.pairs if pair[1] == contact.key)
    return story.entries[customer].body


def sharing(story: Story, type_: str, of: Callable[[Body], Any], value: object) -> int:
    return sum(of(entry.body) == value for entry in story.of(type_))


def lines(invoice: Entry, kind: str) -> list[Body]:
    return [line for line in invoice.body["Line"] if line["DetailType"] == kind]


def inner_lines(invoice: Entry) -> list[Body]:
    """The lines within bundles."""
    groups = lines(invoice, "GroupLineDetail")
    return [part for group in groups for part in group["GroupLineDetail"]["Line"]]


def custom_field(invoice: Entry, name: str) -> str:
    held = {field["Name"]: field["StringValue"] for field in invoice.body.get("CustomField", ())}
    return str(held.get(name, ""))


def tax_codes(invoice: Entry) -> set[str]:
    sold = lines(invoice, "SalesItemLineDetail")
    return {line["SalesItemLineDetail"]["TaxCodeRef"]["value"] for line in sold}


def total(invoice: Entry) -> Decimal:
    selling = [*lines(invoice, "SalesItemLineDetail"), *inner_lines(invoice)]
    sold = sum((line["Amount"] for line in selling), Decimal(0))
    less = sum((line["Amount"] for line in lines(invoice, "DiscountLineDetail")), Decimal(0))
    tax = invoice.body.get("TxnTaxDetail", {}).get("TotalTax", Decimal(0))
    return sold - less + Decimal(tax)


def applied(invoice: Entry, story: Story) -> Iterator[tuple[Decimal, Entry]]:
    """What each payment applies to an invoice."""
    for payment in story.of("Payment"):
        for line in payment.body["Line"]:
            if line["LinkedTxn"][0]["TxnId"] == f"@{invoice.key}":
                yield line["Amount"], payment


def settled(invoice: Entry, story: Story) -> Decimal:
    received = sum((amount for amount, _ in applied(invoice, story)), Decimal(0))
    return received + Decimal(invoice.body.get("Deposit", 0))


def is_open(invoice: Entry, story: Story) -> bool:
    return settled(invoice, story) < total(invoice) and invoice.key not in story.voided


def due(invoice: Entry) -> str:
    return str(invoice.body["DueDate"])


def depth(customer: Entry, story: Story) -> int:
    parent = customer.body.get("ParentRef", {}).get("value")
    return 0 if parent is None else 1 + depth(story.entries[parent[1:]], story)


def applied_total(payment: Entry) -> Decimal:
    return sum((line["Amount"] for line in payment.body["Line"]), Decimal(0))


def associated(contact: Entry, story: Story, type_: str) -> bool:
    return any(("contacts", contact.key) in entry.associations for entry in story.of(type_))


def qualifies(contact: Entry, story: Story) -> bool:
    invoices, payments = "invoices", "commerce_payments"
    return associated(contact, story, invoices) or associated(contact, story, payments)


def is_named_like(contact: Entry, story: Story, type_: str) -> bool:
    name = f"{contact.body['firstname']} {contact.body['lastname']}"
    return any(entry.body["DisplayName"] == name for entry in story.of(type_))


def paired(contact_or_customer: Entry, story: Story) -> bool:
    return any(contact_or_customer.key in pair for pair in story.pairs)


def is_like(contact: Entry, customer: Entry) -> bool:
    """The same name and telephone number, and another e-mail."""
    theirs = customer.body
    return (
        contact.body.get("email") != email(customer)
        and contact.body["firstname"] == theirs.get("GivenName")
        and contact.body["lastname"] == theirs.get("FamilyName")
        and contact.body.get("phone") == theirs.get("PrimaryPhone", {}).get("FreeFormNumber")
    )


def like(customer: Entry, story: Story) -> list[Entry]:
    return [contact for contact in story.of("contacts") if is_like(contact, customer)]


def invoices_of_contact(deal: Entry, story: Story) -> list[Entry]:
    """The invoices of the customer who is the deal's contact."""
    customers = {contact: customer for customer, contact in story.pairs}
    customer = customers.get(deal.associations[0][1])
    return [
        invoice
        for invoice in story.of("Invoice")
        if invoice.body["CustomerRef"]["value"] == f"@{customer}"
    ]


def estimates(invoice: Entry) -> list[str]:
    links = invoice.body.get("LinkedTxn", ())
    return [link["TxnId"] for link in links if link["TxnType"] == "Estimate"]


def fits(deal: Entry, invoice: Entry) -> bool:
    """By the time and the amount."""
    gap = date.fromisoformat(invoice.body["TxnDate"]) - date.fromisoformat(
        deal.body["closedate"][:10]
    )
    is_near = timedelta(days=-30) <= gap <= timedelta(days=120)
    return is_near and Decimal(deal.body["amount"]) >= total(invoice) > 0


def has_twin(deal: Entry, story: Story) -> bool:
    """Another deal of the contact is won, and an invoice of the contact could be on either."""
    twins = [
        other
        for other in story.of("deals")
        if other.key != deal.key
        and other.associations == deal.associations
        and other.body["dealstage"] == deal.body["dealstage"] == "closedwon"
    ]
    return any(
        fits(deal, invoice) and fits(twin, invoice)
        for twin in twins
        for invoice in invoices_of_contact(deal, story)
    )
