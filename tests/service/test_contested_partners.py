"""Two QuickBooks records that have reason to be paired with one and the same HubSpot record."""

from __future__ import annotations

from ledgerbridge.core.plan import Status
from ledgerbridge.sandbox.quickbooks import REALM_ID
from support.pair import Pair


async def test_a_contact_with_the_emails_of_two_customers_is_paired_with_one_of_them(
    pair: Pair,
) -> None:
    kept, merged = pair.contact("ada@example.com"), pair.contact("poe@example.com")
    pair.portal.merge("contacts", kept, merged)
    pair.customer("Ada Poe", "ada@example.com")
    second = pair.customer("Poe Limited", "poe@example.com")
    await pair.begin("contacts")

    await pair.run()

    (told,) = await pair.outcomes(Status.CASE)
    assert (told.record_id, told.code) == (second, "ambiguous_match")
    (contact,) = pair.portal.all("contacts")
    assert contact["ledgerbridge_key"].endswith(":customer:1")


async def test_a_contact_whose_customer_is_known_by_its_key_to_be_another_is_told_so(
    pair: Pair,
) -> None:
    customer = pair.customer("Ada Poe", "ada@example.com")
    await pair.begin("contacts")
    other = pair.contact("ada@example.com")
    key = f"{REALM_ID}:customer:{customer}"
    keyed = pair.contact("old@example.com", firstname="Ada", ledgerbridge_key=key)

    await pair.run()

    (told,) = await pair.outcomes(Status.EXCLUDED)
    assert (told.record_id, told.code) == (other, "customer_taken")
    assert (pair.company.get("Customer", customer) or {})["GivenName"] == "Ada"
    assert (pair.portal.get("contacts", keyed) or {})["ledgerbridge_key"] == key


async def _taken(pair: Pair) -> tuple[str, str]:
    """A customer that is another contact's by its key, and the contact that has its e-mail."""
    customer = pair.customer("Ada Poe", "ada@example.com")
    other = pair.contact("ada@example.com", qualifies=True, firstname="Zoe")
    await pair.begin("contacts")
    key = f"{REALM_ID}:customer:{customer}"
    pair.contact("old@example.com", firstname="Ada", ledgerbridge_key=key)
    await pair.run()
    assert [one.record_id for one in await pair.outcomes(Status.EXCLUDED)] == [other]
    return customer, other


async def test_a_contact_has_a_customer_of_its_own_once_the_one_in_its_way_has_another_email(
    pair: Pair,
) -> None:
    customer, other = await _taken(pair)
    pair.edit_customer(customer, PrimaryEmailAddr={"Address": "new@example.com"})

    await pair.run()

    assert pair.names() == ["Ada Poe", "Zoe"]
    assert (pair.portal.get("contacts", other) or {})["ledgerbridge_key"].endswith(":customer:2")
    assert await pair.outcomes(Status.EXCLUDED) == []


async def test_a_contact_has_a_customer_of_its_own_once_the_one_in_its_way_is_merged_away(
    pair: Pair,
) -> None:
    customer, other = await _taken(pair)
    survivor = pair.customer("Bea Roe", "bea@example.com")
    pair.company.merge("Customer", survivor, customer)

    await pair.run()

    assert pair.names() == ["Bea Roe", "Zoe"]
    key = (pair.portal.get("contacts", other) or {})["ledgerbridge_key"]
    assert not key.endswith((f":customer:{customer}", f":customer:{survivor}"))


async def test_a_product_with_the_sku_of_one_item_and_the_name_of_another_is_the_first_ones(
    pair: Pair,
) -> None:
    product = pair.portal.create("products", {"name": "Hours", "hs_sku": "H-1"})["hs_object_id"]
    pair.item("Hours of work", Sku="H-1")
    pair.item("Hours")
    await pair.begin("products")

    await pair.run()

    found = {one["hs_object_id"]: one["ledgerbridge_key"] for one in pair.portal.all("products")}
    assert len(found) == 2
    assert found[product].endswith(":item:1")
    assert await pair.outcomes() == []


async def test_an_sku_says_more_than_a_name_whichever_item_is_older(pair: Pair) -> None:
    product = pair.portal.create("products", {"name": "Hours", "hs_sku": "H-1"})["hs_object_id"]
    pair.item("Hours")
    pair.item("Hours of work", Sku="H-1")
    await pair.begin("products")

    await pair.run()

    found = {one["hs_object_id"]: one["ledgerbridge_key"] for one in pair.portal.all("products")}
    assert len(found) == 2
    assert found[product].endswith(":item:2")
    assert await pair.outcomes() == []
