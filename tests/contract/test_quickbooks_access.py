"""Who gets in and what comes back when: tokens, realms, limits, request ids, faults, counters."""

from __future__ import annotations

import asyncio
import base64

import msgspec
import pytest
from aiohttp import ClientSession

from contract.quickbooks_caller import BASE, START, Body, Caller, read
from ledgerbridge.sandbox.http import NoAnswer, Request, Response, Server, request_of
from ledgerbridge.sandbox.quickbooks import QuickBooks, Switches

ANN = {"DisplayName": "Ann"}


async def ask_tokens(
    caller: Caller, form: str, *, secret: str | None = None, header: dict[str, str] | None = None
) -> Response:
    """A request to the token endpoint."""
    pair = f"{caller.emulator.client_id}:{secret or caller.emulator.client_secret}"
    basic = base64.b64encode(pair.encode()).decode()
    headers = {
        "Authorization": f"Basic {basic}",
        "Content-Type": "application/x-www-form-urlencoded",
        **(header or {}),
    }
    target = "/oauth2/v1/tokens/bearer"
    return await caller.app(request_of("POST", target, headers, form.encode()))


async def test_an_access_token_lives_an_hour() -> None:
    caller = Caller()
    caller.pass_time(seconds=3599)

    assert (await caller.send("GET", "/preferences")).status == 200
    caller.pass_time(seconds=1)
    answer = await caller.send("GET", "/preferences")
    fault = read(answer)["fault"]
    assert (answer.status, fault["type"], fault["error"][0]["code"]) == (
        401,
        "AUTHENTICATION",
        "3200",
    )
    assert answer.headers["Www-Authenticate"] == 'Bearer realm="Intuit", error="invalid_token"'


async def test_a_refresh_gives_a_new_pair_and_kills_the_old_value() -> None:
    caller = Caller()
    form = f"grant_type=refresh_token&refresh_token={caller.refresh_token}"
    answer = read(await ask_tokens(caller, form))

    assert (answer["token_type"], answer["expires_in"]) == ("bearer", 3600)
    assert answer["refresh_token"] != caller.refresh_token
    again = await ask_tokens(caller, form)
    assert (again.status, again.body) == (400, b'{"error":"invalid_grant"}')
    caller.access_token = answer["access_token"]
    assert (await caller.send("GET", "/preferences")).status == 200


async def test_a_refresh_may_keep_its_value() -> None:
    caller = Caller(Switches(rotate_refresh=False))
    form = f"grant_type=refresh_token&refresh_token={caller.refresh_token}"

    for _ in range(2):
        assert read(await ask_tokens(caller, form))["refresh_token"] == caller.refresh_token


async def test_a_code_is_exchanged_once() -> None:
    caller = Caller()
    code = caller.emulator.tokens.authorize(caller.emulator.realm_id)
    form = f"grant_type=authorization_code&code={code}&redirect_uri=https://app.example.com/"

    assert (await ask_tokens(caller, form)).status == 200
    assert (await ask_tokens(caller, form)).status == 400


async def test_a_wrong_secret_is_no_client() -> None:
    answer = await ask_tokens(Caller(), "grant_type=refresh_token", secret="guess")

    assert (answer.status, answer.body) == (401, b'{"error":"invalid_client"}')


async def test_a_revoked_token_opens_nothing() -> None:
    caller = Caller()
    pair = f"{caller.emulator.client_id}:{caller.emulator.client_secret}"
    headers = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    body = msgspec.json.encode({"token": caller.refresh_token})
    revoke = request_of("POST", "/v2/oauth2/tokens/revoke", headers, body)

    assert (await caller.app(revoke)).status == 200
    assert (await caller.app(revoke)).status == 400
    assert (await caller.send("GET", "/preferences")).status == 401


async def test_a_token_opens_its_own_realm_only() -> None:
    caller = Caller()
    other = caller.emulator.company("42")
    other.create("Customer", ANN)
    headers = {"Authorization": f"Bearer {caller.access_token}"}
    answer = await caller.app(request_of("GET", "/v3/company/42/customer/1", headers, b""))

    assert (answer.status, read(answer)["fault"]["error"][0]["code"]) == (403, "3100")
    assert caller.company.all("Customer") == []


async def test_discovery_names_the_endpoints_of_this_server() -> None:
    caller = Caller()
    for name in ("openid_configuration", "openid_sandbox_configuration/"):
        target = f"/.well-known/{name}"
        answer = await caller.app(request_of("GET", target, {"Host": "localhost:1"}, b""))

        assert read(answer)["token_endpoint"] == "http://localhost:1/oauth2/v1/tokens/bearer"


async def test_a_request_id_replays_the_first_answer() -> None:
    caller = Caller()
    first = await caller.post("/customer?requestid=r1", ANN)
    caller.pass_time(hours=1)
    caller.access_token, _ = caller.emulator.issue_tokens()

    assert await caller.post("/customer?requestid=r1", ANN) == first
    assert len(caller.company.all("Customer")) == 1
    items = [{"bId": "1", "operation": "create", "Customer": {"DisplayName": "Bo"}}]
    batch = await caller.post("/batch?requestid=r2", {"BatchItemRequest": items})
    assert await caller.post("/batch?requestid=r2", {"BatchItemRequest": items}) == batch
    assert len(caller.company.all("Customer")) == 2


async def test_a_request_id_may_be_forgotten_after_a_while() -> None:
    caller = Caller(Switches(requestid_window_s=60))
    await caller.post("/customer?requestid=r1", ANN)
    caller.pass_time(seconds=61)

    assert (await caller.error("POST", "/customer?requestid=r1", ANN))["code"] == "6240"


@pytest.mark.parametrize("stored", [True, False])
async def test_a_refusal_is_replayed_only_where_faults_are_stored(stored: bool) -> None:
    caller = Caller(Switches(requestid_stores_faults=stored))
    await caller.error("POST", "/customer?requestid=r1", {"Notes": "nameless"})
    answer = await caller.send("POST", "/customer?requestid=r1", msgspec.json.encode(ANN))

    assert answer.status == (400 if stored else 200)


async def test_a_long_request_id_is_refused() -> None:
    caller = Caller()

    assert (await caller.error("POST", f"/customer?requestid={'x' * 51}", ANN))["code"] == "2130"
    target = f"/batch?requestid={'x' * 37}"
    assert (await caller.error("POST", target, {"BatchItemRequest": []}))["code"] == "2130"


async def test_limits_throttle_and_relent() -> None:
    limits = Switches(limits=True, requests_per_second=3, requests_per_minute=5)
    caller = Caller(limits)
    statuses = [(await caller.send("GET", "/preferences")).status for _ in range(4)]
    caller.pass_time(seconds=2)
    statuses += [(await caller.send("GET", "/preferences")).status for _ in range(3)]
    caller.pass_time(seconds=60)
    statuses += [(await caller.send("GET", "/preferences")).status]

    assert statuses == [200, 200, 200, 429, 200, 200, 429, 200]


async def test_batches_have_a_limit_of_their_own() -> None:
    caller = Caller(Switches(limits=True, batch_requests_per_minute=1))
    empty = b'{"BatchItemRequest":[]}'

    assert (await caller.send("POST", "/batch", empty)).status == 200
    assert (await caller.send("POST", "/batch", empty)).status == 429
    assert (await caller.send("GET", "/preferences")).status == 200


async def test_no_more_than_so_many_requests_are_in_flight() -> None:
    caller = Caller(Switches(limits=True, concurrent_max=1))
    turn = asyncio.Event()

    async def wait(seconds: float) -> None:
        await turn.wait()

    emulator = QuickBooks(now=lambda: START, switches=caller.emulator.switches, sleep=wait)
    emulator.faults.next("slow")
    caller.app = emulator
    caller.access_token, _ = emulator.issue_tokens()
    slow = asyncio.create_task(caller.send("GET", "/preferences"))
    await asyncio.sleep(0)

    assert (await caller.send("GET", "/preferences")).status == 429
    turn.set()
    assert (await slow).status == 200
    assert (await caller.send("GET", "/preferences")).status == 200


@pytest.mark.parametrize(
    ("form", "part"),
    [("Fault", b'"Fault"'), ("fault", b'"fault"'), ("xml", b"<IntuitResponse"), ("empty", b"")],
)
async def test_a_throttle_has_one_of_four_bodies(form: str, part: bytes) -> None:
    caller = Caller(Switches(throttle_form=form, retry_after_s=60))  # type: ignore[arg-type]
    caller.emulator.faults.next("throttle")
    answer = await caller.send("GET", "/preferences")

    assert (answer.status, answer.headers["Retry-After"]) == (429, "60")
    assert part in answer.body
    assert bool(part) == bool(answer.body)


async def test_faults_happen_to_the_requests_they_are_meant_for() -> None:
    caller = Caller(judged=False)
    faults = caller.emulator.faults

    def is_write(request: Request) -> bool:
        return request.method == "POST"

    faults.next("drop_before", is_write)
    faults.next("drop_after", is_write)
    faults.next("error500", times=2)
    body = msgspec.json.encode(ANN)
    for made in (0, 1):
        with pytest.raises(NoAnswer):
            await caller.send("POST", "/customer?requestid=r", body)
        assert len(caller.company.all("Customer")) == made
    statuses = [(await caller.send("GET", "/customer/1")).status for _ in range(3)]
    assert statuses == [500, 500, 200]
    faults.next("html", status=503)
    page = await caller.send("GET", "/customer/1")
    assert (page.status, page.headers["Content-Type"]) == (503, "text/html")
    faults.next("cut")
    assert (await caller.send("GET", "/customer/1")).cut


async def test_the_log_tells_kinds_and_what_is_metered() -> None:
    caller = Caller()
    await caller.post("/customer", ANN)
    await caller.query("select * from Customer")
    await caller.get("/cdc?entities=Customer&changedSince=2026-11-20")
    await caller.error("GET", "/customer/99")
    body: Body = {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "n"}
    await caller.post("/customer", body)
    items = [{"bId": "1", "Query": "select * from Customer"}]
    await caller.post("/batch", {"BatchItemRequest": items})
    emulator = caller.emulator

    assert emulator.calls == {
        "create Customer": 1,
        "query Customer": 1,
        "cdc": 1,
        "read Customer": 1,
        "update Customer": 1,
        "batch": 1,
        "batch: query": 1,
    }
    assert emulator.metered == 3
    assert [(entry.method, entry.status, entry.metered) for entry in emulator.log] == [
        ("POST", 200, False),
        ("GET", 200, True),
        ("GET", 200, True),
        ("GET", 400, False),
        ("POST", 200, False),
        ("POST", 200, True),
    ]


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/customer/1/5", 400),
        ("DELETE", "/customer/1", 400),
        ("GET", "/nothing", 400),
        ("POST", "/exchangerate/1", 400),
        ("GET", "", 400),
    ],
)
async def test_an_unknown_route_is_an_unsupported_operation(
    method: str, target: str, status: int
) -> None:
    answer = await Caller().send(method, target)

    assert answer.status == status
    assert read(answer)["Fault"]["Error"][0]["code"] == "500"


async def test_other_paths_and_wrong_content_are_refused() -> None:
    caller = Caller()

    assert (await caller.app(request_of("GET", "/", {}, b""))).status == 404
    assert (await caller.send("POST", "/customer", b"{", None)).status == 400
    wrong = await caller.send("POST", "/customer", b"{}", {"Content-Type": "text/xml"})
    assert wrong.status == 415
    assert "Fault" in read(wrong)


async def test_it_serves_over_http() -> None:
    caller = Caller()
    headers = {"Authorization": f"Bearer {caller.access_token}"}
    async with (
        Server(caller.emulator.app) as server,
        ClientSession(server.url, headers=headers) as session,
        session.post(f"{BASE}/customer", json=ANN) as created,
    ):
        assert (await created.json())["Customer"]["Id"] == "1"
        assert "intuit_tid" in created.headers
