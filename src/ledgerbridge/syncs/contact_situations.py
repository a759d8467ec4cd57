"""What is known around one customer or one contact when it is decided who is whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from msgspec import Struct

from ledgerbridge.core.evidence import Evidence
from ledgerbridge.core.model import Link, Record, Side
from ledgerbridge.core.order import waits_for
from ledgerbridge.core.planning import Rules, why_excluded
from ledgerbridge.syncs.display_names import Taken

AssociatedWith = Callable[[Record, str], Sequence[Record]]
"""The records of one HubSpot type that are associated with a contact, mirrors of ours left out."""


class Partner(Struct, frozen=True):
    """A HubSpot contact that might be the one, with its link where it has one already."""

    contact: Record
    link: Link | None


class Lookalike(Struct, frozen=True):
    """A record of the other side without a partner that may be the same person, and why."""

    record: Record
    evidence: Evidence


class Claimant(Struct, frozen=True):
    """A customer that might be the one for a contact, with its link where it has one already."""

    customer: Record
    link: Link | None


class CustomerSituation(Struct, frozen=True, kw_only=True):
    """
    Everything known around one customer.

    `same_email` are all customers whose first e-mail is the same, this one included. `ancestors`
    go from the nearest up, `linked_above` are those of them that have a contact. `partners` are
    contacts that carry its key or its e-mail, `lookalikes` others that may be the same; those that
    a person refused are in neither, and `chosen` is the one that a person named. `invoiced` says of
    a customer without a link whether it, or one that shares its e-mail, has a live invoice.
    """

    customer: Record
    link: Link | None
    contact: Record | None
    same_email: tuple[Record, ...] = ()
    ancestors: tuple[Record, ...] = ()
    linked_above: frozenset[str] = frozenset()
    partners: tuple[Partner, ...] = ()
    lookalikes: tuple[Lookalike, ...] = ()
    chosen: Partner | None = None
    invoiced: bool = False
    associated: AssociatedWith


class ContactSituation(Struct, frozen=True, kw_only=True):
    """
    Everything known around one contact without a link.

    `claimants` are the customers that it might be: by key or e-mail. `taken` says which
    of some names (as comparison keys) a customer, vendor or employee is known to have.
    `lookalikes` are customers that may be the same person; `chosen` is the customer that a person
    named.
    """

    contact: Record
    claimants: tuple[Claimant, ...]
    taken: Taken
    lookalikes: tuple[Lookalike, ...] = ()
    chosen: str | None = None
    associated: AssociatedWith


def why_not_to_books(rules: Rules, contact: Record, associated: AssociatedWith) -> tuple[str, ...]:
    """The reasons why a contact may not travel to QuickBooks; empty when it may."""
    return why_excluded(rules, Side.QUICKBOOKS, contact, partial(associated, contact))


def until_it_changes(customer_id: str) -> str:
    """The key that wakes contacts for which a customer stands in the way, once it changes."""
    return waits_for("claimant", customer_id)
