"""A story and both emulators holding it, for the tests of the believable company."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from ledgerbridge.sandbox.company import Entry, Story, generate, load
from ledgerbridge.sandbox.hubspot import Portal, Switches
from ledgerbridge.sandbox.quickbooks import Company

TODAY = date(2026, 11, 22)
SMALLEST = 60


@dataclass
class World:
    """What a story became: the books, the portal, and the ids by key."""

    story: Story
    company: Company
    portal: Portal
    ids: dict[str, str]


def now() -> datetime:
    """Noon of the day on which the stories end."""
    return datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)


@cache
def told(seed: int, customers: int = SMALLEST) -> Story:
    """The story of a seed."""
    return generate(seed, customers, today=TODAY)


def loaded(seed: int, customers: int = SMALLEST) -> World:
    """A fresh world that holds the story of a seed."""
    story = told(seed, customers)
    company, portal = Company("9341450000000001", now), Portal(147000001, now, Switches())
    return World(story, company, portal, load(story, company, portal))


def named(story: Story, situation: str, type_: str) -> list[Entry]:
    """The entries of a type that the story lists under a situation, with none missing."""
    names = story.situations[situation]
    entries = [entry for entry in story.of(type_) if entry.name in names]

    assert set(names) == {entry.name for entry in entries}, situation
    return entries
