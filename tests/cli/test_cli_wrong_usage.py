"""Wrong usage, missing set-up, defects: words and exit codes, never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cli.cli_world import CONNECT_HUBSPOT, Installation
from ledgerbridge.cli import root as commands
from ledgerbridge.cli.root import COMMANDS, root

HEAVY = ("aiohttp", "sqlalchemy", "alembic", "rich", "cryptography", "yaml", "asyncio")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("plan", "--jsonn"),
        ("sync",),
        ("sync", "show"),
        ("history", "--limit", "0"),
        ("history", "--limit", "many"),
        ("connect", "hubspot"),
        ("connect", "quickbooks", "--realm-id", "1"),
        ("connections", "disconnect"),
        ("config", "apply"),
        ("sandbox", "--customers", "3"),
        ("sandbox", "--hubspot-port", "99999999"),
        ("retry", "--yes"),
    ],
)
def test_wrong_usage_is_64_and_says_how(
    arguments: tuple[str, ...], installed: Installation
) -> None:
    result = installed.done(*arguments, exit_code=64)

    assert result.stderr
    assert "Traceback" not in result.output


def test_an_unknown_command_names_what_is_near(installed: Installation) -> None:
    result = installed.done("satus", exit_code=64)

    assert "Did you mean status" in result.stderr


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_can_be_asked_for_help(name: str) -> None:
    result = CliRunner().invoke(root, [name, "--help"])

    assert result.exit_code == 0
    assert "Usage:" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [("plan",), ("run",), ("sync", "enable", "contacts"), ("config", "preset", "read only")],
)
def test_what_needs_a_connection_says_how_to_make_it(
    arguments: tuple[str, ...], installed: Installation
) -> None:
    result = installed.done(*arguments, exit_code=64)

    assert "ledgerbridge connect hubspot" in result.stderr


def test_a_run_without_any_sync_switched_on_says_so(installed: Installation) -> None:
    installed.connect()

    result = installed.done("run", exit_code=64)

    assert "ledgerbridge sync enable contacts" in result.stderr


def test_an_unset_variable_is_named_and_its_value_is_not_asked_for(
    installed: Installation,
) -> None:
    result = installed.done("connect", "hubspot", "--token-env", "NOT_SET", exit_code=64)

    assert "'NOT_SET' is not set" in result.stderr
    assert "Nothing was connected" in result.stderr


def test_a_database_url_of_another_kind_is_refused(installed: Installation) -> None:
    installed.environment["LEDGERBRIDGE_DATABASE_URL"] = "mysql://localhost/books"

    result = installed.done("status", exit_code=64)

    assert "LEDGERBRIDGE_DATABASE_URL" in result.stderr


def test_a_failure_is_json_too_where_that_was_asked_for(installed: Installation) -> None:
    failure = installed.asked("plan", exit_code=64)

    assert failure["error"] == "UsageError"
    assert failure["exit_code"] == 64
    assert "ledgerbridge connect hubspot" in failure["message"]


def test_a_defect_is_one_line_without_anybodys_data(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    _break(monkeypatch, ZeroDivisionError("jane@example.com"))

    result = installed.done("status", exit_code=70)

    assert "This is a defect of Ledgerbridge: ZeroDivisionError" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert "jane@example.com" not in result.output


@pytest.mark.parametrize("arguments", [("--debug", "status"), ("status", "--debug")])
def test_a_defect_shows_its_traceback_with_debug(
    arguments: tuple[str, ...], installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    _break(monkeypatch, ZeroDivisionError("what happened"))

    result = installed.done(*arguments, exit_code=70)

    assert "Traceback" in result.stderr
    assert "what happened" in result.stderr


def test_a_defect_in_a_group_of_tasks_is_named_by_its_first_cause(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = ExceptionGroup("tasks", [KeyError("12")])
    _break(monkeypatch, ExceptionGroup("outer", [inner]))

    result = installed.done("status", exit_code=70)

    assert "KeyError" in result.stderr


def test_a_person_who_stops_a_command_is_told_what_becomes_of_it(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    _break(monkeypatch, KeyboardInterrupt())

    result = installed.done("status", exit_code=130)

    assert "settled by the next run" in result.stderr


def _break(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let every command fail with an error."""

    def fail() -> None:
        raise error

    broken = click.Command("status", callback=fail)
    monkeypatch.setattr(commands.Commands, "get_command", lambda *_: broken)


def test_help_starts_without_loading_what_only_commands_need() -> None:
    script = (
        "import sys; from ledgerbridge.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_a_token_is_never_printed(installed: Installation) -> None:
    token = installed.environment["SANDBOX_HUBSPOT_TOKEN"]
    assert token
    outputs = [
        installed.done(*CONNECT_HUBSPOT).output,
        installed.done("connections", "list", "--json").output,
        installed.done("status", "--json").output,
        installed.done("doctor", "--json", exit_code=1).output,
    ]

    assert not any(token in shown for shown in outputs)
    assert token.encode() not in Path(installed.database).read_bytes()
