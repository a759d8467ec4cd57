"""The index of search against a plain model: the last version that is old enough, of the living."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ledgerbridge.sandbox.hubspot.search_index import Indexed, SearchIndex

LAG_MS = 5
numbers = st.integers(1, 4)
steps = st.lists(
    st.tuples(st.sampled_from(["put", "remove", "wait"]), numbers, st.integers(0, 9)), max_size=40
)


@settings(max_examples=400)
@given(steps, st.sampled_from([0, LAG_MS]), st.integers(0, 60), st.integers(0, 60))
def test_search_sees_the_last_version_that_is_old_enough(
    todo: list[tuple[str, int, int]], lag_ms: int, low_ms: int, high_ms: int
) -> None:
    now_ms = 0
    index = SearchIndex(lambda: now_ms, lag_ms)
    written: dict[int, list[tuple[int, Indexed]]] = {}
    for verb, number, wait_ms in todo:
        if verb == "put":
            version = Indexed(number, 0, now_ms, {})
            index.put(version)
            written.setdefault(number, []).append((now_ms, version))
        elif verb == "remove":
            index.remove(number)
            written.pop(number, None)
        else:
            now_ms += wait_ms
            index.catch_up()
    index.catch_up()

    expected = {}
    for number, versions in written.items():
        due = [version for at_ms, version in versions if at_ms + lag_ms <= now_ms]
        if due:
            expected[number] = due[-1]
    assert dict(index.known()) == expected
    between = sorted(
        (version.modified_ms, number)
        for number, version in expected.items()
        if low_ms <= version.modified_ms <= high_ms
    )
    assert index.modified_between(low_ms, high_ms) == [number for _, number in between]
