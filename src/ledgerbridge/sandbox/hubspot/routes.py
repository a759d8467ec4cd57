"""The table of operations: method, path, what it is called in the counters, scopes, handler."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ledgerbridge.sandbox.http import Response
from ledgerbridge.sandbox.hubspot import (
    account,
    app_events,
    association_limits,
    associations,
    associations_v3,
    batch,
    currencies,
    objects,
    properties,
    search,
    usage,
)
from ledgerbridge.sandbox.hubspot.calls import Call
from ledgerbridge.sandbox.hubspot.errors import unknown_path, wrong_method
from ledgerbridge.sandbox.hubspot.scopes import (
    ANY_OBJECT,
    APP_EVENTS,
    CURRENCIES,
    OWNERS,
    TAX_RATES,
)

Handler = Callable[[Call], Response]


@dataclass(frozen=True, slots=True)
class Operation:
    """
    One row. `kind` names the call, with the object type added where the path has one. `scope` is
    `objects read`, `schemas write` and so on, or the scope itself, or empty. `family` is the limit
    that counts it.
    """

    method: str
    path: str
    kind: str
    scope: str
    handler: Handler
    family: str = "burst"


_OBJECTS = "/crm/objects/{v}/{objectType}"
_RECORD = f"{_OBJECTS}/{{objectId}}"
_END = "{toObjectType}/{toObjectId}"
_DEFAULT = "/crm/objects/{v}/{fromObjectType}/{fromObjectId}/associations/default"
_PAIR = "/crm/associations/{v}/{fromObjectType}/{toObjectType}"
_V3_PAIR = "/crm/associations/v3/{fromObjectType}/{toObjectType}"
_CONFIGURED = "/crm/associations/{v}/definitions/configurations"
_LIMITED = f"{_CONFIGURED}/{{fromObjectType}}/{{toObjectType}}"
_USAGE = "/crm/limits/{v}"
_LOADS = f"{_USAGE}/associations/records"
_RATES = "/settings/currencies/{v}/exchange-rates"
_PROPERTIES = "/crm/properties/{v}/{objectType}"
_PIPELINES = "/crm/pipelines/{v}/{objectType}"
_EVENTS = "/integrators/timeline/2026-03/events"
_READ, _WRITE = "objects read", "objects write"
_SEE, _DEFINE = "schemas read", "schemas write"
_LINKS = "associations"

OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", _OBJECTS, "list", _READ, objects.list_records),
    Operation("POST", _OBJECTS, "create", _WRITE, objects.create),
    Operation("POST", f"{_OBJECTS}/search", "search", _READ, search.search, "search"),
    Operation("POST", f"{_OBJECTS}/merge", "merge", _WRITE, objects.merge),
    Operation("POST", f"{_OBJECTS}/gdpr-delete", "erase", _WRITE, objects.privacy_delete),
    Operation("POST", f"{_OBJECTS}/batch/read", "batch read", _READ, batch.read),
    Operation("POST", f"{_OBJECTS}/batch/create", "batch create", _WRITE, batch.create),
    Operation("POST", f"{_OBJECTS}/batch/update", "batch update", _WRITE, batch.update),
    Operation("POST", f"{_OBJECTS}/batch/upsert", "batch upsert", _WRITE, batch.upsert),
    Operation("POST", f"{_OBJECTS}/batch/archive", "batch archive", _WRITE, batch.archive),
    Operation("GET", _RECORD, "read", _READ, objects.read),
    Operation("PATCH", _RECORD, "update", _WRITE, objects.update),
    Operation("DELETE", _RECORD, "archive", _WRITE, objects.archive),
    Operation(
        "GET",
        f"{_RECORD}/associations/{{toObjectType}}",
        "list associations",
        _READ,
        associations.list_associated,
        _LINKS,
    ),
    Operation(
        "PUT",
        f"{_RECORD}/associations/{_END}",
        "associate",
        _WRITE,
        associations.associate_labelled,
        _LINKS,
    ),
    Operation(
        "DELETE",
        f"{_RECORD}/associations/{_END}",
        "separate",
        _WRITE,
        associations.separate,
        _LINKS,
    ),
    Operation(
        "PUT",
        f"{_DEFAULT}/{_END}",
        "associate",
        _WRITE,
        associations.associate_default,
        _LINKS,
    ),
    Operation(
        "POST",
        f"{_PAIR}/batch/read",
        "batch read associations",
        _READ,
        associations.batch_read,
        _LINKS,
    ),
    Operation(
        "POST",
        f"{_PAIR}/batch/create",
        "batch associate",
        _WRITE,
        associations.batch_create,
        _LINKS,
    ),
    *(
        Operation(method, f"{_V3_PAIR}/{end}", kind, scope, handler, _LINKS)
        for method, end, kind, scope, handler in (
            ("GET", "types", "labels", _READ, associations_v3.list_types),
            ("POST", "batch/read", "batch read associations", _READ, associations_v3.batch_read),
            ("POST", "batch/create", "batch associate", _WRITE, associations_v3.batch_create),
            ("POST", "batch/archive", "batch separate", _WRITE, associations_v3.batch_archive),
        )
    ),
    Operation(
        "POST",
        f"{_PAIR}/batch/associate/default",
        "batch associate",
        _WRITE,
        associations.batch_associate_default,
        _LINKS,
    ),
    Operation(
        "POST",
        f"{_PAIR}/batch/archive",
        "batch separate",
        _WRITE,
        associations.batch_archive,
        _LINKS,
    ),
    Operation(
        "POST",
        f"{_PAIR}/batch/labels/archive",
        "batch separate",
        _WRITE,
        associations.batch_archive_labels,
        _LINKS,
    ),
    Operation("GET", f"{_PAIR}/labels", "labels", _READ, associations.list_labels, _LINKS),
    Operation("POST", f"{_PAIR}/labels", "labels", _WRITE, associations.create_label, _LINKS),
    Operation("PUT", f"{_PAIR}/labels", "labels", _WRITE, associations.update_label, _LINKS),
    Operation(
        "DELETE",
        f"{_PAIR}/labels/{{typeId}}",
        "labels",
        _WRITE,
        associations.delete_label,
        _LINKS,
    ),
    Operation("GET", _PROPERTIES, "properties", _SEE, properties.list_properties),
    Operation("POST", _PROPERTIES, "create property", _DEFINE, properties.create_property),
    Operation(
        "POST",
        f"{_PROPERTIES}/batch/create",
        "batch create properties",
        _DEFINE,
        properties.batch_create,
    ),
    Operation(
        "POST",
        f"{_PROPERTIES}/batch/read",
        "batch read properties",
        _SEE,
        properties.batch_read,
    ),
    Operation(
        "POST",
        f"{_PROPERTIES}/batch/archive",
        "batch archive properties",
        _DEFINE,
        properties.batch_archive,
    ),
    Operation("GET", f"{_PROPERTIES}/groups", "groups", _SEE, properties.list_groups),
    Operation("POST", f"{_PROPERTIES}/groups", "create group", _DEFINE, properties.create_group),
    Operation("GET", f"{_PROPERTIES}/groups/{{groupName}}", "groups", _SEE, properties.read_group),
    Operation(
        "PATCH",
        f"{_PROPERTIES}/groups/{{groupName}}",
        "update group",
        _DEFINE,
        properties.update_group,
    ),
    Operation(
        "DELETE",
        f"{_PROPERTIES}/groups/{{groupName}}",
        "archive group",
        _DEFINE,
        properties.archive_group,
    ),
    Operation("GET", f"{_PROPERTIES}/{{propertyName}}", "property", _SEE, properties.read_property),
    Operation(
        "PATCH",
        f"{_PROPERTIES}/{{propertyName}}",
        "update property",
        _DEFINE,
        properties.update_property,
    ),
    Operation(
        "DELETE",
        f"{_PROPERTIES}/{{propertyName}}",
        "archive property",
        _DEFINE,
        properties.archive_property,
    ),
    Operation("GET", _PIPELINES, "pipelines", _SEE, account.list_pipelines),
    Operation("GET", f"{_PIPELINES}/{{pipelineId}}", "pipelines", _SEE, account.read_pipeline),
    Operation("GET", f"{_PIPELINES}/{{pipelineId}}/stages", "pipelines", _SEE, account.list_stages),
    Operation(
        "GET",
        f"{_PIPELINES}/{{pipelineId}}/stages/{{stageId}}",
        "pipelines",
        _SEE,
        account.read_stage,
    ),
    Operation("GET", "/crm/owners/{v}", "owners", OWNERS, account.list_owners),
    Operation("GET", "/crm/owners/{v}/{ownerId}", "owners", OWNERS, account.read_owner),
    Operation("GET", "/account-info/{v}/details", "account info", "", account.details),
    Operation("GET", "/settings/currencies/{v}/codes", "currencies", CURRENCIES, currencies.codes),
    Operation(
        "GET",
        "/settings/currencies/{v}/company-currency",
        "currencies",
        CURRENCIES,
        currencies.company_currency,
    ),
    Operation("GET", _RATES, "exchange rates", CURRENCIES, currencies.list_rates),
    Operation("GET", f"{_RATES}/current", "exchange rates", CURRENCIES, currencies.current_rates),
    Operation("GET", f"{_RATES}/{{rateId}}", "exchange rates", CURRENCIES, currencies.read_rate),
    Operation("GET", f"{_CONFIGURED}/all", "association limits", "", association_limits.list_all),
    Operation("GET", _LIMITED, "association limits", _READ, association_limits.list_pair),
    *(
        Operation("POST", f"{_LIMITED}/batch/{verb}", "association limits", _WRITE, handler)
        for verb, handler in (
            ("create", association_limits.set_limits),
            ("update", association_limits.set_limits),
            ("purge", association_limits.purge),
        )
    ),
    *(
        Operation("GET", path, "usage", ANY_OBJECT, handler)
        for path, handler in (
            (f"{_USAGE}/records", usage.records),
            (f"{_USAGE}/pipelines", usage.pipelines),
            (f"{_USAGE}/custom-object-types", usage.custom_types),
            (f"{_USAGE}/custom-properties", usage.custom_properties),
            (f"{_USAGE}/calculated-properties", usage.calculated_properties),
            (f"{_USAGE}/associations/labels", usage.labels),
            (f"{_LOADS}/from", usage.associations_from),
            (f"{_LOADS}/{{fromObjectTypeId}}/to", usage.associations_to),
            (f"{_LOADS}/{{fromObjectTypeId}}/{{toObjectTypeId}}", usage.associations_between),
        )
    ),
    Operation(
        "GET",
        "/account-info/{v}/api-usage/daily/private-apps",
        "usage",
        "",
        usage.api_usage,
    ),
    Operation("POST", _EVENTS, "app event", APP_EVENTS, app_events.send),
    Operation("POST", f"{_EVENTS}/batch", "batch app events", APP_EVENTS, app_events.send_batch),
    Operation("GET", "/tax-rates/{v}/tax-rates", "tax rates", TAX_RATES, account.list_tax_rates),
    Operation(
        "GET",
        "/tax-rates/{v}/tax-rates/{taxRateGroupId}",
        "tax rates",
        TAX_RATES,
        account.read_tax_rate,
    ),
)

VERSION = re.compile(r"(?P<dated>20\d\d-(03|09)(-beta)?)\Z|v[1-4]\Z")

# Families of paths that the older versions spell otherwise: as they spell it, and as we do.
SPELLINGS: tuple[tuple[str, str], ...] = (
    *(
        (f"/crm/{{v}}/{family}", f"/crm/{family}/{{v}}")
        for family in ("objects", "properties", "pipelines", "owners", "associations", "limits")
    ),
    ("/settings/{v}/currencies", "/settings/currencies/{v}"),
)
_OLD_VERSION = "v[34]"
_SPELLED = tuple(
    (re.compile(rf"{old.replace('{v}', f'({_OLD_VERSION})')}(?=/|\Z)"), new.replace("{v}", r"\1"))
    for old, new in SPELLINGS
)


def canonical_path(path: str) -> str:
    """The dated form of a path: `/crm/v3/objects/x` becomes `/crm/objects/v3/x`."""
    for old, new in _SPELLED:
        if old.match(path) is not None:
            return old.sub(new, path, count=1)
    return path


@dataclass(slots=True)
class _Node:
    """One step of the tree of paths: the literal next steps, the named one, and the methods."""

    literal: dict[str, _Node] = field(default_factory=dict)
    named: _Node | None = None
    operations: dict[str, Operation] = field(default_factory=dict)


def _tree(operations: tuple[Operation, ...]) -> _Node:
    root = _Node()
    for operation in operations:
        node = root
        for segment in operation.path.strip("/").split("/"):
            if segment.startswith("{"):
                node.named = node.named or _Node()
                node = node.named
            else:
                node = node.literal.setdefault(segment, _Node())
        node.operations[operation.method] = operation
    return root


TREE = _tree(OPERATIONS)


def find(method: str, path: str) -> tuple[Operation, Mapping[str, str]]:
    """The operation of a canonical path and the named parts; raises 404 or 405."""
    segments = path.strip("/").split("/")
    known = False
    for node in _ends(TREE, segments):
        for verb, operation in node.operations.items():
            parts = _parts(operation, segments)
            if VERSION.match(parts.get("v", "v3")):
                known = True
                if verb == method:
                    return operation, parts
    raise wrong_method() if known else unknown_path()


def _ends(node: _Node, segments: list[str]) -> list[_Node]:
    """The nodes that a path can end at, literal steps before named ones."""
    nodes = [node]
    for segment in segments:
        literal = [one.literal[segment] for one in nodes if segment in one.literal]
        named = [one.named for one in nodes if one.named is not None and segment]
        nodes = literal + named
    return nodes


def _parts(operation: Operation, segments: list[str]) -> dict[str, str]:
    names = operation.path.strip("/").split("/")
    return {
        name.strip("{}"): segment
        for name, segment in zip(names, segments, strict=True)
        if name.startswith("{")
    }


def is_dated(parts: Mapping[str, str]) -> bool:
    """Whether the path names a dated version."""
    found = VERSION.match(parts.get("v", ""))
    return found is not None and found["dated"] is not None
