"""What an account has used of its limits, and the rates of its currencies."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contract.hubspot_caller import PROPERTIES, START, Caller

USAGE = "/crm/limits/2026-09"
RATES = "/settings/currencies/2026-09/exchange-rates"


async def test_records_are_counted_by_type_without_the_archived() -> None:
    caller = Caller()
    for number in range(3):
        await caller.create("companies", {"name": str(number)})
    caller.portal.archive("companies", caller.portal.all("companies")[0]["hs_object_id"])

    found = (await caller.good("GET", f"{USAGE}/records"))["hubspotDefinedObjectTypes"]

    companies = next(one for one in found if one["objectTypeId"] == "0-2")
    assert (companies["usage"], companies["pluralLabel"]) == (2, "Companies")
    assert companies["limit"] > 2


async def test_own_properties_are_counted_and_one_too_many_is_refused() -> None:
    caller = Caller(custom_properties_max=1)
    own = {"label": "L", "type": "string", "fieldType": "text", "groupName": "contactinformation"}
    await caller.good("POST", f"{PROPERTIES}/contacts", {"name": "mine", **own})

    found = await caller.good("GET", f"{USAGE}/custom-properties")
    status, _ = await caller.refused("POST", f"{PROPERTIES}/contacts", {"name": "more", **own})

    contacts = next(one for one in found["byObjectType"] if one["objectTypeId"] == "0-1")
    assert (contacts["usage"], contacts["limit"], contacts["percentage"]) == (1, 1, 100)
    assert found["overallUsage"] == 1
    assert status == 400


async def test_formulas_and_pipelines_are_counted() -> None:
    caller = Caller()
    formula = {
        "name": "double",
        "label": "L",
        "type": "number",
        "fieldType": "calculation_equation",
        "groupName": "dealinformation",
        "calculationFormula": "amount * 2",
    }
    await caller.good("POST", f"{PROPERTIES}/deals", formula)

    found = await caller.good("GET", f"{USAGE}/calculated-properties")
    pipelines = await caller.good("GET", f"{USAGE}/pipelines")

    assert found["overallUsage"] == 1
    assert pipelines["hubspotDefinedObjectTypes"][0]["usage"] == 1
    assert (await caller.good("GET", f"{USAGE}/custom-object-types"))["usage"] == 0


async def test_labels_are_counted_for_each_pair_that_has_any() -> None:
    caller = Caller()
    target = "/crm/associations/2026-09/contacts/companies/labels"
    await caller.good("POST", target, {"label": "Bookkeeper", "name": "bookkeeper"})

    found = (await caller.good("GET", f"{USAGE}/associations/labels"))["results"]
    one = f"{USAGE}/associations/labels?fromObjectTypeId=0-1&toObjectTypeId=0-2"

    assert [(row["allLabels"], row["usage"]) for row in found] == [(["Bookkeeper"], 1)] * 2
    assert len((await caller.good("GET", one))["results"]) == 1


@pytest.mark.parametrize(
    ("contacts", "at_limit", "near"), [(3, False, False), (4, False, True), (5, True, False)]
)
async def test_records_that_reach_their_limit_are_named(
    contacts: int, at_limit: bool, near: bool
) -> None:
    caller = Caller()
    caller.portal.limit_associations("companies", "contacts", 5)
    company = await caller.create("companies", {"name": "Full"})
    for number in range(contacts):
        await caller.create("contacts", {"email": f"p{number}@example.com"}, (company, 279))

    base = f"{USAGE}/associations/records"
    (origin,) = (await caller.good("GET", f"{base}/from"))["results"]
    (target,) = (await caller.good("GET", f"{base}/0-2/to"))["results"]
    pair = await caller.good("GET", f"{base}/0-2/0-1")

    assert (origin["objectTypeId"], target["objectTypeId"]) == ("0-2", "0-1")
    assert origin["hasRecordsAtLimit"] is target["hasRecordsAtLimit"] is at_limit
    assert origin["hasRecordsNearLimit"] is near
    assert pair["totalRecordsAtLimit"] == int(at_limit)
    assert [one["label"] for one in pair["atLimitFromRecordSamples"]] == ["Full"] * at_limit


async def test_usage_is_shown_to_any_token_that_may_see_records() -> None:
    caller = Caller()
    caller.token = caller.emulator.issue_token(scopes=["crm.objects.deals.read"])
    await caller.good("GET", f"{USAGE}/records")

    caller.token = caller.emulator.issue_token(scopes=["oauth"])

    assert (await caller.refused("GET", f"{USAGE}/records"))[0] == 403


async def test_the_calls_of_a_day_are_counted_until_midnight_in_the_account() -> None:
    caller = Caller()
    target = "/account-info/2026-09/api-usage/daily/private-apps"
    await caller.good("GET", f"{USAGE}/records")

    (usage,) = (await caller.good("GET", target))["results"]

    assert (usage["currentUsage"], usage["usageLimit"]) == (2, 625_000)
    assert usage["resetsAt"] == "2026-03-13T04:00:00Z"  # midnight in New York
    caller.pass_time(days=1)
    assert (await caller.good("GET", target))["results"][0]["currentUsage"] == 1


async def test_rates_are_listed_and_the_newest_that_began_is_current() -> None:
    caller = Caller()
    caller.portal.change_settings(additional_currencies=("EUR",))
    old = caller.portal.add_exchange_rate("EUR", "1.05", START - timedelta(days=9))
    new = caller.portal.add_exchange_rate("EUR", "1.10")
    caller.portal.add_exchange_rate("EUR", "1.20", START + timedelta(days=9))

    found = await caller.good("GET", RATES)
    current = await caller.good("GET", f"{RATES}/current")

    assert [rate["conversionRate"] for rate in found["results"]] == [1.05, 1.1, 1.2]
    assert [rate["id"] for rate in current["results"]] == [new]
    assert current["results"][0]["toCurrencyCode"] == "USD"
    assert (await caller.good("GET", f"{RATES}/{old}"))["conversionRate"] == 1.05
    assert (await caller.refused("GET", f"{RATES}/1"))[0] == 404
    page = await caller.good("GET", f"{RATES}?limit=1&fromCurrencyCode=EUR")
    rest = await caller.good("GET", f"{RATES}?after={page['paging']['next']['after']}")
    assert len(page["results"] + rest["results"]) == 3


async def test_amounts_in_a_foreign_currency_are_shown_in_the_companys_own() -> None:
    caller = Caller()
    caller.portal.change_settings(additional_currencies=("EUR",))
    caller.portal.add_exchange_rate("EUR", "1.10")

    deal = await caller.create(
        "deals", {"dealname": "A", "amount": "10", "deal_currency_code": "EUR"}
    )
    home = await caller.create("deals", {"dealname": "A", "amount": "10"})
    invoice = await caller.create("invoices", {"hs_currency": "EUR"})
    line = await caller.create("line_items", {"name": "L", "price": "20"})
    caller.portal.associate("invoices", invoice, "line_items", line)
    paid = {"hs_initial_amount": "30", "hs_initiated_date": "2026-03-12", "hs_currency_code": "EUR"}
    payment = await caller.create("commerce_payments", paid)

    found = {
        "deals": (deal, "amount_in_home_currency", "11"),
        "invoices": (invoice, "hs_amount_billed_in_company_currency", "22"),
        "commerce_payments": (payment, "hs_initial_amount_in_portal_currency", "33"),
    }
    for type_name, (record_id, name, amount) in found.items():
        assert (await caller.read(type_name, record_id, name))[name] == amount
    shown = await caller.read("deals", home, "amount_in_home_currency")
    assert shown["amount_in_home_currency"] == "10"
