"""Everything that can be done to one emulator beyond its vendor's API, from Python."""

from __future__ import annotations

from typing import cast, get_args

from ledgerbridge.sandbox.clock import Clock
from ledgerbridge.sandbox.control.shapes import FaultAsked
from ledgerbridge.sandbox.control.vendors import Vendor, vendor_of
from ledgerbridge.sandbox.delivery import Send
from ledgerbridge.sandbox.faults import KINDS, Fault, Kind, Pattern, StaleKind, anything
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.quickbooks import QuickBooks


class Control:
    """
    The controls of one emulator: its `people`, and how faults are asked for by name.

    `clock` is the virtual clock, where the emulator runs on one; `send` is the way to subscribers,
    where there is one. Webhooks, faults, log and counts are the emulator's own.
    """

    def __init__(
        self,
        emulator: HubSpot | QuickBooks,
        *,
        clock: Clock | None = None,
        send: Send | None = None,
        seed: int = 0,
    ) -> None:
        self.emulator, self.clock, self.send = emulator, clock, send
        self.vendor: Vendor = vendor_of(emulator)
        self.people = self.vendor.people(seed)

    def ask_for(self, asked: FaultAsked) -> Fault:
        """Puts a fault into the script. Raises ValueError for one that makes no sense."""
        if asked.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        if asked.kind in get_args(StaleKind) and asked.for_s is None:
            raise ValueError(f"{asked.kind} needs for_s, the seconds that it lasts")
        faults = self.emulator.faults
        if asked.seed is not None:
            faults.reseed(asked.seed)
        return faults.next(
            cast("Kind", asked.kind),
            anything if asked.match is None else Pattern(asked.match),
            asked.times,
            status=asked.status,
            slow_s=asked.slow_s,
            chance=asked.chance,
            for_s=asked.for_s,
        )
