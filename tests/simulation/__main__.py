"""`make simulate SEEDS=N [SEED=s]`: so many worlds, the first one drawn from a seed."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from simulation.runs import live


def main() -> int:
    """Simulate, tell what was exercised, and return 1 if any world broke a property."""
    parser = argparse.ArgumentParser(prog="make simulate")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    counts: Counter[str] = Counter()
    failures: list[str] = []
    started_s = time.monotonic()
    for seed in range(asked.seed, asked.seed + asked.seeds):
        try:
            counts.update(live(seed).counts)
        except AssertionError as broken:
            failures.append(f"seed {seed}: {broken}")
            print(failures[-1], flush=True)
    minutes = (time.monotonic() - started_s) / 60
    for what, number in sorted(counts.items()):
        print(f"{number:8} {what}")
    print(f"{asked.seeds} worlds, {len(failures)} failed, {asked.seeds / minutes:.0f} a minute")
    for failure in failures:
        again = failure.split(":")[0].removeprefix("seed ")
        print(f"{failure}\n  again: make simulate SEEDS=1 SEED={again}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
