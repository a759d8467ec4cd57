"""The planner of each sync, by its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct, field

from ledgerbridge.core.model import Link, Record, Value
from ledgerbridge.core.plan import Planned
from ledgerbridge.service.planners import contacts, invoices, payments, products
from ledgerbridge.service.planners.chunk import Chunk, Found, Subject
from ledgerbridge.service.planners.shared import plan_alone_one_way
from ledgerbridge.syncs.contacts import NAME as CONTACTS
from ledgerbridge.syncs.invoices import DELETED_MIRROR
from ledgerbridge.syncs.invoices import NAME as INVOICES
from ledgerbridge.syncs.payments import NAME as PAYMENTS
from ledgerbridge.syncs.products import NAME as PRODUCTS


def nothing_unmade(chunk: Chunk, link: Link) -> Planned:
    """Where nothing is made before its partner, nothing is left over."""
    return Planned()


class Planner(Struct, frozen=True, kw_only=True):
    """
    How the records of one sync are planned.

    `quickbooks` plans from the QuickBooks half, `alone` HubSpot records without a link. `unmade`
    withdraws what an interrupted creation left when its source is gone; `deleted` are the HubSpot
    values that tell of a deletion in QuickBooks, besides the state. `gone` plans for a mirror of
    which the QuickBooks record is gone, where a mark is not enough.
    """

    quickbooks: Callable[[Chunk, Sequence[str]], list[Subject]]
    alone: Callable[[Chunk, Found], list[Subject]] = plan_alone_one_way
    unmade: Callable[[Chunk, Link], Planned] = nothing_unmade
    deleted: dict[str, Value] = field(default_factory=dict)
    gone: Callable[[Chunk, Link, str, Record | None], Planned] | None = None


PLANNERS = {
    CONTACTS: Planner(quickbooks=contacts.plan_quickbooks, alone=contacts.plan_alone),
    PRODUCTS: Planner(quickbooks=products.plan_quickbooks),
    PAYMENTS: Planner(
        quickbooks=payments.plan_quickbooks, alone=payments.plan_alone, gone=payments.plan_gone
    ),
    INVOICES: Planner(
        quickbooks=invoices.plan_quickbooks, unmade=invoices.plan_unmade, deleted=DELETED_MIRROR
    ),
}
