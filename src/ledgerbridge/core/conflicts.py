"""
Conflicts that wait for a person (rule *ask*), and what a person decided of them.

A conflict is one mapping of one link whose two sides a person has to choose between. It exists
only as long as planning finds it: nothing here remembers anything.
"""

from __future__ import annotations

from msgspec import Struct

from ledgerbridge.core.model import Choice, Side, Value


class Conflict(Struct, frozen=True, kw_only=True):
    """One mapping that is held, with the raw values that both sides show."""

    mapping: str
    hubspot: dict[str, Value]
    quickbooks: dict[str, Value]


def asked_again(choice: Choice, conflict: Conflict) -> str:
    """Why a choice is not carried out, in words; empty while it holds."""
    changed = [
        side.shown
        for side, saw, shows in (
            (Side.HUBSPOT, choice.hubspot, conflict.hubspot),
            (Side.QUICKBOOKS, choice.quickbooks, conflict.quickbooks),
        )
        if saw != shows
    ]
    if not changed:
        return ""
    return (
        f"{choice.take.shown}'s value was chosen, but then the value in {' and in '.join(changed)} "
        "changed; nothing was written"
    )
