"""
Intuit's limits for one realm: requests in a second and a minute, batches, reports, and in flight.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta

from ledgerbridge.sandbox.quickbooks.switches import Switches


class Limits:
    """Counts what each realm asks; a request that is refused is not counted."""

    def __init__(self, now: Callable[[], datetime], switches: Switches) -> None:
        self._now, self._switches = now, switches
        self._arrivals: dict[tuple[str, str], deque[datetime]] = defaultdict(deque)
        self.in_flight: dict[str, int] = defaultdict(int)

    def admits(self, realm_id: str, kind: str) -> bool:
        """Whether one more request may come in now; counted when it may."""
        chosen = self._switches
        if not chosen.limits:
            return True
        if self.in_flight[realm_id] >= chosen.concurrent_max:
            return False
        windows = [("second", 1, chosen.requests_per_second)]
        windows.append(("minute", 60, chosen.requests_per_minute))
        if kind.startswith("report "):
            windows.append(("report", 60, chosen.reports_per_minute))
        if kind == "batch":
            windows.append(("batch", 60, chosen.batch_requests_per_minute))
        counted = [
            (self._recent(realm_id, name, seconds), limit) for name, seconds, limit in windows
        ]
        if any(len(arrivals) >= limit for arrivals, limit in counted):
            return False
        now = self._now()
        for arrivals, _ in counted:
            arrivals.append(now)
        return True

    def _recent(self, realm_id: str, window: str, seconds: int) -> deque[datetime]:
        arrivals = self._arrivals[realm_id, window]
        since = self._now() - timedelta(seconds=seconds)
        while arrivals and arrivals[0] <= since:
            arrivals.popleft()
        return arrivals
