"""A demo that finds something other than it should be says so, and does not exit with 0."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from ledgerbridge.cli import demo, demo_numbers, demo_trouble
from ledgerbridge.cli.demo_stage import Stage
from ledgerbridge.cli.root import root
from ledgerbridge.sandbox.company import Edit, conflict
from ledgerbridge.sandbox.hubspot import Portal
from ledgerbridge.sandbox.quickbooks import Company

ARGUMENTS = ["demo", "--once", "--customers", "60"]


def test_sums_that_differ_between_the_sides_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def tampering(stage: Stage) -> None:
        mirrors = [one for one in stage.portal.all("invoices") if one.get("ledgerbridge_key")]
        stage.portal.update(
            "invoices", mirrors[0]["hs_object_id"], {"hs_amount_billed": "1234567.89"}
        )
        demo_numbers.show_money(stage)

    monkeypatch.setattr(demo, "show_money", tampering)

    result = CliRunner().invoke(root, ARGUMENTS)

    assert result.exit_code == 1
    assert "Not as it should be: billed: " in result.stderr
    assert "The invoices in USD add up differently" in result.stdout
    assert "The invoices in EUR add up the same" in result.stdout
    assert result.stdout.endswith("see below.\n")


def test_a_conflict_without_a_loser_and_a_refusal_without_a_reason_are_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def one_side_only(company: Company, portal: Portal, customer: str, contact: str) -> Edit:
        edit = conflict(company, portal, customer, contact)
        return Edit(edit.description, edit.steps[:1])

    def nothing_invalid(company: Company, customer: str) -> Edit:
        return Edit("nobody does anything", ())

    monkeypatch.setattr(demo_trouble, "conflict", one_side_only)
    monkeypatch.setattr(demo_trouble, "invalid", nothing_invalid)

    result = CliRunner().invoke(root, ARGUMENTS)

    assert result.exit_code == 1
    assert "The losing value of the conflict is not in the journal." in result.stderr
    assert "The refused e-mail of customer" in result.stderr
