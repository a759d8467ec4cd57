"""
What the pages ask of an account, whichever vendor emulates it: a portal or a company.

Records stay opaque to the pages; an account tells their values as text, as the vendor spells them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Control = Literal["text", "area", "json", "choice"]
Tone = Literal["good", "quiet", "bad"]


@dataclass(frozen=True, slots=True)
class Link:
    """A value that leads to another record of the account."""

    text: str
    kind: str
    id: str


Cell = str | Link


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of records; `states` are the choices of which to show, the first by default."""

    name: str
    label: str
    count: int
    states: tuple[str, ...] = ("all",)
    creatable: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a type: how it is written, and how it is defined."""

    name: str
    label: str
    type: str
    group: str = ""
    remarks: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """One control of a form; those that are not `main` stand folded away."""

    name: str
    label: str
    value: str = ""
    control: Control = "text"
    options: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    main: bool = True


@dataclass(frozen=True, slots=True)
class Act:
    """Something to do with a record, and what has to be said for it."""

    name: str
    label: str
    explanation: str
    inputs: tuple[Input, ...] = ()
    grave: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A word about a record's state."""

    text: str
    tone: Tone = "quiet"


@dataclass(frozen=True, slots=True)
class Section:
    """A table on a record's page."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A record's page; `facts` are label, name and value; `raw` is what a read answers."""

    title: str
    marks: tuple[Mark, ...]
    facts: Sequence[tuple[str, str, Cell]]
    sections: tuple[Section, ...]
    acts: tuple[Act, ...]
    raw: bytes
    editable: bool = True


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason for a refusal, in the vendor's words, and the field it is about."""

    text: str
    field: str | None = None


class Refusal(Exception):
    """The vendor's rules refuse a write; nothing was changed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(one.text for one in problems))
        self.problems = tuple(problems)


class Account(Protocol):
    """One portal or company. `find` is None where there is no such record."""

    @property
    def id(self) -> str:
        """The portal's or realm's id."""

    @property
    def name(self) -> str:
        """How it is called on the pages."""

    def kinds(self) -> list[Kind]:
        """All types of records."""

    def kind(self, name: str) -> Kind | None:
        """One type."""

    def summaries(self) -> tuple[Section, ...]:
        """Tables for the front page."""

    def records(self, kind: str, state: str) -> Sequence[Any]:
        """The records of a type in one state, newest first."""

    def columns(self, kind: str) -> tuple[str, ...]:
        """The fields that a list shows."""

    def fields(self, kind: str) -> Sequence[Field]:
        """All fields of a type."""

    def record_id(self, record: Any) -> str:
        """A record's id."""

    def title(self, kind: str, record: Any) -> str:
        """How people call a record."""

    def text(self, record: Any, field: str) -> str:
        """A field's value as text, for filters and order; empty where there is none."""

    def cell(self, record: Any, field: str) -> Cell:
        """A field's value as a list shows it."""

    def mentions(self, kind: str, record: Any, words: str) -> bool:
        """Whether a record holds words that were looked for, given in lower case."""

    def find(self, kind: str, record_id: str) -> Any | None:
        """The record of an id, archived or not."""

    def shown(self, kind: str, record: Any) -> Shown:
        """A record's page."""

    def version(self, record: Any) -> str:
        """What changes whenever the record does."""

    def inputs(self, kind: str, record: Any | None) -> Sequence[Input]:
        """The form of a record, or of one to be made."""

    def save(self, kind: str, record: Any | None, values: Mapping[str, str], version: str) -> str:
        """Writes what a form says; the record's id. Raises Refusal."""

    def act(self, kind: str, record: Any, name: str, values: Mapping[str, str]) -> Link | None:
        """Does one of a record's acts; what it led to if not the record. Raises Refusal."""
