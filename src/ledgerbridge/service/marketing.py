"""
Whether HubSpot counts the contacts that are made here as marketing contacts, which it bills
(business-rules.md, the first run).

Nothing but a contact that was made tells, so ten are made first and looked at. What was found, and
whether a person agreed to it, is kept for the portal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from ledgerbridge.connectors.port import Wanted
from ledgerbridge.core.model import Side
from ledgerbridge.errors import Interlock
from ledgerbridge.service.world import World
from ledgerbridge.store import syncs
from ledgerbridge.store.transaction import Transaction

STATUS = "hs_marketable_status"
MADE = "contacts.hubspot.create"
SETTING = "marketing_contacts:"


class Counted(StrEnum):
    """What is known of a portal."""

    UNKNOWN = "unknown"
    FREE = "free"
    BILLED = "billed"
    AGREED = "agreed"


class Bill(Struct, frozen=True, kw_only=True):
    """What a person is asked about: how many of the first contacts count, and how many follow."""

    counted: int
    first: int
    left: int


Billed = Callable[[Bill], bool]


def known(tx: Transaction, connection: str) -> Counted:
    """What is known of the portal of this connection."""
    return Counted(syncs.setting(tx, SETTING + connection) or Counted.UNKNOWN)


def remember(tx: Transaction, connection: str, found: Counted) -> None:
    """Keep what was found, or what a person said."""
    syncs.set_setting(tx, SETTING + connection, found.value)


async def check(world: World, counts: Mapping[str, int], billed: Billed | None) -> None:
    """
    Raises Interlock before anything is written where contacts would be made that HubSpot bills,
    and nobody agreed to that.
    """
    left = counts.get(MADE, 0)
    if left and await world.store.read(known, _portal(world)) is Counted.BILLED:
        await _ask(world, None, left, billed)


async def look(world: World, made: Iterable[str], left: int, billed: Billed | None) -> None:
    """Look at the first contacts that were made. Raises Interlock where they count."""
    looked = await world.hubspot.look(Wanted("contacts", (STATUS,)), list(made))
    if not looked.found:
        return
    counted = sum(one.fields.get(STATUS) == "true" for one in looked.found.values())
    found = Counted.BILLED if counted else Counted.FREE
    await world.commit(remember, _portal(world), found)
    if counted and left:
        bill = Bill(counted=counted, first=len(looked.found), left=left)
        await _ask(world, bill, left, billed)


async def _ask(world: World, bill: Bill | None, left: int, billed: Billed | None) -> None:
    asked = bill or Bill(counted=0, first=0, left=left)
    if billed is not None and billed(asked):
        await world.commit(remember, _portal(world), Counted.AGREED)
        return
    first = f" {bill.counted} of the first {bill.first} do." if bill else ""
    raise Interlock(
        "HubSpot counts contacts that are made here as marketing contacts, and bills them."
        f"{first} {left} more would be made. Nothing more was written. Switch that off for "
        "this app in HubSpot and try ten more with: ledgerbridge run --marketing check. Or agree "
        "to it with: ledgerbridge run --marketing accept"
    )


def _portal(world: World) -> str:
    return world.connections[Side.HUBSPOT]
