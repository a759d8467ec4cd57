"""
How a pair ends, and how it goes on: deletions by the rule of the sync, merges, records that are
there again (engine.md, promises 5 and 11). Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from msgspec.structs import replace

from ledgerbridge.core.definition import DeletionRule, LeavingScope
from ledgerbridge.core.mapping import CompiledMapping
from ledgerbridge.core.mapping import Mapping as Fields
from ledgerbridge.core.merge import Patch
from ledgerbridge.core.model import Link, LinkStatus, Record, Side, State, Value, Values
from ledgerbridge.core.order import Stage
from ledgerbridge.core.plan import (
    Continued,
    Ended,
    Operation,
    Outcome,
    Planned,
    Status,
    WriteKind,
)
from ledgerbridge.core.planning import (
    STAGES,
    STATE_FIELD,
    Rules,
    excluded,
    filtered_out,
    joined,
    update,
)
from ledgerbridge.core.schema import COMPUTED_PREFIX, Writable

DELETED = "deleted in "
OUT_OF_SCOPE = "out of scope"
PAIRS_MET = "pairs_met"
SOURCE_KEY = "@key"
UNPAIRED = "unpaired by a person"


def plan_gone(
    rules: Rules,
    link: Link,
    gone: Side,
    *,
    evidence: str,
    survivor: Record | None,
    mark_fields: Mapping[str, Value] | None = None,
    removes: bool = False,
) -> Planned:
    """
    One half of a pair is surely gone (a sign and a look, merges ruled out).

    The link ends and is kept, so that the survivor is not made anew. The rule *mark* tells a
    surviving HubSpot record; QuickBooks has no field of ours to tell it in. *archive* removes the
    survivor as gently as its side allows, where the sync `removes` records and may write there,
    unless somebody edited it since: an edit beats a delete.
    """
    reason = f"{DELETED}{gone.shown}: {evidence}"
    rule = rules.definition.deletions
    ended = Planned(ended=(Ended(link=link.id, reason=reason),))
    if survivor is None or survivor.state.gone or rule is DeletionRule.NOTHING:
        return ended
    if rule is DeletionRule.ARCHIVE and removes and rules.definition.travels(gone.other):
        if edited_since(rules, link, gone.other, survivor):
            kept = f"{reason} It is kept in {gone.other.shown}: somebody edited it since."
            return joined(ended, _told(link, kept))
        if survivor.state is State.LIVE:
            return Planned(operations=(_removal(rules, link, survivor, gone.other, reason),))
        return ended
    if gone is Side.HUBSPOT:
        return ended
    wanted = {STATE_FIELD: State.DELETED.value, **(mark_fields or {})}
    told = _marking(rules, link, survivor, wanted, reason)
    return ended if told is None else Planned(operations=(replace(told, ends=reason),))


def _told(link: Link, reason: str) -> Planned:
    return excluded(Side.QUICKBOOKS, link.quickbooks_id or "", "link_ended", reason)


def edited_since(rules: Rules, link: Link, side: Side, survivor: Record) -> bool:
    """
    Whether a mapped value of this side differs from what it was when both were in step.

    A value that never was, because a conflict waits or a database was lost, counts as edited. What
    we compute of a record is no edit of it, nor is what was only never told to the half that is
    gone.
    """
    base = link.base_of(side)
    return any(
        not mapping.same(side, survivor.fields, base)
        and not _only_untold(mapping, side, survivor.fields, base)
        for mapping in rules.mappings
        if not any(name.startswith(COMPUTED_PREFIX) for name in mapping.fields(side))
    )


def _only_untold(mapping: CompiledMapping, side: Side, shown: Values, base: Values) -> bool:
    """
    Whether a value without a base goes into a property of ours: the pair ended before it got there.

    People write no such property, so no conflict can wait in it. An amount other than zero still
    counts: somebody may have entered what it sums up since. What is told at creation only, and was
    not, never comes to have a base: HubSpot gives every contact some lifecycle stage.
    """
    if any(name in base for name in mapping.fields(side)):
        return False
    if mapping.creates(side) and not mapping.allows(side):
        return True
    if not mapping.clears:
        return False
    value = mapping.on(side).form(shown)
    return not (isinstance(value, Decimal) and value)


def _removal(rules: Rules, link: Link, record: Record, side: Side, reason: str) -> Operation:
    """Archived in HubSpot, made inactive in QuickBooks; what it showed goes to the journal."""
    shown = {name for mapping in rules.mappings for name in mapping.fields(side)}
    return Operation(
        sync=rules.sync,
        link=link.id,
        side=side,
        object_type=rules.object_type(side),
        kind=WriteKind.ARCHIVE,
        stage=STAGES[side],
        record_id=record.id,
        version=record.version,
        expected={name: record.fields[name] for name in shown if record.fields.get(name)},
        reason=reason,
        ends=reason,
    )


def _marking(
    rules: Rules, link: Link, survivor: Record, wanted: Mapping[str, Value], reason: str
) -> Operation | None:
    fields = {
        name: value
        for name, value in wanted.items()
        if _may_update(rules, name) and survivor.fields.get(name) != value
    }
    if not fields:
        return None
    patch = Patch(fields=fields, covers=tuple(fields))
    return replace(update(rules, link.id, Side.HUBSPOT, survivor, patch), reason=reason)


def _may_update(rules: Rules, name: str) -> bool:
    """One read-only property would have the whole write refused."""
    field = rules.schemas[rules.hubspot_type].fields.get(name)
    return field is not None and field.writable is Writable.ALWAYS


def plan_unstamped(rules: Rules, link: Link, record: Record | None, key: Value) -> Planned:
    """
    A person ended this pair: its HubSpot record loses the key, which is unique, so that another one
    can get it, and no lost database is rebuilt with a pair that is none.
    """
    stamped = record is not None and not record.state.gone and record.fields.get(rules.key_field)
    if record is None or link.reason != UNPAIRED or not stamped or stamped != key:
        return Planned()
    told = _marking(rules, link, record, {rules.key_field: None}, UNPAIRED)
    # Before the update that gives the key to another one.
    return Planned(operations=(replace(told, stage=Stage.LINES),) if told is not None else ())


def came_back(link: Link) -> bool:
    """Whether a dead link ended with a deletion, so that it may live again."""
    return link.reason.startswith(DELETED)


def goes_on(
    key_field: str,
    link: Link,
    survivors: Mapping[Side, str],
    now: Mapping[Side, Record],
    mappings: Iterable[Fields],
) -> Continued:
    """
    The link of a record that was merged away, with the survivor, on one side or on both. `now` are
    both halves as they are then, the HubSpot one always.

    Its bases stay, so that what the merge changed travels like any edit; but a field in which a
    survivor says nothing begins anew, like one of two records that meet: nobody emptied it, and
    what the merged record said is nowhere but in the other half. The key begins anew from what the
    HubSpot record shows, so that it is stamped with that of its partner.
    """
    shown = now[Side.HUBSPOT].fields.get(key_field)
    told = [
        f"{side.shown} record {link.id_of(side)} was merged into {survivor}"
        for side, survivor in survivors.items()
    ]
    return Continued(
        link=link.id,
        hubspot_id=survivors.get(Side.HUBSPOT, link.hubspot_id or ""),
        quickbooks_id=survivors.get(Side.QUICKBOOKS, link.quickbooks_id or ""),
        reason="; ".join(told),
        left=link.quickbooks_id if Side.QUICKBOOKS in survivors else None,
        hubspot={key_field: shown},
        quickbooks={SOURCE_KEY: shown},
        anew=tuple(
            name
            for mapping in mappings
            if any(_falls_silent(mapping, link, side, now.get(side)) for side in survivors)
            for name in (*mapping.hubspot, *mapping.quickbooks)
        ),
    )


def _falls_silent(mapping: Fields, link: Link, side: Side, survivor: Record | None) -> bool:
    names = mapping.hubspot if side is Side.HUBSPOT else mapping.quickbooks
    if survivor is None or any(name.startswith(COMPUTED_PREFIX) for name in names):
        return False
    said = any(link.base_of(side).get(name) for name in names)
    return said and not any(map(survivor.fields.get, names))


def lets_go_of_key(rules: Rules, link: Link, record: Record) -> Operation:
    """A HubSpot record that is nobody's partner any more clears the key, before it is stamped."""
    patch = Patch(fields={rules.key_field: None}, covers=(rules.key_field,))
    cleared = update(rules, link.id, Side.HUBSPOT, record, patch)
    return replace(cleared, stage=Stage.LINES, reason="another record carries its key now")


def continued(link: Link, item: Continued) -> Link:
    """The link as it goes on."""
    return replace(
        link,
        hubspot_id=item.hubspot_id,
        quickbooks_id=item.quickbooks_id,
        base_hubspot=_without(item.anew, {**link.base_hubspot, **item.hubspot}),
        base_quickbooks=_without(item.anew, {**link.base_quickbooks, **item.quickbooks}),
        status=LinkStatus.LIVE,
        reason=item.reason,
    )


def _without(names: Collection[str], values: Values) -> dict[str, Value]:
    return {name: value for name, value in values.items() if name not in names}


def doubled(link: Link, reason: str) -> Planned:
    """Two pairs became one and the same, merged on both sides: one of them is enough."""
    return Planned(ended=(Ended(link=link.id, reason=reason),))


def meeting(
    name: str, side: Side, survivor: str, link: Link, members: Mapping[str, Link]
) -> Planned:
    """
    Several pairs whose records on one side became one: nobody is written over anybody.

    `members` are the pairs by what their other halves are by now, in case these were merged too.
    """
    halves = {now: one.id_of(side.other) or "" for now, one in members.items()}
    partners = sorted(x if x == now else f"{x} (now {now})" for now, x in halves.items())
    message = (
        f"{side.shown} record {survivor} is the partner of {side.other.shown} records "
        f"{' and '.join(partners)} since a merge; nothing is written to any of them"
    )
    outcome = Outcome(
        side=Side.QUICKBOOKS,
        record_id=link.quickbooks_id or "",
        status=Status.CASE,
        code=PAIRS_MET,
        message=message,
        remedy="Merge those as well, or say which one stays the partner: ledgerbridge cases keep "
        f"{name} {side.other}:ID",
    )
    return Planned(outcomes=(outcome,))


def out_of_scope(
    rules: Rules, link: Link, hubspot: Record | None, reasons: Sequence[str]
) -> Planned | None:
    """
    A linked pair that no filter lets pass: frozen, or frozen and marked in HubSpot; None where it
    is to travel all the same (promise 10).
    """
    chosen = rules.definition.leaving_scope
    if chosen is LeavingScope.KEEP_SYNCING:
        return None
    frozen = filtered_out(Side.QUICKBOOKS, link.quickbooks_id or "", reasons, linked=True)
    if chosen is LeavingScope.FREEZE or hubspot is None:
        return frozen
    marked = _marking(rules, link, hubspot, {STATE_FIELD: OUT_OF_SCOPE}, "it left the filter")
    return frozen if marked is None else joined(frozen, _outside(marked))


def _outside(operation: Operation) -> Planned:
    """The base keeps what the state was, for the day on which the pair comes back."""
    return Planned(operations=(replace(operation, covers=()),))


def back_in_scope(rules: Rules, link: Link, hubspot: Record, planned: Planned) -> Planned:
    """The mark of a pair that came back goes, so that it ends as if it had never left."""
    if hubspot.fields.get(STATE_FIELD) != OUT_OF_SCOPE:
        return planned
    state = link.base_hubspot.get(STATE_FIELD)
    cleared = _marking(rules, link, hubspot, {STATE_FIELD: state}, "it is in the filter again")
    if cleared is None:
        return planned
    ours = [x for x in planned.operations if _writes_to(x, hubspot)]
    if not ours:
        return joined(planned, _outside(cleared))
    both = replace(
        ours[0],
        fields={**cleared.fields, **ours[0].fields},
        expected={**cleared.expected, **ours[0].expected},
    )
    operations = tuple(both if x is ours[0] else x for x in planned.operations)
    return replace(planned, operations=operations)


def _writes_to(operation: Operation, record: Record) -> bool:
    return (
        operation.kind is WriteKind.UPDATE
        and operation.side is Side.HUBSPOT
        and operation.record_id == record.id
    )
