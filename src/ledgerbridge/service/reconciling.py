"""
Reconcile: read both sides as they are, compare what is open to the cent, and give every difference
its cause. Writes to neither side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal

from msgspec import Struct

from ledgerbridge.connectors.port import Connector, Wanted
from ledgerbridge.core.model import LinkStatus, Record, Side, State
from ledgerbridge.core.plan import Status
from ledgerbridge.core.reconciliation import Cause, Compared, Due, Reason, compare
from ledgerbridge.errors import UsageError
from ledgerbridge.service.world import World
from ledgerbridge.store import links, outcomes, pending, records
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.allocations import INVOICE, PAYMENT, money, parts, unapplied
from ledgerbridge.syncs.invoices import NAME as INVOICES

MIRRORS, PAID = "invoices", "commerce_payments"
KEY, PAID_KEY = "ledgerbridge_key", "hs_external_reference_id"
MIRROR_FIELDS = (
    KEY,
    "ledgerbridge_total",
    "ledgerbridge_balance",
    "ledgerbridge_credits_applied",
    "ledgerbridge_deposit",
    "ledgerbridge_state",
    "hs_currency",
    "hs_invoice_date",
)
PAID_FIELDS = (PAID_KEY, "hs_initial_amount", "hs_initiated_date")
RUN = "ledgerbridge run"
NOTHING = Decimal(0)
OTHER = "credit memos, journal entries and others"
CAUSES = {
    Status.EXCLUDED: Cause.NOT_IN_SCOPE,
    Status.BLOCKED: Cause.WAITING,
    Status.WAITING: Cause.WAITING,
    Status.IN_DOUBT: Cause.WAITING,
    Status.FAILING: Cause.FAILING,
    Status.CASE: Cause.CASE,
}


class Counted(Struct, frozen=True, kw_only=True):
    """How many records of one kind each side has, and how many of HubSpot's are ours."""

    what: str
    quickbooks: int
    hubspot: int
    ours: int


class NotCovered(Struct, frozen=True, kw_only=True):
    """What the customers owe or have in hand by transactions that no invoice in HubSpot shows."""

    what: str
    currency: str
    customers: int
    amount: Decimal


class ReconcileReport(Struct, frozen=True, kw_only=True):
    """Both sides compared; `as_of` is empty for now, `calls` what the look has cost."""

    as_of: str
    compared: Compared
    counted: tuple[Counted, ...]
    not_covered: tuple[NotCovered, ...]
    unexplained: int
    calls: int


class _Seen(Struct):
    """What the two reads found."""

    books: dict[str, Due]
    mirrors: dict[str, Due]
    applied_later: dict[str, Decimal]
    counts: Counter[str]
    balances: dict[str, tuple[str, Decimal]]
    rests: dict[str, Decimal]


async def reconcile(world: World, as_of: str = "") -> ReconcileReport:
    """
    Compare both sides as they are now, or as of a day. Raises CallFailed, and UsageError where the
    sync invoices is off.
    """
    if INVOICES not in world.syncs:
        raise UsageError(
            "The sync invoices is off, so there is nothing to reconcile. "
            "Switch it on with: ledgerbridge sync enable invoices"
        )
    await world.hubspot.who()
    seen = _Seen({}, {}, {}, Counter(), {}, {})
    await _read_books(world, as_of, seen)
    await _read_mirrors(world, as_of, seen)
    why = await world.store.read(_reasons, world, seen, as_of)
    compared = compare(seen.books, seen.mirrors, lambda x, ours, theirs: why[x])
    return ReconcileReport(
        as_of=as_of,
        compared=compared,
        counted=_counted(seen.counts),
        not_covered=_not_covered(seen) if not as_of else (),
        unexplained=compared.unexplained,
        calls=world.calls,
    )


async def _read_books(world: World, as_of: str, seen: _Seen) -> None:
    settled: dict[str, Decimal] = {}
    async for payment in _all(world.quickbooks, Wanted(PAYMENT)):
        seen.counts["QuickBooks payments"] += 1
        if payment.state is not State.LIVE:
            continue
        customer = next(iter(payment.references.get("CustomerRef", ())), "")
        _add(seen.rests, customer, unapplied(payment))
        later = bool(as_of) and (payment.fields.get("TxnDate") or "") > as_of
        for part in parts(payment):
            if later:
                _add(seen.applied_later, part.invoice_id, part.credit)
            else:
                _add(settled, part.invoice_id, part.cash + part.credit)
    async for invoice in _all(world.quickbooks, Wanted(INVOICE)):
        seen.counts["QuickBooks invoices"] += 1
        if invoice.state is not State.LIVE:
            continue
        if as_of and (invoice.fields.get("TxnDate") or "") > as_of:
            continue
        total = money(invoice.fields.get("TotalAmt"))
        opened = money(invoice.fields.get("Balance"))
        if as_of:
            deposit = money(invoice.fields.get("Deposit"))
            opened = total - deposit - settled.get(invoice.id, NOTHING)
        seen.books[invoice.id] = Due(
            customer=next(iter(invoice.references.get("CustomerRef", ())), ""),
            currency=invoice.fields.get("CurrencyRef") or world.home_currency,
            total=total,
            open=opened,
        )
    async for customer_record in _all(world.quickbooks, Wanted("Customer")):
        seen.counts["QuickBooks customers"] += 1
        currency = customer_record.fields.get("CurrencyRef") or world.home_currency
        balance = money(customer_record.fields.get("Balance"))
        seen.balances[customer_record.id] = (currency, balance)


async def _read_mirrors(world: World, as_of: str, seen: _Seen) -> None:
    realm = world.quickbooks.account_id
    paid: dict[str, Decimal] = {}
    if PAID in world.wanted_hubspot:
        async for payment in _all(world.hubspot, Wanted(PAID, PAID_FIELDS)):
            seen.counts["HubSpot payments"] += 1
            prefix, _, invoice_id = (payment.fields.get(PAID_KEY) or "").rpartition(":")
            if prefix.startswith(f"{realm}:payment:"):
                seen.counts["our payments"] += 1
                if (payment.fields.get("hs_initiated_date") or "")[:10] <= (as_of or "9999"):
                    _add(paid, invoice_id, money(payment.fields.get("hs_initial_amount")))
    prefix = f"{realm}:invoice:"
    async for mirror in _all(world.hubspot, Wanted(MIRRORS, MIRROR_FIELDS)):
        seen.counts["HubSpot invoices"] += 1
        key = mirror.fields.get(KEY) or ""
        if not key.startswith(prefix):
            continue
        seen.counts["our invoices"] += 1
        invoice_id = key.removeprefix(prefix)
        dated = (mirror.fields.get("hs_invoice_date") or "")[:10]
        live = mirror.fields.get("ledgerbridge_state") == State.LIVE.value
        if live and not (as_of and dated > as_of):
            ours = seen.books.get(invoice_id)
            seen.mirrors[invoice_id] = _due(mirror, ours, as_of, paid.get(invoice_id, NOTHING))
    async for _ in _all(world.hubspot, Wanted("contacts", ("email",))):
        seen.counts["HubSpot contacts"] += 1


def _due(mirror: Record, ours: Due | None, as_of: str, paid: Decimal) -> Due:
    fields = mirror.fields
    total = money(fields.get("ledgerbridge_total"))
    opened = money(fields.get("ledgerbridge_balance"))
    if as_of:
        gone = money(fields.get("ledgerbridge_credits_applied"))
        gone += money(fields.get("ledgerbridge_deposit"))
        opened = total - gone - paid
    return Due(
        customer=ours.customer if ours is not None else "",
        currency=fields.get("hs_currency") or "",
        total=total,
        open=opened,
    )


async def _all(connector: Connector, wanted: Wanted) -> AsyncIterator[Record]:
    """The records of a type, page by page."""
    async for page in connector.scan(wanted):
        for record in page.records:
            yield record


def _add(sums: dict[str, Decimal], key: str, amount: Decimal) -> None:
    sums[key] = sums.get(key, NOTHING) + amount


def _reasons(tx: Transaction, world: World, seen: _Seen, as_of: str) -> dict[str, Reason]:
    """Why an invoice differs, from what is remembered of it."""
    sync = world.syncs[INVOICES]
    ids = [x for x in {*seen.books, *seen.mirrors} if seen.books.get(x) != seen.mirrors.get(x)]
    told = outcomes.get_many(tx, sync.id, Side.QUICKBOOKS, ids)
    waiting = _marked(tx, sync.id)
    linked = links.by_ids(tx, sync.id, Side.QUICKBOOKS, ids)
    stored = records.get_many(tx, world.connections[Side.QUICKBOOKS], INVOICE, ids)
    found = {}
    for x in ids:
        ours, theirs = seen.books.get(x), seen.mirrors.get(x)
        link, known = linked.get(x), stored.get(x)
        if x in told:
            one = told[x]
            found[x] = Reason(CAUSES[one.status], f"{one.code}: {one.message}", one.remedy)
        elif x in waiting or (known is None and ours is not None) or _changed(known, ours, as_of):
            found[x] = Reason(Cause.WAITING, "it changed since the last run", RUN)
        elif link is not None and link.status is LinkStatus.DEAD:
            found[x] = Reason(Cause.ENDED, link.reason)
        elif ours is None or theirs is None:
            found[x] = Reason(Cause.UNEXPLAINED, "one side has it and nothing says why", RUN)
        elif seen.applied_later.get(x) == ours.open - theirs.open:
            message = "credits applied later: HubSpot's figure of credits carries no date"
            found[x] = Reason(Cause.UNDATED, message)
        elif link is not None and money(link.base_quickbooks.get("TotalAmt")) == ours.total:
            found[x] = Reason(Cause.DRIFT, "somebody changed the mirror in HubSpot", RUN)
        else:
            found[x] = Reason(Cause.UNEXPLAINED, "both are in step by what is remembered", RUN)
    return found


def _marked(tx: Transaction, sync_id: str) -> set[str]:
    found: set[str] = set()
    after = None
    while taken := pending.take(tx, sync_id, 1000, after):
        after = taken[-1]
        found |= {mark.record_id for mark in taken if mark.side is Side.QUICKBOOKS}
    return found


def _changed(known: Record | None, ours: Due | None, as_of: str) -> bool:
    """The books moved since they were last read by a run."""
    if known is None or ours is None:
        return known is not None and ours is None and not known.state.gone
    return money(known.fields.get("TotalAmt")) != ours.total or bool(
        not as_of and money(known.fields.get("Balance")) != ours.open
    )


def _counted(counts: Mapping[str, int]) -> tuple[Counted, ...]:
    rows = (("customers", "contacts"), ("invoices", "invoices"), ("payments", "payments"))
    return tuple(
        Counted(
            what=theirs,
            quickbooks=counts.get(f"QuickBooks {theirs}", 0),
            hubspot=counts.get(f"HubSpot {ours}", 0),
            ours=counts.get(f"our {ours}", 0),
        )
        for theirs, ours in rows
    )


def _not_covered(seen: _Seen) -> tuple[NotCovered, ...]:
    """A customer's balance is open invoices less unapplied payments; the rest is something else."""
    opened: dict[str, Decimal] = {}
    for due in seen.books.values():
        _add(opened, due.customer, due.open)
    sums: dict[tuple[str, str], list[Decimal]] = {}
    for customer, (currency, balance) in seen.balances.items():
        rest = seen.rests.get(customer, NOTHING)
        other = balance - opened.get(customer, NOTHING) + rest
        for what, amount in (("payments not applied yet", -rest), (OTHER, other)):
            if amount:
                row = sums.setdefault((what, currency), [NOTHING, NOTHING])
                row[0] += 1
                row[1] += amount
    return tuple(
        NotCovered(what=what, currency=currency, customers=int(row[0]), amount=row[1])
        for (what, currency), row in sorted(sums.items())
    )
