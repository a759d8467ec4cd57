"""Nothing that we do lets HubSpot or QuickBooks write to a buyer (business-rules.md, invoices)."""

from __future__ import annotations

import json
from typing import Any

from ledgerbridge.sandbox.http import Request
from support.pair import Pair

NEVER_IN_A_PATH = ("/send", "/email", "sendto")
NEVER_WRITTEN = (
    *("hs_customer_email", "EmailStatus", "BillEmail", "hs_invoice_link"),
    *("hs_legal_basis", "hs_marketable_status"),
)
"""What would mail somebody, or say that somebody may be mailed."""


async def test_no_request_of_a_whole_story_mails_anybody(pair: Pair) -> None:
    sent: list[Request] = []
    pair.transport.on_send = sent.append
    item, customer = pair.item("Hours"), pair.customer("Ada Poe", "ada@example.com")
    pair.contact("bea@example.com", qualifies=True, firstname="Bea")
    await pair.begin()
    invoice = pair.invoice(customer, item, BillEmail={"Address": "ada@example.com"})
    await pair.run()
    body = {
        "CustomerRef": {"value": customer},
        "TotalAmt": 20,
        "Line": [{"Amount": 20, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}],
    }
    pair.company.create("Payment", body)
    await pair.run()
    pair.company.void("Invoice", invoice)
    await pair.run()

    written = [request for request in sent if request.method != "GET"]
    assert any("invoices/batch/create" in request.path for request in written)
    assert any("commerce_payments/batch/create" in request.path for request in written)
    assert any("contacts/batch/create" in request.path for request in written)
    for request in sent:
        assert not any(word in request.path for word in NEVER_IN_A_PATH), request.path
    for request in written:
        text = (request.body or b"").decode()
        if "/batch/read" in request.path or "/search" in request.path or "query" in request.path:
            continue
        assert not any(f'"{word}"' in text for word in NEVER_WRITTEN), request.path
        if request.path.endswith("/objects/2026-09/invoices/batch/create"):
            rows: list[dict[str, Any]] = json.loads(text).get("inputs", ())
            assert all(row["properties"]["hs_invoice_billable"] == "false" for row in rows)
    for mirror in pair.mirrors():
        assert mirror["hs_invoice_billable"] == "false"
