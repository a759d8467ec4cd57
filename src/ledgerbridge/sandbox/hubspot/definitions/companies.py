"""Company properties that the reference names, with the common ones around them."""

from __future__ import annotations

TABLE = """
[companyinformation]
name | Company name | string
domain | Company Domain Name | string
website | Website URL | string
phone | Phone Number | string phonenumber
address | Street Address | string
address2 | Street Address 2 | string
city | City | string
state | State/Region | string
zip | Postal Code | string
country | Country/Region | string
hs_country_code | Country/Region Code | string
hs_state_code | State/Region Code | string
industry | Industry | enumeration | | ACCOUNTING=Accounting; AIRLINES_AVIATION=Airlines/Aviation;
    APPAREL_FASHION=Apparel & Fashion; ARCHITECTURE_PLANNING=Architecture & Planning;
    ARTS_AND_CRAFTS=Arts and Crafts; AUTOMOTIVE=Automotive; BANKING=Banking;
    BIOTECHNOLOGY=Biotechnology; BROADCAST_MEDIA=Broadcast Media;
    BUILDING_MATERIALS=Building Materials; CHEMICALS=Chemicals; CIVIL_ENGINEERING=Civil Engineering;
    COMPUTER_HARDWARE=Computer Hardware; COMPUTER_NETWORKING=Computer Networking;
    COMPUTER_SOFTWARE=Computer Software; CONSTRUCTION=Construction;
    CONSUMER_ELECTRONICS=Consumer Electronics; CONSUMER_GOODS=Consumer Goods;
    CONSUMER_SERVICES=Consumer Services; COSMETICS=Cosmetics; DESIGN=Design;
    EDUCATION_MANAGEMENT=Education Management; ENTERTAINMENT=Entertainment;
    ENVIRONMENTAL_SERVICES=Environmental Services; EVENTS_SERVICES=Events Services;
    FACILITIES_SERVICES=Facilities Services; FARMING=Farming;
    FINANCIAL_SERVICES=Financial Services; FOOD_BEVERAGES=Food & Beverages;
    FOOD_PRODUCTION=Food Production; FURNITURE=Furniture; GRAPHIC_DESIGN=Graphic Design;
    HEALTH_WELLNESS_AND_FITNESS=Health, Wellness and Fitness; HOSPITAL_HEALTH_CARE=Hospital & Health
    Care; HOSPITALITY=Hospitality; HUMAN_RESOURCES=Human Resources; INSURANCE=Insurance;
    INTERNET=Internet; LAW_PRACTICE=Law Practice; LEGAL_SERVICES=Legal Services;
    LEISURE_TRAVEL_TOURISM=Leisure, Travel & Tourism; MACHINERY=Machinery;
    MANAGEMENT_CONSULTING=Management Consulting; MARKETING_AND_ADVERTISING=Marketing and
    Advertising; MEDICAL_PRACTICE=Medical Practice; NON_PROFIT_ORGANIZATION_MANAGEMENT=Non-Profit
    Organization Management; PHOTOGRAPHY=Photography; PRINTING=Printing; PUBLISHING=Publishing;
    REAL_ESTATE=Real Estate; RESTAURANTS=Restaurants; RETAIL=Retail; SPORTS=Sports;
    STAFFING_AND_RECRUITING=Staffing and Recruiting; TELECOMMUNICATIONS=Telecommunications;
    TEXTILES=Textiles; TRANSPORTATION_TRUCKING_RAILROAD=Transportation/Trucking/Railroad;
    UTILITIES=Utilities; VETERINARY=Veterinary; WHOLESALE=Wholesale; WIRELESS=Wireless
type | Type | enumeration | | PROSPECT=Prospect; PARTNER=Partner; RESELLER=Reseller; VENDOR=Vendor;
    OTHER=Other
lifecyclestage | Lifecycle Stage | enumeration radio | | subscriber=Subscriber; lead=Lead;
    marketingqualifiedlead=Marketing Qualified Lead; salesqualifiedlead=Sales Qualified Lead;
    opportunity=Opportunity; customer=Customer; evangelist=Evangelist; other=Other
hs_lead_status | Lead Status | enumeration radio | | NEW=New; OPEN=Open; IN_PROGRESS=In Progress;
    OPEN_DEAL=Open Deal; UNQUALIFIED=Unqualified; ATTEMPTED_TO_CONTACT=Attempted to Contact;
    CONNECTED=Connected; BAD_TIMING=Bad Timing
numberofemployees | Number of Employees | number
annualrevenue | Annual Revenue | number
description | Description | string textarea
about_us | About Us | string textarea
founded_year | Year Founded | string
timezone | Time Zone | string
is_public | Is Public | bool
closedate | Close Date | datetime
hs_additional_domains | Additional Domains | enumeration checkbox
hs_tax_id | Tax ID | enumeration checkbox
hs_pipeline | Pipeline | enumeration | hidden | companies-lifecycle-pipeline=Lifecycle Pipeline
hubspot_owner_id | Company owner | enumeration | owner
hubspot_owner_assigneddate | Owner Assigned Date | datetime | read-only
hubspot_team_id | HubSpot Team | enumeration | read-only elsewhere
hs_all_owner_ids | All owner IDs | enumeration checkbox | read-only hidden owner
hs_object_id | Record ID | number | calculated
createdate | Create Date | datetime | read-only
hs_createdate | Object create date/time | datetime | read-only hidden
hs_lastmodifieddate | Last Modified Date | datetime | read-only
hs_merged_object_ids | Merged record IDs | enumeration checkbox | calculated hidden
hs_num_open_deals | Number of open deals | number | calculated hidden
hs_num_child_companies | Number of child companies | number | calculated hidden
hs_parent_company_id | Parent Company | number | calculated
hs_annual_revenue_currency_code | Annual Revenue Currency Code | string | read-only hidden
num_associated_contacts | Number of Associated Contacts | number | calculated
num_associated_deals | Number of Associated Deals | number | calculated
first_contact_createdate | First Contact Create Date | datetime | calculated
first_deal_created_date | First Deal Created Date | datetime | calculated
recent_deal_amount | Recent Deal Amount | number | calculated
recent_deal_close_date | Recent Deal Close Date | datetime | calculated
total_revenue | Total Revenue | number | calculated
notes_last_contacted | Last Contacted | datetime | calculated
notes_last_updated | Last Activity Date | datetime | calculated
num_contacted_notes | Number of times contacted | number | calculated
num_notes | Number of Sales Activities | number | calculated
hs_object_source | Record creation source | string | read-only hidden
hs_object_source_id | Record creation source ID | string | read-only hidden
hs_object_source_label | Record source | string | read-only
hs_object_source_user_id | Record creation source user ID | number | read-only hidden
[socialmediainformation]
linkedin_company_page | LinkedIn Company Page | string
linkedinbio | LinkedIn Bio | string
facebook_company_page | Facebook Company Page | string
googleplus_page | Google Plus Page | string
twitterhandle | Twitter Handle | string
[analyticsinformation]
hs_analytics_source | Original Source Type | enumeration | | ORGANIC_SEARCH=Organic Search;
    PAID_SEARCH=Paid Search; EMAIL_MARKETING=Email Marketing; SOCIAL_MEDIA=Social Media;
    REFERRALS=Referrals; OTHER_CAMPAIGNS=Other Campaigns; DIRECT_TRAFFIC=Direct Traffic;
    OFFLINE=Offline Sources; PAID_SOCIAL=Paid Social
hs_analytics_source_data_1 | Original Source Data 1 | string | read-only
hs_analytics_source_data_2 | Original Source Data 2 | string | read-only
"""
