"""The virtual clock of a served emulator: it runs with the real one until somebody moves it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """
    An instant that runs with `real` or stands still, and can be moved forward.

    `now` is what emulators take as theirs. Everything dated follows: tokens, limits, the delay of
    search, due dates, retries of webhooks.
    """

    def __init__(
        self,
        real: Callable[[], datetime],
        *,
        at: datetime | None = None,
        frozen: bool = False,
    ) -> None:
        self._real = real
        self._since = real()
        self._at = self._since if at is None else at.astimezone(UTC)
        self.frozen = frozen

    def now(self) -> datetime:
        """The present, in UTC."""
        return self._at if self.frozen else self._at + (self._real() - self._since)

    def advance(self, by: timedelta) -> None:
        """Moves the present forward. Raises ValueError for a negative span or one out of range."""
        if by < timedelta():
            raise ValueError("time only moves forward")
        try:
            self._begin(self.now() + by)
        except OverflowError:
            raise ValueError("that is past the end of the calendar") from None

    def move_to(self, at: datetime) -> None:
        """Moves the present to a later instant. Raises ValueError for an earlier one."""
        if at < self.now():
            raise ValueError("time only moves forward")
        self._begin(at.astimezone(UTC))

    def freeze(self) -> None:
        """Stands still until it is moved or runs again."""
        self._begin(self.now())
        self.frozen = True

    def run(self) -> None:
        """Runs with the real clock again, from where it stands."""
        self._begin(self.now())
        self.frozen = False

    def restore(self, at: datetime, *, frozen: bool) -> None:
        """Takes up the instant of a saved state, which may be an earlier one."""
        self._begin(at.astimezone(UTC))
        self.frozen = frozen

    def _begin(self, at: datetime) -> None:
        self._since, self._at = self._real(), at
