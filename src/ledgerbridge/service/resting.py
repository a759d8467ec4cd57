"""
What an account lacks, said once; no record fails for it. A sync without its feature rests, and
what cannot be told as an app event is told in a note.
"""

from __future__ import annotations

from ledgerbridge.core.app_events import APP_EVENTS
from ledgerbridge.core.plan import Operation, WriteKind
from ledgerbridge.service.world import World
from ledgerbridge.syncs.timeline import NAME as TIMELINE

LACKING = frozenset({"missing_permission", "forbidden"})
NO_EVENTS = LACKING | {"missing_scope", "bad_request", "event_refused"}
"""The codes of refusals that are about app events as such, and not about one of them."""
IN_NOTES = (
    "payments are told in notes, for HubSpot takes no app events from this app. HubSpot says: "
    "{said} To have app events, see docs/users/payments-and-deals.md; to have notes and no more "
    "attempts, set entries: notes."
)


def let_rest(world: World, operation: Operation, code: str, message: str) -> bool:
    """
    Whether a refused creation says that the account lacks the feature: then its sync rests, or is
    planned again without it.
    """
    if operation.object_type == APP_EVENTS and code in NO_EVENTS:
        world.refuses[APP_EVENTS] = message
        return True
    sync = world.sync_of(operation.sync)
    if sync is None or not sync.kind.may_lack:
        return False
    if operation.kind is not WriteKind.CREATE or code not in LACKING:
        return False
    world.unavailable[sync.kind.name] = message
    return True


def notices(world: World) -> dict[str, str]:
    """What syncs do otherwise than their owner asked, with the reason, by sync."""
    said = world.refuses.get(APP_EVENTS)
    return {} if said is None else {TIMELINE: IN_NOTES.format(said=said)}
