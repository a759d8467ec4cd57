"""Intuit's meter: successful calls that take data out (CorePlus), by company and by month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from ledgerbridge.sandbox.quickbooks.switches import Switches

ALWAYS = ("query", "read", "report", "download")


class Metering:
    """
    What was counted so far.

    by_realm: metered calls of each company, since the emulator began.
    by_month: of all companies together, by month of UTC, e.g. `2026-11`.
    """

    def __init__(self, now: Callable[[], datetime], switches: Switches) -> None:
        self._now, self._switches = now, switches
        self.by_realm: Counter[str] = Counter()
        self.by_month: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """All metered calls so far."""
        return self.by_realm.total()

    def charge(self, kind: str, items: Iterable[str]) -> int:
        """How many metered calls a success is; `items` are the kinds of a batch's items."""
        if kind != "batch":
            return int(self._takes_out(kind))
        taken = sum(self._takes_out(item) for item in items)
        return taken if self._switches.batch_queries_metered else min(taken, 1)

    def count(self, realm_id: str, calls: int) -> None:
        """Adds calls to the company's account and to this month's."""
        if calls:
            self.by_realm[realm_id] += calls
            self.by_month[self._month()] += calls

    def is_used_up(self, kind: str) -> bool:
        """Whether a call must wait for the next month."""
        most = self._switches.metered_monthly_max
        return most is not None and self._takes_out(kind) and self.by_month[self._month()] >= most

    def _takes_out(self, kind: str) -> bool:
        word = kind.partition(" ")[0]
        chosen = self._switches
        optional = {
            "cdc": chosen.cdc_metered,
            "pdf": chosen.pdf_metered,
            "send": chosen.send_metered,
        }
        return word in ALWAYS or optional.get(word, False)

    def _month(self) -> str:
        return self._now().astimezone(UTC).strftime("%Y-%m")
