"""The routes of the accounting API: which request asks for what, and doing it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from ledgerbridge.sandbox.http import Request
from ledgerbridge.sandbox.quickbooks import (
    answers,
    attachables,
    batch,
    cdc,
    exchange,
    forms,
    reports,
    taxservice,
    writes,
)
from ledgerbridge.sandbox.quickbooks.books import Books
from ledgerbridge.sandbox.quickbooks.entities import BY_FOLDED_NAME
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused, missing, unusable
from ledgerbridge.sandbox.quickbooks.query import parse
from ledgerbridge.sandbox.quickbooks.records import Record
from ledgerbridge.sandbox.quickbooks.schema import Body

COMPANY_PATH = re.compile(r"/v3/company/(\d{1,20})(?:/(.*))?", re.DOTALL)
STATEMENT_TYPES = ("application/text", "text/plain")
SINGLES = {"CompanyInfo", "Preferences"}
OTHERS = {"upload": "upload", "download": "download", "taxservice": "create TaxCode"}
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


@dataclass(frozen=True, slots=True)
class Answered:
    """A success: its body, the kinds of a batch's items, and the body's type where not JSON."""

    content: bytes
    items: tuple[str, ...] = ()
    content_type: str = ""


def perform(books: Books, request: Request, route: Route) -> Answered:
    """The answer to a request below a company. Raises Refused."""
    name = route.segments[0].lower() if route.segments else ""
    rest = route.segments[1:]
    asked = (request.method, name, len(rest))
    if name in BY_FOLDED_NAME:
        return _of_entity(books, BY_FOLDED_NAME[name].name, rest, request)
    if asked == ("POST", "batch", 0):
        with_request_id = bool(request.first("requestid"))
        content, kinds = batch.answer(books, _body(request), with_request_id=with_request_id)
        return Answered(answers.timed(content, books.moment), tuple(kinds))
    if asked == ("POST", "taxservice", 1) and rest[0].lower() == "taxcode":
        return Answered(answers.encode(taxservice.create(books, _body(request))))
    if asked == ("GET", "reports", 1):
        found = reports.report(books, rest[0], dict(request.query))
        if found is None:
            raise _no_route(request)
        return Answered(answers.encode(found))
    if asked == ("GET", "download", 1):
        return _download(books, rest[0])
    return Answered(answers.timed(_object(books, request, route, asked), books.moment))


def _object(books: Books, request: Request, route: Route, asked: tuple[str, str, int]) -> bytes:
    """What is answered with its time as the last key."""
    if asked[1:] == ("query", 0) and request.method in {"GET", "POST"}:
        return answers.query_object(books, parse(_statement(request)))
    if asked == ("GET", "cdc", 0):
        groups = cdc.changes(books, request.first("entities"), request.first("changedSince"))
        return answers.cdc_object(books, groups)
    if asked == ("GET", "exchangerate", 0):
        currency, day = request.first("sourcecurrencycode"), request.first("asofdate")
        return answers.encode({"ExchangeRate": exchange.asked(books, currency, day)})
    if asked == ("POST", "exchangerate", 0):
        return answers.encode({"ExchangeRate": exchange.given(books, _body(request))})
    if asked == ("POST", "upload", 0):
        return _uploaded(books, request, route.realm_id)
    raise _no_route(request)


def _of_entity(books: Books, entity: str, rest: tuple[str, ...], request: Request) -> Answered:
    if request.method == "POST" and not rest:
        content = _written(books, entity, request)
    elif request.method == "GET" and _names_one(entity, rest):
        content = _read(books, entity, rest, request)
    elif request.method == "GET" and rest[1:] == ("pdf",) and entity in forms.PRINTABLE:
        record = writes.by_id(books, entity, rest[0])
        return Answered(forms.pdf(record), content_type="application/pdf")
    elif request.method == "POST" and rest[1:] == ("send",) and entity in forms.SENDABLE:
        record = writes.by_id(books, entity, rest[0])
        forms.send(books, record, request.first("sendTo"))
        content = answers.entity_object(books, record, "write")
    else:
        raise _no_route(request)
    return Answered(answers.timed(content, books.moment))


def _download(books: Books, id_: str) -> Answered:
    """Where the file can be fetched for a quarter of an hour, as text."""
    record = writes.by_id(books, "Attachable", id_)
    if record.id not in books.files:
        raise unusable()
    return Answered(str(record.body["TempDownloadUri"]).encode(), content_type="text/plain")


def _uploaded(books: Books, request: Request, realm_id: str) -> bytes:
    """One answer for each file; a file whose record is refused is answered with its fault."""
    parts = []
    for upload in attachables.uploads(request.headers.get("content-type", ""), request.body):
        try:
            sent = _json(upload.metadata) if upload.metadata.strip() else {}
            if upload.content is not None:
                sent = {"FileName": upload.file_name, "ContentType": upload.content_type, **sent}
            record = writes.create(books, "Attachable", sent)
        except Refused as refused:
            parts.append(answers.encode({"Fault": refused.fault(element="")}))
            continue
        if upload.content is not None:
            attachables.keep_file(books, record, upload.content, realm_id)
        parts.append(answers.entity_object(books, record, "write"))
    return b'{"AttachableResponse":[' + b",".join(parts) + b"]}"


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
        return "read ExchangeRate" if request.method == "GET" else "update ExchangeRate"
    if name in OTHERS:
        return OTHERS[name]
    if name == "reports":
        known = reports.REPORTS.get(segments[1].lower()) if len(segments) == 2 else None
        return f"report {segments[1]}" if known else "unknown"
    spec = BY_FOLDED_NAME.get(name)
    if spec is None:
        return "unknown"
    if len(segments) == 3 and segments[2] in {"pdf", "send"}:
        return f"{segments[2]} {spec.name}"
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
        ("/jwks", "discovery"),
        ("/userinfo", "userinfo"),
        ("/connect/oauth2", "authorize"),
    ):
        if path.rstrip("/").endswith(ending):
            return kind
    return "unknown"


def _operation(request: Request) -> str:
    operation = (request.first("operation") or "").lower()
    if operation == "void" or (request.first("include") or "").lower() == "void":
        return "void"
    return "delete" if operation == "delete" else "write"


def _names_one(entity: str, rest: tuple[str, ...]) -> bool:
    return len(rest) == 1 or (not rest and entity in SINGLES)


def _read(books: Books, entity: str, rest: tuple[str, ...], request: Request) -> bytes:
    record: Record
    if entity in SINGLES:
        record = next(iter(books.records(entity)))
    else:
        record = writes.by_id(books, entity, rest[0])
    link_asked = "invoicelink" in (request.first("include") or "").lower()
    return answers.entity_object(books, record, "read", link_asked=link_asked)


def _written(books: Books, entity: str, request: Request) -> bytes:
    body = _body(request)
    operation = _operation(request)
    if operation == "delete":
        return answers.encode({entity: writes.delete(books, entity, body)})
    if operation == "void":
        record = writes.void(books, entity, body)
    elif body.get("Id") or entity in SINGLES:
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
    return _json(request.body)


def _json(content: bytes) -> Body:
    try:
        sent: Any = _decode(content)
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


def _no_route(request: Request) -> Refused:
    path = request.path[:200]
    return Refused(
        "500",
        f"Operation Could not find resource for relative : {path} of full path: "
        f"https://quickbooks.example.com{path} is not supported.",
    )
