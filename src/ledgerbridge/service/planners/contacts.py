"""The planner of contacts: customers and contacts, with what is known around each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ledgerbridge.core.filters import associations_used
from ledgerbridge.core.model import Record, Side, link_id
from ledgerbridge.core.order import waits_for
from ledgerbridge.core.plan import Planned
from ledgerbridge.core.planning import blocked, joined
from ledgerbridge.core.values import emails, text_key
from ledgerbridge.service.planners.chunk import Chunk, Found, Subject, half_of, halves_of
from ledgerbridge.service.planners.family import above, ancestors, linked_of
from ledgerbridge.service.planners.judgement import (
    Proposal,
    choices,
    judged,
    keep_proposals,
    refused_customers,
)
from ledgerbridge.service.planners.likeness import contacts_like, customers_like
from ledgerbridge.service.planners.shared import one_to_one
from ledgerbridge.service.planners.totals import with_totals
from ledgerbridge.service.storing import mirror_of_ours
from ledgerbridge.store import records, references
from ledgerbridge.syncs import contacts
from ledgerbridge.syncs.contact_situations import (
    AssociatedWith,
    Claimant,
    ContactSituation,
    CustomerSituation,
    Partner,
)
from ledgerbridge.syncs.identity import EMAIL, match_keys

PAIRING = ("key", "email")
NAMED = ("Customer", "Vendor", "Employee")


def plan_quickbooks(chunk: Chunk, ids: Sequence[str]) -> list[Subject]:
    """What these customers need."""
    busy = chunk.busy()
    subjects, looked_at = [], []
    for situation in customers(chunk, ids):
        planned = _waiting(chunk, situation, busy)
        planned = planned or contacts.plan_customer(chunk.sync.rules, situation)
        planned = joined(planned, _passed_over(situation, planned))
        near = [*(p.contact for p in situation.partners), *(x.record for x in situation.lookalikes)]
        candidates = [record.id for record in near]
        looked_at.append(Proposal(situation.customer.id, planned, candidates))
        subjects.append(one_to_one(chunk, situation.customer.id, planned))
    keep_proposals(chunk, Side.QUICKBOOKS, looked_at)
    return subjects


def plan_alone(chunk: Chunk, found: Found) -> list[Subject]:
    """What these contacts without a link need."""
    subjects, looked_at = [], []
    busy = chunk.busy()
    for situation in unlinked_contacts(chunk, found):
        record_id = situation.contact.id
        if link_id(chunk.sync.id, Side.HUBSPOT, record_id) in busy:
            continue
        planned = contacts.plan_contact(chunk.sync.rules, situation)
        candidates = [one.record.id for one in situation.lookalikes]
        looked_at.append(Proposal(record_id, planned, candidates))
        for operation in planned.operations:
            chunk.world.promised_names.add(text_key(operation.fields.get("DisplayName") or ""))
        subjects.append(Subject(Side.HUBSPOT, record_id, planned))
    keep_proposals(chunk, Side.HUBSPOT, looked_at)
    return subjects


def _waiting(chunk: Chunk, situation: CustomerSituation, busy: set[str]) -> Planned | None:
    """A customer that may be the one we are making for a contact right now: adopt nothing."""
    if situation.link is not None or not busy:
        return None
    for partner in situation.partners:
        unit = link_id(chunk.sync.id, Side.HUBSPOT, partner.contact.id)
        if unit in busy:
            message = f"a customer is being made for contact {partner.contact.id}; this may be it"
            record_id = situation.customer.id
            return blocked(Side.QUICKBOOKS, record_id, waits_for("intent", unit), message)
    return None


def _passed_over(situation: CustomerSituation, planned: Planned) -> Planned:
    """Contacts that left it to a customer that becomes another one's: who took it is told them."""
    made = {one.hubspot_id for one in planned.links}
    free = {one.contact.id for one in situation.partners if one.link is None}
    left = sorted(free - made) if made else []
    return Planned(look_again_at=tuple((Side.HUBSPOT, contact_id) for contact_id in left))


def customers(chunk: Chunk, ids: Sequence[str]) -> list[CustomerSituation]:
    """The situations of these customers; those that are not stored are left out."""
    found = chunk.read(Side.QUICKBOOKS, "Customer", ids)
    linked = chunk.links(Side.QUICKBOOKS, found)
    halves = chunk.read(Side.HUBSPOT, "contacts", halves_of(linked.values()))
    free = [record for record in found.values() if record.id not in linked]
    groups = chunk.groups("Customer", "email", filter(None, map(first_email, free)), found)
    partners = _contacts_for(chunk, free)
    near = [*halves.values(), *(p.contact for group in partners.values() for p in group)]
    associated = _associated_with(chunk, near)
    parents = ancestors(chunk, free)
    paired = linked_of(chunk, parents)
    told = judged(chunk, "contacts", Side.QUICKBOOKS, found)
    invoiced = _invoiced(chunk, [x for r in free for x in _of_one_email(groups, r)])
    alike = contacts_like(chunk, [r for r in free if not partners.get(r.id)], told)
    counted = with_totals(chunk, found)
    return [
        CustomerSituation(
            customer=counted[record.id],
            link=linked.get(record.id),
            contact=halves.get(half_of(linked.get(record.id))),
            same_email=_of_one_email(groups, record),
            ancestors=above(record, parents),
            linked_above=paired,
            partners=tuple(
                one
                for one in partners.get(record.id, ())
                if one.contact.id not in told.refused(record.id)
            ),
            lookalikes=alike.get(record.id, ()),
            chosen=told.chosen(record.id),
            invoiced=any(one.id in invoiced for one in _of_one_email(groups, record)),
            associated=associated,
        )
        for record in found.values()
    ]


def _of_one_email(groups: Mapping[str, Sequence[Record]], record: Record) -> tuple[Record, ...]:
    return tuple(groups.get(first_email(record) or "", (record,)))


def _invoiced(chunk: Chunk, customers: Sequence[Record]) -> set[str]:
    """Those of these customers that have a live invoice, by id."""
    connection = chunk.world.connections[Side.QUICKBOOKS]
    ids = [record.id for record in customers]
    return references.referred_to(chunk.tx, connection, "Invoice", "CustomerRef", ids)


def first_email(customer: Record) -> str | None:
    """The address that a customer is known by."""
    return next(iter(emails(customer.fields.get(EMAIL))), None)


def _contacts_for(chunk: Chunk, free: Sequence[Record]) -> dict[str, tuple[Partner, ...]]:
    keys = {
        record.id: [key for key in match_keys(Side.QUICKBOOKS, record) if key[0] in PAIRING]
        for record in free
    }
    ids = chunk.hubspot_by_keys("contacts", [key for group in keys.values() for key in group])
    if not ids:
        return {}
    found = chunk.read(Side.HUBSPOT, "contacts", {x for group in ids.values() for x in group})
    taken = chunk.links(Side.HUBSPOT, found)
    return {
        record_id: tuple(
            Partner(found[x], taken.get(x))
            for x in dict.fromkeys(x for key in group for x in ids.get(key, ()))
            if x in found and not found[x].state.gone
        )
        for record_id, group in keys.items()
    }


def _associated_with(chunk: Chunk, near: Sequence[Record]) -> AssociatedWith:
    """What the filter to QuickBooks may ask about these contacts, mirrors of ours left out."""
    definition = chunk.sync.rules.definition
    types = associations_used(definition.to_quickbooks)
    if not types or not definition.travels(Side.QUICKBOOKS) or not near:
        return lambda record, association: ()
    connection = chunk.world.connections[Side.HUBSPOT]
    ids = [record.id for record in near]
    answers: dict[tuple[str, str], list[Record]] = {}
    for kind in types:
        referring = records.referring(chunk.tx, connection, kind, "contacts", ids)
        found = chunk.read(Side.HUBSPOT, kind, {x for group in referring.values() for x in group})
        for contact_id, group in referring.items():
            answers[contact_id, kind] = [
                found[x]
                for x in group
                if x in found
                and not found[x].state.gone
                and not mirror_of_ours(chunk.world, found[x])
            ]
    return lambda record, association: answers.get((record.id, association), ())


def unlinked_contacts(chunk: Chunk, found: Found) -> list[ContactSituation]:
    """The situations of contacts that have no link."""
    keys = {record.id: match_keys(Side.HUBSPOT, record) for record in found.values()}
    by_email = chunk.groups(
        "Customer", "email", (v for group in keys.values() for n, v in group if n == "email"), {}
    )
    by_key = chunk.groups(
        "Customer", "key", (v for group in keys.values() for n, v in group if n == "key"), {}
    )
    claimants = {
        record_id: {
            customer.id: customer
            for name, value in group
            for customer in (by_email if name == "email" else by_key).get(value, ())
        }
        for record_id, group in keys.items()
    }
    taken = chunk.links(Side.QUICKBOOKS, {x for group in claimants.values() for x in group})
    associated = _associated_with(chunk, list(found.values()))
    strange = [record for record in found.values() if not claimants[record.id]]
    told = chunk.decided(Side.HUBSPOT, found)
    alike = customers_like(chunk, strange, told)
    chosen = choices(chunk, told)
    return [
        ContactSituation(
            contact=record,
            claimants=tuple(
                Claimant(customer, taken.get(customer.id))
                for customer in claimants[record.id].values()
                if not customer.state.gone
                and customer.id not in refused_customers(told.get(record.id, ()))
            ),
            taken=lambda names: _taken(chunk, names),
            lookalikes=alike.get(record.id, ()),
            chosen=chosen.get(record.id),
            associated=associated,
        )
        for record in found.values()
    ]


def _taken(chunk: Chunk, names: Sequence[str]) -> frozenset[str]:
    """Which of these names are known in QuickBooks, or promised by this very plan."""
    known = {name for kind in NAMED for name in chunk.by_key(Side.QUICKBOOKS, kind, "name", names)}
    return frozenset(known | (chunk.world.promised_names & set(names)))
