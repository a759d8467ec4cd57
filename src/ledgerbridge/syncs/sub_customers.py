"""
Sub-customers and projects: below whom they stand, and what to say where that leads nowhere
(business-rules.md, who is whom).
"""

from __future__ import annotations

from collections.abc import Sequence

from ledgerbridge.core.model import Record, Side
from ledgerbridge.core.plan import Outcome, Planned, Status

PARENT = "ParentRef"
CIRCLE = "circular_parents"


def parent_of(customer: Record) -> str | None:
    """The id of the customer that it stands below; None at the top."""
    return next(iter(customer.references.get(PARENT, ())), None)


def circle(customer: Record, ancestors: Sequence[Record]) -> tuple[str, ...]:
    """
    Those of a customer and its `ancestors`, the nearest first, that stand above each other in a
    circle; none of them where the line ends.
    """
    line = [customer.id, *(one.id for one in ancestors)]
    last = parent_of(ancestors[-1] if ancestors else customer)
    return tuple(line[line.index(last) :]) if last in line else ()


def told_circle(customer: Record, round_it: Sequence[str], lacks: str) -> Planned:
    """The case of a customer in or below a circle; `lacks` names what it has to do without."""
    outcome = Outcome(
        side=Side.QUICKBOOKS,
        record_id=customer.id,
        status=Status.CASE,
        code=CIRCLE,
        message=f"customers {', '.join(round_it)} stand above each other in a circle: nobody is at "
        f"the top of it, so there is no {lacks} that it belongs to, and its invoices wait",
        remedy=f"Make one of them no sub-customer in QuickBooks ({', '.join(round_it)}), then: "
        "ledgerbridge run",
    )
    return Planned(outcomes=(outcome,))
