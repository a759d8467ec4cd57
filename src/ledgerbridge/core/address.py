"""
A postal address: one compound value, of five HubSpot properties and up to nine QuickBooks fields.

HubSpot has one street, QuickBooks up to five lines; they are joined with ", " one way and come
back as one line. What says the same as the target shows already keeps the target's own spelling.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ledgerbridge.core.conversion import Converted, Route, Unconvertible, option
from ledgerbridge.core.model import Value, Values
from ledgerbridge.core.places import country_code, place_key, state_code
from ledgerbridge.core.values import Context, text_key

PARTS_AFTER_STREET = 4  # city, state, postal code, country, in this order on both sides
HUBSPOT_FIELDS = 1 + PARTS_AFTER_STREET
QUICKBOOKS_FIELDS = range(1 + PARTS_AFTER_STREET, 5 + PARTS_AFTER_STREET + 1)
JOIN = ", "
BREAKS = re.compile(r"\s*[\r\n]+\s*")
BETWEEN_WORDS = re.compile(r"[\s,;]+")


def is_address(hubspot: Sequence[object], quickbooks: Sequence[object]) -> bool:
    """Whether a mapping of so many fields is one of addresses."""
    return len(hubspot) == HUBSPOT_FIELDS and len(quickbooks) in QUICKBOOKS_FIELDS


def canonical_address(
    values: Values, names: Sequence[str], context: Context
) -> tuple[str, ...] | None:
    """
    Street, city, state, postal code and country in comparison form; None when all are empty.

    Insensitive to case, spacing, line breaks and commas; state and country by their ISO codes.
    """
    parts = [values.get(name) or "" for name in names]
    street = " ".join(parts[:-PARTS_AFTER_STREET])
    city, state, postal_code, country = parts[-PARTS_AFTER_STREET:]
    code = country_code(country)
    form = (
        BETWEEN_WORDS.sub(" ", text_key(street)).strip(),
        text_key(city),
        state_code(code or context.country, state) or text_key(state),
        place_key(postal_code),
        code or text_key(country),
    )
    return form if any(form) else None


def convert_address(
    source: Values, current: Values | None, routes: Sequence[Route], names: Sequence[str]
) -> dict[str, Value] | Unconvertible:
    """
    All parts of the target: the street lines, then city, state, postal code, country.

    `names` are the fields of the source; one route leads to each field of the target.
    """
    context = routes[0].context
    targets = [route.target.name for route in routes]
    old = canonical_address(current, targets, context) if current else None
    new = canonical_address(source, names, context) if old else None
    lines = [source.get(name) or "" for name in names[:-PARTS_AFTER_STREET]]
    street = JOIN.join(x for x in (BREAKS.sub(JOIN, line.strip()) for line in lines) if x)
    written: list[Converted] = [street or None]
    written += [None] * (len(routes) - HUBSPOT_FIELDS)
    written += [(source.get(name) or "").strip() or None for name in names[-PARTS_AFTER_STREET:]]
    fields: dict[str, Value] = {}
    for position, (route, value) in enumerate(zip(routes, written, strict=True)):
        part = max(0, position - (len(routes) - HUBSPOT_FIELDS))
        if current and old and new and old[part] == new[part]:
            fields[route.target.name] = current.get(route.target.name)
            continue
        converted = option(value, route) if isinstance(value, str) else value
        if isinstance(converted, Unconvertible):
            return converted
        fields[route.target.name] = converted
    return fields
