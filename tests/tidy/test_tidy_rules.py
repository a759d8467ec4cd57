"""Our own files keep the rules, and each rule catches what it is there for."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from tidy import rules
from tidy.rules import RULES, Rule
from tidy.tracked import Source, sources

HOST = "https:" + "//files.pythonhosted.org/packages"
HOME = "/" + "home/somebody"

BROKEN: dict[Rule, list[tuple[str, str]]] = {
    rules.modules_are_short: [("src/a.py", "pass\n" * 401)],
    rules.functions_are_short: [
        ("src/a.py", "def f():\n" + "    pass\n" * 70),
        ("tests/a.py", "class A:\n    async def f():\n" + "        pass\n" * 70),
    ],
    rules.lines_are_short: [("Makefile", "#" * 101), ("src/a.py", "#" * 101)],
    rules.public_names_have_docstrings: [
        ("src/a.py", "x = 1\n"),
        ("src/a.py", '"""A."""\n\ndef f():\n    pass\n'),
        ("src/a.py", '"""A."""\n\nclass A:\n    pass\n'),
        ("src/pkg/__init__.py", "x = 1\n"),
    ],
    rules.nothing_is_left_unfinished: [
        ("src/a.py", "x = 1  # " + "TO" + "DO: more\n"),
        ("src/a.py", '"""A.\n\n' + "FIX" + 'ME: more\n"""\n'),
        ("README.md", "TO" + "DO\n"),
        ("src/a.py", "def f():\n    raise NotImplementedError\n"),
        ("src/a.py", "def f():\n    raise NotImplementedError('later')\n"),
    ],
    rules.silenced_rules_give_a_reason: [
        ("src/a.py", "x = 1  # " + "noqa\n"),
        ("src/a.py", "x = 1  # " + "noqa: E501\n"),
        ("tests/a.py", "x = 1  # " + "noqa: E501 --\n"),
    ],
    rules.no_path_of_a_machine: [("docs/a.md", f"see {HOME}/notes"), ("a.toml", f'"{HOME}/a"')],
    rules.no_host_of_a_registry: [("a.lock", f"--index-url {HOST}\n")],
    rules.no_address_of_a_person: [
        ("tests/a.py", "'ana@harbor-cafe" + ".com'"),
        ("docs/a.md", "ana@notexample" + ".com"),
    ],
}

KEPT: dict[Rule, list[tuple[str, str]]] = {
    rules.modules_are_short: [("src/a.py", "pass\n" * 400), ("a.md", "a\n" * 401)],
    rules.functions_are_short: [("src/a.py", "def f():\n" + "    pass\n" * 69)],
    rules.lines_are_short: [("src/a.py", "#" * 100), ("a.lock", "#" * 101), ("a.md", "a" * 101)],
    rules.public_names_have_docstrings: [
        ("src/__init__.py", ""),
        ("src/_a.py", "x = 1\n"),
        ("src/a.py", '"""A."""\n\ndef _f():\n    pass\n'),
        ("tests/a.py", "def f():\n    pass\n"),
    ],
    rules.nothing_is_left_unfinished: [
        ("src/a.py", "NO_CURRENCY = 'XXX'\n"),
        ("src/a.py", "EXXXTRA = 1  # EXXXTRA\n"),
        ("tests/a.py", "def f():\n    raise NotImplementedError\n"),
    ],
    rules.silenced_rules_give_a_reason: [
        ("src/a.py", "x = 1  # " + "noqa: E501, S101 -- a table\n"),
    ],
    rules.no_path_of_a_machine: [
        ("a.md", "GET /crm/objects ../wo" + "rk/a https://example.com/ho" + "me/a")
    ],
    rules.no_host_of_a_registry: [("a.md", "https://docs.example.org/")],
    rules.no_address_of_a_person: [
        ("a.md", "ana@example.com bo@cafe.example.org cy@a.invalid git@host.dev @pytest.fixture")
    ],
}


def _complaints(rule: Rule, name: str, text: str) -> list[str]:
    return list(rule(Source(PurePosixPath(name), text)))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_our_files_keep_the_rule(rule: Rule) -> None:
    complaints = [complaint for source in sources() for complaint in rule(source)]

    assert complaints == [], "\n".join(complaints)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_catches_what_breaks_it(rule: Rule) -> None:
    caught = [len(_complaints(rule, name, text)) for name, text in BROKEN[rule]]

    assert caught == [1] * len(BROKEN[rule])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_lets_pass_what_keeps_it(rule: Rule) -> None:
    complaints = [_complaints(rule, name, text) for name, text in KEPT[rule]]

    assert complaints == [[]] * len(KEPT[rule])
