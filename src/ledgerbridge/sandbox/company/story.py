"""
The story of a believable company: what people entered on both sides, as plain data.

A body is what an API client would send. Where it names another record of the story it holds that
record's reference, `ref(key)`, because ids exist only once an emulator has given them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

Body = dict[str, Any]

# What a deal or an invoice may refer to before either is entered.
LISTS = ("Vendor", "Customer", "Item", "Estimate")

# Every situation that any seed guarantees: its name, and what is true of the records under it.
# The records are given by the names that people see: display names, numbers, e-mails.
SITUATIONS: dict[str, str] = {
    # customers
    "people_of_one_business": "customers with the same CompanyName",
    "sub_customers": "customers below another one",
    "sub_customers_two_levels_down": "customers below a sub-customer",
    "jobs_like_projects": "sub-customers that are pieces of work, without an e-mail of their own",
    "sub_customers_with_own_email": "sub-customers with an e-mail of their own",
    "names_in_other_scripts": "customers whose DisplayName is not ASCII",
    "names_with_apostrophe": "customers with ' in the DisplayName",
    "names_with_ampersand": "customers with & in the DisplayName",
    "very_long_names": "customers with a DisplayName of more than 100 characters",
    "without_email": "customers without an e-mail",
    "shared_email": "customers that share one e-mail with another one",
    "several_emails_in_one_field": "customers whose e-mail field holds more than one",
    "inactive_customers": "customers made inactive, with invoices from before",
    "email_in_other_case": "customers whose contact has the e-mail in other upper and lower case",
    "email_with_spaces": "customers whose e-mail has spaces around it; the contact's has none",
    "email_that_hubspot_refuses": "customers whose e-mail is under a domain that cannot exist",
    "abroad": "customers with a billing address outside of the USA",
    "with_terms": "customers with payment terms",
    "with_notes": "customers with notes",
    "customers_in_another_currency": "customers who are billed in another currency",
    "customers_known_otherwise": "customers of whom a contact has the name, but another e-mail",
    "customers_known_twice": "such customers with two contacts of their name",
    "businesses_new_to_the_portal": "customers of a business that is no company of the portal",
    # items
    "items_with_the_same_sku": "items that share one Sku",
    "items_without_price": "items with no UnitPrice",
    "items_in_a_category": "items below a category",
    "inactive_items": "items made inactive",
    "categories": "items that are categories",
    "bundles": "items that are groups of others",
    "services": "items of type Service",
    "non_inventory": "items of type NonInventory",
    "inventory": "items of type Inventory",
    # invoices
    "several_lines": "invoices with more than one line that sells something",
    "discounts": "invoices with a discount line",
    "tax": "invoices with sales tax",
    "without_tax": "invoices without sales tax",
    "several_tax_rates": "invoices with sales tax of more than one rate",
    "untaxed_beside_taxed": "invoices with lines that are taxed and lines that are not",
    "bundle_lines": "invoices with a bundle and what is within it",
    "description_only_lines": "invoices with a line of mere text",
    "paid": "invoices settled by payments",
    "partly_paid": "invoices with a payment smaller than the total",
    "overdue": "invoices open after their due date",
    "due_in_future": "open invoices not yet due",
    "voided": "invoices voided",
    "zero_total": "invoices whose total is 0 and that are not voided",
    "with_memo": "invoices with a message to the customer",
    "with_purchase_order": "invoices with a purchase order number",
    "with_crew": "invoices with a value in a custom field that means nothing to QuickBooks",
    "with_deposit": "invoices with a deposit",
    "sent": "invoices sent by e-mail",
    "unsent": "invoices not sent",
    "invoices_of_sub_customers": "invoices of a sub-customer",
    "invoices_without_email": "invoices of a customer at the top without an e-mail",
    "in_another_currency": "invoices in another currency than the company's own",
    "discounts_in_another_currency": "such invoices with a discount line",
    "invoices_of_an_estimate": "invoices made from an estimate",
    "invoices_that_name_a_deal": "invoices with the id of a deal in a custom field",
    # payments and credits
    "payments_over_several_invoices": "payments that settle more than one invoice",
    "payments_with_a_rest": "payments of which a part is not applied",
    "payments_in_another_currency": "payments of invoices in another currency",
    "credit_memos": "credit memos not applied",
    "credits_applied": "invoices settled in part by a credit memo, with a payment of total 0",
    # the portal
    "contacts_matching_by_email": "contacts whose e-mail is that of a customer",
    "contacts_with_blanks": "such contacts that lack a value which the customer has",
    "customers_with_blanks": "such contacts that have a value which the customer lacks",
    "contacts_that_differ": "such contacts with another value in the same field",
    "contacts_without_email": "contacts without an e-mail",
    "contacts_with_invoice_of_hubspot": "contacts with a billable invoice made in HubSpot",
    "contacts_with_payment": "contacts with a commerce payment",
    "contacts_that_do_not_qualify": "contacts with neither, and no customer of their e-mail",
    "contacts_named_like_a_vendor": "qualifying contacts with the name of a vendor",
    "contacts_named_like_a_customer": "qualifying contacts with the name of another customer",
    "contacts_too_long_for_quickbooks": "qualifying contacts with text that QuickBooks refuses",
    "contacts_like_a_customer": "contacts with a customer's name and telephone, not its e-mail",
    "products_matching_by_sku": "products with the Sku of exactly one item",
    "products_matching_by_name": "products without SKU, with the name of an item",
    "products_of_hubspot_only": "products that no item matches",
    "open_deals": "deals in an open stage, with a contact",
    "won_deals": "deals won shortly before an invoice of the same customer",
    "open_deals_of_a_customer": "open deals of somebody who is billed, without a word of it",
    "deals_with_a_po_number": "deals with the purchase order number of an invoice",
    "deals_with_an_estimate": "deals with the id of an estimate that became an invoice",
    "deals_named_by_an_invoice": "deals whose id an invoice holds in a custom field",
    "deals_that_fit_alike": "won deals of one contact, either of which could be an invoice's",
    "won_deals_never_billed": "won deals of somebody who is no customer",
    "companies": "companies with contacts",
    "companies_known_by_domain": "companies with the domain of a customer and another name",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One record as somebody entered it.

    `type` is the vendor's name (`Customer`, `contacts`), `name` what people call the record, `at`
    when it was entered (UTC), `associations` pairs of HubSpot type and key.
    """

    key: str
    type: str
    name: str
    body: Body
    at: datetime
    associations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Story:
    """
    Everything that happened up to `today`, in an order in which it can be entered.

    `voided` and `deactivated` hold keys of QuickBooks records that end that way, `pairs` the keys
    of a customer and a contact that are one person by e-mail.
    """

    seed: int
    today: date
    quickbooks: tuple[Entry, ...]
    hubspot: tuple[Entry, ...]
    voided: tuple[str, ...]
    deactivated: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    situations: dict[str, list[str]]

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Every record of both sides by its key."""
        return {entry.key: entry for entry in (*self.quickbooks, *self.hubspot)}

    @cached_property
    def in_order(self) -> tuple[Entry, ...]:
        """Every record after what it refers to: lists of the books, the portal, transactions."""
        lists = [entry for entry in self.quickbooks if entry.type in LISTS]
        others = [entry for entry in self.quickbooks if entry.type not in LISTS]
        return (*lists, *self.hubspot, *others)

    def of(self, type_: str) -> list[Entry]:
        """The records of one type of either side, in the order they were entered."""
        return [entry for entry in self.entries.values() if entry.type == type_]


class SituationIndex:
    """Collects which records show which situation; refuses a situation without an entry above."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {situation: [] for situation in SITUATIONS}

    def add(self, situation: str, name: str) -> None:
        """Files a record under a situation, once."""
        if name not in self._names[situation]:
            self._names[situation].append(name)

    def as_dict(self) -> dict[str, list[str]]:
        """Situation to names, in the order of SITUATIONS."""
        return {situation: list(names) for situation, names in self._names.items()}


def ref(key: str) -> str:
    """The reference to a record of the story, to be put where its id will stand."""
    return f"@{key}"


def existing(entity: str, name: str) -> str:
    """The reference to a record that every company is born with, such as an account."""
    return f"@{entity}={name}"
