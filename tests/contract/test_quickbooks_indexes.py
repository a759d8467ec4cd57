"""What a query selects, found by indexes, is what sorting and testing every record would find."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from contract.quickbooks_caller import Caller
from ledgerbridge.sandbox.quickbooks.query import Query, parse
from ledgerbridge.sandbox.quickbooks.records import Record
from ledgerbridge.sandbox.quickbooks.selection import select

DEEDS = st.tuples(
    st.sampled_from(["customer", "invoice", "rename", "hide", "pay", "delete", "wait"]),
    st.integers(0, 20),
)
UPDATED = "MetaData.LastUpdatedTime"
STATEMENTS = st.sampled_from(
    [
        "select * from Customer",
        "select * from Customer where Active in (true, false)",
        "select * from Customer where DisplayName = 'NAME 3'",
        "select * from Customer where DisplayName in ('Name 3', 'name 4') orderby Id",
        "select * from Customer orderby DisplayName",
        "select * from Customer orderby DisplayName desc",
        "select * from Customer orderby GivenName, Id",
        f"select * from Customer where {UPDATED} >= '2026-11-20T20:03:00Z' orderby {UPDATED}, Id",
        f"select * from Customer where {UPDATED} > '2026-11-20' and {UPDATED} <= '2026-11-21'",
        f"select * from Customer where {UPDATED} > '2026-11-20T20:02:00Z' and Active = true",
        "select * from Customer where MetaData.CreateTime < '2026-11-20T20:04:00Z' orderby Id",
        "select * from Customer where MetaData.CreateTime = '2026-11-20T20:01:00Z'",
        "select * from Invoice",
        "select * from Invoice where CustomerRef = '2'",
        "select * from Invoice where CustomerRef in ('1', '3') orderby MetaData.CreateTime",
        "select * from Invoice where DocNumber = '1002' and Balance > '0'",
        "select * from Invoice orderby TxnDate, Id",
        "select * from Invoice orderby MetaData.LastUpdatedTime desc",
        "select * from Item",
        "select * from Account where Name = 'Checking'",
        "select * from Invoice where DocNumber = ' '",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.lists(DEEDS, max_size=6), STATEMENTS), max_size=6))
def test_indexes_find_what_a_full_search_finds(
    rounds: list[tuple[list[tuple[str, int]], str]],
) -> None:
    caller = Caller()
    caller.item()
    for deeds, statement in rounds:
        for deed, number in deeds:
            _happen(caller, deed, number)
        query = parse(statement)

        assert _ids(caller, query) == _searched(caller, query)


def _happen(caller: Caller, deed: str, number: int) -> None:
    company = caller.company
    customers = [one["Id"] for one in company.all("Customer") if one["Active"]]
    invoices = [one["Id"] for one in company.all("Invoice")]
    if deed == "wait":
        caller.pass_time(minutes=1)
    elif deed == "customer":
        caller.customer(f"Name {len(company.all('Customer'))}", GivenName=f"g{number % 3}")
    elif customers and deed in {"invoice", "rename", "hide", "pay"}:
        chosen = customers[number % len(customers)]
        if deed == "invoice":
            caller.invoice(chosen, 10, TxnDate=f"2026-11-{number % 9 + 1:02d}")
        elif deed == "rename":
            company.update("Customer", {"Id": chosen, "DisplayName": f"New {chosen} {number}"})
        elif deed == "hide":
            company.update("Customer", {"Id": chosen, "Active": False})
        else:
            caller.pay(chosen, 5)
    elif invoices and deed == "delete":
        company.delete("Invoice", invoices[number % len(invoices)])


def _ids(caller: Caller, query: Query) -> list[str]:
    return [record.id for record in select(caller.company.books, query)[1]]


def _searched(caller: Caller, query: Query) -> list[str]:
    """The same of books that hold the same records and have no index of them yet."""
    fresh = Caller(judged=False)
    fresh.now = caller.now
    books, own = fresh.company.books, caller.company.books
    for entity, table in own.tables.items():
        books.tables[entity].clear()
        for id_ in sorted(table, key=lambda id_: (len(id_), id_)):
            books.tables[entity][id_] = Record(entity, table[id_].body)
    return _ids(fresh, query)
