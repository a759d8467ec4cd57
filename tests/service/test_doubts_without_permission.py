"""A creation is in doubt, and by the next run the token may not read what was to be made."""

from __future__ import annotations

from ledgerbridge.sandbox.hubspot import ALL_SCOPES
from support.pair import Pair, to_hubspot

NO_PRODUCTS = [one for one in ALL_SCOPES if "products" not in one and one != "e-commerce"]


async def test_its_sync_rests_with_its_intent_and_the_others_go_on(pair: Pair) -> None:
    await pair.begin("contacts", "products")
    await pair.run()
    pair.item("Hours")
    pair.hubspot.faults.next("drop_after", to_hubspot("products/batch/create"))
    pair.hubspot.faults.next("error500", to_hubspot("products/batch/read"), 1000)
    assert (await pair.run()).in_doubt == 1
    pair.hubspot.faults.clear()
    pair.grant(NO_PRODUCTS)
    pair.customer("Ada Poe", "ada@example.com")

    result = await pair.run()

    assert pair.emails() == ["ada@example.com"]
    assert list(result.unavailable) == ["products"]
    pair.grant(ALL_SCOPES)
    await pair.run()
    assert len(pair.portal.all("products")) == 1
    assert (await pair.run()).writes == 0
