"""The state of emulators to bytes and back: everything that can be seen survives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.deliveries import Subscriber
from ledgerbridge.sandbox.clock import Clock
from ledgerbridge.sandbox.control import Act, Control, load, save
from ledgerbridge.sandbox.faults import Pattern
from ledgerbridge.sandbox.http import request_of
from ledgerbridge.sandbox.hubspot import HubSpot, Switches
from ledgerbridge.sandbox.hubspot.journal_subscriptions import Condition, NewSubscription
from ledgerbridge.sandbox.quickbooks import QuickBooks
from ledgerbridge.sandbox.state_file import StateError, digest

START = datetime(2026, 5, 1, 9, tzinfo=UTC)
URL = "https://example.com/hook"


@dataclass
class World:
    """Both emulators with their controls, on a frozen clock."""

    clock: Clock
    hubspot: HubSpot
    quickbooks: QuickBooks
    portal: Control
    books: Control

    def save(self) -> bytes:
        """All of it."""
        return save(self.portal, self.books, clock=self.clock)

    def load(self, content: bytes) -> None:
        """All of it again."""
        load(content, self.portal, self.books, clock=self.clock)


def _world(seed: int = 0, **switches: Any) -> World:
    clock = Clock(lambda: START, frozen=True)
    hubspot = HubSpot(now=clock.now, seed=seed, switches=Switches(**switches), search_lag_s=5)
    quickbooks = QuickBooks(now=clock.now, seed=seed)
    return World(
        clock,
        hubspot,
        quickbooks,
        Control(hubspot, clock=clock, seed=seed),
        Control(quickbooks, clock=clock, seed=seed),
    )


def _lived(seed: int, acts: int) -> World:
    """A world in which something of everything happened."""
    world = _world(seed)
    hubspot, quickbooks = world.hubspot, world.quickbooks
    hubspot.webhooks.set_target(URL)
    hubspot.webhooks.subscribe("contact.creation")
    hubspot.webhooks.subscribe("object.propertyChange", "amount", "deals")
    wanted = NewSubscription(
        subscription_type="OBJECT", object_type_id="0-1", actions=["CREATE", "UPDATE"]
    )
    made = hubspot.journal.subscribe(wanted)
    hubspot.journal.add_filter(made, [Condition(property="email", operator="IS_NOT_EMPTY")])
    quickbooks.webhooks.configure(URL, format_="legacy")
    quickbooks.faults.next("throttle", Pattern("nowhere"), times=3, chance=0.5)
    hubspot.faults.next("webhook_doubled", times=2)
    for control in (world.portal, world.books):
        control.people.busy(acts, seed)
    world.clock.advance(timedelta(seconds=30))
    return world


async def _seen(world: World) -> list[Any]:
    """Much of what clients and subscribers can see, and tokens, ids and chances to come."""
    hubspot, quickbooks = world.hubspot, world.quickbooks
    bearer = {"Authorization": f"Bearer {hubspot.issue_token()}"}
    seen: list[Any] = []
    for type_ in ("contacts", "companies", "deals", "products"):
        target = f"/crm/objects/2026-09/{type_}?limit=100&propertiesWithHistory=createdate"
        seen.append((await hubspot.app(request_of("GET", target, bearer, b""))).body)
        search = f"/crm/objects/2026-09/{type_}/search"
        seen.append((await hubspot.app(request_of("POST", search, bearer, b"{}"))).body)
    access, refresh = quickbooks.issue_tokens()
    bearer = {"Authorization": f"Bearer {access}"}
    seen += [access, refresh]
    base = f"/v3/company/{quickbooks.realm_id}"
    for entity in ("Customer", "Item", "Invoice", "Payment"):
        target = f"{base}/query?query=select%20*%20from%20{entity}"
        answer = await quickbooks.app(request_of("GET", target, bearer, b""))
        seen += [answer.body, answer.headers]
    target = f"{base}/cdc?entities=Invoice,Payment&changedSince=2026-04-30"
    seen.append((await quickbooks.app(request_of("GET", target, bearer, b""))).body)
    for emulator in (hubspot, quickbooks):
        subscriber = Subscriber(500)
        await emulator.outbox.deliver(subscriber)
        seen += [(post.headers, post.body) for post in subscriber.posts]
        seen.append([(event.label, event.outcome) for event in emulator.outbox.events])
        seen += [list(emulator.log), dict(emulator.calls)]
    seen.append([page.events for page in hubspot.journal.pages()])
    return seen


@given(seed=st.integers(0, 10_000), acts=st.integers(0, 25), more=st.integers(0, 15))
@settings(max_examples=15, deadline=None)
async def test_a_state_taken_up_elsewhere_goes_on_as_if_nothing_had_been(
    seed: int, acts: int, more: int
) -> None:
    first, second = _lived(seed, acts), _world(seed + 1)

    second.load(first.save())

    assert await _seen(first) == await _seen(second)
    for world in (first, second):
        world.clock.advance(timedelta(seconds=90))
        for control in (world.portal, world.books):
            control.people.busy(more, seed + 7)
    assert await _seen(first) == await _seen(second)
    assert first.save() == second.save()


async def test_tokens_limits_request_ids_and_switches_survive() -> None:
    first = _world(rate_limits=True)
    bearer = {"Authorization": f"Bearer {first.hubspot.issue_oauth()[0]}"}
    contacts = "/crm/objects/2026-09/contacts"
    counted = await first.hubspot.app(request_of("GET", contacts, bearer, b""))
    access, _ = first.quickbooks.issue_tokens()
    create = f"/v3/company/{first.quickbooks.realm_id}/customer?requestid=abc"
    sent = {"Authorization": f"Bearer {access}", "Content-Type": "application/json"}
    made = await first.quickbooks.app(
        request_of("POST", create, sent, b'{"DisplayName":"Ada Frost"}')
    )
    second = _world(5)
    second.load(first.save())

    answer = await second.hubspot.app(request_of("GET", contacts, bearer, b""))
    again = await second.quickbooks.app(
        request_of("POST", create, sent, b'{"DisplayName":"Ada Frost"}')
    )

    left = "X-HubSpot-RateLimit-Remaining"
    assert int(answer.headers[left]) == int(counted.headers[left]) - 1
    assert again == made
    assert len(second.quickbooks.company().all("Customer")) == 1


async def test_what_was_being_sent_is_sent_again_after_loading() -> None:
    first, second = _world(), _world()
    first.quickbooks.webhooks.configure(URL)
    first.books.people.perform(Act("create", "Customer"))
    first.clock.advance(timedelta(seconds=10))
    saved: list[bytes] = []

    async def saving(_: Any) -> int:
        saved.append(first.save())
        return 200

    await first.quickbooks.outbox.deliver(saving)
    second.load(saved[0])
    subscriber = Subscriber()
    await second.quickbooks.outbox.deliver(subscriber)

    assert len(subscriber.events) == 1


def test_what_is_held_in_two_places_is_one_thing_after_loading_too() -> None:
    first, second = _lived(3, 10), _world()
    second.load(first.save())

    for world in (first, second):
        shelf = world.hubspot.portal().shelves["contacts"]
        shelf.index.catch_up()
        known = shelf.index.known()
        assert known
        assert all(shelf.records[str(one)].values is known[one].values for one in known)


def test_the_clock_goes_on_from_the_saved_instant() -> None:
    first, second = _world(), _world()
    content = first.save()
    second.clock.advance(timedelta(days=3))
    second.clock.run()

    second.load(content)

    assert second.clock.now() == START
    assert second.clock.frozen


def test_a_fault_whose_match_is_a_function_cannot_be_saved_and_says_so() -> None:
    world = _world()
    world.hubspot.faults.next("throttle", lambda _: True)

    with pytest.raises(StateError, match="Pattern"):
        world.save()


@pytest.fixture(scope="module")
def content() -> bytes:
    """A saved world."""
    return _lived(3, 10).save()


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_damaged_file_is_refused_and_changes_nothing(content: bytes, data: st.DataObject) -> None:
    world = _world()
    before = world.save()
    at = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255))
    damaged = data.draw(
        st.sampled_from(
            [content[:at], content[:at] + bytes([byte]) + content[at + 1 :], content + content]
        )
    )

    try:
        world.load(damaged)
    except StateError:
        assert world.save() == before
    else:
        assert msgspec.json.decode(damaged) == msgspec.json.decode(content)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "something else"}, "not a state file"),
        ({"version": 99}, "version 99"),
        ({"sha256": "0"}, "damaged"),
    ],
)
def test_a_foreign_file_is_refused_with_the_reason(
    content: bytes, change: dict[str, Any], said: str
) -> None:
    world = _world()
    file = msgspec.json.decode(content) | change

    with pytest.raises(StateError, match=said):
        world.load(msgspec.json.encode(file))
    with pytest.raises(StateError, match="not a state file"):
        world.load(b"PK\x03\x04 not JSON")


def test_the_state_of_one_emulator_is_not_taken_for_that_of_both() -> None:
    world = _world()

    with pytest.raises(StateError, match="holds hubspot, people of hubspot, not"):
        world.load(save(world.portal, clock=world.clock))


def test_a_file_can_make_nothing_but_what_the_sandbox_knows(content: bytes) -> None:
    world = _world()
    file = msgspec.json.decode(content)
    for name in ("os:system", "subprocess:Popen", "ledgerbridge.sandbox.restoring:sys.exit"):
        file["objects"][-1] = [name, {}]
        held = {key: file[key] for key in ("about", "roots", "objects")}
        forged = msgspec.json.encode({**file, "sha256": digest(held)})
        with pytest.raises(StateError, match="there is no class"):
            world.load(forged)
