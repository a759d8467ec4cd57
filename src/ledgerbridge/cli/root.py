"""
All commands by name, imported when they are needed; and what becomes of failures.

Exit codes: 0 done, 1 failed, 64 wrong usage, 70 a defect, 130 stopped by the person; the others
belong to single commands (product.md, interface contract).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from importlib import import_module
from traceback import extract_tb, format_exception
from typing import Any, NoReturn

import click

from ledgerbridge.cli import output
from ledgerbridge.errors import LedgerbridgeError

WRONG_USAGE, DEFECT, STOPPED = 64, 70, 130
DEBUG = "--debug"
REPORT_AT = "the issue tracker of Ledgerbridge"

# name: what `ledgerbridge --help` says. Its module has the same name and holds `command`.
COMMANDS = {
    "demo": "show the whole job between two emulated accounts",
    "sandbox": "serve emulators of both systems with a believable company",
    "connect": "connect a HubSpot portal or a QuickBooks company",
    "connections": "list, test or disconnect what is connected",
    "sync": "list, show, switch on, switch off or delete syncs",
    "config": "export the set-up as YAML, apply it, choose a preset",
    "plan": "show what a run would do; writes nothing",
    "run": "bring both sides in step",
    "status": "how it stands: in sync, excluded, failing, and why",
    "history": "what was written, and what was overwritten",
    "undo": "put back what a run wrote, or what was written to one record",
    "matches": "who may be whom, with the evidence, and your decision",
    "conflicts": "fields that both sides changed, and your decision",
    "cases": "what only a person can decide, with the evidence",
    "reconcile": "compare what is open on both sides, to the cent",
    "forget": "forget a person: nothing of them is kept here, and they are never made again",
    "retry": "try failing records again now",
    "relink": "rebuild a lost database from the keys in HubSpot",
    "pause": "let an account, a sync or a record rest",
    "resume": "let it go on: what changed meanwhile travels",
    "ignore": "leave out a record, or all that fails for one reason",
    "unignore": "take that back",
    "doctor": "check connections, permissions, properties and the database",
}


class Commands(click.Group):
    """The root group. It knows the names of its commands before their modules are imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of a person's first day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One command, imported now; None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"ledgerbridge.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with near names for an unknown one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], COMMANDS, n=2)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            ctx.fail(f"There is no command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run a command; every failure becomes words and an exit code."""
        given = list(sys.argv[1:] if args is None else args)
        arguments = [argument for argument in given if argument != DEBUG]
        output.speak_json("--json" in arguments)
        try:
            code = super().main(arguments, prog_name, complete_var, standalone_mode=False, **extra)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 -- the last resort
            code = _failed(error, debug=DEBUG in given)
        sys.exit(code if isinstance(code, int) else 0)


def _failed(error: BaseException, *, debug: bool) -> int:
    """Say what went wrong; returns the exit code."""
    if debug:
        output.tell("".join(format_exception(error)))
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        output.tell(error.format_message())
        return WRONG_USAGE
    if isinstance(error, click.UsageError):
        where = error.ctx.command_path if error.ctx else "ledgerbridge"
        message = f"{error.format_message()} See: {where} --help"
        return output.failure("UsageError", message, WRONG_USAGE)
    if isinstance(error, click.Abort | KeyboardInterrupt):
        remedy = "What had been sent is settled by the next run."
        return output.failure("Stopped", f"Stopped. {remedy}", STOPPED)
    if isinstance(error, click.ClickException):
        return output.failure("UsageError", error.format_message(), WRONG_USAGE)
    known = next((e for e in _within(error) if isinstance(e, LedgerbridgeError)), None)
    if known is not None:
        return output.failure(type(known).__name__, str(known), known.exit_code)
    return output.failure("Defect", _defect(error), DEFECT)


def _within(error: BaseException) -> Iterator[BaseException]:
    """The error, or those of a group."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _within(inner)
    else:
        yield error


def _defect(error: BaseException) -> str:
    """One line: its text stays out, since it may hold somebody's data."""
    first = next(_within(error))
    frames = extract_tb(first.__traceback__)
    where = f" at {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    return (
        f"This is a defect of Ledgerbridge: {type(first).__name__}{where}. What was planned stays "
        f"planned, what was sent is settled by the next run. Please report it to {REPORT_AT}; "
        "the same command with --debug shows more."
    )


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ledgerbridge", message="%(prog)s %(version)s")
@click.option(DEBUG, is_flag=True, help="Show the whole traceback of a defect.")
def root(*, debug: bool) -> None:
    """Keep a HubSpot portal and a QuickBooks Online company in step."""
