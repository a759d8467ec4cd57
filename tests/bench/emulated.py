"""
One emulator by itself, without HTTP: what of a measurement is its own.

`python -m bench.emulated FILLING` tells one line: of HubSpot where there are contacts, else of
QuickBooks. The plain time beside a figure is what reading and writing the same JSON takes alone.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from bench.emulators import Emulators
from bench.served import Filling, memory_mb, tell
from ledgerbridge.sandbox.company.bulk import FIRST_AT, bulk
from ledgerbridge.sandbox.console import with_console
from ledgerbridge.sandbox.http import App, Request, request_of

PAGE_ROWS, BATCH_ROWS, BOOKS_BATCH_ROWS, REPEATS = 1000, 100, 30, 5
CONTACTS = "/crm/objects/2026-09/contacts"
OTHER_SEED = 100  # of records that are not there yet


class Figure(Struct, frozen=True, kw_only=True):
    """Milliseconds of an answer, and of its JSON alone where there is any."""

    ms: float
    plain_ms: float | None = None


class Emulated(Struct, frozen=True, kw_only=True):
    """The figures of one emulator by name, and the most memory it had."""

    records: int
    figures: dict[str, Figure]
    memory_mb: float


async def measure(filling: Filling) -> Emulated:
    """Ask a filled emulator for pages, let it make records, and look at it."""
    pair = Emulators(filling)
    figures = await (_hubspot(pair) if filling.contacts else _quickbooks(pair))
    return Emulated(
        records=sum(
            (filling.customers, filling.contacts, filling.deals, filling.invoices, filling.payments)
        ),
        figures=figures,
        memory_mb=memory_mb(),
    )


async def _hubspot(pair: Emulators) -> dict[str, Figure]:
    app, headers = pair.hubspot.app, _headers(pair.hubspot.issue_token())
    last = pair.hubspot.portal().all("contacts")[-1]
    page = request_of(
        "GET", f"{CONTACTS}?limit=100&properties=email,firstname,lastname,phone", headers, b""
    )
    creations = [
        _post(f"{CONTACTS}/batch/create", headers, {"inputs": _contacts(OTHER_SEED + number)})
        for number in range(REPEATS)
    ]
    return {
        "a batch of 100 contacts": await _fastest(app, creations),
        "a page of 100 contacts": await _fastest(app, [page] * REPEATS),
        "a contact by its address": await _fastest(
            app, [_search(headers, "email", "EQ", last["email"])] * REPEATS
        ),
        "the contacts that changed last": await _fastest(
            app, [_search(headers, "lastmodifieddate", "GTE", last["lastmodifieddate"])] * REPEATS
        ),
        "a page to look at": await _looked(
            with_console(pair.hubspot), f"/look/{pair.hubspot.portal_id}/contacts"
        ),
    }


async def _quickbooks(pair: Emulators) -> dict[str, Figure]:
    access_token, _ = pair.quickbooks.issue_tokens()
    app, headers = pair.quickbooks.app, _headers(access_token)
    company = f"/v3/company/{pair.quickbooks.realm_id}"
    since = FIRST_AT.strftime("%Y-%m-%dT%H:%M:%SZ")
    statement = (
        f"SELECT * FROM Customer WHERE Active IN (true, false) AND MetaData.CreateTime >= '{since}'"
        f" ORDERBY MetaData.CreateTime, Id MAXRESULTS {PAGE_ROWS}"
    )
    query = request_of(
        "POST",
        f"{company}/query?minorversion=75",
        {**headers, "Content-Type": "application/text"},
        statement.encode(),
    )
    creations = [
        _post(f"{company}/batch?minorversion=75", headers, {"BatchItemRequest": _customers(number)})
        for number in range(REPEATS)
    ]
    return {
        "a page of 1,000 customers": await _fastest(app, [query] * REPEATS),
        "a batch of 30 customers": await _fastest(app, creations),
        "a page to look at": await _looked(
            with_console(pair.quickbooks), f"/look/{pair.quickbooks.realm_id}/Customer"
        ),
    }


def _contacts(seed: int) -> list[dict[str, Any]]:
    return [
        {
            "properties": {
                "email": f"batch.{seed}.{position}@example.com",
                "firstname": body["GivenName"],
                "lastname": body["FamilyName"],
                "address": body["BillAddr"]["Line1"],
                "city": body["BillAddr"]["City"],
            },
            "associations": [],
        }
        for position, body in enumerate(bulk(BATCH_ROWS, seed=seed))
    ]


def _customers(number: int) -> list[dict[str, Any]]:
    return [
        {
            "bId": str(position),
            "operation": "create",
            "Customer": {
                "DisplayName": f"Batch {number} {position}",
                "GivenName": body["GivenName"],
                "FamilyName": body["FamilyName"],
                "PrimaryEmailAddr": body["PrimaryEmailAddr"],
                "BillAddr": {"Line1": body["BillAddr"]["Line1"], "City": body["BillAddr"]["City"]},
            },
        }
        for position, body in enumerate(bulk(BOOKS_BATCH_ROWS, seed=OTHER_SEED + number))
    ]


def _search(headers: dict[str, str], name: str, operator: str, value: str) -> Request:
    condition = {"propertyName": name, "operator": operator, "value": value}
    sorts = [{"propertyName": "lastmodifieddate", "direction": "ASCENDING"}]
    body = {"filterGroups": [{"filters": [condition]}], "sorts": sorts, "limit": 200}
    return _post(f"{CONTACTS}/search", headers, body)


def _post(target: str, headers: dict[str, str], body: object) -> Request:
    return request_of("POST", target, headers, msgspec.json.encode(body))


def _headers(token: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Accept": "application/json",
    }


async def _fastest(app: App, requests: Sequence[Request]) -> Figure:
    """The fastest of some answers, and the fastest time to read and write its JSON."""
    times_ms, plain_ms = [], []
    for request in requests:
        clock_s = time.perf_counter()
        answer = await app(request)
        times_ms.append((time.perf_counter() - clock_s) * 1000)
        assert answer.status in {200, 201}, answer.body[:500]
        clock_s = time.perf_counter()
        msgspec.json.encode(msgspec.json.decode(answer.body))
        plain_ms.append((time.perf_counter() - clock_s) * 1000)
    return Figure(ms=min(times_ms), plain_ms=min(plain_ms))


async def _looked(app: App, target: str) -> Figure:
    times_ms = []
    for _ in range(REPEATS):
        clock_s = time.perf_counter()
        answer = await app(request_of("GET", target, {"Host": "127.0.0.1"}, b""))
        times_ms.append((time.perf_counter() - clock_s) * 1000)
        assert answer.status == 200
    return Figure(ms=min(times_ms))


if __name__ == "__main__":
    tell(asyncio.run(measure(msgspec.json.decode(sys.argv[1], type=Filling))))
