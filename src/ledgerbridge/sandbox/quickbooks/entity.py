"""The shape of a row in the table of entities."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Operation = Literal["create", "update", "delete", "void"]

CREATE_UPDATE: frozenset[Operation] = frozenset({"create", "update"})
CREATE_UPDATE_DELETE: frozenset[Operation] = frozenset({"create", "update", "delete"})
COMMON_READ_ONLY = frozenset({"Id", "SyncToken", "MetaData", "domain", "status", "sparse"})


@dataclass(frozen=True, slots=True)
class Entity:
    """
    One kind of record.

    ids: the counter its ids come from; people share one, and so do transactions.
    label: its name field, where names are unique.  names_shared: the group in which they are.
    order: the field of the default order; None is latest change first.
    counts_lists: whether its lists carry totalCount.
    is_generated: known by its schema alone, see `generated.py`.
    kept: what a full update leaves in place when it is not sent.
    """

    name: str
    ids: str
    label: str | None = None
    names_shared: str = ""
    order: str | None = "Id"
    operations: frozenset[Operation] = frozenset()
    read_only: frozenset[str] = COMMON_READ_ONLY
    kept: frozenset[str] = frozenset()
    required: tuple[str, ...] = ()
    lengths: dict[str, int] = field(default_factory=dict)
    hides_inactive: bool = False
    in_cdc: bool = True
    counts_lists: bool = False
    is_generated: bool = False
