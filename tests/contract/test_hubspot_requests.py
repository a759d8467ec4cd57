"""Requests that are turned away before anything looks at them, and the forms of a refusal."""

from __future__ import annotations

import msgspec
import pytest

from contract.hubspot_caller import OBJECTS, Caller
from contract.hubspot_operations import ON_PURPOSE
from contract.test_hubspot_recorded_errors import oauth

MARKED = {ON_PURPOSE: "yes"}
CONTACT = b'{"properties":{"email":"a@example.com"}}'


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 201),
        ("application/json; charset=utf-8", 201),
        ("Application/JSON", 201),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("nonsense", 415),
    ],
)
async def test_a_body_has_to_be_json(content_type: str, status: int) -> None:
    caller = Caller()
    headers = {"Content-Type": content_type}

    answer = await caller.send("POST", f"{OBJECTS}/contacts", CONTACT, headers)

    assert answer.status == status
    assert len(caller.portal.all("contacts")) == (status == 201)


async def test_the_content_type_is_not_looked_at_as_the_switch_says() -> None:
    caller = Caller(content_type_checked=False)
    headers = {"Content-Type": "text/plain"}

    assert (await caller.send("POST", f"{OBJECTS}/contacts", CONTACT, headers)).status == 201


async def test_a_token_is_asked_for_by_a_form() -> None:
    caller = Caller()
    _, refresh = caller.emulator.issue_oauth()
    form = f"grant_type=refresh_token&client_id=a&client_secret=b&refresh_token={refresh}"
    target = "/oauth/2026-09/token"

    typed = {"Content-Type": "application/x-www-form-urlencoded", **MARKED}
    wrong = {"Content-Type": "application/json", **MARKED}
    assert (await caller.send("POST", target, form.encode(), typed)).status == 200
    assert (await caller.send("POST", target, form.encode(), wrong)).status == 415


async def test_an_address_that_is_too_long_is_refused_with_414() -> None:
    caller = Caller(url_length_max=300)
    names = ",".join(f"property_{number}" for number in range(30))

    answer = await caller.send("GET", f"{OBJECTS}/contacts?properties={names}")

    assert answer.status == 414
    await caller.good("GET", f"{OBJECTS}/contacts?properties={names[:200]}")


async def test_an_account_on_the_move_says_how_long_to_wait() -> None:
    caller = Caller()
    caller.portal.begin_move(retry_after_s=7_200)

    answer = await caller.send("POST", f"{OBJECTS}/contacts", CONTACT)

    assert (answer.status, answer.headers["Retry-After"]) == (477, "7200")
    assert not caller.portal.all("contacts")
    caller.portal.end_move()
    await caller.good("POST", f"{OBJECTS}/contacts", msgspec.json.decode(CONTACT))


async def test_a_moving_account_does_not_stop_another_one() -> None:
    caller = Caller()
    other = caller.emulator.issue_token(147_000_002)
    caller.portal.begin_move(retry_after_s=60)
    caller.token = other

    await caller.good("GET", f"{OBJECTS}/contacts")


async def test_an_installation_has_a_smaller_burst_than_a_static_token() -> None:
    caller = Caller(rate_limits=True, burst_max=3, oauth_burst_max=1)
    target = "/account-info/2026-09/details"
    assert [(await caller.send("GET", target)).status for _ in range(4)] == [200, 200, 200, 429]

    caller.token, _ = caller.emulator.issue_oauth()

    answers = [await caller.send("GET", target) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 429]
    assert answers[0].headers["X-HubSpot-RateLimit-Max"] == "1"


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("policy", {"errorType", "policyName", "groupName"}),
        ("category", {"category"}),
    ],
)
async def test_a_429_has_the_form_that_the_switch_says(form: str, fields: set[str]) -> None:
    caller = Caller(rate_limits=True, burst_max=1, throttle_form=form)
    target = "/account-info/2026-09/details"
    await caller.send("GET", target)

    status, answered = await caller.call("GET", target)

    assert status == 429
    assert answered["message"] == "You have reached your ten_secondly_rolling limit."
    assert answered.keys() - {"status", "message", "correlationId"} == fields


@pytest.mark.parametrize(
    ("form", "names_it", "category"),
    [
        ("with id", True, "CONFLICT"),
        ("plain", False, "CONFLICT"),
        ("object exists", True, "OBJECT_ALREADY_EXISTS"),
    ],
)
async def test_a_taken_address_is_refused_in_the_form_that_the_switch_says(
    form: str, names_it: bool, category: str
) -> None:
    caller = Caller(contact_exists_form=form)
    contact = await caller.create("contacts", {"email": "a@example.com"})

    status, answered = await caller.call(
        "POST", f"{OBJECTS}/contacts", msgspec.json.decode(CONTACT)
    )

    assert (status, answered["category"]) == (409, category)
    assert answered["message"].startswith("Contact already exists")
    assert (contact in answered["message"]) is names_it


@pytest.mark.parametrize("version", ["v1", "2026-09"])
async def test_a_grant_that_does_not_exist_is_refused_without_a_category(version: str) -> None:
    status, answered = await oauth(Caller(), version, "grant_type=password")

    assert (status, answered["status"]) == (400, "BAD_GRANT_TYPE")
    assert "category" not in answered
