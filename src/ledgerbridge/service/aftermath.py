"""
After an answer: look into what was refused, and find unseen edits that an update overwrote.

HubSpot has no compare-and-set. What we updated is looked up once in the property history, the one
read-back we make: if the value before ours is not the one we planned with, a person's edit was
overwritten. It is journalled in the transaction that settles the update, so that no crash comes
between, and where HubSpot wins by rule, or the newest does, it is put back (promise 4).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ledgerbridge.connectors.port import Failed, Page, Version, Wanted
from ledgerbridge.connectors.quickbooks.client import GONE_CODE
from ledgerbridge.core.mapping import CompiledMapping, Rule
from ledgerbridge.core.model import Record, Side, Value
from ledgerbridge.core.order import Stage
from ledgerbridge.core.plan import Operation, WriteKind
from ledgerbridge.core.schema import OWN_PREFIX
from ledgerbridge.core.values import text_key
from ledgerbridge.service import spool
from ledgerbridge.service.planners.contacts import NAMED
from ledgerbridge.service.removing import mapped, takes_away
from ledgerbridge.service.spool import Spooled
from ledgerbridge.service.storing import confirm_gone, store_page
from ledgerbridge.service.world import World
from ledgerbridge.store import journal, links, operations, pending
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.identity import match_keys

if TYPE_CHECKING:
    from ledgerbridge.service.entering import SentRow

UnseenEdits = dict[int, dict[str, Value]]
PUT_BACK = "put back what a person wrote"
OVERWRITTEN = "edited in HubSpot at the moment we wrote; found in its history"
WENT_ALONG = "edited in HubSpot at the moment we archived it; restore it from the recycle bin"
EDIT_WINS = frozenset({Rule.HUBSPOT, Rule.NEWEST})
"""The rules under which an edit in HubSpot, made after our look at both sides, wins."""
STALE, DUPLICATE_NAME, ALREADY_EXISTS, NOT_FOUND = (
    "stale",
    "duplicate_name",
    "already_exists",
    "not_found",
)


async def after_failures(
    world: World, side: Side, failed: Sequence[tuple[SentRow, Failed]]
) -> None:
    """A refusal that says the world is not as we thought is a reason to look at it again."""
    for row, answer in failed:
        record_id = row.write.record_id
        if answer.code == STALE and record_id is not None:
            await _look(world, side, row, record_id)
        elif answer.code == ALREADY_EXISTS and answer.existing_id is not None:
            await _look(world, side, row, answer.existing_id)
        elif answer.code in (NOT_FOUND, GONE_CODE) and record_id is not None:
            await confirm_gone(world, side, row.operation.object_type, [record_id])
    await _find_names(world, [row for row, answer in failed if answer.code == DUPLICATE_NAME])


def _wanted(world: World, object_type: str) -> Wanted:
    return world.wanted_hubspot.get(object_type, Wanted(object_type))


async def _look(world: World, side: Side, row: SentRow, record_id: str) -> None:
    """Read one record again; only if it shows news is its record planned again at once."""
    wanted = _wanted(world, row.operation.object_type)
    looked = await world.connector(side).look(wanted, [record_id])
    await world.commit(_news, world, side, row, tuple(looked.found.values()))


async def _find_names(world: World, rows: Sequence[SentRow]) -> None:
    """Whoever has a name may be a customer, a vendor or an employee, inactive ones included."""
    by_name: dict[str, list[SentRow]] = {}
    for row in rows:
        name = row.write.fields.get("DisplayName")
        if name:
            by_name.setdefault(name, []).append(row)
    for kind in NAMED if by_name else ():
        found = await world.quickbooks.find(Wanted(kind), "DisplayName", list(by_name))
        for name, waiting in by_name.items():
            having = tuple(record for record in found if _has_name(record, name))
            for row in waiting:
                await world.commit(_news, world, Side.QUICKBOOKS, row, having)


def _has_name(record: Record, name: str) -> bool:
    """By the key under which the planner looks for a name as well."""
    return ("name", text_key(name)) in match_keys(Side.QUICKBOOKS, record)


async def follow_merges(world: World, stored: Sequence[tuple[SentRow, Record | None]]) -> None:
    """
    An update under the id of a merged record reaches the survivor, and HubSpot answers with it.

    Both are looked at before the next plan: all else that the survivor shows is not known yet.
    """
    merged = [
        (row.operation.object_type, row.write.record_id, record.id)
        for row, record in stored
        if record is not None and row.write.record_id not in (None, record.id)
    ]
    for object_type in dict.fromkeys(object_type for object_type, _, _ in merged):
        ids = [(old, new) for one, old, new in merged if one == object_type]
        looked = await world.hubspot.look(_wanted(world, object_type), [new for _, new in ids])
        page = Page(object_type, tuple(looked.found.values()))
        await world.commit(store_page, world, Side.HUBSPOT, page)
        await confirm_gone(world, Side.HUBSPOT, object_type, [old for old, _ in ids if old])


def _news(
    tx: Transaction, world: World, side: Side, row: SentRow, found: tuple[Record, ...]
) -> None:
    if not found:
        return
    changed = store_page(tx, world, side, Page(found[0].object_type, found))
    if changed:
        sync, spooled = row.operation.sync, row.spooled
        pending.mark(tx, sync, spooled.side, [spooled.record_id], world.clock.now())


async def unseen_edits(world: World, rows: Sequence[SentRow]) -> UnseenEdits:
    """
    The values of people that our updates overwrote unseen, or that our removals took along, by the
    row's place in the spool.

    Raises CallFailed; the intents are then still there, and recovery asks again.
    """
    by_type: dict[str, list[SentRow]] = {}
    for row in rows:
        operation = row.operation
        if operation.line is None and _people_fields(world, row):
            by_type.setdefault(operation.object_type, []).append(row)
    found: UnseenEdits = {}
    for object_type, some in by_type.items():
        ids = [row.write.record_id or "" for row in some]
        fields = sorted({name for row in some for name in _people_fields(world, row)})
        history = await world.hubspot.history(object_type, ids, fields)
        for row in some:
            lost = _lost(world, row, history.get(row.write.record_id or "", {}))
            if lost:
                found[row.seq] = lost
    return found


def _people_fields(world: World, row: SentRow) -> list[str]:
    """The fields that were written, or went with their record, and that a person may also write."""
    operation = row.operation
    names: Collection[str] = ()
    if operation.kind is WriteKind.UPDATE:
        names = row.write.fields
    elif takes_away(world, operation):
        names = sorted(mapped(world, operation))
    return [name for name in names if not name.startswith(OWN_PREFIX)]


def overwritten(versions: Sequence[Version], written: Value, expected: Value) -> tuple[bool, Value]:
    """
    Whether a value other than the expected one stood before ours, and which.

    `versions` are newest first. If ours is not there at all, nothing was overwritten by it; the
    same value written by a person is none of ours.
    """
    for place, version in enumerate(versions):
        if (version.value or None) == (written or None) and not version.by_person:
            before = versions[place + 1].value if place + 1 < len(versions) else None
            return (before or None) != (expected or None), before
    return False, None


def _lost(
    world: World, row: SentRow, versions: Mapping[str, Sequence[Version]]
) -> dict[str, Value]:
    return {
        name: value
        for name in _people_fields(world, row)
        if (value := _unseen(row, name, versions.get(name, ())))
    }


def _unseen(row: SentRow, name: str, versions: Sequence[Version]) -> Value:
    """What a field showed that we did not expect, when ours came or when its record went."""
    expected = row.operation.expected.get(name)
    if row.operation.kind is WriteKind.ARCHIVE:
        shown = versions[0].value if versions else None
        return None if shown == expected else shown
    found, before = overwritten(versions, row.write.fields[name], expected)
    return before if found else None


def tell_unseen(
    tx: Transaction, world: World, rows: Sequence[SentRow], unseen: UnseenEdits
) -> None:
    """Journal what was overwritten; put it back where HubSpot wins, or we undid."""
    for row in rows:
        lost = unseen.get(row.seq)
        if not lost:
            continue
        _enter_losses(tx, world, row, lost)
        if row.operation.kind is WriteKind.ARCHIVE:
            continue  # it is in the bin with its record, from where a person may restore both
        undoes = row.operation.undoes
        mappings = () if undoes else _where_an_edit_wins(world, row.operation, lost)
        won = {name for mapping in mappings for name in mapping.hubspot}
        restore = {name: value for name, value in lost.items() if undoes or name in won}
        if restore:
            _part(tx, world, row.operation, mappings)
            back = _put_back(row, restore)
            operations.spool(tx, [spool.row(world.run, row.operation.sync, back)])


def _enter_losses(tx: Transaction, world: World, row: SentRow, lost: dict[str, Value]) -> None:
    operation = row.operation
    reason = WENT_ALONG if operation.kind is WriteKind.ARCHIVE else OVERWRITTEN
    journal.enter(
        tx,
        [
            journal.LossEntry(
                at=world.clock.now(),
                run=world.run,
                sync=operation.sync,
                link=operation.link,
                side=operation.side,
                object_type=operation.object_type,
                record_id=row.write.record_id or "",
                field=name,
                value=value,
                winner=row.write.fields.get(name),
                reason=reason,
            )
            for name, value in lost.items()
        ],
    )


def _where_an_edit_wins(
    world: World, operation: Operation, lost: Collection[str]
) -> tuple[CompiledMapping, ...]:
    """The mappings of these fields whose edit in HubSpot has a say against the books."""
    sync = world.sync_of(operation.sync)
    if sync is None:
        return ()
    return tuple(
        mapping
        for mapping in sync.rules.mappings
        if any(name in lost for name in mapping.hubspot)
        and mapping.allows(Side.QUICKBOOKS)
        and mapping.decided_by(sync.rules.definition.rule) in EDIT_WINS
    )


def _part(
    tx: Transaction, world: World, operation: Operation, mappings: Sequence[CompiledMapping]
) -> None:
    """
    Both sides were edited and neither author saw the other: no base, so that the rule decides and
    what gives way is a loss. Without it the edit would replace the other one like an old value.
    """
    names = {name for one in mappings for name in (*one.hubspot, *one.quickbooks)}
    link = links.get_many(tx, [operation.link]).get(operation.link)
    if link is None or not names:
        return
    parted = replace(
        link,
        base_hubspot={k: v for k, v in link.base_hubspot.items() if k not in names},
        base_quickbooks={k: v for k, v in link.base_quickbooks.items() if k not in names},
    )
    links.put(tx, operation.sync, [parted], world.clock.now())


def _put_back(row: SentRow, fields: dict[str, Value]) -> Spooled:
    """The person's value again; what an undo overwrote travels from there like any edit."""
    before = row.operation
    operation = Operation(
        sync=before.sync,
        link=before.link,
        side=Side.HUBSPOT,
        object_type=before.object_type,
        kind=WriteKind.UPDATE,
        stage=Stage.HUBSPOT,
        record_id=row.write.record_id,
        fields=fields,
        expected={name: row.write.fields.get(name) for name in fields},
        reason=PUT_BACK,
        puts_back=True,
    )
    return Spooled(row.spooled.side, row.spooled.record_id, operation)
