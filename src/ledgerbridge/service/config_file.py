"""
The set-up as a YAML file: reading it with a place and a line for everything wrong, writing it.

What a file does not name stays as it is. With `preset`, what a named sync does not say comes from
that preset. The shape is documented in docs/users/configuration.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

import msgspec
import yaml
from msgspec import Struct, field

from ledgerbridge.core.definition import (
    DeletionRule,
    Entries,
    LeavingScope,
    SubCustomers,
    SyncDefinition,
)
from ledgerbridge.core.filters import Filter, dump, parse
from ledgerbridge.core.guard import REMOVING
from ledgerbridge.core.mapping import Direction, Rule
from ledgerbridge.core.mapping import Mapping as FieldMapping
from ledgerbridge.core.order import SYNC_ORDER
from ledgerbridge.core.transforms import Transform, TransformKind
from ledgerbridge.errors import ConfigError
from ledgerbridge.service.rules import definition_of
from ledgerbridge.store.syncs import Sync
from ledgerbridge.syncs.catalogue import KINDS, Preset

SIZE_CHARACTERS_MAX = 1_000_000
WIDTH_COLUMNS = 100
WAYS_BACK = "In this version they go to HubSpot only. Use: to hubspot."
AROUND = re.compile(r"(\.[^.\[]*|\[\d+\]|^[^.\[]*)$")
Read = Callable[[Any, str], Any]


class SyncPart(Struct, frozen=True, kw_only=True):
    """What a file says of one sync: values of its definition by name, and whether it is on."""

    values: dict[str, Any] = field(default_factory=dict)
    enabled: bool | None = None


class Document(Struct, frozen=True, kw_only=True):
    """A whole file, checked for its shape; `lines` are line numbers by place."""

    syncs: dict[str, SyncPart]
    preset: Preset | None = None
    lines: dict[str, int] = field(default_factory=dict)


def read(text: str) -> Document:
    """The document of a file's text. Raises ConfigError with place, line and remedy."""
    data, lines = _loaded(text)
    try:
        return _document(data, lines)
    except ConfigError as problem:
        raise located(problem, lines) from None


def located(problem: ConfigError, lines: Mapping[str, int]) -> ConfigError:
    """The problem with the line of its place, or of the nearest one around it."""
    place = problem.place
    while place not in lines:
        around = AROUND.sub("", place)
        if around == place:
            return problem
        place = around
    where = f"{problem.place} (line {lines[place]})"
    return ConfigError(where, problem.problem, problem.remedy)


def _loaded(text: str) -> tuple[Any, dict[str, int]]:
    """The plain data of the text, and the line of every place in it."""
    if len(text) > SIZE_CHARACTERS_MAX:
        raise ConfigError("the file", f"it has more than {SIZE_CHARACTERS_MAX:,} characters.")
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                where = f"line {event.start_mark.line + 1}" if event.start_mark else "the file"
                raise ConfigError(where, "aliases are not read.", "Write it out.")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        lines = dict(_lines(node, "")) if node is not None else {}
        return yaml.safe_load(text), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}" if mark is not None else "the file"
        raise ConfigError(where, f"it is not YAML: {error.problem}.") from error
    except RecursionError as error:
        raise ConfigError("the file", "it is nested too deeply.") from error
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError("the file", f"it is not YAML: {error}.") from error


def _lines(node: yaml.Node, place: str) -> Iterator[tuple[str, int]]:
    """The line of each place. Raises ConfigError for a key given twice."""
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _lines(item, f"{place}[{number}]")
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            below = f"{place}.{key.value}" if place else str(key.value)
            if below in seen:
                raise ConfigError(f"{below} (line {line})", "it is given twice.", "Keep one.")
            seen.add(below)
            yield from _lines(value, below)
            yield below, line


def _document(data: Any, lines: dict[str, int]) -> Document:
    top = _keys(data, ("preset", "syncs"), "")
    preset = _choice(Preset)(top["preset"], "preset") if top.get("preset") is not None else None
    if "syncs" not in top:
        raise ConfigError(
            "syncs",
            "it is missing.",
            "Name the syncs to change; for a preset alone use: ledgerbridge config preset NAME",
        )
    syncs = _keys(top["syncs"], SYNC_ORDER, "syncs")
    return Document(
        preset=preset,
        syncs={name: _sync_part(name, part, f"syncs.{name}") for name, part in syncs.items()},
        lines=lines,
    )


def _sync_part(name: str, data: Any, place: str) -> SyncPart:
    given = _keys({} if data is None else data, ("enabled", "filters", *SYNC_READERS), place)
    for key in set(OF_SYNCS) & set(given) - set(_own_keys(name)):
        remedy = f"It is for {' and '.join(OF_SYNCS[key])}."
        raise ConfigError(f"{place}.{key}", f"{name} has no such key.", remedy)
    values = {
        key: SYNC_READERS[key](value, f"{place}.{key}")
        for key, value in given.items()
        if key in SYNC_READERS
    }
    filters = _keys(given.get("filters") or {}, FILTERS, f"{place}.filters")
    values |= {key: parse(value, f"{place}.filters.{key}") for key, value in filters.items()}
    _check_key(name, values.get("mappings"), f"{place}.mappings")
    _check_deletions(name, values.get("deletions"), f"{place}.deletions")
    _check_matching(name, values.get("matching", ()), f"{place}.matching")
    direction = values.get("direction", Direction.TO_HUBSPOT)
    one_way = KINDS[name].defaults.direction is Direction.TO_HUBSPOT
    if one_way and direction is not Direction.TO_HUBSPOT:
        raise ConfigError(f"{place}.direction", f"{name} cannot go {direction}.", WAYS_BACK)
    enabled = _truth(given["enabled"], f"{place}.enabled") if "enabled" in given else None
    return SyncPart(values=values, enabled=enabled)


def _own_keys(name: str) -> list[str]:
    """The keys that only some syncs have, of this one."""
    return [key for key, names in OF_SYNCS.items() if name in names]


def _check_key(name: str, mappings: tuple[FieldMapping, ...] | None, place: str) -> None:
    """Without its key a pair could not be recognised after a crash (engine.md, keys)."""
    kind = KINDS[name]
    mine = next(one for one in kind.defaults.mappings if one.hubspot == (kind.key_property,))
    if mappings is not None and mine not in mappings:
        key = yaml.safe_dump(written_mapping(mine), default_flow_style=True, sort_keys=False)
        problem = f"the mapping {mine.name!r} is missing or changed, by which pairs are recognised."
        raise ConfigError(place, problem, f"Keep it as it is: {key.strip()}")


def _check_deletions(name: str, rule: DeletionRule | None, place: str) -> None:
    if rule is DeletionRule.ARCHIVE and name not in REMOVING:
        problem = f"of {name} nothing is archived: mirrors are voided or withdrawn."
        raise ConfigError(place, problem, "Use mark or nothing.")


def _check_matching(name: str, matching: tuple[str, ...], place: str) -> None:
    for position, key in enumerate(matching):
        if key not in KINDS[name].matching:
            allowed = ", ".join(KINDS[name].matching)
            problem = f"{name} cannot be matched by {key!r}."
            raise ConfigError(f"{place}[{position}]", problem, f"Use some of: {allowed}.")


def _keys(data: Any, known: tuple[str, ...], place: str) -> dict[str, Any]:
    """A mapping with known keys only."""
    if not isinstance(data, dict):
        problem = "it is no mapping of keys to values."
        raise ConfigError(place or "the file", problem, f"Give the keys {', '.join(known)}.")
    for key in data:
        if key not in known:
            near = get_close_matches(str(key), known, n=2)
            hint = f"Did you mean {' or '.join(near)}? " if near else ""
            remedy = f"{hint}Known keys: {', '.join(known)}."
            here = f"{place}.{key}" if place else str(key)
            raise ConfigError(here, f"the key {key!r} is unknown.", remedy)
    return data


def _truth(data: Any, place: str) -> bool:
    if not isinstance(data, bool):
        raise ConfigError(place, f"{data!r} is neither true nor false.", "Use true or false.")
    return data


def _text(data: Any, place: str) -> str:
    if not isinstance(data, str) or not data.strip():
        raise ConfigError(place, f"{data!r} is no text.", "Give a name.")
    return data


def _owner(data: Any, place: str) -> str:
    """An address or an id, which may look like a number; nothing for nobody."""
    if isinstance(data, int) and not isinstance(data, bool):
        return str(data)
    return "" if data in (None, "") else _text(data, place).strip()


def _names(data: Any, place: str) -> tuple[str, ...]:
    """One name, or a list of them."""
    if isinstance(data, str):
        return (_text(data, place),)
    if not isinstance(data, list):
        raise ConfigError(place, f"{data!r} is neither a name nor a list of names.", "Give one.")
    return tuple(_text(one, f"{place}[{position}]") for position, one in enumerate(data))


def _transforms(data: Any, place: str) -> tuple[Transform, ...]:
    """A list of steps, each with its kind and what that kind is told by."""
    if not isinstance(data, list):
        raise ConfigError(place, "it is no list.", "Start each step with a dash and its kind.")
    return tuple(_transform(one, f"{place}[{position}]") for position, one in enumerate(data))


def _transform(data: Any, place: str) -> Transform:
    given = _keys(data, Transform.__struct_fields__, place)
    if "kind" not in given:
        raise ConfigError(f"{place}.kind", "it is missing.", "Give the kind of the step.")
    kind = _choice(TransformKind)(given["kind"], f"{place}.kind")
    values = given.get("values", {})
    if not isinstance(values, dict) or not all(_plain(x) for pair in values.items() for x in pair):
        raise ConfigError(f"{place}.values", "it is no mapping of texts.", "Quote each value.")
    for key in ("text", "factor"):
        if not _plain(given.get(key, "")):
            raise ConfigError(f"{place}.{key}", f"{given[key]!r} is no text.", "Quote it.")
    digits = given.get("digits")
    if digits is not None and (not isinstance(digits, int) or isinstance(digits, bool)):
        raise ConfigError(f"{place}.digits", f"{digits!r} is no number.", "Give 0 to 10.")
    return Transform(
        kind=kind,
        text=str(given.get("text", "")),
        values={str(theirs): str(ours) for theirs, ours in values.items()},
        factor=str(given.get("factor", "")),
        digits=digits,
    )


def _plain(data: Any) -> bool:
    """A text or a number; YAML reads an unquoted yes as something else."""
    return isinstance(data, str | int | float) and not isinstance(data, bool)


def _choice(kind: type[StrEnum]) -> Read:
    """Reads one of the words of an enumeration."""
    words = [member.value for member in kind]

    def read_choice(data: Any, place: str) -> StrEnum:
        if data not in words:
            near = get_close_matches(str(data), words, n=1)
            hint = f"Did you mean {near[0]}? " if near else ""
            remedy = f"{hint}Allowed: {', '.join(words)}."
            raise ConfigError(place, f"{data!r} is not allowed here.", remedy)
        return kind(data)

    return read_choice


def _reader_of(kind: Any) -> Read:
    """How a value of a mapping's field is read, by the field's type."""
    if kind is bool:
        return _truth
    if kind is str:
        return _text
    members = [one for one in getattr(kind, "__args__", (kind,)) if isinstance(one, type)]
    choices = [one for one in members if issubclass(one, StrEnum)]
    return _choice(choices[0]) if choices else _names


MAPPING_FIELDS = msgspec.structs.fields(FieldMapping)
MAPPING_READERS: dict[str, Read] = {one.name: _reader_of(one.type) for one in MAPPING_FIELDS}
MAPPING_READERS["transforms"] = _transforms
FIELD_NAMES = ("hubspot", "quickbooks")
MAPPING_NEEDS = tuple(one.name for one in MAPPING_FIELDS if one.required)


def _mappings(data: Any, place: str) -> tuple[FieldMapping, ...]:
    if not isinstance(data, list):
        raise ConfigError(place, "it is no list.", "Start each mapping with a dash.")
    return tuple(_mapping(one, f"{place}[{position}]") for position, one in enumerate(data))


def _mapping(data: Any, place: str) -> FieldMapping:
    given = _keys(data, tuple(MAPPING_READERS), place)
    for key in MAPPING_NEEDS:
        if key not in given:
            needed = ", ".join(MAPPING_NEEDS)
            raise ConfigError(f"{place}.{key}", "it is missing.", f"A mapping needs {needed}.")
    return FieldMapping(
        **{key: MAPPING_READERS[key](value, f"{place}.{key}") for key, value in given.items()}
    )


FILTERS = ("to_hubspot", "to_quickbooks")
OF_SYNCS = {
    "creates": ("contacts", "companies", "products"),
    "sub_customers": ("contacts",),
    "owner": ("contacts", "companies"),
    "entries": ("timeline",),
    "event_type": ("timeline",),
    "leaving_scope": ("contacts", "companies", "products", "invoices"),
}
SYNC_READERS: dict[str, Read] = {
    "direction": _choice(Direction),
    "rule": _choice(Rule),
    "deletions": _choice(DeletionRule),
    "leaving_scope": _choice(LeavingScope),
    "matching": _names,
    "creates": _truth,
    "sub_customers": _choice(SubCustomers),
    "owner": _owner,
    "entries": _choice(Entries),
    "event_type": _text,
    "mappings": _mappings,
}


def written(syncs: list[Sync], preset: Preset | None) -> str:
    """The set-up as the text of a file that `read` takes."""
    top: dict[str, Any] = {} if preset is None else {"preset": preset.value}
    top["syncs"] = {sync.name: _written_sync(sync) for sync in syncs}
    body = yaml.safe_dump(top, sort_keys=False, allow_unicode=True, width=WIDTH_COLUMNS)
    return "# Apply with: ledgerbridge config apply FILE\n" + body


def _written_sync(sync: Sync) -> dict[str, Any]:
    definition = definition_of(sync)
    return {
        "enabled": sync.enabled,
        "direction": definition.direction.value,
        "rule": definition.rule.value,
        "deletions": definition.deletions.value,
        "matching": list(definition.matching),
        **{key: msgspec.to_builtins(getattr(definition, key)) for key in _own_keys(sync.name)},
        "filters": {name: dump(filter_of(definition, name)) for name in FILTERS},
        "mappings": [written_mapping(mapping) for mapping in definition.mappings],
    }


def filter_of(definition: SyncDefinition, name: str) -> Filter:
    """The filter with this key of the file."""
    return definition.to_hubspot if name == FILTERS[0] else definition.to_quickbooks


def written_mapping(mapping: FieldMapping) -> dict[str, Any]:
    """One mapping as a file has it: what is not at its default, and always the direction."""
    shown: dict[str, Any] = {}
    for one in MAPPING_FIELDS:
        value = getattr(mapping, one.name)
        if one.required or one.name == "direction" or value != one.default:
            plain = msgspec.to_builtins(value)
            alone = one.name in FIELD_NAMES and len(value) == 1
            shown[one.name] = plain[0] if alone else plain
    return shown
