"""Writing the state of emulators: from objects to a state file."""

from __future__ import annotations

import base64
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from types import FunctionType, MethodType
from typing import Any

import msgspec

from ledgerbridge.sandbox.state_file import (
    CHANGEABLE,
    FORMAT,
    HOME,
    NAME,
    PLAIN_TYPES,
    RANDOM,
    SCALARS,
    TAG,
    VERSION,
    StateError,
    digest,
    fields_of,
)


def dumped(roots: Mapping[str, object], outside: Mapping[str, object], **about: Any) -> bytes:
    """
    The state of the roots as JSON. `outside` names what belongs to the process.

    Raises StateError where something holds a function of its own, such as a fault whose match is
    one: it could not be made again.
    """
    writer = _Writer(outside)
    named = {name: writer.value(root, name) for name, root in roots.items()}
    held = {"about": about, "roots": named, "objects": writer.finished()}
    head = {"format": FORMAT, "version": VERSION, "sha256": digest(held)}
    return msgspec.json.encode({**head, **held})


class _Writer:
    """Numbers the objects it meets, and writes each once."""

    def __init__(self, outside: Mapping[str, object]) -> None:
        self._outside = outside
        self._numbers: dict[object, int] = {}
        self._met: list[tuple[object, str]] = []
        self._containers: dict[int, tuple[object, Any]] = {}
        self._names: dict[int, int] = {}

    def finished(self) -> list[list[Any]]:
        """All objects met, and those met while writing them: class and fields of each."""
        written: list[list[Any]] = []
        while len(written) < len(self._met):
            one, where = self._met[len(written)]
            if isinstance(one, Random):
                written.append([RANDOM, {"state": self.value(one.getstate(), where)}])
                continue
            shown = {
                name: self.value(getattr(one, name), f"{where}.{name}") for name in fields_of(one)
            }
            written.append([_name_of(type(one)), shown])
        return written

    def value(self, value: Any, where: str) -> Any:
        """The JSON of any value. Raises StateError for one that cannot be written."""
        kind = type(value)
        if kind in SCALARS:
            return value
        if kind is tuple:
            return {TAG: "tuple", "of": [self.value(part, where) for part in value]}
        if kind not in CHANGEABLE:
            return self._thing(value, where)
        known = self._containers.get(id(value))
        if known is not None:
            return self._again(known[1])
        shown = self._container(value, where)
        self._containers[id(value)] = (value, shown)
        return shown

    def _again(self, shown: Any) -> Any:
        """What stands for a container met before; where it was written first it gets a name."""
        name = self._names.get(id(shown))
        if name is None:
            name = self._names[id(shown)] = len(self._names)
            if isinstance(shown, list):
                shown.insert(0, {TAG: NAME, "of": name})
            elif TAG in shown:
                shown[NAME] = name
            else:
                plain = dict(shown)
                shown.clear()
                shown |= {TAG: "plain", NAME: name, "of": plain}
        return {TAG: "same", "of": name}

    def _thing(self, value: Any, where: str) -> Any:
        for name, known in self._outside.items():
            if value is known or (isinstance(value, MethodType) and value == known):
                return {TAG: "outside", "of": name}
        written = _WRITTEN.get(type(value))
        if written is not None:
            tag, write = written
            return {TAG: tag, "of": write(value)}
        if isinstance(value, frozenset):
            return {TAG: "frozenset", "of": self._sorted(value, where)}
        if isinstance(value, MethodType):
            owner = self.value(value.__self__, where)
            return {TAG: "method", "of": owner, "method": value.__name__}
        if isinstance(value, FunctionType) and _is_ours(value):
            return {TAG: "function", "of": _name_of(value)}
        if isinstance(value, tuple):
            parts = self.value(list(value), where)
            return {TAG: "named tuple", "of": parts, "class": _name_of(type(value))}
        if isinstance(value, msgspec.Struct):
            parts = {name: getattr(value, name) for name in value.__struct_fields__}
            return {TAG: "struct", "of": self.value(parts, where), "class": _name_of(type(value))}
        known = isinstance(value, Random) or type(value).__module__.startswith(HOME)
        if isinstance(value, type) or not known:
            raise StateError(
                f"{where} holds a {type(value).__name__} that cannot be saved; "
                "a fault can be saved where its match is a Pattern"
            )
        key = _identity(value)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._met)
            self._met.append((value, where))
        return {TAG: "object", "of": number}

    def _sorted(self, held: Any, where: str) -> list[Any]:
        return [self.value(part, where) for part in sorted(held, key=repr)]

    def _container(self, value: Any, where: str) -> Any:
        """The JSON of what can be changed and be held in several places."""
        if isinstance(value, list):
            return [self.value(part, where) for part in value]
        if isinstance(value, set):
            return {TAG: "set", "of": self._sorted(value, where)}
        if isinstance(value, deque):
            return {TAG: "deque", "of": [self.value(x, where) for x in value], "max": value.maxlen}
        if type(value) is not dict:
            return self._special_dict(value, where)
        if all(type(name) is str for name in value) and TAG not in value:
            return {
                name: part if type(part) in SCALARS else self.value(part, where)
                for name, part in value.items()
            }
        return {TAG: "dict", "of": self._pairs(value, where)}

    def _special_dict(self, value: Any, where: str) -> Any:
        pairs = self._pairs(value, where)
        if not isinstance(value, defaultdict):
            return {TAG: "counter" if isinstance(value, Counter) else "ordered", "of": pairs}
        factory = value.default_factory
        named = factory.__name__ if isinstance(factory, type) else ""
        if PLAIN_TYPES.get(named) is not factory:
            raise StateError(f"{where} makes what it lacks by a function of its own")
        return {TAG: "defaultdict", "of": pairs, "type": named}

    def _pairs(self, value: Any, where: str) -> list[Any]:
        return [[self.value(k, where), self.value(part, where)] for k, part in value.items()]


def _identity(one: object) -> object:
    """What makes an object the same as another: its value if it is frozen, else being it."""
    parameters = getattr(one, "__dataclass_params__", None)
    if parameters is not None and parameters.frozen and parameters.eq:
        try:
            hash(one)
        except TypeError:
            return id(one)
        return one
    return id(one)


def _name_of(named: Any) -> str:
    return f"{named.__module__}:{named.__qualname__}"


def _is_ours(function: FunctionType) -> bool:
    return function.__module__.startswith(HOME) and "<" not in function.__qualname__


# By kind its tag, and the plain value it is written as; and the way back.
_WRITTEN: Mapping[type, tuple[str, Callable[[Any], Any]]] = {
    Decimal: ("decimal", str),
    datetime: ("datetime", lambda at: at.astimezone(UTC).isoformat()),
    date: ("date", lambda day: day.isoformat()),
    timedelta: ("timedelta", lambda span: [span.days, span.seconds, span.microseconds]),
    bytes: ("bytes", lambda content: base64.b64encode(content).decode()),
}
