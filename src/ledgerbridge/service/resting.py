"""A sync whose feature the account lacks rests, and says so once; no record fails for it."""

from __future__ import annotations

from ledgerbridge.core.plan import Operation, WriteKind
from ledgerbridge.service.world import World

LACKING = frozenset({"missing_permission", "forbidden"})


def let_rest(world: World, operation: Operation, code: str, message: str) -> bool:
    """Whether a refused creation says that the account lacks the feature; its sync rests then."""
    sync = world.sync_of(operation.sync)
    if sync is None or not sync.kind.may_lack:
        return False
    if operation.kind is not WriteKind.CREATE or code not in LACKING:
        return False
    world.unavailable[sync.kind.name] = message
    return True
