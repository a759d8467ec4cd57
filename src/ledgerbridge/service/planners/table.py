"""The planner of each sync, by its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct, field

from ledgerbridge.core.model import Link, Record, Value
from ledgerbridge.core.plan import Planned
from ledgerbridge.service.planners import (
    companies,
    contacts,
    deals,
    invoices,
    payments,
    products,
    timeline,
)
from ledgerbridge.service.planners.chunk import Chunk, Found, Subject
from ledgerbridge.service.planners.shared import plan_alone_one_way
from ledgerbridge.service.world import ActiveSync, World
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.companies import NAME as COMPANIES
from ledgerbridge.syncs.contacts import NAME as CONTACTS
from ledgerbridge.syncs.deal_figures import NAME as DEALS
from ledgerbridge.syncs.invoices import DELETED_MIRROR
from ledgerbridge.syncs.invoices import NAME as INVOICES
from ledgerbridge.syncs.payments import NAME as PAYMENTS
from ledgerbridge.syncs.products import NAME as PRODUCTS
from ledgerbridge.syncs.timeline import NAME as TIMELINE


def nothing_unmade(chunk: Chunk, link: Link) -> Planned:
    """Where nothing is made before its partner, nothing is left over."""
    return Planned()


def nothing_marked(chunk: Chunk, marks: Sequence[str]) -> list[Subject]:
    """Where every mark names a record of the sync."""
    return []


class Planner(Struct, frozen=True, kw_only=True):
    """
    How the records of one sync are planned.

    `quickbooks` plans from the QuickBooks half, `alone` HubSpot records without a link. `unmade`
    withdraws what an interrupted creation left when its source is gone; `deleted` are the HubSpot
    values that tell of a deletion in QuickBooks, besides the state. `removes` says that the rule
    *archive* may remove the other half: of transactions nothing is removed. `gone` plans for a
    mirror of which the QuickBooks record is gone, where a mark is not enough. `prepare` works out
    derived records before anything is planned; `marks` plans for marks that name no record of the
    sync.
    """

    quickbooks: Callable[[Chunk, Sequence[str]], list[Subject]]
    alone: Callable[[Chunk, Found], list[Subject]] = plan_alone_one_way
    unmade: Callable[[Chunk, Link], Planned] = nothing_unmade
    deleted: dict[str, Value] = field(default_factory=dict)
    removes: bool = False
    gone: Callable[[Chunk, Link, str, Record | None], Planned] | None = None
    prepare: Callable[[Transaction, World, ActiveSync], None] | None = None
    marks: Callable[[Chunk, Sequence[str]], list[Subject]] = nothing_marked


PLANNERS = {
    CONTACTS: Planner(quickbooks=contacts.plan_quickbooks, alone=contacts.plan_alone, removes=True),
    COMPANIES: Planner(quickbooks=companies.plan_quickbooks, removes=True),
    PRODUCTS: Planner(quickbooks=products.plan_quickbooks, removes=True),
    DEALS: Planner(
        quickbooks=deals.plan_quickbooks,
        alone=deals.plan_alone,
        prepare=deals.prepare,
        marks=deals.plan_marks,
    ),
    TIMELINE: Planner(
        quickbooks=timeline.plan_quickbooks, alone=payments.plan_alone, gone=timeline.plan_gone
    ),
    PAYMENTS: Planner(
        quickbooks=payments.plan_quickbooks, alone=payments.plan_alone, gone=payments.plan_gone
    ),
    INVOICES: Planner(
        quickbooks=invoices.plan_quickbooks, unmade=invoices.plan_unmade, deleted=DELETED_MIRROR
    ),
}
