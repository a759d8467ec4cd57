"""What the story claims of the records it lists, checked on the bodies alone."""

from __future__ import annotations

from collections.abc import Callable

from contract.company_looks import (
    applied,
    applied_total,
    associated,
    contact_email,
    custom_field,
    customer_of,
    depth,
    due,
    email,
    estimates,
    has_twin,
    inner_lines,
    invoices_of_contact,
    is_like,
    is_named_like,
    is_open,
    like,
    lines,
    paired,
    qualifies,
    settled,
    sharing,
    tax_codes,
    total,
)
from contract.company_world import TODAY
from ledgerbridge.sandbox.company import Entry, Story

Claim = Callable[[Entry, Story], bool]


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
