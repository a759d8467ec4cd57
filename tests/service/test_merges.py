"""Merges that people make, followed on both sides; two pairs that meet wait for a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledgerbridge.core.model import LinkStatus
from ledgerbridge.core.plan import Status
from ledgerbridge.store import links
from ledgerbridge.store.transaction import Transaction
from support.pair import Pair

BOTH = pytest.mark.parametrize("new_id", [True, False])


def _hubspot_numbers_anew(pair: Pair, *, new_id: bool) -> None:
    pair.portal.switches = replace(pair.portal.switches, merge_new_id=new_id)


async def _living(pair: Pair, sync: str = "contacts.1") -> set[tuple[str | None, str | None]]:
    def read(tx: Transaction) -> set[tuple[str | None, str | None]]:
        found = links.page(tx, sync, "", 100)
        return {(x.hubspot_id, x.quickbooks_id) for x in found if x.status is LinkStatus.LIVE}

    return await pair.store.read(read)


@BOTH
async def test_the_pair_of_a_merged_contact_goes_on_with_the_survivor(
    pair: Pair, new_id: bool
) -> None:
    _hubspot_numbers_anew(pair, new_id=new_id)
    ada = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    stranger = pair.contact("old.ada@example.com", firstname="Old Ada")
    await pair.begin("contacts")
    await pair.run()
    merged = pair.contact_of("ada@example.com")["hs_object_id"]
    survivor = pair.portal.merge("contacts", stranger, merged)["hs_object_id"]

    await pair.run()

    assert await _living(pair) == {(survivor, ada)}
    shown = pair.portal.get("contacts", survivor) or {}
    assert shown["ledgerbridge_key"].endswith(f":customer:{ada}")
    assert (pair.company.get("Customer", ada) or {})["GivenName"] == shown["firstname"]
    assert len(pair.portal.all("contacts")) == 1
    assert len(pair.company.all("Customer")) == 1
    assert (await pair.run()).writes == 0


@BOTH
async def test_two_pairs_that_meet_in_a_contact_are_a_case_and_nobody_is_written_over(
    pair: Pair, new_id: bool
) -> None:
    _hubspot_numbers_anew(pair, new_id=new_id)
    ada = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    bea = pair.customer("Bea Roe", "bea@example.com", GivenName="Bea", FamilyName="Roe")
    await pair.begin("contacts")
    await pair.run()
    survivor = pair.portal.merge(
        "contacts",
        pair.contact_of("ada@example.com")["hs_object_id"],
        pair.contact_of("bea@example.com")["hs_object_id"],
    )["hs_object_id"]
    pair.edit_customer(bea, GivenName="Beatrix")

    await pair.run()

    told = {one.record_id: one.message for one in await pair.outcomes(Status.CASE)}
    assert set(told) == {ada, bea}
    assert f"{ada} and {bea}" in told[ada]
    assert (pair.portal.get("contacts", survivor) or {})["firstname"] == "Ada"
    assert "FamilyName" not in (pair.company.get("Customer", ada) or {})
    assert len(await _living(pair)) == 2
    assert (await pair.run()).writes == 0
