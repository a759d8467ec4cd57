"""Status, history, doctor, retry."""

from __future__ import annotations

import pytest

from cli.cli_world import Installation
from ledgerbridge.clock import SystemClock

QUICKBOOKS = "quickbooks-9341450000000001"


def _run_with_a_failure(installed: Installation) -> tuple[str, str]:
    """One customer in sync, one without an e-mail, one that HubSpot refuses; good and bad id."""
    good = installed.customer("Ada Moreno", "ada@example.com", GivenName="Ada")
    installed.customer("Counter Sales")
    bad = installed.customer("Gil Lund", "gil@home.invalid")
    installed.begin()
    installed.done("run", "--yes", exit_code=3)
    return good, bad


def test_status_says_what_is_in_sync_and_why_the_rest_is_not(installed: Installation) -> None:
    _, bad = _run_with_a_failure(installed)

    report = installed.asked("status")
    shown = installed.done("status").stdout

    contacts = report["syncs"][0]
    assert contacts["in_sync"] == 1
    reasons = {one["code"]: one for one in contacts["reasons"]}
    assert reasons["no_email"]["status"] == "excluded"
    (failing,) = [one for one in contacts["reasons"] if one["status"] == "failing"]
    assert failing["examples"] == [f"quickbooks:{bad}"]
    assert failing["remedy"] in shown
    assert report["last_run"]["failing"] == 1
    assert "contacts: on, 1 in sync" in shown


def test_status_makes_no_call(installed: Installation) -> None:
    installed.begin()
    before = len(installed.hubspot.log), len(installed.quickbooks.log)

    installed.done("status")

    assert (len(installed.hubspot.log), len(installed.quickbooks.log)) == before


def test_no_output_shows_personal_data_unasked(installed: Installation) -> None:
    good, _ = _run_with_a_failure(installed)
    commands = [
        ("status",),
        ("status", "--json"),
        ("history",),
        ("history", f"quickbooks:{good}"),
        ("plan", "--json"),
    ]
    run = installed.asked("history")["runs"][0]["id"]
    commands += [("history", "--run", run), ("history", "--run", run, "--json")]

    shown = "".join(installed.done(*arguments).output for arguments in commands)

    for private in ("ada@example.com", "gil@home.invalid", "Moreno", "Lund", "Counter Sales"):
        assert private not in shown


def test_history_shows_runs_and_what_each_wrote(installed: Installation) -> None:
    _run_with_a_failure(installed)
    (contact,) = installed.portal.all("contacts")
    record = f"hubspot:{contact['hs_object_id']}"

    newest = installed.asked("history")["runs"][0]
    entries = installed.asked("history", "--run", newest["id"])["entries"]
    of_record = installed.asked("history", record, "--values")["entries"]

    assert newest["status"] == "done"
    assert newest["writes"] == 1
    assert [one["record"] for one in entries] == [record]
    assert entries[0]["values"] is None
    assert of_record[0]["values"]["email"] == [None, "ada@example.com"]
    assert "made" in installed.done("history", record).stdout


def test_history_is_limited_to_the_newest(installed: Installation) -> None:
    installed.begin()
    for number in range(3):
        installed.customer(f"Ada Moreno {number}", f"ada{number}@example.com")
        installed.done("run", "--yes")

    assert len(installed.asked("history", "--limit", "2")["runs"]) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--run", "nothing"), "There is no run 'nothing'"),
        (("12",), "Write it like hubspot:501"),
        (("xero:12",), "Write it like hubspot:501"),
    ],
)
def test_history_of_what_is_not_there_says_so(
    arguments: tuple[str, ...], said: str, installed: Installation
) -> None:
    result = installed.done("history", *arguments, exit_code=64)

    assert said in result.stderr


def test_retry_makes_failing_records_due_now(installed: Installation) -> None:
    _run_with_a_failure(installed)
    waited = installed.hubspot.calls["batch create contacts"]
    installed.done("run", exit_code=3)
    idle = installed.hubspot.calls["batch create contacts"]

    report = installed.asked("retry", "contacts")
    installed.done("run", exit_code=3)

    assert idle == waited
    assert report["records"] == {"contacts": 1}
    assert installed.hubspot.calls["batch create contacts"] > idle


def test_doctor_is_content_with_what_works(installed: Installation) -> None:
    installed.begin("contacts", "products", "invoices")

    report = installed.asked("doctor")

    assert report["healthy"]
    areas = {one["area"] for one in report["checks"]}
    assert {"connection", "clock", "property", "database"} <= areas
    assert "Healthy." in installed.done("doctor").stdout


def test_doctor_names_what_is_wrong_with_our_properties(installed: Installation) -> None:
    installed.begin()
    installed.portal.remove_property("contacts", "ledgerbridge_key")
    installed.portal.change_property("contacts", "ledgerbridge_path", read_only=True)

    checks = installed.asked("doctor", exit_code=1)["checks"]

    problems = {one["subject"]: one for one in checks if one["state"] == "problem"}
    assert problems["contacts.ledgerbridge_key"]["message"] == "It is missing."
    assert "read-only" in problems["contacts.ledgerbridge_path"]["message"]
    assert all(one["remedy"] for one in problems.values())


def test_doctor_names_mappings_that_do_not_serve(installed: Installation) -> None:
    installed.begin("contacts", "invoices")
    installed.hubspot.set_switches(read_only_invoice_amounts=True)
    installed.portal.remove_property("contacts", "fax")

    report = installed.asked("doctor")

    notes = {one["subject"]: one["message"] for one in report["checks"] if one["state"] == "note"}
    assert "has no fax here" in notes["contacts: fax"]
    assert "read-only" in notes["invoices: amount billed"]
    assert report["healthy"]


def test_doctor_names_a_token_that_is_no_good_and_looks_at_the_rest(
    installed: Installation,
) -> None:
    installed.begin()
    installed.hubspot.revoke(str(installed.environment["SANDBOX_HUBSPOT_TOKEN"]))

    checks = installed.asked("doctor", exit_code=1)["checks"]

    states = {(one["area"], one["subject"]): one["state"] for one in checks}
    assert states["connection", "hubspot-147000001"] == "problem"
    assert states["connection", QUICKBOOKS] == "ok"


def test_doctor_sees_a_clock_that_is_wrong(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed.begin()
    right = SystemClock.now
    monkeypatch.setattr(
        SystemClock, "now", lambda clock: right(clock).replace(year=right(clock).year - 1)
    )

    checks = installed.asked("doctor", exit_code=1)["checks"]

    clocks = [one for one in checks if one["area"] == "clock"]
    assert clocks
    assert all("behind theirs" in one["message"] for one in clocks)


def test_doctor_counts_nothing_as_connected_at_the_start(installed: Installation) -> None:
    checks = installed.asked("doctor", exit_code=1)["checks"]

    missing = [one for one in checks if one["message"] == "It is not connected."]
    assert [one["subject"] for one in missing] == ["hubspot", "quickbooks"]
