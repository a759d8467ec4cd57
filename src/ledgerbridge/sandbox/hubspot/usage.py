"""How much of its limits an account has used: records, properties, pipelines, associations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ledgerbridge.sandbox.http import Response
from ledgerbridge.sandbox.hubspot.calls import Call, answer
from ledgerbridge.sandbox.hubspot.instants import iso, to_ms
from ledgerbridge.sandbox.hubspot.object_types import OBJECT_TYPES, ObjectType
from ledgerbridge.sandbox.hubspot.records import Record, Shelf
from ledgerbridge.sandbox.hubspot.state import PortalState

RECORDS_MAX, PIPELINES_MAX, CALCULATED_MAX, CUSTOM_TYPES_MAX = 15_000_000, 100, 200, 10
NEAR = 0.8
SAMPLES_MAX = 10


def records(call: Call) -> Response:
    """`GET /crm/limits/…/records`."""
    used = ((kind, len(call.state.shelf(kind).living())) for kind in OBJECT_TYPES)
    return answer(200, _both_kinds(_usage(kind, number, RECORDS_MAX) for kind, number in used))


def pipelines(call: Call) -> Response:
    """`GET /crm/limits/…/pipelines`."""
    deals = next(kind for kind in OBJECT_TYPES if kind.name == "deals")
    usage = _usage(deals, len(call.state.pipelines), PIPELINES_MAX)
    return answer(200, _both_kinds([usage]))


def custom_types(call: Call) -> Response:
    """`GET /crm/limits/…/custom-object-types`: there are none here."""
    return answer(200, {"limit": CUSTOM_TYPES_MAX, "usage": 0, "percentage": 0.0})


def custom_properties(call: Call) -> Response:
    """`GET /crm/limits/…/custom-properties`."""
    limit = call.state.switches.custom_properties_max
    used = [(kind, len(call.state.shelf(kind).own_properties())) for kind in OBJECT_TYPES]
    return answer(
        200,
        {
            "byObjectType": [_usage(kind, number, limit) for kind, number in used],
            **_overall(sum(number for _, number in used), limit * len(OBJECT_TYPES)),
        },
    )


def calculated_properties(call: Call) -> Response:
    """`GET /crm/limits/…/calculated-properties`."""
    used = [(kind, sum(_is_formula(call.state.shelf(kind)))) for kind in OBJECT_TYPES]
    by_type = [{**_named(kind), "usage": number} for kind, number in used]
    total = sum(number for _, number in used)
    return answer(200, {"byObjectType": by_type, **_overall(total, CALCULATED_MAX)})


def _is_formula(shelf: Shelf) -> Iterable[bool]:
    return (found.calculation_formula is not None for found in shelf.definitions.values())


def labels(call: Call) -> Response:
    """`GET /crm/limits/…/associations/labels`, of all pairs that have any or of one."""
    wanted = call.request.first("fromObjectTypeId"), call.request.first("toObjectTypeId")
    limit = call.state.switches.association_labels_max
    results = []
    for origin in OBJECT_TYPES:
        for target in OBJECT_TYPES:
            found = call.state.association_types.labels(origin.name, target.name)
            asked = all(
                given in {None, kind.type_id}
                for given, kind in zip(wanted, (origin, target), strict=True)
            )
            if found and asked:
                usage = {"limit": limit, **_share(len(found), limit)}
                ends = {"fromObjectType": _named(origin), "toObjectType": _named(target)}
                results.append({**ends, **usage, "allLabels": [one.label for one in found]})
    return answer(200, {"results": results})


def associations_from(call: Call) -> Response:
    """`GET /crm/limits/…/associations/records/from`: types with a limit, and whether it is near."""
    names = {from_type for from_type, _ in call.state.association_limits}
    kinds = [kind for kind in OBJECT_TYPES if kind.name in names]
    results = [{**_named(kind), **_reached(call.state, kind.name, None)} for kind in kinds]
    return answer(200, {"results": results})


def associations_to(call: Call) -> Response:
    """`GET /crm/limits/…/associations/records/{fromObjectTypeId}/to`."""
    origin = call.shelf("fromObjectTypeId").kind
    kinds = [kind for kind in OBJECT_TYPES if (origin.name, kind.name) in _limits(call.state)]
    results = [{**_named(kind), **_reached(call.state, origin.name, kind.name)} for kind in kinds]
    return answer(200, {"results": results})


def associations_between(call: Call) -> Response:
    """`GET /crm/limits/…/associations/records/{fromObjectTypeId}/{toObjectTypeId}`."""
    origin, target = call.shelf("fromObjectTypeId").kind, call.shelf("toObjectTypeId").kind
    limit = _limits(call.state).get((origin.name, target.name), RECORDS_MAX)
    full = _loads(call.state, origin.name, target.name, limit, 1.0)
    near = [
        one for one in _loads(call.state, origin.name, target.name, limit, NEAR) if one[1] < limit
    ]
    body = {
        "limit": limit,
        "totalRecordsAtLimit": len(full),
        "totalRecordsNearLimit": len(near),
        "atLimitFromRecordSamples": [_sample(record) for record, _ in full[:SAMPLES_MAX]],
        "nearLimitFromRecordSamples": [
            {**_sample(record), **_share(load, limit)} for record, load in near[:SAMPLES_MAX]
        ],
    }
    return answer(200, body)


def api_usage(call: Call) -> Response:
    """`GET /account-info/…/api-usage/daily/private-apps`."""
    state, today = call.state, call.state.today()
    zone = ZoneInfo(state.settings.time_zone)
    midnight = datetime.combine(today + timedelta(days=1), time(), zone)
    row = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": state.switches.daily_max,
        "currentUsage": state.calls_by_day[today],
        "collectedAt": iso(state.now_ms()),
        "fetchStatus": "SUCCESS",
        "resetsAt": iso(to_ms(midnight)),
    }
    return answer(200, {"results": [row]})


def _limits(state: PortalState) -> dict[tuple[str, str], int]:
    return state.association_limits


def _loads(
    state: PortalState, from_type: str, to_type: str, limit: int, share: float
) -> list[tuple[Record, int]]:
    """The records that have used at least so much of a limit, with their number of associates."""
    counted = (
        (record, len(state.linked(record, to_type)))
        for record in state.shelves[from_type].living()
        if to_type in record.links
    )
    return [(record, load) for record, load in counted if load and load >= share * limit]


def _reached(state: PortalState, from_type: str, to_type: str | None) -> dict[str, bool]:
    pairs = [
        (pair, limit)
        for pair, limit in state.association_limits.items()
        if pair[0] == from_type and to_type in {None, pair[1]}
    ]
    near = [load >= limit for pair, limit in pairs for _, load in _loads(state, *pair, limit, NEAR)]
    return {"hasRecordsAtLimit": any(near), "hasRecordsNearLimit": not all(near)}


def _sample(record: Record) -> dict[str, Any]:
    values = record.values
    label = values.get("hs_full_name_or_email") or values.get("name") or values.get("dealname")
    return {"objectId": record.number, "label": label or record.id}


def _named(kind: ObjectType) -> dict[str, Any]:
    singular = kind.label.capitalize()
    plural = kind.name.replace("_", " ").capitalize()
    return {"objectTypeId": kind.type_id, "singularLabel": singular, "pluralLabel": plural}


def _share(used: int, limit: int) -> dict[str, Any]:
    return {"usage": used, "percentage": round(100 * used / limit, 4) if limit else 100.0}


def _usage(kind: ObjectType, used: int, limit: int) -> dict[str, Any]:
    return {**_named(kind), "limit": limit, **_share(used, limit)}


def _overall(used: int, limit: int) -> dict[str, Any]:
    share = _share(used, limit)
    return {
        "overallLimit": limit,
        "overallUsage": used,
        "overallPercentage": share["percentage"],
    }


def _both_kinds(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    custom = {"byObjectType": [], **_overall(0, CUSTOM_TYPES_MAX)}
    return {"hubspotDefinedObjectTypes": list(rows), "customObjectTypes": custom}
