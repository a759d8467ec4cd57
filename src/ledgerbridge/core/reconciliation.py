"""
Receivables of both sides, invoice by invoice, and what explains each difference.

Pure: the same amounts and reasons always give the same report. Nothing is hidden: what has no
reason is unexplained.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

ZERO = Decimal(0)


class Due(Struct, frozen=True, kw_only=True):
    """
    What one side shows of one invoice: its customer, currency, total and what is open of it.

    `home` is what is open in home currency, None where that side does not say.
    """

    customer: str
    currency: str
    total: Decimal
    open: Decimal
    home: Decimal | None = None


class Cause(StrEnum):
    """Why the two sides differ (business-rules.md, month's end)."""

    NOT_IN_SCOPE = "not in scope"
    WAITING = "waiting"
    FAILING = "failing"
    CASE = "case"
    ENDED = "ended"
    DRIFT = "drift"
    UNDATED = "credit without a date"
    UNEXPLAINED = "unexplained"


class Reason(Struct, frozen=True):
    """A cause in words, and the command that mends it; empty where nothing is to be mended."""

    cause: Cause
    message: str
    remedy: str = ""


class Difference(Struct, frozen=True, kw_only=True):
    """
    One invoice that is not the same on both sides; `hubspot` is null where it has no mirror.

    `quickbooks` and `hubspot` are open there, the other two are the same in home currency.
    """

    invoice: str
    customer: str
    currency: str
    quickbooks: Decimal | None
    hubspot: Decimal | None
    quickbooks_home: Decimal | None = None
    hubspot_home: Decimal | None = None
    cause: Cause
    message: str
    remedy: str


class Receivable(Struct, frozen=True, kw_only=True):
    """
    What is open in one currency, of all customers or of one.

    `explained` is the part of the difference that has a reason, `unexplained` the rest.
    """

    customer: str
    currency: str
    invoices: int
    quickbooks: Decimal
    hubspot: Decimal
    explained: Decimal
    unexplained: Decimal


class Compared(Struct, frozen=True, kw_only=True):
    """
    Totals by currency, all of it in home currency, customers by currency, and every difference.

    What has no amount in home currency on one side, for want of a rate, is not in `home`.
    """

    totals: tuple[Receivable, ...]
    home: tuple[Receivable, ...]
    customers: tuple[Receivable, ...]
    differences: tuple[Difference, ...]

    @property
    def unexplained(self) -> int:
        """How many differences have no reason."""
        return sum(one.cause is Cause.UNEXPLAINED for one in self.differences)


Why = Callable[[str, Due | None, Due | None], Reason]


def compare(
    books: Mapping[str, Due], mirrors: Mapping[str, Due], why: Why, home_currency: str = ""
) -> Compared:
    """Compare the invoices of the books with their mirrors, by the ids of the invoices."""
    ids = sorted({*books, *mirrors}, key=lambda x: (len(x), x))
    found = [one for x in ids if (one := _difference(x, books.get(x), mirrors.get(x), why))]
    strange = {x for side in (books, mirrors) for x, due in side.items() if due.home is None}
    ours, theirs = (
        {
            x: replace(due, currency=home_currency, open=due.home)
            for x, due in side.items()
            if x not in strange and due.home is not None
        }
        for side in (books, mirrors)
    )
    at_home = [_difference_at_home(one, home_currency) for one in found]
    return Compared(
        totals=_sums(books, mirrors, found, lambda due: ""),
        home=_sums(ours, theirs, at_home, lambda due: "") if home_currency else (),
        customers=_sums(books, mirrors, found, lambda due: due.customer),
        differences=tuple(found),
    )


def _difference_at_home(one: Difference, home_currency: str) -> Difference:
    sides = {"quickbooks": one.quickbooks_home, "hubspot": one.hubspot_home}
    return replace(one, currency=home_currency, **sides)


def _difference(invoice: str, ours: Due | None, theirs: Due | None, why: Why) -> Difference | None:
    known = ours or theirs
    assert known is not None
    same = ours is not None and theirs is not None and _same(ours, theirs)
    nothing_open = (ours is None or not ours.open) and (theirs is None or not theirs.open)
    if same or (nothing_open and (ours is None or theirs is None)):
        return None
    reason = why(invoice, ours, theirs)
    return Difference(
        invoice=invoice,
        customer=known.customer,
        currency=known.currency,
        quickbooks=None if ours is None else ours.open,
        hubspot=None if theirs is None else theirs.open,
        quickbooks_home=None if ours is None else ours.home,
        hubspot_home=None if theirs is None else theirs.home,
        cause=reason.cause,
        message=reason.message,
        remedy=reason.remedy,
    )


def _same(ours: Due, theirs: Due) -> bool:
    known = ours.home is not None and theirs.home is not None
    return (ours.currency, ours.total, ours.open) == (
        theirs.currency,
        theirs.total,
        theirs.open,
    ) and (not known or ours.home == theirs.home)


def _sums(
    books: Mapping[str, Due],
    mirrors: Mapping[str, Due],
    differences: list[Difference],
    group: Callable[[Due], str],
) -> tuple[Receivable, ...]:
    """Sums by group and currency, in the order of their names."""
    sums: dict[tuple[str, str], list[Decimal]] = {}
    counts: dict[tuple[str, str], int] = {}
    for place, side in enumerate((books, mirrors)):
        for invoice, due in side.items():
            key = group(books.get(invoice, due)), due.currency
            sums.setdefault(key, [ZERO, ZERO, ZERO, ZERO])[place] += due.open
            counts[key] = counts.get(key, 0) + (place == 0)
    for one in differences:
        known = books.get(one.invoice) or mirrors.get(one.invoice)
        if known is None:
            continue
        key = group(known), one.currency
        amount = (one.hubspot or ZERO) - (one.quickbooks or ZERO)
        sums[key][3 if one.cause is Cause.UNEXPLAINED else 2] += amount
    return tuple(
        Receivable(
            customer=customer,
            currency=currency,
            invoices=counts[customer, currency],
            quickbooks=amounts[0],
            hubspot=amounts[1],
            explained=amounts[2],
            unexplained=amounts[3],
        )
        for (customer, currency), amounts in sorted(
            sums.items(), key=lambda row: (len(row[0][0]), row[0])
        )
    )
