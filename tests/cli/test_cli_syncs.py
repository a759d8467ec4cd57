"""Switch syncs on and off, show and delete them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from cli.cli_world import SYNCS, Installation, now
from ledgerbridge.clock import SystemClock


def _filter_instant(installed: Installation) -> str:
    report = installed.asked("sync", "show", "invoices")
    return str(report["filters"]["to_hubspot"]["any"][0]["all"][0]["value"])


def test_both_sides_connected_every_sync_is_there_and_off(installed: Installation) -> None:
    installed.connect()

    report = installed.asked("sync", "list")

    assert [one["name"] for one in report["syncs"]] == list(SYNCS)
    assert not any(one["enabled"] for one in report["syncs"])


def test_today_is_frozen_when_a_sync_is_switched_on(installed: Installation) -> None:
    installed.connect()
    before = _filter_instant(installed)

    installed.done("sync", "enable", "invoices")

    assert before == "today"
    frozen = _filter_instant(installed)
    assert frozen.endswith("Z")
    assert frozen <= now().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert frozen > (now() - timedelta(hours=26)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_switched_off_and_on_again_the_instant_stays(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed.begin("invoices")
    frozen = _filter_instant(installed)
    installed.done("sync", "disable", "invoices")

    later = now() + timedelta(days=40)
    monkeypatch.setattr(SystemClock, "now", lambda _: later)
    installed.done("sync", "enable", "invoices")

    assert _filter_instant(installed) == frozen


def test_switched_off_nothing_is_written_and_links_stay(installed: Installation) -> None:
    customer = installed.customer("Ada Moreno", "ada@example.com")
    installed.begin("contacts", "products")
    installed.done("run", "--yes")
    installed.done("sync", "disable", "contacts")
    installed.company.update("Customer", {"Id": customer, "GivenName": "Ada"})

    off = installed.asked("run", "--yes")
    installed.done("sync", "enable", "contacts")
    on = installed.asked("run")

    assert off["writes"] == 0
    assert on["writes"] == 1
    (contact,) = installed.portal.all("contacts")
    assert contact["firstname"] == "Ada"


def test_deleting_asks_forgets_the_links_and_touches_no_record(installed: Installation) -> None:
    installed.customer("Ada Moreno", "ada@example.com")
    installed.begin()
    installed.done("run", "--yes")
    before = installed.portal.all("contacts")

    refused = installed.done("sync", "delete", "contacts", exit_code=64)
    deleted = installed.done("sync", "delete", "contacts", "--yes")

    assert "Add --yes" in refused.stderr
    assert "1 link forgotten" in deleted.stdout
    assert installed.portal.all("contacts") == before
    assert "contacts" not in [one["name"] for one in installed.asked("sync", "list")["syncs"]]


def test_a_deleted_sync_begins_anew_and_finds_its_pairs_by_their_key(
    installed: Installation,
) -> None:
    installed.customer("Ada Moreno", "ada@example.com")
    installed.begin()
    installed.done("run", "--yes")
    installed.done("sync", "delete", "contacts", "--yes")

    installed.done("sync", "enable", "contacts")
    installed.done("run", "--yes")

    assert len(installed.portal.all("contacts")) == 1
    assert installed.asked("sync", "list")["syncs"][0]["in_sync"] == 1


def test_deleting_what_is_not_there_says_so(installed: Installation) -> None:
    installed.connect()

    result = installed.done("sync", "delete", "quotes", "--yes", exit_code=64)

    assert f"There is no sync 'quotes'. The syncs are {', '.join(SYNCS)}." in result.stderr


def test_nothing_is_switched_on_if_one_name_is_wrong(installed: Installation) -> None:
    installed.connect()

    installed.done("sync", "enable", "contacts", "contcts", exit_code=64)

    assert not any(one["enabled"] for one in installed.asked("sync", "list")["syncs"])


def test_a_sync_shows_which_of_its_mappings_do_not_serve_here(installed: Installation) -> None:
    installed.connect()
    installed.portal.remove_property("contacts", "fax")
    installed.portal.change_property("contacts", "website", read_only=True)
    installed.done("connections", "test")

    mappings = {one["name"]: one for one in installed.asked("sync", "show", "contacts")["mappings"]}

    assert "fax" in mappings["fax"]["left_out"]
    assert mappings["website"]["read_only"] == ["hubspot:website"]
    assert mappings["email"]["left_out"] == ""
    shown = installed.done("sync", "show", "contacts").stdout
    assert "left out: contacts has no fax here" in shown


def test_a_changed_set_up_is_followed_by_the_next_run_though_no_record_changed(
    installed: Installation, tmp_path: Path
) -> None:
    installed.customer("Ada Moreno", "ada@example.com", GivenName="Ada")
    installed.begin()
    set_up = yaml.safe_load(installed.done("config", "export").stdout)
    mappings = {one["name"]: one for one in set_up["syncs"]["contacts"]["mappings"]}
    file = tmp_path / "set_up.yaml"

    mappings["first name"]["enabled"] = False
    file.write_text(yaml.safe_dump(set_up))
    installed.done("config", "apply", str(file), "--yes")
    installed.done("run", "--yes")
    (without,) = installed.portal.all("contacts")
    mappings["first name"]["enabled"] = True
    file.write_text(yaml.safe_dump(set_up))
    installed.done("config", "apply", str(file), "--yes")
    refused = installed.done("run", exit_code=4)
    installed.done("run", "--yes")
    (followed,) = installed.portal.all("contacts")

    assert not without.get("firstname")
    assert "its configuration changed" in refused.stderr
    assert followed["firstname"] == "Ada"
