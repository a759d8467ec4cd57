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

from bench.bounds import BOOKS_BATCH_ROWS
from bench.emulators import Emulators
from bench.served import Filling, memory_mb, tell
from ledgerbridge.sandbox.company.bulk import FIRST_AT, bulk
from ledgerbridge.sandbox.http import App, Request

PAGE_ROWS, BATCH_ROWS, REPEATS = 1000, 100, 5


class Emulated(Struct, frozen=True, kw_only=True):
    """
    Milliseconds for pages of 1,000 customers and batches of 100 contacts or 30 customers; memory.

    The late page is the last one in the default order.
    """

    records: int
    page_ms: float
    late_page_ms: float
    books_batch_ms: float
    batch_ms: float
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
    company = f"/v3/company/{pair.quickbooks.realm_id}"
    text, json = (_headers(access_token, f"application/{kind}") for kind in ("text", "json"))
    start = max(1, filling.customers - PAGE_ROWS + 1)
    late = f"SELECT * FROM Customer STARTPOSITION {start} MAXRESULTS {PAGE_ROWS}"
    query, late_query = (
        Request("POST", f"{company}/query", (("minorversion", "75"),), text, asked.encode())
        for asked in (statement, late)
    )
    batches = [
        Request("POST", f"{company}/batch", (), json, _customers(number))
        for number in range(REPEATS)
    ]
    creations = [_creation(pair.hubspot.issue_token(), number) for number in range(REPEATS)]
    return Emulated(
        records=filling.customers + filling.contacts,
        page_ms=await _fastest_ms(pair.quickbooks.app, [query] * REPEATS),
        late_page_ms=await _fastest_ms(pair.quickbooks.app, [late_query] * REPEATS),
        books_batch_ms=await _fastest_ms(pair.quickbooks.app, batches),
        batch_ms=await _fastest_ms(pair.hubspot.app, creations),
        memory_mb=memory_mb(),
    )


def _customers(number: int) -> bytes:
    items = [
        {
            "bId": str(position),
            "operation": "create",
            "Customer": {**body, "DisplayName": f"Batch {number} {position}"},
        }
        for position, body in enumerate(bulk(BOOKS_BATCH_ROWS, seed=number))
    ]
    return msgspec.json.encode({"BatchItemRequest": items})


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
        "/crm/objects/2026-09/contacts/batch/create",
        (),
        _headers(token, "application/json"),
        msgspec.json.encode({"inputs": inputs}),
    )


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
