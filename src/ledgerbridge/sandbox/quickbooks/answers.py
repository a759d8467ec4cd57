"""The bodies of answers, put together from encoded records."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec

from ledgerbridge.sandbox.quickbooks import forms
from ledgerbridge.sandbox.quickbooks.books import Books, in_wire_order
from ledgerbridge.sandbox.quickbooks.cdc import Group, tombstone
from ledgerbridge.sandbox.quickbooks.query import Query
from ledgerbridge.sandbox.quickbooks.records import Record, View
from ledgerbridge.sandbox.quickbooks.selection import select
from ledgerbridge.sandbox.quickbooks.times import stamp_ms

encode = msgspec.json.Encoder(decimal_format="number").encode


def timed(content: bytes, at: datetime) -> bytes:
    """An object with `time`, the moment the request arrived, as its last key."""
    return content[:-1] + b',"time":"' + stamp_ms(at).encode() + b'"}'


def entity_object(books: Books, record: Record, view: View, *, link_asked: bool = False) -> bytes:
    """`{"Customer":{…}}`; an invoice perhaps with the link by which it can be paid."""
    link = forms.invoice_link(books, record, asked=link_asked)
    content = books.encoded(record, view)
    if link is not None:
        body = {**books.rendered(record, view), "InvoiceLink": link}
        content = encode(in_wire_order(record.entity, body))
    return b'{"' + record.entity.encode() + b'":' + content + b"}"


def query_object(books: Books, query: Query) -> bytes:
    """`{"QueryResponse":{…}}`: one page of what a query selects, or its count."""
    spec, rows = select(books, query)
    if query.counts:
        return encode({"QueryResponse": {"totalCount": sum(1 for _ in rows)}})
    first = query.start_position - 1
    page = list(islice(rows, first, first + query.page_size))
    if not page:
        return b'{"QueryResponse":{}}'
    counts = {"startPosition": query.start_position, "maxResults": len(page)}
    if spec.counts_lists:
        counts["totalCount"] = first + len(page) + sum(1 for _ in rows)
    encoded = (books.encoded(record, "row") for record in page)
    return b'{"QueryResponse":' + _rows(spec.name, encoded, counts) + b"}"


def cdc_object(books: Books, groups: Iterable[Group]) -> bytes:
    """`{"CDCResponse":[{"QueryResponse":[…]}]}`: one element for each entity asked for."""
    parts = []
    for group in groups:
        encoded = [books.encoded(record, "row") for record in group.records]
        encoded += [encode(tombstone(id_, at)) for id_, at in group.deleted]
        parts.append(_rows(group.entity, encoded, group.counts()) if encoded else b"{}")
    return b'{"CDCResponse":[{"QueryResponse":[' + b",".join(parts) + b"]}]}"


def _rows(entity: str, encoded: Iterable[bytes], counts: dict[str, Any]) -> bytes:
    rows = b",".join(encoded)
    return b'{"' + entity.encode() + b'":[' + rows + b"]," + encode(counts)[1:]
