"""
A believable company: its books and the portal beside them, drawn from a seed.

`generate` draws the story as plain data and `load` enters it into both emulators. `draw_edits`,
`conflict` and `invalid` are what people do next, and `perform` does it. `bulk` is customers in any
number, for measurements, and `load_bulk` enters them.
"""

from __future__ import annotations

from ledgerbridge.sandbox.company.bulk import bulk, load_bulk
from ledgerbridge.sandbox.company.edits import Edit, Step, perform
from ledgerbridge.sandbox.company.generate import generate
from ledgerbridge.sandbox.company.loading import load
from ledgerbridge.sandbox.company.people import conflict, draw_edits, invalid
from ledgerbridge.sandbox.company.story import SITUATIONS, Entry, Story

__all__ = [
    "SITUATIONS",
    "Edit",
    "Entry",
    "Step",
    "Story",
    "bulk",
    "conflict",
    "draw_edits",
    "generate",
    "invalid",
    "load",
    "load_bulk",
    "perform",
]
