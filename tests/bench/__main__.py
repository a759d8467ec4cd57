"""`python -m bench [--quick] [--save]`: measure, and print one table. Ends by itself."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.scenarios import QUICK, Sizes, measured
from bench.table import Line, drawn

RESULTS = Path(__file__).parent / "results.json"


def main(arguments: Sequence[str] | None = None) -> list[Line]:
    """Measure as asked; returns the lines of the table that it prints."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few records, to see that it works")
    parser.add_argument("--save", action="store_true", help=f"keep the figures in {RESULTS.name}")
    chosen = parser.parse_args(arguments)
    lines = list(measured(QUICK if chosen.quick else Sizes(), _say))
    sys.stdout.write(drawn(lines) + "\n")
    if chosen.save:
        RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(lines)) + b"\n")
    return lines


def _say(what: str) -> None:
    sys.stderr.write(f"measuring {what}\n")


if __name__ == "__main__":
    main()
