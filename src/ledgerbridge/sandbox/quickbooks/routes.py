"""The routes of the accounting API: which request asks for what, and doing it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from ledgerbridge.sandbox.http import Request
from ledgerbridge.sandbox.quickbooks import answers, batch, cdc, writes
from ledgerbridge.sandbox.quickbooks.books import Books, Record
from ledgerbridge.sandbox.quickbooks.entities import BY_FOLDED_NAME, CURRENCIES
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused, missing
from ledgerbridge.sandbox.quickbooks.lists import home_currency
from ledgerbridge.sandbox.quickbooks.query import parse
from ledgerbridge.sandbox.quickbooks.sales import exchange_rate
from ledgerbridge.sandbox.quickbooks.schema import Body, plain
from ledgerbridge.sandbox.quickbooks.times import today

COMPANY_PATH = re.compile(r"/v3/company/(\d{1,20})(?:/(.*))?", re.DOTALL)
STATEMENT_TYPES = ("application/text", "text/plain")
SINGLES = {"companyinfo", "preferences"}
READS = ("query", "cdc", "read")
FROM = re.compile(r"\bfrom\s+(\w{1,40})", re.IGNORECASE)

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


@dataclass(frozen=True, slots=True)
class Route:
    """
    What a request asks for. `kind` is for logs and counters, e.g. `query Customer` or `batch`.

    Outside the accounting API the realm is empty.
    """

    kind: str
    realm_id: str = ""
    segments: tuple[str, ...] = ()


def route_of(request: Request) -> Route:
    """The route of a request; never refuses."""
    found = COMPANY_PATH.fullmatch(request.path)
    if found is None:
        return Route(_outside_kind(request.path))
    segments = tuple(part for part in (found[2] or "").split("/") if part)
    return Route(_kind(request, segments), found[1], segments)


def perform(books: Books, request: Request, route: Route) -> tuple[bytes, list[str]]:
    """The answer's body, and the kinds of a batch's items. Raises Refused."""
    done: list[str] = []
    name = route.segments[0].lower() if route.segments else ""
    rest = route.segments[1:]
    asked = (request.method, name, len(rest))
    if name == "query" and not rest and request.method in {"GET", "POST"}:
        content = answers.query_object(books, parse(_statement(request)))
    elif asked == ("GET", "cdc", 0):
        groups = cdc.changes(books, request.first("entities"), request.first("changedSince"))
        content = answers.cdc_object(books, groups)
    elif asked == ("POST", "batch", 0):
        with_request_id = bool(request.first("requestid"))
        content, done = batch.answer(books, _body(request), with_request_id=with_request_id)
    elif asked == ("GET", "exchangerate", 0):
        content = answers.encode({"ExchangeRate": _rate(books, request)})
    elif name in BY_FOLDED_NAME and asked == ("POST", name, 0):
        content = _written(books, BY_FOLDED_NAME[name].name, request)
    elif name in BY_FOLDED_NAME and request.method == "GET" and _names_one(name, rest):
        content = _read(books, BY_FOLDED_NAME[name].name, rest)
    else:
        raise _no_route(request)
    return answers.timed(content, books.moment), done


def is_metered(kind: str, done: list[str]) -> bool:
    """Whether a successful call takes data out, which Intuit bills."""
    return kind.startswith(READS) or any(item.startswith(READS) for item in done)


def _kind(request: Request, segments: tuple[str, ...]) -> str:
    name = segments[0].lower() if segments else ""
    if name == "query":
        found = FROM.search(
            request.first("query") or request.body[:2000].decode("utf-8", "replace")
        )
        spec = BY_FOLDED_NAME.get(found[1].lower()) if found else None
        return f"query {spec.name}" if spec else "query"
    if name in {"batch", "cdc"}:
        return name
    if name == "exchangerate":
        return "read ExchangeRate"
    spec = BY_FOLDED_NAME.get(name)
    if spec is None:
        return "unknown"
    if request.method == "GET":
        return f"read {spec.name}"
    operation = _operation(request)
    if operation == "write":
        operation = "update" if b'"Id"' in request.body else "create"
    return f"{operation} {spec.name}"


def _outside_kind(path: str) -> str:
    for ending, kind in (
        ("/tokens/bearer", "token"),
        ("/tokens/revoke", "revoke"),
        ("configuration", "discovery"),
    ):
        if path.rstrip("/").endswith(ending):
            return kind
    return "unknown"


def _operation(request: Request) -> str:
    operation = (request.first("operation") or "").lower()
    if operation == "void" or (request.first("include") or "").lower() == "void":
        return "void"
    return "delete" if operation == "delete" else "write"


def _names_one(name: str, rest: tuple[str, ...]) -> bool:
    return len(rest) == 1 or (not rest and name in SINGLES)


def _read(books: Books, entity: str, rest: tuple[str, ...]) -> bytes:
    record: Record
    if entity in {"CompanyInfo", "Preferences"}:
        record = next(iter(books.records(entity)))
    else:
        record = writes.by_id(books, entity, rest[0])
    return answers.entity_object(books, record, "read")


def _written(books: Books, entity: str, request: Request) -> bytes:
    body = _body(request)
    operation = _operation(request)
    if operation == "delete":
        return answers.encode({entity: writes.delete(books, entity, body)})
    if operation == "void":
        record = writes.void(books, entity, body)
    elif body.get("Id") or entity in {"CompanyInfo", "Preferences"}:
        record = writes.update(books, entity, body)
    else:
        allowed = (request.first("include") or "").lower() == "allowduplicatedocnum"
        record = writes.create(books, entity, body, duplicate_number=allowed)
    return answers.entity_object(books, record, "write")


def _body(request: Request) -> Body:
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip()
    if kind.lower() != "application/json":
        detail = f"Operation with content type {kind[:60]} is not supported."
        raise Refused("500", detail, status=415)
    try:
        sent: Any = _decode(request.body)
    except (msgspec.DecodeError, ValueError, RecursionError, ArithmeticError) as error:
        detail = f"Property Name:{str(error)[:100]} specified is unsupported or invalid"
        raise Refused("2010", detail) from None
    if not isinstance(sent, dict):
        raise Refused("2010", "Property Name:The body is no object specified is unsupported")
    return sent


def _statement(request: Request) -> str:
    statement = request.first("query")
    if request.method == "POST" and statement is None:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in STATEMENT_TYPES:
            detail = f"Operation with content type {kind[:60] or 'none'} is not supported."
            raise Refused("500", detail, status=415)
        try:
            statement = request.body.decode()
        except UnicodeDecodeError:
            raise Refused("500", "Operation with malformed UTF-8 is not supported.") from None
    if not statement or not statement.strip():
        raise missing("query")
    return statement


def _rate(books: Books, request: Request) -> Body:
    currency = (request.first("sourcecurrencycode") or "").upper()
    if not currency:
        raise missing("sourcecurrencycode")
    if currency not in CURRENCIES:
        raise Refused("2170", f"Invalid Enumeration : {currency[:10]}")
    day = request.first("asofdate") or today(books.moment).isoformat()
    return {
        "SourceCurrencyCode": currency,
        "TargetCurrencyCode": home_currency(books),
        "Rate": plain(exchange_rate(books, currency, day)),
        "AsOfDate": day,
        "domain": "QBO",
        "sparse": False,
    }


def _no_route(request: Request) -> Refused:
    path = request.path[:200]
    return Refused(
        "500",
        f"Operation Could not find resource for relative : {path} of full path: "
        f"https://quickbooks.example.com{path} is not supported.",
    )
