"""The state of emulators and of their people, to bytes and back; one file may hold both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ledgerbridge.sandbox.clock import Clock
from ledgerbridge.sandbox.control.controls import Control
from ledgerbridge.sandbox.control.shapes import instant
from ledgerbridge.sandbox.restoring import restored
from ledgerbridge.sandbox.saving import dumped
from ledgerbridge.sandbox.state_file import StateError


def save(*controls: Control, clock: Clock | None = None) -> bytes:
    """
    Everything that can be seen of the emulators, their people and the clock. Raises StateError
    where a fault waits for a function of one's own.
    """
    about: dict[str, Any] = {}
    if clock is not None:
        about["clock"] = {"at": instant(clock.now()), "frozen": clock.frozen}
    return dumped(_roots(controls), _outside(controls), **about)


def load(content: bytes, *controls: Control, clock: Clock | None = None) -> None:
    """
    Gives emulators, people and clock what a file holds; deliveries go on from there.

    Raises StateError for a file that is damaged, foreign, of another version or of other emulators;
    nothing has changed then.
    """
    about = restored(content, _roots(controls), _outside(controls))
    saved = about.get("clock")
    if clock is not None and isinstance(saved, dict):
        try:
            at = datetime.fromisoformat(saved["at"])
        except (KeyError, TypeError, ValueError):
            raise StateError("The state file is damaged: its clock has no instant") from None
        clock.restore(at, frozen=saved.get("frozen") is True)
    for one in controls:
        one.emulator.outbox.take_up()


def _roots(controls: tuple[Control, ...]) -> Mapping[str, object]:
    found: dict[str, object] = {}
    for one in controls:
        found[one.vendor.name] = one.emulator
        found[f"people of {one.vendor.name}"] = one.people
    return found


def _outside(controls: tuple[Control, ...]) -> Mapping[str, object]:
    """By what it is: both emulators of a process share their clock and their way to sleep."""
    found: dict[str, object] = {}
    for one in controls:
        for name, part in one.emulator.outside().items():
            found[f"{one.vendor.name} {name}"] = part
    return found
