"""Merges: the survivor's id and values, its links, and where the old ids lead."""

from __future__ import annotations

import pytest

from contract.hubspot_caller import OBJECTS, Caller


async def merged(caller: Caller, type_name: str, primary: str, other: str) -> str:
    """The id of the survivor."""
    body = {"primaryObjectId": primary, "objectIdToMerge": other}
    return str((await caller.good("POST", f"{OBJECTS}/{type_name}/merge", body))["id"])


async def two_contacts(caller: Caller) -> tuple[str, str]:
    first = await caller.create("contacts", {"email": "a@example.com", "city": "Graz"})
    second = {"email": "b@example.com", "city": "Linz", "phone": "5"}
    return first, await caller.create("contacts", second)


@pytest.mark.parametrize("new_id", [True, False])
async def test_the_survivor_has_a_new_id_as_the_switch_says(new_id: bool) -> None:
    caller = Caller(merge_new_id=new_id)
    first, second = await two_contacts(caller)

    survivor = await merged(caller, "contacts", first, second)

    assert (survivor == first) is not new_id
    assert [one["hs_object_id"] for one in caller.portal.all("contacts")] == [survivor]


@pytest.mark.parametrize("new_id", [True, False])
async def test_the_primary_wins_and_the_other_fills_its_blanks(new_id: bool) -> None:
    caller = Caller(merge_new_id=new_id)
    first, second = await two_contacts(caller)

    survivor = await merged(caller, "contacts", first, second)

    names = ("email", "city", "phone", "hs_additional_emails", "createdate")
    found = await caller.read("contacts", survivor, *names)
    assert (found["email"], found["city"], found["phone"]) == ("a@example.com", "Graz", "5")
    assert found["hs_additional_emails"] == "b@example.com"
    assert found["createdate"] == "2026-03-12T07:33:46.615Z"


@pytest.mark.parametrize("new_id", [True, False])
async def test_old_ids_and_addresses_lead_to_the_survivor(new_id: bool) -> None:
    caller = Caller(merge_new_id=new_id)
    first, second = await two_contacts(caller)
    survivor = await merged(caller, "contacts", first, second)

    for path in (first, second, "b@example.com?idProperty=email"):
        assert (await caller.good("GET", f"{OBJECTS}/contacts/{path}"))["id"] == survivor
    answered = await caller.update("contacts", second, city="Wien")
    assert answered["id"] == survivor

    body = {"properties": {"email": "b@example.com"}}
    status, message = await caller.refused("POST", f"{OBJECTS}/contacts", body)
    assert (status, message.endswith(survivor)) == (409, True)


async def test_merged_ids_are_listed_in_order_over_several_merges() -> None:
    caller = Caller()
    first, second = await two_contacts(caller)
    third = await caller.create("contacts", {"email": "c@example.com"})
    survivor = await merged(caller, "contacts", first, second)
    last = await merged(caller, "contacts", survivor, third)

    names = ("hs_merged_object_ids", "hs_calculated_merged_vids")
    found = await caller.read("contacts", last, *names)

    assert found["hs_merged_object_ids"] == f"{first};{second};{survivor};{third}"
    vids = str(found["hs_calculated_merged_vids"]).split(";")
    assert vids[0] == f"{first}:1773300826615"
    assert (await caller.good("GET", f"{OBJECTS}/contacts/{first}"))["id"] == last


async def test_links_of_both_go_to_the_survivor() -> None:
    caller = Caller()
    first, second = await two_contacts(caller)
    deals = [
        await caller.create("deals", {"dealname": "D"}, (contact, 3)) for contact in (first, second)
    ]

    survivor = await merged(caller, "contacts", first, second)

    assert caller.portal.associations("contacts", survivor, "deals") == deals
    assert caller.portal.associations("deals", deals[1], "contacts") == [survivor]


@pytest.mark.parametrize(("type_name", "found"), [("contacts", 1), ("deals", 0)])
async def test_only_contacts_are_found_by_old_ids_in_batches(type_name: str, found: int) -> None:
    caller = Caller()
    first, second = [await caller.create(type_name, {name(type_name): one}) for one in "ab"]
    survivor = await merged(caller, type_name, first, second)

    _, answered = await caller.call(
        "POST", f"{OBJECTS}/{type_name}/batch/read", {"inputs": [{"id": first}]}
    )

    assert [one["id"] for one in answered["results"]] == [survivor] * found


def name(type_name: str) -> str:
    return {"contacts": "firstname", "deals": "dealname"}[type_name]


async def test_history_survives_a_merge() -> None:
    caller = Caller()
    first, second = await two_contacts(caller)
    await caller.update("contacts", first, city="Wien")

    survivor = await merged(caller, "contacts", first, second)

    target = f"{OBJECTS}/contacts/{survivor}?propertiesWithHistory=city"
    history = (await caller.good("GET", target))["propertiesWithHistory"]["city"]
    assert [one["value"] for one in history] == ["Wien", "Graz"]


async def test_what_cannot_be_merged_is_refused() -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"email": "a@example.com"})
    product = await caller.create("products", {"name": "P"})

    for type_name, primary, other, status in (
        ("contacts", contact, "1", 404),
        ("contacts", contact, contact, 400),
        ("products", product, product, 400),
    ):
        body = {"primaryObjectId": primary, "objectIdToMerge": other}
        refused = await caller.refused("POST", f"{OBJECTS}/{type_name}/merge", body)
        assert refused[0] == status


def test_a_profile_has_at_most_250_identities() -> None:
    portal = Caller(merge_new_id=False).portal
    first = portal.create("contacts", {"firstname": "A"})["hs_object_id"]
    for _ in range(250):
        other = portal.create("contacts", {"firstname": "B"})["hs_object_id"]
        portal.merge("contacts", first, other)
    other = portal.create("contacts", {"firstname": "B"})["hs_object_id"]

    with pytest.raises(Exception, match="414: Cannot have more than 250 identities"):
        portal.merge("contacts", first, other)


@pytest.mark.parametrize("new_id", [True, False])
async def test_what_is_counted_and_shown_of_links_follows_a_merge(new_id: bool) -> None:
    caller = Caller(merge_new_id=new_id)
    first, second = await two_contacts(caller)
    for contact in (first, second):
        await caller.create("deals", {"dealname": "D"}, (contact, 3))
    invoice = await caller.create("invoices", {"hs_currency": "USD"}, (second, 177))

    survivor = await merged(caller, "contacts", first, second)

    counted = await caller.read("contacts", survivor, "num_associated_deals", "email")
    shown = await caller.read("invoices", invoice, "hs_invoice_latest_contact_email")
    assert counted["num_associated_deals"] == "2"
    assert shown["hs_invoice_latest_contact_email"] == counted["email"]


async def test_a_merge_keeps_the_labels_that_either_had() -> None:
    caller = Caller(first_company_is_primary=False)
    first, second = await two_contacts(caller)
    company = await caller.create("companies", {"name": "C"})
    caller.portal.associate("contacts", first, "companies", company)
    caller.portal.associate("contacts", second, "companies", company, 931)

    survivor = await merged(caller, "contacts", first, second)

    target = f"{OBJECTS}/contacts/{survivor}/associations/companies"
    (end,) = (await caller.good("GET", target))["results"]
    assert {one["typeId"] for one in end["associationTypes"]} == {279, 931}


async def test_history_tells_what_a_merge_wrote() -> None:
    caller = Caller()
    first, second = await two_contacts(caller)
    await caller.update("contacts", second, jobtitle="Painter")

    survivor = await merged(caller, "contacts", first, second)

    target = f"{OBJECTS}/contacts/{survivor}?propertiesWithHistory=jobtitle"
    newest = (await caller.good("GET", target))["propertiesWithHistory"]["jobtitle"][0]
    assert (newest["value"], newest["sourceType"]) == ("Painter", "MERGE_OBJECTS")


async def test_what_hubspot_computes_follows_the_values_that_a_merge_brings() -> None:
    caller = Caller()
    first = await caller.create("contacts", {"firstname": "Ada"})
    second = await caller.create("contacts", {"email": "a@example.com", "lastname": "Poe"})

    survivor = await merged(caller, "contacts", first, second)

    shown = await caller.read("contacts", survivor, "hs_full_name_or_email", "hs_email_domain")
    assert (shown["hs_full_name_or_email"], shown["hs_email_domain"]) == ("Ada Poe", "example.com")


@pytest.mark.parametrize(
    ("followed", "contacts", "deals"), [("contacts", 1, 0), ("all", 1, 1), ("none", 0, 0)]
)
async def test_batches_follow_old_ids_as_the_switch_says(
    followed: str, contacts: int, deals: int
) -> None:
    caller = Caller(merged_ids_in_batches=followed)
    found = {}
    for type_name in ("contacts", "deals"):
        first, second = [await caller.create(type_name, {name(type_name): one}) for one in "ab"]
        await merged(caller, type_name, first, second)
        rows = {"inputs": [{"id": first, "properties": {name(type_name): "c"}}]}
        for verb in ("read", "update"):
            body = {"inputs": [{"id": first}]} if verb == "read" else rows
            target = f"{OBJECTS}/{type_name}/batch/{verb}"
            _, answered = await caller.call("POST", target, body)
            found[type_name, verb] = len(answered["results"])

    assert found == {
        ("contacts", "read"): contacts,
        ("contacts", "update"): contacts,
        ("deals", "read"): deals,
        ("deals", "update"): deals,
    }


async def test_an_erased_contact_is_no_longer_counted() -> None:
    caller = Caller()
    contact = await caller.create("contacts", {"email": "a@example.com"})
    deal = await caller.create("deals", {"dealname": "D"}, (contact, 3))

    await caller.good("POST", f"{OBJECTS}/contacts/gdpr-delete", {"objectId": contact})

    shown = await caller.read("deals", deal, "num_associated_contacts")
    assert shown["num_associated_contacts"] == "0"
