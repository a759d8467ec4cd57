"""Batches: up to 30 writes and queries in one request, each with its own answer or fault."""

from __future__ import annotations

from typing import Any

from ledgerbridge.sandbox.quickbooks import answers, cdc, writes
from ledgerbridge.sandbox.quickbooks.books import Books
from ledgerbridge.sandbox.quickbooks.entities import ENTITIES
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused, missing
from ledgerbridge.sandbox.quickbooks.query import parse
from ledgerbridge.sandbox.quickbooks.schema import Body

ITEM_ID_LENGTH_MAX = 10
ITEM_KEYS = {"bId", "operation", "optionsData", "Query", "CDCQuery"}


def answer(books: Books, sent: Body, *, with_request_id: bool) -> tuple[bytes, list[str]]:
    """
    The answer's object and the kind of each operation done, e.g. `create Customer`.

    Raises Refused (2020, 2010, 1040) for a batch that is none; an item's refusal is its answer.
    """
    items = sent.get("BatchItemRequest")
    if not isinstance(items, list):
        raise missing("BatchItemRequest")
    items_max = books.switches.batch_items_max
    if len(items) > items_max:
        detail = f"Batch size exceeds allowed limit : {len(items)} items, at most {items_max}"
        raise Refused("1040", detail)
    kinds: list[str] = []
    parts = [_item(books, item, kinds, check_id=with_request_id) for item in items]
    return b'{"BatchItemResponse":[' + b",".join(parts) + b"]}", kinds


def _item(books: Books, item: Any, kinds: list[str], *, check_id: bool) -> bytes:
    item_id = item.get("bId") if isinstance(item, dict) else None
    try:
        content, kind = _done(books, _checked(item, check_id=check_id))
        kinds.append(kind)
    except Refused as refused:
        content = answers.encode({"Fault": refused.fault(element="")})
    if not isinstance(item_id, str):
        return content
    return content[:-1] + b',"bId":' + answers.encode(item_id) + b"}"


def _checked(item: Any, *, check_id: bool) -> Body:
    if not isinstance(item, dict) or not isinstance(item.get("bId"), str | None):
        raise Refused("2010", "Property Name:BatchItemRequest is unsupported or invalid")
    length = len(item.get("bId") or "")
    if check_id and length > ITEM_ID_LENGTH_MAX:
        detail = f"Min:0, Max:{ITEM_ID_LENGTH_MAX}, Supplied length:{length}"
        raise Refused("2050", detail, element="bId")
    return item


def _done(books: Books, item: Body) -> tuple[bytes, str]:
    if "Query" in item:
        query = parse(str(item["Query"]))
        return answers.query_object(books, query), "query"
    if isinstance(item.get("CDCQuery"), dict):
        asked = item["CDCQuery"]
        groups = cdc.changes(books, str(asked.get("Entities", "")), asked.get("ChangedSince"))
        return answers.cdc_object(books, groups), "cdc"
    entities = [name for name in item if name not in ITEM_KEYS]
    if len(entities) != 1 or entities[0] not in ENTITIES or not isinstance(item[entities[0]], dict):
        raise Refused("2000", "Invalid or unsupported object name : " + ", ".join(entities)[:100])
    return _written(books, entities[0], item[entities[0]], item)


def _written(books: Books, entity: str, body: Body, item: Body) -> tuple[bytes, str]:
    operation = item.get("operation")
    if operation == "create":
        record = writes.create(books, entity, body)
    elif operation == "update" and item.get("optionsData") == "void":
        record = writes.void(books, entity, body)
    elif operation == "update":
        record = writes.update(books, entity, body)
    elif operation == "delete":
        return answers.encode({entity: writes.delete(books, entity, body)}), f"delete {entity}"
    else:
        detail = f"Operation {str(operation)[:40]} is not supported."
        raise Refused("500", detail)
    return answers.entity_object(books, record, "write"), f"{operation} {entity}"
