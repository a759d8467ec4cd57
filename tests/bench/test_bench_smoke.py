"""The measurements run, end by themselves and say what they found; how fast is not asked here."""

from __future__ import annotations

import pytest

from bench.__main__ import main
from bench.bounds import calls_of_sales, calls_to_hubspot, wait_to_hubspot_s, wait_to_quickbooks_s
from bench.table import Line, drawn


def test_every_figure_is_measured_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    lines = main(["--quick"])

    found = {line.what.strip(): line for line in lines}
    assert found["300 customers to HubSpot, end to end"].value > 0
    assert found["calls (4 are the fewest possible)"].value >= 4
    assert found["idle cycle over 300 links, three syncs"].value > 0
    assert found["peak memory at 600"].value > 0
    assert found["600 to HubSpot, limits on (they allow 0 s)"].value > 0
    assert found["60 to QuickBooks, limits on (they allow 0 s)"].value > 0
    assert found["120 invoices of 3 lines with 90 payments"].value > 0
    assert found["HubSpot emulator: a batch of 100 contacts"].value > 0
    assert found["HubSpot emulator: a contact by its address"].value > 0
    assert found["HubSpot emulator: a page to look at"].value > 0
    assert found["HubSpot emulator: memory, 1,200 records"].value > 0
    assert found["QuickBooks emulator: a page of 1,000 customers"].value > 0
    assert found["QuickBooks emulator: a batch of 30 customers"].value > 0
    assert found["QuickBooks emulator: memory, 1,200 records"].value > 0
    assert sum(line.value for line in lines if line.what == "  refused for the rate") == 0
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == 2 + len(lines)


def test_the_fewest_calls_are_full_pages_and_full_batches() -> None:
    assert calls_to_hubspot(10_000) == 10 + 100
    assert calls_to_hubspot(10_001) == 11 + 101


def test_the_fewest_calls_for_sales_count_lines_invoices_and_payments() -> None:
    assert calls_of_sales(10_000, 3, 8_000) == 10 + 8 + 300 + 100 + 80


def test_limits_hold_up_only_what_does_not_fit_into_one_window() -> None:
    assert wait_to_hubspot_s(10_000) == 0
    assert wait_to_hubspot_s(40_000) == 3 + 20
    assert wait_to_quickbooks_s(1_200) == 0
    assert wait_to_quickbooks_s(2_000) == 60


def test_a_missed_aim_is_marked() -> None:
    missed = Line(what="calls", value=7, unit="", aim="<= 5", met=False, ratio=1.5)

    assert drawn([missed]).splitlines()[-1].split() == ["calls", "7", "<=", "5", "MISSED", "1.50x"]
