"""A write of ours reaches or is looked up as the survivor of a merge that nobody has seen yet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledgerbridge.sandbox.http import Request
from ledgerbridge.service.history import Wanted, entries_report
from ledgerbridge.store import journal
from support.pair import AFTER_A_RUN_S, Countdown, Pair, to_hubspot

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


async def test_who_was_merged_away_before_its_creation_was_known_starts_as_it_was_written(
    pair: Pair,
) -> None:
    pair.portal.use_switches(replace(pair.portal.switches, merge_new_id=False))
    stranger = pair.contact("bea@example.com", firstname="Bea")
    customer = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada")
    await pair.begin("contacts")
    pair.hubspot.faults.next("drop_after", to_hubspot("contacts/batch/create"))
    merged: list[str] = []

    def merge_before_the_history(request: Request) -> None:
        asked = to_hubspot("contacts/batch/read")(request) and b'History":["' in request.body
        if asked and not merged:
            merged.append(pair.contact_of("ada@example.com")["hs_object_id"])
            pair.portal.merge("contacts", stranger, merged[0])

    pair.transport.on_send = merge_before_the_history
    await pair.run()
    pair.pass_time(AFTER_A_RUN_S)
    await pair.run()

    entries = await pair.store.read(journal.newest, 50, kind="write")
    (made,) = [one for one in entries if one.record_id in merged]
    assert isinstance(made, journal.WriteEntry)
    assert made.changes["firstname"] == (None, "Ada")
    shown = pair.portal.get("contacts", stranger) or {}
    given = (pair.company.get("Customer", customer) or {})["GivenName"]
    assert shown["firstname"] == given
