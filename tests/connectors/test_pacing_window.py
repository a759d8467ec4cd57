"""The pure part of pacing: one window, driven by hand."""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left

from hypothesis import given, settings
from hypothesis import strategies as st

from ledgerbridge.connectors.pacing import Answered, Ask, Limit, Throttled, Told, Window, step

LATENCY_S = st.floats(0.0, 3.0, allow_nan=False)


def drive(limit: Limit, latencies_s: list[float], arrive_at: float) -> tuple[list[float], float]:
    """
    Let one call after another leave as soon as the window lets it.

    Returns when each arrived at the vendor, `arrive_at` (0 to 1) of its way to the answer, and
    when the last one left.
    """
    window, now_s = Window(limit), 0.0
    arrivals: list[float] = []
    answers: list[float] = []
    for latency_s in latencies_s:
        for _ in range(10_000):
            window, wait_s = step(window, now_s, Ask())
            if wait_s == 0:
                break
            until_s = answers[0] if wait_s == math.inf else now_s + wait_s
            while answers and answers[0] <= until_s:
                window, _ = step(window, answers[0], Answered())
                heapq.heappop(answers)
            now_s = until_s
        else:
            raise AssertionError("A call starves.")
        arrivals.append(now_s + latency_s * arrive_at)
        heapq.heappush(answers, now_s + latency_s)
    return sorted(arrivals), now_s


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 20),
    window_s=st.sampled_from([0.5, 1.0, 10.0]),
    latencies_s=st.lists(LATENCY_S, min_size=1, max_size=120),
    arrive_at=st.floats(0.0, 1.0),
)
def test_no_stretch_of_the_vendors_time_holds_more_calls_than_the_limit(
    count: int, window_s: float, latencies_s: list[float], arrive_at: float
) -> None:
    arrivals, _ = drive(Limit("any", count, window_s), latencies_s, arrive_at)

    for first, start_s in enumerate(arrivals):
        held = bisect_left(arrivals, start_s + window_s) - first
        assert held <= count


@settings(max_examples=30, deadline=None)
@given(count=st.integers(1, 200), rounds=st.integers(2, 6))
def test_a_long_run_uses_nearly_all_that_the_limit_allows(count: int, rounds: int) -> None:
    _, last_s = drive(Limit("any", count, 10.0), [0.02] * (count * rounds), arrive_at=0.5)

    assert last_s <= 10.0 * (rounds - 1) * 1.02


def test_a_burst_leaves_at_once_and_the_next_call_waits_for_the_first_to_end() -> None:
    window = Window(Limit("search", 5, 1.0))
    for _ in range(5):
        window, wait_s = step(window, 0.0, Ask())
        assert wait_s == 0

    assert step(window, 0.0, Ask())[1] == math.inf, "only an answer can make room"

    window, _ = step(window, 0.2, Answered())
    assert 0.9 < step(window, 0.3, Ask())[1] < 0.95
    assert step(window, 1.22, Ask())[1] == 0


def test_after_a_429_the_window_rests_as_long_as_the_vendor_asked() -> None:
    window, _ = step(Window(Limit("any", 100, 10.0)), 0.0, Throttled(7.0))

    assert step(window, 0.0, Ask())[1] == 7.0
    assert step(window, 7.0, Ask())[1] == 0


def test_without_a_wish_of_the_vendor_it_rests_a_whole_window() -> None:
    window, _ = step(Window(Limit("any", 100, 10.0)), 0.0, Throttled())

    assert step(window, 0.0, Ask())[1] == 10.0


def burst(window: Window, now_s: float) -> int:
    """How many calls may leave at one instant."""
    for sent in range(1000):
        window, wait_s = step(window, now_s, Ask())
        if wait_s:
            return sent
    raise AssertionError("There is no limit.")


def test_ten_refusals_at_once_cut_the_rate_once() -> None:
    window = Window(Limit("any", 100, 10.0))
    for _ in range(10):
        window, _ = step(window, 0.0, Throttled(1.0))

    assert burst(window, 1.0) == 60


def test_the_rate_grows_back_with_every_quiet_window_and_not_beyond_the_limit() -> None:
    window, _ = step(Window(Limit("any", 100, 10.0)), 0.0, Throttled(1.0))

    assert burst(window, 11.0) == 70
    assert burst(window, 21.0) == 80
    assert burst(window, 1000.0) == 100


def test_however_often_it_is_refused_one_call_may_still_leave() -> None:
    window, now_s = Window(Limit("any", 5, 1.0)), 0.0
    for _ in range(50):
        window, _ = step(window, now_s, Throttled(0.5))
        now_s += 0.5

    assert burst(window, now_s) == 1


def test_the_capacity_is_learned_from_the_vendors_headers() -> None:
    window, _ = step(Window(Limit("requests", 190, 10.0)), 0.0, Told(100, 100, 10.0))

    assert burst(window, 0.0) == 100


def test_calls_that_others_made_count_for_one_window() -> None:
    window = Window(Limit("requests", 100, 10.0))
    window, _ = step(window, 0.0, Ask())
    window, _ = step(window, 0.1, Answered())
    window, _ = step(window, 0.1, Told(100, 30, 10.0))

    assert burst(window, 0.1) == 30
    assert burst(window, 10.2) == 100


def test_headers_that_make_no_sense_change_nothing() -> None:
    window = Window(Limit("requests", 100, 10.0))

    assert step(window, 0.0, Told(0, 0, 10.0))[0] == window
    assert step(window, 0.0, Told(100, 100, 0.0))[0] == window
