"""One request of the app itself, not of a portal, on its way to its handler."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ledgerbridge.sandbox.http import Request
from ledgerbridge.sandbox.hubspot.errors import error
from ledgerbridge.sandbox.hubspot.journal import Journal
from ledgerbridge.sandbox.hubspot.portal import Portal
from ledgerbridge.sandbox.hubspot.webhooks import Webhooks
from ledgerbridge.sandbox.hubspot.wire import MalformedError, decoded

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AppCall:
    """A request of the app itself, and what it may act on."""

    request: Request
    parts: Mapping[str, str]
    webhooks: Webhooks
    journal: Journal
    portal: Callable[[int], Portal | None]

    def body(self, shape: type[T]) -> T:
        """The body as a shape; raises 400 where it is not one."""
        try:
            return decoded(self.request.body, shape)
        except MalformedError as problem:
            raise error(400, str(problem)) from None
