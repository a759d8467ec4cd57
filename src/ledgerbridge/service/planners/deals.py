"""
The planner of deals: which invoices go on which deal, and what each deal shows of them.

Its marks are deals, by their ids, and invoices whose deal is to be found, as `invoice:12`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ledgerbridge.core.model import Link, LinkStatus, Record, Side, State
from ledgerbridge.core.order import Stage
from ledgerbridge.core.plan import Operation, Outcome, Planned, Pointer, Status, WriteKind
from ledgerbridge.service.planners.chunk import Chunk, Found, Subject, half_of, halves_of
from ledgerbridge.service.planners.invoices import payments_of
from ledgerbridge.service.planners.shared import partners
from ledgerbridge.service.storing import DEAL_MARK, DEALS, store_derived
from ledgerbridge.service.world import ActiveSync, World
from ledgerbridge.store import decisions, links, pending, records
from ledgerbridge.store.decisions import Decision, Verdict
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs import deal_figures
from ledgerbridge.syncs.allocations import ALLOCATION, INVOICE, OF_INVOICE, money
from ledgerbridge.syncs.companies import NAME as COMPANIES
from ledgerbridge.syncs.contacts import NAME as CONTACTS
from ledgerbridge.syncs.deal_figures import FIGURES, Billed
from ledgerbridge.syncs.deals import Candidate, Chosen, Undecided, choose
from ledgerbridge.syncs.invoice_figures import Around, derive, settled
from ledgerbridge.syncs.invoices import NAME as INVOICES
from ledgerbridge.syncs.timeline import NAME as TIMELINE
from ledgerbridge.syncs.totals import counted_since

DEAL = "@deal"
CHUNK_RECORDS = 500


def prepare(tx: Transaction, world: World, sync: ActiveSync) -> None:
    """Before the deals are planned: find the deals concerned, and work out what they show."""
    chunk = Chunk(tx, world, sync)
    after: pending.Pending | None = None
    while taken := pending.take(tx, sync.id, CHUNK_RECORDS, after):
        after = taken[-1]
        ours = [mark.record_id for mark in taken if mark.side is Side.HUBSPOT]
        invoices = [
            mark.record_id.removeprefix(DEAL_MARK)
            for mark in taken
            if mark.side is Side.QUICKBOOKS and mark.record_id.startswith(DEAL_MARK)
        ]
        _see_removals(chunk, ours)
        waiting = _undecided_near(chunk, ours)
        pending.mark(
            tx, sync.id, Side.QUICKBOOKS, [DEAL_MARK + x for x in waiting], world.clock.now()
        )
        concerned = {*ours, *_deals_of(chunk, invoices)}
        _work_out(chunk, concerned)


def _see_removals(chunk: Chunk, deal_ids: Sequence[str]) -> None:
    """What we associated, and a person took off since, is not put back."""
    tx, sync = chunk.tx, chunk.sync
    made = decisions.by_ids(tx, sync.id, Side.HUBSPOT, deal_ids)
    if not made:
        return
    deals = chunk.read(Side.HUBSPOT, DEALS, made)
    seen_at = records.seen_at(tx, chunk.world.connections[Side.HUBSPOT], DEALS, made)
    mirrors = _mirrors(chunk, {one.quickbooks_id for group in made.values() for one in group})
    removed = [
        (one.quickbooks_id, deal_id)
        for deal_id, group in made.items()
        if deal_id in deals and not deals[deal_id].state.gone
        for one in group
        if one.verdict.holds
        and seen_at[deal_id] > one.at
        and one.quickbooks_id in mirrors
        and mirrors[one.quickbooks_id] not in deals[deal_id].references.get(INVOICES, ())
    ]
    decisions.put(tx, sync.id, removed, Verdict.REMOVED, chunk.world.clock.now())


def _mirrors(chunk: Chunk, invoices: Iterable[str]) -> dict[str, str]:
    """The mirrors of these invoices, by the invoice's id."""
    sync = chunk.world.syncs.get(INVOICES)
    if sync is None:
        return {}
    found = links.by_ids(chunk.tx, sync.id, Side.QUICKBOOKS, invoices)
    return {x: half_of(link) for x, link in found.items() if _is_mirrored(link)}


def _is_mirrored(link: Link) -> bool:
    return link.hubspot_id is not None and link.status is LinkStatus.LIVE


def _undecided_near(chunk: Chunk, deal_ids: Sequence[str]) -> set[str]:
    """A deal changed: the invoices of its people that have none yet may find theirs now."""
    deals = chunk.read(Side.HUBSPOT, DEALS, deal_ids).values()
    customers: set[str] = set()
    for name in (CONTACTS, COMPANIES):
        near = {x for deal in deals for x in deal.references.get(name, ())}
        parents = chunk.world.syncs.get(name)
        if parents is not None and near:
            linked = links.by_ids(chunk.tx, parents.id, Side.HUBSPOT, near)
            customers |= {link.quickbooks_id for link in linked.values() if link.quickbooks_id}
    if not customers:
        return set()
    connection = chunk.world.connections[Side.QUICKBOOKS]
    found = records.referring(chunk.tx, connection, INVOICE, "CustomerRef", customers)
    invoices = {x for group in found.values() for x in group}
    decided = decisions.by_ids(chunk.tx, chunk.sync.id, Side.QUICKBOOKS, invoices)
    return {x for x in invoices if not any(one.verdict.holds for one in decided.get(x, ()))}


def _deals_of(chunk: Chunk, invoices: Sequence[str]) -> set[str]:
    """The deals that these invoices are, or were, on."""
    decided = decisions.by_ids(chunk.tx, chunk.sync.id, Side.QUICKBOOKS, invoices)
    were = {one.hubspot_id for group in decided.values() for one in group}
    return were | {x for group in deals_by_invoice(chunk, invoices).values() for x in group}


def deals_by_invoice(chunk: Chunk, invoices: Iterable[str]) -> dict[str, set[str]]:
    """The deals that each of these invoices is on: by a rule, or by a person in HubSpot."""
    sync, wanted = chunk.world.syncs.get(DEALS), list(invoices)
    if sync is None:
        return {}
    decided = decisions.by_ids(chunk.tx, sync.id, Side.QUICKBOOKS, wanted)
    mirrors = _mirrors(chunk, wanted)
    connection = chunk.world.connections[Side.HUBSPOT]
    by_mirror = records.referring(chunk.tx, connection, DEALS, INVOICES, mirrors.values())
    found: dict[str, set[str]] = {}
    for invoice in wanted:
        told = decided.get(invoice, ())
        on = {one.hubspot_id for one in told if one.verdict.holds}
        off = {one.hubspot_id for one in told if not one.verdict.holds}
        found[invoice] = (on | set(by_mirror.get(mirrors.get(invoice, ""), ()))) - off
    return found


def invoices_on(chunk: Chunk, deal_ids: Iterable[str]) -> dict[str, list[str]]:
    """The invoices on each of these deals: by a rule, or by a person in HubSpot."""
    wanted = list(deal_ids)
    decided = decisions.by_ids(chunk.tx, chunk.sync.id, Side.HUBSPOT, wanted)
    deals = chunk.read(Side.HUBSPOT, DEALS, wanted)
    sync = chunk.world.syncs.get(INVOICES)
    mirrors = {x for deal in deals.values() for x in deal.references.get(INVOICES, ())}
    linked = links.by_ids(chunk.tx, sync.id, Side.HUBSPOT, mirrors) if sync is not None else {}
    found: dict[str, list[str]] = {}
    for deal_id in wanted:
        group = decided.get(deal_id, [])
        out = {one.quickbooks_id for one in group if not one.verdict.holds}
        ours = [one.quickbooks_id for one in group if one.verdict.holds]
        theirs = [
            linked[x].quickbooks_id or ""
            for x in (deals[deal_id].references.get(INVOICES, ()) if deal_id in deals else ())
            if x in linked
        ]
        found[deal_id] = [x for x in dict.fromkeys((*ours, *theirs)) if x and x not in out]
    return found


def _work_out(chunk: Chunk, deal_ids: Iterable[str]) -> None:
    """Store the figures of these deals; a deal that never had an invoice has none."""
    invoices = invoices_on(chunk, deal_ids)
    every = {x for group in invoices.values() for x in group}
    stored = chunk.read(Side.QUICKBOOKS, INVOICE, every)
    payments = payments_of(chunk, stored) or {}
    before = chunk.read(Side.QUICKBOOKS, FIGURES, invoices)
    parents = chunk.world.syncs.get(INVOICES)
    since = "" if parents is None else counted_since(parents.rules.definition.to_hubspot)
    found = []
    for deal_id, ids in invoices.items():
        there = [stored[x] for x in ids if x in stored]
        if there or deal_id in before:
            billed = [_billed(chunk, one, payments) for one in there]
            realm = chunk.world.quickbooks.account_id
            as_of = chunk.sync.rules.as_of
            found.append(deal_figures.figures(realm, deal_id, billed, since=since, as_of=as_of))
    store_derived(chunk.tx, chunk.world, FIGURES, found)


def _billed(chunk: Chunk, invoice: Record, payments: dict[str, tuple[Record, ...]]) -> Billed:
    around = Around(as_of=chunk.sync.rules.as_of, payments=payments.get(invoice.id, ()))
    return Billed(invoice=derive(invoice, around), settlement=settled(invoice, around))


def plan_quickbooks(chunk: Chunk, ids: Sequence[str]) -> list[Subject]:
    """What these deals need to show their figures."""
    found = chunk.read(Side.QUICKBOOKS, FIGURES, ids)
    linked = chunk.links(Side.QUICKBOOKS, found)
    deals = chunk.read(Side.HUBSPOT, DEALS, {*found, *halves_of(linked.values())})
    rules = chunk.sync.rules
    return [
        Subject(
            Side.QUICKBOOKS,
            record.id,
            deal_figures.plan_figures(rules, linked.get(record.id), deals.get(record.id), record),
        )
        for record in found.values()
    ]


def plan_alone(chunk: Chunk, found: Found) -> list[Subject]:
    """A deal without an invoice needs nothing."""
    return []


def plan_marks(chunk: Chunk, marks: Sequence[str]) -> list[Subject]:
    """The deal of each marked invoice: associated by a rule, or a case for a person."""
    ids = [mark.removeprefix(DEAL_MARK) for mark in marks if mark.startswith(DEAL_MARK)]
    sync = chunk.world.syncs.get(INVOICES)
    if sync is None or not ids:
        return []
    stored = chunk.read(Side.QUICKBOOKS, INVOICE, ids)
    linked = links.by_ids(chunk.tx, sync.id, Side.QUICKBOOKS, stored)
    decided = decisions.by_ids(chunk.tx, chunk.sync.id, Side.QUICKBOOKS, stored)
    found = []
    for invoice in stored.values():
        link = linked.get(invoice.id)
        told = decided.get(invoice.id, [])
        on_one = any(one.verdict is Verdict.ASSOCIATED for one in told)
        if link is None or not _is_mirrored(link) or on_one or invoice.state is not State.LIVE:
            continue
        found.append(
            Subject(Side.QUICKBOOKS, DEAL_MARK + invoice.id, _plan(chunk, invoice, link, told))
        )
    return found


def _plan(chunk: Chunk, invoice: Record, link: Link, told: Sequence[Decision]) -> Planned:
    by_person = next((one for one in told if one.verdict is Verdict.CHOSEN), None)
    if by_person is not None:
        return _associate(chunk, invoice, link, Chosen(by_person.hubspot_id, "decided by a person"))
    candidates = list(_candidates(chunk, invoice, link, told))
    named = chunk.read(Side.HUBSPOT, DEALS, _possible_ids(invoice))
    there = {x: deal for x, deal in named.items() if not deal.state.gone}
    home = chunk.world.home_currency
    chosen = choose(invoice, candidates, there, home)
    if isinstance(chosen, Undecided):
        return _case(invoice, chosen)
    if chosen is None or any(one.by_person for one in candidates):
        return Planned()
    return _associate(chunk, invoice, link, chosen)


def _possible_ids(invoice: Record) -> list[str]:
    return [v for n, v in invoice.fields.items() if n.startswith("CustomField.") and v]


def _candidates(
    chunk: Chunk, invoice: Record, link: Link, told: Sequence[Decision]
) -> Iterator[Candidate]:
    """The deals of the invoice's contact and company, and those that a person put it on."""
    tx, connection = chunk.tx, chunk.world.connections[Side.HUBSPOT]
    customers = invoice.references.get("CustomerRef", ())
    near: dict[str, list[str]] = {}
    for name in (CONTACTS, COMPANIES):
        halves = halves_of(partners(chunk, name, customers).values())
        near |= records.referring(tx, connection, DEALS, name, halves)
    mine = records.referring(tx, connection, DEALS, INVOICES, [link.hubspot_id or ""])
    by_person = {x for group in mine.values() for x in group}
    ids = dict.fromkeys((*by_person, *(x for group in near.values() for x in group)))
    deals = chunk.read(Side.HUBSPOT, DEALS, ids)
    invoices = invoices_on(chunk, deals)
    stored = chunk.read(Side.QUICKBOOKS, INVOICE, {x for g in invoices.values() for x in g})
    refused = {one.hubspot_id for one in told if not one.verdict.holds}
    promised = chunk.world.promised_deals
    for deal in deals.values():
        if deal.state.gone:
            continue
        on = [stored[x] for x in invoices[deal.id] if x in stored]
        billed = sum((money(one.fields.get("TotalAmt")) for one in on), money(None))
        yield Candidate(
            deal=deal,
            billed=billed + promised.get(deal.id, money(None)),
            by_person=deal.id in by_person and deal.id not in refused,
            refused=deal.id in refused,
        )


def _associate(chunk: Chunk, invoice: Record, link: Link, chosen: Chosen) -> Planned:
    promised = chunk.world.promised_deals
    total = money(invoice.fields.get("TotalAmt"))
    promised[chosen.deal_id] = promised.get(chosen.deal_id, money(None)) + total
    sync = chunk.world.syncs[INVOICES]
    operation = Operation(
        sync=sync.id,
        link=link.id,
        side=Side.HUBSPOT,
        object_type=sync.rules.hubspot_type,
        kind=WriteKind.ASSOCIATE,
        stage=Stage.HUBSPOT,
        record_id=link.hubspot_id,
        points=(Pointer(object_type=DEALS, sync=DEALS, known=chosen.deal_id),),
        sources={DEAL: chosen.deal_id},
        reason=f"on deal {chosen.deal_id}: {chosen.why}",
    )
    return Planned(operations=(operation,))


def _case(invoice: Record, undecided: Undecided) -> Planned:
    outcome = Outcome(
        side=Side.QUICKBOOKS,
        record_id=DEAL_MARK + invoice.id,
        status=Status.CASE,
        code="which_deal",
        message=f"invoice {invoice.id} could be on several deals: {undecided.why}",
        remedy="Decide with: ledgerbridge cases decide "
        f"{DEAL_MARK}{invoice.id} DEAL, or associate it in HubSpot.",
    )
    return Planned(outcomes=(outcome,))


def keep(tx: Transaction, world: World, associated: Sequence[tuple[str, str]]) -> None:
    """
    Invoices were put on deals by rule: remembered, so that a person's removal is respected.

    With less unbilled on those deals, others of the same customers may have a single one left.
    """
    sync = world.syncs.get(DEALS)
    if sync is None or not associated:
        return
    now = world.clock.now()
    decisions.put(tx, sync.id, associated, Verdict.ASSOCIATED, now)
    invoices = [invoice for invoice, _ in associated]
    near = _undecided_near(Chunk(tx, world, sync), [deal for _, deal in associated])
    marks = [DEAL_MARK + x for x in (*invoices, *sorted(near))]
    pending.mark(tx, sync.id, Side.QUICKBOOKS, marks, now)
    notes = world.syncs.get(TIMELINE)
    if notes is not None:
        connection = world.connections[Side.QUICKBOOKS]
        paid = records.referring(tx, connection, ALLOCATION, OF_INVOICE, invoices)
        ids = [x for group in paid.values() for x in group]
        pending.mark(tx, notes.id, Side.QUICKBOOKS, ids, now)
