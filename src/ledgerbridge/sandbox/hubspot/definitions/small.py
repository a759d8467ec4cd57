"""Properties of the small types: notes; discounts, fees and taxes; quotes in their basics."""

from __future__ import annotations

COMMON = """
hs_object_id | Record ID | number | calculated
hs_createdate | Object create date/time | datetime | read-only
hs_lastmodifieddate | Object last modified date/time | datetime | read-only
hs_object_source | Record creation source | string | read-only hidden
hs_object_source_id | Record creation source ID | string | read-only hidden
hs_object_source_label | Record source | string | read-only
hs_object_source_user_id | Record creation source user ID | number | read-only hidden
"""

NOTES = f"""
[engagement]
hs_timestamp | Activity date | datetime
hs_note_body | Note body | string html
hs_body_preview | Body preview | string | read-only
hs_body_preview_is_truncated | Body preview truncated | bool | read-only hidden
hs_obj_coords | Object coordinates | object_coordinates | read-only hidden
hs_attachment_ids | Attachment IDs | enumeration checkbox
hubspot_owner_id | Activity assigned to | enumeration | owner
{COMMON.strip()}
"""

ADJUSTMENT = f"""
[{{group}}]
hs_label | Label | string
hs_type | Type | enumeration | | PERCENT=Percent; FIXED=Fixed
hs_value | Value | number
hs_sort_order | Sort order | number
hs_duration | Duration | enumeration | hidden | once=Once; forever=Forever
{COMMON.strip()}
"""

QUOTES = f"""
[quoteinformation]
hs_title | Quote name | string
hs_expiration_date | Expiration date | date
hs_status | Status | enumeration | | DRAFT=Draft; PENDING_APPROVAL=Pending approval;
    APPROVAL_NOT_NEEDED=Approval not needed; APPROVED=Approved; REJECTED=Rejected
hs_currency | Currency | enumeration | currency
hs_quote_amount | Amount | number | calculated
hs_quote_number | Reference number | string | read-only
hs_language | Language | enumeration | | @languages
hs_locale | Locale | string
hubspot_owner_id | Owner | enumeration | owner
{COMMON.strip()}
"""
