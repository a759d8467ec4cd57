"""The control API over real HTTP, for both emulators: what it does, and how it refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from contract.served_emulator import CONTACTS, EMULATORS, START, Served, serving
from ledgerbridge.sandbox.clock import Clock
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.quickbooks import QuickBooks


@pytest.fixture(params=EMULATORS)
async def emulator(request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    """Each emulator in turn."""
    async with serving(request.param) as found:
        yield found


async def test_the_index_names_every_path(emulator: Served) -> None:
    index = await emulator.good("GET", "")

    assert index["emulator"] in EMULATORS
    paths = {(one["method"], one["path"]) for one in index["paths"]}
    assert ("POST", "/sandbox/deliveries/{id}/replay") in paths
    assert ("PUT", "/sandbox/state") in paths


@pytest.mark.parametrize(
    ("kind", "more", "status"),
    [
        ("throttle", {}, 429),
        ("error500", {}, 500),
        ("html", {"status": 502}, 502),
        ("drop_before", {}, 0),
        ("drop_after", {}, 0),
        ("cut", {}, 0),
        ("slow", {"slow_s": 0}, 200),
        ("maintenance", {}, 503),
        ("token_expired", {}, 401),
        ("token_revoked", {}, 401),
    ],
)
async def test_a_fault_happens_once_and_then_no_more(
    emulator: Served, kind: str, more: dict[str, Any], status: int
) -> None:
    await emulator.good("POST", "/faults", {"kind": kind, **more})

    assert await emulator.read() == status
    if not kind.startswith("token"):
        assert await emulator.read() == 200
    listed = await emulator.good("GET", "/faults")
    assert listed["faults"] == []
    assert [one["kind"] for one in listed["injected"]] == [kind]


async def test_maintenance_lasts_as_long_as_asked_and_can_be_a_477() -> None:
    async with serving("hubspot") as hubspot:
        wanted = {"kind": "maintenance", "for_s": 60, "status": 477}
        await hubspot.good("POST", "/faults", wanted)

        assert [await hubspot.read(), await hubspot.read()] == [477, 477]
        async with hubspot.session.get(hubspot.url + CONTACTS, headers=hubspot.headers) as answer:
            assert answer.headers["Retry-After"] == "60"
        await hubspot.good("POST", "/clock", {"advance_s": 60})
        assert await hubspot.read() == 200


async def test_faults_match_by_pattern_and_can_be_cleared(emulator: Served) -> None:
    fault = await emulator.good("POST", "/faults", {"kind": "throttle", "match": "^POST "})
    await emulator.good("POST", "/faults", {"kind": "error500", "match": "nowhere", "times": 5})

    assert await emulator.read() == 200
    assert await emulator.good("DELETE", f"/faults/{fault['id']}") == {"cleared": 1}
    assert (await emulator.ask("DELETE", f"/faults/{fault['id']}"))[0] == 404
    assert await emulator.good("DELETE", "/faults") == {"cleared": 1}


async def test_chances_are_drawn_from_the_seed(emulator: Served) -> None:
    async def drawn(seed: int) -> list[int]:
        await emulator.good("DELETE", "/faults")
        wanted = {"kind": "throttle", "chance": 0.5, "times": None, "seed": seed}
        await emulator.good("POST", "/faults", wanted)
        return [await emulator.read() for _ in range(12)]

    first = await drawn(1)

    assert set(first) == {200, 429}
    assert first == await drawn(1)
    assert first != await drawn(2)


async def test_stale_search_shows_the_older_state_until_the_time_is_over() -> None:
    async with serving("hubspot") as hubspot:
        await hubspot.good("POST", "/faults", {"kind": "stale", "for_s": 30})
        emulator = hubspot.control.emulator
        assert isinstance(emulator, HubSpot)
        emulator.portal().create("contacts", {"email": "late@example.com"})

        async def found() -> int:
            async with hubspot.session.post(
                f"{hubspot.url}{CONTACTS}/search", json={"limit": 10}, headers=hubspot.headers
            ) as answer:
                return int((await answer.json())["total"])

        assert await found() == 2
        await hubspot.good("POST", "/clock", {"advance_s": 30})
        assert await found() == 3


async def test_the_clock_is_read_moved_frozen_and_set(emulator: Served) -> None:
    assert await emulator.good("GET", "/clock") == {"now": "2026-05-01T09:00:00Z", "frozen": True}

    moved = await emulator.good("POST", "/clock", {"advance_s": 86_400})
    assert moved["now"] == "2026-05-02T09:00:00Z"
    moved = await emulator.good("POST", "/clock", {"at": "2026-06-01T00:00:00+02:00"})
    assert moved["now"] == "2026-05-31T22:00:00Z"
    assert not (await emulator.good("POST", "/clock", {"frozen": False}))["frozen"]
    assert (await emulator.good("POST", "/clock", {"frozen": True}))["frozen"]


async def test_tokens_expire_when_the_clock_is_moved(emulator: Served) -> None:
    assert await emulator.read() == 200

    await emulator.good("POST", "/clock", {"advance_s": 3600})

    assert await emulator.read() == 401


async def test_invoices_fall_overdue_when_the_clock_is_moved() -> None:
    async with serving("quickbooks") as quickbooks:
        emulator = quickbooks.control.emulator
        assert isinstance(emulator, QuickBooks)
        await quickbooks.good("POST", "/people", {"act": "create", "type": "Invoice"})
        invoice = emulator.company().all("Invoice")[0]

        await quickbooks.good("POST", "/clock", {"advance_s": 40 * 86_400})

        now = (await quickbooks.good("GET", "/clock"))["now"]
        assert invoice["DueDate"] < now[:10]


async def test_log_and_counts_are_shown(emulator: Served) -> None:
    await emulator.read()

    (entry,) = (await emulator.good("GET", "/log?limit=1"))["requests"]
    assert (entry["method"], entry["status"]) == ("GET", 200)
    assert emulator.read_path.startswith(entry["path"])
    assert sum((await emulator.good("GET", "/calls"))["calls"].values()) == 1
    assert await emulator.good("DELETE", "/calls") == {"calls": {}}
    assert "webhook_delay_s" in await emulator.good("GET", "/switches")


async def test_the_state_is_downloaded_and_taken_again(emulator: Served) -> None:
    saved = await emulator.good("GET", "/state")
    await emulator.good("POST", "/people", {"count": 10, "seed": 1})
    await emulator.good("POST", "/clock", {"advance_s": 600})

    assert (await emulator.good("PUT", "/state", saved))["now"] == "2026-05-01T09:00:00Z"

    assert (await emulator.good("GET", "/people"))["deeds"] == []
    assert await emulator.good("GET", "/state") == saved


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/elephants", None, 404),
        ("PATCH", "/faults", {}, 405),
        ("POST", "/faults", {}, 400),
        ("POST", "/faults", {"kind": "flood"}, 400),
        ("POST", "/faults", {"kind": "throttle", "times": 0}, 400),
        ("POST", "/faults", {"kind": "throttle", "chance": 2}, 400),
        ("POST", "/faults", {"kind": "throttle", "match": "("}, 400),
        ("POST", "/faults", {"kind": "throttle", "colour": "red"}, 400),
        ("POST", "/faults", {"kind": "stale"}, 400),
        ("GET", "/log?limit=0", None, 400),
        ("GET", "/log?limit=x", None, 400),
        ("POST", "/people", {}, 400),
        ("POST", "/people", {"act": "dance"}, 400),
        ("POST", "/people", {"act": "edit", "type": "elephants"}, 400),
        ("POST", "/people", {"act": "edit", "account": "7"}, 400),
        ("POST", "/people", {"act": "edit", "count": 3}, 400),
        ("POST", "/people", {"act": "void", "id": "999"}, 409),
        ("POST", "/people", {"count": 100_000}, 400),
        ("POST", "/clock", {}, 400),
        ("POST", "/clock", {"advance_s": -1}, 400),
        ("POST", "/clock", {"advance_s": 1, "at": "2027-01-01T00:00:00Z"}, 400),
        ("POST", "/clock", {"at": "2020-01-01T00:00:00Z"}, 400),
        ("POST", "/clock", {"at": "2027-01-01T00:00:00"}, 400),
        ("PUT", "/webhooks", {}, 400),
        ("POST", "/webhooks/test", {"subscription_id": 5}, 400),
        ("PUT", "/state", {"format": "other"}, 409),
        ("PUT", "/state", {}, 409),
    ],
)
async def test_wrong_input_gets_a_clear_answer_in_one_shape(
    emulator: Served, method: str, path: str, body: Any, status: int
) -> None:
    answered_status, answered = await emulator.ask(method, path, body)

    assert answered_status == status, answered
    assert set(answered) == {"error"}
    assert set(answered["error"]) == {"code", "message"}
    assert answered["error"]["message"].endswith(".")


async def test_no_page_in_a_browser_can_use_it(emulator: Served) -> None:
    plain = {"data": b'{"kind":"throttle"}', "headers": {"Content-Type": "text/plain"}}
    assert (await emulator.ask("POST", "/faults", **plain))[0] == 415
    rebound = {"headers": {"Host": "evil.example.com"}}
    assert (await emulator.ask("GET", "/faults", **rebound))[0] == 403


def test_a_clock_runs_stands_and_moves_forward_only() -> None:
    real = [START]
    clock = Clock(lambda: real[0])
    real[0] += timedelta(seconds=5)
    assert clock.now() == START + timedelta(seconds=5)
    clock.freeze()
    real[0] += timedelta(seconds=5)
    assert clock.now() == START + timedelta(seconds=5)
    clock.run()
    clock.advance(timedelta(hours=1))
    real[0] += timedelta(seconds=1)
    assert clock.now() == START + timedelta(hours=1, seconds=6)
    with pytest.raises(ValueError, match="forward"):
        clock.advance(timedelta(seconds=-1))
    with pytest.raises(ValueError, match="forward"):
        clock.move_to(START)
    with pytest.raises(ValueError, match="calendar"):
        clock.advance(timedelta(days=3_000_000))
