"""
The rules for our own files: each is a function from one file to its complaints.

Ruff, mypy and import-linter hold the rest; these are what they cannot say, or say less strictly.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator

from tidy.tracked import Source

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
LINE_COLUMNS_MAX = 100

LOCK = ".lock"

UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:home|Users|root|work|farm|opt|mnt|srv)/[\w.]")
REGISTRY = re.compile(
    r"https?://[\w.-]*(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|yarnpkg\.com|crates\.io)"
)
EMAIL = re.compile(r"[\w.%+-]+@((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})\b")
RESERVED_DOMAIN = re.compile(  # RFC 2606 and RFC 6761
    r"(?:.*\.)?(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)$", re.IGNORECASE
)

Rule = Callable[[Source], Iterator[str]]


def modules_are_short(source: Source) -> Iterator[str]:
    """A module is one idea, and fits in 400 lines."""
    lines = len(source.text.splitlines())
    if source.is_python and lines > MODULE_LINES_MAX:
        yield f"{source.path}: {lines} lines, at most {MODULE_LINES_MAX}"


def functions_are_short(source: Source) -> Iterator[str]:
    """A function fits on a screen: at most 70 lines from `def` to its end."""
    if not source.is_python:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                where = f"{source.path}:{node.lineno}"
                yield f"{where}: {node.name} has {lines} lines, at most {FUNCTION_LINES_MAX}"


def lines_are_short(source: Source) -> Iterator[str]:
    """A line of code has at most 100 columns, its comment included."""
    if not source.is_python and source.path.name not in {"Makefile", "run"}:
        return
    for number, line in enumerate(source.text.splitlines(), 1):
        if len(line) > LINE_COLUMNS_MAX:
            yield f"{source.path}:{number}: {len(line)} columns, at most {LINE_COLUMNS_MAX}"


def public_names_have_docstrings(source: Source) -> Iterator[str]:
    """Public modules of the product, and their public classes and functions, say what they are."""
    private = any(part.startswith("_") and not part.startswith("__") for part in source.path.parts)
    if not source.is_product or private or not source.tree.body:
        return
    if ast.get_docstring(source.tree) is None:
        yield f"{source.path}: the module has no docstring"
    for node in source.tree.body:
        if (
            isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and not node.name.startswith("_")
            and ast.get_docstring(node) is None
        ):
            yield f"{source.path}:{node.lineno}: {node.name} has no docstring"


def _comments(source: Source) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _remarks(source: Source) -> Iterator[tuple[int, str]]:
    """What is said to readers: comments and docstrings of a module, every line of other files."""
    if not source.is_python:
        yield from enumerate(source.text.splitlines(), 1)
        return
    yield from _comments(source)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node, clean=False)
            if docstring is not None:
                yield node.body[0].lineno, docstring


def nothing_is_left_unfinished(source: Source) -> Iterator[str]:
    """No mark of unfinished work, and no function of the product that only says so."""
    if source.path.suffix == LOCK:
        return
    for number, remark in _remarks(source):
        if UNFINISHED.search(remark):
            yield f"{source.path}:{number}: a mark of unfinished work"
    if source.is_product:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Name) and node.id == "NotImplementedError":
                yield f"{source.path}:{node.lineno}: NotImplementedError is a stub"


def silenced_rules_give_a_reason(source: Source) -> Iterator[str]:
    """A `noqa` names its rule and says why: `# noqa: XYZ123 -- the reason`."""
    if not source.is_python:
        return
    for number, comment in _comments(source):
        if "noqa" in comment and not re.search(r"# noqa: [A-Z0-9, ]+ -- \S", comment):
            yield f"{source.path}:{number}: noqa without a rule or without ` -- ` and a reason"


def _matches(source: Source, pattern: re.Pattern[str], what: str) -> Iterator[str]:
    for match in pattern.finditer(source.text):
        line = source.text.count("\n", 0, match.start()) + 1
        yield f"{source.path}:{line}: {what}: {match[0]}"


def no_path_of_a_machine(source: Source) -> Iterator[str]:
    """Nothing depends on where somebody's files lie."""
    yield from _matches(source, MACHINE_PATH, "a path of one machine")


def no_host_of_a_registry(source: Source) -> Iterator[str]:
    """Where packages come from is the business of whoever installs them."""
    yield from _matches(source, REGISTRY, "a package registry's host")


def no_address_of_a_person(source: Source) -> Iterator[str]:
    """E-mail addresses use reserved domains, so that none can belong to anybody."""
    for match in EMAIL.finditer(source.text):
        if not RESERVED_DOMAIN.match(match[1]) and not match[0].startswith("git@"):
            line = source.text.count("\n", 0, match.start()) + 1
            yield f"{source.path}:{line}: {match[1]} is not a reserved domain"


RULES: tuple[Rule, ...] = (
    modules_are_short,
    functions_are_short,
    lines_are_short,
    public_names_have_docstrings,
    nothing_is_left_unfinished,
    silenced_rules_give_a_reason,
    no_path_of_a_machine,
    no_host_of_a_registry,
    no_address_of_a_person,
)
