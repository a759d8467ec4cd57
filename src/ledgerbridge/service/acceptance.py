"""
A plan in numbers, and whether a person has accepted it (engine.md, accepting a plan).

The first run of a sync, and a run beyond a cap, need acceptance. What was accepted is a
fingerprint of the configuration and the counts; a run plans again and stops if it would do more.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from ledgerbridge.core import guard
from ledgerbridge.core.model import LinkStatus
from ledgerbridge.errors import Interlock, NotAccepted
from ledgerbridge.service.world import World
from ledgerbridge.store import links, operations, runs
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.children import CHILD_TYPES

LOCAL_WRITES_NOTHING = ("link", "move", "attach", "end", "continue")


def plan_counts(tx: Transaction, world: World) -> dict[str, int]:
    """
    How many of each kind of change is planned, lines counted with their invoice's sync.

    Links that end are counted by themselves, whether or not a mirror is told (promise 5).
    """
    counts: dict[str, int] = {}
    names = {sync.id: sync.kind.name for sync in world.ordered()}
    for found in operations.plan_counts(tx):
        if found.sync in names and found.kind not in LOCAL_WRITES_NOTHING:
            line = found.object_type in CHILD_TYPES
            kind = f"{found.kind} line" if line else found.kind
            key = f"{names[found.sync]}.{found.side}.{kind}"
            counts[key] = counts.get(key, 0) + found.number
    for name, number in world.ends.items():
        if number:
            counts[f"{name}.hubspot.{guard.ENDS}"] = number
    return counts


def accept(tx: Transaction, world: World, counts: Mapping[str, int]) -> None:
    """Store that a person accepted this plan."""
    for sync in world.ordered():
        name = sync.kind.name
        own = {key: n for key, n in counts.items() if key.startswith(f"{name}.")}
        accepted = runs.Acceptance(
            sync=sync.id,
            fingerprint=sync.fingerprint,
            counts=own,
            accepted_at=world.clock.now(),
        )
        runs.accept(tx, accepted)


def check(tx: Transaction, world: World, counts: Mapping[str, int]) -> None:
    """
    Raises NotAccepted where a first plan was not accepted, or would do more than was accepted;
    Interlock where a cap is exceeded.
    """
    for sync in world.ordered():
        name = sync.kind.name
        own = {key: n for key, n in counts.items() if key.startswith(f"{name}.")}
        if not own:
            continue
        accepted = runs.accepted(tx, sync.id)
        if accepted is None or accepted.fingerprint != sync.fingerprint:
            raise NotAccepted(_unaccepted(name, own, changed=accepted is not None))
        more = guard.beyond(accepted.counts, own)
        if not more:
            continue
        if accepted.counts and not _began(tx, sync.id):
            raise NotAccepted(
                f"The plan of {name} would do more than was accepted: {'; '.join(more)}. "
                "Nothing was written. Look at it with: ledgerbridge plan. "
                "Accept it with: ledgerbridge run --yes"
            )
        _caps(tx, world, name, sync.id, own)


def check_again(tx: Transaction, world: World, counts: Mapping[str, int]) -> None:
    """
    Raises Interlock where what follows from a run's first writes takes it beyond a cap.

    `counts` are those of all its rounds. What follows from an accepted plan belongs to it.
    """
    accepted = {sync.id: runs.accepted(tx, sync.id) for sync in world.ordered()}
    if any(one is not None and one.counts for one in accepted.values()):
        return
    for sync in world.ordered():
        name = sync.kind.name
        own = {key: n for key, n in counts.items() if key.startswith(f"{name}.")}
        _caps(tx, world, name, sync.id, own)


def check_removals(tx: Transaction, world: World, counts: Mapping[str, int]) -> None:
    """
    Raises Interlock where more would be removed than anybody allowed by its number; to accept the
    plan is not enough (promise 5).
    """
    linked = {x.kind.name: links.counts(tx, x.id)[LinkStatus.LIVE] for x in world.ordered()}
    stop = guard.too_many_removals(world.caps, counts, linked, world.removals_allowed)
    if stop is not None:
        raise Interlock(f"{stop.reason} Nothing was written. {stop.remedy}")


def use_up(tx: Transaction, world: World) -> None:
    """What was accepted is done: from now on the caps hold."""
    for sync in world.ordered():
        accepted = runs.accepted(tx, sync.id)
        if accepted is not None and accepted.fingerprint == sync.fingerprint:
            runs.accept(tx, replace(accepted, counts={}))


def _began(tx: Transaction, sync_id: str) -> bool:
    """Whether an accepted run of this sync has linked anything: from then on the caps hold."""
    return links.counts(tx, sync_id)[LinkStatus.LIVE] > 0


def _unaccepted(name: str, counts: Mapping[str, int], *, changed: bool) -> str:
    total = sum(counts.values())
    why = "its configuration changed" if changed else "this is its first run"
    return (
        f"The plan of {name} ({total} changes) needs your acceptance: {why}. Nothing was written. "
        f"Look at it with: ledgerbridge plan {name}. Accept it with: ledgerbridge run --yes"
    )


def _caps(
    tx: Transaction, world: World, name: str, sync_id: str, counts: Mapping[str, int]
) -> None:
    linked = {name: links.counts(tx, sync_id)[LinkStatus.LIVE]}
    stop = guard.over_cap(world.caps, counts, [name]) or guard.too_many_ends(
        world.caps, counts, linked
    )
    if stop is not None:
        raise Interlock(f"{stop.reason} Nothing was written. {stop.remedy}")
