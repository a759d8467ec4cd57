"""Pending marks, spooled operations and the intents they become, outcomes that wake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_world import (
    COMPANY,
    NOW,
    PORTAL,
    SYNC,
    ask,
    contact,
    do,
    fresh_world,
    later,
    open_store,
    passing_world,
)

from ledgerbridge.core.model import Gone, Side
from ledgerbridge.core.plan import Outcome, Status
from ledgerbridge.errors import Fenced, StoreProblem
from ledgerbridge.store import connections, operations, outcomes, pending, records
from ledgerbridge.store.database import Store
from ledgerbridge.store.operations import InFlight, Operation, PlanCount, SentRequest
from ledgerbridge.store.outcomes import RecordOutcome
from ledgerbridge.store.pending import Pending
from ledgerbridge.store.transaction import Transaction

BOTH = (PORTAL, COMPANY)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_world(tmp_path / "ledgerbridge.db") as store:
        yield store


def operation(unit: str, *, stage: int = 0, kind: str = "create") -> Operation:
    return Operation(
        run="r1",
        sync=SYNC,
        stage=stage,
        unit=unit,
        side=Side.HUBSPOT,
        object_type="contacts",
        kind=kind,
        record_id=None,
        payload=unit.encode(),
    )


def request(request_id: str, *, seconds: float = 0) -> SentRequest:
    return SentRequest(
        id=request_id,
        run="r1",
        side=Side.HUBSPOT,
        connection=PORTAL,
        kind="create",
        object_type="contacts",
        created_at=later(seconds),
    )


def spool(store: Store, *planned: Operation) -> dict[str, int]:
    """Spool operations; their seq by unit."""
    do(store, operations.spool, planned)
    return {one.unit: one.seq for one in ask(store, operations.planned, SYNC, 1000)}


def send(store: Store, request_: SentRequest, seqs: Sequence[int], epoch: int) -> None:
    do(store, operations.send, request_, seqs, epoch=epoch, connections=BOTH)


def outcome(record_id: str, **changes: object) -> RecordOutcome:
    plain = RecordOutcome(
        sync=SYNC,
        side=Side.QUICKBOOKS,
        record_id=record_id,
        status=Status.FAILING,
        code="invalid_email",
        message="The e-mail is not valid.",
        since=NOW,
    )
    return msgspec.structs.replace(plain, **changes)


def marked(store: Store) -> list[str]:
    return [one.record_id for one in ask(store, pending.take, SYNC, 1000)]


record_ids = st.integers(1, 10**12).map(str)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(Side), record_ids), max_size=30), st.integers(1, 7))
def test_marked_records_come_once_each_by_side_and_number_in_pages_of_any_size(
    marks: list[tuple[Side, str]], limit: int
) -> None:
    with passing_world() as store:
        for side, record_id in marks:
            do(store, pending.mark, SYNC, side, [record_id], later(0))
        shown: list[Pending] = []
        while page := ask(store, pending.take, SYNC, limit, shown[-1] if shown else None):
            shown += page

    wanted = sorted({(side, int(record_id)) for side, record_id in marks})
    assert [(one.side, int(one.record_id)) for one in shown] == wanted


def test_taking_leaves_the_mark_until_it_is_cleared(store: Store) -> None:
    do(store, pending.mark, SYNC, Side.HUBSPOT, ["1", "2", "2"], later(0))
    do(store, pending.mark, SYNC, Side.QUICKBOOKS, ["1"], later(0))

    assert ask(store, pending.take, SYNC, 10) == ask(store, pending.take, SYNC, 10)
    assert ask(store, pending.count, [SYNC]) == 3
    do(store, pending.clear, SYNC, Side.HUBSPOT, ["1", "2", "3"])
    assert ask(store, pending.take, SYNC, 10) == [Pending(Side.QUICKBOOKS, "1")]


def test_a_rescan_marks_every_record_that_is_there(store: Store) -> None:
    def see(tx: Transaction) -> None:
        page = [contact("1"), contact("2"), contact("3")]
        records.store_page(
            tx,
            PORTAL,
            "contacts",
            page,
            keys_of=lambda record: [],
            newer=records.hubspot_newer,
            now=NOW,
        )
        records.mark_gone(tx, PORTAL, "contacts", [Gone("contacts", "2", "404")], NOW)

    do(store, see)
    do(store, pending.mark, SYNC, Side.HUBSPOT, ["1"], later(0))
    new = do(store, pending.mark_all, SYNC, Side.HUBSPOT, PORTAL, "contacts", now=later(1))

    assert new == 1
    assert marked(store) == ["1", "3"]


def test_operations_come_by_stage_and_then_in_the_order_of_the_plan(store: Store) -> None:
    do(
        store,
        operations.spool,
        [operation("late", stage=2), operation("a", stage=1), operation("b", stage=1)],
    )
    first = ask(store, operations.planned, SYNC, 2)
    rest = ask(store, operations.planned, SYNC, 2, (first[-1].stage, first[-1].seq))

    assert [one.unit for one in first] == ["a", "b"]
    assert [one.unit for one in rest] == ["late"]
    assert msgspec.structs.replace(rest[0], seq=0) == operation("late", stage=2)
    assert ask(store, operations.planned, "invoices", 10) == []


def test_the_plan_is_counted_by_sync_side_type_and_kind(store: Store) -> None:
    spool(store, operation("a"), operation("b"), operation("c", kind="update"))

    assert ask(store, operations.plan_counts) == [
        PlanCount(SYNC, Side.HUBSPOT, "contacts", "create", 2),
        PlanCount(SYNC, Side.HUBSPOT, "contacts", "update", 1),
    ]


def test_what_is_sent_is_in_flight_with_its_request_in_the_order_of_its_rows(
    store: Store,
) -> None:
    epoch = do(store, connections.claim_epoch, BOTH)
    seqs = spool(store, *(operation(unit) for unit in "abcd"))
    send(store, request("second", seconds=5), [seqs["d"]], epoch)
    send(store, request("first"), [seqs["c"], seqs["a"]], epoch)
    first, second = ask(store, operations.in_flight)

    assert first.request == request("first")
    assert [one.unit for one in first.operations] == ["c", "a"]
    assert first.operations[0].payload == b"c"
    assert [one.unit for one in second.operations] == ["d"]
    assert [one.unit for one in ask(store, operations.planned, SYNC, 10)] == ["b"]
    assert [count.number for count in ask(store, operations.plan_counts)] == [1]
    assert ask(store, operations.units_in_flight) == {"a", "c", "d"}


def test_a_request_is_in_flight_until_its_last_operation_is_erased(store: Store) -> None:
    epoch = do(store, connections.claim_epoch, BOTH)
    seqs = spool(store, operation("a"), operation("b"))
    send(store, request("q"), [seqs["a"], seqs["b"]], epoch)
    do(store, operations.erase, [seqs["a"]])
    (half,) = ask(store, operations.in_flight)
    do(store, operations.erase, [seqs["b"]])

    assert [one.unit for one in half.operations] == ["b"]
    assert ask(store, operations.in_flight) == []
    assert ask(store, lambda tx: tx.rows("SELECT count(*) FROM request")) == [(0,)]


def test_one_intent_is_in_flight_for_each_unit(store: Store) -> None:
    epoch = do(store, connections.claim_epoch, BOTH)
    first = spool(store, operation("a"))["a"]
    send(store, request("q1"), [first], epoch)
    second = spool(store, operation("a"))["a"]
    with pytest.raises(StoreProblem, match="breaks one of its rules"):
        send(store, request("q2"), [second], epoch)

    assert [flight.request.id for flight in ask(store, operations.in_flight)] == ["q1"]


def test_an_operation_does_not_leave_twice(store: Store) -> None:
    epoch = do(store, connections.claim_epoch, BOTH)
    seqs = spool(store, operation("a"))
    send(store, request("q1"), [seqs["a"]], epoch)
    with pytest.raises(AssertionError, match="planned and not in flight"):
        send(store, request("q2"), [seqs["a"]], epoch)

    assert [flight.request.id for flight in ask(store, operations.in_flight)] == ["q1"]


def test_a_fenced_worker_sends_nothing(store: Store) -> None:
    paused = do(store, connections.claim_epoch, BOTH)
    seqs = spool(store, operation("a"))
    do(store, connections.claim_epoch, [COMPANY])
    with pytest.raises(Fenced, match=COMPANY):
        send(store, request("q"), [seqs["a"]], paused)

    assert ask(store, operations.in_flight) == []
    assert [one.unit for one in ask(store, operations.planned, SYNC, 10)] == ["a"]


def test_an_intent_survives_the_death_of_its_process(store: Store) -> None:
    epoch = do(store, connections.claim_epoch, BOTH)
    seqs = spool(store, operation("a"))
    send(store, request("q"), [seqs["a"]], epoch)
    with open_store(store.path) as again:  # beside the first, which never closed its own
        (flight,) = ask(again, operations.in_flight)

    wanted = msgspec.structs.replace(operation("a"), seq=seqs["a"])
    assert flight == InFlight(request("q"), (wanted,))


def test_a_plan_is_forgotten_without_what_has_left(store: Store) -> None:
    epoch = do(store, connections.claim_epoch, BOTH)
    seqs = spool(store, operation("a"), operation("b"), operation("c"))
    send(store, request("q"), [seqs["a"]], epoch)

    assert do(store, operations.forget_planned, "invoices") == 0
    assert do(store, operations.forget_planned, SYNC) == 2
    assert len(ask(store, operations.in_flight)) == 1


def test_the_numbers_of_operations_are_never_used_again(store: Store) -> None:
    before = spool(store, operation("a"))["a"]
    do(store, operations.forget_planned, SYNC)

    assert spool(store, operation("a"))["a"] > before


def test_blocked_records_wake_when_their_parent_arrives(store: Store) -> None:
    parent = "9341:customer:12"
    blocked = [
        outcome("5", status=Status.BLOCKED, blocked_on=parent),
        outcome("6", status=Status.BLOCKED, blocked_on="9341:customer:13"),
        outcome("7"),
    ]
    do(store, outcomes.put, blocked)

    assert do(store, pending.wake, [parent, parent, "9341:customer:99"], later(1)) == 1
    assert marked(store) == ["5"]
    assert do(store, pending.wake, [parent], later(2)) == 0


def test_failing_records_wake_when_their_time_has_come(store: Store) -> None:
    do(
        store,
        outcomes.put,
        [outcome("5", retry_at=later(60)), outcome("6", retry_at=later(61)), outcome("7")],
    )

    assert do(store, pending.wake_due, later(59.9)) == 0
    assert do(store, pending.wake_due, later(60)) == 1
    assert marked(store) == ["5"]


def test_an_outcome_remembers_since_when_its_reason_stands(store: Store) -> None:
    do(store, outcomes.put, [outcome("5")])
    do(store, outcomes.put, [outcome("5", attempts=2, since=later(60), message="Still not valid.")])
    same = ask(store, outcomes.get_many, SYNC, Side.QUICKBOOKS, ["5"])["5"]
    do(store, outcomes.put, [outcome("5", code="too_long", since=later(90))])
    other = ask(store, outcomes.get_many, SYNC, Side.QUICKBOOKS, ["5"])["5"]

    assert same == outcome("5", attempts=2, message="Still not valid.")
    assert other.since == later(90)


def test_an_outcome_comes_back_as_it_was_put(store: Store) -> None:
    full = outcome(
        "5",
        status=Status.IN_DOUBT,
        remedy="Wait.",
        blocked_on="9341:customer:12",
        attempts=3,
        retry_at=later(30.25),
    )
    do(store, outcomes.put, [full])

    assert ask(store, outcomes.get_many, SYNC, Side.QUICKBOOKS, ["5", "6"]) == {"5": full}
    assert ask(store, outcomes.get_many, SYNC, Side.HUBSPOT, ["5"]) == {}
    do(store, outcomes.clear, SYNC, Side.QUICKBOOKS, ["5", "6"])
    assert ask(store, outcomes.get_many, SYNC, Side.QUICKBOOKS, ["5"]) == {}


def test_reasons_are_counted_the_most_frequent_first_and_shown_in_pages(store: Store) -> None:
    failing = [outcome(str(number)) for number in range(1, 6)]
    do(store, outcomes.put, [*failing, outcome("9", status=Status.EXCLUDED, code="no_email")])
    counts = ask(store, outcomes.counts, SYNC)
    first = ask(store, outcomes.page, SYNC, Status.FAILING, "invalid_email", limit=3)
    after = (first[-1].side, first[-1].record_id)
    rest = ask(store, outcomes.page, SYNC, Status.FAILING, "invalid_email", limit=3, after=after)

    assert [(count.status, count.code, count.number) for count in counts] == [
        (Status.FAILING, "invalid_email", 5),
        (Status.EXCLUDED, "no_email", 1),
    ]
    assert counts[0].message == "The e-mail is not valid."
    assert [one.record_id for one in first + rest] == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    ("side", "kind", "promised"),
    [
        (Side.HUBSPOT, "create", {"12"}),
        (Side.HUBSPOT, "link", {"12"}),
        (Side.HUBSPOT, "attach", {"12"}),
        (Side.HUBSPOT, "update", set()),
        (Side.QUICKBOOKS, "create", set()),
    ],
)
def test_a_plan_promises_a_partner_to_what_it_creates_links_or_attaches(
    store: Store, side: Side, kind: str, promised: set[str]
) -> None:
    planned = msgspec.structs.replace(operation("a", kind=kind), side=side, record_id="12")
    do(store, operations.spool, [planned])

    assert ask(store, operations.promised, SYNC, ["12", "13"]) == promised
    assert ask(store, operations.promised, "invoices", ["12"]) == set()


def test_what_the_core_says_of_a_record_is_remembered_in_its_words(store: Store) -> None:
    said = Outcome(
        side=Side.QUICKBOOKS,
        record_id="5",
        status=Status.BLOCKED,
        code="parent_missing",
        message="Its customer has no contact yet.",
        remedy="Nothing to do.",
        blocked_on="contacts:12",
    )
    remembered = outcomes.of(SYNC, said, NOW, attempts=2, retry_at=later(60))
    do(store, outcomes.put, [remembered])

    assert ask(store, outcomes.get_many, SYNC, said.side, ["5"]) == {
        "5": outcome(
            "5",
            status=said.status,
            code=said.code,
            message=said.message,
            remedy=said.remedy,
            blocked_on=said.blocked_on,
            attempts=2,
            retry_at=later(60),
        )
    }
