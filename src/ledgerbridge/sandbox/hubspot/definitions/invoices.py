"""Invoice properties: names confirmed in integrations; types where the documentation has them."""

from __future__ import annotations

TABLE = """
[invoiceinformation]
hs_currency | Currency | enumeration | currency
hs_invoice_date | Invoice date | datetime
hs_due_date | Due date | datetime
hs_invoice_status | Invoice status | enumeration | | draft=Draft; open=Open; paid=Paid;
    voided=Voided
hs_invoice_billable | Billable | bool
hs_title | Title | string
hs_number | Number | string
hs_purchase_order_number | Purchase order number | string
hs_comments | Comments | string textarea
hs_tax_id | Tax ID | string
hs_language | Language | enumeration | | @languages
hs_locale | Locale | string
hs_allowed_payment_methods | Allowed payment methods | enumeration checkbox | |
    credit_or_debit_card=Credit or debit card; ach=ACH; sepa=SEPA; bacs=BACS; pads=PADs
hs_invoice_payment_collection_method | Payment collection method | enumeration | | manual=Manual;
    none=None
hs_allow_partial_payments | Allow partial payments | bool
hs_collect_address_types | Collect address types | enumeration checkbox | |
    billing_address=Billing address; shipping_address=Shipping address
hs_recipient_company_address | Billing street | string
hs_recipient_company_address2 | Billing street 2 | string
hs_recipient_company_city | Billing city | string
hs_recipient_company_state | Billing state | string
hs_recipient_company_zip | Billing postal code | string
hs_recipient_company_country | Billing country | string
hs_recipient_shipping_address | Shipping street | string
hs_recipient_shipping_address2 | Shipping street 2 | string
hs_recipient_shipping_city | Shipping city | string
hs_recipient_shipping_state | Shipping state | string
hs_recipient_shipping_zip | Shipping postal code | string
hs_recipient_shipping_country | Shipping country | string
hs_amount_billed | Amount billed | number
hs_amount_paid | Amount paid | number
hs_balance_due | Balance due | number
hs_amount_billed_in_company_currency | Amount billed in company currency | number | calculated
hs_payment_date | Payment date | datetime
hs_days_overdue | Days overdue | number | calculated
hs_total_discount | Total discount | number | calculated
hs_discount_percentage | Discount percentage | number
hs_tax | Tax | number | calculated
hs_invoice_link | Invoice link | string | read-only
hs_pdf_download_link | PDF download link | string | read-only
hs_external_invoice_id | External invoice ID | string
hs_external_createdate | External create date | datetime
hs_unique_id | Unique ID | string | read-only
hs_invoice_source | Invoice source | enumeration | read-only | hubspot=HubSpot;
    data_sync=Data sync; legacy_quickbooks=Legacy QuickBooks
hs_invoice_latest_contact_email | Latest contact email | string | calculated
hs_invoice_latest_contact_firstname | Latest contact first name | string | calculated
hs_invoice_latest_contact_lastname | Latest contact last name | string | calculated
hs_invoice_latest_company_name | Latest company name | string | calculated
hs_custom_fields | Custom fields | string textarea
hubspot_owner_id | Owner | enumeration | owner
hs_object_id | Record ID | number | calculated
hs_createdate | Object create date/time | datetime | read-only
hs_lastmodifieddate | Object last modified date/time | datetime | read-only
hs_object_source | Record creation source | string | read-only hidden
hs_object_source_id | Record creation source ID | string | read-only hidden
hs_object_source_label | Record source | string | read-only
hs_object_source_user_id | Record creation source user ID | number | read-only hidden
"""
