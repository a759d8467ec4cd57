"""What happens in a company, as webhooks tell it to an app."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Operation = Literal["Create", "Update", "Delete", "Merge", "Void", "Emailed"]


@dataclass(frozen=True, slots=True)
class Happening:
    """
    One thing that happened to a record.

    `deactivated` marks the update that made it inactive, `only_moved` one that moved nothing but a
    balance and the time; `deleted_id` is who disappeared in a merge.
    """

    entity: str
    id: str
    operation: Operation
    at: datetime
    deactivated: bool = False
    only_moved: bool = False
    deleted_id: str | None = None
