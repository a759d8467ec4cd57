"""What people said of who is whom, as planners need it, and what is proposed to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from ledgerbridge.core.model import Link, LinkStatus, Side
from ledgerbridge.core.plan import Planned
from ledgerbridge.service.planners.chunk import Chunk
from ledgerbridge.store import decisions, pending
from ledgerbridge.store.decisions import Decision, Verdict
from ledgerbridge.syncs.contact_situations import Partner
from ledgerbridge.syncs.contacts import AMBIGUOUS, PROPOSED


class Judgement:
    """The decisions about some QuickBooks records."""

    def __init__(self, told: dict[str, list[Decision]], chosen: dict[str, Partner]) -> None:
        self._told, self._chosen = told, chosen

    def refused(self, record_id: str) -> frozenset[str]:
        """The HubSpot records that a person said it is not."""
        return refused(self._told.get(record_id, ()))

    def chosen(self, record_id: str) -> Partner | None:
        """The HubSpot record that a person said it is, until they are paired."""
        return self._chosen.get(record_id)


def refused(told: Sequence[Decision]) -> frozenset[str]:
    """The HubSpot records that a person said a customer is not."""
    no = [one for one in told if one.verdict is Verdict.REFUSED]
    return frozenset(one.hubspot_id for one in no)


def refused_customers(told: Sequence[Decision]) -> frozenset[str]:
    """The customers that a person said a contact is not."""
    no = [one for one in told if one.verdict is Verdict.REFUSED]
    return frozenset(one.quickbooks_id for one in no)


def choices(chunk: Chunk, told: dict[str, list[Decision]]) -> dict[str, str]:
    """The customers that a person chose for contacts, while they are there and free."""
    wanted = {
        record_id: one.quickbooks_id
        for record_id, group in told.items()
        for one in group
        if one.verdict is Verdict.CHOSEN
    }
    found = chunk.read(Side.QUICKBOOKS, chunk.sync.rules.quickbooks_type, wanted.values())
    taken = chunk.links(Side.QUICKBOOKS, found)
    return {
        record_id: theirs
        for record_id, theirs in wanted.items()
        if theirs in found and not found[theirs].state.gone and not _lives(taken.get(theirs))
    }


def _lives(link: Link | None) -> bool:
    return link is not None and link.status is LinkStatus.LIVE


def judged(chunk: Chunk, hubspot_type: str, side: Side, ids: Iterable[str]) -> Judgement:
    """What was said of these records; a choice counts while both are there and free."""
    told = chunk.decided(side, ids)
    wanted = {
        record_id: one.hubspot_id
        for record_id, group in told.items()
        for one in group
        if one.verdict is Verdict.CHOSEN
    }
    if not wanted:
        return Judgement(told, {})
    found = chunk.read(Side.HUBSPOT, hubspot_type, wanted.values())
    theirs, ours = chunk.links(side, wanted), chunk.links(Side.HUBSPOT, wanted.values())
    chosen = {
        record_id: Partner(found[hubspot_id], None)
        for record_id, hubspot_id in wanted.items()
        if hubspot_id in found
        and not found[hubspot_id].state.gone
        and not _lives(theirs.get(record_id))
        and not _lives(ours.get(hubspot_id))
    }
    return Judgement(told, chosen)


class Proposal(Struct, frozen=True):
    """A record that was planned, and the partners between which a person has to choose, if any."""

    record_id: str
    planned: Planned
    candidates: Sequence[str]

    def partners(self) -> set[str]:
        """The partners that are proposed; none where a rule decided."""
        asked = any(one.code in (PROPOSED, AMBIGUOUS) for one in self.planned.outcomes)
        return set(self.candidates) if asked else set()


def keep_proposals(chunk: Chunk, side: Side, looked_at: Sequence[Proposal]) -> None:
    """
    Remember the pairs that cases propose, so that a person can accept or reject them.

    What is proposed no more is forgotten, and the other half is looked at again.
    """
    tx, sync, now = chunk.tx, chunk.sync.id, chunk.world.clock.now()
    standing: dict[str, set[str]] = {}
    for one in decisions.proposed(tx, sync):
        ids = (one.quickbooks_id, one.hubspot_id)
        mine, other = ids if side is Side.QUICKBOOKS else reversed(ids)
        standing.setdefault(mine, set()).add(other)
    changed = [x for x in looked_at if x.partners() != standing.get(x.record_id, set())]
    if not changed:
        return
    left = {y for x in changed for y in standing.get(x.record_id, set()) - x.partners()}
    pairs = [(x.record_id, y) for x in changed for y in sorted(x.partners())]
    if side is Side.HUBSPOT:
        pairs = [(theirs, ours) for ours, theirs in pairs]
    decisions.forget_proposals(tx, sync, side, [x.record_id for x in changed])
    decisions.propose(tx, sync, pairs, now)
    pending.mark(tx, sync, side.other, left, now)
