"""Reading the state of emulators: from a state file to objects."""

from __future__ import annotations

import base64
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from random import Random
from types import FunctionType, MethodType
from typing import Any

import msgspec

from ledgerbridge.sandbox.state_file import (
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
    unsaved,
)


def restored(
    content: bytes, roots: Mapping[str, object], outside: Mapping[str, object]
) -> dict[str, Any]:
    """
    Gives the roots the state of a file and returns what else the file says about itself.

    Raises StateError for a file that is damaged, foreign, of another version, or of other roots;
    the roots are as before then.
    """
    try:
        file = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise StateError(f"This is not a state file: {problem}") from None
    if not isinstance(file, dict) or file.get("format") != FORMAT:
        raise StateError("This is not a state file of the sandbox")
    if file.get("version") != VERSION:
        raise StateError(f"The state is of version {file.get('version')}, not {VERSION}")
    held = {name: file.get(name) for name in ("about", "roots", "objects")}
    if file.get("sha256") != digest(held):
        raise StateError("The state file is damaged: its content is not what was saved")
    named = file.get("roots")
    if not isinstance(named, dict) or set(named) != set(roots):
        there = ", ".join(named) if isinstance(named, dict) else "nothing"
        raise StateError(f"The state holds {there}, not {', '.join(roots)}")
    try:
        reader = _Reader(file["objects"], outside)
        for name, root in roots.items():
            reader.adopt(named[name], root)
        reader.fill()
    except StateError:
        raise
    except (
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        AttributeError,
        ArithmeticError,
    ) as problem:
        raise StateError(f"The state file is damaged: {problem!r}") from None
    reader.commit()
    about: dict[str, Any] = file["about"]
    return about


class _Reader:
    """Makes all objects of a file first and fills them afterwards, so that they may meet."""

    def __init__(self, objects: list[Any], outside: Mapping[str, object]) -> None:
        self._outside = outside
        self._shown = [(self._class(name), shown) for name, shown in objects]
        self._made: list[object] = [
            Random() if kind is Random else object.__new__(kind) for kind, _ in self._shown
        ]
        self._own: dict[int, tuple[object, dict[str, Any]]] = {}
        self._named: dict[int, Any] = {}

    def adopt(self, reference: Any, root: object) -> None:
        """Takes an object that there is already for one of the file."""
        number = reference["of"]
        if self._shown[number][0] is not type(root):
            raise StateError(f"The state is of a {self._shown[number][0].__name__}")
        self._made[number] = root
        self._own[number] = (root, {})

    def fill(self) -> None:
        """Gives every object its fields; those adopted get theirs at `commit`."""
        for number, (kind, shown) in enumerate(self._shown):
            one, expected = self._made[number], None
            if isinstance(one, Random):
                one.setstate(self.value(shown["state"]))
                continue
            if number in self._own:
                expected = set(fields_of(one))
            elif is_dataclass(kind):
                expected = {field.name for field in fields(kind)} - set(unsaved(kind))
            if expected is not None and expected != set(shown):
                differing = min(expected ^ set(shown))
                raise StateError(
                    f"The state is from another version of the program: {kind.__name__} differs "
                    f"in {differing}"
                )
            for name, part in shown.items():
                value = self.value(part)
                if number in self._own:
                    self._own[number][1][name] = value
                else:
                    object.__setattr__(one, name, value)
        for one in self._made:
            for name, make in unsaved(type(one)).items():
                object.__setattr__(one, name, make(one))

    def commit(self) -> None:
        """Changes the adopted objects; nothing can fail any more."""
        for root, values in self._own.values():
            for name, value in values.items():
                object.__setattr__(root, name, value)

    def value(self, shown: Any) -> Any:
        """The value of a part of the file."""
        if isinstance(shown, list):
            return self._list(shown)
        if not isinstance(shown, dict):
            return shown
        if TAG not in shown:
            return self._plain(shown)
        tag, of = shown[TAG], shown["of"]
        if tag == "object":
            return self._made[of]
        if tag == "outside":
            return self._outside[of]
        if tag == "same":
            return self._named[of]
        made = self._tagged(tag, of, shown)
        if NAME in shown:
            self._named[shown[NAME]] = made
        return made

    def _list(self, shown: list[Any]) -> list[Any]:
        first = shown[0] if shown else None
        if not isinstance(first, dict) or first.get(TAG) != NAME:
            return [self.value(part) for part in shown]
        made = self._named[first["of"]] = [self.value(part) for part in shown[1:]]
        return made

    def _plain(self, shown: dict[str, Any]) -> dict[str, Any]:
        return {
            name: part if type(part) in SCALARS else self.value(part)
            for name, part in shown.items()
        }

    def _tagged(self, tag: str, of: Any, shown: dict[str, Any]) -> Any:
        if tag == "plain":
            return self._plain(of)
        if tag == "deque":
            return deque((self.value(part) for part in of), maxlen=shown["max"])
        if tag == "defaultdict":
            return defaultdict(PLAIN_TYPES[shown["type"]], self.value(of))
        if tag == "method":
            return self._method(self.value(of), shown["method"])
        if tag == "function":
            return self._function(of)
        if tag == "struct":
            return self._class(shown["class"], msgspec.Struct)(**self.value(of))
        if tag == "named tuple":
            return self._class(shown["class"], tuple)(*self.value(of))
        return _READ[tag](self.value(of))

    @staticmethod
    def _method(owner: object, name: str) -> Any:
        found = getattr(type(owner), name, None)
        if not type(owner).__module__.startswith(HOME) or not isinstance(found, FunctionType):
            raise StateError(f"The state file is damaged: there is no method {name}")
        return MethodType(found, owner)

    @staticmethod
    def _function(name: str) -> Any:
        found = _named(name)
        if not isinstance(found, FunctionType):
            raise StateError(f"The state file is damaged: there is no function {name}")
        return found

    @staticmethod
    def _class(name: str, of: type = object) -> type[Any]:
        found = Random if name == RANDOM else _named(name)
        if not isinstance(found, type) or not issubclass(found, of):
            raise StateError(f"The state file is damaged: there is no class {name}")
        return found


def _named(name: Any) -> object:
    """A class or function of the sandbox by its name, or None."""
    module, _, qualified = str(name).partition(":")
    if not module.startswith(HOME):
        return None
    try:
        found: object = sys.modules.get(module) or import_module(module)
    except ImportError:
        return None
    for part in qualified.split("."):
        found = getattr(found, part, None)
    home = getattr(found, "__module__", "")
    return found if isinstance(home, str) and home.startswith(HOME) else None


_READ: Mapping[str, Callable[[Any], Any]] = {
    "decimal": Decimal,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "timedelta": lambda parts: timedelta(*parts),
    "bytes": base64.b64decode,
    "tuple": tuple,
    "dict": dict,
    "set": set,
    "frozenset": frozenset,
    "counter": lambda pairs: Counter(dict(pairs)),
    "ordered": OrderedDict,
}
