"""A connected pair, or an installation on served emulators, for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.cli_world import Emulators, Installation
from support.pair import Pair


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """Both accounts, empty, in one process; nothing is connected yet."""
    made = Pair(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """A fresh installation, on emulators of its own that are served over loopback HTTP."""
    monkeypatch.chdir(tmp_path)
    emulators = Emulators()
    with emulators.served():
        yield Installation(emulators, tmp_path)
