"""Whatever QuickBooks turns out to do where nobody knows, the syncs do their work."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import get_type_hints

import pytest

from ledgerbridge.sandbox.quickbooks import Switches
from support.pair import Pair

OTHER_VALUES: list[dict[str, object]] = [
    {},
    {"batch_items_max": 10},
    {"batch_items_max": 50},
    {"limits": True, "throttle_form": "Fault"},
    {"limits": True, "throttle_form": "fault", "requests_per_second": 1},
    {"limits": True, "throttle_form": "xml", "requests_per_second": 1},
    {"limits": True, "throttle_form": "empty", "requests_per_second": 1, "retry_after_s": 2},
    {"limits": True, "batch_requests_per_minute": 1, "requests_per_minute": 20},
    {"limits": True, "concurrent_max": 1, "reports_per_minute": 1},
    {"rotate_refresh": False},
    {"refresh_kept_s": 86_400, "access_token_s": 300},
    {"refresh_token_s": 7 * 86_400, "refresh_hard_s": 30 * 86_400},
    {"cdc_look_back_days": None},
    {"cdc_look_back_days": 1, "cdc_too_old_code": "2060"},
    {"cdc_keeps": "newest"},
    {"cdc_inclusive": False},
    {"cdc_metered": False, "batch_queries_metered": False, "metered_monthly_max": 500_000},
    {"requestid_window_s": 1},
    {"requestid_stores_faults": True},
    {"requestid_mismatch": "refuse"},
    {"requestid_scope": "entity"},
    {"duplicate_name_detail": "null"},
    {"duplicate_name_detail": "placeholder", "inactive_names_block": True},
    {"people_share_names": False},
    {"auto_apply_credit": True, "auto_apply_payments": True},
    {"void_bumps_token": False, "send_bumps_token": True},
    {"invoice_link_unasked": False},
    {"merged_in_cdc": False, "merge_touches_transactions": False},
    {"bundle_lines_apart": True},
    {"stale_object_entity": True},
]
# What no sync ever asks for, and a cap that the connector is told beside it: see tests/connectors.
UNASKED = {"cdc_rows_max", "pdf_metered", "send_metered", "invalid_grant_described"}
# No webhook is listened to yet.
UNHEARD = {
    name for name in get_type_hints(Switches) if name.startswith(("webhook_", "cloudevents_"))
}


def test_every_open_fact_is_tried_another_way() -> None:
    tried = {name for values in OTHER_VALUES for name in values}

    assert {field.name for field in fields(Switches)} - UNASKED - UNHEARD == tried


@pytest.mark.parametrize("values", OTHER_VALUES, ids=lambda values: "-".join(values) or "defaults")
async def test_records_travel_and_then_there_is_silence(
    values: dict[str, object], tmp_path: Path
) -> None:
    pair = Pair(tmp_path, Switches(**values))  # type: ignore[arg-type]
    customers = [pair.customer(f"Ann {n}", f"ann{n}@example.com") for n in range(12)]
    item_id = pair.item("Hours")
    invoices = [pair.invoice(customer_id, item_id) for customer_id in customers[:4]]
    await pair.begin()
    await pair.run()
    assert len(pair.emails()) == 12
    assert len(pair.mirrors()) == 4

    await pair.run()
    silent = await pair.plan()
    assert not any(silent.values()), silent

    pair.edit_customer(customers[0], GivenName="Anna")
    contact = pair.contact_of("ann1@example.com")
    pair.portal.update("contacts", str(contact["hs_object_id"]), {"phone": "555 0100"})
    pair.company.create(
        "Payment",
        {
            "CustomerRef": {"value": customers[1]},
            "TotalAmt": 20,
            "Line": [{"Amount": 20, "LinkedTxn": [{"TxnId": invoices[1], "TxnType": "Invoice"}]}],
        },
    )
    pair.company.void("Invoice", invoices[2])
    pair.company.delete("Invoice", invoices[3])
    for _ in range(2):
        await pair.run()

    assert pair.contact_of("ann0@example.com")["firstname"] == "Anna"
    stored = pair.company.get("Customer", customers[1])
    assert stored is not None
    assert stored["PrimaryPhone"]["FreeFormNumber"] == "555 0100"
    mirrors = sorted(pair.mirrors(), key=lambda one: one["ledgerbridge_key"])
    assert [(one["hs_invoice_status"], one["ledgerbridge_state"]) for one in mirrors] == [
        ("open", "live"),
        ("paid", "live"),
        ("voided", "voided"),
        ("voided", "deleted"),
    ]
    silent = await pair.plan()
    assert not any(silent.values()), silent
    assert await pair.outcomes() == []
