"""Line item properties: names confirmed in integrations; types where the documentation has them."""

from __future__ import annotations

TABLE = """
[lineiteminformation]
name | Name | string
description | Description | string textarea
quantity | Quantity | number
price | Unit price | number
amount | Net price | number | calculated
discount | Unit discount | number
hs_discount_percentage | Discount percentage | number
hs_total_discount | Total discount | number | calculated
hs_pre_discount_amount | Pre discount amount | number | calculated
hs_post_tax_amount | Post tax amount | number | calculated
hs_tax_amount | Tax amount | number | calculated
hs_auto_tax_amount | Automated tax amount | number | calculated hidden
hs_tax_rate | Tax rate | number | calculated
hs_tax_rate_group_id | Tax rate group ID | string
hs_tax_label | Tax label | string | read-only
hs_tax_category | Tax category | string
tax | Tax | number | hidden
hs_product_id | Product ID | number
hs_product_type | Product type | enumeration | | inventory=Inventory; non_inventory=Non-inventory;
    service=Service
hs_variant_id | Variant ID | number
hs_sku | SKU | string
hs_external_id | External ID | string | unique
hs_unique_creation_key | Unique creation key | string | read-only hidden unique
hs_line_item_currency_code | Currency | enumeration | currency
hs_position_on_quote | Position on quote | number
hs_cost_of_goods_sold | Unit cost | number
hs_pricing_model | Pricing model | enumeration | | flat=Flat; volume=Volume; graduated=Graduated;
    stairstep=Stairstep
hs_tier_ranges | Tier ranges | string textarea | hidden
hs_tier_prices | Tier prices | string textarea | hidden
recurringbillingfrequency | Billing frequency | enumeration | | weekly=Weekly; biweekly=Biweekly;
    monthly=Monthly; quarterly=Quarterly; per_six_months=Semi-annually; annually=Annually;
    per_two_years=Every two years; per_three_years=Every three years
hs_recurring_billing_period | Term | string
hs_recurring_billing_start_date | Billing start date | date
hs_recurring_billing_end_date | Billing end date | date | calculated
hs_recurring_billing_number_of_payments | Number of payments | number
hs_recurring_billing_terms | Billing terms | enumeration | hidden | FIXED=Fixed;
    AUTO_RENEW=Auto-renew
hs_billing_period_start_date | Billing period start date | date
hs_billing_period_end_date | Billing period end date | date
hs_billing_start_delay_days | Billing start delay in days | number
hs_billing_start_delay_months | Billing start delay in months | number
hs_billing_start_delay_type | Billing start delay type | enumeration | |
    hs_billing_start_delay_days=Days; hs_billing_start_delay_months=Months
hs_term_in_months | Term in months | number | calculated
hs_acv | Annual contract value | number | calculated
hs_arr | Annual recurring revenue | number | calculated
hs_mrr | Monthly recurring revenue | number | calculated
hs_tcv | Total contract value | number | calculated
hs_margin | Margin | number | calculated
hs_margin_acv | ACV margin | number | calculated
hs_margin_arr | ARR margin | number | calculated
hs_margin_mrr | MRR margin | number | calculated
hs_margin_tcv | TCV margin | number | calculated
hubspot_owner_id | Owner | enumeration | owner
hs_object_id | Record ID | number | calculated
createdate | Create Date | datetime | read-only
hs_createdate | Object create date/time | datetime | read-only hidden
hs_lastmodifieddate | Last Modified Date | datetime | read-only
hs_object_source | Record creation source | string | read-only hidden
hs_object_source_id | Record creation source ID | string | read-only hidden
hs_object_source_label | Record source | string | read-only
hs_object_source_user_id | Record creation source user ID | number | read-only hidden
"""
