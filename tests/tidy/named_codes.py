"""The codes that a record or a call can get, found in the product's own text."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tidy.tracked import sources

PARTS = ("connectors", "core", "service", "syncs")

# Who is given a code, and as which of its arguments: as `code=` it is found anyhow.
PLACES: dict[str, int] = {
    "CallFailed": 0,
    "Finding": 0,
    "LookAgain": 0,
    "Meaning": 0,
    "Refuse": 0,
    "Refused": 0,
    "Retry": 0,
    "Rule": 1,
    "Unauthorized": 0,
    "Unconvertible": 0,
    "_refusal": 1,
    "excluded": 2,
    "failing": 2,
    "unknown": 1,
}
NO_CODES = frozenset({"Meaning"})
"""In core, the same word stands for the meaning of a filter's operator."""


def codes() -> set[str]:
    """Every code in the connectors' tables of failures and in what plans say of records."""
    return set(_codes())


def _codes() -> Iterator[str]:
    for source in sources():
        parts = source.path.parts
        if not source.is_product or len(parts) < 4 or parts[2] not in PARTS:
            continue
        constants = dict(_constants(source.tree))
        for node in ast.walk(source.tree):
            for given in _given(node, in_core=parts[2] == "core"):
                yield from _texts(given, constants)


def _given(node: ast.AST, *, in_core: bool) -> Iterator[ast.expr]:
    """What a call is given as a code, or what a name `code` stands for."""
    if isinstance(node, ast.Assign):
        yield from (node.value for one in node.targets if getattr(one, "id", "") == "code")
    if not isinstance(node, ast.Call):
        return
    yield from (one.value for one in node.keywords if one.arg == "code")
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    place = PLACES.get(name)
    if place is not None and len(node.args) > place and not (in_core and name in NO_CODES):
        yield node.args[place]


def _texts(given: ast.expr, constants: dict[str, str]) -> Iterator[str]:
    """The words that stand there, or that a constant of the module stands for."""
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        yield given.value
    elif isinstance(given, ast.Name) and given.id in constants:
        yield constants[given.id]
    elif isinstance(given, ast.IfExp):
        yield from _texts(given.body, constants)
        yield from _texts(given.orelse, constants)


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    yield "RATE_LIMITED", "rate_limited"
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            for target in node.targets:
                if isinstance(target, ast.Name) and isinstance(node.value.value, str):
                    yield target.id, node.value.value
