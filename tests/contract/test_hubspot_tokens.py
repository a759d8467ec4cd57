"""Tokens, scopes, limits, faults, and requests that lead nowhere."""

from __future__ import annotations

import aiohttp
import msgspec
import pytest

from contract.hubspot_caller import OBJECTS, PROPERTIES, Caller
from contract.test_hubspot_recorded_errors import oauth
from ledgerbridge.sandbox.faults import Kind
from ledgerbridge.sandbox.http import NoAnswer, Server, request_of
from ledgerbridge.sandbox.hubspot import ALL_SCOPES, HubSpot

DETAILS = "/account-info/2026-09/details"


async def test_an_access_token_lives_1800_seconds_and_is_refreshed() -> None:
    caller = Caller()
    caller.token, refresh = caller.emulator.issue_oauth(scopes=["oauth"])
    caller.pass_time(seconds=1799)
    await caller.good("GET", DETAILS)
    caller.pass_time(seconds=1)
    assert (await caller.refused("GET", DETAILS))[0] == 401

    status, granted = await oauth(
        caller, "2026-09", f"grant_type=refresh_token&refresh_token={refresh}"
    )

    assert status == 200
    assert (granted["expires_in"], granted["refresh_token"]) == (1800, refresh)
    assert (granted["hub_id"], granted["scopes"]) == (147_000_001, ["oauth"])
    caller.token = granted["access_token"]
    await caller.good("GET", DETAILS)


async def test_a_code_is_exchanged_once() -> None:
    caller = Caller()
    form = f"grant_type=authorization_code&code={caller.emulator.issue_code()}&redirect_uri=x"

    status, granted = await oauth(caller, "v1", form)
    assert status == 200
    assert "hub_id" not in granted
    again, refused = await oauth(caller, "v1", form)
    assert (again, refused["status"]) == (400, "BAD_AUTH_CODE")


async def test_introspection_tells_the_portal_and_revocation_ends_it() -> None:
    caller = Caller()
    _, refresh = caller.emulator.issue_oauth()
    form = f"token={refresh}&client_id=a&client_secret=b".encode()

    async def ask(path: str) -> dict[str, object]:
        answer = await caller.send("POST", f"/oauth/2026-09/token/{path}", form)
        assert answer.status == 200
        found: dict[str, object] = msgspec.json.decode(answer.body)
        return found

    assert (await ask("introspect"))["hub_id"] == 147_000_001
    await ask("revoke")
    assert await ask("introspect") == {"active": False}


async def test_a_revoked_refresh_token_leaves_its_access_token_alive() -> None:
    caller = Caller()
    caller.token, refresh = caller.emulator.issue_oauth()

    caller.emulator.revoke(refresh)

    await caller.good("GET", DETAILS)
    form = f"grant_type=refresh_token&refresh_token={refresh}"
    assert (await oauth(caller, "2026-09", form))[0] == 400


async def test_a_token_can_be_ended_at_once_in_two_ways() -> None:
    caller = Caller()
    caller.emulator.expire(caller.token)
    status, answered = await caller.call("GET", DETAILS)
    assert (status, answered["category"]) == (401, "EXPIRED_AUTHENTICATION")

    caller.emulator.revoke(caller.token)
    status, answered = await caller.call("GET", DETAILS)
    assert (status, answered["category"]) == (401, "INVALID_AUTHENTICATION")


async def test_a_private_app_can_ask_what_its_token_is() -> None:
    caller = Caller()

    target = "/oauth/v2/private-apps/get/access-token-info"
    found = await caller.good("POST", target, {"tokenKey": caller.token})

    assert (found["hubId"], frozenset(found["scopes"])) == (147_000_001, ALL_SCOPES)


@pytest.mark.parametrize(
    ("scope", "method", "path", "body"),
    [
        ("crm.objects.contacts.read", "GET", f"{OBJECTS}/contacts", None),
        ("crm.objects.contacts.write", "POST", f"{OBJECTS}/contacts", {"properties": {}}),
        ("crm.objects.contacts.read", "POST", f"{OBJECTS}/contacts/search", {}),
        ("e-commerce", "GET", f"{OBJECTS}/products", None),
        ("crm.objects.invoices.read", "GET", f"{PROPERTIES}/invoices", None),
        ("e-commerce", "GET", f"{PROPERTIES}/line_items", None),
        ("crm.objects.owners.read", "GET", "/crm/owners/2026-09", None),
        ("settings.currencies.read", "GET", "/settings/currencies/2026-09/codes", None),
    ],
)
async def test_an_operation_needs_its_scope_and_no_more(
    scope: str, method: str, path: str, body: object
) -> None:
    caller = Caller()
    caller.token = caller.emulator.issue_token(scopes=[scope])
    await caller.good(method, path, body)

    caller.token = caller.emulator.issue_token(scopes=ALL_SCOPES - {scope, *alternatives(scope)})
    status, answered = await caller.call(method, path, body)

    assert (status, answered["category"]) == (403, "MISSING_SCOPES")
    assert scope in answered["errors"][0]["context"]["requiredGranularScopes"]


def alternatives(scope: str) -> set[str]:
    """What else allows the operations of the test above."""
    return {
        "e-commerce": {"crm.objects.products.read", "crm.objects.line_items.read"},
        "crm.objects.invoices.read": {"crm.schemas.invoices.read"},
    }.get(scope, set())


async def test_limits_count_ten_seconds_and_say_what_is_left() -> None:
    caller = Caller(rate_limits=True, burst_max=2)

    answers = [await caller.send("GET", DETAILS) for _ in range(3)]

    assert [one.status for one in answers] == [200, 200, 429]
    left = [one.headers["X-HubSpot-RateLimit-Remaining"] for one in answers]
    assert left == ["1", "0", "0"]
    assert answers[0].headers["X-HubSpot-RateLimit-Max"] == "2"
    assert "Retry-After" not in answers[2].headers
    caller.pass_time(seconds=10)
    assert (await caller.send("GET", DETAILS)).status == 200


async def test_searches_are_counted_by_the_second_and_have_no_headers() -> None:
    caller = Caller(rate_limits=True)
    target = f"{OBJECTS}/contacts/search"

    answers = [await caller.send("POST", target, b"{}") for _ in range(6)]

    assert [one.status for one in answers] == [200] * 5 + [429]
    assert not any(name.startswith("X-HubSpot-RateLimit") for name in answers[0].headers)
    caller.pass_time(seconds=1)
    assert (await caller.send("POST", target, b"{}")).status == 200


async def test_associations_have_a_limit_of_their_own() -> None:
    caller = Caller(rate_limits=True, burst_max=5, associations_burst_max=1)
    company = await caller.create("companies", {"name": "A"})
    target = f"{OBJECTS}/companies/{company}/associations/contacts"

    assert [(await caller.send("GET", target)).status for _ in range(2)] == [200, 429]
    assert (await caller.send("GET", DETAILS)).status == 200


async def test_the_day_ends_at_midnight_of_the_portal_and_spares_oauth() -> None:
    caller = Caller(rate_limits=True, daily_max=1)
    first = await caller.send("GET", DETAILS)
    assert first.headers["X-HubSpot-RateLimit-Daily-Remaining"] == "0"
    status, answered = await caller.call("GET", DETAILS)
    assert (status, answered["policyName"]) == (429, "DAILY")

    static, (caller.token, _) = caller.token, caller.emulator.issue_oauth()
    answer = await caller.send("GET", DETAILS)
    assert answer.status == 200
    assert "X-HubSpot-RateLimit-Daily" not in answer.headers

    caller.token = static
    caller.pass_time(hours=20, minutes=30)  # 00:04 in New York
    assert (await caller.send("GET", DETAILS)).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/crm/objects", 404),
        ("GET", "/crm/objects/2026-08/contacts", 404),
        ("GET", f"{OBJECTS}/contacts/1/2/3", 404),
        ("PUT", f"{OBJECTS}/contacts", 405),
        ("DELETE", f"{OBJECTS}/contacts/search", 204),
        ("PATCH", DETAILS, 405),
        ("GET", "/oauth/2026-09/token", 405),
        ("GET", "/oauth/nonsense", 404),
        ("GET", f"{OBJECTS}/thing", 400),
    ],
)
async def test_a_path_that_leads_nowhere_gets_a_clear_answer(
    method: str, path: str, status: int
) -> None:
    assert (await Caller().call(method, path))[0] == status


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"\xff", b'{"properties":[]}', b"[" * 9999]
)
async def test_a_body_that_is_not_the_json_asked_for_is_a_400(body: bytes) -> None:
    caller = Caller()

    answer = await caller.send("POST", f"{OBJECTS}/contacts", body)

    assert answer.status == 400
    assert b"Invalid input JSON on line 1, column" in answer.body


async def test_faults_strike_as_scripted_and_calls_are_counted_all_the_same() -> None:
    caller = Caller()
    faults = caller.emulator.faults
    kinds: tuple[Kind, ...] = ("throttle", "error500", "html", "drop_after")
    for kind in kinds:
        faults.next(kind)
    target, body = f"{OBJECTS}/companies", b'{"properties":{"name":"A"}}'

    statuses = [(await caller.send("POST", target, body)).status for _ in range(3)]
    with pytest.raises(NoAnswer):
        await caller.send("POST", target, body)

    assert statuses == [429, 500, 502]
    assert len(caller.portal.all("companies")) == 1
    assert caller.emulator.calls["create companies"] == 4
    assert [entry.status for entry in caller.emulator.log] == [429, 500, 502, 0]
    assert caller.emulator.log[0].portal_id == 147_000_001


async def test_the_emulator_answers_over_http() -> None:
    caller = Caller()
    await caller.create("contacts", {"email": "ä@example.com"})

    async with Server(caller.app) as server, aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {caller.token}"}
        async with session.get(f"{server.url}{OBJECTS}/contacts", headers=headers) as answer:
            assert answer.status == 200
            assert (await answer.json())["results"][0]["properties"]["email"] == "ä@example.com"


async def test_two_emulators_of_one_seed_are_alike() -> None:
    def world(seed: int) -> tuple[str, str]:
        caller = Caller()
        emulator = HubSpot(now=lambda: caller.now, seed=seed)
        made = emulator.portal().create("companies", {"name": "A"})
        return emulator.issue_token(), made["hs_object_id"]

    assert world(1) == world(1) != world(2)


async def test_owners_are_listed_and_found_by_email() -> None:
    caller = Caller()
    owner = caller.portal.add_owner("second@example.com", "Sam", "Second")

    assert len((await caller.good("GET", "/crm/owners/2026-09"))["results"]) == 2
    found = await caller.good("GET", "/crm/owners/2026-09?email=second@example.com")
    assert [one["id"] for one in found["results"]] == [owner]
    assert (await caller.good("GET", f"/crm/owners/2026-09/{owner}"))["firstName"] == "Sam"
    await caller.create("contacts", {"hubspot_owner_id": owner})


async def test_the_account_tells_its_zone_and_currencies() -> None:
    caller = Caller()
    caller.portal.change_settings(time_zone="Europe/Vienna", additional_currencies=("EUR",))

    found = await caller.good("GET", DETAILS)

    assert (found["utcOffset"], found["utcOffsetMilliseconds"]) == ("+01:00", 3_600_000)
    assert (found["companyCurrency"], found["additionalCurrencies"]) == ("USD", ["EUR"])
    company = await caller.good("GET", "/settings/currencies/2026-09/company-currency")
    assert company["id"] == "USD"


async def test_the_sales_pipeline_is_listed_with_its_stages() -> None:
    caller = Caller()

    found = (await caller.good("GET", "/crm/pipelines/2026-09/deals"))["results"]

    assert [one["id"] for one in found] == ["default"]
    assert found[0]["stages"][-1]["metadata"] == {"isClosed": "true", "probability": "0.0"}
    stages = await caller.good("GET", "/crm/pipelines/2026-09/deals/default/stages")
    assert stages["results"] == found[0]["stages"]


async def test_header_names_and_schemes_are_read_in_any_case() -> None:
    caller = Caller()
    request = request_of("GET", DETAILS, {"AUTHORIZATION": f"bearer {caller.token}"}, b"")

    assert (await caller.app(request)).status == 200


async def test_an_app_that_is_uninstalled_has_no_good_token_left() -> None:
    caller = Caller()
    static, (caller.token, refresh) = caller.token, caller.emulator.issue_oauth()
    other, _ = caller.emulator.issue_oauth(147_000_002)

    assert await caller.call("DELETE", "/appinstalls/2026-09/external-install") == (204, None)

    assert (await caller.refused("GET", DETAILS))[0] == 401
    form = f"grant_type=refresh_token&refresh_token={refresh}"
    status, answered = await oauth(caller, "2026-09", form)
    assert (status, answered["status"]) == (400, "BAD_REFRESH_TOKEN")
    for caller.token in (static, other):
        await caller.good("GET", DETAILS)


async def test_a_user_who_left_owns_nothing_new() -> None:
    caller = Caller()
    owner = caller.portal.add_owner("second@example.com", "Sam", "Second")
    contact = await caller.create("contacts", {"hubspot_owner_id": owner})
    caller.portal.archive_owner(owner)

    listed = (await caller.good("GET", "/crm/owners/2026-09?archived=true"))["results"]
    assert [(one["id"], one["archived"], "userId" in one) for one in listed] == [
        (owner, True, False)
    ]
    assert (await caller.refused("GET", f"/crm/owners/2026-09/{owner}"))[0] == 404
    await caller.good("GET", f"/crm/owners/2026-09/{owner}?archived=true")
    body = {"properties": {"hubspot_owner_id": owner}}
    _, message = await caller.refused("POST", f"{OBJECTS}/contacts", body)
    assert f"{owner} was not a valid owner ID" in message
    assert (await caller.read("contacts", contact, "hubspot_owner_id"))["hubspot_owner_id"] == owner


async def test_one_stage_can_be_read_alone() -> None:
    caller = Caller()
    target = "/crm/pipelines/2026-09/deals/default/stages"

    assert (await caller.good("GET", f"{target}/closedwon"))["label"] == "Closed Won"
    assert (await caller.refused("GET", f"{target}/nonsense"))[0] == 404
