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
    limits: whether the four limits below are enforced at all.
    requests_per_minute, requests_per_second: of one realm, batches counted once.
    batch_requests_per_minute: of one realm; 40 by the API page, 120 by a blog of 2025.
    concurrent_max: requests of one realm in flight at the same moment.
    throttle_form: the body of a 429: JSON of either casing, XML, or nothing.
    retry_after_s: the Retry-After header of a 429; never seen recorded, hence absent.
    rotate_refresh: whether each refresh issues a new refresh token and kills the one before.
    access_token_s: lifetime of an access token.
    cdc_look_back_days: how old `changedSince` may be; None accepts anything (seen in 2020).
    cdc_rows_max: rows in one answer; the rest is left out without a sign.
    cdc_keeps: which rows survive that cut.
    cdc_inclusive: whether a row changed exactly at `changedSince` is returned.
    requestid_window_s: how long a request id replays its answer; None is for ever.
    requestid_stores_faults: whether a refused request is replayed too.
    duplicate_name_detail: the end of error 6240 ("Another customer …", "null", "$$customer$$").
    inactive_names_block: whether a deactivated record still holds its name without the suffix.
    merged_in_cdc: whether change data capture shows the loser of a merge as deleted.
    merge_touches_transactions: whether transactions that a merge moved count as changed.
    stale_object_entity: whether error 5010 ends with ` Entity=<name>`, as the docs append.
    """

    batch_items_max: int = 30
    limits: bool = False
    requests_per_minute: int = 500
    requests_per_second: int = 10
    batch_requests_per_minute: int = 40
    concurrent_max: int = 10
    throttle_form: ThrottleForm = "Fault"
    retry_after_s: int | None = None
    rotate_refresh: bool = True
    access_token_s: int = 3600
    cdc_look_back_days: int | None = 30
    cdc_rows_max: int = 1000
    cdc_keeps: Literal["oldest", "newest"] = "oldest"
    cdc_inclusive: bool = True
    requestid_window_s: int | None = None
    requestid_stores_faults: bool = False
    duplicate_name_detail: DuplicateNameDetail = "sentence"
    inactive_names_block: bool = False
    merged_in_cdc: bool = True
    merge_touches_transactions: bool = True
    stale_object_entity: bool = False


DEFAULTS = Switches()
