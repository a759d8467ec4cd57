"""What a customer that is made of a contact is called (business-rules.md, who is whom)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ledgerbridge.core.model import Record, Value
from ledgerbridge.core.values import text_key

LENGTH_MAX = 500
TRIES_MAX = 50

Taken = Callable[[Sequence[str]], frozenset[str]]
"""Which of some names, as comparison keys, a customer, vendor or employee is known to have."""


def display_name(contact: Record, taken: Taken, wanted: Value = None) -> str | None:
    """
    The first free display name: the one that is `wanted`, else the person, the business, the
    address; on collision `Acme – Jane Doe`, then ` (2)` and so on. None when all are taken.
    """
    first, last, company, address = (
        _clean(contact.fields.get(name) or "")
        for name in ("firstname", "lastname", "company", "email")
    )
    person = " ".join(x for x in (first, last) if x)
    plain = _cut(_clean(wanted or "") or person or company or address)
    wider = _cut(f"{company} – {person}") if company and person else plain
    numbered = [f"{wider} ({n})" for n in range(2, TRIES_MAX)]
    for candidates in ([plain, wider], numbered):
        found = taken([text_key(name) for name in candidates])
        free = [name for name in candidates if text_key(name) not in found]
        if free:
            return free[0]
    return None


def _clean(name: str) -> str:
    """QuickBooks takes no colon, tab or line break in a display name."""
    for refused in (":", "\t", "\n", "\r"):
        name = name.replace(refused, " ")
    return " ".join(name.split())


def _cut(name: str) -> str:
    """What leaves room for a number."""
    return name[: LENGTH_MAX - 10].rstrip()
