"""Associating and separating existing records: one call for each type that is pointed at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from msgspec.structs import replace

from ledgerbridge.connectors.hubspot import wire
from ledgerbridge.connectors.hubspot.api import Api
from ledgerbridge.connectors.hubspot.failures import Finding, finding_of
from ledgerbridge.connectors.hubspot.matching import IN_DOUBT, failed
from ledgerbridge.connectors.hubspot.writes import Outcomes, halving, in_failure
from ledgerbridge.connectors.port import Failed, Stored, Write
from ledgerbridge.errors import CallFailed

SendTo = Callable[[str, Sequence[Write]], Awaitable[Outcomes]]


async def associate(api: Api, object_type: str, writes: Sequence[Write]) -> Outcomes:
    """
    Associate records with those that their rows name, without a label.

    Raises `CallFailed` if nothing is known of any row.
    """

    async def send(to_type: str, some: Sequence[Write]) -> Outcomes:
        pairs = [
            wire.Pair(wire.RecordId(_id_of(write)), wire.RecordId(one.record_id))
            for write in some
            for one in write.associations
        ]
        answer = await api.associate(object_type, to_type, pairs)
        made = {(pair.from_.id, pair.to.id) for pair in answer.results}
        return {write.trace: _associated(write, made, answer.errors) for write in some}

    return await _by_type(api, writes, send)


async def separate(api: Api, object_type: str, writes: Sequence[Write]) -> Outcomes:
    """Remove the associations that rows name. Raises `CallFailed` if nothing is known of any."""

    async def send(to_type: str, some: Sequence[Write]) -> Outcomes:
        separations = [
            wire.Separation(
                wire.RecordId(_id_of(write)),
                tuple(wire.RecordId(one.record_id) for one in write.associations),
            )
            for write in some
        ]
        await api.separate(object_type, to_type, separations)
        return {write.trace: Stored(write.trace, None) for write in some}

    return await _by_type(api, writes, send)


async def _by_type(api: Api, writes: Sequence[Write], send: SendTo) -> Outcomes:
    """A row that points at several types is stored when all its calls went through."""
    outcomes: Outcomes = {write.trace: Stored(write.trace, None) for write in writes}
    to_types = dict.fromkeys(one.object_type for write in writes for one in write.associations)
    for position, to_type in enumerate(to_types):
        parts = [_part(write, to_type) for write in writes]
        some = [part for part in parts if part.associations]

        async def send_some(portion: Sequence[Write], to_type: str = to_type) -> Outcomes:
            return await send(to_type, portion)

        try:
            found = await halving(send_some, some, api.settings.bisections_max)
        except CallFailed as failure:
            if position == 0:
                raise
            found = {write.trace: in_failure(write.trace, failure) for write in some}
        outcomes |= {trace: one for trace, one in found.items() if isinstance(one, Failed)}
    return outcomes


def _part(write: Write, to_type: str) -> Write:
    some = tuple(one for one in write.associations if one.object_type == to_type)
    return replace(write, associations=some)


def _associated(
    write: Write, made: set[tuple[str, str]], problems: Sequence[wire.ErrorBody]
) -> Stored | Failed:
    lost = {
        one.record_id for one in write.associations if (write.record_id, one.record_id) not in made
    }
    if not lost or not problems:
        return Stored(write.trace, None)
    return failed(write.trace, _reason({_id_of(write), *lost}, problems))


def _reason(ids: set[str], problems: Sequence[wire.ErrorBody]) -> Finding:
    """The error that names one of these ids; one error alone needs to name none."""
    for problem in problems:
        if ids.intersection(one for values in problem.context.values() for one in values):
            return finding_of(problem)
    return finding_of(problems[0]) if len(problems) == 1 else IN_DOUBT


def _id_of(write: Write) -> str:
    assert write.record_id is not None, "an existing record is associated by its id"
    return write.record_id
