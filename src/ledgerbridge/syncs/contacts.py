"""
Contacts and customers, both ways: who is whom, who owns a shared e-mail, what a new customer is
called (business-rules.md, who is whom).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from ledgerbridge.core.definition import SubCustomers, SyncDefinition
from ledgerbridge.core.endings import back_in_scope, out_of_scope, plan_unstamped
from ledgerbridge.core.filters import AssociationCondition, Condition, Filter
from ledgerbridge.core.mapping import Direction, When
from ledgerbridge.core.mapping import Mapping as FieldMapping
from ledgerbridge.core.merge import creation
from ledgerbridge.core.model import Link, LinkStatus, Record, Side, Value
from ledgerbridge.core.order import waits_for
from ledgerbridge.core.plan import Attached, Outcome, Planned, Status
from ledgerbridge.core.planning import (
    KEY_FIELD,
    Rules,
    blocked,
    excluded,
    failing,
    filtered_out,
    joined,
    owned,
    plan_creation,
    plan_match,
    plan_pair,
    why_excluded,
)
from ledgerbridge.core.schema import FieldType
from ledgerbridge.core.values import emails
from ledgerbridge.syncs import totals
from ledgerbridge.syncs.contact_situations import (
    Claimant,
    ContactSituation,
    CustomerSituation,
    Lookalike,
    Partner,
    until_it_changes,
    why_not_to_books,
)
from ledgerbridge.syncs.display_names import TRIES_MAX, display_name
from ledgerbridge.syncs.identity import EMAIL, owner
from ledgerbridge.syncs.kind import (
    KEY,
    KEY_DERIVED,
    KEY_PROPERTY,
    ORIGIN_DERIVED,
    ORIGIN_MAPPING,
    ORIGIN_PROPERTY,
    STATE_PROPERTY,
    SyncKind,
    both,
    derived,
    not_made,
    origin,
    own,
    plain_name,
    shown,
)
from ledgerbridge.syncs.sub_customers import circle, parent_of, told_circle

NAME = "contacts"
PROPOSED = "match_to_decide"
AMBIGUOUS = "ambiguous_match"
PAIRED_BY_HAND = "paired by a person"
INVOICED_STAGE = "customer"
DISPLAY_NAME = "DisplayName"

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
    *totals.MAPPINGS,
    shown("lifecycle stage", "lifecyclestage", "@lifecycle_stage", When.ON_CREATE),
    ORIGIN_MAPPING,
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
        *totals.PROPERTIES,
        ORIGIN_PROPERTY,
    ),
    derived=(
        KEY_DERIVED,
        ORIGIN_DERIVED,
        derived("terms"),
        derived("lifecycle_stage"),
        *totals.DERIVED,
    ),
)


def derive(customer: Record, terms: Mapping[str, str], enabled_at: str = "") -> Record:
    """
    The customer with the name of its payment terms, which it knows by id only, its path without
    the suffix that QuickBooks gives to inactive names, and its origin.
    """
    term, path = customer.fields.get("SalesTermRef"), customer.fields.get("FullyQualifiedName")
    derived: dict[str, Value] = {
        "FullyQualifiedName": plain_name(path),
        "@terms": terms.get(term) if term else None,
        "@origin": origin(customer.created_at, enabled_at),
    }
    return replace(customer, fields={**customer.fields, **derived})


def plan_customer(rules: Rules, situation: CustomerSituation) -> Planned:
    """What one customer needs: its pair brought in step, a match, a new contact, or a reason."""
    customer = derive(situation.customer, rules.terms, rules.enabled_at)
    if situation.invoiced:
        fields = {**customer.fields, "@lifecycle_stage": INVOICED_STAGE}
        customer = replace(customer, fields=fields)
    situation = replace(situation, customer=customer)
    if situation.chosen is not None:
        return _as_chosen(rules, situation, situation.chosen.contact)
    if situation.link is not None:
        return _plan_linked(rules, situation, situation.link)
    reasons = why_excluded(rules, Side.HUBSPOT, customer)
    ours = [p for p in situation.partners if _carries_key(p.contact, customer)]
    if len(ours) == 1 and ours[0].link is None and "key" in rules.definition.matching:
        return _match_by_key(rules, situation, ours[0].contact, reasons)
    address = next(iter(emails(customer.fields.get(EMAIL))), None)
    attached = rules.definition.sub_customers is SubCustomers.ATTACHED
    if customer.references.get("ParentRef") and (attached or address is None):
        return _plan_sub_customer(situation, top_only=attached)
    if address is None:
        if situation.lookalikes:
            return _proposal(Side.QUICKBOOKS, customer.id, situation.lookalikes)
        return excluded(
            Side.QUICKBOOKS,
            customer.id,
            "no_email",
            "the customer has no e-mail address, so there is no contact to pair it with",
            "Add an e-mail address to the customer in QuickBooks.",
        )
    first = owner(situation.same_email or (customer,))
    assert first is not None
    if first.id != customer.id:
        reason = f"shares its e-mail with customer {first.id}, which owns it"
        return Planned(attached=(Attached(record_id=customer.id, to=first.id, reason=reason),))
    return _plan_unlinked(rules, situation, reasons)


def _plan_linked(rules: Rules, situation: CustomerSituation, link: Link) -> Planned:
    customer, contact = situation.customer, situation.contact
    if link.status is LinkStatus.DEAD:
        ended = excluded(Side.QUICKBOOKS, customer.id, "link_ended", link.reason)
        return joined(plan_unstamped(rules, link, contact, customer.fields.get("@key")), ended)
    if contact is None:
        return blocked(
            Side.QUICKBOOKS,
            customer.id,
            waits_for("hubspot-contact", link.hubspot_id or "?"),
            "its contact has not been read yet",
        )
    reasons = why_excluded(rules, Side.HUBSPOT, customer)
    if reasons and why_not_to_books(rules, contact, situation.associated):
        left = out_of_scope(rules, link, contact, reasons)
        if left is not None:
            return left
    return back_in_scope(rules, link, contact, plan_pair(rules, link, contact, customer))


def _plan_sub_customer(situation: CustomerSituation, *, top_only: bool) -> Planned:
    """To the nearest customer above that has a contact, or is to get one."""
    customer = situation.customer
    for ancestor in situation.ancestors:
        gets_one = bool(emails(ancestor.fields.get(EMAIL))) and not (
            top_only and parent_of(ancestor)
        )
        if gets_one or ancestor.id in situation.linked_above:
            reason = f"sub-customer of customer {ancestor.id}"
            return Planned(
                attached=(Attached(record_id=customer.id, to=ancestor.id, reason=reason),)
            )
    if round_it := circle(customer, situation.ancestors):
        return told_circle(customer, round_it, "contact")
    return excluded(
        Side.QUICKBOOKS,
        customer.id,
        "parent_without_contact",
        "it is a sub-customer, and no customer above it has an e-mail address",
        "Add an e-mail address to the parent customer in QuickBooks.",
    )


def _plan_unlinked(rules: Rules, situation: CustomerSituation, reasons: tuple[str, ...]) -> Planned:
    customer = situation.customer
    partners = situation.partners if "email" in rules.definition.matching else ()
    if not partners:
        if reasons:
            return filtered_out(Side.QUICKBOOKS, customer.id, reasons, linked=False)
        if situation.lookalikes:
            return _proposal(Side.QUICKBOOKS, customer.id, situation.lookalikes)
        if not rules.definition.creates:
            return not_made(Side.HUBSPOT, customer)
        return plan_creation(rules, Side.HUBSPOT, customer, extra=owned(rules))
    free = [p for p in partners if p.link is None and not p.contact.fields.get(KEY_FIELD)]
    if len(partners) == 1 and len(free) == 1:
        found = free[0].contact
        theirs = why_not_to_books(rules, found, situation.associated) if reasons else ()
        if not theirs:
            return plan_match(rules, found, customer, "matched by e-mail")
        # The contact was left to this customer: nobody else tells why it has no partner.
        left = filtered_out(Side.QUICKBOOKS, customer.id, reasons, linked=False)
        return joined(left, filtered_out(Side.HUBSPOT, found.id, theirs, linked=False))
    return _ambiguous(customer, partners)


def _carries_key(contact: Record, customer: Record) -> bool:
    key = contact.fields.get(KEY_FIELD)
    return bool(key) and key == customer.fields.get("@key")


def _match_by_key(
    rules: Rules, situation: CustomerSituation, contact: Record, reasons: tuple[str, ...]
) -> Planned:
    """A pair of old is linked in any case; out of scope it is frozen at once (promise 10)."""
    planned = plan_match(rules, contact, situation.customer, "matched by our key")
    if not reasons or not why_not_to_books(rules, contact, situation.associated):
        return planned
    frozen = filtered_out(Side.QUICKBOOKS, situation.customer.id, reasons, linked=True)
    return Planned(links=planned.links, outcomes=frozen.outcomes)


def _ambiguous(customer: Record, partners: Sequence[Partner]) -> Planned:
    ids = ", ".join(sorted(partner.contact.id for partner in partners))
    message = (
        f"its e-mail belongs to contact {ids}, which is paired with another customer or "
        "carries another key"
    )
    remedy = "Give one of the two customers its own e-mail address, or say who is whom"
    return _to_decide(Side.QUICKBOOKS, customer.id, message, remedy, code=AMBIGUOUS)


def _proposal(side: Side, record_id: str, lookalikes: Sequence[Lookalike]) -> Planned:
    """Names and numbers are no proof: nothing is paired, and nothing made twice."""
    other = "contact" if side is Side.QUICKBOOKS else "customer"
    told = "; ".join(f"{other} {one.record.id} ({one.evidence.told()})" for one in lookalikes)
    remedy = "Say whether it is: see both with: ledgerbridge matches list"
    return _to_decide(side, record_id, f"it may be {told}", remedy, code=PROPOSED)


def _to_decide(side: Side, record_id: str, message: str, remedy: str, *, code: str) -> Planned:
    outcome = Outcome(
        side=side,
        record_id=record_id,
        status=Status.CASE,
        code=code,
        message=message,
        remedy=f"{remedy}, then accept, reject or pair.",
    )
    return Planned(outcomes=(outcome,))


def _as_chosen(rules: Rules, situation: CustomerSituation, contact: Record) -> Planned:
    """A person said who it is: they are a pair, whatever a rule would say."""
    customer, ended = situation.customer, situation.link
    generation = 1 if ended is None else ended.generation + 1
    planned = plan_match(rules, contact, customer, PAIRED_BY_HAND, generation)
    before = situation.contact
    if ended is None or before is None or before.id == contact.id:
        return planned
    return joined(plan_unstamped(rules, ended, before, customer.fields.get("@key")), planned)


def plan_contact(rules: Rules, situation: ContactSituation) -> Planned:
    """What one contact without a link needs: a match through its customer, or a new customer."""
    contact = situation.contact
    if situation.chosen is not None:
        return Planned(look_again_at=((Side.QUICKBOOKS, situation.chosen),))
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
    reasons = why_not_to_books(rules, contact, situation.associated)
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
    if situation.lookalikes:
        return _proposal(Side.HUBSPOT, contact.id, situation.lookalikes)
    if not rules.definition.creates:
        return not_made(Side.QUICKBOOKS, contact)
    wanted = creation(Side.QUICKBOOKS, contact, rules.mappings)[0].fields.get(DISPLAY_NAME)
    name = display_name(contact, situation.taken, wanted)
    if name is None:
        return failing(
            Side.HUBSPOT,
            contact.id,
            "no_free_name",
            f"{TRIES_MAX} display names made from this contact are all taken in QuickBooks",
            "Rename the contact in HubSpot.",
        )
    return plan_creation(rules, Side.QUICKBOOKS, contact, extra={DISPLAY_NAME: name})


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
            until=until_it_changes(first.id),
        )
    if first.references.get("ParentRef"):
        return excluded(
            Side.HUBSPOT,
            contact.id,
            "belongs_to_sub_customer",
            f"its e-mail is that of sub-customer {first.id}, which belongs to its parent's contact",
            until=until_it_changes(first.id),
        )
    return Planned(look_again_at=((Side.QUICKBOOKS, first.id),))
