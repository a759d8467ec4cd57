"""
The baseline: a plain script that reads pages and writes batches, and remembers nothing.

`python -m bench.plain WORK` tells one line, as `bench.product` does for its first run.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from typing import Any

import aiohttp
import msgspec

from bench.product import Work
from bench.served import Cycles, Measured, memory_mb, tell

PAGE_ROWS, BATCH_ROWS, BATCHES_AT_ONCE = 1000, 100, 4
Row = dict[str, Any]


class Script:
    """Pages in, batches out, as fast as answers come."""

    def __init__(self, work: Work, session: aiohttp.ClientSession) -> None:
        self._served, self._session = work.served, session
        self._at_once = asyncio.Semaphore(BATCHES_AT_ONCE)
        self.calls = 0

    async def copy(self) -> int:
        """Copy every customer; returns how many."""
        copied = 0
        while True:
            rows = await self._page(copied + 1)
            copied += len(rows)
            starts = range(0, len(rows), BATCH_ROWS)
            await asyncio.gather(*(self._create(rows[x : x + BATCH_ROWS]) for x in starts))
            if len(rows) < PAGE_ROWS:
                return copied

    async def _page(self, position: int) -> list[Row]:
        statement = (
            "SELECT * FROM Customer WHERE Active IN (true, false) ORDERBY MetaData.CreateTime, Id "
            f"STARTPOSITION {position} MAXRESULTS {PAGE_ROWS}"
        )
        url = f"{self._served.quickbooks_url}/v3/company/{self._served.realm_id}/query"
        answer = await self._post(
            f"{url}?minorversion=75", self._served.access_token, "application/text", statement
        )
        rows: list[Row] = answer["QueryResponse"].get("Customer", [])
        return rows

    async def _create(self, rows: Sequence[Row]) -> None:
        inputs = [{"properties": properties(row), "associations": []} for row in rows]
        url = f"{self._served.hubspot_url}/crm/objects/2026-09/contacts/batch/create"
        body = msgspec.json.encode({"inputs": inputs}).decode()
        async with self._at_once:
            await self._post(url, self._served.hubspot_token, "application/json", body)

    async def _post(self, url: str, token: str, content_type: str, body: str) -> Any:
        self.calls += 1
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": content_type,
            "Accept": "application/json",
        }
        async with self._session.post(url, data=body, headers=headers) as answer:
            content = await answer.read()
            assert answer.status in {200, 201}, content[:500]
            return msgspec.json.decode(content)


def properties(row: Row) -> dict[str, str]:
    """A customer as a contact, without conversions."""
    address = row["BillAddr"]
    return {
        "email": row["PrimaryEmailAddr"]["Address"],
        "firstname": row["GivenName"],
        "lastname": row["FamilyName"],
        "phone": row["PrimaryPhone"]["FreeFormNumber"],
        "address": address["Line1"],
        "city": address["City"],
        "state": address["CountrySubDivisionCode"],
        "zip": address["PostalCode"],
        "country": address["Country"],
    }


async def measure(work: Work) -> Cycles:
    """Copy everything once."""
    async with aiohttp.ClientSession() as session:
        script = Script(work, session)
        clock_s, cpu_s = time.monotonic(), time.process_time()
        copied = await script.copy()
        seconds, cpu_s = time.monotonic() - clock_s, time.process_time() - cpu_s
    assert copied == work.records, f"{copied} customers are not {work.records}"
    return Cycles(
        first=Measured(
            records=copied,
            seconds=seconds,
            cpu_s=cpu_s,
            calls=script.calls,
            memory_mb=memory_mb(),
        )
    )


if __name__ == "__main__":
    tell(asyncio.run(measure(msgspec.json.decode(sys.argv[1], type=Work))))
