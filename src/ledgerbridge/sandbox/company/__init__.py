"""
A believable company: its books and the portal beside them, drawn from a seed.

`generate` draws the story as plain data, `load` enters it into both emulators, `draw_edits`,
`conflict` and `invalid` are what people do next, and `perform` does it. `bulk` is customers in any
number, for measurements.
"""

from __future__ import annotations

from ledgerbridge.sandbox.company.generate import generate
from ledgerbridge.sandbox.company.story import SITUATIONS, Entry, Story

__all__ = ["SITUATIONS", "Entry", "Story", "generate"]
