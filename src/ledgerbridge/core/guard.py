"""
What stops a run before it could do harm: acceptance, caps, interlocks, the emptied side.

Counts are per sync, side and kind of change (`contacts.hubspot.create`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct

from ledgerbridge.core.definition import SyncDefinition

Counts = Mapping[str, int]

TOLERANCE_SHARE = 0.05
TOLERANCE_COUNT = 5
EMPTIED_KNOWN_MIN = 5
ENDS = "end"


class Caps(Struct, frozen=True):
    """
    How much one run may change without a person: records per sync, links that end, and records of
    people that are removed (the lower of a count and a share, and a few in any case).
    """

    changes_max: int = 1000
    ends_max: int = 25
    ends_share_max: float = 0.2
    removals_max: int = 10
    removals_share_max: float = 0.05
    removals_few: int = 3


class Stop(Struct, frozen=True):
    """Why a run must not go on, and what a person can do."""

    reason: str
    remedy: str


def fingerprint(definition: SyncDefinition, accounts: Sequence[str]) -> str:
    """What an acceptance and a cursor are good for: this sync as set up, between these tenants."""
    body = msgspec.json.encode((definition, list(accounts)), order="deterministic")
    return hashlib.sha256(body).hexdigest()[:32]


def changes(counts: Counts, sync: str) -> int:
    """How many changes of records a plan holds for one sync."""
    return sum(n for key, n in counts.items() if key.startswith(f"{sync}."))


def beyond(accepted: Counts, planned: Counts) -> list[str]:
    """What a plan would do beyond an accepted one and a small tolerance, in words."""
    found = []
    for key, count in sorted(planned.items()):
        allowed = accepted.get(key, 0)
        limit = allowed + max(TOLERANCE_COUNT, int(allowed * TOLERANCE_SHARE))
        if count > limit:
            found.append(f"{count} of {in_words(key)} where {allowed} were accepted")
    return found


def in_words(key: str) -> str:
    """`contacts.hubspot.create` as a person says it."""
    sync, side, kind = key.split(".")
    where = "HubSpot" if side == "hubspot" else "QuickBooks"
    return f"{kind} in {where} ({sync})"


def over_cap(caps: Caps, counts: Counts, syncs: Iterable[str]) -> Stop | None:
    """Stops a run that would change more records than its owner allows unasked."""
    for sync in syncs:
        found = changes(counts, sync)
        if found > caps.changes_max:
            return Stop(
                f"{found} records of {sync} would change, more than the cap of {caps.changes_max}.",
                f"Look at it with: ledgerbridge plan {sync}. Accept it with: "
                f"ledgerbridge run {sync} --yes",
            )
    return None


def too_many_ends(caps: Caps, counts: Counts, linked: Mapping[str, int]) -> Stop | None:
    """Stops a run in which suspiciously many records seem to be deleted."""
    for key, count in counts.items():
        sync, _, kind = key.split(".")
        share = count / max(1, linked.get(sync, 0))
        if kind == ENDS and count > caps.ends_max and share > caps.ends_share_max:
            return Stop(
                f"{count} of {linked.get(sync, 0)} linked records of {sync} seem to be deleted.",
                "If that is true, accept it with: ledgerbridge run --yes. If not, check the "
                "connection with: ledgerbridge doctor",
            )
    return None


REMOVING = ("contacts", "companies", "products")
REMOVED = "archive"


def removals(counts: Counts) -> dict[str, int]:
    """How many records of people a plan removes, by sync: archived, or made inactive."""
    found: dict[str, int] = {}
    for key, count in counts.items():
        sync, _, kind = key.split(".")
        if kind == REMOVED and sync in REMOVING:
            found[sync] = found.get(sync, 0) + count
    return found


def too_many_removals(
    caps: Caps, counts: Counts, linked: Mapping[str, int], allowed: int
) -> Stop | None:
    """
    Stops a run that would remove more than its owner allows unasked; only a person who names the
    number lets it go on.
    """
    found = removals(counts)
    total = sum(found.values())
    if total <= allowed:
        return None
    for sync, count in found.items():
        share = int(caps.removals_share_max * linked.get(sync, 0))
        if count > max(caps.removals_few, min(caps.removals_max, share)):
            return Stop(
                f"{count} of {linked.get(sync, 0)} linked records of {sync} would be removed, "
                "because their other halves are gone.",
                f"Look at each of them with: ledgerbridge plan {sync}. If all of them are to go: "
                f"ledgerbridge run --allow-removals {total}",
            )
    return None


def emptied(object_type: str, seen: int, known: int) -> Stop | None:
    """A complete read that finds nothing where much is known is a fault, never a deletion."""
    if seen > 0 or known < EMPTIED_KNOWN_MIN:
        return None
    return Stop(
        f"A full read found no {object_type} at all, though {known} are known.",
        "Check the permissions of the connection with: ledgerbridge doctor",
    )
