"""Contact properties: a 2019 definition dump, and newer ones seen in recordings."""

from __future__ import annotations

TABLE = """
[contactinformation]
hs_object_id | Record ID | number | calculated
hs_createdate | Object create date/time | datetime | read-only hidden
hs_lastmodifieddate | Object last modified date/time | datetime | read-only hidden
hs_full_name_or_email | Full name or email | string | calculated hidden
hs_is_contact | Is a contact | bool | calculated hidden
hs_is_unworked | Contact unworked | bool | calculated hidden
hs_pipeline | Pipeline | enumeration | hidden | contacts-lifecycle-pipeline=Lifecycle Stage Pipeline
hs_merged_object_ids | Merged record IDs | enumeration checkbox | calculated hidden
hs_calculated_merged_vids | Merged vids with timestamps of a contact | enumeration checkbox |
    calculated hidden
hs_marketable_status | Marketing contact status | enumeration | read-only | true=Marketing contact;
    false=Non-marketing contact
hs_object_source | Record creation source | string | read-only hidden
hs_object_source_id | Record creation source ID | string | read-only hidden
hs_object_source_label | Record source | string | read-only
hs_object_source_user_id | Record creation source user ID | number | read-only hidden
hs_timezone | Time Zone | string
annualrevenue | Annual Revenue | string
company_size | Company size | string
degree | Degree | string
field_of_study | Field of study | string
first_deal_created_date | First Deal Created Date | datetime | read-only
graduation_date | Graduation date | string
hs_additional_emails | Additional email addresses | enumeration | calculated hidden
hs_all_contact_vids | All vids for a contact | enumeration | calculated hidden
hs_avatar_filemanager_key | Avatar FileManager key | string | read-only hidden
hs_calculated_form_submissions | All form submissions for a contact | enumeration | calculated
    hidden
hs_calculated_mobile_number | Calculated Mobile Number in International Format | string |
    calculated hidden
hs_calculated_phone_number | Calculated Phone Number in International Format | string |
    calculated hidden
hs_calculated_phone_number_area_code | Calculated Phone Number Area Code | string | calculated
    hidden
hs_calculated_phone_number_country_code | Calculated Phone Number Country Code | string |
    calculated hidden
hs_calculated_phone_number_region_code | Calculated Phone Number Region | string | calculated
    hidden
hs_content_membership_email_confirmed | Email Confirmed | bool | read-only
hs_content_membership_notes | Membership Notes | string textarea
hs_content_membership_registered_at | Registered At | datetime | read-only
hs_content_membership_registration_domain_sent_to | Domain to which registration email was sent
    | string | read-only
hs_content_membership_registration_email_sent_at | Time registration email was sent | datetime |
    read-only
hs_content_membership_status | Status | enumeration | | active=Active; inactive=Inactive
hs_created_by_conversations | Created By Conversations | bool | read-only hidden
hs_document_last_revisited | Recent Document Revisit Date | datetime | read-only hidden
hs_email_domain | Email Domain | string | calculated hidden
hs_lead_status | Lead Status | enumeration radio | | NEW=New; OPEN=Open; IN_PROGRESS=In
    Progress; OPEN_DEAL=Open Deal; UNQUALIFIED=Unqualified; ATTEMPTED_TO_CONTACT=Attempted to
    Contact; CONNECTED=Connected; BAD_TIMING=Bad Timing
hs_legal_basis | Legal basis for processing contact's data | enumeration checkbox | | Legitimate
    interest – prospect/lead; Legitimate interest – existing customer; Legitimate interest -
    other; Performance of a contract; Freely given consent from contact; Not applicable
hs_sales_email_last_clicked | Recent Sales Email Clicked Date | datetime | read-only
hs_sales_email_last_opened | Recent Sales Email Opened Date | datetime | read-only
hs_searchable_calculated_international_mobile_number | Calculated Mobile Number with country
    code | phone_number | calculated hidden
hs_searchable_calculated_international_phone_number | Calculated Phone Number with country code
    | phone_number | calculated hidden
hs_searchable_calculated_mobile_number | Calculated Mobile Number without country code |
    phone_number | calculated hidden
hs_searchable_calculated_phone_number | Calculated Phone Number without country code |
    phone_number | calculated hidden
hs_sequences_is_enrolled | Currently in Sequence | bool | read-only
hubspot_owner_assigneddate | Owner Assigned Date | datetime | read-only
job_function | Job function | string
marital_status | Marital Status | string
military_status | Military status | string
num_associated_deals | Associated Deals | number | read-only
recent_deal_amount | Recent Deal Amount | number | read-only
recent_deal_close_date | Recent Deal Close Date | datetime | read-only
relationship_status | Relationship Status | string
seniority | Seniority | string
start_date | Start date | string
total_revenue | Total Revenue | number | read-only
work_email | Work email | string
company | Company Name | string
website | Website URL | string
firstname | First Name | string
salutation | Salutation | string
hs_persona | Persona | enumeration
industry | Industry | string
lastname | Last Name | string
mobilephone | Mobile Phone Number | string
email | Email | string
engagements_last_meeting_booked | Last Meeting Booked | datetime | read-only
engagements_last_meeting_booked_campaign | Last Meeting Booked Campaign | string | read-only
engagements_last_meeting_booked_medium | Last Meeting Booked Medium | string | read-only
engagements_last_meeting_booked_source | Last Meeting Booked Source | string | read-only
hs_sales_email_last_replied | Recent Sales Email Replied Date | datetime | read-only
hubspot_owner_id | Contact owner | enumeration | owner
notes_last_contacted | Last Contacted | datetime | read-only
notes_last_updated | Last Activity Date | datetime | read-only
notes_next_activity_date | Next Activity Date | datetime | read-only
num_contacted_notes | Number of times contacted | number | read-only
num_notes | Number of Sales Activities | number | read-only
owneremail | HubSpot Owner Email (legacy) | string
ownername | HubSpot Owner Name (legacy) | string
surveymonkeyeventlastupdated | SurveyMonkey Event Last Updated | number | read-only hidden
webinareventlastupdated | Webinar Event Last Updated | number | read-only hidden
hubspot_team_id | HubSpot Team | enumeration | read-only elsewhere
hs_all_owner_ids | All owner ids | enumeration | read-only hidden owner
hs_all_team_ids | All team ids | enumeration | read-only hidden elsewhere
hs_all_accessible_team_ids | All accessible team ids | enumeration | read-only hidden elsewhere
phone | Phone Number | string
fax | Fax Number | string
hs_language | Preferred language | enumeration | | @languages
address | Street Address | string
city | City | string
state | State/Region | string
hs_lifecyclestage_lead_date | Became a Lead Date | datetime | read-only
hs_lifecyclestage_marketingqualifiedlead_date | Became a Marketing Qualified Lead Date |
    datetime | read-only
hs_lifecyclestage_opportunity_date | Became an Opportunity Date | datetime | read-only
zip | Postal Code | string
country | Country | string
hs_lifecyclestage_salesqualifiedlead_date | Became a Sales Qualified Lead Date | datetime |
    read-only
hs_lifecyclestage_evangelist_date | Became an Evangelist Date | datetime | read-only
jobtitle | Job Title | string
hs_lifecyclestage_customer_date | Became a Customer Date | datetime | read-only
message | Notes | string textarea
closedate | Close Date | datetime
hs_lifecyclestage_subscriber_date | Became a Subscriber Date | datetime | read-only
hs_lifecyclestage_other_date | Became an Other Lifecycle Date | datetime | read-only
lifecyclestage | Lifecycle Stage | enumeration radio | | subscriber=Subscriber; lead=Lead;
    marketingqualifiedlead=Marketing Qualified Lead; salesqualifiedlead=Sales Qualified Lead;
    opportunity=Opportunity; customer=Customer; evangelist=Evangelist; other=Other
numemployees | Number of Employees | number
createdate | Create Date | datetime | read-only
hubspotscore | HubSpot Score | number | read-only
lastmodifieddate | Last Modified Date | datetime | read-only
associatedcompanyid | Associated Company ID | number | hidden
associatedcompanylastupdated | Associated Company Last Updated | number | read-only hidden
ipaddress | IP Address | string | read-only
days_to_close | Days To Close | number | calculated
hs_predictivecontactscorebucket | Lead Rating | enumeration radio | read-only | bucket_1=1 Star;
    bucket_2=2 Stars; bucket_3=3 Stars; bucket_4=4 Stars
hs_predictivecontactscore | Predictive Lead Score | number | read-only
[analyticsinformation]
hs_analytics_first_touch_converting_campaign | First Touch Converting Campaign | string |
    read-only
hs_analytics_last_touch_converting_campaign | Last Touch Converting Campaign | string | read-only
hs_analytics_first_url | First Page Seen | string | read-only
hs_analytics_last_url | Last Page Seen | string | read-only
hs_analytics_num_page_views | Number of Pageviews | number | read-only
hs_analytics_num_visits | Number of Visits | number | read-only
hs_analytics_first_timestamp | Time First Seen | datetime | read-only
hs_analytics_first_visit_timestamp | Time of First Visit | datetime | read-only
hs_analytics_num_event_completions | Number of event completions | number | read-only
hs_analytics_last_timestamp | Time Last Seen | datetime | read-only
hs_analytics_source | Original Source Type | enumeration | | ORGANIC_SEARCH=Organic Search;
    PAID_SEARCH=Paid Search; EMAIL_MARKETING=Email Marketing; SOCIAL_MEDIA=Social Media;
    REFERRALS=Referrals; OTHER_CAMPAIGNS=Other Campaigns; DIRECT_TRAFFIC=Direct Traffic;
    OFFLINE=Offline Sources; PAID_SOCIAL=Paid Social
hs_analytics_source_data_1 | Original Source Data 1 | string | read-only
hs_analytics_last_visit_timestamp | Time of Last Visit | datetime | read-only
hs_analytics_source_data_2 | Original Source Data 2 | string | read-only
hs_analytics_first_referrer | First Referring Site | string | read-only
hs_analytics_last_referrer | Last Referring Site | string | read-only
hs_analytics_average_page_views | Average Pageviews | string | read-only
hs_analytics_revenue | Revenue | string | read-only
[emailinformation]
hs_email_quarantined | Email Address Quarantined | bool | read-only
hs_email_recipient_fatigue_recovery_time | Email Address Recipient Fatigue Next Available
    Sending Time | datetime | read-only hidden
hs_email_sends_since_last_engagement | Sends Since Last Engagement | number | read-only
hs_emailconfirmationstatus | Marketing email confirmation status | enumeration | read-only |
    Confirmed; Confirmation Pending; Confirmation Email Sent; User has not clicked sent link;
    User clicked confirmation; HubSpot Rep. marked confirmed; Customer marked confirmed;
    Confirmed from previous behavior; Awaiting Double Opt In; Confirmed due to form
hs_email_delivered | Marketing emails delivered | number | read-only
hs_email_optout | Opted out of all email | enumeration booleancheckbox | read-only | true=Yes;
    false=No
currentlyinworkflow | Currently in workflow | enumeration booleancheckbox | read-only |
    true=True; false=False
hs_email_open | Marketing emails opened | number | read-only
hs_email_click | Marketing emails clicked | number | read-only
hs_email_bounce | Marketing emails bounced | number | read-only
hs_email_last_email_name | Last marketing email name | string | read-only
hs_email_last_send_date | Last marketing email send date | datetime | read-only
hs_email_last_open_date | Last marketing email open date | datetime | read-only
hs_email_last_click_date | Last marketing email click date | datetime | read-only
hs_email_first_send_date | First marketing email send date | datetime | read-only
hs_email_first_open_date | First marketing email open date | datetime | read-only
hs_email_first_click_date | First marketing email click date | datetime | read-only
hs_email_is_ineligible | Is globally ineligible | bool | read-only hidden
[conversioninformation]
hs_facebook_ad_clicked | Clicked Facebook ad | bool | hidden
hs_google_click_id | Google ad click id | string | hidden
hs_ip_timezone | IP Timezone | string | read-only
ip_country_code | IP Country Code | string | read-only
ip_state_code | IP State Code/Region Code | string | read-only
ip_zipcode | IP Zipcode | string | read-only hidden
first_conversion_event_name | First Conversion | string | calculated
num_conversion_events | Number of Form Submissions | number | calculated
first_conversion_date | First Conversion Date | datetime | calculated
recent_conversion_event_name | Recent Conversion | string | calculated
recent_conversion_date | Recent Conversion Date | datetime | calculated
num_unique_conversion_events | Number of Unique Forms Submitted | number | calculated
ip_latlon | IP Latitude & Longitude | string | read-only hidden
ip_country | IP Country | string | read-only
ip_state | IP State/Region | string | read-only
ip_city | IP City | string | read-only
[socialmediainformation]
hs_facebookid | Facebook ID | string | hidden
hs_googleplusid | googleplus ID | string | hidden
hs_linkedinid | Linkedin ID | string | hidden
hs_twitterid | Twitter ID | string | hidden
twitterhandle | Twitter Username | string
followercount | Follower Count | number
twitterprofilephoto | Twitter Profile Photo | string
hs_social_last_engagement | Most Recent Social Click | datetime | read-only
hs_social_twitter_clicks | Twitter Clicks | number | read-only
hs_social_facebook_clicks | Facebook Clicks | number | read-only
hs_social_linkedin_clicks | LinkedIn Clicks | number | read-only
hs_social_google_plus_clicks | Google Plus Clicks | number | read-only
linkedinbio | LinkedIn Bio | string
twitterbio | Twitter Bio | string
hs_social_num_broadcast_clicks | Broadcast Clicks | number | read-only
linkedinconnections | LinkedIn Connections | number
kloutscoregeneral | Klout Score | number
photo | Photo | string | hidden
[salesforceinformation]
salesforceaccountid | Salesforce Account ID | string | read-only
salesforcedeleted | | bool select | read-only hidden
sfcampaignid | Form Salesforce Campaign | string | read-only hidden
"""
