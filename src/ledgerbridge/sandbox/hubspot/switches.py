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
    total_stuck_at_first_line: bool = False
    """Lines associated after the first leave the total of an invoice as it is, until an edit."""
    payments_feature: bool = True
    """The account has payments set up; without it commerce payments are refused with 403."""
    adjustments_feature: bool = True
    """Discounts and taxes can be made by the API; without it they are refused with 403."""
    written_amounts_kept: bool = True
    """Amounts written on a non-billable invoice stay when its lines, discounts or taxes change."""

    # Records
    unchanged_write_touches: bool = False
    """Writing the values that a record has already moves its modification time all the same."""
    email_lowercased: bool = True
    """Contact e-mails are stored and returned in lower case."""
    email_that_gave_way: Literal["secondary", "lost"] = "secondary"
    """What a primary address becomes when a further one of its contact is written over it."""
    cleared_value: Literal["", "null"] = "null"
    """How a cleared property reads."""
    null_clears: bool = False
    """A JSON null on write clears the property; otherwise it is ignored."""
    date_form: Literal["date", "milliseconds"] = "date"
    """How the value of a date property reads: as a date, or as midnight in milliseconds."""
    milliseconds: Literal["unless zero", "always"] = "unless zero"
    """Whether instants in properties are shown with milliseconds that are zero."""
    contact_exists_form: Literal["with id", "plain", "object exists"] = "with id"
    """The body of a 409 for a taken e-mail: naming its contact, not naming it, or as of 2024."""
    product_name_required: bool = True
    """A product without a name is refused."""
    unique_violation_status: Literal[400, 409] = 400
    """The status for a taken value of a unique property other than a contact's e-mail."""
    companies_from_email_domains: bool = False
    """A new contact gets the company of its e-mail's domain, made if there is none."""
    merge_new_id: bool = True
    """The survivor of a merge gets a new id; otherwise the primary's stays."""
    merged_ids_in_batches: Literal["contacts", "all", "none"] = "contacts"
    """Of which types a batch finds a survivor by an id from before its merge."""
    archived_readable: bool = False
    """A read by id shows an archived record although the archived ones were not asked for."""
    archived_property_returns: Literal["as it was", "as asked"] = "as it was"
    """What the creation of a property brings back where its name is an archived one's."""
    custom_properties_max: int = 1_000
    """Properties of its own that an object type can have."""
    line_item_single_parent: bool = True
    """A line item with a parent of one type refuses a parent of another type, too."""

    # Batches and pages
    batch_read_missing_status: Literal[200, 207] = 207
    """The status of a batch read when some ids do not exist."""
    upsert_by_email: Literal["all or nothing", "rows fail alone"] = "all or nothing"
    """What "partial upserts are not supported" by e-mail means for rows with trace ids."""
    trace_id_echoed: bool = False
    """objectWriteTraceId appears in the results of a batch, not only in its errors."""
    shapes_of_2026_09: Literal["beta", "first"] = "beta"
    """As 2026-09-beta and later files, or as first published: no 207, no list of associations."""
    history_rows_max: int = 50
    """Records that one answer shows with the history of properties."""
    history_order: Literal["newest first", "oldest first"] = "newest first"
    """The order of the values in a history."""
    batch_order: Literal["as sent", "reversed"] = "as sent"
    """The order of the results of a batch."""
    search_values_max: int = 100
    """Values that one IN or NOT_IN of a search may have."""
    search_in_lower_case: bool = True
    """IN and NOT_IN find texts only by values in lower case, as documented."""
    cursor: Literal["next id", "opaque"] = "next id"
    """What `after` of a list is: the next record's id, or a text that means nothing."""

    # Associations
    association_touches_modified: bool = False
    """Associating or separating two records moves their modification times."""
    first_company_is_primary: bool = True
    """The first company associated with a contact or a deal becomes its primary one."""
    association_ids: Literal["text", "number"] = "text"
    """What the ids in associations of the dated paths are: as the files say, or as the guide."""
    associations_page_max: int = 500
    """Associated records that one answer shows of a record; the rest is on further pages."""
    association_labels_max: int = 50
    """Labels of its own that a pair of types can have, counted in one direction."""

    # App events
    app_events_of_private_apps: bool = False
    """The token of a private app may send app events, not only that of an installation."""
    unknown_event_type_status: Literal[400, 404] = 400
    """The status for an app event of a type that the app does not have."""
    taken_event_in_batch: Literal["row", "whole"] = "row"
    """What an id that was sent before does to a batch of events: its row fails, or all of it."""

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
    throttle_form: Literal["policy", "category"] = "policy"
    """The body of a 429: with errorType and the policy's name, or with a category alone."""
    burst_max: int = 190
    """Requests in ten seconds for each static token."""
    oauth_burst_max: int = 110
    """Requests in ten seconds for each token of an installation."""
    associations_burst_max: int = 150
    """Requests in ten seconds to the association endpoints."""
    search_per_second_max: int = 5
    """Searches in one second for the whole account."""
    searches_count_in_day: bool = True
    """Whether searches are among the requests that are counted for a day."""
    daily_max: int = 625_000
    """Requests in a day of the portal's time zone; OAuth tokens are not counted."""

    # Requests
    url_length_max: int = 8_192
    """Characters of a path and its query; longer ones are answered with 414."""
    content_type_checked: bool = True
    """A body that says it is something else than what is asked for is answered with 415."""
