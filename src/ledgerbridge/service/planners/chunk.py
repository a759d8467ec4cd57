"""
The store as the planner of one chunk sees it, and what it says of each record.

Everything comes from the store: planning asks no vendor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.model import Choice, Link, LinkStatus, Record, Side
from ledgerbridge.core.plan import Continued, Planned
from ledgerbridge.service.world import ActiveSync, World
from ledgerbridge.store import conflicts, decisions, gone, links, operations, records
from ledgerbridge.store.decisions import Decision
from ledgerbridge.store.transaction import Transaction

Found = dict[str, Record]


class Subject(Struct, frozen=True):
    """One record and what was planned for it."""

    side: Side
    record_id: str
    planned: Planned


class Chunk:
    """The store as seen by one chunk of one sync."""

    def __init__(self, tx: Transaction, world: World, sync: ActiveSync) -> None:
        self.tx, self.world, self.sync = tx, world, sync
        self._any_conflicts = conflicts.any_of(tx, sync.id)
        self._stored: dict[Side, dict[str, Link | None]] = {side: {} for side in Side}
        self._going_on: dict[str, Link] = {}
        self.continued: list[Continued] = []

    def read(self, side: Side, object_type: str, ids: Iterable[str]) -> Found:
        """Stored records by id."""
        return records.get_many(self.tx, self.world.connections[side], object_type, ids)

    def by_key(
        self, side: Side, object_type: str, name: str, values: Iterable[str]
    ) -> dict[str, list[str]]:
        """Ids of stored records by one of their keys."""
        connection = self.world.connections[side]
        return records.by_key(self.tx, connection, object_type, name, values)

    def links(self, side: Side, ids: Iterable[str]) -> dict[str, Link]:
        """
        The links of this sync by the ids of one side, as this plan lets them go on.

        The survivor of a merge that has none of its own is known by the link that it took over.
        """
        wanted = list(ids)
        found = self._links(side, wanted)
        missing = [x for x in wanted if x not in found]
        connection, object_type = self.world.connections[side], self.sync.rules.object_type(side)
        taken = gone.merged_into(self.tx, connection, object_type, missing) if missing else {}
        for survivor, olds in taken.items():
            theirs = self._links(side, olds).values()
            living = [link for link in theirs if link.status is LinkStatus.LIVE]
            found |= {survivor: living[0]} if living else {}
        going_on = {x: self._going_on.get(link.id, link) for x, link in found.items()}
        return self._with_choices(going_on)

    def _links(self, side: Side, ids: Iterable[str]) -> dict[str, Link]:
        """The stored links by id, in its order. Planning changes none, so each is read once."""
        stored, wanted = self._stored[side], sorted(set(ids))
        unread = [x for x in wanted if x not in stored]
        stored.update(dict.fromkeys(unread) | links.by_ids(self.tx, self.sync.id, side, unread))
        return {x: link for x in wanted if (link := stored[x]) is not None}

    def _with_choices(self, found: dict[str, Link]) -> dict[str, Link]:
        """The links with what a person, or the times of the edits, decided of their conflicts."""
        dated = self.world.dated
        if not self._any_conflicts and not dated:
            return found
        chosen: dict[str, dict[str, Choice]] = {}
        ids = {link.id for link in found.values()}
        for (link, mapping), told in dated.items():
            if link in ids and told.choice is not None:
                chosen.setdefault(link, {})[mapping] = told.choice
        for one in conflicts.of_links(self.tx, self.sync.id, ids):
            if one.choice is not None:
                chosen.setdefault(one.link, {})[one.mapping] = one.choice
        return {x: replace(link, choices=chosen.get(link.id, {})) for x, link in found.items()}

    def go_on(self, link: Link, item: Continued) -> None:
        """From now on this plan sees a link as it will be; `item` makes it so."""
        self._going_on[link.id] = link
        halves = ((Side.HUBSPOT, item.hubspot_id), (Side.QUICKBOOKS, item.quickbooks_id))
        self.world.promised_halves.update({(self.sync.id, side, x) for side, x in halves})
        self.continued.append(item)

    def promised(self, side: Side, record_id: str) -> bool:
        """Whether this plan gives a record to a pair already: it may be in one alone."""
        return (self.sync.id, side, record_id) in self.world.promised_halves

    def went_on(self, link: Link) -> bool:
        """Whether this plan lets a link go on."""
        return link.id in self._going_on

    def groups(
        self, object_type: str, key: str, values: Iterable[str], known: Mapping[str, Record]
    ) -> dict[str, tuple[Record, ...]]:
        """All QuickBooks records that share a key, by its value; those at hand are not re-read."""
        ids = self.by_key(Side.QUICKBOOKS, object_type, key, values)
        missing = {x for group in ids.values() for x in group if x not in known}
        found = {**known, **self.read(Side.QUICKBOOKS, object_type, missing)}
        return {value: tuple(found[x] for x in group if x in found) for value, group in ids.items()}

    def hubspot_by_keys(
        self, object_type: str, wanted: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], list[str]]:
        """Ids of HubSpot records by (key name, value)."""
        found: dict[tuple[str, str], list[str]] = {}
        for name in dict.fromkeys(name for name, _ in wanted):
            values = [value for key, value in wanted if key == name]
            for value, ids in self.by_key(Side.HUBSPOT, object_type, name, values).items():
                found[name, value] = ids
        return found

    def decided(self, side: Side, ids: Iterable[str]) -> dict[str, list[Decision]]:
        """What was decided of these records of one side, in this sync."""
        return decisions.by_ids(self.tx, self.sync.id, side, ids)

    def busy(self) -> set[str]:
        """The links with an intent in doubt, their own or one of a line."""
        return {unit.partition("#")[0] for unit in operations.units_in_flight(self.tx)}


def half_of(link: Link | None) -> str:
    """The HubSpot id of a link, empty while there is none."""
    return (link.hubspot_id or "") if link is not None else ""


def halves_of(found: Iterable[Link]) -> list[str]:
    """The HubSpot ids of links that have one."""
    return [link.hubspot_id for link in found if link.hubspot_id is not None]
