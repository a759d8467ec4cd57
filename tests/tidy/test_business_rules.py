"""The page of business rules names code and tests that exist, and no rule is without a test."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tidy.tracked import ROOT, sources

PAGE = ROOT / "docs/developers/business-rules.md"
ROWS = tuple(
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and "`" in line
)
NAME = re.compile(r"`([^`]+)`")


@cache
def _tests() -> frozenset[str]:
    """The name of every test of the project."""
    return frozenset(
        node.name
        for source in sources()
        if source.is_python and source.path.parts[0] == "tests"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    )


def test_every_row_is_read() -> None:
    """A row that the pattern above does not see would be held to nothing."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rulers = sum(line.startswith("|---") for line in lines)
    assert len(ROWS) == sum(line.startswith("|") for line in lines) - 2 * rulers


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0])[:60])
def test_a_rule_is_decided_by_a_module_and_told_by_tests_that_exist(row: tuple[str, ...]) -> None:
    rule, module, tests = row
    (path,) = NAME.findall(module)
    assert (ROOT / "src/ledgerbridge" / path).is_file(), f"{rule}: there is no {path}"
    named = NAME.findall(tests)
    assert named, f"{rule}: no test tells it"
    assert set(named) <= _tests(), f"{rule}: {sorted(set(named) - _tests())} do not exist"
