"""
The judge of HubSpot exchanges: the published operations, read from the reference folder.

`checked` wraps an application so that every request to a dated path and every answer is held to
them. Legacy paths pass unseen. Without the reference folder `OPERATIONS` is None and everything
passes: tests that need the judge skip, saying so.

The file's shapes: `name!` is required, `*` any name, `[T]` a list, `A|B` one of several words.
Types that it names but does not define (NextPage, ErrorDetail) are any object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from ledgerbridge.sandbox.http import App, Request, Response

WHY_SKIPPED = "the reference folder with hubspot/operations.json is not beside this repository"
FAULT_HEADER = "X-Sandbox-Fault"
ON_PURPOSE = "x-wrong-on-purpose"  # a request with this header may be anything
CURRENT = "2026-09"
EARLIER = "2026-03"
OF_EARLIER = ("/webhooks-journal/", "/integrators/timeline/")  # what the file has in that version
DATED = re.compile(r"/(20\d\d-(?:03|09)(?:-beta)?)(?=/|\Z)")
DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")
WORDS = re.compile(r"[\w.]+(\|[\w.]+)+")
# Lists of words that the file cuts short after twenty: currencies, event types.
CUT_SHORT = ("AED|", "company.associationChange|")

# Operations that the file lacks, with where they come from.
NOT_IN_FILE: dict[str, str] = {
    "POST /crm/objects/2026-09/{objectType}/gdpr-delete": "the reference, section 3",
    "POST /crm/associations/2026-09/{from}/{to}/batch/labels/archive": "the reference, section 5",
    "DELETE /crm/associations/2026-09/{from}/{to}/labels/{typeId}": "the reference, section 5",
    **{
        f"{method} /crm/associations/2026-09/definitions/configurations/{rest}": "section 5"
        for method, rest in (
            ("GET", "all"),
            ("GET", "{from}/{to}"),
            ("POST", "{from}/{to}/batch/create"),
            ("POST", "{from}/{to}/batch/update"),
            ("POST", "{from}/{to}/batch/purge"),
        )
    },
    "DELETE /appinstalls/2026-09/external-install": "the reference, section 1.1",
    "GET /tax-rates/v1/tax-rates": "not versioned",
}

# What the file requires and practice does not: end of the template, place, reason.
OPTIONAL: tuple[tuple[str, str, str], ...] = (
    ("", "request.associations", "real creations leave it out"),
    ("/batch/create", "request.inputs[].associations", "real creations leave it out"),
    ("/batch/read", "request.propertiesWithHistory", "the documentation's examples lack it"),
    ("/batch/read", "request.properties", "the documentation's examples lack it"),
    ("/batch/read", "request.archived", "the documentation's examples lack it"),
    ("/batch/read", "request.dataSensitivity", "non_sensitive is the default"),
    ("/search", "request.after", "the first page has none"),
    ("/search", "request.limit", "10 is the default"),
    ("/search", "request.properties", "the default properties come back"),
    ("/search", "request.sorts", "records come in the order of their ids"),
    ("/search", "request.filterGroups", "a search by words has none"),
    ("/labels", "request.name", "the label's text is enough"),
    ("", "response.errors[].errors", "recorded rows lack it"),
    ("", "response.errors[].links", "recorded rows lack it"),
    ("", "response.errors[].context", "recorded rows lack it"),
)
# What the file does not name in an answer and practice has.
EXTRA: tuple[tuple[str, str, str], ...] = (
    ("/batch/read", "response.errors", "recorded with 207; the status is a switch"),
    ("/batch/read", "response.numErrors", "recorded with 207; the status is a switch"),
    *(
        (f"/batch/{verb}", f"response.{name}", "the file as first published: a switch")
        for verb in ("create", "update", "upsert")
        for name in ("errors", "numErrors")
    ),
    ("/introspect", "response.*", "documented for a token that is active"),
)
# Places where null is a value.
NULLABLE: tuple[tuple[str, str], ...] = (
    (r"response(\.results\[\])?\.properties\..*", "an empty property reads as null"),
    (r"response\.results\[\]\.label", "the unlabelled type has no label"),
)
# Places where recordings have something else than the file says.
RECORDED_OTHERWISE = {
    "response.errors[].subCategory": "the file says an object, it is a text",
    "request.grant_type": "the file of 2026-03 has client_credentials as well",
}
# Places where the file says text and the guide of associations shows numbers: a switch.
NUMBERS_TOO = re.compile(r"response(\.results\[\])?(\.to\[\])?\.(from|to)ObjectId")
# Places where the file says text and numbers and booleans are taken, too.
ANY_SCALAR = re.compile(r"request(\.inputs\[\])?\.properties\..*")  # recorded: echoed as text
# Statuses that stand for another one of the file.
SAME_SHAPE: Mapping[int, tuple[int, ...]] = {201: (200,), 207: (200, 201)}
ERROR_REQUIRED = {"message"}
ERROR_KEYS = {
    "status",
    "message",
    "correlationId",
    "category",
    "subCategory",
    "errors",
    "context",
    "links",
    "errorType",
    "policyName",
    "groupName",
    "requestId",
    "error",
    "error_description",
}


def reference_folder() -> Path | None:
    """The HubSpot folder of `shared/reference` beside this repository or a parent of it."""
    for parent in Path(__file__).resolve().parents:
        folder = parent / "shared" / "reference" / "hubspot"
        if folder.is_dir():
            return folder
    return None


def _operations() -> dict[str, Any] | None:
    folder = reference_folder()
    file = folder / "operations.json" if folder else None
    if file is None or not file.is_file():
        return None
    operations: dict[str, Any] = msgspec.json.decode(file.read_bytes())
    return operations


OPERATIONS = _operations()


@cache
def operation_of(method: str, path: str) -> str | None:
    """The key of the operation that a current dated path means; literal parts win over names."""
    assert OPERATIONS is not None, WHY_SKIPPED
    segments = path.strip("/").split("/")
    best: tuple[list[bool], str] | None = None
    for key in (*OPERATIONS, *NOT_IN_FILE):
        verb, _, template = key.partition(" ")
        names = template.strip("/").split("/")
        if verb != method or len(names) != len(segments):
            continue
        literal = [not name.startswith("{") for name in names]
        fits = all(
            not is_literal or name == segment
            for name, segment, is_literal in zip(names, segments, literal, strict=True)
        )
        if fits and (best is None or literal > best[0]):
            best = literal, key
    return None if best is None else best[1]


def checked(app: App, complaints: list[str] | None = None) -> App:
    """
    The application under the judge's eye.

    An answer that breaks the operations, or a request that does and yet succeeds, is an
    AssertionError, or is added to `complaints` where a list is given. Answers broken on purpose
    (cut short, pages of HTML, marked with X-Sandbox-Fault) are exempt, and so are requests marked
    with X-Wrong-On-Purpose.
    """

    async def judged(request: Request) -> Response:
        answer = await app(request)
        found = list(check_exchange(request, answer))
        if found and complaints is None:
            raise AssertionError("\n".join(found))
        if complaints is not None:
            complaints.extend(found)
        return answer

    return judged


def check_exchange(request: Request, answer: Response) -> Iterator[str]:
    """What is wrong with a request and its answer: one sentence a fault."""
    dated = DATED.search(request.path)
    if OPERATIONS is None or dated is None or _on_purpose(answer):
        return
    version = EARLIER if request.path.startswith(OF_EARLIER) else CURRENT
    path = DATED.sub(f"/{version}", request.path, count=1)
    here = f"{request.method} {request.path}"
    key = operation_of(request.method, path)
    if answer.status >= 400:
        yield from (f"{here}: {complaint}" for complaint in _error(answer))
    elif key is None:
        yield f"{here}: no such operation"
    elif key in OPERATIONS:
        operation, template = OPERATIONS[key], key.partition(" ")[2]
        complaints = list(_response(operation["responses"], template, answer))
        if ON_PURPOSE not in request.headers:
            complaints += _query(operation["query"], request)
            complaints += _request(operation["request"], template, request)
        yield from (f"{here}: {complaint}" for complaint in complaints)


def _on_purpose(answer: Response) -> bool:
    html = answer.headers.get("Content-Type", "").startswith("text/html")
    return answer.cut or html or FAULT_HEADER in answer.headers


def _query(known: Mapping[str, str], request: Request) -> Iterator[str]:
    for name, value in request.query:
        kind = known.get(name)
        if kind is None:
            yield f"query {name}: not a parameter"
        elif kind == "boolean" and value not in {"true", "false"}:
            yield f"query {name}: {value!r} is not true or false"
        elif kind.startswith("integer") and not value.isdigit():
            yield f"query {name}: {value!r} is not an integer"


def _request(shapes: Mapping[str, Any] | None, template: str, request: Request) -> Iterator[str]:
    if not shapes:
        if request.body:
            yield "request: has a body"
        return
    content_type, shape = next(iter(shapes.items()))
    if content_type == "application/json":
        body = msgspec.json.decode(request.body)
    else:
        body = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    yield from Judge(template).value("request", shape, body)


def _response(shapes: Mapping[str, Any], template: str, answer: Response) -> Iterator[str]:
    if not shapes:
        return
    statuses = (answer.status, *SAME_SHAPE.get(answer.status, ()))
    status = next((str(one) for one in statuses if str(one) in shapes), None)
    if status is None:
        yield f"response: {answer.status} is none of {', '.join(shapes)}"
    elif shapes[status] is None:
        if answer.body:
            yield "response: has a body"
    else:
        yield from Judge(template).value(
            "response", shapes[status], msgspec.json.decode(answer.body)
        )


def _error(answer: Response) -> Iterator[str]:
    body = msgspec.json.decode(answer.body)
    if not isinstance(body, dict):
        yield "error: is not an object"
        return
    for name in ERROR_REQUIRED - body.keys():
        yield f"error: {name} is missing"
    for name in body.keys() - ERROR_KEYS:
        yield f"error: {name} is not a field of errors"


class Judge:
    """Holds values of one operation against the file's shapes."""

    def __init__(self, template: str) -> None:
        self._template = template

    def value(self, at: str, shape: Any, value: Any) -> Iterator[str]:
        """What is wrong with a value at a place, e.g. `response.results[].id`."""
        if at in RECORDED_OTHERWISE or (NUMBERS_TOO.fullmatch(at) and isinstance(value, int)):
            return
        if value is None and any(re.fullmatch(place, at) for place, _ in NULLABLE):
            return
        if isinstance(shape, dict):
            yield from self._object(at, shape, value)
        elif isinstance(shape, list):
            if not isinstance(value, list):
                yield f"{at}: must be a list, not {value!r:.40}"
                return
            for item in value:
                yield from self.value(f"{at}[]", shape[0], item)
        elif at.startswith("request.sorts") and isinstance(value, dict):
            return  # the file says text; the documentation's objects are taken, too
        elif not _is(shape, value) and not (
            ANY_SCALAR.fullmatch(at) and isinstance(value, str | int | float)
        ):
            yield f"{at}: must be {shape}, not {value!r:.40}"

    def _object(self, at: str, shape: Mapping[str, Any], value: Any) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{at}: must be an object, not {value!r:.40}"
            return
        known = {name.removesuffix("!"): part for name, part in shape.items()}
        for name in shape:
            plain = name.removesuffix("!")
            if name != plain and plain not in value and not self._listed(OPTIONAL, at, plain):
                yield f"{at}.{plain}: is missing"
        for name, part in value.items():
            if name in known:
                yield from self.value(f"{at}.{name}", known[name], part)
            elif "*" in known:
                yield from self.value(f"{at}.{name}", known["*"], part)
            elif known and not self._listed(EXTRA, at, name):
                yield f"{at}.{name}: is not a field"

    def _listed(self, table: tuple[tuple[str, str, str], ...], at: str, name: str) -> bool:
        places = {f"{at}.{name}", f"{at}.*"}
        return any(self._template.endswith(end) and listed in places for end, listed, _ in table)


def _is(shape: str, value: Any) -> bool:
    """Whether a value is of one of the file's simple types."""
    kind, _, form = shape.partition(":")
    if kind == "string":
        right = isinstance(value, str)
        return right and (form != "date-time" or DATE_TIME.fullmatch(value) is not None)
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "boolean":
        return isinstance(value, bool)
    if shape == "any":
        return True
    if WORDS.fullmatch(shape):
        return value in shape.split("|") or (shape.startswith(CUT_SHORT) and isinstance(value, str))
    return isinstance(value, dict)
