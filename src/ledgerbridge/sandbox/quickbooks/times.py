"""Instants and dates as QuickBooks Online writes and reads them: US Pacific, whole seconds."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")

_INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)


def stamp(at: datetime) -> str:
    """An instant as records carry it, e.g. `2026-05-05T02:05:12-07:00`."""
    return at.astimezone(PACIFIC).replace(microsecond=0).isoformat()


def stamp_ms(at: datetime) -> str:
    """An instant as the answer's `time` carries it, e.g. `2026-05-05T02:05:12.193-07:00`."""
    return at.astimezone(PACIFIC).isoformat(timespec="milliseconds")


def instant(text: str) -> datetime:
    """
    The instant, in UTC, of any spelling that filters accept.

    `…Z`, `…-07:00`, `…-0700`, no offset (Pacific) and a bare date (its midnight, Pacific).
    Raises ValueError for anything else.
    """
    found = _INSTANT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"not a date and time: {text!r}")
    day, clock, fraction, zone = found.groups()
    offset = _offset(zone)
    moment = datetime.fromisoformat(f"{day}T{clock or '00:00:00'}{(fraction or '')[:7]}{offset}")
    if not offset:
        moment = moment.replace(tzinfo=PACIFIC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"out of range: {text!r}") from None


def _offset(zone: str | None) -> str:
    if zone is None:
        return ""
    if zone.upper() == "Z":
        return "+00:00"
    return zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"


def today(at: datetime) -> date:
    """The date on the company's forms at that moment."""
    return at.astimezone(PACIFIC).date()


def plus_days(day: str, count: int) -> str:
    """An ISO date so many days later."""
    return (date.fromisoformat(day) + timedelta(days=count)).isoformat()
