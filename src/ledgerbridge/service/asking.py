"""
What one plan of a run says of open conflicts: opened, kept, asked again, closed.

A dry run tells of them (`both_changed` among the reasons) and leaves the store's list alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledgerbridge.core.conflicts import Conflict, asked_again
from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import Held
from ledgerbridge.service.planners.chunk import Chunk, Subject
from ledgerbridge.store import conflicts
from ledgerbridge.store.conflicts import OpenConflict
from ledgerbridge.store.tables import instant_text


def keep_conflicts(chunk: Chunk, planned: Sequence[Subject]) -> None:
    """
    Make the list of open conflicts say what these plans found.

    A conflict whose decision is in the plan stays until it is settled, so that no failure and no
    crash loses the decision.
    """
    tx, sync = chunk.tx, chunk.sync.id
    held = [one for subject in planned for one in subject.planned.held]
    if not held and not conflicts.any_of(tx, sync):
        return
    ids = [one.record_id for one in planned if one.side is Side.QUICKBOOKS]
    touched = [one.link for one in held] + [one.link for one in chunk.continued]
    found = [*conflicts.of_records(tx, sync, ids), *conflicts.of_links(tx, sync, touched)]
    known = {(one.link, one.mapping): one for one in found}
    open_now = {
        (one.link, conflict.mapping): (one, conflict) for one in held for conflict in one.conflicts
    }
    on_its_way = {
        (operation.link, mapping)
        for subject in planned
        for operation in subject.planned.operations
        for mapping in operation.decided
    }
    conflicts.close(tx, sync, known.keys() - open_now.keys() - on_its_way)
    now = instant_text(chunk.world.clock.now())
    conflicts.put(
        tx,
        [
            _opened(sync, *one, known.get(key), now=now, untold=_untold(chunk, key))
            for key, one in open_now.items()
        ],
    )


def _untold(chunk: Chunk, key: tuple[str, str]) -> str:
    """Why the times of the edits do not decide, where that is the rule."""
    known = chunk.world.dated.get(key)
    return known.why if known is not None else ""


def _opened(
    sync: str,
    held: Held,
    conflict: Conflict,
    before: OpenConflict | None,
    *,
    now: str,
    untold: str,
) -> OpenConflict:
    """One conflict as it is listed; a choice for other values than these is asked again."""
    choice = before.choice if before is not None else None
    again = asked_again(choice, conflict) if choice is not None else ""
    return OpenConflict(
        sync=sync,
        link=held.link,
        mapping=conflict.mapping,
        hubspot_id=held.hubspot_id,
        quickbooks_id=held.quickbooks_id,
        hubspot=conflict.hubspot,
        quickbooks=conflict.quickbooks,
        since=before.since if before is not None else now,
        take=choice.take if choice is not None and not again else None,
        decided_at=before.decided_at if before is not None and not again else None,
        note=again or untold or (before.note if before is not None else ""),
    )
