"""
Contacts and customers, both ways: who is whom, who owns a shared e-mail, what a new customer is
called (business-rules.md, who is whom).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.definition import SyncDefinition
from ledgerbridge.core.filters import AssociationCondition, Condition, Filter
from ledgerbridge.core.mapping import Direction
from ledgerbridge.core.mapping import Mapping as FieldMapping
from ledgerbridge.core.model import Link, LinkStatus, Record, Side, State, Value
from ledgerbridge.core.order import waits_for
from ledgerbridge.core.plan import Attached, Outcome, Planned, Status
from ledgerbridge.core.planning import (
    KEY_FIELD,
    Rules,
    blocked,
    excluded,
    failing,
    filtered_out,
    plan_creation,
    plan_match,
    plan_pair,
    why_excluded,
)
from ledgerbridge.core.schema import FieldType
from ledgerbridge.core.values import emails, text_key
from ledgerbridge.syncs.display_names import TRIES_MAX, Taken, display_name
from ledgerbridge.syncs.kind import (
    KEY,
    KEY_DERIVED,
    KEY_PROPERTY,
    STATE_PROPERTY,
    SyncKind,
    both,
    derived,
    own,
    plain_name,
    shown,
)

NAME = "contacts"
EMAIL = "PrimaryEmailAddr.Address"

ADDRESS = FieldMapping(
    name="address",
    hubspot=("address", "city", "state", "zip", "country"),
    quickbooks=(
        *(f"BillAddr.Line{line}" for line in range(1, 6)),
        "BillAddr.City",
        "BillAddr.CountrySubDivisionCode",
        "BillAddr.PostalCode",
        "BillAddr.Country",
    ),
)

MAPPINGS = (
    KEY,
    both("email", "email", EMAIL),
    both("first name", "firstname", "GivenName"),
    both("last name", "lastname", "FamilyName"),
    both("salutation", "salutation", "Title"),
    both("company", "company", "CompanyName"),
    both("phone", "phone", "PrimaryPhone.FreeFormNumber"),
    both("mobile", "mobilephone", "Mobile.FreeFormNumber"),
    both("fax", "fax", "Fax.FreeFormNumber"),
    both("website", "website", "WebAddr.URI"),
    ADDRESS,
    shown("balance", "ledgerbridge_balance", "Balance"),
    shown("balance with jobs", "ledgerbridge_balance_with_jobs", "BalanceWithJobs"),
    shown("active", "ledgerbridge_active", "Active"),
    shown("currency", "ledgerbridge_currency", "CurrencyRef"),
    shown("terms", "ledgerbridge_terms", "@terms"),
    shown("path", "ledgerbridge_path", "FullyQualifiedName"),
)

QUALIFIES = Filter(
    groups=(
        (
            AssociationCondition(
                association="invoices",
                where=(Condition(field="hs_invoice_source", operator="is", value="HubSpot"),),
            ),
        ),
        (
            AssociationCondition(
                association="commerce_payments",
                where=(Condition(field="hs_createdate", operator="is known", value=None),),
            ),
        ),
    )
)

KIND = SyncKind(
    name=NAME,
    hubspot_type="contacts",
    quickbooks_type="Customer",
    defaults=SyncDefinition(
        name=NAME,
        direction=Direction.BOTH,
        to_hubspot=Filter(groups=()),
        to_quickbooks=QUALIFIES,
        mappings=MAPPINGS,
        matching=("key", "email"),
    ),
    matching=("key", "email"),
    own_properties=(
        KEY_PROPERTY,
        STATE_PROPERTY,
        own("balance", "QuickBooks balance", FieldType.MONEY),
        own("balance_with_jobs", "QuickBooks balance with jobs", FieldType.MONEY),
        own("active", "Active in QuickBooks", FieldType.BOOL),
        own("currency", "QuickBooks currency"),
        own("terms", "QuickBooks terms"),
        own("path", "QuickBooks customer path"),
    ),
    derived=(KEY_DERIVED, derived("terms")),
)


AssociatedWith = Callable[[Record, str], Sequence[Record]]
"""The records of one HubSpot type that are associated with a contact, mirrors of ours left out."""


class Partner(Struct, frozen=True):
    """A HubSpot contact that might be the one, with its link where it has one already."""

    contact: Record
    link: Link | None


class Claimant(Struct, frozen=True):
    """A customer that might be the one for a contact, with its link where it has one already."""

    customer: Record
    link: Link | None


class CustomerSituation(Struct, frozen=True, kw_only=True):
    """
    Everything known around one customer.

    `same_email` are all customers whose first e-mail is the same, this one included. `ancestors`
    go from the nearest up. `partners` are contacts that carry its key or its e-mail.
    """

    customer: Record
    link: Link | None
    contact: Record | None
    same_email: tuple[Record, ...] = ()
    ancestors: tuple[Record, ...] = ()
    partners: tuple[Partner, ...] = ()
    associated: AssociatedWith


class ContactSituation(Struct, frozen=True, kw_only=True):
    """
    Everything known around one contact without a link.

    `claimants` are the customers that it might be: by key or e-mail. `taken` says which
    of some names (as comparison keys) a customer, vendor or employee is known to have.
    """

    contact: Record
    claimants: tuple[Claimant, ...]
    taken: Taken
    associated: AssociatedWith


def match_keys(side: Side, record: Record) -> tuple[tuple[str, str], ...]:
    """The keys under which a record can be found, as (name, comparison value)."""
    keys: list[tuple[str, str]] = []
    if side is Side.QUICKBOOKS:
        keys += [("email", address) for address in emails(record.fields.get(EMAIL))[:1]]
        keys += _key("key", record.fields.get("@key"))
        name = plain_name(record.fields.get("DisplayName"))
        keys += [("name", text_key(name))] if name else []
        return tuple(keys)
    keys += [("email", address) for address in emails(record.fields.get("email"))]
    keys += [("email", address) for address in emails(record.fields.get("hs_additional_emails"))]
    keys += _key("key", record.fields.get(KEY_FIELD))
    return tuple(dict.fromkeys(keys))


def _key(name: str, value: Value) -> list[tuple[str, str]]:
    return [(name, value)] if value else []


def owner(customers: Sequence[Record]) -> Record | None:
    """Of several customers with one e-mail, the lowest-id active top-level one owns it."""
    return min(customers, key=_ownership, default=None)


def _ownership(customer: Record) -> tuple[bool, bool, int, str]:
    number = int(customer.id) if customer.id.isdigit() else 0
    sub = bool(customer.references.get("ParentRef"))
    return (sub, customer.state is not State.LIVE, number, customer.id)


def derive(customer: Record, terms: Mapping[str, str]) -> Record:
    """
    The customer with the name of its payment terms, which it knows by id only, and its path
    without the suffix that QuickBooks gives to inactive names.
    """
    term, path = customer.fields.get("SalesTermRef"), customer.fields.get("FullyQualifiedName")
    if not term and plain_name(path) == path:
        return customer
    derived: dict[str, Value] = {
        "FullyQualifiedName": plain_name(path),
        "@terms": terms.get(term) if term else None,
    }
    return replace(customer, fields={**customer.fields, **derived})


def plan_customer(rules: Rules, situation: CustomerSituation) -> Planned:
    """What one customer needs: its pair brought in step, a match, a new contact, or a reason."""
    customer = derive(situation.customer, rules.terms)
    situation = replace(situation, customer=customer)
    if situation.link is not None:
        return _plan_linked(rules, situation, situation.link)
    address = next(iter(emails(customer.fields.get(EMAIL))), None)
    if customer.references.get("ParentRef"):
        return _plan_sub_customer(situation)
    if address is None:
        return excluded(
            Side.QUICKBOOKS,
            customer.id,
            "no_email",
            "the customer has no e-mail address, so there is no contact to pair it with",
            "Add an e-mail address to the customer in QuickBooks.",
        )
    reasons = why_excluded(rules, Side.HUBSPOT, customer)
    first = owner(situation.same_email or (customer,))
    assert first is not None
    if first.id != customer.id:
        reason = f"shares its e-mail with customer {first.id}, which owns it"
        return Planned(attached=(Attached(record_id=customer.id, to=first.id, reason=reason),))
    return _plan_unlinked(rules, situation, reasons)


def _plan_linked(rules: Rules, situation: CustomerSituation, link: Link) -> Planned:
    customer, contact = situation.customer, situation.contact
    if link.status is LinkStatus.DEAD:
        return excluded(Side.QUICKBOOKS, customer.id, "link_ended", link.reason)
    if contact is None:
        return blocked(
            Side.QUICKBOOKS,
            customer.id,
            waits_for("hubspot-contact", link.hubspot_id or "?"),
            "its contact has not been read yet",
        )
    reasons = why_excluded(rules, Side.HUBSPOT, customer)
    if reasons and why_excluded(
        rules, Side.QUICKBOOKS, contact, partial(situation.associated, contact)
    ):
        return filtered_out(Side.QUICKBOOKS, customer.id, reasons, linked=True)
    return plan_pair(rules, link, contact, customer)


def _plan_sub_customer(situation: CustomerSituation) -> Planned:
    customer = situation.customer
    for ancestor in situation.ancestors:
        if emails(ancestor.fields.get(EMAIL)) and not ancestor.references.get("ParentRef"):
            reason = f"sub-customer of customer {ancestor.id}"
            return Planned(
                attached=(Attached(record_id=customer.id, to=ancestor.id, reason=reason),)
            )
    return excluded(
        Side.QUICKBOOKS,
        customer.id,
        "parent_without_contact",
        "it is a sub-customer, and no customer above it has an e-mail address",
        "Add an e-mail address to the parent customer in QuickBooks.",
    )


def _plan_unlinked(rules: Rules, situation: CustomerSituation, reasons: tuple[str, ...]) -> Planned:
    customer = situation.customer
    by_key = [p for p in situation.partners if p.contact.fields.get(KEY_FIELD)]
    ours = [p for p in by_key if p.contact.fields.get(KEY_FIELD) == customer.fields.get("@key")]
    if len(ours) == 1 and ours[0].link is None and "key" in rules.definition.matching:
        return _match_by_key(rules, situation, ours[0].contact, reasons)
    partners = situation.partners if "email" in rules.definition.matching else ()
    if not partners:
        if reasons:
            return filtered_out(Side.QUICKBOOKS, customer.id, reasons, linked=False)
        return plan_creation(rules, Side.HUBSPOT, customer)
    free = [p for p in partners if p.link is None and not p.contact.fields.get(KEY_FIELD)]
    if len(partners) == 1 and len(free) == 1:
        found = free[0].contact
        if reasons and why_excluded(
            rules, Side.QUICKBOOKS, found, partial(situation.associated, found)
        ):
            return filtered_out(Side.QUICKBOOKS, customer.id, reasons, linked=False)
        return plan_match(rules, found, customer, "matched by e-mail")
    return _ambiguous(customer, partners)


def _match_by_key(
    rules: Rules, situation: CustomerSituation, contact: Record, reasons: tuple[str, ...]
) -> Planned:
    """A pair of old is linked in any case; out of scope it is frozen at once (promise 10)."""
    planned = plan_match(rules, contact, situation.customer, "matched by our key")
    associated = partial(situation.associated, contact)
    if not reasons or not why_excluded(rules, Side.QUICKBOOKS, contact, associated):
        return planned
    frozen = filtered_out(Side.QUICKBOOKS, situation.customer.id, reasons, linked=True)
    return Planned(links=planned.links, outcomes=frozen.outcomes)


def _ambiguous(customer: Record, partners: Sequence[Partner]) -> Planned:
    ids = ", ".join(sorted(partner.contact.id for partner in partners))
    return failing(
        Side.QUICKBOOKS,
        customer.id,
        "ambiguous_match",
        f"its e-mail belongs to contact {ids}, which is paired with another customer or "
        "carries another key",
        "Give one of the two customers its own e-mail address.",
    )


def plan_contact(rules: Rules, situation: ContactSituation) -> Planned:
    """What one contact without a link needs: a match through its customer, or a new customer."""
    contact = situation.contact
    if situation.claimants and rules.definition.matching:
        return _leave_to_customer(contact, situation.claimants)
    if contact.fields.get(KEY_FIELD):
        return excluded(
            Side.HUBSPOT,
            contact.id,
            "foreign_key",
            "the contact carries the key of a customer that this company does not have",
            "Clear its property ledgerbridge_key to let it be matched anew.",
        )
    associated = partial(situation.associated, contact)
    reasons = why_excluded(rules, Side.QUICKBOOKS, contact, associated)
    if reasons:
        return filtered_out(Side.HUBSPOT, contact.id, reasons, linked=False)
    if not emails(contact.fields.get("email")):
        return excluded(
            Side.HUBSPOT,
            contact.id,
            "no_email",
            "the contact has no e-mail address, so a customer could not be told from others",
            "Add an e-mail address to the contact in HubSpot.",
        )
    name = display_name(contact, situation.taken)
    if name is None:
        return failing(
            Side.HUBSPOT,
            contact.id,
            "no_free_name",
            f"{TRIES_MAX} display names made from this contact are all taken in QuickBooks",
            "Rename the contact in HubSpot.",
        )
    return plan_creation(rules, Side.QUICKBOOKS, contact, extra={"DisplayName": name})


def _leave_to_customer(contact: Record, claimants: Sequence[Claimant]) -> Planned:
    """The pair is decided from the customer's side, in one place."""
    first = owner([claimant.customer for claimant in claimants])
    assert first is not None
    linked = next((c.link for c in claimants if c.customer.id == first.id), None)
    if linked is not None:
        return excluded(
            Side.HUBSPOT,
            contact.id,
            "customer_taken",
            f"customer {first.id} has the same e-mail and is paired with another contact",
        )
    if first.references.get("ParentRef"):
        return excluded(
            Side.HUBSPOT,
            contact.id,
            "belongs_to_sub_customer",
            f"its e-mail is that of sub-customer {first.id}, which belongs to its parent's contact",
        )
    return Planned(look_again_at=((Side.QUICKBOOKS, first.id),))


def leans(record_id: str, on: str) -> Outcome:
    """The standing of a customer that is attached to a link that does not exist yet."""
    return Outcome(
        side=Side.QUICKBOOKS,
        record_id=record_id,
        status=Status.BLOCKED,
        code="waits_for_parent",
        message=f"waits for customer {on}, whose contact it shares",
        blocked_on=waits_for(NAME, on),
    )
