"""What documents say in tables is what the program has, name by name."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from functools import cache

import pytest

from ledgerbridge import errors
from ledgerbridge.cli import root
from ledgerbridge.core.mapping import Direction, Mapping, When
from ledgerbridge.errors import LedgerbridgeError
from ledgerbridge.sandbox.hubspot.object_types import OBJECT_TYPES
from ledgerbridge.sandbox.hubspot.routes import OPERATIONS
from ledgerbridge.sandbox.hubspot.switches import Switches as HubSpotSwitches
from ledgerbridge.sandbox.quickbooks.entities import ENTITIES
from ledgerbridge.sandbox.quickbooks.switches import Switches as QuickBooksSwitches
from ledgerbridge.service.settings import DEFAULTS, PREFIX
from ledgerbridge.syncs.catalogue import KINDS
from tidy.named_codes import codes
from tidy.tracked import ROOT

ARROWS = {Direction.BOTH: "⇄", Direction.TO_HUBSPOT: "→", Direction.TO_QUICKBOOKS: "←"}
EVIDENCE = {"documented", "recorded", "reported", "assumed"}
WORD = re.compile(r"`([^`]+)`")
INVARIANT = re.compile(r"\bI-[A-Z]+\b")
RULER = re.compile(r"\|[-|: ]+\|")


@cache
def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _section(name: str, title: str) -> str:
    """What stands under a heading of the second level."""
    parts = _text(name).split(f"\n## {title}\n")
    assert len(parts) == 2, f"{name} has no section {title!r}"
    return parts[1].partition("\n## ")[0]


def _page_of(sync: str) -> str:
    """The page that has the section of a sync."""
    pages = ("docs/users/syncs.md", "docs/users/invoices.md", "docs/users/payments-and-deals.md")
    return next((page for page in pages if f"\n## {sync}\n" in _text(page)), pages[0])


def _rows(text: str) -> list[list[str]]:
    """The rows of all tables in a text, each as its cells, without headings."""
    rows: list[list[str]] = []
    for line in text.splitlines():
        if RULER.fullmatch(line):
            rows.pop()
        elif line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def _row_of(mapping: Mapping) -> list[str]:
    arrow = ARROWS[mapping.direction]
    names = [", ".join(f"`{x}`" for x in side) for side in (mapping.hubspot, mapping.quickbooks)]
    way = arrow if mapping.when is When.ALWAYS else f"{arrow} {mapping.when}"
    return [mapping.name, *names, way]


@pytest.mark.parametrize("name", KINDS)
def test_the_page_about_syncs_shows_every_default_mapping_as_it_is(name: str) -> None:
    shown = [row for row in _rows(_section(_page_of(name), name)) if len(row) == 4]

    assert shown == [_row_of(mapping) for mapping in KINDS[name].defaults.mappings]


@pytest.mark.parametrize("name", KINDS)
def test_the_page_about_syncs_names_every_property_of_ours(name: str) -> None:
    section = _section(_page_of(name), name)

    unnamed = [one.name for one in KINDS[name].own_properties if f"`{one.name}`" not in section]

    assert unnamed == []


def test_the_page_about_syncs_tells_types_direction_and_matching() -> None:
    words = {"name": "full name", "email": "e-mail", "sku": "SKU"}
    first = _text("docs/users/syncs.md").partition("\n## ")[0]

    assert [(row[0], row[2].split()[0], row[3], row[4]) for row in _rows(first)] == [
        (
            kind.name,
            kind.quickbooks_type,
            kind.defaults.direction.replace("hubspot", "HubSpot"),
            ", ".join(words.get(key, key) for key in kind.defaults.matching),
        )
        for kind in KINDS.values()
    ]


def test_every_code_is_explained_and_no_other() -> None:
    rows = [row for row in _rows(_text("docs/users/problems.md")) if len(row) == 3]
    explained = [word for row in rows for word in WORD.findall(row[0])]

    assert sorted(explained) == sorted(codes())


def test_every_setting_is_listed_with_its_default() -> None:
    rows = {row[0]: row[1] for row in _rows(_text("docs/users/settings.md")) if PREFIX in row[0]}

    assert rows == {
        f"`{PREFIX}{name}`": f"`{value}`" if value else "" for name, value in DEFAULTS.items()
    }


@pytest.mark.parametrize(
    ("title", "switches"),
    [("Switches of HubSpot", HubSpotSwitches), ("Switches of QuickBooks", QuickBooksSwitches)],
)
def test_every_switch_of_an_emulator_is_listed_with_its_default(
    title: str, switches: type[HubSpotSwitches | QuickBooksSwitches]
) -> None:
    rows = _rows(_section("docs/emulators.md", title))

    assert [row[:2] for row in rows] == [
        [f"`{one.name}`", f"`{one.default!r}`"] for one in fields(switches)
    ]


@pytest.mark.parametrize(
    ("title", "known"),
    [
        ("HubSpot: object types", [one.name for one in OBJECT_TYPES]),
        ("HubSpot: routes", [f"{one.method} {one.path}" for one in OPERATIONS]),
        ("QuickBooks: entities", list(ENTITIES)),
    ],
)
def test_everything_emulated_is_listed_with_the_class_of_its_evidence(
    title: str, known: list[str]
) -> None:
    text = _text("docs/emulators.md").partition(f"\n### {title}\n")[2].partition("\n##")[0]
    rows = _rows(text)
    classes = [re.sub(r"\([^)]*\)", "", row[1]).replace(",", " ").split() for row in rows]

    assert [row[0] for row in rows] == [f"`{one}`" for one in known]
    assert all(found and set(found) <= EVIDENCE for found in classes), classes


def test_the_decision_table_is_printed_anew_when_it_changes() -> None:
    command = [sys.executable, str(ROOT / "tests/core/merge_table.py")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert _text("docs/developers/decision-table.md").endswith(printed), (
        "replace the table with what `python tests/core/merge_table.py` prints"
    )


def test_every_invariant_of_the_simulation_is_explained() -> None:
    modules = [*ROOT.glob("tests/simulation/*.py"), *ROOT.glob("tests/mutants/scripts_*.py")]
    named = {x for one in modules for x in INVARIANT.findall(one.read_text(encoding="utf-8"))}

    rows = _rows(_section("docs/developers/engine.md", "What the simulation holds"))

    assert {x for row in rows for x in INVARIANT.findall(row[0])} == named


def test_the_readme_lists_every_command() -> None:
    listed = [WORD.findall(row[0]) for row in _rows(_section("README.md", "Commands"))]

    assert [name for names in listed for name in names] == list(root.COMMANDS)


def test_every_exit_code_is_listed() -> None:
    kinds = [one for one in vars(errors).values() if isinstance(one, type)]
    known = {one.exit_code for one in kinds if issubclass(one, LedgerbridgeError)}
    known |= {root.WRONG_USAGE, root.DEFECT, root.STOPPED, 0, 2, 3}

    readme = [row[0] for row in _rows(_section("README.md", "Commands")) if "`" not in row[0]]
    page = [row[0] for row in _rows(_section("docs/users/plan-and-run.md", "Exit codes"))]

    assert {int(code) for cell in readme for code in cell.split(" · ")} == known
    assert {int(code) for code in page} == known


def test_users_and_developers_get_short_pages() -> None:
    long = [
        str(page)
        for page in (*ROOT.glob("docs/*/*.md"), ROOT / "README.md")
        if page.name != "json.md" and len(page.read_text(encoding="utf-8").splitlines()) > 250
    ]

    assert long == [], "split them, or say less"
