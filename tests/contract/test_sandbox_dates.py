"""What an emulator answers is dated by its own clock, so that a client sees one time alone."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.serving import served

THEN = datetime(2031, 5, 4, 8, 30, tzinfo=UTC)


async def test_an_answer_says_the_time_of_the_clock_that_the_emulator_goes_by() -> None:
    emulator = HubSpot(now=lambda: THEN)

    async with (
        served(emulator) as (server, _),
        aiohttp.ClientSession() as session,
        session.get(f"{server.url}/crm/v3/objects/contacts") as answer,
    ):
        said = answer.headers.getall("Date")

    assert [parsedate_to_datetime(one) for one in said] == [THEN]
