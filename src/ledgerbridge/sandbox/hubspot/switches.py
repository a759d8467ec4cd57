"""
What the references leave open or contradictory, as named switches with a default.

Each field says what it decides; the default is what the recordings or the documentation suggest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Switches:
    """One setting for each open fact of the HubSpot API."""

    # Invoices
    read_only_invoice_amounts: bool = False
    """hs_amount_billed, hs_amount_paid and hs_balance_due refuse writes and say so."""
    open_invoice_without_contact: bool = False
    """An invoice may leave draft although no contact is associated."""
    open_invoice_without_lines: bool = False
    """An invoice may leave draft although no line item is associated."""
    billable_paid_without_payment: bool = True
    """A billable invoice may be set to paid by a plain update."""
    past_due_date_refused: bool = True
    """A billable invoice refuses a due date before today."""
    open_invoices_deletable: bool = False
    """The account's setting: open invoices may be archived."""
    payment_marks_paid: Literal["any", "covered", "never"] = "any"
    """Which succeeded payment makes its invoice paid: each, one that covers it, or none."""
    payments_feature: bool = True
    """The account has payments set up; without it commerce payments are refused with 403."""

    # Records
    email_lowercased: bool = True
    """Contact e-mails are stored and returned in lower case."""
    cleared_value: Literal["", "null"] = "null"
    """How a cleared property reads."""
    null_clears: bool = False
    """A JSON null on write clears the property; otherwise it is ignored."""
    unique_violation_status: Literal[400, 409] = 400
    """The status for a taken value of a unique property other than a contact's e-mail."""
    companies_from_email_domains: bool = False
    """A new contact gets the company of its e-mail's domain, made if there is none."""
    merge_new_id: bool = True
    """The survivor of a merge gets a new id; otherwise the primary's stays."""
    line_item_single_parent: bool = True
    """A line item with a parent of one type refuses a parent of another type, too."""

    # Batches and pages
    batch_read_missing_status: Literal[200, 207] = 207
    """The status of a batch read when some ids do not exist."""
    trace_id_echoed: bool = False
    """objectWriteTraceId appears in the results of a batch, not only in its errors."""
    cursor: Literal["next id", "opaque"] = "next id"
    """What `after` of a list is: the next record's id, or a text that means nothing."""

    # Associations
    association_touches_modified: bool = False
    """Associating or separating two records moves their modification times."""
    first_company_is_primary: bool = True
    """The first company associated with a contact or a deal becomes its primary one."""

    # Webhooks
    webhook_delay_s: float = 0.0
    """How long events are gathered before they leave; HubSpot promises no time."""
    webhook_signature: Literal["v1", "v2"] = "v1"
    """The version of X-HubSpot-Signature; version 3 is always sent beside it."""
    creation_tells_properties: bool = True
    """A creation is also told as a change of each property it sets."""
    associations_told_twice: bool = False
    """An association that changes is told once more, with the source JOB."""

    # Limits: off by default; the sizes are those of a Professional account
    rate_limits: bool = False
    """Requests are counted, headers are sent, and too many are answered with 429."""
    burst_max: int = 190
    """Requests in ten seconds for each token."""
    associations_burst_max: int = 150
    """Requests in ten seconds to the association endpoints."""
    search_per_second_max: int = 5
    """Searches in one second for the whole account."""
    daily_max: int = 625_000
    """Requests in a day of the portal's time zone; OAuth tokens are not counted."""
