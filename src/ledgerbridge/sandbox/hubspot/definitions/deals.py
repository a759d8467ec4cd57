"""Deal properties: a 2019 definition dump, and newer ones that the reference names."""

from __future__ import annotations

TABLE = """
[dealinformation]
deal_currency_code | Currency | enumeration | currency
hs_is_closed | Is Deal Closed? | bool | calculated
hs_is_closed_won | Is Closed Won | bool | calculated
hs_is_closed_lost | Is closed lost | bool | calculated
hs_forecast_amount | Forecast amount | number | calculated
hs_projected_amount | Weighted amount | number | calculated hidden
hs_deal_stage_probability | Deal probability | number | calculated
hs_num_of_associated_line_items | Number of associated line items | number | calculated hidden
hs_merged_object_ids | Merged record IDs | enumeration checkbox | calculated hidden
hs_object_source | Record creation source | string | read-only hidden
hs_object_source_id | Record creation source ID | string | read-only hidden
hs_object_source_label | Record source | string | read-only
hs_object_source_user_id | Record creation source user ID | number | read-only hidden
amount_in_home_currency | Amount in company currency | number calculation_equation |
  read-only elsewhere
hs_campaign | HubSpot Campaign | string | hidden elsewhere
hs_lastmodifieddate | Last Modified Date | datetime | read-only
hs_object_id | Deal id | number | calculated
hubspot_owner_assigneddate | Owner Assigned Date | datetime | read-only
dealname | Deal Name | string
amount | Amount | number
dealstage | Deal Stage | enumeration radio | stage
pipeline | Pipeline | enumeration | pipeline
closedate | Close Date | datetime
createdate | Create Date | datetime
engagements_last_meeting_booked | Last Meeting Booked | datetime | read-only
engagements_last_meeting_booked_campaign | Last Meeting Booked Campaign | string | read-only
engagements_last_meeting_booked_medium | Last Meeting Booked Medium | string | read-only
engagements_last_meeting_booked_source | Last Meeting Booked Source | string | read-only
hs_sales_email_last_replied | Recent Sales Email Replied Date | datetime | read-only hidden
hubspot_owner_id | Deal owner | enumeration | owner
notes_last_contacted | Last Contacted | datetime | read-only
notes_last_updated | Last Activity Date | datetime | read-only
notes_next_activity_date | Next Activity Date | datetime | read-only
num_contacted_notes | Number of times contacted | number | read-only
num_notes | Number of Sales Activities | number | read-only
hs_createdate | HubSpot Create Date | datetime | read-only hidden
hubspot_team_id | HubSpot Team | enumeration | read-only elsewhere
dealtype | Deal Type | enumeration radio | | newbusiness=New Business; existingbusiness=Existing
    Business
hs_all_owner_ids | All owner ids | enumeration | read-only hidden owner
description | Deal Description | string textarea
hs_all_team_ids | All team ids | enumeration | read-only hidden elsewhere
hs_all_accessible_team_ids | All accessible team ids | enumeration | read-only hidden elsewhere
num_associated_contacts | Number of Contacts | number | calculated
closed_lost_reason | Closed Lost Reason | string textarea
closed_won_reason | Closed Won Reason | string textarea
[analyticsinformation]
hs_analytics_source | Original Source Type | enumeration | | ORGANIC_SEARCH=Organic Search;
    PAID_SEARCH=Paid Search; EMAIL_MARKETING=Email Marketing; SOCIAL_MEDIA=Social Media;
    REFERRALS=Referrals; OTHER_CAMPAIGNS=Other Campaigns; DIRECT_TRAFFIC=Direct Traffic;
    OFFLINE=Offline Sources; PAID_SOCIAL=Paid Social
hs_analytics_source_data_1 | Original Source Data 1 | string | read-only
hs_analytics_source_data_2 | Original Source Data 2 | string | read-only
[salesforceinformation]
salesforcelastsynctime | Last Salesforce Sync Time | datetime | read-only
"""
