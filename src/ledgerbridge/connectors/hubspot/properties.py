"""Our own properties in a portal: defined by the caller, made where they are missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from msgspec import Struct

from ledgerbridge.connectors.hubspot import wire
from ledgerbridge.connectors.hubspot.answers import Busy, Rejected
from ledgerbridge.connectors.hubspot.api import Api
from ledgerbridge.connectors.hubspot.failures import Finding, finding_of
from ledgerbridge.connectors.port import Lack
from ledgerbridge.errors import Unauthorized

GROUP = wire.GroupInput("ledgerbridge", "Ledgerbridge")


class PropertyDefinition(Struct, frozen=True, kw_only=True):
    """
    A property of ours, in HubSpot's own terms.

    `type` and `field_type` are a pair that HubSpot allows (`string` and `text`, `number` and
    `number`, `bool` and `booleancheckbox`, `enumeration` and `select`, `datetime` and `date`).
    `options` are values and labels.
    """

    object_type: str
    name: str
    label: str
    type: str = "string"
    field_type: str = "text"
    unique: bool = False
    options: tuple[tuple[str, str], ...] = ()
    description: str = ""


class PropertyProblem(Struct, frozen=True, kw_only=True):
    """A property of ours that could not be made, or that is not as it must be."""

    object_type: str
    name: str
    code: str
    message: str
    remedy: str


class Ensured(Struct, frozen=True, kw_only=True):
    """What was made, what was there as it must be (as `contacts.ledgerbridge_key`), what failed."""

    created: tuple[str, ...] = ()
    existing: tuple[str, ...] = ()
    problems: tuple[PropertyProblem, ...] = ()
    lacks: tuple[Lack, ...] = ()


async def ensure(api: Api, definitions: Sequence[PropertyDefinition]) -> Ensured:
    """
    Make the properties that are missing. Raises `CallFailed`.

    A missing permission on one type is a lack; the other types go on.
    """
    by_type: dict[str, list[PropertyDefinition]] = {}
    for definition in definitions:
        by_type.setdefault(definition.object_type, []).append(definition)
    found = [await _ensure_type(api, name, some) for name, some in by_type.items()]
    return Ensured(
        created=tuple(one for part in found for one in part.created),
        existing=tuple(one for part in found for one in part.existing),
        problems=tuple(one for part in found for one in part.problems),
        lacks=tuple(one for part in found for one in part.lacks),
    )


async def _ensure_type(
    api: Api, object_type: str, definitions: Sequence[PropertyDefinition]
) -> Ensured:
    names = ", ".join(definition.name for definition in definitions)
    try:
        there = {row.name: row for row in await api.properties(object_type)}
        missing = [one for one in definitions if one.name not in there]
        made = await _make(api, object_type, missing) if missing else _Made((), {})
    except Unauthorized as refusal:
        if refusal.status != 403:
            raise
        consequence = f"The properties of {object_type} cannot be made: {names}."
        lack = Lack(refusal.message, consequence, refusal.remedy)
        return Ensured(lacks=(lack,))
    there |= {row.name: row for row in made.rows}
    return _compared(definitions, {one.name for one in missing}, there, made.findings)


class _Made(Struct, frozen=True):
    rows: tuple[wire.PropertyRow, ...]
    findings: dict[str, Finding]


async def _make(api: Api, object_type: str, missing: Sequence[PropertyDefinition]) -> _Made:
    # A group that is there already is refused; one that could not be made, the properties tell.
    with suppress(Rejected, Busy):
        await api.create_group(object_type, GROUP)
    try:
        answer = await api.create_properties(object_type, [_input(one) for one in missing])
    except (Rejected, Busy) as refusal:
        if len(missing) == 1:
            return _Made((), {missing[0].name: refusal.finding})
        parts = [await _make_one(api, object_type, one) for one in missing]
        rows = tuple(row for part in parts for row in part.rows)
        return _Made(rows, {name: one for part in parts for name, one in part.findings.items()})
    return _Made(answer.results, _findings(missing, answer))


async def _make_one(api: Api, object_type: str, definition: PropertyDefinition) -> _Made:
    """One at a time, once a whole batch was refused: the others are to go through."""
    try:
        answer = await api.create_properties(object_type, [_input(definition)])
    except (Rejected, Busy) as refusal:
        return _Made((), {definition.name: refusal.finding})
    return _Made(answer.results, _findings([definition], answer))


def _findings(
    missing: Iterable[PropertyDefinition], answer: wire.PropertyAnswer
) -> dict[str, Finding]:
    """Which problem of an answer is about which property: the problem names it somewhere."""
    findings: dict[str, Finding] = {}
    made = {row.name for row in answer.results}
    left = [one.name for one in missing if one.name not in made]
    for problem in answer.errors:
        named = {value for values in problem.context.values() for value in values}
        about = [name for name in left if name in named or f"'{name}'" in problem.message]
        findings |= dict.fromkeys(about or left, finding_of(problem))
    return findings


def _input(definition: PropertyDefinition) -> wire.PropertyInput:
    return wire.PropertyInput(
        name=definition.name,
        label=definition.label,
        type=definition.type,
        field_type=definition.field_type,
        group_name=GROUP.name,
        description=definition.description,
        has_unique_value=definition.unique,
        options=tuple(
            wire.Option(value, label, display_order=order)
            for order, (value, label) in enumerate(definition.options)
        ),
    )


def _compared(
    definitions: Iterable[PropertyDefinition],
    missing: set[str],
    there: dict[str, wire.PropertyRow],
    findings: dict[str, Finding],
) -> Ensured:
    created: list[str] = []
    existing: list[str] = []
    problems: list[PropertyProblem] = []
    for definition in definitions:
        row = there.get(definition.name)
        problem = _not_made(definition, findings) if row is None else _differs(definition, row)
        if problem is not None:
            problems.append(problem)
            continue
        full_name = f"{definition.object_type}.{definition.name}"
        (created if definition.name in missing else existing).append(full_name)
    return Ensured(created=tuple(created), existing=tuple(existing), problems=tuple(problems))


def _not_made(definition: PropertyDefinition, findings: dict[str, Finding]) -> PropertyProblem:
    finding = findings.get(definition.name)
    return PropertyProblem(
        object_type=definition.object_type,
        name=definition.name,
        code=finding.code if finding else "not_made",
        message=finding.message if finding else "HubSpot did not say what became of it.",
        remedy="Make it by hand in HubSpot, or connect again.",
    )


def _differs(definition: PropertyDefinition, row: wire.PropertyRow) -> PropertyProblem | None:
    """A property of our name that is not ours as it stands; an archived one may have come back."""
    wrong = []
    if row.type != definition.type:
        wrong.append(f"its type is {row.type} instead of {definition.type}")
    if row.has_unique_value != definition.unique:
        wrong.append("its values must be unique" if definition.unique else "its values are unique")
    if row.calculated or row.modification_metadata.read_only_value:
        wrong.append("it is read-only")
    if not wrong:
        return None
    return PropertyProblem(
        object_type=definition.object_type,
        name=definition.name,
        code="wrong_definition",
        message=f"{definition.object_type} has a property of this name, but {', '.join(wrong)}.",
        remedy="Delete it in HubSpot for good (also from the archived ones), then connect again.",
    )
