"""A configuration file with a mistake changes nothing; corrected, the next run follows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.cli_world import Installation

FILTER = """\
syncs:
  contacts:
    filters:
      to_hubspot:
        any:
          - all:
              - {field: Blance, operator: is, value: 1}
"""
PRIVATE = """\
syncs:
  contacts:
    mappings:
      - {name: key, hubspot: ledgerbridge_key, quickbooks: "@key", direction: to hubspot}
      - {name: notes, hubspot: message, quickbooks: Notes, direction: to hubspot}
"""


def mapped(sync: str, hubspot: str, quickbooks: str, *, key: str = "ledgerbridge_key") -> str:
    """A set-up that maps one field besides the key."""
    to = "direction: to hubspot"
    return (
        f"syncs:\n  {sync}:\n    mappings:\n"
        f'      - {{name: key, hubspot: {key}, quickbooks: "@key", {to}}}\n'
        f"      - {{name: wish, hubspot: {hubspot}, quickbooks: {quickbooks}, {to}}}\n"
    )


WRONG = {
    "a wrong name of a sync": (
        "syncs:\n  contcats:\n    enabled: true\n",
        ("syncs.contcats (line 2)", "Did you mean contacts?"),
    ),
    "a wrong name of a value": (
        "syncs:\n  contacts:\n    direktion: to hubspot\n",
        ("syncs.contacts.direktion (line 3)", "Did you mean direction or"),
    ),
    "a wrong type": (
        "syncs:\n  contacts:\n    enabled: perhaps\n",
        ("syncs.contacts.enabled (line 3)", "Use true or false"),
    ),
    "a wrong direction": (
        "syncs:\n  contacts:\n    direction: sideways\n",
        ("syncs.contacts.direction (line 3)", "Allowed: both ways, to hubspot, to quickbooks"),
    ),
    "a direction that a sync cannot go": (
        "syncs:\n  invoices:\n    direction: both ways\n",
        ("syncs.invoices.direction (line 3)", "Use: to hubspot"),
    ),
    "a private field that nobody asked for": (
        PRIVATE,
        ("syncs.contacts.mappings[1].private", "Notes is private", "private: true"),
    ),
    "a filter on a field that QuickBooks does not have": (
        FILTER,
        ("syncs.contacts.filters.to_hubspot", "Balance"),
    ),
    "a mapping by which HubSpot would bill": (
        mapped("invoices", "hs_invoice_billable", "AllowOnlinePayment"),
        ("syncs.invoices.mappings[1].hubspot (line 5)", "hs_invoice_billable is never written"),
    ),
    "a mapping by which HubSpot would mail": (
        mapped("payments", "hs_customer_email", "PaymentRefNum", key="hs_external_reference_id"),
        ("syncs.payments.mappings[1].hubspot (line 5)", "hs_customer_email is never written"),
    ),
    "a mapping that would change what a deal is worth": (
        mapped("deals", "amount", "'@invoiced'"),
        ("syncs.deals.mappings[1].hubspot (line 5)", "amount is never written"),
    ),
    "a mapping that would move a deal on": (
        mapped("deals", "dealstage", "'@invoice_status'"),
        ("syncs.deals.mappings[1].hubspot (line 5)", "dealstage is never written"),
    ),
}
RIGHT = "syncs:\n  contacts:\n    direction: to hubspot\n"


@pytest.mark.parametrize("mistake", list(WRONG))
def test_a_mistake_in_a_file_applies_nothing_and_the_syncs_go_on(
    mistake: str, installed: Installation, tmp_path: Path
) -> None:
    text, words = WRONG[mistake]
    file = tmp_path / "set-up.yaml"
    file.write_text(text, "utf-8")
    installed.customer("Ada Moreno", "ada@example.com")
    installed.begin("contacts", "invoices")
    before = installed.done("config", "export").stdout

    result = installed.done("config", "apply", str(file), "--yes", exit_code=64)

    assert all(word in result.stderr for word in words), result.stderr
    assert installed.done("config", "export").stdout == before
    assert installed.asked("run", "--yes")["writes"] == 1
    assert [one["email"] for one in installed.contacts()] == ["ada@example.com"]


def test_the_corrected_file_is_followed_by_the_next_run(
    installed: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "set-up.yaml"
    file.write_text(WRONG["a wrong direction"][0], "utf-8")
    contact = installed.contact("jane@example.com", firstname="Jane", lastname="Doe")
    installed.portal.create("invoices", {"hs_currency": "USD"}, [("contacts", contact)])
    installed.begin()
    installed.done("config", "apply", str(file), "--yes", exit_code=64)
    assert installed.asked("plan", exit_code=2)["syncs"][0]["changes"]

    file.write_text(RIGHT, "utf-8")
    installed.done("config", "apply", str(file), "--yes")

    assert installed.asked("plan")["syncs"][0]["changes"] == []
    installed.done("run", "--yes")
    assert installed.company.all("Customer") == []


def test_a_private_field_travels_once_it_is_asked_for(
    installed: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "set-up.yaml"
    file.write_text(PRIVATE.replace("Notes, ", "Notes, private: true, "), "utf-8")
    installed.customer("Ada Moreno", "ada@example.com", Notes="likes tea")
    installed.begin()

    installed.done("config", "apply", str(file), "--yes")
    installed.done("run", "--yes")

    (contact,) = installed.contacts()
    assert contact["message"] == "likes tea"
