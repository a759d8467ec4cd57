"""
How values become bytes in the store: msgpack, the same bytes for the same values; JSON where the
store need not know what is in it.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

import msgspec

from ledgerbridge.core.model import Line, Value

Word = TypeVar("Word", bound=StrEnum)


class Body(msgspec.Struct, frozen=True, array_like=True):
    """What a record holds beside its columns."""

    fields: dict[str, Value]
    references: dict[str, tuple[str, ...]]
    lines: tuple[Line, ...]


# Sorted keys: a side that lists its fields in another order has changed nothing.
encode = msgspec.msgpack.Encoder(order="deterministic").encode
decode_body = msgspec.msgpack.Decoder(Body).decode
decode_image = msgspec.msgpack.Decoder(dict[str, Value]).decode
TEXTS_KEPT = 64


@lru_cache(maxsize=TEXTS_KEPT)
def json_text(text: str) -> str:
    """A stored JSON text as it is. Raises msgspec's DecodeError where it is none."""
    msgspec.json.decode(text, type=msgspec.Raw)
    return text


def word_of(kind: type[Word], text: str) -> Word:
    """A stored word of a fixed list. Raises msgspec's DecodeError for any other text."""
    try:
        return kind(text)
    except ValueError as error:
        raise msgspec.DecodeError(str(error)) from error
