"""Product properties; a portal also has one `hs_price_<currency>` for each enabled currency."""

from __future__ import annotations

TABLE = """
[productinformation]
name | Name | string
description | Product description | string textarea
price | Unit price | number
hs_sku | SKU | string | unique
hs_cost_of_goods_sold | Unit cost | number
hs_recurring_billing_period | Term | string
recurringbillingfrequency | Billing frequency | enumeration | | weekly=Weekly; biweekly=Biweekly;
    monthly=Monthly; quarterly=Quarterly; per_six_months=Semi-annually; annually=Annually;
    per_two_years=Every two years; per_three_years=Every three years
hs_recurring_billing_start_date | Billing start date | date
hs_folder | Folder | string
hs_folder_name | Folder name | string | read-only hidden
hs_url | URL | string
hs_images | Image URL | string
hs_status | Status | enumeration | | active=Active; inactive=Inactive
hs_product_type | Product type | enumeration | | inventory=Inventory; non_inventory=Non-inventory;
    service=Service
hs_product_classification | Product classification | enumeration | hidden | standalone=Standalone;
    variant=Variant; bundle=Bundle
tax | Tax | number | hidden
hs_tax_category | Tax category | string
hs_pricing_model | Pricing model | enumeration | | flat=Flat; volume=Volume; graduated=Graduated;
    stairstep=Stairstep
hs_tier_ranges | Tier ranges | string textarea | hidden
hs_tier_prices | Tier prices | string textarea | hidden
hs_discount_percentage | Discount percentage | number | hidden
discount | Unit discount | number | hidden
amount | Amount | number | calculated hidden
hs_avatar_filemanager_key | Avatar key | string | read-only hidden
hs_unique_creation_key | Unique creation key | string | read-only hidden unique
hubspot_owner_id | Product owner | enumeration | owner
hubspot_team_id | HubSpot Team | enumeration | read-only hidden elsewhere
hs_object_id | Record ID | number | calculated
createdate | Create Date | datetime | read-only
hs_createdate | Object create date/time | datetime | read-only hidden
hs_lastmodifieddate | Last Modified Date | datetime | read-only
hs_object_source | Record creation source | string | read-only hidden
hs_object_source_id | Record creation source ID | string | read-only hidden
hs_object_source_label | Record source | string | read-only
hs_object_source_user_id | Record creation source user ID | number | read-only hidden
"""
