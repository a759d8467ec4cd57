"""
The one place that prints: JSON where it was asked for, else short aligned text.

Results go to standard output, questions, progress and failures to standard error.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, Protocol, Self

import click
import msgspec
from msgspec import Struct

from ledgerbridge.core.model import Side

SIDE_NAMES = {Side.HUBSPOT: "HubSpot", Side.QUICKBOOKS: "QuickBooks"}
PIPE_COLUMNS = 160
PROGRESS_EVERY_S = 0.2
PROGRESS_EVERY_S_IN_A_PIPE = 15.0

_state = {"json": False}


class Failure(Struct, frozen=True, kw_only=True):
    """What `--json` prints when a command fails: its kind, the words, the exit code."""

    error: str
    message: str
    exit_code: int


def speak_json(wanted: bool) -> None:
    """Whether failures are printed as JSON too."""
    _state["json"] = wanted


def show_json(report: Any) -> None:
    """Print one report as JSON."""
    click.echo(msgspec.json.format(msgspec.json.encode(report), indent=2))


def failure(kind: str, message: str, exit_code: int) -> int:
    """Print a failure, as JSON too where that was asked for; returns the exit code."""
    if _state["json"]:
        show_json(Failure(error=kind, message=message, exit_code=exit_code))
    tell(f"Error: {message}" if exit_code != 130 else message)
    return exit_code


def say(text: str = "") -> None:
    """Print a line of the result."""
    _make_room()
    click.echo(text)


def tell(text: str = "") -> None:
    """Print a line for the person, beside the result."""
    _make_room()
    click.echo(text, err=True)


def _make_room() -> None:
    if ProgressLine.shown is not None:
        ProgressLine.shown.wipe()


def number(count: int, one: str, many: str = "") -> str:
    """`1 record`, `1,204 records`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def table(rows: Iterable[Sequence[str]], titles: Sequence[str] = (), indent: int = 0) -> None:
    """Print rows in aligned columns; the last one wraps, the others never do."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table

    shown = [list(row) for row in rows]
    if not shown:
        return
    grid = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), show_header=bool(titles))
    width = max(len(row) for row in shown)
    for position in range(width):
        title = titles[position] if position < len(titles) else ""
        grid.add_column(title, no_wrap=position < width - 1, header_style="dim", overflow="fold")
    for row in shown:
        grid.add_row(*row)
    columns = None if sys.stdout.isatty() else PIPE_COLUMNS
    console = Console(highlight=False, markup=False, width=columns)
    with console.capture() as captured:
        console.print(Padding(grid, (0, 0, 0, indent), expand=False))
    for line in captured.get().splitlines():
        say(line.rstrip())


class Said(Protocol):
    """Why records are not in step, in words."""

    @property
    def status(self) -> str: ...
    @property
    def records(self) -> int: ...
    @property
    def message(self) -> str: ...
    @property
    def remedy(self) -> str: ...
    @property
    def examples(self) -> tuple[str, ...]: ...


def reason_rows(reasons: Iterable[Said]) -> Iterator[list[str]]:
    """Reasons as rows of a table: how many, what, why and what to do, some of them."""
    for one in reasons:
        why = one.message if one.message.endswith(".") else f"{one.message}."
        yield [f"{one.records:,}", one.status, f"{why} {one.remedy}".strip()]
        yield ["", "", f"e.g. {', '.join(one.examples)}"]


def somebody_is_there() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty() and not _state["json"]


def agreed(question: str) -> bool:
    """Ask a person; no is the default."""
    return click.confirm(question, default=False, err=True)


class ProgressLine:
    """
    One line on standard error that says how far a long work is.

    Use as a context manager; on a terminal it is rewritten in place and gives way to whatever else
    is said, elsewhere it is a line now and then.
    """

    shown: ClassVar[ProgressLine | None] = None

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._live, self._clock_s = sys.stderr.isatty(), clock_s
        self._started_s = self._told_s = clock_s()
        self._writes, self._width = False, 0

    def __enter__(self) -> Self:
        ProgressLine.shown = self
        return self

    def __exit__(self, *_: object) -> None:
        self.wipe()
        ProgressLine.shown = None

    def wipe(self) -> None:
        """Make room on the terminal."""
        if self._width:
            click.echo("\r" + " " * self._width + "\r", err=True, nl=False)
            self._width = 0

    def show(self, stage: str, *, done: int, total: int, seen: int, calls: int) -> None:
        """Say it, if the last time is long enough ago."""
        now_s = self._clock_s()
        if total and not self._writes:
            self._writes, self._started_s = True, now_s
        every_s = PROGRESS_EVERY_S if self._live else PROGRESS_EVERY_S_IN_A_PIPE
        if now_s - self._told_s < every_s:
            return
        self._told_s = now_s
        text = progress_text(stage, now_s - self._started_s, done=done, total=total, seen=seen)
        text += f" · {number(calls, 'call')}"
        if self._live:
            click.echo("\r" + text.ljust(self._width), err=True, nl=False)
            self._width = len(text)
        else:
            click.echo(text, err=True)


def progress_text(stage: str, seconds: float, *, done: int, total: int, seen: int) -> str:
    """`writing contacts: 120 of 400 · 60 records/s · 5 s left`."""
    if not total:
        return f"{stage}: {number(seen, 'record')} · {seen / max(seconds, 0.001):.0f} records/s"
    rate = done / max(seconds, 0.001)
    text = f"{stage}: {done:,} of {total:,} · {rate:.0f} records/s"
    if done and done < total:
        text += f" · {duration((total - done) / rate)} left"
    return text


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min`, `2 h 5 min`."""
    if seconds < 100:
        return f"{seconds:.{1 if seconds % 1 and seconds < 10 else 0}f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
