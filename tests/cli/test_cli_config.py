"""The set-up as a file: out, in, the diff, and everything that can be wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.cli_world import SYNCS, Installation
from ledgerbridge.core.mapping import Mapping
from ledgerbridge.syncs.contacts import MAPPINGS

Change = Callable[[dict[str, Any]], object]


def _exported(installed: Installation) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(installed.done("config", "export").stdout)
    return loaded


def _applied(
    installed: Installation, text: str, *options: str, exit_code: int = 0
) -> tuple[str, str]:
    file = Path(str(installed.database)).with_name("set_up.yaml")
    file.write_text(text, encoding="utf-8")
    result = installed.done("config", "apply", str(file), *options, exit_code=exit_code)
    return result.stdout, result.stderr


def _changed(installed: Installation, change: Change, *options: str, exit_code: int = 0) -> str:
    """Apply the exported set-up after a change of it; everything that was said."""
    set_up = _exported(installed)
    change(set_up["syncs"])
    said = _applied(installed, yaml.safe_dump(set_up), *options, exit_code=exit_code)
    return "".join(said)


def _mapping(syncs: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        one for one in syncs["contacts"]["mappings"] if one["name"] == name
    )
    return found


def test_what_was_exported_changes_nothing(installed: Installation) -> None:
    installed.begin("contacts", "invoices")

    said = _changed(installed, lambda _: None)

    assert "Nothing would change." in said


def test_the_export_names_the_preset_that_is_followed(installed: Installation) -> None:
    installed.begin("contacts", "invoices")
    before = _exported(installed)
    _changed(installed, lambda syncs: syncs["contacts"].update(rule="hubspot"), "--yes")

    assert before["preset"] == "as HubSpot recommends"
    assert "preset" not in _exported(installed)


def test_an_export_never_overwrites(installed: Installation, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    installed.done("config", "export", str(file))

    result = installed.done("config", "export", str(file), exit_code=64)

    assert "exists already. Nothing was written." in result.stderr


def test_a_change_is_shown_and_applied_once_agreed(installed: Installation) -> None:
    installed.begin()

    def change(syncs: dict[str, Any]) -> None:
        _mapping(syncs, "first name")["direction"] = "to hubspot"
        syncs["contacts"]["deletions"] = "nothing"

    dry = _changed(installed, change, "--dry-run", exit_code=2)
    refused = _changed(installed, change, exit_code=64)
    untouched = installed.asked("sync", "show", "contacts")
    _changed(installed, change, "--yes")
    report = installed.asked("sync", "show", "contacts")

    assert "syncs.contacts.mappings[first name].direction\n  - both ways\n  + to hubspot" in dry
    assert "syncs.contacts.deletions\n  - mark\n  + nothing" in dry
    assert "Nothing was applied: nobody agreed" in refused
    assert untouched["deletions"] == "mark"
    assert report["deletions"] == "nothing"
    directions = {one["name"]: one["direction"] for one in report["mappings"]}
    assert directions["first name"] == "to hubspot"


def test_a_filter_and_a_mapping_of_ones_own_work(installed: Installation) -> None:
    installed.portal.add_property("contacts", "nickname")
    installed.customer("Ada Moreno", "ada@example.com", Suffix="Dr.", Notes="x", GivenName="Ada")
    installed.customer("Bob Stone", "bob@example.com", Suffix="Jr.", GivenName="Bob")
    installed.begin()
    own = {"name": "own", "hubspot": "nickname", "quickbooks": "Suffix", "direction": "to hubspot"}
    condition = {"field": "GivenName", "operator": "starts with", "value": "a"}

    def change(syncs: dict[str, Any]) -> None:
        syncs["contacts"]["mappings"].append(own)
        syncs["contacts"]["filters"]["to_hubspot"] = {"any": [{"all": [condition]}]}

    _changed(installed, change, "--yes")
    installed.done("run", "--yes")

    (contact,) = installed.portal.all("contacts")
    assert (contact["email"], contact["nickname"]) == ("ada@example.com", "Dr.")


def test_what_a_file_does_not_name_stays_as_it_is(installed: Installation) -> None:
    installed.begin("contacts", "products")

    _applied(installed, "syncs: {contacts: {rule: hubspot}, invoices: {enabled: true}}", "--yes")

    contacts = installed.asked("sync", "show", "contacts")
    assert contacts["rule"] == "hubspot"
    assert len(contacts["mappings"]) == len(MAPPINGS)
    enabled = {one["name"]: one["enabled"] for one in installed.asked("sync", "list")["syncs"]}
    assert enabled == dict.fromkeys(SYNCS, False) | dict.fromkeys(
        ("contacts", "products", "invoices"), True
    )


def test_a_frozen_day_stays_while_its_filter_does(installed: Installation) -> None:
    installed.begin("invoices")
    filters = installed.asked("sync", "show", "invoices")["filters"]
    condition = {"field": "MetaData.CreateTime", "operator": "on or after", "value": "today"}
    again = {"any": [{"all": [condition]}]}

    said = _changed(installed, lambda s: s["invoices"]["filters"].update(to_hubspot=again))

    assert "Nothing would change." in said
    assert installed.asked("sync", "show", "invoices")["filters"] == filters


def test_a_day_of_ones_own_is_kept_and_today_then_means_the_day_of_the_change(
    installed: Installation,
) -> None:
    installed.begin("invoices")

    def since(value: str) -> Change:
        condition = {"field": "MetaData.CreateTime", "operator": "on or after", "value": value}
        return lambda s: s["invoices"]["filters"].update(to_hubspot={"any": [{"all": [condition]}]})

    _changed(installed, since("2020-01-01T00:00:00Z"), "--yes")
    own = installed.asked("sync", "show", "invoices")["filters_in_words"]["to_hubspot"]
    _changed(installed, since("today"), "--yes")
    today = installed.asked("sync", "show", "invoices")["filters_in_words"]["to_hubspot"]

    assert own.endswith("2020-01-01T00:00:00Z")
    assert not today.endswith(("today", "2020-01-01T00:00:00Z"))


def test_a_preset_sets_all_syncs_and_leaves_them_on_or_off(installed: Installation) -> None:
    installed.begin("contacts")
    frozen = installed.asked("sync", "list")

    dry = installed.done("config", "preset", "read-only", "--dry-run", exit_code=2)
    installed.done("config", "preset", "read", "only", "--yes")

    assert "syncs.contacts.direction\n  - both ways\n  + to hubspot" in dry.stdout
    assert installed.asked("sync", "show", "contacts")["direction"] == "to hubspot"
    assert _exported(installed)["preset"] == "read only"
    now = installed.asked("sync", "list")
    assert [one["enabled"] for one in now["syncs"]] == [one["enabled"] for one in frozen["syncs"]]


def test_an_unknown_preset_names_what_is_near(installed: Installation) -> None:
    installed.connect()

    result = installed.done("config", "preset", "book first", exit_code=64)

    assert "Did you mean 'books first'?" in result.stderr


def test_a_new_property_is_known_at_once(installed: Installation) -> None:
    installed.begin()
    installed.portal.add_property("contacts", "favourite_colour")
    own = {"name": "x", "hubspot": "favourite_colour", "quickbooks": "Suffix"}

    said = _changed(installed, lambda s: s["contacts"]["mappings"].append(own), "--yes")

    assert "syncs.contacts.mappings[x]" in said


MISSPELT = "{any: [{all: [{field: Balanc, operator: is}]}]}"
WRONG: list[tuple[str, str, str]] = [
    # the text, the place that is named, what is said
    ("syncs: [", "line 1", "it is not YAML"),
    ("", "the file", "Give the keys preset, syncs."),
    ("- contacts", "the file", "Give the keys preset, syncs."),
    ("preset: read only", "syncs (line 1)", "ledgerbridge config preset NAME"),
    ("preset: read onyl\nsyncs: {}", "preset (line 1)", "Did you mean read only?"),
    ("syncs:\n  contcts: {}", "syncs.contcts (line 2)", "Did you mean contacts?"),
    ("sincs: {}", "sincs (line 1)", "Did you mean syncs?"),
    ("syncs: {contacts: 3}", "syncs.contacts (line 1)", "no mapping of keys to values"),
    (
        "syncs:\n  contacts:\n    enabled: maybe",
        "syncs.contacts.enabled (line 3)",
        "true or false",
    ),
    ("syncs:\n  contacts:\n    rule: oldest", "syncs.contacts.rule (line 3)", "Allowed: hubspot"),
    (
        "syncs:\n  contacts:\n    direction: both",
        "syncs.contacts.direction (line 3)",
        "Did you mean both ways?",
    ),
    (
        "syncs:\n  products:\n    direction: both ways",
        "syncs.products.direction (line 3)",
        "they go to HubSpot only",
    ),
    (
        "syncs:\n  invoices:\n    direction: to quickbooks",
        "syncs.invoices.direction (line 3)",
        "they go to HubSpot only",
    ),
    (
        "syncs:\n  contacts:\n    matching:\n    - key\n    - phone",
        "syncs.contacts.matching[1] (line 5)",
        "Use some of: key, email.",
    ),
    ("syncs:\n  contacts:\n    mappings: x", "syncs.contacts.mappings (line 3)", "no list"),
    (
        "syncs:\n  contacts:\n    rule: hubspot\n    rule: quickbooks",
        "syncs.contacts.rule (line 4)",
        "given twice",
    ),
    (
        "a: &a [x]\nsyncs: *a",
        "line 2",
        "aliases are not read",
    ),
    (
        f"syncs:\n contacts:\n  filters:\n   to_hubspot: {MISSPELT}",
        "syncs.contacts.filters.to_hubspot.any[0].all[0].field (line 4)",
        "Did you mean Balance",
    ),
    (
        "syncs: {contacts: {filters: {to_quickbooks: {any: [{all: [{association: deels}]}]}}}}",
        "syncs.contacts.filters.to_quickbooks.any[0].all[0].association (line 1)",
        "Use one of:",
    ),
    ("syncs: {contacts: {filters: {from: {}}}}", "syncs.contacts.filters.from", "to_hubspot"),
]


@pytest.mark.parametrize(("text", "place", "said"), WRONG)
def test_what_is_wrong_in_a_file_is_named_with_its_place_and_remedy(
    text: str, place: str, said: str, installed: Installation
) -> None:
    installed.begin()
    before = installed.asked("sync", "list"), installed.done("config", "export").stdout

    _, shown = _applied(installed, text, "--yes", exit_code=64)

    assert f"Error: {place}" in shown
    assert said in shown
    assert before == (installed.asked("sync", "list"), installed.done("config", "export").stdout)


WRONG_MAPPINGS: list[tuple[dict[str, Any], str, str]] = [
    ({"hubspot": "firstname", "quickbooks": "GivenName"}, ".name", "it is missing"),
    ({"name": "x", "hubspot": "firstnam", "quickbooks": "Title"}, ".hubspot", "firstname"),
    ({"name": "x", "hubspot": "fax", "quickbooks": "GivnName"}, ".quickbooks", "GivenName"),
    (
        {"name": "x", "hubspot": "fax", "quickbooks": "Title", "direction": "to qb"},
        ".direction",
        "Allowed: both ways, to hubspot, to quickbooks.",
    ),
    (
        {"name": "x", "hubspot": "fax", "quickbooks": "Title", "when": "always!"},
        ".when",
        "Did you mean always?",
    ),
    (
        {"name": "x", "hubspot": "fax", "quickbooks": "Title", "truncat": True},
        ".truncat",
        "Did you mean truncate?",
    ),
    (
        {"name": "x", "hubspot": "fax", "quickbooks": "Title", "enforce": "yes"},
        ".enforce",
        "true or false",
    ),
    ({"name": "x", "hubspot": 7, "quickbooks": "Title"}, ".hubspot", "neither a name nor a list"),
    ({"name": "email", "hubspot": "fax", "quickbooks": "Title"}, ".name", "used twice"),
    (
        {"name": "x", "hubspot": "jobtitle", "quickbooks": "GivenName"},
        ".quickbooks",
        "already written by the mapping 'first name'",
    ),
    (
        {"name": "x", "hubspot": "email", "quickbooks": "Active"},
        "",
        "cannot be written",
    ),
]


@pytest.mark.parametrize(("mapping", "place", "said"), WRONG_MAPPINGS)
def test_a_wrong_mapping_is_named_with_its_number_and_line(
    mapping: dict[str, Any], place: str, said: str, installed: Installation
) -> None:
    installed.begin()

    shown = _changed(
        installed, lambda s: s["contacts"]["mappings"].append(mapping), "--yes", exit_code=64
    )

    assert f"Error: syncs.contacts.mappings[{len(MAPPINGS)}]{place} (line " in shown
    assert said in shown
    assert len(installed.asked("sync", "show", "contacts")["mappings"]) == len(MAPPINGS)


def test_the_key_cannot_be_mapped_away(installed: Installation) -> None:
    installed.begin()

    said = _changed(installed, lambda s: s["contacts"]["mappings"].pop(0), "--yes", exit_code=64)

    assert "by which pairs are recognised" in said
    assert "'@key'" in said


def test_a_file_that_is_not_there_or_no_text_is_wrong_usage(
    installed: Installation, tmp_path: Path
) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")

    missing = installed.done("config", "apply", "nowhere.yaml", exit_code=64)
    binary = installed.done("config", "apply", "binary.yaml", exit_code=64)

    assert "nowhere.yaml cannot be read" in missing.stderr
    assert "not text in UTF-8" in binary.stderr


def test_a_lack_of_the_portal_is_nobodys_mistake_in_the_file(installed: Installation) -> None:
    installed.portal.remove_property("contacts", "fax")
    installed.begin()

    said = _changed(installed, lambda s: s["contacts"].update(rule="hubspot"), "--yes")

    assert "Applied." in said


def test_the_documented_example_can_be_applied(installed: Installation) -> None:
    page = (Path(__file__).parents[2] / "docs/users/configuration.md").read_text("utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    installed.begin()

    _applied(installed, example, "--yes")

    contacts = installed.asked("sync", "show", "contacts")
    assert len(contacts["mappings"]) == example.count("- {name:")
    assert contacts["mappings"][3]["into_quickbooks"] == "fill if blank"
    assert "has associated invoices" in contacts["filters_in_words"]["to_quickbooks"]


def test_every_key_of_a_mapping_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs/users/configuration.md").read_text("utf-8")
    section = page.partition("## A mapping")[2]

    assert [key for key in Mapping.__struct_fields__ if f"`{key}`" not in section] == []
