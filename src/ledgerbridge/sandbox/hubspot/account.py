"""What belongs to the account: its details, owners, currencies, tax rates and pipelines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ledgerbridge.sandbox.http import Response
from ledgerbridge.sandbox.hubspot.calls import Call, answer
from ledgerbridge.sandbox.hubspot.errors import error
from ledgerbridge.sandbox.hubspot.instants import iso
from ledgerbridge.sandbox.hubspot.state import Owner, Pipeline, Stage, TaxRate

LIMIT_DEFAULT, LIMIT_MAX = 100, 500


def details(call: Call) -> Response:
    """`GET /account-info/…/details`."""
    settings, now = call.state.settings, call.state.now()
    offset = now.astimezone(ZoneInfo(settings.time_zone)).utcoffset() or timedelta()
    minutes = int(offset / timedelta(minutes=1))
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    body = {
        "portalId": call.state.portal_id,
        "accountType": settings.account_type,
        "timeZone": settings.time_zone,
        "companyCurrency": settings.company_currency,
        "additionalCurrencies": list(settings.additional_currencies),
        "utcOffset": f"{sign}{hours:02}:{rest:02}",
        "utcOffsetMilliseconds": minutes * 60_000,
        "uiDomain": settings.ui_domain,
        "dataHostingLocation": settings.hosting_location,
    }
    return answer(200, body)


def list_owners(call: Call) -> Response:
    """`GET /crm/owners/…`, by e-mail or all."""
    limit, after = call.limit(LIMIT_DEFAULT, LIMIT_MAX), call.after()
    email, archived = call.request.first("email"), call.flag("archived")
    chosen = [
        owner
        for owner in call.state.owners.values()
        if owner.archived == archived
        and int(owner.id) >= after
        and (email is None or owner.email == email)
    ]
    body: dict[str, Any] = {"results": [_shown_owner(owner) for owner in chosen[:limit]]}
    if len(chosen) > limit:
        body["paging"] = {"next": {"after": chosen[limit].id}}
    return answer(200, body)


def read_owner(call: Call) -> Response:
    """`GET /crm/owners/…/{ownerId}`, by id or by user id."""
    given, by_user = call.parts["ownerId"], call.request.first("idProperty") == "userId"
    archived = call.flag("archived")
    for owner in call.state.owners.values():
        if owner.archived == archived and given == (str(owner.user_id) if by_user else owner.id):
            return answer(200, _shown_owner(owner))
    raise error(404, "resource not found")


def _shown_owner(owner: Owner) -> dict[str, Any]:
    return {
        "id": owner.id,
        "email": owner.email,
        "type": "PERSON",
        "firstName": owner.first_name,
        "lastName": owner.last_name,
        **({} if owner.archived else {"userId": owner.user_id}),
        "userIdIncludingInactive": owner.user_id,
        "createdAt": iso(owner.created_ms),
        "updatedAt": iso(owner.created_ms),
        "archived": owner.archived,
    }


def list_tax_rates(call: Call) -> Response:
    """`GET /tax-rates/…/tax-rates`."""
    wanted = call.request.first("active")
    results = [
        _shown_rate(rate)
        for rate in call.state.tax_rates.values()
        if wanted is None or rate.active == (wanted == "true")
    ]
    return answer(200, {"results": results})


def read_tax_rate(call: Call) -> Response:
    """`GET /tax-rates/…/tax-rates/{taxRateGroupId}`."""
    found = call.state.tax_rates.get(call.parts["taxRateGroupId"])
    if found is None:
        raise error(404, "resource not found")
    return answer(200, _shown_rate(found))


def _shown_rate(rate: TaxRate) -> dict[str, Any]:
    return {
        "name": rate.name,
        "percentageRate": float(rate.percentage),
        "label": rate.label,
        "active": rate.active,
        "id": rate.id,
        "createdAt": iso(rate.created_ms),
        "updatedAt": iso(rate.created_ms),
    }


def list_pipelines(call: Call) -> Response:
    """`GET /crm/pipelines/…/{objectType}`."""
    return answer(200, {"results": [_shown_pipeline(found) for found in _pipelines(call)]})


def read_pipeline(call: Call) -> Response:
    """`GET /crm/pipelines/…/{objectType}/{pipelineId}`."""
    return answer(200, _shown_pipeline(_pipeline(call)))


def list_stages(call: Call) -> Response:
    """`GET /crm/pipelines/…/{objectType}/{pipelineId}/stages`."""
    stages = enumerate(_pipeline(call).stages)
    return answer(200, {"results": [_shown_stage(order, stage) for order, stage in stages]})


def read_stage(call: Call) -> Response:
    """`GET /crm/pipelines/…/{objectType}/{pipelineId}/stages/{stageId}`."""
    wanted = call.parts["stageId"]
    for order, stage in enumerate(_pipeline(call).stages):
        if stage.id == wanted:
            return answer(200, _shown_stage(order, stage))
    raise error(404, "resource not found")


def _pipelines(call: Call) -> list[Pipeline]:
    return list(call.state.pipelines.values()) if call.shelf().kind.name == "deals" else []


def _pipeline(call: Call) -> Pipeline:
    wanted = call.parts["pipelineId"]
    found = next((one for one in _pipelines(call) if one.id == wanted), None)
    if found is None:
        raise error(404, "resource not found")
    return found


def _shown_pipeline(found: Pipeline) -> dict[str, Any]:
    return {
        "id": found.id,
        "label": found.label,
        "displayOrder": 0,
        "stages": [_shown_stage(order, stage) for order, stage in enumerate(found.stages)],
        "createdAt": iso(0),
        "updatedAt": iso(0),
        "archived": False,
    }


def _shown_stage(order: int, stage: Stage) -> dict[str, Any]:
    return {
        "id": stage.id,
        "label": stage.label,
        "displayOrder": order,
        "metadata": {"isClosed": str(stage.closed).lower(), "probability": stage.probability},
        "createdAt": iso(0),
        "updatedAt": iso(0),
        "archived": False,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
    }
