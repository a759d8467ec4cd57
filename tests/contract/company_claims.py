"""What the story claims of the records it lists, checked on the bodies alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from contract.company_world import TODAY
from ledgerbridge.sandbox.company import Entry, Story

Claim = Callable[[Entry, Story], bool]
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


CUSTOMERS: dict[str, Claim] = {
    "people_of_one_business": lambda customer, story: (
        sharing(story, "Customer", lambda b: b.get("CompanyName"), customer.body["CompanyName"]) > 1
    ),
    "sub_customers": lambda customer, story: depth(customer, story) >= 1,
    "sub_customers_two_levels_down": lambda customer, story: depth(customer, story) == 2,
    "jobs_like_projects": lambda customer, _: customer.body["Job"] and not email(customer),
    "sub_customers_with_own_email": lambda customer, story: (
        depth(customer, story) > 0 and bool(email(customer))
    ),
    "names_in_other_scripts": lambda customer, _: not customer.name.isascii(),
    "names_with_apostrophe": lambda customer, _: "'" in customer.name,
    "names_with_ampersand": lambda customer, _: "&" in customer.name,
    "very_long_names": lambda customer, _: 100 < len(customer.name) <= 500,
    "without_email": lambda customer, _: not email(customer),
    "shared_email": lambda customer, story: (
        sharing(
            story,
            "Customer",
            lambda body: body.get("PrimaryEmailAddr"),
            {"Address": email(customer)},
        )
        > 1
    ),
    "several_emails_in_one_field": lambda customer, _: email(customer).count("@") > 1,
    "inactive_customers": lambda customer, story: (
        customer.key in story.deactivated
        and any(
            invoice.body["CustomerRef"]["value"] == f"@{customer.key}"
            for invoice in story.of("Invoice")
        )
    ),
    "email_in_other_case": lambda customer, story: (
        email(customer) != contact_email(customer, story) == email(customer).lower()
    ),
    "email_with_spaces": lambda customer, story: (
        email(customer) != contact_email(customer, story) == email(customer).strip()
    ),
    "email_that_hubspot_refuses": lambda customer, _: email(customer).endswith(".invalid"),
    "abroad": lambda customer, _: customer.body["BillAddr"]["Country"] not in ("USA", "US"),
    "with_terms": lambda customer, _: customer.body["SalesTermRef"]["value"].startswith("@Term="),
    "with_notes": lambda customer, _: 0 < len(customer.body["Notes"]) <= 2000,
    "customers_in_another_currency": lambda customer, _: (
        customer.body["CurrencyRef"]["value"] == "EUR"
    ),
    "customers_known_otherwise": lambda customer, story: (
        not paired(customer, story) and len(like(customer, story)) > 0
    ),
    "customers_known_twice": lambda customer, story: len(like(customer, story)) == 2,
    "businesses_new_to_the_portal": lambda customer, story: (
        not any(
            company.body["domain"] == customer.body["WebAddr"]["URI"].removeprefix("https://")
            for company in story.of("companies")
        )
    ),
}

ITEMS: dict[str, Claim] = {
    "items_with_the_same_sku": lambda item, story: (
        sharing(story, "Item", lambda body: body.get("Sku"), item.body["Sku"]) == 2
    ),
    "items_without_price": lambda item, _: "UnitPrice" not in item.body,
    "items_in_a_category": lambda item, story: (
        story.entries[item.body["ParentRef"]["value"][1:]].body["Type"] == "Category"
    ),
    "inactive_items": lambda item, story: item.key in story.deactivated,
    "categories": lambda item, _: item.body["Type"] == "Category",
    "bundles": lambda item, _: item.body["Type"] == "Group",
    "services": lambda item, _: item.body["Type"] == "Service",
    "non_inventory": lambda item, _: item.body["Type"] == "NonInventory",
    "inventory": lambda item, _: item.body["Type"] == "Inventory",
}

INVOICES: dict[str, Claim] = {
    "several_lines": lambda invoice, _: len(lines(invoice, "SalesItemLineDetail")) > 1,
    "discounts": lambda invoice, _: bool(lines(invoice, "DiscountLineDetail")),
    "tax": lambda invoice, _: invoice.body["TxnTaxDetail"]["TotalTax"] > 0,
    "without_tax": lambda invoice, _: "TxnTaxDetail" not in invoice.body,
    "several_tax_rates": lambda invoice, _: (
        len(invoice.body["TxnTaxDetail"]["TaxLine"]) == 2
        and all(line["Amount"] > 0 for line in invoice.body["TxnTaxDetail"]["TaxLine"])
        and tax_codes(invoice) == {"TAX", "NON"}
    ),
    "untaxed_beside_taxed": lambda invoice, _: tax_codes(invoice) == {"TAX", "NON"},
    "bundle_lines": lambda invoice, _: len(inner_lines(invoice)) > 1,
    "description_only_lines": lambda invoice, _: bool(lines(invoice, "DescriptionOnly")),
    "paid": lambda invoice, story: settled(invoice, story) == total(invoice) > 0,
    "partly_paid": lambda invoice, story: (
        is_open(invoice, story) and any(True for _ in applied(invoice, story))
    ),
    "overdue": lambda invoice, story: is_open(invoice, story) and due(invoice) < TODAY.isoformat(),
    "due_in_future": lambda invoice, story: (
        is_open(invoice, story) and due(invoice) > TODAY.isoformat()
    ),
    "voided": lambda invoice, story: invoice.key in story.voided,
    "zero_total": lambda invoice, story: total(invoice) == 0 and invoice.key not in story.voided,
    "with_memo": lambda invoice, _: bool(invoice.body["CustomerMemo"]["value"]),
    "with_purchase_order": lambda invoice, _: custom_field(invoice, "P.O. Number").startswith(
        "PO-"
    ),
    "with_crew": lambda invoice, _: bool(custom_field(invoice, "Crew")),
    "invoices_without_email": lambda invoice, story: (
        not email(story.entries[invoice.body["CustomerRef"]["value"][1:]])
        and depth(story.entries[invoice.body["CustomerRef"]["value"][1:]], story) == 0
    ),
    "in_another_currency": lambda invoice, _: (
        invoice.body["CurrencyRef"]["value"] == "EUR" and invoice.body["ExchangeRate"] > 1
    ),
    "discounts_in_another_currency": lambda invoice, _: (
        invoice.body["CurrencyRef"]["value"] == "EUR"
        and lines(invoice, "DiscountLineDetail")[0]["Amount"] > 0
    ),
    "invoices_of_an_estimate": lambda invoice, story: all(
        story.entries[one[1:]].type == "Estimate" for one in estimates(invoice)
    ),
    "invoices_that_name_a_deal": lambda invoice, story: (
        story.entries[custom_field(invoice, "HubSpot deal")[1:]].type == "deals"
    ),
    "with_deposit": lambda invoice, _: 0 < invoice.body["Deposit"] < total(invoice),
    "sent": lambda invoice, _: (
        invoice.body["EmailStatus"] == "EmailSent" and "BillEmail" in invoice.body
    ),
    "unsent": lambda invoice, _: "EmailStatus" not in invoice.body,
    "invoices_of_sub_customers": lambda invoice, story: (
        depth(story.entries[invoice.body["CustomerRef"]["value"][1:]], story) > 0
    ),
    "credits_applied": lambda invoice, story: any(
        payment.body["TotalAmt"] == 0 for _, payment in applied(invoice, story)
    ),
}

PAYMENTS: dict[str, Claim] = {
    "payments_over_several_invoices": lambda payment, _: len(payment.body["Line"]) > 1,
    "payments_in_another_currency": lambda payment, story: (
        payment.body["CurrencyRef"]["value"] == "EUR"
        and all(
            story.entries[line["LinkedTxn"][0]["TxnId"][1:]].body["CurrencyRef"]
            == payment.body["CurrencyRef"]
            for line in payment.body["Line"]
        )
    ),
    "payments_with_a_rest": lambda payment, _: payment.body["TotalAmt"] > applied_total(payment),
}

CREDIT_MEMOS: dict[str, Claim] = {
    "credit_memos": lambda memo, story: all(
        f"@{memo.key}" != line["LinkedTxn"][0]["TxnId"]
        for payment in story.of("Payment")
        for line in payment.body["Line"]
    ),
}

CONTACTS: dict[str, Claim] = {
    "contacts_matching_by_email": lambda contact, story: (
        contact.body["email"] in customer_of(contact, story)["PrimaryEmailAddr"]["Address"].lower()
    ),
    "contacts_with_blanks": lambda contact, story: any(
        theirs in customer_of(contact, story) and ours not in contact.body
        for ours, theirs in [
            ("phone", "PrimaryPhone"),
            ("address", "BillAddr"),
            ("website", "WebAddr"),
            ("company", "CompanyName"),
            ("lastname", "FamilyName"),
        ]
    ),
    "customers_with_blanks": lambda contact, story: (
        "mobilephone" in contact.body and "Mobile" not in customer_of(contact, story)
    ),
    "contacts_that_differ": lambda contact, story: any(
        ours in contact.body and contact.body[ours] != theirs
        for body in [customer_of(contact, story)]
        for ours, theirs in [
            ("phone", body.get("PrimaryPhone", {}).get("FreeFormNumber")),
            ("address", body["BillAddr"]["Line1"]),
            ("firstname", body["GivenName"]),
            ("lastname", body["FamilyName"]),
            ("salutation", body.get("Title")),
        ]
    ),
    "contacts_without_email": lambda contact, _: "email" not in contact.body,
    "contacts_with_invoice_of_hubspot": lambda contact, story: associated(
        contact, story, "invoices"
    ),
    "contacts_with_payment": lambda contact, story: associated(contact, story, "commerce_payments"),
    "contacts_that_do_not_qualify": lambda contact, story: (
        not qualifies(contact, story)
        and all(contact.body["email"] not in email(entry) for entry in story.of("Customer"))
    ),
    "contacts_named_like_a_vendor": lambda contact, story: (
        qualifies(contact, story) and is_named_like(contact, story, "Vendor")
    ),
    "contacts_named_like_a_customer": lambda contact, story: (
        qualifies(contact, story)
        and is_named_like(contact, story, "Customer")
        and all(contact.body["email"] not in email(entry) for entry in story.of("Customer"))
    ),
    "contacts_like_a_customer": lambda contact, story: (
        not paired(contact, story)
        and any(is_like(contact, customer) for customer in story.of("Customer"))
    ),
    "contacts_too_long_for_quickbooks": lambda contact, story: (
        qualifies(contact, story)
        and (
            len(contact.body.get("company", "")) > 100
            or len(contact.body.get("salutation", "")) > 16
        )
    ),
}

PRODUCTS: dict[str, Claim] = {
    "products_matching_by_sku": lambda product, story: (
        sharing(story, "Item", lambda body: body.get("Sku"), product.body["hs_sku"]) == 1
    ),
    "products_matching_by_name": lambda product, story: (
        "hs_sku" not in product.body
        and sharing(story, "Item", lambda body: body["Name"], product.name) == 1
    ),
    "products_of_hubspot_only": lambda product, story: (
        not any(
            product.name == item.name or product.body["hs_sku"] == item.body.get("Sku")
            for item in story.of("Item")
        )
    ),
}

DEALS: dict[str, Claim] = {
    "open_deals": lambda deal, _: (
        deal.body["dealstage"] not in ("closedwon", "closedlost")
        and deal.associations[0][0] == "contacts"
    ),
    "won_deals": lambda deal, _: (
        deal.body["dealstage"] == "closedwon" and deal.associations[0][0] == "contacts"
    ),
    "open_deals_of_a_customer": lambda deal, story: (
        deal.body["dealstage"] not in ("closedwon", "closedlost")
        and not any(name.startswith("ledgerbridge_") for name in deal.body)
        and len(invoices_of_contact(deal, story)) > 0
    ),
    "deals_with_a_po_number": lambda deal, story: any(
        custom_field(invoice, "P.O. Number") == deal.body["ledgerbridge_po_number"]
        for invoice in invoices_of_contact(deal, story)
    ),
    "deals_with_an_estimate": lambda deal, story: any(
        deal.body["ledgerbridge_estimate"] in estimates(invoice)
        for invoice in invoices_of_contact(deal, story)
    ),
    "deals_named_by_an_invoice": lambda deal, story: any(
        custom_field(invoice, "HubSpot deal") == f"@{deal.key}" for invoice in story.of("Invoice")
    ),
    "deals_that_fit_alike": has_twin,
    "won_deals_never_billed": lambda deal, story: (
        deal.body["dealstage"] == "closedwon" and not invoices_of_contact(deal, story)
    ),
}

COMPANIES: dict[str, Claim] = {
    "companies": lambda company, story: any(
        ("companies", company.key) in contact.associations for contact in story.of("contacts")
    ),
    "companies_known_by_domain": lambda company, story: (
        any(
            customer.body.get("WebAddr", {}).get("URI") == f"https://{company.body['domain']}"
            for customer in story.of("Customer")
        )
        and not any(
            customer.body.get("CompanyName") == company.name for customer in story.of("Customer")
        )
    ),
}

CLAIMS: dict[str, dict[str, Claim]] = {
    "Customer": CUSTOMERS,
    "Item": ITEMS,
    "Invoice": INVOICES,
    "Payment": PAYMENTS,
    "CreditMemo": CREDIT_MEMOS,
    "contacts": CONTACTS,
    "products": PRODUCTS,
    "deals": DEALS,
    "companies": COMPANIES,
}
