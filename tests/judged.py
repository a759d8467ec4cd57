"""
A pytest plugin: every exchange with an emulator, in any test, is held to the vendors' own schemas.

The judges stand inside the emulators, so that no test can forget them; what they find fails the
test at its end, also where the exchange went over HTTP and the error would have stayed there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from contract import hubspot_operations, quickbooks_schema
from ledgerbridge.sandbox.http import Request, Response
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.quickbooks import QuickBooks

COMPLAINTS: list[str] = []


def pytest_configure(config: pytest.Config) -> None:
    """Put the judges in place before any test makes an emulator."""
    marker = "wrong_on_purpose: its requests are not judged, only the answers to them"
    config.addinivalue_line("markers", marker)
    _judge(HubSpot, "_answer", hubspot_operations.checked)
    _judge(QuickBooks, "__call__", quickbooks_schema.checked)


def _judge(emulator: type[Any], name: str, checked: Callable[..., Any]) -> None:
    answer: Callable[[Any, Request], Awaitable[Response]] = getattr(emulator, name)

    async def judged(self: Any, request: Request) -> Response:
        async def app(arrived: Request) -> Response:
            return await answer(self, arrived)

        response: Response = await checked(app, COMPLAINTS)(request)
        return response

    setattr(emulator, name, judged)


@pytest.fixture(autouse=True)
def nothing_to_complain_about(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test fails that made an exchange which the vendors' schemas do not know."""
    COMPLAINTS.clear()
    yield
    found = list(dict.fromkeys(COMPLAINTS))
    COMPLAINTS.clear()
    if request.node.get_closest_marker("wrong_on_purpose"):
        found = [one for one in found if not one.startswith("request:")]
    assert not found, "\n".join(found[:20])
