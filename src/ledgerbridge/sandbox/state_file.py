"""
The file that holds the state of emulators: its form, and what both ways of it share.

Every object of the sandbox stands in it with its class and its fields by name. Only classes of the
sandbox and a few plain types are written and read, so that a file can make nothing else. What
belongs to the process (its clock, its way to sleep) is written by name and given anew at loading.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from typing import Any

import msgspec

FORMAT, VERSION = "ledgerbridge sandbox state", 1
HOME = "ledgerbridge.sandbox."
TAG = "$"
SCALARS = frozenset({str, int, float, bool, type(None)})
CHANGEABLE = frozenset({dict, list, set, deque, defaultdict, Counter, OrderedDict})
NAME = "name"  # of a container that is held in several places
RANDOM = "random"  # stands for the one class that is not of the sandbox
PLAIN_TYPES: Mapping[str, type] = {
    one.__name__: one for one in (dict, list, set, int, float, str, deque, Counter)
}


class StateError(ValueError):
    """A state that cannot be written or read; the message says why."""


def digest(held: Mapping[str, Any]) -> str:
    """The checksum of what a file holds, whatever the order of its keys."""
    return sha256(msgspec.json.encode(held, order="sorted")).hexdigest()


def fields_of(one: object) -> list[str]:
    """The names of an object's fields, however it holds them."""
    kind = type(one)
    named = [name for name in _slots(kind) if hasattr(one, name)]  # type: ignore[arg-type]
    left_out = unsaved(kind)
    own = getattr(one, "__dict__", {})
    return named + [name for name in own if name not in left_out and name not in named]


@cache
def _slots(kind: type) -> tuple[str, ...]:
    """The slots of a class and of those it comes from, without what it leaves out."""
    named: list[str] = []
    for part in reversed(kind.__mro__):
        slots = part.__dict__.get("__slots__", ())
        named += [slots] if isinstance(slots, str) else list(slots)
    left_out = {"__dict__", "__weakref__", *unsaved(kind)}
    return tuple(name for name in dict.fromkeys(named) if name not in left_out)


def unsaved(kind: type) -> Mapping[str, Callable[[Any], object]]:
    """What a class leaves out of files, with how an object of it makes that anew: caches."""
    found: Mapping[str, Callable[[Any], object]] = getattr(kind, "unsaved", {})
    return found
