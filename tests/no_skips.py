"""
A pytest plugin: with LEDGERBRIDGE_TEST_NO_SKIPS=1 a skipped test is a failed one.

A test may skip where something optional is missing, such as the shared reference beside the
checkout. CI has everything, so there a skip would only hide that a test no longer runs.
An expected failure (xfail) is not a skip.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

VARIABLE = "LEDGERBRIDGE_TEST_NO_SKIPS"


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get(VARIABLE) != "1" or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid}: {VARIABLE}=1 allows no skip. {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The report of one phase of a test, failed if it was skipped and that is forbidden."""
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The report of collecting one module or folder, treated alike: a whole module can skip."""
    report = yield
    _fail_if_skipped(report)
    return report
