"""Rule *newest*: the younger edit wins, and where nobody can tell a person is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import event, given
from hypothesis import strategies as st

from ledgerbridge.core.conflicts import Conflict
from ledgerbridge.core.model import Side
from ledgerbridge.core.newest import SKEW, Window, judged

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SEEN = Conflict(mapping="phone", hubspot={"phone": "1"}, quickbooks={"PrimaryPhone": "2"})
SECONDS = st.integers(0, 3600)


@given(hubspot=SECONDS, quickbooks=SECONDS, before=SECONDS, behind=SECONDS, skew=st.integers(-5, 5))
def test_no_verdict_is_ever_for_the_older_edit(
    hubspot: int, quickbooks: int, before: int, behind: int, skew: int
) -> None:
    edit = NOON + timedelta(seconds=quickbooks)
    window = Window(edit - timedelta(seconds=before), edit + timedelta(seconds=behind))
    clock = NOON + timedelta(seconds=hubspot + skew)

    verdict = judged(SEEN, clock, window)

    event(f"take: {verdict.choice and verdict.choice.take}")
    if verdict.choice is not None:
        newer = Side.HUBSPOT if hubspot > quickbooks else Side.QUICKBOOKS
        assert hubspot == quickbooks or verdict.choice.take is newer
        assert verdict.choice.holds(SEEN.hubspot, SEEN.quickbooks)


@given(place=st.floats(0, 1))
def test_an_edit_within_the_window_is_for_a_person(place: float) -> None:
    window = Window(NOON, NOON + timedelta(hours=1))

    verdict = judged(SEEN, NOON + timedelta(hours=place), window)

    assert verdict.choice is None
    assert "which is newer cannot be told" in verdict.why


def test_an_edit_outside_of_the_window_is_older_or_newer() -> None:
    window = Window(NOON, NOON + timedelta(hours=1))
    early, late = NOON - 2 * SKEW, NOON + timedelta(hours=1) + 2 * SKEW

    taken = [judged(SEEN, at, window).choice for at in (early, late)]

    assert [one and one.take for one in taken] == [Side.QUICKBOOKS, Side.HUBSPOT]


def test_a_value_without_a_history_is_for_a_person() -> None:
    verdict = judged(SEEN, None, Window(NOON, NOON))

    assert verdict.choice is None
    assert verdict.why == "HubSpot's history does not say when its value was written"
