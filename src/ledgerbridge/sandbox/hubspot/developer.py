"""
What an app asks for itself, over all portals: webhook settings and subscriptions, and the journal.

Settings take a token of the client credentials grant with developer scopes, or the developer key as
`hapikey` on the legacy path. The journal takes such a token with the scopes of the journal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ledgerbridge.sandbox.http import Request, Response
from ledgerbridge.sandbox.hubspot import app_webhooks, journal_reading
from ledgerbridge.sandbox.hubspot.app_calls import AppCall
from ledgerbridge.sandbox.hubspot.auth import Tokens, check_scopes
from ledgerbridge.sandbox.hubspot.errors import (
    error,
    no_credentials,
    unknown_path,
    wrong_method,
)
from ledgerbridge.sandbox.hubspot.journal import Journal
from ledgerbridge.sandbox.hubspot.portal import Portal
from ledgerbridge.sandbox.hubspot.webhooks import Webhooks

PREFIXES = ("/app-webhooks/", "/webhooks-journal/", "/webhooks/")
SETTINGS_READ = ("developers-read", "developers-write")
SETTINGS_WRITE = ("developers-write",)
PAGES = ("developer.webhooks_journal.read", "webhooks-journal-data-access")
SEE = (
    "developer.webhooks_journal.subscriptions.read",
    "developer.webhooks_journal.subscriptions.write",
)
CHANGE = ("developer.webhooks_journal.subscriptions.write",)
SNAP = ("developer.webhooks_journal.snapshots.write", "webhooks-journal-snapshot-management")
SNAPPED = ("developer.webhooks_journal.snapshots.read", *SNAP)
APP_SCOPES = frozenset({*SETTINGS_READ, *PAGES, *SEE, *SNAPPED})


Handler = Callable[[AppCall], Response]
_APP = r"/(?:app-webhooks/(?P<v>[^/]+)|webhooks/(?P<legacy>v3))/(?P<appId>\d{1,18})"
_SUBSCRIPTIONS = rf"{_APP}/subscriptions"
_JOURNAL = r"/webhooks-journal/(?P<scope>journal|journal-local)/(?P<v>[^/]+)"
_WANTED = r"/webhooks-journal/subscriptions/(?P<v>[^/]+)"

ROUTES: tuple[tuple[str, str, tuple[str, ...], Handler], ...] = (
    ("GET", rf"{_APP}/settings", SETTINGS_READ, app_webhooks.read_settings),
    ("PUT", rf"{_APP}/settings", SETTINGS_WRITE, app_webhooks.write_settings),
    ("DELETE", rf"{_APP}/settings", SETTINGS_WRITE, app_webhooks.clear_settings),
    ("GET", _SUBSCRIPTIONS, SETTINGS_READ, app_webhooks.list_subscriptions),
    ("POST", _SUBSCRIPTIONS, SETTINGS_WRITE, app_webhooks.create_subscription),
    ("POST", rf"{_SUBSCRIPTIONS}/batch/update", SETTINGS_WRITE, app_webhooks.batch_update),
    ("GET", rf"{_SUBSCRIPTIONS}/(?P<id>\d{{1,18}})", SETTINGS_READ, app_webhooks.read_subscription),
    (
        "PATCH",
        rf"{_SUBSCRIPTIONS}/(?P<id>\d{{1,18}})",
        SETTINGS_WRITE,
        app_webhooks.update_subscription,
    ),
    (
        "DELETE",
        rf"{_SUBSCRIPTIONS}/(?P<id>\d{{1,18}})",
        SETTINGS_WRITE,
        app_webhooks.delete_subscription,
    ),
    ("GET", rf"{_JOURNAL}/(?P<end>earliest|latest)", PAGES, journal_reading.read_end),
    ("GET", rf"{_JOURNAL}/offset/(?P<offset>[^/]+)/next", PAGES, journal_reading.read_next),
    (
        "GET",
        rf"{_JOURNAL}/batch/(?P<end>earliest|latest)/(?P<count>\d{{1,6}})",
        PAGES,
        journal_reading.batch_end,
    ),
    (
        "GET",
        rf"{_JOURNAL}/batch/(?P<offset>[^/]+)/next/(?P<count>\d{{1,6}})",
        PAGES,
        journal_reading.batch_next,
    ),
    ("POST", rf"{_JOURNAL}/batch/read", PAGES, journal_reading.batch_read),
    ("GET", rf"{_JOURNAL}/status/(?P<id>[^/]+)", SNAPPED, journal_reading.snapshot_status),
    (
        "POST",
        r"/webhooks-journal/snapshots/(?P<v>[^/]+)/crm",
        SNAP,
        journal_reading.take_snapshots,
    ),
    ("GET", _WANTED, SEE, journal_reading.list_subscriptions),
    ("POST", _WANTED, CHANGE, journal_reading.create_subscription),
    (
        "DELETE",
        rf"{_WANTED}/portals/(?P<portalId>\d{{1,18}})",
        CHANGE,
        journal_reading.delete_of_portal,
    ),
    ("POST", rf"{_WANTED}/filters", CHANGE, journal_reading.create_filter),
    (
        "GET",
        rf"{_WANTED}/filters/subscription/(?P<id>\d{{1,18}})",
        SEE,
        journal_reading.filters_of_subscription,
    ),
    ("GET", rf"{_WANTED}/filters/(?P<id>\d{{1,18}})", SEE, journal_reading.read_filter),
    ("DELETE", rf"{_WANTED}/filters/(?P<id>\d{{1,18}})", CHANGE, journal_reading.delete_filter),
    ("GET", rf"{_WANTED}/(?P<id>\d{{1,18}})", SEE, journal_reading.read_subscription),
    ("DELETE", rf"{_WANTED}/(?P<id>\d{{1,18}})", CHANGE, journal_reading.delete_subscription),
    ("GET", r"/webhooks-journal/pages/(?P<offset>[^/]+)", (), journal_reading.read_page),
)
_COMPILED = [(verb, re.compile(path), scopes, handler) for verb, path, scopes, handler in ROUTES]
_VERSION = re.compile(r"20\d\d-(03|09)(-beta)?|v[34]")


class DeveloperApi:
    """The operations of the app itself, behind their own check of credentials."""

    def __init__(
        self,
        tokens: Tokens,
        webhooks: Webhooks,
        journal: Journal,
        portal: Callable[[int], Portal | None],
        developer_key: str,
    ) -> None:
        self._tokens, self._webhooks, self._journal = tokens, webhooks, journal
        self._portal, self.developer_key = portal, developer_key

    def answer(self, request: Request) -> Response:
        """The answer to a request under one of `PREFIXES`; raises what HubSpot answers."""
        known = False
        for verb, path, scopes, handler in _COMPILED:
            found = path.fullmatch(request.path)
            if found is None:
                continue
            parts = {name: part for name, part in found.groupdict().items() if part is not None}
            if not _VERSION.fullmatch(parts.get("v", "v3")):
                continue
            known = True
            if verb == request.method:
                self._check(request, parts, scopes)
                return handler(AppCall(request, parts, self._webhooks, self._journal, self._portal))
        raise wrong_method() if known else unknown_path()

    def _check(self, request: Request, parts: Mapping[str, str], scopes: tuple[str, ...]) -> None:
        key = request.first("hapikey")
        if "legacy" in parts and key is not None:
            if key != self.developer_key:
                raise no_credentials()
        elif scopes:
            check_scopes(self._tokens.grant(request), scopes)
        if "appId" in parts and parts["appId"] != str(self._webhooks.app_id):
            raise error(404, f"No app with id {parts['appId']}")
