"""
Writing batches: every row gets one outcome, whatever its batch answers.

A batch with a trace id on every row fails row by row. Where HubSpot refuses a batch as a whole
nevertheless, nothing of it was applied: it is halved until the rows at fault are alone, so that
the others go through. Only a definite refusal is halved; a request in doubt is never sent again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from ledgerbridge.connectors.hubspot import wire
from ledgerbridge.connectors.hubspot.answers import Busy, Rejected
from ledgerbridge.connectors.hubspot.api import Api
from ledgerbridge.connectors.hubspot.association_types import ASSOCIATION_TYPES
from ledgerbridge.connectors.hubspot.failures import Finding
from ledgerbridge.connectors.hubspot.matching import failed, outcomes_of
from ledgerbridge.connectors.hubspot.records import created_properties, updated_properties
from ledgerbridge.connectors.port import Failed, Outcome, Stored, Write
from ledgerbridge.errors import CallFailed, Verdict

Outcomes: TypeAlias = dict[str, Outcome]
Send: TypeAlias = Callable[[Sequence[Write]], Awaitable[Outcomes]]

NOT_SENT = Finding(
    code="batch_refused",
    message="The row was not sent: too many rows of its batch were refused.",
    verdict=Verdict.RETRY,
    remedy="It is sent again with the next run.",
)


async def create(api: Api, object_type: str, writes: Sequence[Write]) -> Outcomes:
    """Make records, with their associations. Raises `CallFailed` if nothing is known of any."""

    async def send(some: Sequence[Write]) -> Outcomes:
        inputs = [_new(object_type, write) for write in some]
        answer = await api.batch_write(object_type, "create", inputs)
        return outcomes_of(object_type, some, answer, created=True)

    sendable = [write for write in writes if _unknown_pair(object_type, write) is None]
    refused = {
        write.trace: failed(write.trace, finding)
        for write in writes
        if (finding := _unknown_pair(object_type, write)) is not None
    }
    return refused | (await halving(send, sendable, api.settings.bisections_max))


async def update(api: Api, object_type: str, writes: Sequence[Write]) -> Outcomes:
    """Set properties of records by id. Raises `CallFailed` if nothing is known of any."""

    async def send(some: Sequence[Write]) -> Outcomes:
        inputs = [
            wire.UpdateInput(_id_of(write), write.trace, updated_properties(write.fields))
            for write in some
        ]
        answer = await api.batch_write(object_type, "update", inputs)
        return outcomes_of(object_type, some, answer, created=False)

    return await halving(send, writes, api.settings.bisections_max)


async def archive(api: Api, object_type: str, writes: Sequence[Write]) -> Outcomes:
    """Move records to the recycle bin. Raises `CallFailed` if nothing is known of any."""

    async def send(some: Sequence[Write]) -> Outcomes:
        await api.batch_archive(object_type, [_id_of(write) for write in some])
        return {write.trace: Stored(write.trace, None) for write in some}

    return await halving(send, writes, api.settings.bisections_max)


async def halving(send: Send, writes: Sequence[Write], calls_max: int) -> Outcomes:
    """
    Send writes as one batch, and halve it while it is definitely refused as a whole.

    The first failure that is not such a refusal is raised only if nothing was applied before it.
    """
    outcomes: Outcomes = {}
    waiting: list[Sequence[Write]] = [writes] if writes else []
    calls = 0
    while waiting:
        some = waiting.pop()
        if calls > calls_max:
            outcomes |= {write.trace: failed(write.trace, NOT_SENT) for write in some}
            continue
        calls += 1
        try:
            outcomes |= await send(some)
        except (Rejected, Busy) as refusal:
            if len(some) == 1:
                outcomes[some[0].trace] = failed(some[0].trace, refusal.finding)
            else:
                half = len(some) // 2
                waiting += [some[half:], some[:half]]
        except CallFailed as failure:
            if calls == 1:
                raise
            outcomes |= {write.trace: in_failure(write.trace, failure) for write in some}
    return outcomes


def in_failure(trace: str, failure: CallFailed) -> Failed:
    """A row of a call that failed as a whole after others had gone through."""
    return Failed(
        trace=trace,
        verdict=failure.verdict,
        code=failure.code,
        message=failure.message,
        remedy=failure.remedy,
    )


def _new(object_type: str, write: Write) -> wire.CreateInput:
    associations = tuple(
        wire.NewAssociation(
            wire.RecordId(one.record_id),
            (wire.AssociationSpec(ASSOCIATION_TYPES[object_type, one.object_type]),),
        )
        for one in write.associations
    )
    return wire.CreateInput(write.trace, created_properties(write.fields), associations)


def _unknown_pair(object_type: str, write: Write) -> Finding | None:
    for one in write.associations:
        if (object_type, one.object_type) not in ASSOCIATION_TYPES:
            return Finding(
                code="invalid_association",
                message=f"{object_type} cannot be made with an association to {one.object_type}.",
                remedy="The row was not sent.",
            )
    return None


def _id_of(write: Write) -> str:
    assert write.record_id is not None, "an existing record is written by its id"
    return write.record_id
