"""
The emulators by themselves, without HTTP: what of a measurement is theirs.

`python -m bench.emulated FILLING` tells one line.
"""

from __future__ import annotations

import asyncio
import sys
import time

import msgspec
from msgspec import Struct

from bench.emulators import Emulators
from bench.served import Filling, memory_mb, tell
from ledgerbridge.sandbox.company.bulk import FIRST_AT, bulk
from ledgerbridge.sandbox.http import App, Request

CONTACTS = "/crm/objects/2026-09/contacts"
PAGE_ROWS, BATCH_ROWS, REPEATS = 1000, 100, 5


class Emulated(Struct, frozen=True, kw_only=True):
    """
    Milliseconds for a page of 1,000 customers, and of the contacts for a batch of 100 new ones, a
    page of 100, one found by its address, and those changed in the last minute; memory at the end.
    """

    records: int
    page_ms: float
    batch_ms: float
    contacts_page_ms: float
    found_ms: float
    changed_ms: float
    memory_mb: float


async def measure(filling: Filling) -> Emulated:
    """Ask a filled pair for pages, and let it make contacts."""
    pair = Emulators(filling)
    access_token, _ = pair.quickbooks.issue_tokens()
    since = FIRST_AT.strftime("%Y-%m-%dT%H:%M:%SZ")
    statement = (
        f"SELECT * FROM Customer WHERE Active IN (true, false) AND MetaData.CreateTime >= '{since}'"
        f" ORDERBY MetaData.CreateTime, Id MAXRESULTS {PAGE_ROWS}"
    )
    query = Request(
        "POST",
        f"/v3/company/{pair.quickbooks.realm_id}/query",
        (("minorversion", "75"),),
        _headers(access_token, "application/text"),
        statement.encode(),
    )
    token = pair.hubspot.issue_token()
    creations = [_creation(token, number) for number in range(REPEATS)]
    last = pair.hubspot.portal().all("contacts")[-1]
    by_email = _search(token, "email", "EQ", last["email"])
    return Emulated(
        records=filling.customers + filling.contacts,
        page_ms=await _fastest_ms(pair.quickbooks.app, [query] * REPEATS),
        batch_ms=await _fastest_ms(pair.hubspot.app, creations),
        contacts_page_ms=await _fastest_ms(pair.hubspot.app, [_page(token)] * REPEATS),
        found_ms=await _fastest_ms(pair.hubspot.app, [by_email] * REPEATS),
        changed_ms=await _fastest_ms(
            pair.hubspot.app,
            [_search(token, "lastmodifieddate", "GTE", last["lastmodifieddate"])] * REPEATS,
        ),
        memory_mb=memory_mb(),
    )


def _creation(token: str, number: int) -> Request:
    inputs = [
        {
            "properties": {
                "email": f"batch.{number}.{position}@example.com",
                "firstname": body["GivenName"],
                "lastname": body["FamilyName"],
                "address": body["BillAddr"]["Line1"],
                "city": body["BillAddr"]["City"],
            },
            "associations": [],
        }
        for position, body in enumerate(bulk(BATCH_ROWS, seed=number))
    ]
    return Request(
        "POST",
        f"{CONTACTS}/batch/create",
        (),
        _headers(token, "application/json"),
        msgspec.json.encode({"inputs": inputs}),
    )


def _page(token: str) -> Request:
    query = (("limit", "100"), ("properties", "email,firstname,lastname,phone"))
    return Request("GET", CONTACTS, query, _headers(token, "application/json"))


def _search(token: str, name: str, operator: str, value: str) -> Request:
    condition = {"propertyName": name, "operator": operator, "value": value}
    sorts = [{"propertyName": "lastmodifieddate", "direction": "ASCENDING"}]
    body = {"filterGroups": [{"filters": [condition]}], "sorts": sorts, "limit": 200}
    headers = _headers(token, "application/json")
    return Request("POST", f"{CONTACTS}/search", (), headers, msgspec.json.encode(body))


def _headers(token: str, content_type: str) -> dict[str, str]:
    return {
        "authorization": f"Bearer {token}",
        "content-type": content_type,
        "accept": "application/json",
    }


async def _fastest_ms(app: App, requests: list[Request]) -> float:
    times_ms = []
    for request in requests:
        clock_s = time.perf_counter()
        answer = await app(request)
        times_ms.append((time.perf_counter() - clock_s) * 1000)
        assert answer.status in {200, 201}, answer.body[:500]
    return min(times_ms)


if __name__ == "__main__":
    tell(asyncio.run(measure(msgspec.json.decode(sys.argv[1], type=Filling))))
