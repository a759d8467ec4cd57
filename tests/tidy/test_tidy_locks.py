"""The lock files: complete, current, and silent about where packages come from."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tidy.tracked import ROOT

RUN_TIME = "requirements.lock"
DEVELOPMENT = "requirements-dev.lock"
PARTS = "docs/decisions/0001-parts.md"


def _entries(lock: str) -> list[str]:
    """The entries of a lock: one requirement each, with its hashes on the following lines."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return text.replace("\\\n", " ").splitlines()


def _versions(lock: str) -> dict[str, str]:
    """The pinned version of each package by its canonical name."""
    pins = (entry.partition("==") for entry in _entries(lock))
    return {canonicalize_name(name): rest.split()[0] for name, _, rest in pins}


def _wanted() -> dict[str, list[Requirement]]:
    """What the project file asks for, by the lock that must hold it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    run_time = [Requirement(text) for text in project["project"]["dependencies"]]
    extra = project["project"]["optional-dependencies"]["dev"] + project["build-system"]["requires"]
    return {RUN_TIME: run_time, DEVELOPMENT: run_time + [Requirement(text) for text in extra]}


@pytest.mark.parametrize("lock", [RUN_TIME, DEVELOPMENT])
def test_every_entry_is_one_version_with_hashes_and_no_host(lock: str) -> None:
    entry_form = re.compile(
        r"[a-z0-9._-]+==[\w.!+]+ *(?:; [\w .'\"=!<>()]+)?(?: +--hash=sha256:[0-9a-f]{64})+"
    )

    strange = [entry for entry in _entries(lock) if not entry_form.fullmatch(entry)]

    assert strange == []


@pytest.mark.parametrize("lock", [RUN_TIME, DEVELOPMENT])
def test_the_lock_holds_what_the_project_file_asks_for(lock: str) -> None:
    versions = _versions(lock)

    stale = [
        str(wanted)
        for wanted in _wanted()[lock]
        if not wanted.specifier.contains(versions.get(canonicalize_name(wanted.name), "0"))
    ]

    assert stale == [], "run `make lock`"


def test_users_and_developers_run_the_same_versions() -> None:
    development = _versions(DEVELOPMENT)

    different = {
        name: (version, development.get(name))
        for name, version in _versions(RUN_TIME).items()
        if development.get(name) != version
    }

    assert different == {}, "run `make lock`"


def test_every_part_has_a_recorded_reason() -> None:
    rows = (ROOT / PARTS).read_text(encoding="utf-8")

    unexplained = [
        wanted.name for wanted in _wanted()[DEVELOPMENT] if f"| `{wanted.name}` |" not in rows
    ]

    assert unexplained == [], f"a dependency is a decision: add a row to {PARTS}"
