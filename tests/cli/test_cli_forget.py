"""`ledgerbridge forget`, as a person types it."""

from __future__ import annotations

from cli.cli_world import Installation

EMAIL = "zelda@example.com"


def _synced(installed: Installation) -> tuple[str, str]:
    """Zelda is in both accounts and in step; the ids of her customer and contact."""
    customer = installed.customer("Zelda Moreno", EMAIL, GivenName="Zelda")
    installed.begin()
    installed.done("run", "--yes")
    return customer, installed.contacts()[0]["hs_object_id"]


def _on_disk(installed: Installation) -> bytes:
    """All that stands in the files of the database."""
    files = installed.database.parent.glob(f"{installed.database.name}*")
    return b"".join(path.read_bytes() for path in files if path.is_file())


def test_forgetting_asks_first_and_does_nothing_unless_agreed(installed: Installation) -> None:
    customer, contact = _synced(installed)

    result = installed.done("forget", f"hubspot:{contact}", exit_code=64)

    assert f"It is about hubspot:{contact}, quickbooks:{customer}." in result.stdout
    assert "Nothing was forgotten" in result.stderr
    assert b"Zelda" in _on_disk(installed)


def test_nothing_of_a_forgotten_person_can_be_read_on_the_disk(installed: Installation) -> None:
    _, contact = _synced(installed)

    result = installed.done("forget", f"hubspot:{contact}", "--yes")

    assert "QuickBooks are left as they are" in result.stdout
    on_disk = _on_disk(installed)
    assert b"Zelda" not in on_disk
    assert EMAIL.encode() not in on_disk
    assert contact.encode() in on_disk


def test_an_address_is_read_from_standard_input_and_never_printed(installed: Installation) -> None:
    customer, _ = _synced(installed)

    result = installed.do("forget", "--yes", answer=f"{EMAIL}\n")

    assert result.exit_code == 0
    assert f"quickbooks:{customer}" in result.stdout
    assert EMAIL not in result.output
    status = installed.asked("status")
    assert status["syncs"][0]["in_sync"] == 0


def test_a_forgotten_person_is_shown_as_excluded(installed: Installation) -> None:
    customer, _ = _synced(installed)
    installed.done("forget", f"quickbooks:{customer}", "--yes")

    plan = installed.asked("plan")

    (sync,) = plan["syncs"]
    assert plan["changes"] == 0
    (reason,) = sync["not_going"]
    assert (reason["code"], reason["status"]) == ("erased", "excluded")


def test_what_names_no_record_is_refused(installed: Installation) -> None:
    installed.begin()

    assert "hubspot:501" in installed.done("forget", "zelda", "--yes", exit_code=64).stderr
