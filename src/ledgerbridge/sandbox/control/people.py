"""
People on demand, for either emulator: one act that is asked for, or many drawn from a seed.

What an act does not say is drawn: the record, the other record, the values. All is logged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

DEEDS_MAX = 10_000
TRIES = 100  # for each deed of a busy time, before it is given up


class CannotError(ValueError):
    """An act that nobody can do now, or that the vendor refuses; the message says why."""


@dataclass(frozen=True, slots=True)
class Act:
    """
    What somebody is to do. `account` is a portal id or a realm; without it the first one.

    `id` and `other` are records; for payments `id` is what is paid. `values` are properties of
    HubSpot or fields of QuickBooks; for a payment `amount`.
    """

    act: str
    type: str | None = None
    id: str | None = None
    other: str | None = None
    values: Mapping[str, Any] | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did, as it is logged: the record, and the values written."""

    number: int
    at: datetime
    account: str
    act: str
    type: str
    id: str
    other: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Doing:
    """One act being done: filled in as it is decided on whom and with what."""

    account: str
    type: str
    id: str
    other: str | None
    values: dict[str, Any]
    random: Random
    has_values: bool

    def chosen(self, candidates: list[str], what: str) -> str:
        """One of the records, drawn. Raises CannotError where there is none."""
        if not candidates:
            raise CannotError(f"there is no {what}")
        return self.random.choice(candidates)


@dataclass(frozen=True, slots=True)
class ActKind:
    """One kind of act: on which types, how often it is drawn, and doing it."""

    types: tuple[str, ...]
    weight: int
    do: Callable[[Any, Doing], None]


class People:
    """The people of one emulator. `acts` is the table of what they can do."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        acts: Mapping[str, ActKind],
        account: Callable[[str | None], tuple[str, Any]],
        refused: Callable[[Exception], str | None],
        seed: int = 0,
    ) -> None:
        self._now, self.acts, self._account, self._refused = now, acts, account, refused
        self._random = Random(f"people:{seed}")
        self._last_number = 0
        self.deeds: deque[Deed] = deque(maxlen=DEEDS_MAX)

    def perform(self, act: Act) -> Deed:
        """Does one act. Raises CannotError where it cannot be done, ValueError for no such act."""
        return self._perform(act, self._random)

    def busy(self, count: int, seed: int, account: str | None = None) -> list[Deed]:
        """
        So many acts, drawn from a seed; what cannot be done just then is drawn anew. Raises
        CannotError where there are not so many to do.
        """
        rng = Random(seed)
        names = [name for name, kind in self.acts.items() if kind.weight]
        weights = [self.acts[name].weight for name in names]
        done: list[Deed] = []
        for _ in range(count * TRIES):
            if len(done) == count:
                break
            name = rng.choices(names, weights)[0]
            try:
                done.append(self._perform(Act(name, account=account), rng))
            except CannotError:
                continue
        if len(done) < count:
            raise CannotError(f"only {len(done)} of {count} acts could be done")
        return done

    def _perform(self, act: Act, rng: Random) -> Deed:
        kind = self.acts.get(act.act)
        if kind is None:
            raise ValueError(f"act must be one of {', '.join(self.acts)}")
        if act.type is not None and act.type not in kind.types:
            raise ValueError(f"{act.act} takes one of {', '.join(kind.types)}")
        name, account = self._account(act.account)
        doing = Doing(
            name,
            act.type or rng.choice(kind.types),
            act.id or "",
            act.other,
            dict(act.values or {}),
            rng,
            has_values=act.values is not None,
        )
        try:
            kind.do(account, doing)
        except CannotError:
            raise
        except Exception as problem:
            said = self._refused(problem)
            if said is None:
                raise
            raise CannotError(said) from None
        self._last_number += 1
        deed = Deed(
            self._last_number,
            self._now(),
            name,
            act.act,
            doing.type,
            doing.id,
            doing.other,
            doing.values,
        )
        self.deeds.append(deed)
        return deed
