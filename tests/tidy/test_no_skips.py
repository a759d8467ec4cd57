"""The plugin that forbids skips in CI, run on a small test suite of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import no_skips

SUITE = """
import pytest

@pytest.mark.skip(reason="by its mark")
def test_marked(): pass

def test_from_inside(): pytest.skip("from inside")

@pytest.mark.xfail(strict=True)
def test_expected_failure(): assert False

def test_good(): pass
"""
WHOLE_MODULE = """
import pytest

pytest.skip("the whole module", allow_module_level=True)
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A folder with two skipped tests, a skipped module, an expected failure and a good test."""
    (tmp_path / "test_suite.py").write_text(SUITE, encoding="utf-8")
    (tmp_path / "test_whole_module.py").write_text(WHOLE_MODULE, encoding="utf-8")
    return tmp_path


def _closing_line(suite: Path, *, forbid: str) -> tuple[int, str]:
    """The exit code of pytest over the suite, and the last line that it printed."""
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no_skips", "-p", "no:cacheprovider", suite],
        cwd=suite,
        env=environment
        | {no_skips.VARIABLE: forbid, "PYTHONPATH": str(Path(no_skips.__file__).parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout.splitlines()[-1]


def test_skips_are_allowed_by_default(suite: Path) -> None:
    code, closing = _closing_line(suite, forbid="0")

    assert code == 0
    assert closing.startswith("1 passed, 3 skipped, 1 xfailed")


def test_every_kind_of_skip_fails_where_skips_are_forbidden(suite: Path) -> None:
    (suite / "test_whole_module.py").unlink()

    code, closing = _closing_line(suite, forbid="1")

    assert code == 1
    assert closing.startswith("1 failed, 1 passed, 1 xfailed, 1 error")


def test_a_module_that_skips_itself_fails_where_skips_are_forbidden(suite: Path) -> None:
    code, closing = _closing_line(suite, forbid="1")

    assert code == 2
    assert closing.startswith("1 error")
