"""Rate limits: a rolling burst for each token, searches a second, requests a day of the account."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from ledgerbridge.sandbox.hubspot.auth import Grant
from ledgerbridge.sandbox.hubspot.errors import (
    DAILY,
    SECONDLY,
    TEN_SECONDLY,
    ApiError,
    Policy,
    rate_limited,
    rate_limited_plainly,
)
from ledgerbridge.sandbox.hubspot.state import PortalState
from ledgerbridge.sandbox.hubspot.switches import Switches

BURST_MS, SECOND_MS = 10_000, 1_000


@dataclass(slots=True)
class Window:
    """Requests of the last moments, oldest first."""

    length_ms: int
    times_ms: deque[int] = field(default_factory=deque)

    def count(self, now_ms: int) -> int:
        """How many fall into the window that ends now."""
        while self.times_ms and self.times_ms[0] <= now_ms - self.length_ms:
            self.times_ms.popleft()
        return len(self.times_ms)


class Limits:
    """The counters of all tokens and portals."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str], Window] = {}

    def admit(self, state: PortalState, grant: Grant, family: str) -> dict[str, str]:
        """
        Counts a request and returns its headers; raises 429 where it is one too many.

        `family` is search, associations or burst. Search has no headers; OAuth tokens have no day.
        """
        switches = state.switches
        counts = family != "search" or switches.searches_count_in_day
        used = _count_day(state, grant, int(counts))
        if not switches.rate_limits:
            return {}
        now_ms = state.now_ms()
        if not grant.is_oauth and used > switches.daily_max:
            raise self._refusal(DAILY, state, grant, {})
        if family == "search":
            window = self._window("search", str(state.portal_id), SECOND_MS)
            if window.count(now_ms) >= switches.search_per_second_max:
                raise self._refusal(SECONDLY, state, grant, {})
            window.times_ms.append(now_ms)
            return {}
        burst_max = _burst_max(switches, grant, family)
        window = self._window(family, grant.token, BURST_MS)
        count = window.count(now_ms)
        if count >= burst_max:
            headers = self._headers(state, grant, burst_max, 0, used)
            raise self._refusal(TEN_SECONDLY, state, grant, headers)
        window.times_ms.append(now_ms)
        return self._headers(state, grant, burst_max, burst_max - count - 1, used)

    def _window(self, family: str, key: str, length_ms: int) -> Window:
        return self._windows.setdefault((family, key), Window(length_ms))

    def _headers(
        self, state: PortalState, grant: Grant, burst_max: int, remaining: int, used: int
    ) -> dict[str, str]:
        headers = {
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(BURST_MS),
            "X-HubSpot-RateLimit-Max": str(burst_max),
            "X-HubSpot-RateLimit-Remaining": str(remaining),
            "X-HubSpot-RateLimit-Secondly": str(burst_max // 10),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(min(remaining, burst_max // 10)),
        }
        if not grant.is_oauth:
            daily_max = state.switches.daily_max
            headers["X-HubSpot-RateLimit-Daily"] = str(daily_max)
            headers["X-HubSpot-RateLimit-Daily-Remaining"] = str(max(daily_max - used, 0))
        return headers

    def _refusal(
        self, policy: Policy, state: PortalState, grant: Grant, headers: dict[str, str]
    ) -> ApiError:
        if state.switches.throttle_form == "category":
            found = rate_limited_plainly(policy)
        else:
            found = rate_limited(policy, state.portal_id, grant.app_id)
        return ApiError(found.status, found.body, headers)


def _count_day(state: PortalState, grant: Grant, calls: int) -> int:
    """Counts calls and returns how many there were today; OAuth tokens are not counted."""
    if grant.is_oauth:
        return 0
    today = state.today()
    state.calls_by_day[today] += calls
    return state.calls_by_day[today]


def _burst_max(switches: Switches, grant: Grant, family: str) -> int:
    if family == "associations":
        return switches.associations_burst_max
    return switches.oauth_burst_max if grant.is_oauth else switches.burst_max
