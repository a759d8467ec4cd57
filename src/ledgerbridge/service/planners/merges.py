"""
Merges, followed on both sides: the pair of a record that was merged away goes on with the survivor.

Two pairs that meet in one record are a case for a person, and both rest until it is decided
(engine.md, promise 11).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from ledgerbridge.core.endings import (
    SOURCE_KEY,
    came_back,
    continued,
    doubled,
    goes_on,
    lets_go_of_key,
    meeting,
)
from ledgerbridge.core.erasure import is_erased
from ledgerbridge.core.model import Link, LinkStatus, Side, any_generation, link_id
from ledgerbridge.core.plan import Continued, Planned
from ledgerbridge.service.planners.chunk import Chunk, Subject
from ledgerbridge.service.planners.judgement import refused
from ledgerbridge.store import gone, links, operations

MERGEABLE: dict[str, tuple[Side, ...]] = {
    "contacts": (Side.HUBSPOT, Side.QUICKBOOKS),
    "companies": (Side.HUBSPOT, Side.QUICKBOOKS),
    "products": (Side.QUICKBOOKS,),
}
"""The sides on which the records of a sync can be merged by people."""


BEREFT = "merged on one side with another pair, and the other halves of both are gone"


def follow(
    chunk: Chunk, hubspot_ids: Sequence[str], quickbooks_ids: Sequence[str]
) -> list[Subject]:
    """
    The cases of pairs that met, among these records; `chunk` knows the links that go on.

    Pairs that met on both sides are one and the same, and the surplus ones end. So they do where
    the other halves are all gone: then nothing is left for a person to choose from.
    """
    subjects: dict[str, Planned] = {}
    moved: dict[str, dict[Side, str]] = {}
    for side in MERGEABLE.get(chunk.sync.rules.name, ()):
        for survivor, members in _groups(chunk, side, hubspot_ids, quickbooks_ids).items():
            for link in members:
                if link.id_of(side) != survivor:
                    moved.setdefault(link.id, {})[side] = survivor
            pairs = _by_partner(chunk, side.other, members)
            for surplus in [link for group in pairs.values() for link in group[1:]]:
                reason = "merged on both sides with another pair"
                subjects[surplus.quickbooks_id or ""] = doubled(surplus, reason)
            left = {now: group[0] for now, group in pairs.items()}
            if len(left) > 1 and _lost(chunk, side.other, pairs) == pairs.keys():
                subjects |= _bereft(side, survivor, list(left.values()))
                continue
            for link in left.values() if len(left) > 1 else ():
                case = meeting(chunk.sync.rules.name, side, survivor, link, left)
                subjects[link.quickbooks_id or ""] = case
    busy = chunk.busy()
    for link in chunk.links(Side.QUICKBOOKS, _halves(chunk, moved)).values():
        if link.id in moved and link.quickbooks_id not in subjects and link.id not in busy:
            record_id = link.quickbooks_id or ""
            if _being_paired(chunk, moved[link.id], busy):
                subjects[record_id] = Planned()  # looked at again when that intent is settled
            elif any(chunk.promised(side, x) for side, x in moved[link.id].items()):
                subjects[record_id] = Planned(look_again_at=((Side.QUICKBOOKS, record_id),))
            else:
                _go_on(chunk, link, moved[link.id])
    return [Subject(Side.QUICKBOOKS, x, planned) for x, planned in subjects.items()]


def _being_paired(chunk: Chunk, survivors: Mapping[Side, str], busy: set[str]) -> bool:
    """
    Whether a partner is just being made for one of these, or one of these may be the partner that
    is just being made, of which no answer told the id: the two pairs will have met then.
    """
    starts = set(map(any_generation, busy))
    ids = (link_id(chunk.sync.id, side, one) for side, one in survivors.items())
    if any(any_generation(one) in starts for one in ids):
        return True
    tx, sync = chunk.tx, chunk.sync.id
    return any(
        operations.creation_in_flight(tx, sync, side)
        for side, survivor in survivors.items()
        if not links.by_ids(tx, sync, side, [survivor])
    )


def _lost(chunk: Chunk, side: Side, ids: Iterable[str]) -> set[str]:
    connection, object_type = chunk.world.connections[side], chunk.sync.rules.object_type(side)
    return gone.lost(chunk.tx, connection, object_type, ids)


def _bereft(side: Side, survivor: str, met: Sequence[Link]) -> dict[str, Planned]:
    """
    All but one of these pairs end: that of the survivor, if it has one. It is planned next, like
    any pair of which a half is gone.
    """
    stays, *others = sorted(met, key=lambda link: link.id_of(side) != survivor)
    ended = {link.quickbooks_id or "": doubled(link, BEREFT) for link in others}
    record_id = stays.quickbooks_id or ""
    return {**ended, record_id: Planned(look_again_at=((Side.QUICKBOOKS, record_id),))}


def left_behind(chunk: Chunk, hubspot_ids: Sequence[str]) -> list[str]:
    """The QuickBooks halves of pairs whose contact was merged into one that is gone by now."""
    if Side.HUBSPOT not in MERGEABLE.get(chunk.sync.rules.name, ()):
        return []
    connection, object_type = chunk.world.connections[Side.HUBSPOT], chunk.sync.rules.hubspot_type
    there = chunk.read(Side.HUBSPOT, object_type, hubspot_ids)
    ended = [x for x, record in there.items() if record.state.gone]
    taken = gone.merged_into(chunk.tx, connection, object_type, ended)
    olds = [x for group in taken.values() for x in group]
    members = links.by_ids(chunk.tx, chunk.sync.id, Side.HUBSPOT, olds)
    return [link.quickbooks_id or "" for link in _living(members.values())]


def _halves(chunk: Chunk, link_ids: Iterable[str]) -> list[str]:
    found = links.get_many(chunk.tx, link_ids)
    return [link.quickbooks_id for link in found.values() if link.quickbooks_id is not None]


def _by_partner(chunk: Chunk, side: Side, members: Sequence[Link]) -> dict[str, list[Link]]:
    """The pairs of a group by the record that the other half is by now, the plainest first."""
    connection, object_type = chunk.world.connections[side], chunk.sync.rules.object_type(side)
    halves = {link.id: link.id_of(side) or "" for link in members}
    leads = gone.survivors(chunk.tx, connection, object_type, halves.values())
    found: dict[str, list[Link]] = {}
    for link in sorted(members, key=lambda link: halves[link.id] in leads):
        found.setdefault(leads.get(halves[link.id], halves[link.id]), []).append(link)
    return found


def _groups(
    chunk: Chunk, side: Side, hubspot_ids: Iterable[str], quickbooks_ids: Iterable[str]
) -> dict[str, list[Link]]:
    """The living links of records that are one by now, by the record that they are."""
    given = {Side.HUBSPOT: hubspot_ids, Side.QUICKBOOKS: quickbooks_ids}
    ids = set(given[side])
    theirs = chunk.links(side.other, given[side.other]).values()
    ids |= {x for link in theirs if (x := link.id_of(side)) is not None}
    connection = chunk.world.connections[side]
    object_type = chunk.sync.rules.object_type(side)
    leads = gone.survivors(chunk.tx, connection, object_type, ids)
    ends = {leads.get(x, x) for x in ids}
    taken = gone.merged_into(chunk.tx, connection, object_type, ends)
    if not taken:
        return {}
    there = chunk.read(side, object_type, taken)
    ids = {x for one in taken for x in (one, *taken[one])}
    members = links.by_ids(chunk.tx, chunk.sync.id, side, ids)
    return {
        survivor: group
        for survivor, olds in taken.items()
        if survivor in there and not there[survivor].state.gone
        if (group := _living(members.get(x) for x in (survivor, *olds)))
    }


def _living(found: Iterable[Link | None]) -> list[Link]:
    return [
        link
        for link in found
        if link is not None and link.status is LinkStatus.LIVE and link.hubspot_id is not None
    ]


def _go_on(chunk: Chunk, link: Link, survivors: Mapping[Side, str]) -> None:
    rules = chunk.sync.rules
    contact = survivors.get(Side.HUBSPOT, link.hubspot_id or "")
    shown = chunk.read(Side.HUBSPOT, rules.hubspot_type, [contact]).get(contact)
    if shown is not None and not is_erased(shown):
        now = {Side.HUBSPOT: shown}
        customer = survivors.get(Side.QUICKBOOKS, link.quickbooks_id or "")
        for theirs in chunk.read(Side.QUICKBOOKS, rules.quickbooks_type, [customer]).values():
            now[Side.QUICKBOOKS] = theirs
        item = goes_on(rules.key_field, link, survivors, now, rules.definition.mappings)
        chunk.go_on(continued(link, item), item)


def release_keys(chunk: Chunk, hubspot_ids: Sequence[str]) -> list[Subject]:
    """A record that gave way to another one lets go of the key, which is unique in HubSpot."""
    if chunk.sync.rules.name not in MERGEABLE:
        return []
    rules = chunk.sync.rules
    dead = {
        x: link
        for x, link in chunk.links(Side.HUBSPOT, hubspot_ids).items()
        if link.status is LinkStatus.DEAD and link.quickbooks_id is not None
    }
    shown = chunk.read(Side.HUBSPOT, rules.hubspot_type, dead)
    theirs = [link.quickbooks_id or "" for link in dead.values()]
    now = chunk.links(Side.QUICKBOOKS, theirs)
    there = chunk.read(Side.QUICKBOOKS, rules.quickbooks_type, theirs)
    found = []
    for record_id, link in dead.items():
        partner, record = now.get(link.quickbooks_id or ""), shown.get(record_id)
        source = there.get(link.quickbooks_id or "")
        if partner is None or partner.status is LinkStatus.DEAD or source is None:
            continue
        if record is None or record.state.gone or partner.hubspot_id == record_id:
            continue
        if record.fields.get(rules.key_field) == source.fields.get(SOURCE_KEY):
            operation = lets_go_of_key(rules, link, record)
            found.append(Subject(Side.HUBSPOT, record_id, Planned(operations=(operation,))))
    return found


def bring_back(chunk: Chunk, ids: Sequence[str]) -> None:
    """Pairs that ended with a deletion, and of which both halves are there again, live again."""
    rules = chunk.sync.rules
    dead = {
        x: link
        for x, link in chunk.links(Side.QUICKBOOKS, ids).items()
        if link.status is LinkStatus.DEAD and came_back(link)
    }
    if not dead:
        return
    theirs = chunk.read(Side.QUICKBOOKS, rules.quickbooks_type, dead)
    halves = [link.hubspot_id for link in dead.values() if link.hubspot_id is not None]
    ours = chunk.read(Side.HUBSPOT, rules.hubspot_type, halves)
    taken = chunk.links(Side.HUBSPOT, halves)
    told = chunk.decided(Side.QUICKBOOKS, dead)
    for record_id, link in dead.items():
        customer, half = theirs.get(record_id), ours.get(link.hubspot_id or "")
        if customer is None or half is None or customer.state.gone or half.state.gone:
            continue
        if is_erased(customer) or is_erased(half) or half.id in refused(told.get(record_id, ())):
            continue
        if taken[half.id].id != link.id:
            continue
        if chunk.promised(Side.HUBSPOT, half.id) or chunk.promised(Side.QUICKBOOKS, record_id):
            continue
        again = Continued(
            link=link.id,
            hubspot_id=half.id,
            quickbooks_id=record_id,
            reason="its other half is there again",
        )
        chunk.go_on(replace(link, status=LinkStatus.LIVE), again)
