"""Instants as a list has room for them."""

from __future__ import annotations

import re

INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?")


def shortened(text: str) -> str:
    """`2026-03-12T07:33:46.615Z` as `2026-03-12 07:33`; any other text as it is."""
    found = INSTANT.fullmatch(text)
    if found is None:
        return text
    zone = "" if found[3] in {None, "Z"} else f" {found[3]}"
    return f"{found[1]} {found[2]}{zone}"
