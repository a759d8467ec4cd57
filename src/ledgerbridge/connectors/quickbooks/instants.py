"""Instants: QuickBooks writes them with its own offset, we keep them in UTC, so that they sort."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def utc(text: str) -> str:
    """`2026-05-05T02:02:05-07:00` as `2026-05-05T09:02:05Z`. Raises ValueError for no instant."""
    return stamp(datetime.fromisoformat(text))


def instant(text: str) -> datetime:
    """An ISO instant as a UTC datetime; without an offset it is taken as UTC."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def stamp(at: datetime) -> str:
    """UTC text to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"


def next_second(text: str) -> str:
    """The second after an instant of ours."""
    return stamp(instant(text) + timedelta(seconds=1))
