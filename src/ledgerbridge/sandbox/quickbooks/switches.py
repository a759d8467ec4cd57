"""
Facts about QuickBooks Online that nobody outside could verify, or that changed over the years.

Each is a named value with a documented default: the reading best supported by what was recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ThrottleForm = Literal["Fault", "fault", "xml", "empty"]
DuplicateNameDetail = Literal["sentence", "null", "placeholder"]


@dataclass(frozen=True, slots=True)
class Switches:
    """
    The choices of one emulator.

    batch_items_max: items in one batch; the API page says 30, others 10 or 50.
    limits: whether the five limits below are enforced at all.
    requests_per_minute, requests_per_second: of one realm, batches counted once.
    batch_requests_per_minute: of one realm; 40 by the API page, 120 by a blog of 2025.
    reports_per_minute: of one realm.
    concurrent_max: requests of one realm in flight at the same moment.
    throttle_form: the body of a 429: JSON of either casing, XML, or nothing.
    retry_after_s: the Retry-After header of a 429; never seen recorded, hence absent.
    rotate_refresh: whether a refresh may issue a new refresh token, which kills the one before.
    refresh_kept_s: how long a refresh token keeps its value before a refresh replaces it; the
        vendor's FAQ says about a day, 86400.
    access_token_s: lifetime of an access token.
    refresh_token_s: lifetime of a refresh token, counted anew by each refresh.
    refresh_hard_s: lifetime of all refresh tokens that came from one consent.
    invalid_grant_described: whether `invalid_grant` comes with an `error_description`.
    cdc_look_back_days: how old `changedSince` may be; None accepts anything (seen in 2020).
    cdc_rows_max: rows in one answer; the rest is left out without a sign.
    cdc_keeps: which rows survive that cut.
    cdc_inclusive: whether a row changed exactly at `changedSince` is returned.
    cdc_too_old_code: the code of the fault for a `changedSince` that is too old.
    cdc_metered, pdf_metered, send_metered: whether those calls count as data taken out.
    batch_queries_metered: whether each query of a batch counts; else a batch counts once.
    metered_monthly_max: metered calls in a month of UTC, all companies together; more are
        answered with 429. None is no limit; the free tier has 500,000.
    requestid_window_s: how long a request id replays its answer; None is for ever.
    requestid_stores_faults: whether a refused request is replayed too.
    requestid_mismatch: what a known request id with another body gets: the first answer, or
        error 600.
    requestid_scope: whether request ids are unique in a company, or for each entity of it.
    duplicate_name_detail: the end of error 6240 ("Another customer …", "null", "$$customer$$").
    inactive_names_block: whether a deactivated record still holds its name without the suffix.
    people_share_names: whether customers, vendors and employees share one list of names.
    auto_apply_credit, auto_apply_payments: the preferences a new company begins with.
    void_bumps_token, send_bumps_token: whether voiding and e-mailing raise the SyncToken.
    invoice_link_unasked: whether an invoice with BillEmail and online payment shows its link
        without `include=invoiceLink`.
    merged_in_cdc: whether change data capture shows the loser of a merge as deleted.
    merge_touches_transactions: whether transactions that a merge moved count as changed.
    bundle_lines_apart: whether the lines within a bundle have ids of their own, from 1 again; an
        answer that somebody kept numbers them with the others.
    stale_object_entity: whether error 5010 ends with ` Entity=<name>`, as the docs append.
    webhook_delay_s: how long events are gathered before they leave; minutes by older docs.
    webhook_aggregates: whether equal events about one record that leave together become one.
    webhook_withholds: whether later events wait until an earlier delivery is taken or given up.
    webhook_deactivation: what a list record made inactive is told as; Delete by the docs.
    webhook_balance_updates: whether a balance moved by a transaction is told as an Update.
    cloudevents_void: the verb of a void in CloudEvents; `void` and `voided` were both seen.
    cloudevents_type: the content type of CloudEvents.
    """

    batch_items_max: int = 30
    limits: bool = False
    requests_per_minute: int = 500
    requests_per_second: int = 10
    batch_requests_per_minute: int = 40
    reports_per_minute: int = 200
    concurrent_max: int = 10
    throttle_form: ThrottleForm = "Fault"
    retry_after_s: int | None = None
    rotate_refresh: bool = True
    refresh_kept_s: int = 0
    access_token_s: int = 3600
    refresh_token_s: int = 8_726_400
    refresh_hard_s: int = 157_680_000
    invalid_grant_described: bool = False
    cdc_look_back_days: int | None = 30
    cdc_rows_max: int = 1000
    cdc_keeps: Literal["oldest", "newest"] = "oldest"
    cdc_inclusive: bool = True
    cdc_too_old_code: Literal["500", "2060", "4001"] = "500"
    cdc_metered: bool = True
    pdf_metered: bool = True
    send_metered: bool = False
    batch_queries_metered: bool = True
    metered_monthly_max: int | None = None
    requestid_window_s: int | None = None
    requestid_stores_faults: bool = False
    requestid_mismatch: Literal["replay", "refuse"] = "replay"
    requestid_scope: Literal["company", "entity"] = "company"
    duplicate_name_detail: DuplicateNameDetail = "sentence"
    inactive_names_block: bool = False
    people_share_names: bool = True
    auto_apply_credit: bool = False
    auto_apply_payments: bool = False
    void_bumps_token: bool = True
    send_bumps_token: bool = False
    invoice_link_unasked: bool = True
    merged_in_cdc: bool = True
    merge_touches_transactions: bool = True
    bundle_lines_apart: bool = False
    stale_object_entity: bool = False
    webhook_delay_s: float = 10.0
    webhook_aggregates: bool = True
    webhook_withholds: bool = False
    webhook_deactivation: Literal["Delete", "Update"] = "Delete"
    webhook_balance_updates: bool = False
    cloudevents_void: Literal["voided", "void"] = "voided"
    cloudevents_type: str = "application/cloudevents+json"


DEFAULTS = Switches()
