"""No network, half-read answers, HTML instead of JSON: a later run finds out and does the rest."""

from __future__ import annotations

from typing import Literal

import pytest

from ledgerbridge.errors import Retry, Unauthorized
from ledgerbridge.sandbox.faults import Faults, Match
from ledgerbridge.sandbox.http import Request
from support.pair import Countdown, Pair, to_hubspot, to_quickbooks

Broken = Literal["cut", "html 200", "html 502"]
BROKEN: tuple[Broken, ...] = ("cut", "html 200", "html 502")
SAID: dict[Broken, str] = {
    "cut": "HubSpot did not answer in full",
    "html 200": "An HTML page answered instead of the API of HubSpot",
    "html 502": "HubSpot had a problem of its own (status 502)",
}
MADE = ["ada@example.com", "bo@example.com", "cy@example.com"]
READS_OF_HUBSPOT = {"scan": to_hubspot("/contacts"), "search": to_hubspot("/contacts/search")}
READS_OF_QUICKBOOKS = {"scan": to_quickbooks("/query"), "changes": to_quickbooks("/cdc")}


def _renewals(request: Request) -> bool:
    """Requests for a new access token."""
    return request.path.endswith("/tokens/bearer")


def _break(faults: Faults, broken: Broken, match: Match, times: int = 1) -> None:
    """The next answers that match are cut in half, or are a page of HTML."""
    if broken == "cut":
        faults.next("cut", match, times)
    else:
        faults.next("html", match, times, status=int(broken.removeprefix("html ")))


def _two_customers_and_a_buyer(pair: Pair) -> None:
    """Something to write on both sides."""
    pair.customer("Ada Moreno", "ada@example.com")
    pair.customer("Bo Lind", "bo@example.com")
    pair.contact("cy@example.com", qualifies=True, firstname="Cy", lastname="Young")


def _all_arrived(pair: Pair) -> bool:
    return pair.emails() == MADE and pair.names() == ["Ada Moreno", "Bo Lind", "Cy Young"]


async def test_without_a_network_nothing_is_failing_and_a_later_run_does_all(pair: Pair) -> None:
    _two_customers_and_a_buyer(pair)
    await pair.begin()
    pair.transport.unplug()

    with pytest.raises(Retry) as failed:
        await pair.run()

    assert failed.value.code == "no_network"
    assert "could not be reached" in str(failed.value)
    assert "Check the network" in str(failed.value)
    assert await pair.outcomes() == []
    pair.transport.plug()
    await pair.run()
    assert _all_arrived(pair)


@pytest.mark.parametrize(
    "match",
    [
        to_hubspot("/contacts"),
        to_hubspot("/contacts/batch/create"),
        to_quickbooks("/query"),
        to_quickbooks("/batch"),
    ],
    ids=["reading HubSpot", "writing HubSpot", "reading QuickBooks", "writing QuickBooks"],
)
async def test_a_network_that_goes_away_in_the_middle_leaves_no_record_failing(
    match: Match, pair: Pair
) -> None:
    _two_customers_and_a_buyer(pair)
    await pair.begin()
    pair.transport.on_send = Countdown(match, 1, pair.transport.unplug)

    with pytest.raises(Retry, match="could not be reached"):
        await pair.run()

    assert await pair.outcomes() == []
    pair.transport.plug()
    await pair.run()
    assert _all_arrived(pair)


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("read", list(READS_OF_HUBSPOT))
async def test_a_broken_answer_to_a_read_of_hubspot_is_read_again(
    read: str, broken: Broken, pair: Pair
) -> None:
    await pair.begin()
    if read == "search":
        await pair.run()
    _two_customers_and_a_buyer(pair)
    _break(pair.hubspot.faults, broken, READS_OF_HUBSPOT[read])

    await pair.run()

    assert pair.hubspot.faults.injected
    assert _all_arrived(pair)


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("read", list(READS_OF_QUICKBOOKS))
async def test_a_broken_answer_to_a_read_of_quickbooks_is_read_again(
    read: str, broken: Broken, pair: Pair
) -> None:
    await pair.begin()
    if read == "changes":
        await pair.run()
    _two_customers_and_a_buyer(pair)
    _break(pair.quickbooks.faults, broken, READS_OF_QUICKBOOKS[read])

    await pair.run()

    assert pair.quickbooks.faults.injected
    assert _all_arrived(pair)


@pytest.mark.parametrize("broken", BROKEN)
async def test_a_read_that_stays_broken_lets_its_sync_rest_and_nothing_counts_as_gone(
    broken: Broken, pair: Pair
) -> None:
    _two_customers_and_a_buyer(pair)
    await pair.begin()
    await pair.run()
    pair.customer("Di Poe", "di@example.com")
    _break(pair.hubspot.faults, broken, to_hubspot("/contacts/search"), times=100)

    pair.item("Hours")

    result = await pair.run()

    assert set(result.unavailable) == {"contacts"}
    assert SAID[broken] in result.unavailable["contacts"]
    assert "Nothing was changed" in result.unavailable["contacts"]
    assert pair.emails() == MADE
    assert "Hours" in [product["name"] for product in pair.portal.all("products")]
    assert await pair.outcomes() == []
    pair.hubspot.faults.clear()
    await pair.run()
    assert pair.emails() == [*MADE, "di@example.com"]


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("verb", ["create", "update"])
async def test_a_broken_answer_to_a_write_to_hubspot_is_looked_into_and_never_doubled(
    verb: str, broken: Broken, pair: Pair
) -> None:
    _two_customers_and_a_buyer(pair)
    await pair.begin()
    if verb == "update":
        await pair.run()
        pair.edit_customer(pair.company.all("Customer")[0]["Id"], GivenName="Ada")
    _break(pair.hubspot.faults, broken, to_hubspot(f"/contacts/batch/{verb}"))

    result = await pair.run()

    assert pair.hubspot.faults.injected
    assert result.failing == 0
    later = await pair.run()
    assert (later.in_doubt, later.failing) == (0, 0)
    assert _all_arrived(pair)
    if verb == "update":
        assert pair.contact_of("ada@example.com")["firstname"] == "Ada"
    assert (await pair.run()).writes == 0


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("verb", ["create", "update"])
async def test_a_broken_answer_to_a_write_to_quickbooks_is_looked_into_and_never_doubled(
    verb: str, broken: Broken, pair: Pair
) -> None:
    _two_customers_and_a_buyer(pair)
    await pair.begin()
    if verb == "update":
        await pair.run()
        contact = pair.contact_of("cy@example.com")["hs_object_id"]
        pair.portal.update("contacts", contact, {"phone": "555 0101"})
    _break(pair.quickbooks.faults, broken, to_quickbooks("/batch"))

    result = await pair.run()

    assert pair.quickbooks.faults.injected
    assert result.failing == 0
    later = await pair.run()
    assert (later.in_doubt, later.failing) == (0, 0)
    assert _all_arrived(pair)
    if verb == "update":
        buyer = next(c for c in pair.company.all("Customer") if c["DisplayName"] == "Cy Young")
        assert buyer["PrimaryPhone"]["FreeFormNumber"] == "555 0101"
    assert (await pair.run()).writes == 0


async def test_a_write_whose_fate_stays_unknown_is_said_and_the_next_run_settles_it(
    pair: Pair,
) -> None:
    pair.customer("Ada Moreno", "ada@example.com")
    await pair.begin()

    def unplugged_after(request: Request) -> None:
        if to_hubspot("/contacts/batch/read")(request):
            pair.transport.unplug()

    pair.transport.on_send = unplugged_after
    pair.hubspot.faults.next("cut", to_hubspot("/contacts/batch/create"))

    result = await pair.run()

    assert result.in_doubt == 1
    assert pair.emails() == ["ada@example.com"]
    pair.transport.plug()
    pair.transport.on_send = lambda _: None
    later = await pair.run()
    assert (later.in_doubt, later.failing) == (0, 0)
    assert pair.emails() == ["ada@example.com"]
    assert (await pair.run()).writes == 0


async def test_a_token_endpoint_that_answers_html_stops_the_run_and_a_later_one_goes_on(
    pair: Pair,
) -> None:
    _two_customers_and_a_buyer(pair)
    await pair.begin()
    pair.quickbooks.expire_access_tokens()
    pair.quickbooks.faults.next("html", _renewals, times=100)

    with pytest.raises(Retry) as failed:
        await pair.run()

    assert "QuickBooks could not renew the access token (status 502)" in str(failed.value)
    assert "It is tried again" in str(failed.value)
    assert await pair.outcomes() == []
    pair.quickbooks.faults.clear()
    await pair.run()
    assert _all_arrived(pair)


async def test_a_renewal_whose_answer_is_cut_says_so_and_connecting_again_goes_on(
    pair: Pair,
) -> None:
    _two_customers_and_a_buyer(pair)
    await pair.begin()
    pair.quickbooks.expire_access_tokens()
    pair.quickbooks.faults.next("cut", _renewals)

    with pytest.raises(Unauthorized) as failed:
        await pair.run()

    assert "The answer to an earlier renewal was lost" in str(failed.value)
    assert "Connect again with: ledgerbridge connect quickbooks" in str(failed.value)
    assert await pair.outcomes() == []
    await pair.connect_quickbooks()
    await pair.run()
    assert _all_arrived(pair)
