"""Plan, accept, run: exit codes, what is shown, what is kept to itself."""

from __future__ import annotations

import asyncio

import pytest

from cli.cli_world import Installation
from ledgerbridge.clock import SystemClock
from ledgerbridge.store.database import Store


def _one_customer(installed: Installation) -> str:
    customer = installed.customer("Ada Moreno", "ada.moreno@example.com", GivenName="Ada")
    installed.begin()
    return customer


def test_nothing_to_do_is_0(installed: Installation) -> None:
    installed.begin()

    result = installed.done("plan")

    assert "Nothing to do." in result.stdout


def test_pending_changes_are_2_and_nothing_is_written(installed: Installation) -> None:
    customer = _one_customer(installed)

    report = installed.asked("plan", exit_code=2)

    (change,) = report["syncs"][0]["changes"]
    assert (change["side"], change["object_type"], change["kind"]) == (
        "hubspot",
        "contacts",
        "create",
    )
    assert change["records"] == 1
    assert change["examples"][0]["record"] == f"quickbooks:{customer}"
    assert "email" in change["examples"][0]["fields"]
    assert report["needs_acceptance"]
    assert installed.portal.all("contacts") == []


def test_values_are_shown_only_when_asked_for(installed: Installation) -> None:
    _one_customer(installed)

    quiet = installed.done("plan", exit_code=2).output
    quiet += installed.done("plan", "--json", exit_code=2).output
    open_words = installed.done("plan", "--values", exit_code=2).output
    open_data = installed.asked("plan", "--values", exit_code=2)

    assert "ada.moreno@example.com" not in quiet
    assert "Ada" not in quiet
    assert "ada.moreno@example.com" in open_words
    example = open_data["syncs"][0]["changes"][0]["examples"][0]
    assert example["values"]["email"] == [None, "ada.moreno@example.com"]


def test_a_first_run_without_acceptance_is_4_and_writes_nothing(installed: Installation) -> None:
    _one_customer(installed)

    result = installed.done("run", exit_code=4)

    assert "needs your acceptance: this is its first run" in result.stderr
    assert installed.portal.all("contacts") == []


def test_an_accepted_plan_may_run(installed: Installation) -> None:
    _one_customer(installed)

    accepted = installed.done("plan", "--accept", exit_code=2)
    report = installed.asked("run")

    assert "Accepted." in accepted.stdout
    assert report["writes"] == 1
    assert [one["email"] for one in installed.portal.all("contacts")] == ["ada.moreno@example.com"]


def test_a_run_that_would_do_more_than_was_accepted_is_4(installed: Installation) -> None:
    _one_customer(installed)
    installed.done("plan", "--accept", exit_code=2)
    for number in range(10):
        installed.customer(f"Late Comer {number}", f"late{number}@example.com")

    result = installed.done("run", exit_code=4)

    assert "more than was accepted" in result.stderr
    assert installed.portal.all("contacts") == []


def test_yes_accepts_and_the_next_run_is_silent(installed: Installation) -> None:
    _one_customer(installed)

    first = installed.done("run", "--yes")
    second = installed.done("run")

    assert "Done: 1 write" in first.stdout
    assert "Nothing to do" in second.stdout


def test_a_cap_stops_a_later_run_with_5(installed: Installation) -> None:
    _one_customer(installed)
    installed.done("run", "--yes")
    installed.environment["LEDGERBRIDGE_CHANGES_MAX"] = "3"
    for number in range(10):
        installed.customer(f"Late Comer {number}", f"late{number}@example.com")

    result = installed.done("run", exit_code=5)

    assert "more than the cap of 3" in result.stderr
    assert len(installed.portal.all("contacts")) == 1
    assert installed.asked("run", "--yes")["writes"] == 10


def test_a_failing_record_is_3_with_its_reason_and_the_others_go_on(
    installed: Installation,
) -> None:
    bad = installed.customer("Gil Lund", "gil@home.invalid")
    _one_customer(installed)

    report = installed.asked("run", "--yes", exit_code=3)

    (reason,) = report["failing"]["contacts"]
    assert reason["records"] == 1
    assert reason["examples"] == [f"quickbooks:{bad}"]
    assert reason["remedy"]
    assert "gil@home.invalid" not in reason["message"]
    assert len(installed.portal.all("contacts")) == 1


def test_a_corrected_record_is_picked_up_by_a_later_run(installed: Installation) -> None:
    bad = installed.customer("Gil Lund", "gil@home.invalid")
    _one_customer(installed)
    installed.done("run", "--yes", exit_code=3)

    address = {"Address": "gil.lund@example.com"}
    installed.company.update("Customer", {"Id": bad, "PrimaryEmailAddr": address})
    installed.done("run")

    assert len(installed.portal.all("contacts")) == 2


def test_a_run_started_twice_says_who_is_at_work_with_5(installed: Installation) -> None:
    _one_customer(installed)
    url = f"sqlite:///{installed.database}"
    with Store.open(url, clock=SystemClock()) as store, store.claim():
        results = [
            installed.done(*arguments, exit_code=5)
            for arguments in (("run", "--yes"), ("plan",), ("doctor",))
        ]
        status = installed.done("status")

    assert all("Another ledgerbridge process" in result.stderr for result in results)
    assert "contacts: on" in status.stdout
    assert installed.portal.all("contacts") == []


def test_only_the_named_syncs_run(installed: Installation) -> None:
    installed.company.create(
        "Item", {"Name": "Hours", "Type": "Service", "IncomeAccountRef": {"value": "1"}}
    )
    installed.customer("Ada Moreno", "ada@example.com")
    installed.begin("contacts", "products")

    report = installed.asked("run", "products", "--yes")

    assert all(key.startswith("products.") for key in report["planned"])
    assert installed.portal.all("contacts") == []


def test_a_sync_that_is_off_or_unknown_cannot_be_run(installed: Installation) -> None:
    installed.begin("contacts")

    off = installed.done("run", "invoices", exit_code=64)
    unknown = installed.done("plan", "invioces", exit_code=64)

    assert "ledgerbridge sync enable invoices" in off.stderr
    assert "There is no sync 'invioces'" in unknown.stderr


def test_no_network_is_1_and_a_later_run_goes_on(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    _one_customer(installed)
    monkeypatch.setattr(SystemClock, "sleep", lambda *_: asyncio.sleep(0))
    url = installed.environment["LEDGERBRIDGE_QUICKBOOKS_API_URL"]
    installed.environment["LEDGERBRIDGE_QUICKBOOKS_API_URL"] = "http://127.0.0.1:9"

    result = installed.done("run", "--yes", exit_code=1)
    installed.environment["LEDGERBRIDGE_QUICKBOOKS_API_URL"] = url

    assert "QuickBooks could not be reached" in result.stderr
    assert installed.asked("run", "--yes")["writes"] == 1


def test_what_cannot_be_undone_is_named_in_the_plan(installed: Installation) -> None:
    contact = installed.contact("jane@example.com", firstname="Jane", lastname="Doe")
    invoice = installed.portal.create("invoices", {"hs_currency": "USD"}, [("contacts", contact)])
    assert invoice
    installed.begin()

    report = installed.asked("plan", exit_code=2)

    (held,) = report["irreversible"]
    assert held["records"] == 1
    assert "only be made inactive" in held["why"]


def test_a_conflict_is_shown_with_its_loser_and_kept_in_the_journal(
    installed: Installation,
) -> None:
    installed.contact("ada@example.com", firstname="Adelaide")
    installed.customer("Ada Moreno", "ada@example.com", GivenName="Ada", FamilyName="Moreno")
    installed.begin()

    report = installed.asked("plan", "--values", exit_code=2)
    installed.done("run", "--yes")
    losses = installed.asked("history", "--losses", "--values")["entries"]

    (plan,) = report["syncs"]
    assert plan["conflicts"] == 1
    (example,) = plan["conflict_examples"]
    assert example["losing_side"] == "hubspot"
    assert example["values"] == {"firstname": ["Adelaide", "Ada"]}
    assert losses[0]["values"] == {"firstname": ["Adelaide", "Ada"]}


def _many_customers(installed: Installation) -> None:
    for number in range(15):
        installed.customer(f"Person {number}", f"person{number}@example.com")
    installed.begin()


def test_contacts_that_hubspot_bills_are_5_until_somebody_agrees(installed: Installation) -> None:
    installed.portal.change_settings(marketing_contacts=True)
    _many_customers(installed)

    stopped = installed.done("run", "--yes", exit_code=5)
    again = installed.done("run", "--yes", exit_code=5)

    assert "ledgerbridge run --marketing accept" in stopped.stderr
    assert "5 more would be made" in again.stderr
    assert len(installed.contacts()) == 10
    assert installed.asked("run", "--marketing", "accept")["writes"] == 5
    assert "Nothing to do" in installed.done("run").stdout


def test_contacts_that_hubspot_bills_no_more_are_made_after_a_check(
    installed: Installation,
) -> None:
    installed.portal.change_settings(marketing_contacts=True)
    _many_customers(installed)
    installed.done("run", "--yes", exit_code=5)
    for number in range(15, 30):
        installed.customer(f"Person {number}", f"person{number}@example.com")
    installed.portal.change_settings(marketing_contacts=False)

    installed.done("run", "--yes", exit_code=5)
    installed.done("run", "--yes", "--marketing", "check")

    assert len(installed.contacts()) == 30


def test_nobody_can_look_where_nobody_is(installed: Installation) -> None:
    _many_customers(installed)

    result = installed.done("run", "--yes", "--look", exit_code=64)

    assert "Nobody is there to look" in result.stderr
    assert installed.contacts() == []


def test_a_person_who_is_there_is_asked_after_the_first_ten(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledgerbridge.cli.output.somebody_is_there", lambda: True)
    _many_customers(installed)

    stopped = installed.do("run", "--yes", answer="n\n")

    assert stopped.exit_code == 5
    assert "These 10 of contacts are written" in stopped.stderr
    assert "https://app.hubspot.com/contacts/147000001/record/0-1/" in stopped.stderr
    assert "Go on with 5 more changes of contacts?" in stopped.stderr
    assert len(installed.contacts()) == 10
    installed.done("run", "--no-look")
    assert len(installed.contacts()) == 15
