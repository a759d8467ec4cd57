"""One emulator with a hand to call it: requests as a client sends them, held to the schema."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import msgspec

from contract.quickbooks_schema import checked
from ledgerbridge.sandbox.http import Response, request_of
from ledgerbridge.sandbox.quickbooks import Company, QuickBooks, Switches
from ledgerbridge.sandbox.quickbooks.switches import DEFAULTS

Body = dict[str, Any]

BASE = "/v3/company/9341450000000001"
START = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class Caller:
    """An emulator on a clock that moves only when told, and one company of it."""

    def __init__(self, switches: Switches = DEFAULTS, *, judged: bool = True) -> None:
        self.now = START
        self.emulator = QuickBooks(now=lambda: self.now, switches=switches)
        self.app = checked(self.emulator) if judged else self.emulator
        self.access_token, self.refresh_token = self.emulator.issue_tokens()

    @property
    def company(self) -> Company:
        """The company, to change it as people do."""
        return self.emulator.company()

    def pass_time(self, **parts: float) -> None:
        """Lets time pass, e.g. `pass_time(minutes=2)`."""
        self.now += timedelta(**parts)

    async def send(
        self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Response:
        """One request with the access token; `target` begins below the company."""
        sent = {
            "Authorization": f"Bearer {self.access_token}",
            "Content-Type": "application/json",
            **(headers or {}),
        }
        return await self.app(request_of(method, f"{BASE}{target}", sent, body))

    async def post(self, target: str, body: Body) -> Body:
        """The answer to a write that must succeed."""
        answer = await self.send("POST", target, msgspec.json.encode(body))

        assert answer.status == 200, answer.body
        return read(answer)

    async def get(self, target: str) -> Body:
        """The answer to a read that must succeed."""
        answer = await self.send("GET", target)

        assert answer.status == 200, answer.body
        return read(answer)

    async def query(self, statement: str) -> Body:
        """The QueryResponse of a statement that must succeed."""
        answer = await self.get(f"/query?query={quote(statement)}")
        response: Body = answer["QueryResponse"]
        return response

    async def error(self, method: str, target: str, body: Body | None = None) -> Body:
        """The first error of a request that must be refused with 400."""
        content = b"" if body is None else msgspec.json.encode(body)
        answer = await self.send(method, target, content)

        assert answer.status == 400, answer.body
        error: Body = read(answer)["Fault"]["Error"][0]
        return error

    async def query_error(self, statement: str) -> Body:
        """The error of a statement that must be refused."""
        return await self.error("GET", f"/query?query={quote(statement)}")

    # People's doing, without HTTP ---------------------------------------------------------

    def customer(self, name: str = "Ann Aalto", **fields: Any) -> str:
        """The id of a new customer."""
        return str(self.company.create("Customer", {"DisplayName": name, **fields})["Id"])

    def item(self, name: str = "Thing", **fields: Any) -> str:
        """The id of a new service."""
        body = {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": "79"}, **fields}
        return str(self.company.create("Item", body)["Id"])

    def invoice(self, customer_id: str, *amounts: Decimal | int, **fields: Any) -> str:
        """The id of a new invoice with a line of each amount."""
        return str(self.company.create("Invoice", sale(customer_id, *amounts, **fields))["Id"])

    def pay(self, customer_id: str, total: Decimal | int, **applied: Decimal | int) -> str:
        """The id of a new payment; `Invoice_7=30` applies 30 to invoice 7."""
        lines: list[Body] = [
            {
                "Amount": amount,
                "LinkedTxn": [{"TxnType": key.partition("_")[0], "TxnId": key.partition("_")[2]}],
            }
            for key, amount in applied.items()
        ]
        body = {"CustomerRef": {"value": customer_id}, "TotalAmt": total, "Line": lines}
        return str(self.company.create("Payment", body)["Id"])

    def stored(self, entity: str, id_: str) -> Body:
        """A record as a read answers it."""
        found = self.company.get(entity, id_)

        assert found is not None
        return found


def sale(customer_id: str, *amounts: Decimal | int, **fields: Any) -> Body:
    """The body of a sales form with a line of each amount."""
    lines: list[Body] = [
        {"DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": {}}
        for amount in amounts
    ]
    return {"CustomerRef": {"value": customer_id}, "Line": lines, **fields}


def read(answer: Response) -> Body:
    """The body of an answer, its numbers exact."""
    body: Body = _decode(answer.body)
    return body
