"""
Links and observations in, ordered operations with reasons out.

What every sync has in common; `ledgerbridge.syncs` adds what the records of one sync mean. Pure:
the same record, partner, link and rules always give the same plan.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct, field

from ledgerbridge.core.definition import SyncDefinition
from ledgerbridge.core.filters import Excluded, evaluate
from ledgerbridge.core.mapping import CompiledMapping, Unconvertible
from ledgerbridge.core.merge import Decision, Patch, creation, decide
from ledgerbridge.core.model import Link, Record, Side, Value, link_id
from ledgerbridge.core.order import Stage, waits_for
from ledgerbridge.core.plan import (
    Held,
    MadeLink,
    Moved,
    Operation,
    Outcome,
    Planned,
    Pointer,
    Status,
    WriteKind,
)
from ledgerbridge.core.schema import ObjectSchema

KEY_FIELD = "ledgerbridge_key"
OWNER_FIELD = "hubspot_owner_id"
STATE_FIELD = "ledgerbridge_state"
STAGES = {Side.QUICKBOOKS: Stage.QUICKBOOKS, Side.HUBSPOT: Stage.HUBSPOT}
NOTHING = Planned()


class Rules(Struct, frozen=True, kw_only=True):
    """
    Everything about one sync that a plan depends on, compiled once.

    `sync` is the sync's id in this installation; `name` says which of the syncs it is. `terms` are
    the names of payment terms by id. `as_of` is today in the company's time
    zone, as ISO text. `observed` is the QuickBooks entity that is read for it, and
    `key_field` the HubSpot property with our key.
    """

    sync: str
    definition: SyncDefinition
    mappings: tuple[CompiledMapping, ...]
    schemas: dict[str, ObjectSchema]
    hubspot_type: str
    quickbooks_type: str
    time_zone: str
    currencies: tuple[str, ...]
    enabled_at: str = ""
    terms: dict[str, str] = field(default_factory=dict)
    as_of: str = ""
    observed: str = ""
    key_field: str = KEY_FIELD

    @property
    def name(self) -> str:
        """The sync's name."""
        return self.definition.name

    def object_type(self, side: Side) -> str:
        """The vendor's word for this sync's records on one side."""
        return self.hubspot_type if side is Side.HUBSPOT else self.quickbooks_type


Associated = Callable[[str], Sequence[Record]]


def nothing_associated(association: str) -> Sequence[Record]:
    """For records whose filter looks at no association."""
    return ()


def why_excluded(
    rules: Rules, to: Side, record: Record, associated: Associated = nothing_associated
) -> tuple[str, ...]:
    """The reasons why a record may not travel to a side; empty when it may."""
    if not rules.definition.travels(to):
        return (f"this sync does not write to {to.shown}",)
    schema = rules.schemas[rules.object_type(to.other)]
    chosen = rules.definition.filter_to(to)
    verdict = evaluate(chosen, record, schema, associated, rules.schemas)
    return verdict.reasons if isinstance(verdict, Excluded) else ()


def plan_pair(
    rules: Rules,
    link: Link,
    hubspot: Record,
    quickbooks: Record,
) -> Planned:
    """What a linked pair needs: at most one update per side, base moves, fields that cannot go."""
    decision = decide(link, hubspot, quickbooks, rules.mappings, rules.definition.rule)
    records = {Side.HUBSPOT: hubspot, Side.QUICKBOOKS: quickbooks}
    operations = tuple(
        update(rules, link.id, side, records[side], patch)
        for side, patch in decision.patches.items()
    )
    return Planned(
        operations=operations,
        moved=_moved(link.id, decision),
        outcomes=problem_outcomes(Side.QUICKBOOKS, quickbooks.id, decision.problems)
        or _held_outcomes(rules, quickbooks.id, decision),
        held=_held(link, hubspot, quickbooks, decision),
    )


def _held_outcomes(rules: Rules, record_id: str, decision: Decision) -> tuple[Outcome, ...]:
    """The standing of a pair with fields that wait for a person; the others travel."""
    if not decision.held:
        return ()
    names = ", ".join(one.mapping for one in decision.held)
    return (
        Outcome(
            side=Side.QUICKBOOKS,
            record_id=record_id,
            status=Status.CASE,
            code="both_changed",
            message=f"both sides changed {names}: it waits for a person, all else travels",
            remedy=f"ledgerbridge conflicts show {rules.name} quickbooks:{record_id}",
        ),
    )


def _held(link: Link, hubspot: Record, quickbooks: Record, decision: Decision) -> tuple[Held, ...]:
    if not decision.held:
        return ()
    return (
        Held(
            link=link.id,
            hubspot_id=hubspot.id,
            quickbooks_id=quickbooks.id,
            conflicts=decision.held,
        ),
    )


def update(rules: Rules, link: str, side: Side, record: Record, patch: Patch) -> Operation:
    """The operation that writes one patch to one existing record."""
    return Operation(
        sync=rules.sync,
        link=link,
        side=side,
        object_type=rules.object_type(side),
        kind=WriteKind.UPDATE,
        stage=STAGES[side],
        record_id=record.id,
        version=record.version,
        fields=patch.fields,
        expected={name: record.fields.get(name) for name in patch.fields},
        covers=patch.covers,
        sources=patch.sources,
        losses=patch.losses,
        decided=patch.decided,
        reason="changed on " + side.other.shown,
    )


def _moved(link: str, decision: Decision) -> tuple[Moved, ...]:
    if not decision.moved:
        return ()
    moved = decision.moved
    return (
        Moved(
            link=link,
            hubspot=moved.get(Side.HUBSPOT, {}),
            quickbooks=moved.get(Side.QUICKBOOKS, {}),
        ),
    )


def plan_match(
    rules: Rules, hubspot: Record, quickbooks: Record, reason: str, generation: int = 1
) -> Planned:
    """Two records that were found to be one thing: a link, and what the first match decides."""
    made = MadeLink(
        link=link_id(rules.sync, Side.QUICKBOOKS, quickbooks.id, generation),
        hubspot_id=hubspot.id,
        quickbooks_id=quickbooks.id,
        reason=reason,
        generation=generation,
    )
    fresh = Link(id=made.link, hubspot_id=hubspot.id, quickbooks_id=quickbooks.id)
    planned = plan_pair(rules, fresh, hubspot, quickbooks)
    return Planned(
        links=(made,),
        operations=planned.operations,
        moved=planned.moved,
        outcomes=planned.outcomes,
        held=planned.held,
    )


def owned(rules: Rules) -> dict[str, Value]:
    """Who owns a record made in HubSpot, if the set-up names one: set then, never changed after."""
    owner = rules.definition.owner
    return {OWNER_FIELD: owner} if owner else {}


def plan_creation(
    rules: Rules,
    to: Side,
    source: Record,
    *,
    extra: dict[str, Value] | None = None,
    points: tuple[Pointer, ...] = (),
    generation: int = 1,
    reason: str = "",
) -> Planned:
    """
    The creation of a partner for one record, with what cannot travel to it.

    `extra` goes before what the mappings say.
    """
    patch, problems = creation(to, source, rules.mappings)
    fields = {**patch.fields, **(extra or {})}
    operation = Operation(
        sync=rules.sync,
        link=link_id(rules.sync, to.other, source.id, generation),
        side=to,
        object_type=rules.object_type(to),
        kind=WriteKind.CREATE,
        stage=STAGES[to],
        fields=fields,
        covers=patch.covers,
        sources=patch.sources,
        points=points,
        partner=source.id,
        generation=generation,
        key_field=rules.key_field if to is Side.HUBSPOT else None,
        reason=reason or f"no partner on {to.shown} yet",
    )
    outcomes = problem_outcomes(to.other, source.id, problems)
    return Planned(operations=(operation,), outcomes=outcomes)


def excluded(
    side: Side,
    record_id: str,
    code: str,
    message: str,
    remedy: str = "",
    *,
    until: str | None = None,
) -> Planned:
    """A record that is left out, with its reason; the key `until` has it looked at again."""
    outcome = Outcome(
        side=side,
        record_id=record_id,
        status=Status.EXCLUDED,
        code=code,
        message=message,
        remedy=remedy,
        blocked_on=until,
    )
    return Planned(outcomes=(outcome,))


def filtered_out(side: Side, record_id: str, reasons: Sequence[str], *, linked: bool) -> Planned:
    """A record outside the filter; a linked pair keeps its link and freezes (promise 10)."""
    message = "; ".join(reasons)
    if linked:
        frozen = f"left the filter, so the pair is frozen: {message}"
        return excluded(side, record_id, "left_scope", frozen)
    return excluded(side, record_id, "filtered_out", message)


def blocked(side: Side, record_id: str, on: str, message: str, remedy: str = "") -> Planned:
    """A record that waits for another one; `on` is the key that wakes it."""
    outcome = Outcome(
        side=side,
        record_id=record_id,
        status=Status.BLOCKED,
        code="waits_for_parent",
        message=message,
        remedy=remedy,
        blocked_on=on,
    )
    return Planned(outcomes=(outcome,))


def waits_to_lean(sync: str, record_id: str, on: str) -> Outcome:
    """The standing of a QuickBooks record that is attached to a link that does not exist yet."""
    return Outcome(
        side=Side.QUICKBOOKS,
        record_id=record_id,
        status=Status.BLOCKED,
        code="waits_for_parent",
        message=f"waits for record {on}, whose pair it shares",
        blocked_on=waits_for(sync, on),
    )


def failing(side: Side, record_id: str, code: str, message: str, remedy: str = "") -> Planned:
    """A record that cannot go as it is, found out before asking the other side."""
    outcome = Outcome(
        side=side,
        record_id=record_id,
        status=Status.FAILING,
        code=code,
        message=message,
        remedy=remedy,
    )
    return Planned(outcomes=(outcome,))


def problem_outcomes(
    side: Side, record_id: str, problems: Sequence[Unconvertible]
) -> tuple[Outcome, ...]:
    """Fields that cannot travel: the record goes without them, and says so."""
    if not problems:
        return ()
    first = problems[0]
    return (
        Outcome(
            side=side,
            record_id=record_id,
            status=Status.FAILING,
            code=first.code,
            message="; ".join(problem.message for problem in problems),
            remedy=first.remedy,
        ),
    )


def joined(*plans: Planned) -> Planned:
    """Several plans as one, in their order."""
    return Planned(
        operations=tuple(x for plan in plans for x in plan.operations),
        links=tuple(x for plan in plans for x in plan.links),
        moved=tuple(x for plan in plans for x in plan.moved),
        attached=tuple(x for plan in plans for x in plan.attached),
        ended=tuple(x for plan in plans for x in plan.ended),
        continued=tuple(x for plan in plans for x in plan.continued),
        outcomes=tuple(x for plan in plans for x in plan.outcomes),
        held=tuple(x for plan in plans for x in plan.held),
        look_again_at=tuple(x for plan in plans for x in plan.look_again_at),
    )
