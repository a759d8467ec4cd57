"""What keeps a request out before its operation sees it: its length, its content, a move."""

from __future__ import annotations

from ledgerbridge.sandbox.http import Request
from ledgerbridge.sandbox.hubspot.errors import migrating, too_long, unsupported_content
from ledgerbridge.sandbox.hubspot.state import PortalState
from ledgerbridge.sandbox.hubspot.switches import Switches

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
FORM_PATHS = ("/token", "/token/introspect", "/token/revoke")


def check_request(request: Request, switches: Switches) -> None:
    """Raises 414 for a path and query that are too long, 415 for a body of another kind."""
    parts = sum(len(name) + len(value) + 2 for name, value in request.query)
    if len(request.path) + parts > switches.url_length_max:
        raise too_long()
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.body and given and switches.content_type_checked and given != _expected(request):
        raise unsupported_content()


def _expected(request: Request) -> str:
    is_form = request.path.startswith("/oauth/") and request.path.endswith(FORM_PATHS)
    return FORM if is_form else JSON


def check_move(state: PortalState) -> None:
    """Raises 477 while the portal is being moved to another place."""
    if state.moving_s is not None:
        raise migrating(state.moving_s)
