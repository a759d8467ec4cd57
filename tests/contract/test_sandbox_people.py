"""People and webhooks over the control API, with a subscriber that listens to real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from contract.served_emulator import EMULATORS, Served, serving
from ledgerbridge.sandbox.delivery import Post
from ledgerbridge.sandbox.http import Sender


@pytest.fixture(params=EMULATORS)
async def emulator(request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    """Each emulator in turn."""
    async with serving(request.param) as found:
        yield found


ACTS: dict[str, list[dict[str, Any]]] = {
    "hubspot": [
        {"act": "create", "type": "contacts"},
        {"act": "edit", "type": "contacts"},
        {"act": "clear", "type": "contacts"},
        {"act": "create", "type": "companies"},
        {"act": "associate", "type": "contacts"},
        {"act": "merge", "type": "contacts"},
        {"act": "archive", "type": "contacts"},
        {"act": "restore", "type": "contacts"},
        {"act": "create", "type": "contacts", "values": {"email": "max@example.com"}},
        {"act": "erase", "type": "contacts"},
    ],
    "quickbooks": [
        {"act": "create", "type": "Customer"},
        {"act": "create", "type": "Item"},
        {"act": "edit", "type": "Customer"},
        {"act": "edit", "type": "Customer", "id": "1", "values": {"Notes": "Rings twice"}},
        {"act": "clear", "type": "Customer", "id": "1", "values": {"Notes": None}},
        {"act": "create", "type": "Invoice"},
        {"act": "email", "type": "Invoice"},
        {"act": "pay"},
        {"act": "void", "type": "Payment"},
        {"act": "delete", "type": "Invoice"},
        {"act": "merge", "type": "Customer", "id": "1", "other": "2"},
        {"act": "deactivate", "type": "Customer", "id": "1"},
        {"act": "reactivate", "type": "Customer"},
    ],
}


async def test_people_do_each_act_and_it_is_logged(emulator: Served) -> None:
    wanted = ACTS[emulator.control.vendor.name]

    done = [(await emulator.good("POST", "/people", act))["deeds"][0] for act in wanted]

    assert [deed["act"] for deed in done] == [act["act"] for act in wanted]
    assert all(deed["id"] for deed in done)
    listed = await emulator.good("GET", "/people")
    assert listed["deeds"] == done
    assert set(listed["acts"]) >= {act["act"] for act in wanted}


async def test_many_acts_are_drawn_from_a_seed(emulator: Served) -> None:
    async def drawn(name: str) -> list[Any]:
        async with serving(name) as fresh:
            deeds = (await fresh.good("POST", "/people", {"count": 25, "seed": 4}))["deeds"]
            return [(one["act"], one["type"], one["id"], one["values"]) for one in deeds]

    name = emulator.control.vendor.name
    first = await drawn(name)

    assert len(first) == 25
    assert first == await drawn(name)
    assert len({act for act, *_ in first}) > 3


class Receiver:
    """A subscriber over real HTTP: refuses as often as it is told, then takes everything."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals, self.status = refusals, 200
        self.bodies: list[Any] = []
        self.arrived = asyncio.Event()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Its address, while the block lasts."""

        async def take(request: web.BaseRequest) -> web.Response:
            self.bodies.append(json.loads(await request.read()))
            self.arrived.set()
            self.refusals -= 1
            status = 503 if self.refusals >= 0 else self.status
            return web.Response(status=status, headers={"Location": str(request.url)})

        runner = web.ServerRunner(web.Server(take))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        finally:
            await runner.cleanup()


def _webhooks(name: str, url: str) -> dict[str, Any]:
    if name == "quickbooks":
        return {"url": url, "entities": {"Customer": ["Create", "Update"]}, "format": "legacy"}
    subscription = {"subscriptionType": "object.creation", "objectType": "contact"}
    return {"settings": {"targetUrl": url}, "subscriptions": {"crmObjects": [subscription]}}


async def test_webhooks_arrive_are_retried_and_can_be_replayed(emulator: Served) -> None:
    name, receiver = emulator.control.vendor.name, Receiver(refusals=1)
    type_ = "contacts" if name == "hubspot" else "Customer"
    async with receiver.listening() as url:
        await emulator.good("PUT", "/webhooks", _webhooks(name, url))
        await emulator.good("POST", "/people", {"act": "create", "type": type_})
        await emulator.good("POST", "/clock", {"advance_s": 10})
        await emulator.good("POST", "/deliveries", {})
        await asyncio.wait_for(receiver.arrived.wait(), 30)
        waiting = await emulator.good("GET", "/deliveries")
        await emulator.good("POST", "/clock", {"advance_s": 120})
        await emulator.good("POST", "/deliveries", {})
        number = waiting["deliveries"][0]["id"]
        await _state_of(emulator, number, "delivered")
        again = await emulator.good("POST", f"/deliveries/{number}/replay", {})
        await _state_of(emulator, again["id"], "delivered")

        assert len(receiver.bodies) == 3
        assert (await emulator.ask("POST", "/deliveries/999/replay", {}))[0] == 404
        ended = await emulator.good("DELETE", "/webhooks")
        assert ended["url"] is None


async def _state_of(emulator: Served, number: int, state: str) -> None:
    """Goes on asking until a delivery is in a state."""
    for _ in range(2000):
        found = (await emulator.good("GET", "/deliveries"))["deliveries"]
        if any(one["id"] == number and one["state"] == state for one in found):
            return
    pytest.fail(f"delivery {number} is not {state}: {found}")


async def test_lost_webhooks_are_logged_as_lost(emulator: Served) -> None:
    name = emulator.control.vendor.name
    type_ = "contacts" if name == "hubspot" else "Customer"
    await emulator.good("PUT", "/webhooks", _webhooks(name, "http://127.0.0.1:9/hook"))
    await emulator.good("POST", "/faults", {"kind": "webhook_lost", "match": "reat"})

    await emulator.good("POST", "/people", {"act": "create", "type": type_})

    events = (await emulator.good("GET", "/deliveries"))["events"]
    assert [(one["outcome"], one["faults"]) for one in events] == [("lost", ["webhook_lost"])]


async def test_redirects_are_not_followed_and_a_closed_port_is_no_answer() -> None:
    receiver = Receiver()
    async with receiver.listening() as url, Sender(timeout_s=30) as send:
        receiver.status = 302
        assert await send(Post(url, {}, b"[]")) == 302
        assert len(receiver.bodies) == 1
    async with Sender(timeout_s=30) as send:
        assert await send(Post(url, {}, b"[]")) == 0
        assert await send(Post("http://", {}, b"[]")) == 0
