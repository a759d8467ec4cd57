"""Records that a person paused or ignores: nothing is planned for them, nor for their partners."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import Outcome, Planned, Status
from ledgerbridge.service.planners.chunk import Chunk, Subject
from ledgerbridge.store import rests
from ledgerbridge.store.pending import Pending
from ledgerbridge.store.rests import RECORDS, Rest, RestKind

Resting = dict[tuple[Side, str], Rest]


def resting(chunk: Chunk) -> Resting:
    """The records of this sync that rest."""
    found: Resting = {}
    for rest in rests.of_kinds(chunk.tx, RECORDS):
        sync_id, _, record = rest.target.partition(" ")
        side, _, record_id = record.partition(":")
        if sync_id == chunk.sync.id:
            found[Side(side), record_id] = rest
    return found


def set_aside(
    chunk: Chunk, found: Resting, taken: Sequence[Pending]
) -> tuple[list[Subject], list[Pending]]:
    """What is said of marked records that rest, and the marks that are left to plan."""
    if not found:
        return [], list(taken)
    subjects, rest = [], []
    for side in Side:
        marks = [mark for mark in taken if mark.side is side]
        linked = chunk.links(side, [mark.record_id for mark in marks])
        for mark in marks:
            link = linked.get(mark.record_id)
            partner = link.id_of(side.other) if link is not None else None
            why = found.get((side, mark.record_id)) or found.get((side.other, partner or ""))
            if why is None:
                rest.append(mark)
            else:
                # A pair is spoken of by its QuickBooks half, from which it is planned.
                theirs = link.quickbooks_id if link is not None else None
                where = (side, mark.record_id) if theirs is None else (Side.QUICKBOOKS, theirs)
                told = Planned(outcomes=(_told(*where, why),))
                subjects.append(Subject(*where, told))
    return subjects, rest


def held_back(found: Resting, subjects: Sequence[Subject]) -> list[Subject]:
    """Plans that would touch a record that rests say so instead."""
    return [_held_back(found, subject) for subject in subjects] if found else list(subjects)


def _held_back(found: Resting, subject: Subject) -> Subject:
    planned = subject.planned
    touched = {(one.side, one.record_id) for one in planned.operations if one.record_id}
    touched |= {(one.side.other, one.partner) for one in planned.operations if one.partner}
    pairs = [(one.hubspot_id, one.quickbooks_id) for one in planned.links]
    pairs += [(one.hubspot_id, one.quickbooks_id) for one in planned.continued]
    for hubspot_id, quickbooks_id in pairs:
        touched |= {(Side.HUBSPOT, hubspot_id), (Side.QUICKBOOKS, quickbooks_id)}
    if planned == Planned(look_again_at=planned.look_again_at):
        # It left its standing to these, and nobody looks at them now.
        touched |= set(planned.look_again_at)
    why = next((found[x] for x in touched if x in found), None)
    if why is None:
        return subject
    outcome = _told(subject.side, subject.record_id, why)
    return replace(subject, planned=Planned(outcomes=(outcome,)))


def _told(side: Side, record_id: str, rest: Rest) -> Outcome:
    word = "paused" if rest.kind is RestKind.RECORD else "ignored"
    until = f" until {rest.until:%Y-%m-%d}" if rest.until is not None else ""
    sync_id, _, record = rest.target.partition(" ")
    undo = "resume" if rest.kind is RestKind.RECORD else "unignore"
    return Outcome(
        side=side,
        record_id=record_id,
        status=Status.EXCLUDED,
        code=word,
        message=f"{record} is {word} by a person since {rest.since:%Y-%m-%d}{until}",
        remedy=f"To go on: ledgerbridge {undo} {sync_id.partition('.')[0]} {record}",
        blocked_on=rests.until_it_ends(rest.target),
    )
