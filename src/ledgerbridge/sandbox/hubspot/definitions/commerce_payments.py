"""Commerce payment properties, from the documentation's list."""

from __future__ import annotations

TABLE = """
[paymentinformation]
hs_initial_amount | Gross amount | number
hs_initiated_date | Payment date | datetime
hs_currency_code | Currency | enumeration | currency
hs_customer_email | Customer email | string
hs_fees_amount | Fees | number
hs_internal_comment | Internal comment | string textarea
hs_latest_status | Status | enumeration | | processing=Processing; succeeded=Succeeded;
    failed=Failed; partially_refunded=Partially refunded; refunded=Refunded;
    processing_refund=Processing refund; disputed_won=Dispute won; disputed_lost=Dispute lost;
    disputed_action_required=Dispute action required;
    disputed_awaiting_decision=Dispute awaiting decision
hs_payment_method_bank_or_issuer | Bank or issuer | string
hs_payment_method_last_4 | Last 4 digits | string
hs_payment_method_type | Payment method | enumeration | | card=Card; ach=ACH; cash=Cash;
    check=Check; wire_transfer=Wire transfer; other=Other; sepa=SEPA; bacs=BACS; pads=PADs
hs_payout_date | Payout date | datetime
hs_processor_type | Processor | enumeration | | hs_payments=HubSpot payments;
    byo_stripe=Stripe; none=None; quickbooks=QuickBooks; xero=Xero
hs_reference_number | Reference number | string
hs_refunds_amount | Refunds | number
hs_line_item_discounts_amount | Line item discounts | number
hs_external_reference_id | External reference ID | string | unique
hs_billing_address_street | Billing street | string
hs_billing_address_city | Billing city | string
hs_billing_address_state | Billing state | string
hs_billing_address_postal_code | Billing postal code | string
hs_billing_address_country | Billing country | string
hs_shipping_address_street | Shipping street | string
hs_shipping_address_city | Shipping city | string
hs_shipping_address_state | Shipping state | string
hs_shipping_address_postal_code | Shipping postal code | string
hs_shipping_address_country | Shipping country | string
hs_shipping_ship_to_name | Ship to name | string
hs_payment_id | Payment ID | string | read-only
hs_payment_method | Payment method text | string | calculated
hs_payment_type | Payment type | string | read-only
hs_net_amount | Net amount | number | calculated
hs_platform_fee | Platform fee | number | read-only
hs_payment_source_id | Payment source ID | string | read-only
hs_payment_source_name | Payment source name | string | read-only
hs_digital_wallet_type | Digital wallet | string | read-only
hs_order_discount_amount | Order discount | number | read-only
hs_initial_amount_in_portal_currency | Gross amount in company currency | number | calculated
hs_net_amount_in_portal_currency | Net amount in company currency | number | calculated
hubspot_owner_id | Owner | enumeration | owner
hs_object_id | Record ID | number | calculated
hs_createdate | Object create date/time | datetime | read-only
hs_lastmodifieddate | Object last modified date/time | datetime | read-only
hs_object_source | Record creation source | string | read-only hidden
hs_object_source_id | Record creation source ID | string | read-only hidden
hs_object_source_label | Record source | string | read-only
hs_object_source_user_id | Record creation source user ID | number | read-only hidden
"""
