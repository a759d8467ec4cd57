"""Each measurement in processes of its own: the emulators in one, what is measured in another."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from bench.served import Filling, Served

WAIT_S_MAX = 150.0
TESTS = Path(__file__).parents[1]

T = TypeVar("T", bound=Struct)


@contextmanager
def emulators(filling: Filling) -> Iterator[Served]:
    """Both emulators, filled and served while the block lasts."""
    process = subprocess.Popen(
        _command("bench.emulators", filling),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=_environment(),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield msgspec.json.decode(process.stdout.readline(), type=Served)
    finally:
        process.stdin.close()
        process.stdout.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def told_by(module: str, argument: Struct, kind: type[T]) -> T:
    """What a module tells that is run by itself. Raises CalledProcessError, TimeoutExpired."""
    done = subprocess.run(
        _command(module, argument),
        stdout=subprocess.PIPE,
        check=True,
        env=_environment(),
        timeout=WAIT_S_MAX,
    )
    return msgspec.json.decode(done.stdout, type=kind)


def _command(module: str, argument: Struct) -> list[str]:
    return [sys.executable, "-m", module, msgspec.json.encode(argument).decode()]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(TESTS)}
