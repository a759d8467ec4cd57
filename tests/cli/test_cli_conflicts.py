"""Conflicts as a person meets them on the command line."""

from __future__ import annotations

from pathlib import Path

import yaml

from cli.cli_world import Installation


def _asks(installed: Installation, folder: Path, rule: str = "ask") -> Path:
    file = folder / "set-up.yaml"
    exported = yaml.safe_load(installed.done("config", "export").output)
    exported["syncs"]["contacts"]["rule"] = rule
    file.write_text(yaml.safe_dump(exported))
    return file


def _in_conflict(installed: Installation, folder: Path) -> str:
    customer = installed.customer("Ada Moreno", "ada@example.com", GivenName="Ada")
    installed.begin("contacts")
    installed.done("config", "apply", str(_asks(installed, folder)), "--yes")
    installed.done("run", "--yes")
    contact = installed.contacts()[0]["hs_object_id"]
    installed.portal.update("contacts", contact, {"firstname": "Adele"})
    installed.company.update("Customer", {"Id": customer, "GivenName": "Adelaide"})
    return customer


def test_a_conflict_is_listed_decided_and_done(installed: Installation, tmp_path: Path) -> None:
    customer = _in_conflict(installed, tmp_path)
    assert "waits for a person" in installed.done("sync", "show", "contacts").output
    assert "both sides changed first name" in installed.done("plan").output
    installed.done("run", "--yes")

    listed = installed.done("conflicts", "list").output
    assert "Adele" in listed
    assert "Adelaide" in listed
    assert f"conflicts decide contacts quickbooks:{customer} 'first name'" in listed
    assert "both sides changed first name" in installed.done("status").output
    assert "1 field waits for a decision." in installed.done("doctor").output

    pair = ("contacts", f"quickbooks:{customer}")
    told = installed.asked("conflicts", "decide", *pair, "first name", "--take", "hubspot")
    assert told["conflicts"][0]["take"] == "hubspot"
    assert "decided: HubSpot's value" in installed.done("conflicts", "show", *pair).output

    installed.done("run", "--yes")
    assert (installed.company.get("Customer", customer) or {})["GivenName"] == "Adele"
    assert "No conflict waits" in installed.done("conflicts", "list").output
    assert "a person decided" in installed.done("history", "--losses").output


def test_the_set_up_expresses_it_and_refuses_other_words(
    installed: Installation, tmp_path: Path
) -> None:
    installed.begin("contacts")
    installed.done("config", "apply", str(_asks(installed, tmp_path)), "--yes")
    exported = yaml.safe_load(installed.done("config", "export").output)
    assert exported["syncs"]["contacts"]["rule"] == "ask"

    wrong = installed.done("config", "apply", str(_asks(installed, tmp_path, "aks")), exit_code=64)

    assert "Did you mean ask?" in wrong.output


def test_what_is_no_conflict_is_refused_in_words(installed: Installation) -> None:
    installed.begin("contacts")
    unknown = installed.done("conflicts", "show", "contacts", "quickbooks:7", exit_code=64)
    assert "quickbooks:7 has no open conflict in contacts" in unknown.output
    side = ("contacts", "quickbooks:7", "phone", "--take", "both")
    assert "both" in installed.done("conflicts", "decide", *side, exit_code=64).output
    assert (
        "names no record"
        in installed.done("conflicts", "show", "contacts", "seven", exit_code=64).output
    )
