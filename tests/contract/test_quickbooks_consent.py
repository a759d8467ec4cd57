"""Consent, profiles, the two expiries of refresh tokens, request ids, and Intuit's meter."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
import pytest

from contract.quickbooks_caller import Caller, read
from contract.test_quickbooks_access import ask_tokens
from ledgerbridge.sandbox.http import Response, request_of
from ledgerbridge.sandbox.quickbooks import Switches

ASKED = {
    "response_type": "code",
    "scope": "com.intuit.quickbooks.accounting openid",
    "redirect_uri": "https://app.example.com/back",
    "state": "s1",
}
DAY = 86_400


async def consent(caller: Caller, **changed: str) -> Response:
    """What a person's browser gets from the consent page."""
    query = urlencode({**ASKED, "client_id": caller.emulator.client_id, **changed})
    return await caller.app(request_of("GET", f"/connect/oauth2?{query}", {}, b""))


def told(answer: Response) -> dict[str, str]:
    """What the redirect tells the app."""
    found = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in found.items()}


def exchange(code: str, redirect_uri: str = ASKED["redirect_uri"]) -> str:
    """The form that turns a code into tokens."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    return urlencode(form)


def refresh(token: str) -> str:
    """The form that renews tokens."""
    return urlencode({"grant_type": "refresh_token", "refresh_token": token})


async def test_consent_leads_back_with_a_code_for_one_company() -> None:
    caller = Caller()
    back = told(await consent(caller))

    assert (back["state"], back["realmId"]) == ("s1", caller.emulator.realm_id)
    assert (await ask_tokens(caller, exchange(back["code"]))).status == 200


async def test_a_code_is_good_for_its_own_redirect_and_for_minutes() -> None:
    caller = Caller()
    code = told(await consent(caller))["code"]
    late = told(await consent(caller))["code"]

    assert (await ask_tokens(caller, exchange(code, "https://evil.example.com/"))).status == 400
    caller.pass_time(minutes=6)
    assert (await ask_tokens(caller, exchange(late))).status == 400


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"scope": "everything"}, 302, "invalid_scope"),
        ({"client_id": "guess"}, 400, None),
        ({"redirect_uri": "javascript:x"}, 400, None),
    ],
)
async def test_consent_asked_for_wrongly_gives_no_code(
    changed: dict[str, str], status: int, error: str | None
) -> None:
    answer = await consent(Caller(), **changed)

    assert answer.status == status
    assert (told(answer).get("error") if error else None) == error


async def test_a_profile_is_shown_to_a_living_token() -> None:
    caller = Caller()
    target = "/v1/openid_connect/userinfo"
    bearer = {"Authorization": f"Bearer {caller.access_token}"}
    answer = await caller.app(request_of("GET", target, bearer, b""))

    assert (answer.status, read(answer)["email"]) == (200, "ada@example.com")
    caller.pass_time(hours=1)
    assert (await caller.app(request_of("GET", target, bearer, b""))).status == 401


async def test_a_refresh_token_keeps_its_value_for_a_day_where_that_is_so() -> None:
    caller = Caller(Switches(refresh_kept_s=DAY))
    same = read(await ask_tokens(caller, refresh(caller.refresh_token)))
    caller.pass_time(days=1)
    other = read(await ask_tokens(caller, refresh(caller.refresh_token)))

    assert same["refresh_token"] == caller.refresh_token != other["refresh_token"]
    assert (await ask_tokens(caller, refresh(caller.refresh_token))).status == 400


async def test_a_refresh_token_unused_for_a_hundred_days_is_dead() -> None:
    caller = Caller(Switches(invalid_grant_described=True))
    caller.pass_time(days=101)
    answer = read(await ask_tokens(caller, refresh(caller.refresh_token)))

    assert answer["error"] == "invalid_grant"
    assert answer["error_description"] == "Incorrect Token type or clientID"


async def test_no_refresh_outlives_the_consent() -> None:
    caller = Caller(Switches(refresh_token_s=10 * DAY, refresh_hard_s=15 * DAY))
    caller.pass_time(days=9)
    first = read(await ask_tokens(caller, refresh(caller.refresh_token)))
    caller.pass_time(days=5)
    last = read(await ask_tokens(caller, refresh(first["refresh_token"])))
    caller.pass_time(days=1)

    assert first["x_refresh_token_expires_in"] == 6 * DAY, "less than ten days: consent ends"
    assert last["x_refresh_token_expires_in"] == DAY
    assert (await ask_tokens(caller, refresh(last["refresh_token"]))).status == 400


async def test_the_final_expiry_is_told_to_whoever_asks_for_it() -> None:
    caller = Caller()
    header = {"x-include-refresh-token-hard-expires-in": "true"}
    asked = read(await ask_tokens(caller, refresh(caller.refresh_token), header=header))
    unasked = read(await ask_tokens(caller, refresh(asked["refresh_token"])))

    assert asked["x_refresh_token_hard_expires_in"] == 157_680_000
    assert "x_refresh_token_hard_expires_in" not in unasked


async def test_a_request_id_with_another_body_may_be_refused() -> None:
    caller = Caller(Switches(requestid_mismatch="refuse"))
    await caller.post("/customer?requestid=r1", {"DisplayName": "Ann"})
    error = await caller.error("POST", "/customer?requestid=r1", {"DisplayName": "Bo"})

    assert (error["code"], error["Message"]) == ("600", "Duplicate Request ID")
    assert (await caller.post("/customer?requestid=r1", {"DisplayName": "Ann"}))["Customer"]
    assert len(caller.company.all("Customer")) == 1


async def test_a_request_id_may_count_for_one_entity_only() -> None:
    caller = Caller(Switches(requestid_scope="entity"))
    await caller.post("/customer?requestid=r1", {"DisplayName": "Ann"})

    assert "Vendor" in await caller.post("/vendor?requestid=r1", {"DisplayName": "Birch"})


async def test_each_company_has_a_meter_and_all_share_the_month() -> None:
    caller = Caller()
    emulator = caller.emulator
    other = emulator.company("42").realm_id
    token, _ = emulator.issue_tokens(other)
    await caller.query("select * from Customer")
    await caller.get("/reports/CustomerBalance")
    bearer = {"Authorization": f"Bearer {token}"}
    await caller.app(request_of("GET", f"/v3/company/{other}/preferences", bearer, b""))

    assert emulator.metering.by_realm == {emulator.realm_id: 2, other: 1}
    assert emulator.metering.by_month == {"2026-11": 3}
    assert emulator.metered == 3


@pytest.mark.parametrize(("each", "calls"), [(True, 2), (False, 1)])
async def test_queries_of_a_batch_are_metered(each: bool, calls: int) -> None:
    caller = Caller(Switches(batch_queries_metered=each))
    items = [{"bId": str(n), "Query": "select * from Customer"} for n in range(2)]
    await caller.post("/batch", {"BatchItemRequest": items})

    assert caller.emulator.metered == calls


async def test_when_the_month_is_used_up_reads_wait_for_the_next_and_writes_do_not() -> None:
    caller = Caller(Switches(metered_monthly_max=1))
    await caller.get("/preferences")

    assert (await caller.send("GET", "/preferences")).status == 429
    assert await caller.post("/customer", {"DisplayName": "Ann"})
    caller.pass_time(days=15)
    caller.access_token, _ = caller.emulator.issue_tokens()
    assert (await caller.send("GET", "/preferences")).status == 200


async def test_reports_have_a_limit_of_their_own() -> None:
    caller = Caller(Switches(limits=True, reports_per_minute=1, requests_per_second=100))
    target = "/reports/CustomerBalance"

    assert (await caller.send("GET", target)).status == 200
    answer = await caller.send("GET", target)
    assert answer.status == 429
    assert b"ThrottleExceeded" in msgspec.json.encode(read(answer))
