"""
The state of emulators as text, and back: every object of the sandbox with its fields, by name.

Only classes of the sandbox and a few plain types are written and read, so that a file can make
nothing else. What belongs to the process (its clock, its way to sleep) is written by name and
given anew at loading. A class whose fields are not those of the file is refused: the file is from
another version.
"""

from __future__ import annotations

import base64
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from importlib import import_module
from random import Random
from types import FunctionType, MethodType
from typing import Any

import msgspec

FORMAT, VERSION = "ledgerbridge sandbox state", 1
HOME = "ledgerbridge.sandbox."
TAG = "$"
SCALARS = frozenset({str, int, float, bool, type(None)})
CONTAINERS = frozenset({dict, list, tuple})
RANDOM = "random"  # stands for the one class that is not of the sandbox
PLAIN_TYPES: Mapping[str, type] = {
    one.__name__: one for one in (dict, list, set, int, float, str, deque, Counter)
}


class StateError(ValueError):
    """A state that cannot be written or read; the message says why."""


def dumped(roots: Mapping[str, object], outside: Mapping[str, object], **about: Any) -> bytes:
    """
    The state of the roots as JSON. `outside` names what belongs to the process.

    Raises StateError where something holds a function of its own, such as a fault whose match is
    one: it could not be made again.
    """
    writer = _Writer(outside)
    named = {name: writer.value(root, name) for name, root in roots.items()}
    held = {"about": about, "roots": named, "objects": writer.finished()}
    head = {"format": FORMAT, "version": VERSION, "sha256": _digest(held)}
    return msgspec.json.encode({**head, **held})


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
    if file.get("sha256") != _digest(held):
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


def _digest(held: Mapping[str, Any]) -> str:
    return sha256(msgspec.json.encode(held, order="sorted")).hexdigest()


class _Writer:
    """Numbers the objects it meets, and writes each once."""

    def __init__(self, outside: Mapping[str, object]) -> None:
        self._outside = outside
        self._numbers: dict[object, int] = {}
        self._met: list[tuple[object, str]] = []

    def finished(self) -> list[list[Any]]:
        """All objects met, and those met while writing them: class and fields of each."""
        written: list[list[Any]] = []
        while len(written) < len(self._met):
            one, where = self._met[len(written)]
            if isinstance(one, Random):
                written.append([RANDOM, {"state": self.value(one.getstate(), where)}])
                continue
            shown = {
                name: self.value(getattr(one, name), f"{where}.{name}") for name in _fields(one)
            }
            written.append([_name_of(type(one)), shown])
        return written

    def value(self, value: Any, where: str) -> Any:
        """The JSON of any value. Raises StateError for one that cannot be written."""
        kind = type(value)
        if kind in SCALARS:
            return value
        if kind in CONTAINERS:
            return self._container(value, where)
        for name, known in self._outside.items():
            if value is known or (isinstance(value, MethodType) and value == known):
                return {TAG: "outside", "of": name}
        written = _WRITTEN.get(kind)
        if written is not None:
            tag, write = written
            return {TAG: tag, "of": self.value(write(value), where)}
        return self._thing(value, where)

    def _container(self, value: Any, where: str) -> Any:
        if isinstance(value, list):
            return [self.value(part, where) for part in value]
        if isinstance(value, tuple):
            return {TAG: "tuple", "of": [self.value(part, where) for part in value]}
        if all(type(name) is str for name in value) and TAG not in value:
            return {
                name: part if type(part) in SCALARS else self.value(part, where)
                for name, part in value.items()
            }
        pairs = [[self.value(k, where), self.value(part, where)] for k, part in value.items()]
        return {TAG: "dict", "of": pairs}

    def _thing(self, value: Any, where: str) -> Any:
        if isinstance(value, deque):
            return {TAG: "deque", "of": [self.value(x, where) for x in value], "max": value.maxlen}
        if isinstance(value, defaultdict):
            factory = value.default_factory
            named = factory.__name__ if isinstance(factory, type) else ""
            if PLAIN_TYPES.get(named) is not factory:
                raise StateError(f"{where} makes what it lacks by a function of its own")
            return {TAG: "defaultdict", "of": self.value(dict(value), where), "type": named}
        if isinstance(value, MethodType):
            owner = self.value(value.__self__, where)
            return {TAG: "method", "of": owner, "name": value.__name__}
        if isinstance(value, FunctionType) and _is_ours(value):
            return {TAG: "function", "of": _name_of(value)}
        known = isinstance(value, Random) or type(value).__module__.startswith(HOME)
        if isinstance(value, type) or not known:
            raise StateError(
                f"{where} holds a {type(value).__name__} that cannot be saved; "
                "a fault can be saved where its match is a Pattern"
            )
        if isinstance(value, msgspec.Struct):
            parts = {name: getattr(value, name) for name in value.__struct_fields__}
            return {TAG: "struct", "of": self.value(parts, where), "class": _name_of(type(value))}
        key = _identity(value)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._met)
            self._met.append((value, where))
        return {TAG: "object", "of": number}


class _Reader:
    """Makes all objects of a file first and fills them afterwards, so that they may meet."""

    def __init__(self, objects: list[Any], outside: Mapping[str, object]) -> None:
        self._outside = outside
        self._shown = [(self._class(name), shown) for name, shown in objects]
        self._made: list[object] = [
            Random() if kind is Random else object.__new__(kind) for kind, _ in self._shown
        ]
        self._own: dict[int, tuple[object, dict[str, Any]]] = {}

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
                expected = set(_fields(one))
            elif is_dataclass(kind):
                expected = {field.name for field in fields(kind)} - set(_unsaved(kind))
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
            if number not in self._own:
                for name, make in _unsaved(kind).items():
                    object.__setattr__(one, name, make())

    def commit(self) -> None:
        """Changes the adopted objects; nothing can fail any more."""
        for root, values in self._own.values():
            for name, value in values.items():
                object.__setattr__(root, name, value)

    def value(self, shown: Any) -> Any:
        """The value of a part of the file."""
        if isinstance(shown, list):
            return [self.value(part) for part in shown]
        if not isinstance(shown, dict):
            return shown
        if TAG not in shown:
            return {
                name: part if type(part) in SCALARS else self.value(part)
                for name, part in shown.items()
            }
        tag, of = shown[TAG], shown["of"]
        if tag == "object":
            return self._made[of]
        if tag == "outside":
            return self._outside[of]
        if tag == "dict":
            return {self.value(key): self.value(part) for key, part in of}
        if tag == "tuple":
            return tuple(self.value(part) for part in of)
        if tag == "deque":
            return deque((self.value(part) for part in of), maxlen=shown["max"])
        if tag == "defaultdict":
            return defaultdict(PLAIN_TYPES[shown["type"]], self.value(of))
        if tag == "struct":
            kind = self._class(shown["class"])
            if not issubclass(kind, msgspec.Struct):
                raise StateError(f"The state file is damaged: {kind.__name__} is no struct")
            return kind(**self.value(of))
        if tag == "method":
            return self._method(self.value(of), shown["name"])
        if tag == "function":
            return self._function(of)
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
    def _class(name: str) -> type[Any]:
        found = Random if name == RANDOM else _named(name)
        if not isinstance(found, type):
            raise StateError(f"The state file is damaged: there is no class {name}")
        return found


def _fields(one: object) -> list[str]:
    """The names of an object's fields, however it holds them."""
    kind = type(one)
    named = [name for name in _slots(kind) if hasattr(one, name)]  # type: ignore[arg-type]
    left_out = _unsaved(kind)
    own = getattr(one, "__dict__", {})
    return named + [name for name in own if name not in left_out and name not in named]


@cache
def _slots(kind: type) -> tuple[str, ...]:
    """The slots of a class and of those it comes from, without what it leaves out."""
    named: list[str] = []
    for part in reversed(kind.__mro__):
        slots = part.__dict__.get("__slots__", ())
        named += [slots] if isinstance(slots, str) else list(slots)
    left_out = {"__dict__", "__weakref__", *_unsaved(kind)}
    return tuple(name for name in dict.fromkeys(named) if name not in left_out)


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


def _unsaved(kind: type) -> Mapping[str, Callable[[], object]]:
    """What a class leaves out of files, with how it begins anew: caches."""
    found: Mapping[str, Callable[[], object]] = getattr(kind, "unsaved", {})
    return found


def _name_of(named: Any) -> str:
    return f"{named.__module__}:{named.__qualname__}"


def _is_ours(function: FunctionType) -> bool:
    return function.__module__.startswith(HOME) and "<" not in function.__qualname__


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


# By kind its tag, and the plain value it is written as; and the way back.
_WRITTEN: Mapping[type, tuple[str, Callable[[Any], Any]]] = {
    Decimal: ("decimal", str),
    datetime: ("datetime", lambda at: at.astimezone(UTC).isoformat()),
    date: ("date", lambda day: day.isoformat()),
    timedelta: ("timedelta", lambda span: [span.days, span.seconds, span.microseconds]),
    bytes: ("bytes", lambda content: base64.b64encode(content).decode()),
    set: ("set", lambda held: sorted(held, key=repr)),
    frozenset: ("frozenset", lambda held: sorted(held, key=repr)),
    Counter: ("counter", dict),
    OrderedDict: ("ordered", lambda held: [list(pair) for pair in held.items()]),
}
_READ: Mapping[str, Callable[[Any], Any]] = {
    "decimal": Decimal,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "timedelta": lambda parts: timedelta(*parts),
    "bytes": base64.b64decode,
    "set": set,
    "frozenset": frozenset,
    "counter": Counter,
    "ordered": lambda pairs: OrderedDict((key, part) for key, part in pairs),
}
