"""
On which contact and which company the mirror of an invoice is, and how it follows when its customer
changes, joins a company, or is merged with another one.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.model import LineLink, Link, Record, Side, Value
from ledgerbridge.core.order import Stage
from ledgerbridge.core.plan import Moved, Operation, Planned, Pointer, WriteKind
from ledgerbridge.core.planning import Rules
from ledgerbridge.syncs.companies import ASSOCIATED, companies_of, of_company, placed_on
from ledgerbridge.syncs.companies import NAME as COMPANIES
from ledgerbridge.syncs.contacts import NAME as CONTACTS
from ledgerbridge.syncs.invoice_likeness import Likeness

CUSTOMER, ON_CONTACT = "@customer", "@contact"


class InvoiceSituation(Struct, frozen=True, kw_only=True):
    """
    Everything known around one invoice.

    `reachable` names the syncs in which its customer has a partner, or will have one by this plan:
    contacts, companies. `company` and `contact` are those that it has already; with `stays` they
    are those of the customer that it was of before, too. `mirrors` are
    HubSpot invoices that carry its key, `alike` others of its number, `chosen` is the one that a
    person named; `payments` are those that have to do with it, None where payments are not read.
    `path` is the full name of its customer, with those above it.
    """

    invoice: Record
    link: Link | None
    mirror: Record | None
    lines: dict[str, LineLink]
    mirrors: tuple[Record, ...]
    alike: tuple[Likeness, ...] = ()
    chosen: Record | None = None
    reachable: frozenset[str]
    company: str | None = None
    contact: str | None = None
    stays: bool = False
    payments: tuple[Record, ...] | None = None
    path: Value = None


def left(name: str) -> str:
    """The mark in a link's base of a record that its mirror is to leave: its pair gave way."""
    return f"@left:{name}"


def plan_places(rules: Rules, link: Link, invoice: Record, situation: InvoiceSituation) -> Planned:
    """What brings the mirror of an invoice where it belongs now."""
    operations = (
        *_moved_customer(rules, link, invoice, situation),
        *_joins(rules, link, situation),
        *_leaves(rules, link, situation),
    )
    if not situation.stays:
        return Planned(operations=operations)
    now = {CUSTOMER: customer_of(invoice)}
    moved = Moved(link=link.id, hubspot={}, quickbooks=dict(now))
    return Planned(operations=operations, moved=(moved,))


def _leaves(rules: Rules, link: Link, situation: InvoiceSituation) -> tuple[Operation, ...]:
    """Two customers were merged, and a person said whose contact or company stays."""
    operations: list[Operation] = []
    for name, now in ((CONTACTS, situation.contact), (COMPANIES, situation.company)):
        mark = left(name)
        old = link.base_quickbooks.get(mark)
        if not old or now is None or old == now:
            continue
        leaves, arrives = (
            replace(
                _association(
                    rules, link, kind, (Pointer(object_type=name, sync=name, known=known),)
                ),
                reason="its customer was merged with another one",
            )
            for kind, known in ((WriteKind.DISASSOCIATE, old), (WriteKind.ASSOCIATE, now))
        )
        placed: dict[str, Value] = {ON_CONTACT: ASSOCIATED}
        gone: dict[str, Value] = {mark: None}
        if name == COMPANIES:
            placed, gone = placed_on([now]), {mark: None, of_company(old): None}
        operations.append(replace(leaves, sources=gone))
        operations.append(replace(arrives, stage=Stage.LINES_AFTER, sources=placed))
    return tuple(operations)


def customer_of(invoice: Record) -> str:
    """The id of its customer."""
    return next(iter(invoice.references.get("CustomerRef", ())), "")


def places_of(customer: str, reachable: frozenset[str]) -> tuple[Pointer, ...]:
    """On the customer's contact, and on its company: one of them there must be."""
    return tuple(
        Pointer(
            object_type=name,
            sync=name,
            partner_id=customer,
            required=name == CONTACTS or CONTACTS not in reachable,
        )
        for name in (CONTACTS, COMPANIES)
        if name in reachable
    )


def _joins(rules: Rules, link: Link, situation: InvoiceSituation) -> tuple[Operation, ...]:
    """The customer got a company or a contact since: the invoice is put on it, once."""
    company, contact = situation.company, situation.contact
    known = companies_of(link.base_quickbooks)
    sources: dict[str, Value] = {}
    points = []
    if company is not None and company not in known:
        points.append(Pointer(object_type=COMPANIES, sync=COMPANIES, known=company))
        sources |= placed_on([company])
    if contact is not None and known and not link.base_quickbooks.get(ON_CONTACT):
        points.append(Pointer(object_type=CONTACTS, sync=CONTACTS, known=contact))
        sources[ON_CONTACT] = ASSOCIATED
    if not points:
        return ()
    arrives = _association(rules, link, WriteKind.ASSOCIATE, tuple(points))
    return (replace(arrives, sources=sources, reason="its customer is in HubSpot as well now"),)


def _moved_customer(
    rules: Rules, link: Link, invoice: Record, situation: InvoiceSituation
) -> tuple[Operation, ...]:
    """The invoice belongs to another customer now: our old association goes, people's stay."""
    before, now = link.base_quickbooks.get(CUSTOMER), customer_of(invoice)
    if situation.stays:
        return ()
    if before is None or before == now or link.hubspot_id is None:
        return ()
    new = places_of(now, situation.reachable or frozenset({CONTACTS}))
    named = tuple(one for one in new if one.required)
    on_contact = ASSOCIATED if named[0].sync == CONTACTS else None
    companies = companies_of(link.base_quickbooks)
    contact = Pointer(
        object_type=CONTACTS, sync=CONTACTS, partner_id=before, required=not companies
    )
    old = (contact, *(Pointer(object_type=COMPANIES, sync=COMPANIES, known=x) for x in companies))
    # Nothing is taken away before there is something to put in its place.
    gates = tuple(replace(one, gate=True) for one in named)
    leaves = _association(rules, link, WriteKind.DISASSOCIATE, (*old, *gates))
    leaves = replace(leaves, sources={of_company(one): None for one in companies})
    arrives = _association(rules, link, WriteKind.ASSOCIATE, named)
    return (
        replace(leaves, stage=Stage.HUBSPOT),
        replace(arrives, stage=Stage.LINES_AFTER, sources={CUSTOMER: now, ON_CONTACT: on_contact}),
    )


def _association(
    rules: Rules, link: Link, kind: WriteKind, points: tuple[Pointer, ...]
) -> Operation:
    return Operation(
        sync=rules.sync,
        link=link.id,
        side=Side.HUBSPOT,
        object_type=rules.hubspot_type,
        kind=kind,
        stage=Stage.HUBSPOT,
        record_id=link.hubspot_id,
        points=points,
        reason="the invoice moved to another customer",
    )
