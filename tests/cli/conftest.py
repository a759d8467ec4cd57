"""An installation for each test, on emulators of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.cli_world import Emulators, Installation


@pytest.fixture
def emulators() -> Iterator[Emulators]:
    """Both emulators, empty, served over loopback HTTP."""
    made = Emulators()
    with made.served():
        yield made


@pytest.fixture
def installed(
    emulators: Emulators, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Installation:
    """A fresh installation; nothing is connected yet."""
    monkeypatch.chdir(tmp_path)
    return Installation(emulators, tmp_path)
