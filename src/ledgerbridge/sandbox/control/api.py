"""
The control API: faults, people, webhooks, clock, state, log and counts of an emulator, as JSON
under `/sandbox`, on the emulator's own port. No vendor has such a path.

It is for programs on the same machine: it answers only to loopback names and takes only bodies that
say they are JSON, so that no web page can reach it through a browser.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import msgspec

from ledgerbridge.sandbox.control import state
from ledgerbridge.sandbox.control.controls import Control
from ledgerbridge.sandbox.control.people import Act, CannotError
from ledgerbridge.sandbox.control.shapes import (
    ActAsked,
    ClockAsked,
    FaultAsked,
    TestAsked,
    instant,
    shown_deed,
    shown_delivery,
    shown_event,
    shown_fault,
)
from ledgerbridge.sandbox.http import App, Request, Response
from ledgerbridge.sandbox.state_file import StateError

T = TypeVar("T")
ROOT = "/sandbox"
LOOPBACK = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
JSON = {"Content-Type": "application/json"}
LIMIT_DEFAULT, LIMIT_MAX = 100, 10_000
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Problem(Exception):
    """A request that is answered with an error: status, code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass(frozen=True, slots=True)
class Asked:
    """One request on its way to its handler."""

    control: Control
    request: Request
    parts: Mapping[str, str]

    def body(self, shape: type[T]) -> T:
        """The body as a shape. Raises what msgspec raises."""
        return msgspec.json.decode(self.request.body, type=shape)

    def last(self, rows: list[Any]) -> list[Any]:
        """The latest rows, as many as `limit` says, newest last."""
        text = self.request.first("limit") or str(LIMIT_DEFAULT)
        if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:9]) <= LIMIT_MAX:
            raise Problem(400, "bad_request", f"limit must be between 1 and {LIMIT_MAX}")
        return rows[-int(text) :]


Handler = Callable[[Asked], Any]


def with_control(control: Control, app: App | None = None) -> App:
    """The emulator's application, or one around it, with the control API in front."""
    return partial(_answer, control, app or control.emulator.app)


async def _answer(control: Control, app: App, request: Request) -> Response:
    if request.path != ROOT and not request.path.startswith(f"{ROOT}/"):
        return await app(request)
    try:
        handler, parts = _found(request)
        result = handler(Asked(control, request, parts))
        if isinstance(result, Awaitable):
            result = await result
    except Problem as problem:
        return _error(problem.status, problem.code, problem)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as problem:
        return _error(400, "bad_request", f"the body is not what is asked for: {problem}")
    except CannotError as problem:
        return _error(409, "cannot", problem)
    except StateError as problem:
        return _error(409, "state", problem)
    except (ValueError, re.error) as problem:
        return _error(400, "bad_request", problem)
    if isinstance(result, bytes):
        return Response(200, result, JSON)
    return Response(200, _encode(result), JSON)


def _found(request: Request) -> tuple[Handler, Mapping[str, str]]:
    """The handler of a request. Raises Problem: 403, 404, 405 or 415."""
    if not LOOPBACK.fullmatch(request.headers.get("host", "127.0.0.1")):
        raise Problem(403, "forbidden", "The control API answers to loopback names only.")
    allowed: list[str] = []
    for method, path, handler in ROUTES:
        found = re.fullmatch(path, request.path.removeprefix(ROOT).rstrip("/"))
        if found is None:
            continue
        allowed.append(method)
        if method == request.method:
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if request.method in {"POST", "PUT"} and kind != "application/json":
                raise Problem(415, "content_type", "Send application/json.")
            return handler, found.groupdict()
    if allowed:
        raise Problem(405, "method", f"Only {', '.join(sorted(set(allowed)))} here.")
    raise Problem(404, "not_found", f"There is no {request.path[:200]}; see {ROOT}.")


def _error(status: int, code: str, said: object) -> Response:
    """The one shape of errors; the message is a sentence."""
    text = str(said)
    message = text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
    content = {"error": {"code": code, "message": message}}
    return Response(status, msgspec.json.encode(content), JSON)


def _index(asked: Asked) -> dict[str, Any]:
    paths = [
        {"method": method, "path": ROOT + re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", path)}
        for method, path, _ in ROUTES
    ]
    return {"emulator": asked.control.vendor.name, "paths": paths}


def _faults(asked: Asked) -> dict[str, Any]:
    faults = asked.control.emulator.faults
    injected = [
        {"kind": kind, "method": method, "path": path} for kind, method, path in faults.injected
    ]
    return {
        "faults": [shown_fault(one) for one in faults.pending()],
        "injected": asked.last(injected),
    }


def _ask_for_fault(asked: Asked) -> dict[str, Any]:
    wanted = asked.body(FaultAsked)
    if wanted.match is not None:
        re.compile(wanted.match)
    return shown_fault(asked.control.ask_for(wanted))


def _clear_faults(asked: Asked) -> dict[str, Any]:
    number = asked.parts.get("id")
    cleared = asked.control.emulator.faults.clear(None if number is None else int(number))
    if number is not None and not cleared:
        raise Problem(404, "not_found", f"There is no fault {number}.")
    return {"cleared": cleared}


def _people(asked: Asked) -> dict[str, Any]:
    people = asked.control.people
    acts = {name: list(kind.types) for name, kind in people.acts.items()}
    return {"acts": acts, "deeds": asked.last([shown_deed(one) for one in people.deeds])}


def _act(asked: Asked) -> dict[str, Any]:
    wanted = asked.body(ActAsked)
    people = asked.control.people
    if wanted.count is not None:
        if wanted.act is not None:
            raise ValueError("give an act, or a count with a seed")
        deeds = people.busy(wanted.count, wanted.seed, wanted.account)
    elif wanted.act is None:
        raise ValueError("act is missing; or give a count with a seed")
    else:
        deeds = [
            people.perform(
                Act(wanted.act, wanted.type, wanted.id, wanted.other, wanted.values, wanted.account)
            )
        ]
    return {"deeds": [shown_deed(one) for one in deeds]}


def _webhooks(asked: Asked) -> dict[str, Any]:
    return asked.control.vendor.webhooks()


def _configure(asked: Asked) -> dict[str, Any]:
    asked.control.vendor.configure(asked.request.body)
    return asked.control.vendor.webhooks()


def _end_webhooks(asked: Asked) -> dict[str, Any]:
    asked.control.vendor.clear()
    return asked.control.vendor.webhooks()


def _test(asked: Asked) -> dict[str, Any]:
    asked.control.vendor.test(asked.body(TestAsked))
    return {"event": shown_event(asked.control.emulator.outbox.events[-1])}


def _deliveries(asked: Asked) -> dict[str, Any]:
    outbox = asked.control.emulator.outbox
    return {
        "next_due": instant(outbox.next_due()),
        "deliveries": asked.last([shown_delivery(one) for one in outbox.deliveries.values()]),
        "events": asked.last([shown_event(one) for one in outbox.events]),
    }


async def _deliver(asked: Asked) -> dict[str, Any]:
    if asked.control.send is None:
        raise CannotError("this emulator has no way to send webhooks")
    tried = await asked.control.emulator.outbox.deliver(asked.control.send)
    return {"deliveries": [shown_delivery(one) for one in tried]}


def _replay(asked: Asked) -> dict[str, Any]:
    number = int(asked.parts["id"])
    try:
        return shown_delivery(asked.control.emulator.outbox.replay(number))
    except KeyError:
        raise Problem(404, "not_found", f"There is no delivery {number}.") from None


def _clock(asked: Asked) -> dict[str, Any]:
    clock = asked.control.clock
    if clock is None:
        return {"now": instant(asked.control.emulator.outbox.now()), "frozen": False}
    return {"now": instant(clock.now()), "frozen": clock.frozen}


def _move_clock(asked: Asked) -> dict[str, Any]:
    wanted, clock = asked.body(ClockAsked), asked.control.clock
    if clock is None:
        raise CannotError("this emulator runs on a clock that is not its own")
    if (wanted.advance_s is None) == (wanted.at is None) and wanted.frozen is None:
        raise ValueError("give advance_s or at, or frozen")
    if wanted.at is not None and wanted.at.tzinfo is None:
        raise ValueError("at needs its offset, such as Z")
    if wanted.advance_s is not None and wanted.at is not None:
        raise ValueError("give advance_s or at, not both")
    if wanted.advance_s is not None:
        clock.advance(timedelta(seconds=wanted.advance_s))
    if wanted.at is not None:
        clock.move_to(wanted.at)
    if wanted.frozen is not None:
        (clock.freeze if wanted.frozen else clock.run)()
    return _clock(asked)


def _state(asked: Asked) -> bytes:
    return state.save(asked.control, clock=asked.control.clock)


def _load_state(asked: Asked) -> dict[str, Any]:
    state.load(asked.request.body, asked.control, clock=asked.control.clock)
    return _clock(asked)


def _log(asked: Asked) -> dict[str, Any]:
    return {"requests": asked.last(asked.control.vendor.log())}


def _calls(asked: Asked) -> dict[str, Any]:
    return {"calls": dict(sorted(asked.control.emulator.calls.items()))}


def _clear_calls(asked: Asked) -> dict[str, Any]:
    asked.control.emulator.calls.clear()
    return _calls(asked)


def _switches(asked: Asked) -> dict[str, Any]:
    return asdict(asked.control.emulator.switches)


_NUMBER = r"(?P<id>\d{1,18})"
ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "", _index),
    ("GET", "/faults", _faults),
    ("POST", "/faults", _ask_for_fault),
    ("DELETE", "/faults", _clear_faults),
    ("DELETE", f"/faults/{_NUMBER}", _clear_faults),
    ("GET", "/people", _people),
    ("POST", "/people", _act),
    ("GET", "/webhooks", _webhooks),
    ("PUT", "/webhooks", _configure),
    ("DELETE", "/webhooks", _end_webhooks),
    ("POST", "/webhooks/test", _test),
    ("GET", "/deliveries", _deliveries),
    ("POST", "/deliveries", _deliver),
    ("POST", f"/deliveries/{_NUMBER}/replay", _replay),
    ("GET", "/clock", _clock),
    ("POST", "/clock", _move_clock),
    ("GET", "/state", _state),
    ("PUT", "/state", _load_state),
    ("GET", "/log", _log),
    ("GET", "/calls", _calls),
    ("DELETE", "/calls", _clear_calls),
    ("GET", "/switches", _switches),
)
