"""From a document to changed syncs: checked against both accounts, shown as a diff, applied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.connectors.port import Description
from ledgerbridge.core.definition import SyncDefinition
from ledgerbridge.core.filters import dump
from ledgerbridge.core.mapping import Mapping as FieldMapping
from ledgerbridge.core.model import Side
from ledgerbridge.core.order import SYNC_ORDER
from ledgerbridge.errors import ConfigError, UsageError
from ledgerbridge.service import descriptions
from ledgerbridge.service.config_file import (
    FILTERS,
    Document,
    SyncPart,
    filter_of,
    located,
    written,
    written_mapping,
)
from ledgerbridge.service.connecting import pair
from ledgerbridge.service.connectors import Workshop, hubspot_of, quickbooks_of
from ledgerbridge.service.describing import filter_in_words
from ledgerbridge.service.making_properties import NewProperty, missing, with_properties
from ledgerbridge.service.rules import (
    as_stored,
    check_definition,
    definition_of,
    start_of_today,
    time_zone_of,
)
from ledgerbridge.service.switching import heard_of_both, kept_frozen, named, switched_on
from ledgerbridge.store import connections, syncs
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.catalogue import KINDS, Preset, definitions

PLAIN_KEYS = (
    "direction",
    "rule",
    "deletions",
    "leaving_scope",
    "matching",
    "creates",
    "sub_customers",
    "owner",
    "entries",
    "event_type",
)


class ConfigChange(Struct, frozen=True, kw_only=True):
    """One difference: its place in the file, what is there now, what would be there."""

    place: str
    before: str | None
    after: str | None


class ConfigReport(Struct, frozen=True, kw_only=True):
    """
    The differences between a file and the set-up, the HubSpot properties that it needs and that
    are missing, and whether it was applied.
    """

    changes: tuple[ConfigChange, ...]
    properties: tuple[NewProperty, ...]
    applied: bool


async def ask_both(shop: Workshop) -> None:
    """Let both sides describe themselves now. Raises UsageError, CallFailed."""
    await shop.store.read(heard_of_both)
    by_side = pair(await shop.store.read(connections.every))
    for side, connector_of in ((Side.HUBSPOT, hubspot_of), (Side.QUICKBOOKS, quickbooks_of)):
        connector = await connector_of(shop, by_side[side])
        await descriptions.refresh(shop.store, by_side[side], connector, shop.clock.now())


def export(tx: Transaction) -> str:
    """The whole set-up as the text of a configuration file."""
    stored = {sync.name: sync for sync in syncs.every(tx)}
    ordered = [stored[name] for name in SYNC_ORDER if name in stored]
    return written(ordered, _preset_of(ordered))


def _preset_of(stored: list[syncs.Sync]) -> Preset | None:
    """The preset that these syncs follow to the letter, frozen instants aside."""
    for preset in Preset:
        wanted = definitions(preset)
        if stored and all(_follows(definition_of(one), wanted[one.name]) for one in stored):
            return preset
    return None


def _follows(definition: SyncDefinition, wanted: SyncDefinition) -> bool:
    filters = {"to_hubspot": wanted.to_hubspot, "to_quickbooks": wanted.to_quickbooks}
    return replace(definition, **filters) == wanted


def of_preset(preset: Preset) -> Document:
    """The document that sets all syncs to a preset."""
    return Document(preset=preset, syncs={name: SyncPart() for name in SYNC_ORDER})


def differences(tx: Transaction, document: Document, now: datetime) -> ConfigReport:
    """What would change. Raises ConfigError, UsageError."""
    changes = [
        change
        for before, after in _proposed(tx, document, now)
        for change in _changes(before, after)
    ]
    found = _missing(tx, document, now)
    return ConfigReport(changes=tuple(changes), properties=found, applied=False)


def _missing(tx: Transaction, document: Document, now: datetime) -> tuple[NewProperty, ...]:
    heard = heard_of_both(tx)
    found = {
        (one.object_type, one.name): one
        for _, after in _proposed(tx, document, now)
        for one in missing(
            definition_of(after),
            heard[Side.HUBSPOT],
            heard[Side.QUICKBOOKS],
            f"syncs.{after.name}",
        )
    }
    return tuple(found.values())


async def make_properties(shop: Workshop, new: Sequence[NewProperty]) -> None:
    """Make what a set-up needs in HubSpot. Raises CallFailed, UsageError where one is refused."""
    if not new:
        return
    connection = pair(await shop.store.read(connections.every))[Side.HUBSPOT]
    connector = await hubspot_of(shop, connection)
    ensured = await connector.ensure_properties([one.definition() for one in new])
    refused = [f"{one.object_type}.{one.name}: {one.message}" for one in ensured.problems]
    refused += [f"{one.what} {one.consequence}" for one in ensured.lacks]
    if refused:
        raise UsageError(f"Nothing was applied. HubSpot made no {'; '.join(refused)}")
    await descriptions.refresh(shop.store, connection, connector, shop.clock.now())


def apply(tx: Transaction, document: Document, now: datetime) -> ConfigReport:
    """Apply it as a whole. Raises ConfigError, UsageError; then nothing is applied."""
    report = differences(tx, document, now)
    for _, after in _proposed(tx, document, now):
        syncs.put(tx, after)
    return replace(report, applied=True)


def _proposed(
    tx: Transaction, document: Document, now: datetime
) -> list[tuple[syncs.Sync, syncs.Sync]]:
    """Each named sync as it is and as it would be."""
    heard = heard_of_both(tx)
    found = []
    for sync in named(tx, document.syncs):
        part = document.syncs[sync.name]
        try:
            found.append((sync, _proposed_sync(sync, part, document.preset, heard, now)))
        except ConfigError as problem:
            raise located(problem, document.lines) from None
    return found


def _proposed_sync(
    sync: syncs.Sync,
    part: SyncPart,
    preset: Preset | None,
    heard: dict[Side, Description],
    now: datetime,
) -> syncs.Sync:
    current = definition_of(sync)
    base = current if preset is None else definitions(preset)[sync.name]
    wanted = replace(base, **part.values)
    hubspot, quickbooks = heard[Side.HUBSPOT], heard[Side.QUICKBOOKS]
    new = missing(wanted, hubspot, quickbooks, f"syncs.{sync.name}")
    hubspot = with_properties(hubspot, new)
    heard = {**heard, Side.HUBSPOT: hubspot}
    if sync.enabled_at is not None:
        frozen_at = start_of_today(sync.enabled_at, time_zone_of(hubspot, quickbooks))
        kept = {
            name: kept_frozen(filter_of(wanted, name), filter_of(current, name), frozen_at)
            for name in FILTERS
        }
        wanted = replace(wanted, **kept)
    check_definition(wanted, hubspot, quickbooks, f"syncs.{sync.name}")
    enabled = sync.enabled if part.enabled is None else part.enabled
    proposed = replace(sync, definition=as_stored(wanted), enabled=enabled)
    return switched_on(proposed, heard, now) if enabled else proposed


def _changes(before: syncs.Sync, after: syncs.Sync) -> Iterator[ConfigChange]:
    old, new = definition_of(before), definition_of(after)
    for place, was, will in (*_plain(before, after), *_mappings(old, new)):
        if was != will:
            yield ConfigChange(place=f"syncs.{before.name}.{place}", before=was, after=will)


def _plain(before: syncs.Sync, after: syncs.Sync) -> Iterator[tuple[str, str, str]]:
    """Everything but the mappings: its place, what it is and what it would be."""
    old, new, kind = definition_of(before), definition_of(after), KINDS[before.name]
    yield "enabled", _in_words(before.enabled), _in_words(after.enabled)
    for key in PLAIN_KEYS:
        yield key, _in_words(getattr(old, key)), _in_words(getattr(new, key))
    for name, source in zip(FILTERS, (kind.quickbooks_type, kind.hubspot_type), strict=True):
        was, will = filter_of(old, name), filter_of(new, name)
        words = [filter_in_words(one, source, {}) for one in (was, will)]
        # Different filters can read alike: then their data is shown instead.
        if was != will and words[0] == words[1]:
            words = [_in_words(dump(was)), _in_words(dump(will))]
        yield f"filters.{name}", words[0], words[1]


def _mappings(
    old: SyncDefinition, new: SyncDefinition
) -> Iterator[tuple[str, str | None, str | None]]:
    """Mappings by name: whole ones that come or go, else each value."""
    was, will = ({one.name: one for one in each.mappings} for each in (old, new))
    for name in dict.fromkeys((*was, *will)):
        place = f"mappings[{name}]"
        if name in was and name in will:
            for key in FieldMapping.__struct_fields__:
                before, after = getattr(was[name], key), getattr(will[name], key)
                yield f"{place}.{key}", _in_words(before), _in_words(after)
        else:
            yield place, _whole(was.get(name)), _whole(will.get(name))


def _whole(mapping: FieldMapping | None) -> str | None:
    if mapping is None:
        return None
    shown = written_mapping(mapping)
    return ", ".join(f"{key}: {_in_words(value)}" for key, value in shown.items() if key != "name")


def _in_words(value: object) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        return ", ".join(map(str, value))
    return msgspec.json.encode(value).decode()
