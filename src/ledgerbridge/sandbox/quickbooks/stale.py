"""An older state of a company, for reads that lag behind: a fault on demand."""

from __future__ import annotations

import copy

from ledgerbridge.sandbox.quickbooks.books import Books
from ledgerbridge.sandbox.quickbooks.indexes import Indexes
from ledgerbridge.sandbox.quickbooks.records import Record


def frozen(books: Books) -> Books:
    """The books as they are now, untouched by what is written afterwards."""
    older = copy.copy(books)
    older.tables = {
        entity: {id_: Record(entity, dict(record.body)) for id_, record in table.items()}
        for entity, table in books.tables.items()
    }
    older.indexes = Indexes(older.tables)
    older.tombstones = {entity: dict(times) for entity, times in books.tombstones.items()}
    older.listener = None
    return older
