"""Worlds side by side: one process a core, each with many worlds."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import TypeVar

P = TypeVar("P")
T = TypeVar("T")

AT_ONCE = 4


def each(life: Callable[[P], T], chosen: Iterable[P], workers: int) -> Iterator[tuple[P, T | str]]:
    """What each life came to, in order: its answer, or what broke in it."""
    chosen = list(chosen)
    spawn = get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=gc.disable) as pool:
        yield from zip(
            chosen, pool.map(partial(_broken, life), chosen, chunksize=AT_ONCE), strict=True
        )


def _broken(life: Callable[[P], T], one: P) -> T | str:
    """One life, and then its garbage: little of what a world makes does not go by itself."""
    try:
        return life(one)
    except AssertionError as broken:
        return str(broken)
    except Exception:  # noqa: BLE001 -- a traceback is a defect, and the other worlds go on
        return traceback.format_exc()
    finally:
        gc.collect()
        if not gc.get_freeze_count():
            gc.freeze()  # modules and caches: what the first life left stays for good
