"""`make simulate SEEDS=N [SEED=s]`: so many worlds, the first one drawn from a seed."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from simulation import promises
from simulation.cores import each
from simulation.runs import live


def main() -> int:
    """
    Simulate, and tell what was exercised. Returns 1 if any world broke a property, or if 200 of
    them or more exercised one too little.
    """
    parser = argparse.ArgumentParser(prog="make simulate")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    counts: Counter[str] = Counter()
    failures: list[str] = []
    started_s = time.monotonic()
    for seed, told in each(live, range(asked.seed, asked.seed + asked.seeds), asked.workers):
        if isinstance(told, str):
            failures.append(f"seed {seed}: {told}\n  again: make simulate SEEDS=1 SEED={seed}")
            print(failures[-1], flush=True)
        else:
            counts.update(told.counts)
    minutes = (time.monotonic() - started_s) / 60
    print("\n".join(promises.table(counts, asked.seeds)))
    known = {one.counter for one in promises.FLOORS}
    for what, number in sorted(counts.items()):
        if what not in known:
            print(f"{'':10} {what:32} {number:8}")
    missed = promises.missed(counts, many=True) if asked.seeds >= promises.MANY_SEEDS else []
    print("\n".join(missed), end="\n" if missed else "")
    print(f"{asked.seeds} worlds, {len(failures)} failed, {asked.seeds / minutes:.0f} a minute")
    return 1 if failures or missed else 0


if __name__ == "__main__":
    sys.exit(main())
