"""Deletions, merges, pauses and a lost database, as a person types them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cli.cli_world import Installation


def _paired(installed: Installation) -> str:
    customer = installed.customer("Ada Moreno", "ada@example.com", GivenName="Ada")
    installed.begin("contacts")
    installed.done("run", "--yes")
    return customer


def test_a_paused_sync_says_so_everywhere_and_goes_on_after_it_is_resumed(
    installed: Installation,
) -> None:
    customer = _paired(installed)
    installed.done("sync", "enable", "products")
    installed.done("plan", "--accept")

    assert "paused sync: contacts" in installed.done("pause", "contacts").output

    installed.company.update("Customer", {"Id": customer, "GivenName": "Adelaide"})
    assert "paused sync: contacts" in installed.done("status").output
    assert "it is paused" in installed.done("plan").output
    report = installed.asked("run")
    assert report["paused"] == ["contacts"]
    assert "contacts: the sync: paused" not in installed.done("run").output
    assert installed.contacts()[0]["firstname"] == "Ada"
    assert "Nothing rests" in installed.done("resume", "contacts").output
    installed.done("run", "--yes")
    assert installed.contacts()[0]["firstname"] == "Adelaide"


def test_a_run_of_which_all_is_paused_ends_with_5(installed: Installation) -> None:
    _paired(installed)
    connection = f"quickbooks-{installed.quickbooks.realm_id}"
    installed.done("pause", connection)

    result = installed.done("run", exit_code=5)

    assert f"ledgerbridge resume {connection}" in result.output
    assert "It is paused, so it was not asked." in installed.done("doctor").output


WRONG = [
    (("pause", "people"), "neither a sync nor a connection"),
    (("pause", "contacts", "12"), "names no record"),
    (("resume", "contacts"), "is not paused"),
    (("ignore", "contacts"), "Name either a record or"),
    (("ignore", "contacts", "quickbooks:1", "--until", "soon"), "'soon' is no day"),
    (("ignore", "contacts", "quickbooks:1", "--until", "2001-01-31"), "is over already"),
    (("ignore", "contacts", "--group", "nothing"), "No record of contacts fails"),
    (("unignore", "contacts", "--group", "nothing"), "is not ignored"),
    (("retry", "--record", "quickbooks:1"), "No such record fails: quickbooks:1"),
    (("cases", "keep", "contacts", "quickbooks:1"), "no open case of merged pairs"),
    (("relink",), "pairs already"),
]


@pytest.mark.parametrize(("arguments", "says"), WRONG)
def test_what_cannot_be_meant_is_refused_in_words(
    installed: Installation, arguments: tuple[str, ...], says: str
) -> None:
    _paired(installed)

    assert says in installed.done(*arguments, exit_code=64).output


def test_a_record_is_ignored_until_a_day(installed: Installation) -> None:
    customer = _paired(installed)

    told = installed.done("ignore", "contacts", f"quickbooks:{customer}", "--until", "2999-01-31")

    assert f"ignored record: contacts quickbooks:{customer}" in told.output
    assert "until 2999-01-31" in told.output
    installed.done("run", "--yes")
    assert "ignored by a person" in installed.done("status").output
    installed.done("unignore", "contacts", f"quickbooks:{customer}")


def test_pairs_that_met_are_listed_and_decided(installed: Installation) -> None:
    ada = _paired(installed)
    bea = installed.customer("Bea Roe", "bea@example.com")
    installed.done("run", "--yes")
    first, second = (one["hs_object_id"] for one in installed.contacts())
    installed.portal.merge("contacts", first, second)
    installed.done("run", "--yes")

    assert "pairs_met" in installed.done("cases").output
    told = installed.done("cases", "keep", "contacts", f"quickbooks:{ada}")

    assert f"No longer paired with it: quickbooks:{bea}" in told.output
    installed.done("run", "--yes")
    assert "nothing for a person to decide" in installed.done("cases").output


def _changed(installed: Installation, folder: Path, name: str, **values: str) -> Path:
    file = folder / "set-up.yaml"
    installed.done("config", "export", str(file))
    document = yaml.safe_load(file.read_text("utf-8"))
    document["syncs"][name] |= values
    document.pop("preset", None)
    file.write_text(yaml.safe_dump(document), "utf-8")
    return file


def test_the_rules_of_a_sync_are_in_its_file(installed: Installation, tmp_path: Path) -> None:
    installed.connect()
    rules = {"deletions": "archive", "leaving_scope": "keep syncing"}
    file = _changed(installed, tmp_path, "contacts", **rules)

    installed.done("config", "apply", str(file), "--yes")

    shown = installed.asked("sync", "show", "contacts")
    assert (shown["deletions"], shown["leaving_scope"]) == ("archive", "keep syncing")


@pytest.mark.parametrize(
    ("name", "values", "says"),
    [
        ("invoices", {"deletions": "archive"}, "of invoices nothing is archived"),
        ("payments", {"leaving_scope": "mark"}, "payments has no such key"),
        ("contacts", {"leaving_scope": "forget"}, "Allowed: freeze, keep syncing, mark"),
    ],
)
def test_a_rule_that_a_sync_cannot_have_is_refused_with_its_place(
    installed: Installation, tmp_path: Path, name: str, values: dict[str, str], says: str
) -> None:
    installed.connect()
    file = _changed(installed, tmp_path, name, **values)

    result = installed.done("config", "apply", str(file), exit_code=64)

    assert says in result.output
    assert f"syncs.{name}.{next(iter(values))} (line" in result.output


def test_removals_are_named_by_the_plan_and_allowed_by_their_number(
    installed: Installation, tmp_path: Path
) -> None:
    for number in range(4):
        installed.customer(f"Person {number}", f"person{number}@example.com")
    installed.begin("contacts")
    file = _changed(installed, tmp_path, "contacts", deletions="archive")
    installed.done("config", "apply", str(file), "--yes")
    installed.done("run", "--yes")
    for contact in installed.contacts():
        installed.portal.archive("contacts", contact["hs_object_id"])
    installed.forget_the_last_sweep()

    shown = installed.asked("plan", exit_code=2)

    assert shown["syncs"][0]["removed"] == [f"quickbooks:{n}" for n in range(1, 5)]
    assert "--allow-removals 4" in installed.done("run", "--yes", exit_code=5).output
    installed.done("run", "--yes", "--allow-removals", "4")
    assert not any(one["Active"] for one in installed.company.all("Customer"))


def test_a_lost_database_is_rebuilt(installed: Installation) -> None:
    _paired(installed)
    installed.database.unlink()
    refresh = installed.quickbooks.issue_tokens()[1]
    installed.environment["SANDBOX_QUICKBOOKS_REFRESH_TOKEN"] = refresh
    installed.begin("contacts")

    counted = installed.done("relink", "--dry-run").output
    assert "1 in HubSpot carry a key" in counted
    assert "Nothing was changed" in counted
    assert "1 pairs" in installed.done("relink").output
    installed.done("run", "--yes")
    assert len(installed.contacts()) == 1
