"""One stored record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

from ledgerbridge.sandbox.quickbooks.schema import Body
from ledgerbridge.sandbox.quickbooks.times import instant

View = Literal["write", "read", "row"]


class Record:
    """One stored record: its body as kept, its last change, and its encoded answers."""

    __slots__ = ("body", "created", "encoded", "entity", "id", "number", "stamp", "updated")
    unsaved: ClassVar[dict[str, Callable[[Any], object]]] = {"encoded": lambda _: {}}

    def __init__(self, entity: str, body: Body) -> None:
        self.entity = entity
        self.id: str = body["Id"]
        self.number = int(self.id) if self.id.isdecimal() else 0
        self.encoded: dict[View, bytes] = {}
        self.stamp = -1
        self.set(body)

    def set(self, body: Body) -> None:
        """Takes another body and forgets what was encoded of the last."""
        self.body = body
        self.created = instant(body["MetaData"]["CreateTime"])
        self.updated = instant(body["MetaData"]["LastUpdatedTime"])
        self.encoded.clear()

    @property
    def active(self) -> bool:
        """Whether it may be referred to; only lists know inactive records."""
        return self.body.get("Active") is not False
