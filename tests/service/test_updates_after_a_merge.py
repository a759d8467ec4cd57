"""An update of ours reaches the survivor of a merge that nobody of us has seen yet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledgerbridge.service.history import Wanted, entries_report
from support.pair import Countdown, Pair, to_hubspot

UPDATES = to_hubspot("contacts/batch/update")


@pytest.mark.parametrize("new_id", [True, False])
async def test_what_it_is_answered_is_not_taken_for_the_whole_record(
    pair: Pair, new_id: bool
) -> None:
    pair.portal.switches = replace(pair.portal.switches, merge_new_id=new_id)
    ada = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    stranger = pair.contact("old.ada@example.com", firstname="Old Ada")
    await pair.begin("contacts")
    await pair.run()
    merged = pair.contact_of("ada@example.com")["hs_object_id"]
    pair.edit_customer(ada, FamilyName="Poe")
    pair.transport.on_send = Countdown(
        UPDATES, 1, lambda: pair.portal.merge("contacts", stranger, merged)
    )

    await pair.run()

    report = await pair.store.read(entries_report, 20, Wanted(), values=True)
    values = [one.values or {} for one in report.entries]
    assert [x["GivenName"] for x in values if "GivenName" in x] == [("Ada", "Old Ada")]
    assert (await pair.run()).writes == 0
