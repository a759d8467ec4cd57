"""
Reconcile: read both sides as they are, compare what is open and what was paid to the cent, and give
every difference its cause. Writes to neither side.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct, field

from ledgerbridge.connectors.port import Connector, Wanted
from ledgerbridge.core.model import Record, State
from ledgerbridge.core.reconciliation import Compared, Due, compare
from ledgerbridge.errors import UsageError
from ledgerbridge.service import counting
from ledgerbridge.service.counting import Counted, Uncounted
from ledgerbridge.service.differing import Compare, reasons
from ledgerbridge.service.world import World
from ledgerbridge.syncs.allocations import (
    INVOICE,
    PAYMENT,
    UNAPPLIED,
    allocations,
    money,
    parts,
    unapplied,
)
from ledgerbridge.syncs.invoices import NAME as INVOICES
from ledgerbridge.syncs.payments import NAME as PAYMENTS

MIRRORS, PAID = "invoices", "commerce_payments"
KEY, PAID_KEY = "ledgerbridge_key", "hs_external_reference_id"
MIRROR_FIELDS = (
    KEY,
    "ledgerbridge_total",
    "ledgerbridge_balance",
    "ledgerbridge_home_balance",
    "ledgerbridge_exchange_rate",
    "ledgerbridge_credits_applied",
    "ledgerbridge_deposit",
    "ledgerbridge_state",
    "hs_currency",
    "hs_invoice_date",
)
PAID_FIELDS = (PAID_KEY, "hs_initial_amount", "hs_initiated_date", "hs_currency_code")
NOTHING, CENT = Decimal(0), Decimal("0.01")
OTHER = "credit memos, journal entries and others"


class NotCovered(Struct, frozen=True, kw_only=True):
    """What the customers owe or have in hand by transactions that no invoice in HubSpot shows."""

    what: str
    currency: str
    customers: int
    amount: Decimal


class ReconcileReport(Struct, frozen=True, kw_only=True):
    """
    Both sides compared; `as_of` is empty for now, `calls` what the look has cost.

    `compared` is about what is open of invoices; `paid` about payments, a part for each invoice
    that one settles, with their amounts in the place of what is open; null where that sync is off.
    """

    as_of: str
    home_currency: str
    compared: Compared
    paid: Compared | None
    counted: tuple[Counted, ...]
    not_covered: tuple[NotCovered, ...]
    not_counted: tuple[Uncounted, ...]
    unexplained: int
    calls: int


class _Seen(Struct):
    """What the two reads found: invoices and parts of payments by their QuickBooks ids."""

    books: dict[str, Due] = field(default_factory=dict)
    mirrors: dict[str, Due] = field(default_factory=dict)
    paid: dict[str, Due] = field(default_factory=dict)
    shown_paid: dict[str, Due] = field(default_factory=dict)
    applied_later: dict[str, Decimal] = field(default_factory=dict)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    balances: dict[str, tuple[str, Decimal]] = field(default_factory=dict)
    rests: dict[str, Decimal] = field(default_factory=dict)


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
    seen = _Seen()
    await _read_books(world, as_of, seen)
    await _read_mirrors(world, as_of, seen)
    compared = await _compared(world, Compare(INVOICES, seen.books, seen.mirrors), as_of, seen)
    paid = None
    if PAYMENTS in world.syncs:
        paid = await _compared(world, Compare(PAYMENTS, seen.paid, seen.shown_paid), as_of, seen)
    return ReconcileReport(
        as_of=as_of,
        home_currency=world.home_currency,
        compared=compared,
        paid=paid,
        counted=await counting.counted(world, seen.counts),
        not_covered=_not_covered(seen) if not as_of else (),
        not_counted=await counting.uncovered(world),
        unexplained=compared.unexplained + (paid.unexplained if paid is not None else 0),
        calls=world.calls,
    )


async def _compared(world: World, what: Compare, as_of: str, seen: _Seen) -> Compared:
    later = seen.applied_later if what.sync == INVOICES else {}
    why = await world.store.read(reasons, world, what, later, as_of=as_of)
    home = world.home_currency if what.sync == INVOICES else ""
    return compare(what.books, what.mirrors, lambda x, ours, theirs: why[x], home)


async def _read_books(world: World, as_of: str, seen: _Seen) -> None:
    settled: dict[str, Decimal] = {}
    async for payment in _all(world.quickbooks, Wanted(PAYMENT), seen):
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
        for one in () if later else allocations(payment):
            seen.paid[one.id] = _paid(world, one, customer)
    async for invoice in _all(world.quickbooks, Wanted(INVOICE), seen):
        dated = invoice.fields.get("TxnDate") or ""
        if invoice.state is State.LIVE and not (as_of and dated > as_of):
            seen.books[invoice.id] = _owed(world, invoice, as_of, settled)
    async for record in _all(world.quickbooks, Wanted("Customer"), seen):
        currency = record.fields.get("CurrencyRef") or world.home_currency
        seen.balances[record.id] = (currency, money(record.fields.get("Balance")))


def _paid(world: World, allocation: Record, customer: str) -> Due:
    amount = money(allocation.fields.get("@amount"))
    currency = allocation.fields.get("CurrencyRef") or world.home_currency
    return Due(customer=customer, currency=currency, total=amount, open=amount)


def _owed(world: World, invoice: Record, as_of: str, settled: dict[str, Decimal]) -> Due:
    fields = invoice.fields
    total, opened = money(fields.get("TotalAmt")), money(fields.get("Balance"))
    if as_of:
        opened = total - money(fields.get("Deposit")) - settled.get(invoice.id, NOTHING)
    currency = fields.get("CurrencyRef") or world.home_currency
    told = None if as_of else fields.get("HomeBalance")
    return Due(
        customer=next(iter(invoice.references.get("CustomerRef", ())), ""),
        currency=currency,
        total=total,
        open=opened,
        home=_at_home(world, currency, opened, told, fields.get("ExchangeRate")),
    )


async def _read_mirrors(world: World, as_of: str, seen: _Seen) -> None:
    realm = world.quickbooks.account_id
    paid: dict[str, Decimal] = {}
    if PAID in world.wanted_hubspot:
        async for payment in _all(world.hubspot, Wanted(PAID, PAID_FIELDS), seen):
            prefix = f"{realm}:payment:"
            key = payment.fields.get(PAID_KEY) or ""
            dated = (payment.fields.get("hs_initiated_date") or "")[:10]
            if not key.startswith(prefix) or dated > (as_of or "9999"):
                continue
            amount = money(payment.fields.get("hs_initial_amount"))
            allocation = key.removeprefix(prefix)
            _add(paid, allocation.rpartition(":")[2], amount)
            ours = seen.paid.get(allocation)
            seen.shown_paid[allocation] = Due(
                customer=ours.customer if ours is not None else "",
                currency=payment.fields.get("hs_currency_code") or world.home_currency,
                total=amount,
                open=amount,
            )
    paid.pop(UNAPPLIED, None)
    prefix = f"{realm}:invoice:"
    async for mirror in _all(world.hubspot, Wanted(MIRRORS, MIRROR_FIELDS), seen):
        key = mirror.fields.get(KEY) or ""
        invoice_id = key.removeprefix(prefix)
        dated = (mirror.fields.get("hs_invoice_date") or "")[:10]
        live = mirror.fields.get("ledgerbridge_state") == State.LIVE.value
        if key.startswith(prefix) and live and not (as_of and dated > as_of):
            ours = seen.books.get(invoice_id)
            settled = paid.get(invoice_id, NOTHING) if as_of else None
            seen.mirrors[invoice_id] = _shown(world, mirror, ours, settled)


def _shown(world: World, mirror: Record, ours: Due | None, settled: Decimal | None) -> Due:
    """What a mirror shows; `settled` is what was paid up to the day asked for, None for now."""
    fields = mirror.fields
    total = money(fields.get("ledgerbridge_total"))
    opened = money(fields.get("ledgerbridge_balance"))
    if settled is not None:
        gone = money(fields.get("ledgerbridge_credits_applied"))
        gone += money(fields.get("ledgerbridge_deposit"))
        opened = total - gone - settled
    currency = fields.get("hs_currency") or ""
    told = fields.get("ledgerbridge_home_balance") if settled is None else None
    rate = fields.get("ledgerbridge_exchange_rate")
    return Due(
        customer=ours.customer if ours is not None else "",
        currency=currency,
        total=total,
        open=opened,
        home=_at_home(world, currency, opened, told, rate),
    )


def _at_home(
    world: World, currency: str, opened: Decimal, told: str | None, rate: str | None
) -> Decimal | None:
    """What is open in home currency: as told, else by the rate, None without one."""
    if told:
        return money(told)
    if currency == world.home_currency:
        return opened
    return (opened * money(rate)).quantize(CENT, ROUND_HALF_UP) if rate else None


async def _all(connector: Connector, wanted: Wanted, seen: _Seen) -> AsyncIterator[Record]:
    """The records of a type, page by page, and their number."""
    place = connector.side, wanted.object_type
    async for page in connector.scan(wanted):
        seen.counts[place] = seen.counts.get(place, 0) + len(page.records)
        for record in page.records:
            yield record


def _add(sums: dict[str, Decimal], key: str, amount: Decimal) -> None:
    sums[key] = sums.get(key, NOTHING) + amount


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
