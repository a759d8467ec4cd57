"""One call on its way through the emulator, and what handlers share: answers and paging."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ledgerbridge.sandbox.http import Request, Response
from ledgerbridge.sandbox.hubspot.errors import JSON_HEADERS, error, invalid
from ledgerbridge.sandbox.hubspot.instants import iso
from ledgerbridge.sandbox.hubspot.object_types import object_type
from ledgerbridge.sandbox.hubspot.records import Shelf, Source
from ledgerbridge.sandbox.hubspot.state import PortalState
from ledgerbridge.sandbox.hubspot.wire import MalformedError, decoded, encoded

T = TypeVar("T")
BASE_URL = "https://api.hubapi.com"


@dataclass(frozen=True, slots=True)
class Call:
    """A request that found its operation: in which portal, with which parts of the path."""

    request: Request
    state: PortalState
    parts: Mapping[str, str]
    source: Source
    dated: bool = True
    installed: bool = True
    """Whether its token came from an installation, not from a private app."""

    @property
    def first_shapes(self) -> bool:
        """Whether the path is one of 2026-09, and these answer as they were first published."""
        first = self.state.switches.shapes_of_2026_09 == "first"
        return first and self.parts.get("v") == "2026-09"

    def shelf(self, part: str = "objectType") -> Shelf:
        """The records of the type that a part of the path names; raises 400 if there is none."""
        return self.state.shelf(object_type(self.parts[part]))

    def body(self, shape: type[T]) -> T:
        """The body as a shape; raises 400 where it is not one."""
        try:
            return decoded(self.request.body, shape)
        except MalformedError as problem:
            raise error(400, str(problem)) from None

    def listed(self, name: str) -> list[str]:
        """A query parameter that lists: repeated, or separated by commas."""
        values = (value for key, value in self.request.query if key == name)
        return [part for value in values for part in value.split(",") if part]

    def flag(self, name: str) -> bool:
        """A query parameter that is true or false; absent is false."""
        value = (self.request.first(name) or "false").lower()
        if value not in {"true", "false"}:
            raise invalid(f"{name} must be true or false")
        return value == "true"

    def limit(self, default: int, limit_max: int) -> int:
        """The page size; raises 400 outside 1..limit_max."""
        text = self.request.first("limit")
        if text is None:
            return default
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= limit_max:
            raise invalid(f"limit must be between 1 and {limit_max}")
        return int(text)

    def after(self) -> int:
        """Where the page begins; raises 400 for a cursor that is none."""
        return cursor_number(self.request.first("after"))


def answer(status: int, body: object = None, headers: Mapping[str, str] | None = None) -> Response:
    """A successful answer; without a body for 204."""
    if body is None:
        return Response(status, b"", dict(headers or {}))
    return Response(status, encoded(body), {**JSON_HEADERS, **(headers or {})})


def cursor_of(number: int, form: str) -> str:
    """The text of `after` for a number, plain or opaque."""
    if form == "opaque":
        return base64.urlsafe_b64encode(f"next:{number}".encode()).decode()
    return str(number)


def cursor_number(text: str | None) -> int:
    """The number a cursor stands for; 0 without one; raises 400 for any other text."""
    if not text:
        return 0
    plain = text
    if not text.isdigit():
        try:
            plain = base64.urlsafe_b64decode(text.encode()).decode().removeprefix("next:")
        except ValueError:
            plain = ""
    if not plain.isascii() or not plain.isdigit() or len(plain) > 18:
        raise invalid(f"Invalid paging cursor: {text}")
    return int(plain)


def paging(call: Call, cursor: str) -> dict[str, Any]:
    """The `paging` of a page that has a next one."""
    kept = [(key, value) for key, value in call.request.query if key not in {"after", "limit"}]
    query = [("limit", call.request.first("limit") or "10"), ("after", cursor), *kept]
    text = "&".join(f"{key}={value}" for key, value in query)
    return {"next": {"after": cursor, "link": f"{BASE_URL}{call.request.path}?{text}"}}


def batch_answer(
    call: Call, results: list[Any], errors: list[Any], status: int = 200, mixed: int = 207
) -> Response:
    """The answer of a batch: `status`, or `mixed` with the errors where there are any."""
    now = iso(call.state.now_ms())
    in_order = call.state.switches.batch_order == "as sent"
    shown = results if in_order else list(reversed(results))
    body: dict[str, Any] = {"status": "COMPLETE", "results": shown}
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    body |= {"startedAt": now, "completedAt": now}
    return answer(mixed if errors and not call.first_shapes else status, body)
