"""
App events: an entry of the app's own kind on the timeline of a deal.

The id of an event is ours, and HubSpot takes it once: an event that is there already went through
before. So a batch may be sent again, and what is told stays for good. The fields of a write that
are not named here are properties of the event, by the names that its type gives them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from ledgerbridge.connectors.hubspot import wire
from ledgerbridge.connectors.hubspot.answers import Busy, Rejected
from ledgerbridge.connectors.hubspot.api import Api
from ledgerbridge.connectors.hubspot.failures import Finding, finding_of
from ledgerbridge.connectors.hubspot.matching import IN_DOUBT, failed
from ledgerbridge.connectors.hubspot.writes import Outcomes, halving
from ledgerbridge.connectors.port import Outcome, Stored, Write
from ledgerbridge.core.app_events import APP_EVENTS, DEAL_ID, EVENT_ID, EVENT_TYPE
from ledgerbridge.core.model import Record

TIMESTAMP = "hs_timestamp"
PROPERTIES = {
    "ledgerbridge_key": "key",
    "ledgerbridge_state": "state",
    "hs_note_body": "text",
}
"""What an event calls the properties that a note has."""
NO_PROPERTIES = frozenset({EVENT_ID, EVENT_TYPE, DEAL_ID, TIMESTAMP})
TAKEN_BEFORE = frozenset({"already_exists", "conflict"})
"""What is said of an event whose id was sent before."""
OF_THE_TYPE = re.compile(r"event ?type", re.IGNORECASE)
EVENT_REFUSED = "event_refused"
REMEDY = "See that the app has the type of events as documented, or set `entries: notes`."


async def send(api: Api, object_type: str, writes: Sequence[Write]) -> Outcomes:
    """Tell events; those that were told before count as told. Raises `CallFailed` as `halving`."""

    async def some(part: Sequence[Write]) -> Outcomes:
        try:
            answer = await api.send_events([_event(write) for write in part])
        except (Rejected, Busy) as refusal:
            if len(part) > 1:
                raise
            return {part[0].trace: _outcome(part[0], refusal.finding)}
        return _outcomes(part, answer)

    return await halving(some, writes, api.settings.bisections_max)


def _event(write: Write) -> wire.AppEventInput:
    fields = write.fields
    return wire.AppEventInput(
        event_type_name=fields[EVENT_TYPE] or "",
        id=fields[EVENT_ID] or "",
        object_id=fields[DEAL_ID] or "",
        properties={
            PROPERTIES.get(name, name): value
            for name, value in fields.items()
            if name not in NO_PROPERTIES and value is not None
        },
        timestamp=fields.get(TIMESTAMP),
    )


def _outcomes(writes: Sequence[Write], answer: wire.AppEventAnswer) -> dict[str, Outcome]:
    taken = {one.id for one in answer.results}
    refused = {one.id: finding_of(one) for one in answer.errors}
    outcomes: dict[str, Outcome] = {}
    for write in writes:
        event_id = write.fields[EVENT_ID] or ""
        finding = refused.get(event_id, IN_DOUBT)
        told = event_id in taken
        outcomes[write.trace] = _stored(write) if told else _outcome(write, finding)
    return outcomes


def _outcome(write: Write, finding: Finding) -> Outcome:
    """What became of an event that was not taken now: it was taken before, or is refused."""
    if finding.code in TAKEN_BEFORE:
        return _stored(write)
    of_the_type = finding.code == "not_found" and OF_THE_TYPE.search(finding.message)
    if finding.code == "refused" or of_the_type:
        finding = replace(finding, code=EVENT_REFUSED, remedy=REMEDY)
    return failed(write.trace, finding)


def _stored(write: Write) -> Stored:
    """The event as it was sent, for nobody can change it, and it cannot be read."""
    event_id = write.fields[EVENT_ID] or ""
    return Stored(write.trace, Record(APP_EVENTS, event_id, "", dict(write.fields)))
