"""Single records: what comes back, what is refused, pages, histories, uniqueness, the bin."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contract.hubspot_caller import OBJECTS, Caller
from ledgerbridge.sandbox.hubspot import ApiError


async def test_a_creation_shows_what_was_written_and_what_is_computed() -> None:
    caller = Caller()

    made = await caller.good(
        "POST",
        f"{OBJECTS}/contacts",
        {"properties": {"email": "Jane@Example.com", "firstname": "Jane", "phone": "+1 555-1234"}},
    )

    properties = made["properties"]
    assert properties["email"] == "jane@example.com"
    assert properties["hs_email_domain"] == "example.com"
    assert properties["hs_full_name_or_email"] == "Jane"
    assert properties["hs_searchable_calculated_phone_number"] == "15551234"
    assert properties["lifecyclestage"] == "lead"
    assert properties["createdate"] == made["createdAt"] == "2026-03-12T07:33:46.615Z"
    assert properties["hs_object_id"] == made["id"]
    assert properties["hs_object_source"] == "INTEGRATION"
    assert None not in properties.values()


async def test_a_read_without_names_shows_the_defaults_of_the_type() -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"email": "a@example.com", "city": "Graz"})

    assert set(await caller.read("contacts", contact)) == {
        "createdate",
        "email",
        "firstname",
        "hs_object_id",
        "lastmodifieddate",
        "lastname",
    }


async def test_empty_properties_read_as_null_and_unknown_ones_are_left_out() -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"email": "a@example.com"})

    found = await caller.read("contacts", contact, "city", "nonsense")

    assert found["city"] is None
    assert "nonsense" not in found
    assert {"createdate", "hs_object_id", "lastmodifieddate"} <= found.keys()


@pytest.mark.parametrize("cleared", ["", "null"])
async def test_a_cleared_property_reads_as_the_switch_says(cleared: str) -> None:
    caller = Caller(cleared_value=cleared)
    contact = await caller.create("contacts", {"email": "a@example.com", "city": "Graz"})

    await caller.update("contacts", contact, city="")

    assert (await caller.read("contacts", contact, "city"))["city"] == ("" if not cleared else None)


async def test_an_update_shows_what_was_written_but_not_the_defaults() -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"email": "a@example.com"})

    answered = await caller.update("contacts", contact, firstname="Ann")

    assert answered["properties"]["firstname"] == "Ann"
    assert answered["properties"]["hs_object_id"] == contact
    assert "email" not in answered["properties"]


async def test_writing_the_same_values_moves_nothing() -> None:
    caller = Caller()
    deal = await caller.create("deals", {"dealname": "D", "amount": "10.50"})
    before = await caller.read("deals", deal, "hs_lastmodifieddate", "amount")
    caller.pass_time(minutes=1)

    await caller.update("deals", deal, dealname="D", amount="10.5")

    assert await caller.read("deals", deal, "hs_lastmodifieddate", "amount") == before


async def test_a_change_moves_the_modification_time() -> None:
    caller = Caller()
    deal = await caller.create("deals", {"dealname": "D"})
    caller.pass_time(minutes=1)

    answered = await caller.update("deals", deal, dealname="E")

    assert answered["updatedAt"] == "2026-03-12T07:34:46.615Z"
    assert answered["properties"]["hs_lastmodifieddate"] == "2026-03-12T07:34:46.615Z"


async def test_a_company_can_be_made_from_an_email_domain() -> None:
    caller = Caller(companies_from_email_domains=True)

    contacts = [
        await caller.create("contacts", {"email": f"{name}@acme.example.com"}) for name in "ab"
    ]

    companies = [caller.portal.associations("contacts", one, "companies") for one in contacts]
    assert companies[0] == companies[1]
    assert caller.portal.all("companies")[0]["domain"] == "acme.example.com"


async def test_pages_follow_each_other_until_the_last_which_has_no_paging() -> None:
    caller = Caller()
    ids = [await caller.create("companies", {"name": str(number)}) for number in range(5)]

    seen, target = [], f"{OBJECTS}/companies?limit=2"
    while target:
        page = await caller.good("GET", target)
        seen += [one["id"] for one in page["results"]]
        after = page.get("paging", {}).get("next", {}).get("after")
        target = f"{OBJECTS}/companies?limit=2&after={after}" if after else ""

    assert seen == ids


async def test_an_opaque_cursor_pages_as_well() -> None:
    caller = Caller(cursor="opaque")
    ids = [await caller.create("companies", {"name": str(number)}) for number in range(3)]

    page = await caller.good("GET", f"{OBJECTS}/companies?limit=2")
    after = page["paging"]["next"]["after"]
    rest = await caller.good("GET", f"{OBJECTS}/companies?limit=2&after={after}")

    assert not after.isdigit()
    assert [one["id"] for one in rest["results"]] == ids[2:]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "after=!", "archived=maybe"])
async def test_a_page_that_makes_no_sense_is_refused(query: str) -> None:
    assert (await Caller().refused("GET", f"{OBJECTS}/contacts?{query}"))[0] == 400


async def test_an_archived_record_is_found_only_among_the_archived() -> None:
    caller = Caller()
    company = await caller.create("companies", {"name": "A"})
    await caller.good("DELETE", f"{OBJECTS}/companies/{company}")

    assert (await caller.refused("GET", f"{OBJECTS}/companies/{company}"))[0] == 404
    assert (await caller.good("GET", f"{OBJECTS}/companies"))["results"] == []
    archived = (await caller.good("GET", f"{OBJECTS}/companies?archived=true"))["results"]
    assert [(one["id"], one["archived"]) for one in archived] == [(company, True)]
    assert archived[0]["archivedAt"] == "2026-03-12T07:33:46.615Z"

    caller.portal.restore("companies", company)
    assert (await caller.read("companies", company))["name"] == "A"


async def test_history_lists_every_value_newest_first_with_its_source() -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"email": "a@example.com", "city": "Graz"})
    caller.pass_time(minutes=1)
    caller.portal.update("contacts", contact, {"city": "Linz"})

    target = f"{OBJECTS}/contacts/{contact}?propertiesWithHistory=city"
    history = (await caller.good("GET", target))["propertiesWithHistory"]["city"]

    assert [(one["value"], one["sourceType"]) for one in history] == [
        ("Linz", "CRM_UI"),
        ("Graz", "INTEGRATION"),
    ]
    assert history[0]["timestamp"] == "2026-03-12T07:34:46.615Z"


async def test_erasing_for_privacy_leaves_nothing() -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"email": "a@example.com"})
    body = {"objectId": "a@example.com", "idProperty": "email"}

    assert await caller.call("POST", f"{OBJECTS}/contacts/gdpr-delete", body) == (204, None)

    assert caller.portal.get("contacts", contact) is None
    archived = await caller.good("GET", f"{OBJECTS}/contacts?archived=true")
    assert archived["results"] == []


async def test_a_seeded_record_is_as_old_as_it_says() -> None:
    caller = Caller()
    contact = caller.portal.create("contacts", {"email": "c@example.com"})
    line = caller.portal.create("line_items", {"name": "L", "price": "5"})

    invoice = caller.portal.create(
        "invoices",
        {"hs_currency": "USD"},
        [("contacts", contact["hs_object_id"]), ("line_items", line["hs_object_id"])],
        at=caller.now.replace(year=2025),
    )

    assert invoice["hs_amount_billed"] == "5"
    assert invoice["hs_createdate"] == invoice["hs_lastmodifieddate"] == "2025-03-12T07:33:46.615Z"


async def test_portals_are_kept_apart_by_token() -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"email": "a@example.com"})
    caller.token = caller.emulator.issue_token(2)

    assert (await caller.refused("GET", f"{OBJECTS}/contacts/{contact}"))[0] == 404
    await caller.create("contacts", {"email": "a@example.com"})
    details = await caller.good("GET", "/account-info/2026-09/details")
    assert details["portalId"] == 2


@pytest.mark.parametrize(
    "path", ["/crm/v3/objects/contacts", "/crm/objects/2026-03/contact", f"{OBJECTS}-beta/0-1"]
)
async def test_old_paths_and_other_versions_lead_to_the_same_records(path: str) -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"email": "a@example.com"})

    assert [one["id"] for one in (await caller.good("GET", path))["results"]] == [contact]


def test_a_record_whose_address_was_taken_meanwhile_cannot_be_restored() -> None:
    portal = Caller().portal
    first = portal.create("contacts", {"email": "a@example.com"})["hs_object_id"]
    portal.add_email(first, "b@example.com")
    portal.archive("contacts", first)
    second = portal.create("contacts", {"email": "a@example.com"})["hs_object_id"]

    with pytest.raises(ApiError, match=f"Existing ID: {second}"):
        portal.restore("contacts", first)

    portal.update("contacts", second, {"email": "c@example.com"})
    portal.restore("contacts", first)
    with pytest.raises(ApiError, match=f"Existing ID: {first}"):
        portal.create("contacts", {"email": "b@example.com"})


@pytest.mark.parametrize("marketing", [True, False])
async def test_new_contacts_are_marketing_contacts_as_the_account_is_set(marketing: bool) -> None:
    caller = Caller()
    caller.portal.change_settings(marketing_contacts=marketing)

    contact = await caller.create("contacts", {"email": "a@example.com"})

    name = "hs_marketable_status"
    assert (await caller.read("contacts", contact, name))[name] == str(marketing).lower()


async def test_a_note_has_a_preview_and_hangs_on_its_contact() -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"email": "a@example.com"})
    body = {"hs_timestamp": "2026-03-12T10:00:00Z", "hs_note_body": "<p>Paid <b>10</b></p>"}

    note = await caller.create("notes", body, (contact, 202))

    found = await caller.read("notes", note, "hs_body_preview", "hs_obj_coords")
    assert (found["hs_body_preview"], found["hs_obj_coords"]) == ("Paid 10", f"0-46-{note}")
    assert caller.portal.associations("contacts", contact, "notes") == [note]


async def test_a_deal_knows_whether_it_is_won() -> None:
    caller = Caller()
    deal = {"dealname": "D", "amount": "50", "pipeline": "default", "dealstage": "contractsent"}
    made = await caller.create("deals", deal)

    answered = await caller.update("deals", made, dealstage="closedwon")

    properties = answered["properties"]
    assert (properties["hs_is_closed_won"], properties["hs_is_closed_lost"]) == ("true", "false")
    assert properties["hs_projected_amount"] == "50"


@pytest.mark.parametrize("verb", ["get", "update", "archive", "restore"])
def test_people_are_told_when_a_record_does_not_exist(verb: str) -> None:
    portal = Caller().portal
    doings: dict[str, Callable[[], object]] = {
        "update": lambda: portal.update("deals", "1", {}),
        "archive": lambda: portal.archive("deals", "1"),
        "restore": lambda: portal.restore("deals", "1"),
    }

    if verb == "get":
        assert portal.get("deals", "1") is None
        return
    with pytest.raises(ApiError, match="404: Object not found"):
        doings[verb]()


async def test_the_same_calls_give_the_same_bytes() -> None:
    async def bodies() -> list[bytes]:
        caller = Caller()
        answers = [
            await caller.send("POST", f"{OBJECTS}/contacts", body)
            for body in (b'{"properties":{"email":"a@example.com"}}', b'{"properties":{"x":1}}')
        ]
        return [answer.body for answer in answers]

    assert await bodies() == await bodies()
