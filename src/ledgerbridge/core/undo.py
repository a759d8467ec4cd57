"""
Undo: what we wrote to one record and what both sides show now in, operations and reasons out.

Pure. Exact or nothing, mapping by mapping: a value goes back only where the record still shows
what we wrote (promise 12). Whatever stays as it is says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.core.app_events import APP_EVENTS
from ledgerbridge.core.erasure import REDACTED
from ledgerbridge.core.mapping import CompiledMapping
from ledgerbridge.core.merge import Patch
from ledgerbridge.core.model import LineLink, Link, LinkStatus, Record, Side, State, Value
from ledgerbridge.core.order import Stage
from ledgerbridge.core.plan import Operation, WriteKind
from ledgerbridge.core.planning import STAGES, Rules, update
from ledgerbridge.core.schema import COMPUTED_PREFIX, OWN_PREFIX

ACTIVE = "Active"
HELD = frozenset({"contacts", "companies", "products"})
"""The syncs whose pairs keep bases: the others show what the books say, whatever was undone."""
MADE_FOR_GOOD = {"paid": "a paid invoice", "voided": "a voided invoice"}
OURS = (OWN_PREFIX, COMPUTED_PREFIX)
"""How the fields begin that no person writes."""
PUT_BACK, UNMADE = "undo: put back what stood there before", "undo: unmade what we had made"
REVIVED = "undone before, and undone again"


class Own(Struct, frozen=True, kw_only=True):
    """One write of ours to the record; `chosen` if it is to be undone."""

    run: str
    kind: str
    changes: Mapping[str, tuple[Value, Value]]
    chosen: bool


class Written(Struct, frozen=True, kw_only=True):
    """
    A record that we wrote to, with all our writes in their order, and what is known of it now.

    `hanging` are the records, as a person names them, that would lose it if it went. `line` is set
    for a line of an invoice.
    """

    side: Side
    object_type: str
    record_id: str
    rules: Rules | None
    link: Link | None
    record: Record | None
    partner: Record | None
    writes: tuple[Own, ...]
    hanging: tuple[str, ...] = ()
    line: LineLink | None = None


class Left(Struct, frozen=True, kw_only=True):
    """What is not undone of one record, and why; `for_good` where the vendor lets nobody."""

    side: Side
    object_type: str
    record_id: str
    fields: tuple[str, ...]
    reason: str
    for_good: bool = False
    edited: bool = False


class Undone(Struct, frozen=True, kw_only=True):
    """What undoing one record leads to."""

    operations: tuple[Operation, ...] = ()
    left: tuple[Left, ...] = ()


def undo(written: Written) -> Undone:
    """What it takes to undo the chosen writes to one record, and what stays of them."""
    chosen = [own for own in written.writes if own.chosen]
    fields = tuple(dict.fromkeys(name for own in chosen for name in own.changes))
    if written.rules is None:
        return _left(written, fields, "its sync is off or was deleted; switch it on to undo this")
    if any(REDACTED in pair for own in chosen for pair in own.changes.values()):
        return _left(written, fields, "its values were forgotten with a person", for_good=True)
    kinds = {own.kind for own in chosen}
    if WriteKind.CREATE in kinds:
        return _unmake(written, written.rules, fields)
    if WriteKind.ARCHIVE in kinds:
        reason = "HubSpot lets only people restore what was archived, for 90 days"
        return _left(written, fields, reason, for_good=True)
    if kinds <= {WriteKind.ASSOCIATE, WriteKind.DISASSOCIATE}:
        return _left(written, (), "who belongs to whom follows from the pairs and would come back")
    if any(_active(own) for own in chosen) and written.side is Side.QUICKBOOKS:
        return _reactivate(written, written.rules)
    if "" in kinds and not any(before for own in chosen for before, _ in own.changes.values()):
        return _left(written, fields, "the journal of that time does not say what it was")
    return _put_back(written, written.rules, fields)


def _left(
    written: Written,
    fields: Sequence[str],
    reason: str,
    *,
    for_good: bool = False,
    edited: bool = False,
) -> Undone:
    return Undone(left=(_stays(written, fields, reason, for_good=for_good, edited=edited),))


def _stays(
    written: Written,
    fields: Sequence[str],
    reason: str,
    *,
    for_good: bool = False,
    edited: bool = False,
) -> Left:
    return Left(
        side=written.side,
        object_type=written.object_type,
        record_id=written.record_id,
        fields=tuple(fields),
        reason=reason,
        for_good=for_good,
        edited=edited,
    )


def _put_back(written: Written, rules: Rules, fields: Sequence[str]) -> Undone:
    """Each mapping that still shows our value goes back to what stood there before."""
    record, link, side = written.record, written.link, written.side
    if record is None or record.state.gone:
        return _left(written, fields, "it is no longer there")
    if rules.name not in HELD or written.line is not None:
        return _left(written, fields, "it shows what the books say; change it in QuickBooks")
    if link is None or link.status is LinkStatus.DEAD:
        return _left(written, fields, "its pair has ended")
    found, patch = [], Patch()
    speaking: set[str] = set()
    for mapping in rules.mappings:
        names = [name for name in mapping.fields(side) if name in fields]
        speaking.update(names)
        if not names or names[0].startswith(OURS):
            continue
        before = _before(written, mapping, record)
        if isinstance(before, Left):
            found.append(before)
        elif before is not None:
            patch = _joined(patch, mapping, written, record, before)
    silent = [name for name in fields if name not in speaking or name.startswith(OURS)]
    if silent:
        found.append(_stays(written, silent, "the pair is known by it, or no mapping speaks of it"))
    if not patch.fields:
        return Undone(left=tuple(found))
    back = replace(update(rules, link.id, side, record, patch), reason=PUT_BACK, undoes=True)
    return Undone(operations=(back,), left=tuple(found))


def _before(
    written: Written, mapping: CompiledMapping, record: Record
) -> dict[str, Value] | Left | None:
    """What stood there before ours, None if it stands there already, or why it is left."""
    side, shown = written.side, record.fields
    names = mapping.fields(side)
    events = [own for own in written.writes if any(name in own.changes for name in names)]
    latest = events[-1]
    old, new = _image(latest, names, 0), _image(latest, names, 1)
    touched = tuple(new)
    wanted = next(own for own in reversed(events) if own.chosen)
    if mapping.same(side, shown, {**shown, **_image(wanted, names, 0)}):
        return None
    if not latest.chosen:
        reason = f"written again in run {latest.run}; undo that one first"
        return _stays(written, touched, reason)
    if not mapping.same(side, shown, {**shown, **new}):
        return _stays(written, touched, "changed since we wrote it", edited=True)
    if not mapping.allows(side):
        return _stays(written, touched, f"nothing may be written to it in {side.shown} now")
    for own in reversed(events[:-1]):
        came = _image(own, names, 1)
        if not own.chosen or not mapping.same(side, {**shown, **came}, {**shown, **old}):
            break  # somebody's value stood between our two writes: back to that one
        old = {**old, **_image(own, names, 0)}
    return None if mapping.same(side, shown, {**shown, **old}) else old


def _image(own: Own, names: Sequence[str], place: int) -> dict[str, Value]:
    return {name: own.changes[name][place] for name in names if name in own.changes}


def _joined(
    patch: Patch,
    mapping: CompiledMapping,
    written: Written,
    record: Record,
    before: Mapping[str, Value],
) -> Patch:
    """
    The patch with one more mapping. Both bases move to what both sides then show, so that neither
    is dirty: what was undone is held until somebody edits it.
    """
    side, shown = written.side, record.fields
    target = {name: before.get(name, shown.get(name)) for name in mapping.fields(side)}
    if side is Side.HUBSPOT:
        target = {name: value for name, value in target.items() if value != shown.get(name)}
    theirs = written.partner.fields if written.partner is not None else {}
    return Patch(
        fields={**patch.fields, **target},
        covers=(*patch.covers, *mapping.fields(side)),
        sources={**patch.sources, **{n: theirs.get(n) for n in mapping.fields(side.other)}},
    )


def _unmake(written: Written, rules: Rules, fields: Sequence[str]) -> Undone:
    """What we made goes again, if nobody has touched it and nothing hangs on it."""
    record, link = written.record, written.link
    if written.line is not None:
        return _unmake_line(written, rules, written.line)
    if written.object_type == APP_EVENTS:
        return _left(written, (), "HubSpot lets nobody take back an app event", for_good=True)
    if record is None or record.state.gone or record.state is State.INACTIVE:
        return Undone()
    if link is None or link.status is LinkStatus.DEAD:
        return _left(written, fields, "its pair has ended, so it is a person's now")
    edited = _edited(written, rules, record) if rules.name in HELD else ()
    if edited:
        return _left(written, edited, "changed since we made it, so it stays", edited=True)
    if written.hanging:
        some = ", ".join(written.hanging[:3])
        return _left(written, (), f"{len(written.hanging)} records hang on it, e.g. {some}")
    status = MADE_FOR_GOOD.get(record.fields.get("hs_invoice_status") or "")
    if status is not None:
        return _left(written, (), f"HubSpot lets nobody delete {status}", for_good=True)
    return Undone(operations=(_unmaking(written, rules, link, record),))


def _unmaking(written: Written, rules: Rules, link: Link, record: Record) -> Operation:
    """Archived in HubSpot; made inactive in QuickBooks, where nothing is ever deleted."""
    if written.side is Side.QUICKBOOKS:
        patch = Patch(fields={ACTIVE: "false"})
        gone = update(rules, link.id, written.side, record, patch)
        return replace(gone, reason=UNMADE, ends=UNMADE, undoes=True)
    return Operation(
        sync=rules.sync,
        link=link.id,
        side=written.side,
        object_type=written.object_type,
        kind=WriteKind.ARCHIVE,
        stage=STAGES[written.side],
        record_id=record.id,
        expected={name: value for name, value in record.fields.items() if value},
        reason=UNMADE,
        ends=UNMADE,
        undoes=True,
    )


def _unmake_line(written: Written, rules: Rules, line: LineLink) -> Undone:
    """A line goes once its invoice is gone, for an invoice that stays keeps its lines."""
    link = written.link
    if link is None or link.status is LinkStatus.LIVE or link.reason != UNMADE:
        return Undone()
    if not line.key:
        return Undone()  # gone already
    operation = Operation(
        sync=rules.sync,
        link=link.id,
        line=line.key,
        side=Side.HUBSPOT,
        object_type=written.object_type,
        kind=WriteKind.ARCHIVE,
        stage=Stage.LINES_AFTER,
        record_id=line.hubspot_id,
        expected=line.base_hubspot,
        reason=UNMADE,
        undoes=True,
    )
    return Undone(operations=(operation,))


def _edited(written: Written, rules: Rules, record: Record) -> tuple[str, ...]:
    """The mapped fields that do not show what we wrote last."""
    latest = {name: pair[1] for own in written.writes for name, pair in own.changes.items()}
    side, shown = written.side, record.fields
    return tuple(
        name
        for mapping in rules.mappings
        if (mapping.allows(side) or _set_at_creation(mapping, side, latest))
        and not mapping.fields(side)[0].startswith(OURS)
        and not mapping.same(
            side, shown, {**shown, **{n: latest.get(n) for n in mapping.fields(side)}}
        )
        for name in mapping.fields(side)
    )


def _set_at_creation(mapping: CompiledMapping, side: Side, latest: Mapping[str, Value]) -> bool:
    """Whether a mapping for new records only wrote to this one: a stage people own is not ours."""
    return mapping.creates(side) and any(name in latest for name in mapping.fields(side))


def _active(own: Own) -> bool:
    return own.changes.get(ACTIVE, ("", ""))[1] == "false"


def _reactivate(written: Written, rules: Rules) -> Undone:
    """What an undo had made inactive is used again, and its pair lives again."""
    record, link = written.record, written.link
    if record is None or record.state is not State.INACTIVE or link is None:
        return _left(written, (ACTIVE,), "it is not inactive any more")
    patch = Patch(fields={ACTIVE: "true"})
    again = update(rules, link.id, written.side, record, patch)
    free = written.partner is not None and not written.partner.state.gone
    revives = REVIVED if free and link.status is LinkStatus.DEAD else ""
    return Undone(operations=(replace(again, reason=PUT_BACK, revives=revives, undoes=True),))
