"""The memory of request ids: a write sent again gets the first answer and is not done again."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from ledgerbridge.sandbox.http import Response
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused
from ledgerbridge.sandbox.quickbooks.switches import Switches

KEPT_MAX = 200_000
LENGTH_MAX = 50
BATCH_LENGTH_MAX = 36


class Replay:
    """Answers by request id, of one company."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._answers: OrderedDict[str, tuple[datetime, Response]] = OrderedDict()

    def find(self, request_id: str, now: datetime) -> Response | None:
        """The answer given before, while it is remembered."""
        kept = self._answers.get(request_id)
        if kept is None:
            return None
        window_s = self._switches.requestid_window_s
        if window_s is not None and now - kept[0] > timedelta(seconds=window_s):
            del self._answers[request_id]
            return None
        return kept[1]

    def keep(self, request_id: str, now: datetime, answer: Response) -> None:
        """Remembers an answer; those of refused requests only where the switch says so."""
        if answer.status == 200 or self._switches.requestid_stores_faults:
            self._answers[request_id] = (now, answer)
            if len(self._answers) > KEPT_MAX:
                self._answers.popitem(last=False)


def check_request_id(request_id: str, *, batch: bool) -> None:
    """Raises Refused (2130) for an id that is too long."""
    length_max = BATCH_LENGTH_MAX if batch else LENGTH_MAX
    if len(request_id) > length_max:
        detail = f"Invalid Request Id Format : at most {length_max} characters"
        raise Refused("2130", detail, element="requestid")
