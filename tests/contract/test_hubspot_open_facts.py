"""What the references leave open about records: each switch shows what it says."""

from __future__ import annotations

import pytest

from contract.hubspot_caller import OBJECTS, Caller
from ledgerbridge.sandbox.hubspot import ApiError


@pytest.mark.parametrize(("readable", "status"), [(False, 404), (True, 200)])
async def test_an_archived_record_can_be_read_as_the_switch_says(
    readable: bool, status: int
) -> None:
    caller = Caller(archived_readable=readable)
    company = await caller.create("companies", {"name": "A"})
    caller.portal.archive("companies", company)

    found, read = await caller.call("GET", f"{OBJECTS}/companies/{company}")
    batch = {"inputs": [{"id": company}]}
    _, answered = await caller.call("POST", f"{OBJECTS}/companies/batch/read", batch)

    assert found == status
    assert [row["archived"] for row in answered["results"]] == [True] * readable
    assert read.get("archived", False) is readable


@pytest.mark.parametrize(
    ("form", "shown"),
    [("unless zero", "2026-05-05T10:00:00Z"), ("always", "2026-05-05T10:00:00.000Z")],
)
async def test_whole_seconds_are_shown_as_the_switch_says(form: str, shown: str) -> None:
    caller = Caller(milliseconds=form)
    deal = await caller.create("deals", {"dealname": "A", "closedate": "2026-05-05T10:00:00.000Z"})

    assert (await caller.read("deals", deal, "closedate"))["closedate"] == shown


@pytest.mark.parametrize(
    ("rule", "further", "found"), [("secondary", "a@example.com", 200), ("lost", None, 404)]
)
async def test_a_further_address_becomes_the_primary_one_and_the_former_what_the_switch_says(
    rule: str, further: str | None, found: int
) -> None:
    caller = Caller(email_that_gave_way=rule)
    contact = await caller.create("contacts", {"email": "a@example.com"})
    caller.portal.add_email(contact, "b@example.com")

    await caller.update("contacts", contact, email="B@example.com")

    shown = await caller.read("contacts", contact, "email", "hs_additional_emails")
    assert (shown["email"], shown["hs_additional_emails"]) == ("b@example.com", further)
    former = f"{OBJECTS}/contacts/a@example.com?idProperty=email"
    assert (await caller.call("GET", former))[0] == found
    assert (await caller.call("GET", f"{OBJECTS}/contacts/b@example.com?idProperty=email"))[
        0
    ] == 200


async def test_no_two_contacts_share_an_address_be_it_primary_or_further() -> None:
    caller = Caller()
    first = await caller.create("contacts", {"email": "a@example.com"})
    caller.portal.add_email(first, "b@example.com")
    second = await caller.create("contacts", {"email": "c@example.com"})
    body = {"properties": {"email": "B@example.com"}}

    status, message = await caller.refused("PATCH", f"{OBJECTS}/contacts/{second}", body)
    assert (status, message) == (409, f"Contact already exists. Existing ID: {first}")
    assert (await caller.refused("POST", f"{OBJECTS}/contacts", body))[0] == 409
    for taken in ("c@example.com", "A@example.com"):
        with pytest.raises(ApiError):
            caller.portal.add_email(first, taken)


@pytest.mark.parametrize(("touches", "moved"), [(False, False), (True, True)])
async def test_writing_what_is_there_already_moves_the_time_as_the_switch_says(
    touches: bool, moved: bool
) -> None:
    caller = Caller(unchanged_write_touches=touches)
    company = await caller.create("companies", {"name": "A"})
    before = (await caller.read("companies", company))["hs_lastmodifieddate"]
    caller.pass_time(minutes=1)

    await caller.update("companies", company, name="A")

    after = (await caller.read("companies", company))["hs_lastmodifieddate"]
    assert (after != before) is moved


@pytest.mark.parametrize(
    ("order", "cities"),
    [("newest first", ["Linz", "Graz"]), ("oldest first", ["Graz", "Linz"])],
)
async def test_a_history_has_the_order_that_the_switch_says(order: str, cities: list[str]) -> None:
    caller = Caller(history_order=order)
    company = await caller.create("companies", {"name": "A", "city": "Graz"})
    await caller.update("companies", company, city="Linz")

    target = f"{OBJECTS}/companies/{company}?propertiesWithHistory=city"
    history = (await caller.good("GET", target))["propertiesWithHistory"]["city"]

    assert [one["value"] for one in history] == cities


async def test_the_recycle_bin_keeps_a_record_for_90_days() -> None:
    caller = Caller()
    company = await caller.create("companies", {"name": "A"})
    contact = await caller.create("contacts", {"email": "a@example.com"}, (company, 279))
    other = await caller.create("companies", {"name": "B"})
    caller.portal.archive("companies", company)
    target = f"{OBJECTS}/companies?archived=true"

    caller.pass_time(days=90)
    assert [one["id"] for one in (await caller.good("GET", target))["results"]] == [company]
    caller.pass_time(seconds=1)

    assert (await caller.good("GET", target))["results"] == []
    with pytest.raises(ApiError):
        caller.portal.restore("companies", company)
    caller.portal.associate("contacts", contact, "companies", other)
    assert caller.portal.associations("contacts", contact, "companies") == [other]


async def test_a_restored_record_outlives_its_time_in_the_bin() -> None:
    caller = Caller()
    company = await caller.create("companies", {"name": "A"})
    caller.portal.archive("companies", company)
    caller.pass_time(days=50)
    caller.portal.restore("companies", company)
    caller.pass_time(days=50)

    await caller.good("GET", f"{OBJECTS}/companies/{company}")


async def test_the_answer_to_a_write_shows_when_a_stage_was_reached_in_milliseconds() -> None:
    caller = Caller()
    body = {"properties": {"email": "a@example.com", "lifecyclestage": "lead"}}

    made = await caller.good("POST", f"{OBJECTS}/contacts", body)

    name = "hs_lifecyclestage_lead_date"
    assert made["properties"][name] == "1773300826615"
    read = await caller.read("contacts", made["id"], name)
    assert read[name] == "2026-03-12T07:33:46.615Z"


@pytest.mark.parametrize(
    ("form", "shown"), [("date", "2026-05-05"), ("milliseconds", "1777939200000")]
)
async def test_a_date_reads_as_the_switch_says_and_is_taken_either_way(
    form: str, shown: str
) -> None:
    caller = Caller(date_form=form)
    name = "hs_recurring_billing_start_date"
    lines = [
        await caller.create("line_items", {"name": "L", name: value})
        for value in ("2026-05-05", "1777939200000")
    ]

    assert [(await caller.read("line_items", line, name))[name] for line in lines] == [shown] * 2


@pytest.mark.parametrize(("required", "status"), [(True, 400), (False, 201)])
async def test_a_product_needs_a_name_as_the_switch_says(required: bool, status: int) -> None:
    caller = Caller(product_name_required=required)
    body = {"properties": {"price": "1"}}

    assert (await caller.call("POST", f"{OBJECTS}/products", body))[0] == status


@pytest.mark.parametrize(("counted", "status"), [(True, 429), (False, 200)])
async def test_searches_are_among_the_calls_of_a_day_as_the_switch_says(
    counted: bool, status: int
) -> None:
    caller = Caller(rate_limits=True, daily_max=1, searches_count_in_day=counted)

    found = [(await caller.call("POST", f"{OBJECTS}/contacts/search", {}))[0] for _ in "ab"]

    assert found == [200, status]
