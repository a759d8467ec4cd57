"""What is checked of every body sent, whatever its entity, before any rule of that entity."""

from __future__ import annotations

from typing import Any

from ledgerbridge.sandbox.quickbooks.books import Books
from ledgerbridge.sandbox.quickbooks.entities import REFERENCES, SHIPPING
from ledgerbridge.sandbox.quickbooks.entity import Entity
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused, missing, unusable
from ledgerbridge.sandbox.quickbooks.names import check_characters
from ledgerbridge.sandbox.quickbooks.schema import Body

DESCRIPTION_LENGTH_MAX = 4000


def check(books: Books, spec: Entity, body: Body, sent: Body) -> None:
    """Required, lengths and characters of the whole body; references of what was sent."""
    for name in spec.required:
        if body.get(name) in (None, "", []):
            raise missing(name)
    _check_lengths(spec, body)
    if spec.label is not None:
        check_characters(body)
    _check_references(books, sent)


def _check_lengths(spec: Entity, body: Body) -> None:
    for path, length_max in spec.lengths.items():
        name, _, part = path.partition(".")
        value = body.get(name)
        if part and isinstance(value, dict):
            value = value.get(part)
        if isinstance(value, str) and len(value) > length_max:
            raise _too_long(path, value, length_max)
    for line in body.get("Line", ()):
        if len(line.get("Description", "")) > DESCRIPTION_LENGTH_MAX:
            raise _too_long("Line.Description", line["Description"], DESCRIPTION_LENGTH_MAX)


def _too_long(path: str, value: str, length_max: int) -> Refused:
    detail = f"Min:0, Max:{length_max}, Supplied length:{len(value)}"
    return Refused("2050", detail, element=path.replace(".value", ""))


def _check_references(books: Books, value: Any) -> None:
    if isinstance(value, list):
        for part in value:
            _check_references(books, part)
    elif isinstance(value, dict):
        for name, part in value.items():
            target = REFERENCES.get(name)
            if target is None:
                _check_references(books, part)
            elif isinstance(part, dict):
                _check_reference(books, *target, part.get("value", ""))


def _check_reference(books: Books, entity: str, element: str, id_: str) -> None:
    record = books.find(entity, id_)
    if record is None and id_ == SHIPPING:
        return
    if record is None:
        detail = f"Invalid Reference Id : {element} element id {id_[:40]} not found"
        raise Refused("2500", detail)
    if not record.active:
        raise unusable()
