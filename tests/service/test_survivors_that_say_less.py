"""The survivor of a merge is blank where the merged record was not: that empties nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledgerbridge.core.model import Side
from ledgerbridge.service import keeping
from support.pair import Pair

PHONE = {"PrimaryPhone": {"FreeFormNumber": "+1 555 0100"}}


async def _paired(pair: Pair) -> str:
    """Ada with an invoice, which tells of a merge, and her contact; her customer's id."""
    ada = pair.customer("Ada Poe", "ada@example.com", FamilyName="Poe", **PHONE)
    pair.invoice(ada, pair.item("Hours"))
    await pair.begin("contacts", "products", "invoices")
    await pair.run()
    return ada


def _said(pair: Pair, contact: str, customer: str) -> tuple[object, ...]:
    shown = pair.portal.get("contacts", contact) or {}
    theirs = pair.company.get("Customer", customer) or {}
    number = (theirs.get("PrimaryPhone") or {}).get("FreeFormNumber")
    return shown.get("lastname"), theirs.get("FamilyName"), shown.get("phone"), number


async def test_what_a_merged_customer_said_goes_from_its_contact_to_the_survivor(
    pair: Pair,
) -> None:
    ada = await _paired(pair)
    contact = pair.contact_of("ada@example.com")["hs_object_id"]
    bo = pair.customer("Bo Lind")
    pair.company.merge("Customer", bo, ada)

    await pair.run()

    assert _said(pair, contact, bo) == ("Poe", "Poe", "+1 555 0100", "+1 555 0100")
    assert (await pair.run()).writes == 0


@pytest.mark.parametrize("new_id", [True, False])
async def test_so_it_does_where_a_person_says_which_contact_stays(pair: Pair, new_id: bool) -> None:
    pair.portal.switches = replace(pair.portal.switches, merge_new_id=new_id)
    ada = await _paired(pair)
    bo = pair.customer("Bo Lind", "bo@example.com")
    await pair.run()
    contact = pair.contact_of("ada@example.com")["hs_object_id"]
    pair.company.merge("Customer", bo, ada)
    await pair.run()

    now = pair.clock.now()
    await pair.store.write(keeping.keep, "contacts", (Side.HUBSPOT, contact), now)
    await pair.run()

    assert _said(pair, contact, bo) == ("Poe", "Poe", "+1 555 0100", "+1 555 0100")
    assert (await pair.run()).writes == 0
