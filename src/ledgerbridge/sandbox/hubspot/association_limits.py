"""How many associated records a record may have: limits that people set for a pair of types."""

from __future__ import annotations

from typing import Any

from ledgerbridge.sandbox.http import Response
from ledgerbridge.sandbox.hubspot import linking
from ledgerbridge.sandbox.hubspot.association_types import HUBSPOT_DEFINED
from ledgerbridge.sandbox.hubspot.calls import Call, answer, batch_answer
from ledgerbridge.sandbox.hubspot.errors import invalid
from ledgerbridge.sandbox.hubspot.object_types import BY_NAME
from ledgerbridge.sandbox.hubspot.wire import LimitBatch, LimitPurge

Pair = tuple[str, str]


def list_all(call: Call) -> Response:
    """`GET /crm/associations/…/definitions/configurations/all`."""
    return answer(200, {"results": [_shown(call, pair) for pair in call.state.association_limits]})


def list_pair(call: Call) -> Response:
    """`GET …/definitions/configurations/{fromObjectType}/{toObjectType}`."""
    pair = _pair(call)
    known = call.state.association_limits
    return answer(200, {"results": [_shown(call, pair)] if pair in known else []})


def set_limits(call: Call) -> Response:
    """`POST …/{fromObjectType}/{toObjectType}/batch/create` and `…/batch/update`."""
    pair, inputs = _pair(call), call.body(LimitBatch).inputs
    _check_types(call, pair, [one.type_id for one in inputs])
    if any(one.max_to_object_ids < 1 for one in inputs):
        raise invalid("maxToObjectIds must be at least 1")
    for one in inputs:
        call.state.association_limits[pair] = one.max_to_object_ids
    return batch_answer(call, [_shown(call, pair) for _ in inputs], [])


def purge(call: Call) -> Response:
    """`POST …/batch/purge`: ends the limits of these types."""
    pair, inputs = _pair(call), call.body(LimitPurge).inputs
    _check_types(call, pair, [one.type_id for one in inputs])
    if inputs:
        call.state.association_limits.pop(pair, None)
    return answer(204)


def _pair(call: Call) -> Pair:
    return call.shelf("fromObjectType").kind.name, call.shelf("toObjectType").kind.name


def _check_types(call: Call, pair: Pair, type_ids: list[int]) -> None:
    """Raises 400 for a label: what is limited is how many records a pair of types joins."""
    default = linking.default_type(call.state, *pair)
    for type_id in type_ids:
        if type_id != default.type_id:
            raise linking.invalid_type(str(type_id), *pair)


def _shown(call: Call, pair: Pair) -> dict[str, Any]:
    found = linking.default_type(call.state, *pair)
    return {
        "typeId": found.type_id,
        "category": HUBSPOT_DEFINED,
        "label": None,
        "fromObjectTypeId": BY_NAME[pair[0]].type_id,
        "toObjectTypeId": BY_NAME[pair[1]].type_id,
        "userEnforcedMaxToObjectIds": call.state.association_limits[pair],
    }
