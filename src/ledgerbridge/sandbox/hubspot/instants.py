"""Points in time, as milliseconds since 1970 inside and as HubSpot's texts outside."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_MS = 86_400_000
# Twelve digits reach the year 33658: enough for every real value, small enough for datetime.
MILLISECONDS = re.compile(r"-?\d{1,14}\Z")
MS_MAX = int((datetime(9999, 12, 31, tzinfo=UTC) - EPOCH) / timedelta(milliseconds=1))


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware datetime."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


@lru_cache(maxsize=65_536)
def iso(ms: int) -> str:
    """`2026-03-12T07:33:46.615Z`; a whole second has no fraction, as in the recordings."""
    text = (EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00").removesuffix(".000") + "Z"


@lru_cache(maxsize=65_536)
def parse_ms(text: str) -> int | None:
    """The instant meant by an ISO 8601 text or a count of milliseconds, or None."""
    if MILLISECONDS.match(text):
        ms = int(text)
        return ms if abs(ms) <= MS_MAX and ms >= -DAY_MS * 366 * 1900 else None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return to_ms(moment.astimezone(UTC))
    except OverflowError:
        return None
