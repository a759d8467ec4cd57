"""`ledgerbridge reconcile`, as a person and a script see it."""

from __future__ import annotations

import csv
import io

import msgspec

from cli.cli_world import Installation
from ledgerbridge.service.reconciling import ReconcileReport


def _sold(installed: Installation) -> None:
    item = installed.company.create(
        "Item", {"Name": "Hours", "Type": "Service", "IncomeAccountRef": {"value": "1"}}
    )["Id"]
    for name, email in (("Ada", "ada@example.com"), ("Counter Sales", None)):
        customer = installed.customer(name, email) if email else installed.customer(name)
        detail = {"ItemRef": {"value": item}, "Qty": 1, "UnitPrice": 20}
        line = {
            "DetailType": "SalesItemLineDetail",
            "Amount": 20,
            "SalesItemLineDetail": detail,
        }
        body = {"CustomerRef": {"value": customer}, "Line": [line]}
        installed.company.create("Invoice", body)


def test_totals_come_first_then_each_difference_with_what_mends_it(
    installed: Installation,
) -> None:
    installed.begin("contacts", "products", "invoices", "payments")
    _sold(installed)
    installed.done("run", "--yes")

    shown = installed.done("reconcile").stdout

    assert "USD        2          40.00        20.00     -20.00      0.00" in shown
    assert "1 invoice not the same on both sides" in shown
    assert "(waiting) waits_for_parent" in shown
    assert "0 differences without an explanation. Nothing was written" in shown


def test_a_script_gets_json_and_csv_of_the_documented_shape(installed: Installation) -> None:
    installed.begin("contacts", "products", "invoices", "payments")
    _sold(installed)
    installed.done("run", "--yes")

    report = installed.asked("reconcile")
    rows = list(csv.DictReader(io.StringIO(installed.done("reconcile", "--csv").stdout)))

    assert msgspec.convert(report, ReconcileReport, strict=False).unexplained == 0
    assert [(r["row"], r["quickbooks"], r["hubspot"], r["cause"]) for r in rows] == [
        ("customer", "20", "20", ""),
        ("customer", "20", "0", ""),
        ("difference", "20", "", "waiting"),
    ]


def test_wrong_usage_is_said_before_anything_is_read(installed: Installation) -> None:
    installed.begin("contacts")

    assert (
        "write it as 2026-10-31"
        in installed.done("reconcile", "--as-of", "yesterday", exit_code=64).stderr
    )
    assert "Choose one" in installed.done("reconcile", "--json", "--csv", exit_code=64).stderr
    assert "ledgerbridge sync enable invoices" in installed.done("reconcile", exit_code=64).stderr
