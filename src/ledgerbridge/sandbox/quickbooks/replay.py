"""The memory of request ids: a write sent again gets the first answer and is not done again."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from ledgerbridge.sandbox.http import Response
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused
from ledgerbridge.sandbox.quickbooks.switches import Switches

KEPT_MAX = 200_000
LENGTH_MAX = 50
BATCH_LENGTH_MAX = 36


class Kept(NamedTuple):
    """An answer, when it was given, and a digest of the body it was given to."""

    at: datetime
    body: bytes
    answer: Response


class Replay:
    """Answers by request id, of one company."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._answers: OrderedDict[tuple[str, str], Kept] = OrderedDict()

    def find(self, request_id: str, now: datetime, kind: str, body: bytes) -> Response | None:
        """
        The answer given before, while it is remembered.

        Raises Refused (600) for another body, where the switch says so.
        """
        key = self._key(request_id, kind)
        kept = self._answers.get(key)
        if kept is None:
            return None
        window_s = self._switches.requestid_window_s
        if window_s is not None and now - kept.at > timedelta(seconds=window_s):
            del self._answers[key]
            return None
        if kept.body != _digest(body) and self._switches.requestid_mismatch == "refuse":
            raise Refused("600", f"Duplicate Request ID : {request_id}")
        return kept.answer

    def keep(
        self, request_id: str, now: datetime, kind: str, body: bytes, answer: Response
    ) -> None:
        """Remembers an answer; those of refused requests only where the switch says so."""
        if answer.status == 200 or self._switches.requestid_stores_faults:
            self._answers[self._key(request_id, kind)] = Kept(now, _digest(body), answer)
            if len(self._answers) > KEPT_MAX:
                self._answers.popitem(last=False)

    def _key(self, request_id: str, kind: str) -> tuple[str, str]:
        by_entity = self._switches.requestid_scope == "entity"
        return (request_id, kind.rpartition(" ")[2] if by_entity else "")


def _digest(body: bytes) -> bytes:
    return blake2b(body, digest_size=16).digest()


def check_request_id(request_id: str, *, batch: bool) -> None:
    """Raises Refused (2130) for an id that is too long."""
    length_max = BATCH_LENGTH_MAX if batch else LENGTH_MAX
    if len(request_id) > length_max:
        detail = f"Invalid Request Id Format : at most {length_max} characters"
        raise Refused("2130", detail, element="requestid")
