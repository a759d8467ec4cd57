"""
Companies, to HubSpot only: a customer's business is linked to the one HubSpot company of that name
or domain, or made (business-rules.md, who is whom).

What people keep on a company is theirs: name, address and the like are written when we make one,
and later only our own properties are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.definition import SyncDefinition
from ledgerbridge.core.endings import back_in_scope, out_of_scope, plan_unstamped
from ledgerbridge.core.filters import Filter
from ledgerbridge.core.mapping import Direction, When
from ledgerbridge.core.mapping import Mapping as FieldMapping
from ledgerbridge.core.model import Link, LinkStatus, Record, Side, Value
from ledgerbridge.core.order import waits_for
from ledgerbridge.core.plan import Attached, Outcome, Planned, Status
from ledgerbridge.core.planning import (
    KEY_FIELD,
    Rules,
    blocked,
    excluded,
    filtered_out,
    joined,
    owned,
    plan_creation,
    plan_match,
    plan_pair,
    why_excluded,
)
from ledgerbridge.core.schema import FieldType
from ledgerbridge.syncs import totals
from ledgerbridge.syncs.contact_situations import Partner
from ledgerbridge.syncs.contacts import ADDRESS, PAIRED_BY_HAND, PROPOSED
from ledgerbridge.syncs.contacts import derive as derive_customer
from ledgerbridge.syncs.identity import (
    company_domain,
    company_key,
    company_name,
    domain,
    owner,
)
from ledgerbridge.syncs.kind import (
    KEY,
    KEY_DERIVED,
    KEY_PROPERTY,
    ORIGIN_DERIVED,
    ORIGIN_MAPPING,
    ORIGIN_PROPERTY,
    STATE_PROPERTY,
    SyncKind,
    derived,
    not_made,
    own,
    shown,
)
from ledgerbridge.syncs.sub_customers import circle, parent_of, told_circle

NAME = "companies"

MAPPINGS = (
    KEY,
    shown("name", "name", "@company", When.ON_CREATE),
    shown("domain", "domain", "@domain", When.ON_CREATE),
    shown("phone", "phone", "PrimaryPhone.FreeFormNumber", When.ON_CREATE),
    FieldMapping(
        name="address",
        hubspot=ADDRESS.hubspot,
        quickbooks=ADDRESS.quickbooks,
        direction=Direction.TO_HUBSPOT,
        when=When.ON_CREATE,
    ),
    shown("balance", "ledgerbridge_balance", "Balance"),
    shown("balance with jobs", "ledgerbridge_balance_with_jobs", "BalanceWithJobs"),
    shown("active", "ledgerbridge_active", "Active"),
    shown("currency", "ledgerbridge_currency", "CurrencyRef"),
    shown("terms", "ledgerbridge_terms", "@terms"),
    *totals.MAPPINGS,
    ORIGIN_MAPPING,
)

KIND = SyncKind(
    name=NAME,
    hubspot_type="companies",
    quickbooks_type="Customer",
    defaults=SyncDefinition(
        name=NAME,
        direction=Direction.TO_HUBSPOT,
        to_hubspot=Filter(groups=()),
        to_quickbooks=Filter(groups=()),
        mappings=MAPPINGS,
        matching=("key", "name", "domain"),
    ),
    matching=("key", "name", "domain"),
    own_properties=(
        KEY_PROPERTY,
        STATE_PROPERTY,
        ORIGIN_PROPERTY,
        own("balance", "QuickBooks balance", FieldType.MONEY),
        own("balance_with_jobs", "QuickBooks balance with jobs", FieldType.MONEY),
        own("active", "Active in QuickBooks", FieldType.BOOL),
        own("currency", "QuickBooks currency"),
        own("terms", "QuickBooks terms"),
        *totals.PROPERTIES,
    ),
    derived=(
        KEY_DERIVED,
        ORIGIN_DERIVED,
        derived("company"),
        derived("domain"),
        derived("terms"),
        *totals.DERIVED,
    ),
)


ASSOCIATED = "associated"


def of_company(company_id: str) -> str:
    """The mark in a link's base that its HubSpot record was once put on a company."""
    return f"@company:{company_id}"


def companies_of(base: Mapping[str, Value]) -> tuple[str, ...]:
    """The companies that a record was put on by us, from its link's base."""
    prefix = of_company("")
    return tuple(x.removeprefix(prefix) for x in base if x.startswith(prefix) and base[x])


def placed_on(company_ids: Sequence[str]) -> dict[str, Value]:
    """The marks of a record that was just put on these companies."""
    return {of_company(one): ASSOCIATED for one in company_ids}


class BusinessSituation(Struct, frozen=True, kw_only=True):
    """
    Everything known around one customer as a business.

    `same_name` are all customers of that company name, this one included. `ancestors` go from the
    nearest up, `linked_above` are those of them that have a company. `partners` are HubSpot
    companies that carry its key, its name or its domain; those that a person refused are left out,
    and `chosen` is the one that a person named.
    """

    customer: Record
    link: Link | None
    company: Record | None
    same_name: tuple[Record, ...] = ()
    ancestors: tuple[Record, ...] = ()
    linked_above: frozenset[str] = frozenset()
    partners: tuple[Partner, ...] = ()
    chosen: Partner | None = None


def derive(rules: Rules, customer: Record) -> Record:
    """The customer with its business's name and domain besides what contacts are shown."""
    customer = derive_customer(customer, rules.terms, rules.enabled_at)
    computed: dict[str, Value] = {
        "@company": company_name(customer),
        "@domain": domain(customer),
    }
    return replace(customer, fields={**customer.fields, **computed})


def plan_business(rules: Rules, situation: BusinessSituation) -> Planned:
    """What one customer needs: its company in step, a match, a new company, or a reason."""
    customer = derive(rules, situation.customer)
    situation = replace(situation, customer=customer)
    if situation.chosen is not None:
        return _as_chosen(rules, situation, situation.chosen.contact)
    if situation.link is not None:
        return _plan_linked(rules, situation, situation.link)
    ours = [x for x in situation.partners if x.link is None and _carries_key(customer, x.contact)]
    if len(ours) == 1 and "key" in rules.definition.matching:
        return plan_match(rules, ours[0].contact, customer, "matched by our key")
    if customer.references.get("ParentRef"):
        return _plan_sub_customer(situation)
    if company_name(customer) is None:
        return excluded(
            Side.QUICKBOOKS,
            customer.id,
            "no_company",
            "the customer names no company: it is a contact alone",
            "Fill its company name in QuickBooks, if it is one.",
        )
    first = owner(situation.same_name or (customer,))
    assert first is not None
    if first.id != customer.id:
        reason = f"is of the same company as customer {first.id}, which stands for it"
        return Planned(attached=(Attached(record_id=customer.id, to=first.id, reason=reason),))
    reasons = why_excluded(rules, Side.HUBSPOT, customer)
    if reasons:
        return filtered_out(Side.QUICKBOOKS, customer.id, reasons, linked=False)
    return _plan_unlinked(rules, situation)


def _as_chosen(rules: Rules, situation: BusinessSituation, company: Record) -> Planned:
    """A person said which it is: they are a pair, whatever a rule would say."""
    customer, ended = situation.customer, situation.link
    generation = 1 if ended is None else ended.generation + 1
    planned = plan_match(rules, company, customer, PAIRED_BY_HAND, generation)
    before = situation.company
    if ended is None or before is None or before.id == company.id:
        return planned
    return joined(plan_unstamped(rules, ended, before, customer.fields.get("@key")), planned)


def _plan_linked(rules: Rules, situation: BusinessSituation, link: Link) -> Planned:
    customer, company = situation.customer, situation.company
    if link.status is LinkStatus.DEAD:
        ended = excluded(Side.QUICKBOOKS, customer.id, "link_ended", link.reason)
        return joined(plan_unstamped(rules, link, company, customer.fields.get("@key")), ended)
    if company is None:
        on = waits_for("hubspot-company", link.hubspot_id or "?")
        return blocked(Side.QUICKBOOKS, customer.id, on, "its company has not been read yet")
    reasons = why_excluded(rules, Side.HUBSPOT, customer)
    left = out_of_scope(rules, link, company, reasons) if reasons else None
    if left is not None:
        return left
    return back_in_scope(rules, link, company, plan_pair(rules, link, company, customer))


def _plan_sub_customer(situation: BusinessSituation) -> Planned:
    """
    To the business that it is a part of: the highest customer above it, else the nearest one that
    has a company.
    """
    customer, ancestors = situation.customer, situation.ancestors
    top = next((x for x in ancestors if parent_of(x) is None and company_name(x)), None)
    if top is None:
        top = next((x for x in ancestors if x.id in situation.linked_above), None)
    if top is None:
        if round_it := circle(customer, ancestors):
            return told_circle(customer, round_it, "company")
        return excluded(
            Side.QUICKBOOKS,
            customer.id,
            "parent_without_company",
            "it is a sub-customer, and the customer above it names no company",
            "Fill the company name of the parent customer in QuickBooks.",
        )
    reason = f"sub-customer of customer {top.id}"
    return Planned(attached=(Attached(record_id=customer.id, to=top.id, reason=reason),))


def _plan_unlinked(rules: Rules, situation: BusinessSituation) -> Planned:
    customer, partners = situation.customer, situation.partners
    for name, matches, why in RULES:
        if name not in rules.definition.matching:
            continue
        found = [one for one in partners if matches(customer, one.contact)]
        free = [one for one in found if one.link is None and _is_free(customer, one.contact)]
        if len(found) == 1 and len(free) == 1:
            return plan_match(rules, free[0].contact, customer, why)
        if found:
            return _case(customer, found, name)
    if not rules.definition.creates:
        return not_made(Side.HUBSPOT, customer)
    return plan_creation(rules, Side.HUBSPOT, customer, extra=owned(rules))


def _is_free(customer: Record, company: Record) -> bool:
    return company.fields.get(KEY_FIELD) in (None, "", customer.fields.get("@key"))


def _carries_key(customer: Record, company: Record) -> bool:
    """A pair of old, whatever else would be decided of it now."""
    return bool(company.fields.get(KEY_FIELD)) and _same_key(customer, company)


def _same_key(customer: Record, company: Record) -> bool:
    return company.fields.get(KEY_FIELD) == customer.fields.get("@key")


def _same_name(customer: Record, company: Record) -> bool:
    mine = company_key(company_name(customer))
    return mine is not None and company_key(company.fields.get("name")) == mine


def _same_domain(customer: Record, company: Record) -> bool:
    """One domain, and a name that does not speak against it: many businesses share an address."""
    mine = domain(customer)
    if mine is None or company_domain(company) != mine:
        return False
    theirs = company_key(company.fields.get("name"))
    if theirs is None or theirs in (company_key(mine), mine.partition(".")[0]):
        return True
    return _first_word(theirs) == _first_word(company_key(company_name(customer)) or "")


def _first_word(name: str) -> str:
    words = [word for word in re.split(r"[^\w]+", name) if word not in ("", "the", "www")]
    return words[0] if words else ""


RULES: tuple[tuple[str, Callable[[Record, Record], bool], str], ...] = (
    ("key", _same_key, "matched by our key"),
    ("name", _same_name, "matched by name"),
    ("domain", _same_domain, "matched by domain"),
)


def _case(customer: Record, found: Sequence[Partner], by: str) -> Planned:
    ids = ", ".join(sorted(one.contact.id for one in found))
    taken = [one for one in found if one.link is not None]
    why = "is another customer's already" if taken else "could be meant"
    outcome = Outcome(
        side=Side.QUICKBOOKS,
        record_id=customer.id,
        status=Status.CASE,
        code=PROPOSED,
        message=f"more than its {by} is needed to tell its company: {ids} {why}",
        remedy="Say whether it is: see both with: ledgerbridge matches list, then accept, reject "
        "or pair.",
    )
    return Planned(outcomes=(outcome,))
