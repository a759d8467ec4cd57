"""
The pages in front of an emulator: `/` and everything below `/look`, which no vendor has.

They are for people on the same machine. Only loopback names are answered, so that no other site's
name can be pointed at them; a form is taken only with the token that our own page gave it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from urllib.parse import parse_qsl

from ledgerbridge.sandbox.console.account import Account, Kind, Problem, Refusal
from ledgerbridge.sandbox.console.hubspot_account import HubSpotAccount
from ledgerbridge.sandbox.console.layout import Place, framed
from ledgerbridge.sandbox.console.listing import asked_of
from ledgerbridge.sandbox.console.lists import list_page
from ledgerbridge.sandbox.console.markup import address, tag
from ledgerbridge.sandbox.console.quickbooks_account import QuickBooksAccount
from ledgerbridge.sandbox.console.records import Spot, fields_page, form_page, record_page
from ledgerbridge.sandbox.console.requests import exchange_page, front_page, log_page
from ledgerbridge.sandbox.console.traffic import Traffic
from ledgerbridge.sandbox.http import App, Request, Response
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.quickbooks import QuickBooks

LOOPBACK = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
STYLE = (files(__package__) / "style.css").read_bytes()
FORM_TYPE = "application/x-www-form-urlencoded"
FORM_FIELDS_MAX = 2_000
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class _Missing(Exception):
    """There is no such page; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Emulated:
    """What the pages need of an emulator."""

    vendor: str
    accounts: Callable[[], Sequence[Account]]
    calls: Mapping[str, int]


def with_console(emulator: HubSpot | QuickBooks, app: App | None = None) -> App:
    """The emulator's application, or another in front of it, with the pages before it."""
    if isinstance(emulator, HubSpot):
        accounts = partial(_portals, emulator)
        emulated = Emulated("HubSpot", accounts, emulator.calls)
    else:
        emulated = Emulated("QuickBooks", partial(_companies, emulator), emulator.calls)
    return Console(emulated, app or emulator.app, Traffic(emulator.now))


def _portals(emulator: HubSpot) -> list[Account]:
    return [HubSpotAccount(portal) for portal in emulator.portals().values()]


def _companies(emulator: QuickBooks) -> list[Account]:
    return [QuickBooksAccount(company) for company in emulator.companies().values()]


class Console:
    """The pages of one emulator, and its application behind them, whose requests it notes."""

    def __init__(self, emulated: Emulated, app: App, traffic: Traffic) -> None:
        self._emulated, self._app, self._traffic = emulated, app, traffic
        self._csrf = secrets.token_urlsafe(24)

    async def __call__(self, request: Request) -> Response:
        """A page, or the emulator's own answer. Raises NoAnswer where that does."""
        _, first, *rest = [*request.path.split("/"), ""]
        if request.path == "/" or first == "look":
            return self._page(request, tuple(one for one in rest if one))
        if first == "sandbox":
            return await self._app(request)
        return await self._traffic.answer(self._app, request)

    def _page(self, request: Request, segments: tuple[str, ...]) -> Response:
        if not LOOPBACK.fullmatch(request.headers.get("host", "")):
            text = "These pages answer to loopback names only, such as 127.0.0.1."
            return _plain(403, text)
        if request.method not in {"GET", "HEAD", "POST"}:
            return _plain(
                405,
                "Pages are read with GET; forms are sent with POST.",
                {"Allow": "GET, HEAD, POST"},
            )
        if segments == ("style.css",):
            return Response(200, STYLE, {**HEADERS, "Content-Type": "text/css; charset=utf-8"})
        try:
            if request.method == "POST":
                return self._posted(request, segments)
            return _html(200, self._got(request, segments))
        except _Missing as missing:
            return _html(404, self._missing(str(missing)))

    def _got(self, request: Request, segments: tuple[str, ...]) -> bytes:
        accounts = self._emulated.accounts()
        place = Place(self._emulated.vendor, accounts)
        match segments:
            case ():
                live = request.first("live") == "1"
                return front_page(place, self._emulated.calls, self._traffic, live=live)
            case ("log", *rest):
                return self._log(request, rest)
            case (account_id, kind_name):
                account, kind, place = self._found(account_id, kind_name)
                return list_page(place, account, kind, asked_of(request, account, kind))
            case (account_id, kind_name, "fields"):
                account, kind, place = self._found(account_id, kind_name)
                return fields_page(place, account, kind)
            case (account_id, kind_name, "new"):
                return form_page(self._creatable(account_id, kind_name))
            case (account_id, kind_name, record_id):
                spot = self._spot(account_id, kind_name, record_id)
                return record_page(spot, done=request.first("done") or "")
            case (account_id, kind_name, record_id, "edit"):
                return form_page(self._editable(account_id, kind_name, record_id))
        raise _Missing("There is no such page.")

    def _log(self, request: Request, rest: list[str]) -> bytes:
        place = Place(self._emulated.vendor, self._emulated.accounts(), log=True)
        if not rest:
            return log_page(place, self._traffic, request)
        number = rest[0]
        is_number = len(rest) == 1 and number.isascii() and number.isdecimal() and len(number) < 15
        found = self._traffic.find(int(number)) if is_number else None
        if found is None:
            raise _Missing("There is no such request, or it was too long ago.")
        return exchange_page(place, found)

    def _posted(self, request: Request, segments: tuple[str, ...]) -> Response:
        values = self._form(request)
        if isinstance(values, Response):
            return values
        match segments:
            case (account_id, kind_name, "new"):
                return self._saved(self._creatable(account_id, kind_name), values, "created")
            case (account_id, kind_name, record_id, "edit"):
                return self._saved(
                    self._editable(account_id, kind_name, record_id), values, "saved"
                )
            case (account_id, kind_name, record_id, act):
                return self._acted(self._spot(account_id, kind_name, record_id), act, values)
        raise _Missing("There is no such form.")

    def _form(self, request: Request) -> dict[str, str] | Response:
        """What a form of ours holds, lines ending as they do here; or why it is refused."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != FORM_TYPE:
            return _plain(415, f"Send {FORM_TYPE}.")
        origin = request.headers.get("origin")
        if origin is not None and origin != f"http://{request.headers['host']}":
            return _plain(403, "This form comes from another site.")
        try:
            text = request.body.decode("ascii")
            pairs = parse_qsl(
                text, keep_blank_values=True, errors="strict", max_num_fields=FORM_FIELDS_MAX
            )
        except ValueError:
            return _plain(400, "This is no form that a browser sends.")
        values = {name: value.replace("\r\n", "\n") for name, value in pairs}
        token = values.pop("_csrf", "").encode()
        if not secrets.compare_digest(token, self._csrf.encode()):
            return _plain(403, "This form is not of this page, or the emulator was started anew.")
        return values

    def _saved(self, spot: Spot, values: dict[str, str], done: str) -> Response:
        known = {one.name for one in spot.account.inputs(spot.kind.name, spot.record)}
        version = values.get("_version", "")
        entered = {name: value for name, value in values.items() if name in known}
        try:
            id_ = spot.account.save(spot.kind.name, spot.record, entered, version)
        except Refusal as refusal:
            return _html(422, form_page(spot, entered, refusal.problems))
        return _seen(address(spot.account.id, spot.kind.name, id_, done=done))

    def _acted(self, spot: Spot, act: str, values: Mapping[str, str]) -> Response:
        account, kind = spot.account, spot.kind.name
        offered = {one.name for one in account.shown(kind, spot.record).acts}
        if act not in offered:
            problem = Problem("This cannot be done with the record as it is.")
            return _html(422, record_page(spot, problems=[problem]))
        try:
            led_to = account.act(kind, spot.record, act, values)
        except Refusal as refusal:
            return _html(422, record_page(spot, problems=refusal.problems))
        if led_to is not None:
            return _seen(address(account.id, led_to.kind, led_to.id, done=act))
        id_ = account.record_id(spot.record)
        if account.find(kind, id_) is None:
            return _seen(address(account.id, kind))
        return _seen(address(account.id, kind, id_, done=act))

    def _found(self, account_id: str, kind_name: str) -> tuple[Account, Kind, Place]:
        accounts = self._emulated.accounts()
        account = next((one for one in accounts if one.id == account_id), None)
        kind = None if account is None else account.kind(kind_name)
        if account is None or kind is None:
            raise _Missing("There is no such account, or it has no such records.")
        return account, kind, Place(self._emulated.vendor, accounts, account, kind.name)

    def _spot(self, account_id: str, kind_name: str, record_id: str) -> Spot:
        account, kind, place = self._found(account_id, kind_name)
        record = account.find(kind.name, record_id)
        if record is None:
            raise _Missing("There is no such record.")
        return Spot(place, account, kind, self._csrf, record)

    def _creatable(self, account_id: str, kind_name: str) -> Spot:
        account, kind, place = self._found(account_id, kind_name)
        if not kind.creatable:
            raise _Missing("Such records cannot be created.")
        return Spot(place, account, kind, self._csrf)

    def _editable(self, account_id: str, kind_name: str, record_id: str) -> Spot:
        spot = self._spot(account_id, kind_name, record_id)
        if not spot.account.shown(spot.kind.name, spot.record).editable:
            raise _Missing("This record cannot be edited.")
        return spot

    def _missing(self, text: str) -> bytes:
        place = Place(self._emulated.vendor, self._emulated.accounts())
        return framed(place, "Not found", tag("p", text, class_="empty"))


def _html(status: int, content: bytes) -> Response:
    return Response(status, content, {**HEADERS, "Content-Type": "text/html; charset=utf-8"})


def _plain(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    kind = {"Content-Type": "text/plain; charset=utf-8"}
    return Response(status, f"{text}\n".encode(), {**HEADERS, **kind, **(headers or {})})


def _seen(location: str) -> Response:
    """To be looked at there, with GET."""
    return Response(303, b"", {**HEADERS, "Location": location})
