"""The planner of companies: customers as businesses, and whose contacts work there."""

from __future__ import annotations

from collections.abc import Sequence

from ledgerbridge.core.model import Link, Record, Side
from ledgerbridge.core.order import Stage
from ledgerbridge.core.plan import Operation, Planned, Pointer, WriteKind
from ledgerbridge.core.planning import joined
from ledgerbridge.service.planners.chunk import Chunk, Subject, half_of, halves_of
from ledgerbridge.service.planners.family import above, ancestors, linked_of
from ledgerbridge.service.planners.judgement import Proposal, judged, keep_proposals
from ledgerbridge.service.planners.shared import one_to_one, partners
from ledgerbridge.service.planners.totals import with_totals
from ledgerbridge.syncs import companies, contacts
from ledgerbridge.syncs.contact_situations import Partner
from ledgerbridge.syncs.identity import company_key, company_match_keys, company_name


def plan_quickbooks(chunk: Chunk, ids: Sequence[str]) -> list[Subject]:
    """What these customers need as businesses, and their contacts to be of them."""
    found = businesses(chunk, ids)
    joins = _joins(chunk, [one.customer.id for one in found])
    subjects, looked_at = [], []
    for situation in found:
        customer = situation.customer
        planned = companies.plan_business(chunk.sync.rules, situation)
        planned = joined(planned, joins.get(customer.id, Planned()))
        looked_at.append(Proposal(customer.id, planned, _ids(situation)))
        subjects.append(one_to_one(chunk, customer.id, planned))
    keep_proposals(chunk, Side.QUICKBOOKS, looked_at)
    return subjects


def _ids(situation: companies.BusinessSituation) -> list[str]:
    return [one.contact.id for one in situation.partners]


def businesses(chunk: Chunk, ids: Sequence[str]) -> list[companies.BusinessSituation]:
    """The situations of these customers; those that are not stored are left out."""
    found = chunk.read(Side.QUICKBOOKS, "Customer", ids)
    linked = chunk.links(Side.QUICKBOOKS, found)
    halves = chunk.read(Side.HUBSPOT, "companies", halves_of(linked.values()))
    free = [record for record in found.values() if record.id not in linked]
    keys = {record.id: company_key(company_name(record)) for record in free}
    groups = chunk.groups("Customer", "company", filter(None, keys.values()), found)
    near = _companies_for(chunk, free)
    parents = ancestors(chunk, free)
    paired = linked_of(chunk, parents)
    told = judged(chunk, "companies", Side.QUICKBOOKS, found)
    counted = with_totals(chunk, found)
    return [
        companies.BusinessSituation(
            customer=counted[record.id],
            link=linked.get(record.id),
            company=halves.get(half_of(linked.get(record.id))),
            same_name=_same_name(groups.get(keys.get(record.id) or "", ()), record),
            ancestors=above(record, parents),
            linked_above=paired,
            partners=tuple(
                one
                for one in near.get(record.id, ())
                if one.contact.id not in told.refused(record.id)
            ),
            chosen=told.chosen(record.id),
        )
        for record in found.values()
    ]


def _same_name(group: Sequence[Record], record: Record) -> tuple[Record, ...]:
    """A customer that is gone stands for nobody."""
    there = tuple(one for one in group if not one.state.gone)
    return there or (record,)


def _companies_for(chunk: Chunk, free: Sequence[Record]) -> dict[str, tuple[Partner, ...]]:
    keys = {record.id: company_match_keys(Side.QUICKBOOKS, record) for record in free}
    ids = chunk.hubspot_by_keys("companies", [key for group in keys.values() for key in group])
    if not ids:
        return {}
    found = chunk.read(Side.HUBSPOT, "companies", {x for group in ids.values() for x in group})
    taken = chunk.links(Side.HUBSPOT, found)
    return {
        record_id: tuple(
            Partner(found[x], taken.get(x))
            for x in dict.fromkeys(x for key in group for x in ids.get(key, ()))
            if x in found and not found[x].state.gone
        )
        for record_id, group in keys.items()
    }


def _joins(chunk: Chunk, customer_ids: Sequence[str]) -> dict[str, Planned]:
    """
    Contacts are put on the company of their customer, once: what a person takes off stays off.
    """
    theirs = partners(chunk, companies.NAME, customer_ids)
    people = partners(chunk, contacts.NAME, theirs)
    found = {}
    for customer_id, person in people.items():
        company = half_of(theirs[customer_id])
        if company not in companies.companies_of(person.base_quickbooks):
            found[customer_id] = Planned(operations=(_join(chunk, person, company),))
    return found


def _join(chunk: Chunk, person: Link, company: str) -> Operation:
    sync = chunk.world.syncs[contacts.NAME]
    return Operation(
        sync=sync.id,
        link=person.id,
        side=Side.HUBSPOT,
        object_type=sync.rules.hubspot_type,
        kind=WriteKind.ASSOCIATE,
        stage=Stage.HUBSPOT,
        record_id=person.hubspot_id,
        points=(Pointer(object_type="companies", sync=companies.NAME, known=company),),
        sources={companies.of_company(company): companies.ASSOCIATED},
        reason="the contact is of this company",
    )
