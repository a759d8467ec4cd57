"""
Rule *newest*: whose edit of one field is the younger one (engine.md, deciding).

HubSpot keeps the time of each edit. QuickBooks has none for a field, and a record's own time moves
with its balance, so its edit is only known to lie in a window. Where HubSpot's edit lies in that
window as well, nobody can tell, and a person is asked.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from ledgerbridge.core.conflicts import Conflict
from ledgerbridge.core.model import Choice, Side

SKEW = timedelta(seconds=5)
"""How far two vendors' clocks may differ, and how coarsely QuickBooks tells the time."""


class Window(Struct, frozen=True):
    """When QuickBooks' value was written: not before `after`, and by `until` at the latest."""

    after: datetime
    until: datetime


class Dated(Struct, frozen=True):
    """
    What the times tell of a conflict: the choice that follows, None where a person has to choose,
    and why.
    """

    conflict: Conflict
    choice: Choice | None
    why: str


def judged(seen: Conflict, edited: datetime | None, window: Window) -> Dated:
    """
    Whose value is newer. `seen` holds both values, `edited` says when HubSpot's
    was written, None where its history does not show it.
    """
    if edited is None:
        return Dated(seen, None, "HubSpot's history does not say when its value was written")
    ours, after, until = (_shown(one) for one in (edited, window.after, window.until))
    if edited > window.until + SKEW:
        why = f"HubSpot's value is the newer one: of {ours}, QuickBooks' of {until} at the latest"
        return Dated(seen, _chosen(seen, Side.HUBSPOT, why), why)
    if edited < window.after - SKEW:
        why = f"QuickBooks' value is the newer one: not before {after}, HubSpot's of {ours}"
        return Dated(seen, _chosen(seen, Side.QUICKBOOKS, why), why)
    return Dated(
        seen,
        None,
        f"which is newer cannot be told: HubSpot's value is of {ours}, QuickBooks' was written "
        f"between {after} and {until}",
    )


def _chosen(seen: Conflict, take: Side, why: str) -> Choice:
    return Choice(take=take, hubspot=seen.hubspot, quickbooks=seen.quickbooks, why=why)


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
