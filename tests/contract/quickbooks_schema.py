"""
The judge of QuickBooks bodies: the vendor's published schema, read from the reference folder.

`check_body` lists what a body holds against its type; `checked` wraps an application so that every
request and answer passing through is held to it. Without the reference folder, `TYPES` is None and
everything passes: tests that need the judge skip, saying so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from ledgerbridge.sandbox.http import App, Request, Response

Body = dict[str, Any]

WHY_SKIPPED = "the reference folder with quickbooks-types.json is not beside this repository"

# Keys the API speaks though the schema does not, by type, with the reason to accept each.
API_KEYS: dict[str, dict[str, str]] = {
    "ReferenceType": {"value": "the id; the schema has it as the element's text"},
    "MemoRef": {"value": "the text; the schema has it as the element's text"},
    "BatchItem": {"bId": "the schema has it as an attribute of another file"},
}
STRINGS = {"string", "id", "anyURI", "base64Binary"}
NUMBERS = {"decimal", "int", "positiveInteger", "long", "float", "double", "integer"}
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")
QUERY_KEYS = {"startPosition", "maxResults", "totalCount"}
ITEM_KEYS = {"bId", "operation", "optionsData", "Query", "CDCQuery"}
ERROR_KEYS = {"Message", "Detail", "code", "element"}
COMPANY_PATH = re.compile(r"/v3/company/\d+/([A-Za-z]+)(/.*)?")


def reference_folder() -> Path | None:
    """The reference folder: `shared/reference` beside this repository, or beside a parent of it."""
    for parent in Path(__file__).resolve().parents:
        folder = parent / "shared" / "reference"
        if folder.is_dir():
            return folder
    return None


def _types() -> dict[str, Any] | None:
    folder = reference_folder()
    file = folder / "quickbooks-types.json" if folder else None
    if file is None or not file.is_file():
        return None
    types: dict[str, Any] = msgspec.json.decode(file.read_bytes())["types"]
    return types


TYPES = _types()


@cache
def fields_of(type_name: str) -> dict[str, tuple[str, bool]]:
    """Each property's type and whether it is a list; ancestors and API-only keys included."""
    assert TYPES is not None, WHY_SKIPPED
    known = TYPES.get(type_name, {})
    fields = dict.fromkeys(API_KEYS.get(type_name, {}), ("string", False))
    if known.get("extends") in TYPES:
        fields |= fields_of(known["extends"])
    for part in (*known.get("fields", ()), *known.get("attributes", ())):
        fields[part["name"]] = (part["type"].removeprefix("xs:"), part.get("max", "1") != "1")
    return fields


def check_body(entity: str, body: Body) -> list[str]:
    """What is wrong with a record of an entity: one sentence a fault, empty when nothing is."""
    if TYPES is None:
        return []
    if entity not in TYPES:
        return [f"{entity}: no such entity in the schema"]
    return list(_object(entity, entity, body))


def _object(at: str, type_name: str, value: Any) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at}: {type_name} must be an object, not {_shown(value)}"
        return
    fields = fields_of(type_name)
    for name, part in value.items():
        if name not in fields:
            yield f"{at}.{name}: not a property of {type_name}"
            continue
        kind, many = fields[name]
        if not many:
            yield from _value(f"{at}.{name}", kind, part)
        elif isinstance(part, list):
            for number, item in enumerate(part):
                yield from _value(f"{at}.{name}[{number}]", kind, item)
        else:
            yield f"{at}.{name}: must be a list, not {_shown(part)}"


def _value(at: str, kind: str, value: Any) -> Iterator[str]:
    assert TYPES is not None
    if value is None:
        yield f"{at}: null is left out, not sent"
    elif kind == "boolean":
        if not isinstance(value, bool):
            yield f"{at}: must be true or false, not {_shown(value)}"
    elif kind in NUMBERS:
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield f"{at}: must be a number, not {_shown(value)}"
    elif kind in STRINGS or "enum" in TYPES.get(kind, {}) or kind in {"date", "dateTime"}:
        yield from _text(at, kind, value)
    elif kind != "IntuitAnyType":
        yield from _object(at, kind, value)


def _text(at: str, kind: str, value: Any) -> Iterator[str]:
    assert TYPES is not None
    options = TYPES.get(kind, {}).get("enum")
    if not isinstance(value, str):
        yield f"{at}: must be a text, not {_shown(value)}"
    elif options and value not in options:
        yield f"{at}: {value!r} is none of {', '.join(options)}"
    elif kind == "date" and not DATE.fullmatch(value):
        yield f"{at}: {value!r} is not a date"
    elif kind == "dateTime" and not DATE_TIME.fullmatch(value):
        yield f"{at}: {value!r} is not a date and time with an offset"


def _shown(value: Any) -> str:
    return f"{value!r:.40}"


def checked(app: App, complaints: list[str] | None = None) -> App:
    """
    The application under the judge's eye.

    An answer that breaks the schema, or a request that does and yet succeeds, is an AssertionError,
    or is added to `complaints` where a list is given. Answers cut short, throttled, or broken on
    purpose (5xx, HTML) are exempt.
    """

    async def judged(request: Request) -> Response:
        answer = await app(request)
        found = list(_exchange(request, answer))
        if found and complaints is None:
            raise AssertionError("\n".join(found))
        if complaints is not None:
            complaints.extend(found)
        return answer

    return judged


def _exchange(request: Request, answer: Response) -> Iterator[str]:
    route = COMPANY_PATH.fullmatch(request.path)
    if TYPES is None or route is None or answer.cut or answer.status == 429:
        return
    if answer.status >= 500 or answer.headers.get("Content-Type") in NOT_JSON:
        return
    body = msgspec.json.decode(answer.body)
    segment = route[1].lower()
    if segment in SHAPES and "Fault" not in body:
        yield from SHAPES[segment](body)
        return
    yield from check_answer(body)
    if request.method == "POST" and answer.status == 200 and segment != "upload" and request.body:
        yield from _request(route[1].lower(), request, body)


def check_answer(body: Body) -> Iterator[str]:
    """What is wrong with any answer of the API: record, query, batch, changes, or fault."""
    for key, part in body.items():
        if key == "time" or (key in GATEWAY_KEYS and "fault" in body):
            continue
        if key == "Fault":
            yield from _fault(part)
        elif key == "QueryResponse":
            yield from _rows(part)
        elif key == "CDCResponse":
            for group in part[0]["QueryResponse"]:
                yield from _rows(group)
        elif key in {"BatchItemResponse", "AttachableResponse"}:
            for item in part:
                yield from check_answer({name: item[name] for name in item if name != "bId"})
        else:
            yield from check_body(key, part)


GATEWAY_KEYS = {
    "warnings",
    "intuitObject",
    "fault",
    "report",
    "queryResponse",
    "batchItemResponse",
    "attachableResponse",
    "syncErrorResponse",
    "requestId",
    "status",
    "cdcresponse",
}


def _report(body: Body) -> Iterator[str]:
    """What is wrong with a report: its three parts, and as many cells in a row as columns."""
    if set(body) != {"Header", "Columns", "Rows"}:
        yield f"report: has the keys {sorted(body)}"
        return
    width = len(body["Columns"]["Column"])
    pending = list(body["Rows"].get("Row", ()))
    while pending:
        row = pending.pop()
        pending += row.get("Rows", {}).get("Row", ())
        for part in (row, row.get("Summary", {})):
            if "ColData" in part and len(part["ColData"]) != width:
                yield f"report: a row of {len(part['ColData'])} cells under {width} columns"


SHAPES: dict[str, Callable[[Body], Iterator[str] | list[str]]] = {
    "reports": _report,
    "taxservice": lambda body: check_body("TaxService", body),
}
NOT_JSON = {"text/html", "text/plain", "application/pdf"}


def _rows(response: Body) -> Iterator[str]:
    for name, rows in response.items():
        if name not in QUERY_KEYS:
            for number, row in enumerate(rows):
                for complaint in check_body(name, row):
                    yield f"row {number}: {complaint}"


def _fault(fault: Body) -> Iterator[str]:
    if set(fault) != {"Error", "type"} or not fault["Error"]:
        yield f"Fault: has the keys {sorted(fault)}"
        return
    for error in fault["Error"]:
        if not {"Message", "Detail", "code"} <= set(error) <= ERROR_KEYS:
            yield f"Fault.Error: has the keys {sorted(error)}"


def _request(segment: str, request: Request, answer: Body) -> Iterator[str]:
    if segment == "query":
        return
    sent = msgspec.json.decode(request.body)
    if segment != "batch":
        entity = next(key for key in answer if key != "time")
        yield from (f"request: {complaint}" for complaint in check_body(entity, sent))
        return
    items, answers = sent["BatchItemRequest"], answer["BatchItemResponse"]
    if len(items) != len(answers):
        yield f"request: {len(items)} rows under a requestid that {len(answers)} rows had before"
        return
    for item, done in zip(items, answers, strict=True):
        if "Fault" in done:
            continue
        for name in set(item) - ITEM_KEYS:
            yield from (f"request: {complaint}" for complaint in check_body(name, item[name]))
