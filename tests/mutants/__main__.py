"""`make mutants [SEEDS=500] [RECORD=1] [ARGS=NAME…]`: catch every mutant, or say which survive."""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed

from mutants.page import PAGE, page
from mutants.search import Found, record, recorded, search
from mutants.table import BY_NAME, MUTANTS


def main() -> int:
    """Search on every core, print what caught each mutant, and return 1 if one survives."""
    parser = argparse.ArgumentParser(prog="make mutants")
    parser.add_argument("--seeds", type=int, default=500, help="how many to try for a mutant")
    parser.add_argument("--record", action="store_true", help="keep what is found for make test")
    parser.add_argument("names", nargs="*", choices=[[], *BY_NAME], metavar="NAME")
    asked = parser.parse_args()
    names = asked.names or list(BY_NAME)
    known = recorded()
    found: dict[str, Found] = {}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        tasks = [pool.submit(_search, name, asked.seeds, known.get(name)) for name in names]
        for task in as_completed(tasks):
            one = task.result()
            found[one.name] = one
            print(_line(one), flush=True)
    surviving = sorted(name for name, one in found.items() if one.seed is None)
    if asked.record:
        caught = {name: one.seed for name, one in found.items() if one.seed is not None}
        kept = {name: seed for name, seed in known.items() if name in BY_NAME}
        record({**kept, **caught})
        PAGE.write_text(page(MUTANTS), encoding="utf-8")
    print(f"{len(found)} mutants, {len(surviving)} survive")
    for name in surviving:
        print(f"{name} survives: {BY_NAME[name].breaks} {BY_NAME[name].caught_by} is blind to it.")
    return 1 if surviving else 0


def _search(name: str, seeds: int, first: int | None) -> Found:
    return search(BY_NAME[name], seeds, first)


def _line(found: Found) -> str:
    mutant = BY_NAME[found.name]
    seeds = "1 seed" if found.tried == 1 else f"{found.tried} seeds"
    how = "its script" if mutant.killer.scripted else f"{seeds} (the last one: {found.seed})"
    others = ", ".join(f"{by} {number}" for by, number in sorted(found.others.items()))
    also = f"; on the way: {others}" if others else ""
    if found.seed is None:
        return f"{found.name:28} SURVIVES  {seeds}{also}"
    return f"{found.name:28} {mutant.caught_by:9} after {how}{also}"


if __name__ == "__main__":
    sys.exit(main())
