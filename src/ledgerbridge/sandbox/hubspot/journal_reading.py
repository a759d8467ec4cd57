"""The operations on the webhooks journal: reading, subscriptions, filters, snapshots."""

from __future__ import annotations

from typing import Any

from ledgerbridge.sandbox.http import Response
from ledgerbridge.sandbox.hubspot.app_calls import AppCall
from ledgerbridge.sandbox.hubspot.calls import answer
from ledgerbridge.sandbox.hubspot.errors import error, invalid
from ledgerbridge.sandbox.hubspot.instants import iso
from ledgerbridge.sandbox.hubspot.journal import Page
from ledgerbridge.sandbox.hubspot.journal_subscriptions import (
    JournalFilter,
    JournalSubscription,
    NewFilter,
    NewSubscription,
    filter_problem,
    problem_of,
)
from ledgerbridge.sandbox.hubspot.object_types import BY_NAME
from ledgerbridge.sandbox.hubspot.wire import Wire

BATCH_MAX = 100


class Offsets(Wire):
    """Offsets of pages to read."""

    inputs: list[str]


class SnapshotRequest(Wire):
    """A record whose values are to be put into the journal."""

    portal_id: int
    object_id: int
    object_type_id: str
    properties: list[str]


class SnapshotRequests(Wire):
    """Records to put into the journal."""

    snapshot_requests: list[SnapshotRequest]


def read_end(call: AppCall) -> Response:
    """`GET …/earliest` and `…/latest`; 204 where the journal is empty."""
    pages = call.journal.pages(_portal_id(call))
    if not pages:
        return answer(204)
    return answer(200, _linked(call, pages[0 if call.parts["end"] == "earliest" else -1]))


def read_next(call: AppCall) -> Response:
    """`GET …/offset/{offset}/next`; 204 where nothing came after it yet."""
    pages = _after(call, call.parts["offset"])
    return answer(200, _linked(call, pages[0])) if pages else answer(204)


def batch_end(call: AppCall) -> Response:
    """`GET …/batch/earliest/{count}` and `…/batch/latest/{count}`, oldest first."""
    pages, count = call.journal.pages(_portal_id(call)), _count(call)
    return _batch(call, pages[:count] if call.parts["end"] == "earliest" else pages[-count:])


def batch_next(call: AppCall) -> Response:
    """`GET …/batch/{offset}/next/{count}`."""
    return _batch(call, _after(call, call.parts["offset"])[: _count(call)])


def batch_read(call: AppCall) -> Response:
    """`POST …/batch/read` by offsets; 207 where some are not known."""
    offsets = call.body(Offsets).inputs
    if len(offsets) > BATCH_MAX:
        raise invalid(f"The maximum number of inputs supported in a batch request is {BATCH_MAX}")
    kept = {page.offset: page for page in call.journal.pages(_portal_id(call))}
    missing = [offset for offset in offsets if offset not in kept]
    errors = [
        {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "message": "No journal entry with this offset exists",
            "context": {"ids": [offset]},
            "errors": [],
            "links": {},
        }
        for offset in missing
    ]
    return _batch(call, [kept[one] for one in offsets if one in kept], errors)


def read_page(call: AppCall) -> Response:
    """The page behind a link of the journal."""
    scope = call.request.first("portal") or ""
    page = call.journal.opened(
        call.parts["offset"],
        call.request.first("expires") or "",
        scope,
        call.request.first("signature") or "",
    )
    if page is None:
        raise error(403, "The link is not valid or has expired.")
    events = [one for one in page.events if scope in {"", str(one["portalId"])}]
    body = {"offset": page.offset, "publishedAt": page.at_ms, "journalEvents": events}
    return answer(200, body)


def list_subscriptions(call: AppCall) -> Response:
    """`GET /webhooks-journal/subscriptions/…`."""
    found = call.journal.subscriptions.values()
    return answer(200, {"results": [_shown(call, one) for one in found]})


def create_subscription(call: AppCall) -> Response:
    """`POST /webhooks-journal/subscriptions/…`."""
    asked = call.body(NewSubscription)
    problem = problem_of(asked)
    if problem is not None:
        raise invalid(problem)
    return answer(200, _shown(call, call.journal.subscribe(asked)))


def read_subscription(call: AppCall) -> Response:
    """`GET …/{subscriptionId}`."""
    return answer(200, _shown(call, _found(call, int(call.parts["id"]))))


def delete_subscription(call: AppCall) -> Response:
    """`DELETE …/{subscriptionId}`."""
    del call.journal.subscriptions[_found(call, int(call.parts["id"])).id]
    return answer(204)


def delete_of_portal(call: AppCall) -> Response:
    """`DELETE …/portals/{portalId}`: all subscriptions to one portal."""
    portal_id, kept = int(call.parts["portalId"]), call.journal.subscriptions
    for one in [one for one in kept.values() if one.asked.portal_id == portal_id]:
        del kept[one.id]
    return answer(204)


def create_filter(call: AppCall) -> Response:
    """`POST …/filters`."""
    asked = call.body(NewFilter)
    problem = filter_problem(asked.filter.conditions)
    if problem is not None:
        raise invalid(problem)
    one = _found(call, asked.subscription_id)
    made = call.journal.add_filter(one, asked.filter.conditions)
    return answer(200, {"filterId": made.id})


def filters_of_subscription(call: AppCall) -> Response:
    """`GET …/filters/subscription/{subscriptionId}`."""
    found = _found(call, int(call.parts["id"])).filters.values()
    return answer(200, [_shown_filter(one) for one in found])


def read_filter(call: AppCall) -> Response:
    """`GET …/filters/{filterId}`."""
    _, one = _filter(call)
    return answer(200, _shown_filter(one))


def delete_filter(call: AppCall) -> Response:
    """`DELETE …/filters/{filterId}`."""
    owner, one = _filter(call)
    del owner.filters[one.id]
    return answer(204)


def take_snapshots(call: AppCall) -> Response:
    """`POST …/snapshots/…/crm`: a status id for each record asked for."""
    asked = call.body(SnapshotRequests).snapshot_requests
    responses = []
    for one in asked:
        kind, portal = BY_NAME.get(one.object_type_id), call.portal(one.portal_id)
        if kind is None or portal is None:
            raise invalid(f"portal {one.portal_id} has no type {one.object_type_id}")
        found = portal.shelves[kind.name].find(str(one.object_id))
        values = {} if found is None else found.values
        shown = {name: values.get(name) for name in one.properties}
        status_id = call.journal.snapshot(one.portal_id, kind.type_id, one.object_id, shown)
        responses.append(
            {
                "portalId": one.portal_id,
                "objectId": one.object_id,
                "objectTypeId": kind.type_id,
                "snapshotStatusId": status_id,
            }
        )
    return answer(200, {"snapshotResponses": responses})


def snapshot_status(call: AppCall) -> Response:
    """`GET …/status/{statusId}`: snapshots are taken at once."""
    taken_ms = call.journal.snapshots.get(call.parts["id"])
    if taken_ms is None:
        raise error(404, "resource not found")
    body = {
        "id": call.parts["id"],
        "status": "SUCCESS",
        "initiatedAt": taken_ms,
        "completedAt": taken_ms,
    }
    return answer(200, body)


def _portal_id(call: AppCall) -> int | None:
    """The portal asked for; `journal-local` needs one."""
    text = call.request.first("installPortalId")
    if text is None:
        if call.parts["scope"] == "journal-local":
            raise invalid("installPortalId is required")
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise invalid("installPortalId must be a number")
    return int(text)


def _count(call: AppCall) -> int:
    count = int(call.parts["count"])
    if not 1 <= count <= BATCH_MAX:
        raise invalid(f"count must be between 1 and {BATCH_MAX}")
    return count


def _after(call: AppCall, offset: str) -> list[Page]:
    try:
        return call.journal.after(offset, _portal_id(call))
    except KeyError:
        raise error(404, "No journal entry with this offset exists", "OBJECT_NOT_FOUND") from None


def _linked(call: AppCall, page: Page) -> dict[str, Any]:
    path, expires_ms = call.journal.link(page, _portal_id(call))
    host = call.request.headers.get("host", "api.hubapi.com")
    return {
        "currentOffset": page.offset,
        "expiresAt": iso(expires_ms),
        "url": f"http://{host}{path}",
    }


def _batch(
    call: AppCall, pages: list[Page], errors: list[dict[str, Any]] | None = None
) -> Response:
    now = iso(call.journal.now_ms())
    body: dict[str, Any] = {"status": "COMPLETE", "results": [_linked(call, one) for one in pages]}
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    return answer(207 if errors else 200, body | {"startedAt": now, "completedAt": now})


def _found(call: AppCall, subscription_id: int) -> JournalSubscription:
    found = call.journal.subscriptions.get(subscription_id)
    if found is None:
        raise error(404, f"No subscription with id {subscription_id}")
    return found


def _filter(call: AppCall) -> tuple[JournalSubscription, JournalFilter]:
    wanted = int(call.parts["id"])
    for one in call.journal.subscriptions.values():
        if wanted in one.filters:
            return one, one.filters[wanted]
    raise error(404, f"No filter with id {wanted}")


def _shown_filter(one: JournalFilter) -> dict[str, Any]:
    return {"id": one.id, "createdAt": one.created_ms, "filter": {"conditions": one.conditions}}


def _shown(call: AppCall, one: JournalSubscription) -> dict[str, Any]:
    asked, at = one.asked, iso(one.created_ms)
    shown: dict[str, Any] = {
        "id": one.id,
        "appId": call.journal.app_id,
        "subscriptionType": asked.subscription_type,
        "objectTypeId": asked.object_type_id,
        "actions": asked.actions,
        "objectIds": asked.object_ids,
        "properties": asked.properties,
        "associatedObjectTypeIds": asked.associated_object_type_ids,
        "createdAt": at,
        "updatedAt": at,
    }
    if asked.portal_id is not None:
        shown["portalId"] = asked.portal_id
    return shown
