"""What the processes of a measurement tell each other, as JSON on their standard streams."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import msgspec
from msgspec import Struct

STATUS = Path("/proc/self/status")


class Filling(Struct, frozen=True, kw_only=True):
    """What the emulators begin with, and whether they enforce the vendors' limits."""

    customers: int = 0
    contacts: int = 0
    deals: int = 0
    invoices: int = 0
    payments: int = 0
    limits: bool = False


class Served(Struct, frozen=True, kw_only=True):
    """Where the emulators answer, and what opens them; `control_url` is for the bench alone."""

    hubspot_url: str
    quickbooks_url: str
    control_url: str
    realm_id: str
    client_id: str
    client_secret: str
    hubspot_token: str
    access_token: str
    refresh_token: str


class Counted(Struct, frozen=True, kw_only=True):
    """What the emulators saw: calls without those for tokens, refusals for their rate."""

    calls: int
    throttled: int
    contacts: int
    customers: int
    memory_mb: float


class Measured(Struct, frozen=True, kw_only=True):
    """One process at work: its wall and processor time, its calls, the most memory it had."""

    records: int
    seconds: float
    cpu_s: float
    calls: int
    memory_mb: float
    by_kind: dict[str, int] = {}
    stages_s: dict[str, float] = {}
    throttled: int = 0

    @property
    def rate(self) -> float:
        """Records in a second."""
        return self.records / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of processor time for each record."""
        return self.cpu_s / self.records * 1000


class Cycles(Struct, frozen=True, kw_only=True):
    """
    A first run over everything, a later one that had nothing to do, and one that only sales are
    left for.
    """

    first: Measured
    idle: Measured | None = None
    sales: Measured | None = None


def memory_mb() -> float:
    """The most memory that this process ever had, in MB; of this program, not of its parent."""
    if STATUS.exists():
        line = next(x for x in STATUS.read_text().splitlines() if x.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest / (1024 * 1024 if sys.platform == "darwin" else 1024)


def tell(value: Struct) -> None:
    """One line of JSON to whoever started this process."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()
