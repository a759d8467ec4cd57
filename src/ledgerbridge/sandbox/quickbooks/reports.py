"""
Reports on receivables, in the shape all reports have: Header, Columns, and Rows in Rows.

They are computed from the transactions, not from the balances that customers carry, so that one
can be checked against the other. Amounts are texts with two decimals, in home currency.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledgerbridge.sandbox.quickbooks.books import ZERO, Books
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused
from ledgerbridge.sandbox.quickbooks.lists import home_currency
from ledgerbridge.sandbox.quickbooks.open_items import TYPES, OpenItem, open_items
from ledgerbridge.sandbox.quickbooks.records import Record
from ledgerbridge.sandbox.quickbooks.schema import Body
from ledgerbridge.sandbox.quickbooks.times import stamp, today

PERIOD_DAYS, PERIODS = 30, 4
PERIOD_DAYS_MAX, PERIODS_MAX = 3650, 60
DETAIL = (
    ("Date", "Date", "tx_date"),
    ("Transaction Type", "String", "txn_type"),
    ("Num", "String", "doc_num"),
    ("Customer", "String", "cust_name"),
    ("Due Date", "Date", "due_date"),
    ("Amount", "Money", "subt_amount"),
    ("Open Balance", "Money", "subt_open_bal"),
)
BALANCE_DETAIL = (
    *(column for column in DETAIL if column[2] != "cust_name"),
    ("Balance", "Money", "rbal_amount"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is asked for: its last day, whose, and the columns of its ages."""

    day: str
    customers: frozenset[str]
    period_days: int = PERIOD_DAYS
    periods: int = PERIODS

    def titles(self) -> list[str]:
        """`Current`, `1 - 30`, …, `91 and over`."""
        step = self.period_days
        closed = [f"{n * step + 1} - {(n + 1) * step}" for n in range(self.periods - 1)]
        return ["Current", *closed, f"{(self.periods - 1) * step + 1} and over"]

    def age(self, due: str) -> int:
        """The index of the title under which a form due on that day stands."""
        days = (date.fromisoformat(self.day) - date.fromisoformat(due)).days
        return 0 if days <= 0 else min((days - 1) // self.period_days + 1, self.periods)


def report(books: Books, name: str, query: Mapping[str, str]) -> Body | None:
    """The report, or None where the name is not known. Raises Refused (2060, 2090, 2500)."""
    builder = REPORTS.get(name.lower())
    if builder is None:
        return None
    asked = _asked(books, query)
    items = [
        item
        for item in open_items(books, asked.day)
        if not asked.customers or item.customer_id in asked.customers
    ]
    title, columns, rows = builder(books, asked, items)
    return {
        "Header": {
            "Time": stamp(books.moment),
            "ReportName": title,
            "EndPeriod": asked.day,
            "Currency": home_currency(books),
            "Option": [
                {"Name": "report_date", "Value": asked.day},
                {"Name": "NoReportData", "Value": "true" if not items else "false"},
            ],
        },
        "Columns": {"Column": columns},
        "Rows": {"Row": rows} if rows else {},
    }


Cell = Decimal | str
Built = tuple[str, list[Body], list[Body]]
Builder = Callable[[Books, Asked, list[OpenItem]], Built]


def _aged(books: Books, asked: Asked, items: list[OpenItem]) -> Built:
    from_date = books.one("Preferences")["ReportPrefs"].get("CalcAgingReportFromTxnDate")
    width = asked.periods + 1
    amounts: dict[str, list[Decimal]] = {}
    for item in items:
        row = amounts.setdefault(item.customer_id, [ZERO] * width)
        row[asked.age(item.date if from_date else item.due)] += item.open
    amounts = {id_: [*row, sum(row, ZERO)] for id_, row in amounts.items()}
    columns = [_column("", "Customer"), *(_column(title, "Money") for title in asked.titles())]
    return "AgedReceivables", [*columns, _column("Total", "Money")], _tree(books, amounts)


def _balances(books: Books, asked: Asked, items: list[OpenItem]) -> Built:
    amounts: dict[str, list[Decimal]] = {}
    for item in items:
        amounts.setdefault(item.customer_id, [ZERO])[0] += item.open
    columns = [_column("", "Customer"), _column("Total", "Money")]
    return "CustomerBalance", columns, _tree(books, amounts)


def _aged_detail(books: Books, asked: Asked, items: list[OpenItem]) -> Built:
    rows = []
    for index, title in reversed(list(enumerate(asked.titles()))):
        found = [item for item in items if asked.age(item.due) == index]
        name = title if index == 0 else f"{title.replace('and over', 'or more')} days past due"
        if found:
            data = [_detail(books, item, DETAIL) for item in found]
            total: list[Cell] = [f"Total for {name}", "", "", "", "", *_sums(found)]
            rows.append(_section([name], data, total))
    if rows:
        rows.append(_grand_total(["TOTAL", "", "", "", "", *_sums(items)]))
    return "AgedReceivableDetail", _keyed(DETAIL), rows


def _balance_detail(books: Books, asked: Asked, items: list[OpenItem]) -> Built:
    rows: list[Body] = []
    by_name = sorted({item.customer_id for item in items}, key=lambda id_: _name(books, id_))
    for customer_id in by_name:
        own = [item for item in items if item.customer_id == customer_id]
        running, data = ZERO, []
        for item in own:
            running += item.open
            row = _detail(books, item, BALANCE_DETAIL)
            row["ColData"].append({"value": _money(running)})
            data.append(row)
        name = _name(books, customer_id)
        summary: list[Cell] = [f"Total for {name}", "", "", "", *_sums(own), ""]
        rows.append(_section([name], data, summary, id_=customer_id))
    if rows:
        rows.append(_grand_total(["TOTAL", "", "", "", *_sums(items), ""]))
    return "CustomerBalanceDetail", _keyed(BALANCE_DETAIL), rows


REPORTS: dict[str, Builder] = {
    "agedreceivables": _aged,
    "agedreceivabledetail": _aged_detail,
    "customerbalance": _balances,
    "customerbalancedetail": _balance_detail,
}


def _tree(books: Books, amounts: Mapping[str, list[Decimal]]) -> list[Body]:
    """Rows by name; a customer with jobs that owe is a section with its own row within."""
    shown = set(amounts)
    for id_ in amounts:
        shown |= {record.id for record in books.ancestors("Customer", id_)}
    width = len(next(iter(amounts.values()), []))

    def sums(id_: str) -> list[Decimal]:
        own = amounts.get(id_, [ZERO] * width)
        rows = [own, *(sums(child) for child in below(id_))]
        return [sum(column, ZERO) for column in zip(*rows, strict=True)]

    def below(id_: str) -> list[str]:
        return _by_name(books, books.children["Customer", id_] & shown)

    def row(id_: str) -> Body:
        own = amounts.get(id_, [])
        name = _label(books, id_)
        if not below(id_):
            return {"ColData": _cells([name, *own], id_)}
        inner = [row(child) for child in below(id_)]
        header: list[Cell] = [name, *(own or [ZERO] * width)]
        return _section(header, inner, [f"Total {name}", *sums(id_)], id_=id_)

    tops = [id_ for id_ in shown if _parent(books, id_) not in shown]
    rows = [row(id_) for id_ in _by_name(books, tops)]
    if rows:
        total = [sum(column, ZERO) for column in zip(*amounts.values(), strict=True)]
        rows.append(_grand_total(["TOTAL", *total]))
    return rows


def _sums(items: Iterable[OpenItem]) -> list[Decimal]:
    """The sums of the amounts and of what is open of them."""
    found = list(items)
    return [sum((item.amount for item in found), ZERO), sum((item.open for item in found), ZERO)]


def _detail(books: Books, item: OpenItem, columns: Iterable[tuple[str, str, str]]) -> Body:
    values = {
        "tx_date": {"value": item.date},
        "txn_type": {"value": TYPES[item.entity], "id": item.id},
        "doc_num": {"value": item.number},
        "cust_name": {"value": _name(books, item.customer_id), "id": item.customer_id},
        "due_date": {"value": item.due},
        "subt_amount": {"value": _money(item.amount)},
        "subt_open_bal": {"value": _money(item.open)},
    }
    return {"ColData": [values[key] for *_, key in columns if key in values], "type": "Data"}


def _section(
    header: Sequence[Cell],
    rows: list[Body],
    summary: Sequence[Cell],
    *,
    id_: str | None = None,
) -> Body:
    return {
        "Header": {"ColData": _cells(header, id_)},
        "Rows": {"Row": rows},
        "Summary": {"ColData": _cells(summary)},
        "type": "Section",
    }


def _grand_total(values: Sequence[Cell]) -> Body:
    return {"Summary": {"ColData": _cells(values)}, "type": "Section", "group": "GrandTotal"}


def _cells(values: Iterable[Cell], id_: str | None = None) -> list[Body]:
    cells = [
        {"value": value if isinstance(value, str) else _money(value) if value else ""}
        for value in values
    ]
    if id_ is not None:
        cells[0]["id"] = id_
    return cells


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _column(title: str, kind: str) -> Body:
    return {"ColTitle": title, "ColType": kind}


def _keyed(columns: Iterable[tuple[str, str, str]]) -> list[Body]:
    return [
        {**_column(title, kind), "MetaData": [{"Name": "ColKey", "Value": key}]}
        for title, kind, key in columns
    ]


def _customer(books: Books, id_: str) -> Record | None:
    return books.find("Customer", id_)


def _label(books: Books, id_: str) -> str:
    record = _customer(books, id_)
    return str(record.body["DisplayName"]) if record else id_


def _name(books: Books, id_: str) -> str:
    record = _customer(books, id_)
    return str(record.body["FullyQualifiedName"]) if record else id_


def _parent(books: Books, id_: str) -> str:
    record = _customer(books, id_)
    return str(record.body.get("ParentRef", {}).get("value", "")) if record else ""


def _by_name(books: Books, ids: Iterable[str]) -> list[str]:
    return sorted(ids, key=lambda id_: (_label(books, id_), id_))


def _asked(books: Books, query: Mapping[str, str]) -> Asked:
    day = query.get("report_date") or query.get("end_date") or today(books.moment).isoformat()
    try:
        day = date.fromisoformat(day).isoformat()
    except ValueError:
        detail = f"Invalid Date. Supplied value:{day[:50]}"
        raise Refused("2060", detail, element="report_date") from None
    ids = frozenset(id_ for id_ in (query.get("customer") or "").split(",") if id_)
    for id_ in ids:
        if _customer(books, id_) is None:
            raise Refused("2500", f"Invalid Reference Id : Names element id {id_[:40]} not found")
    return Asked(
        day,
        ids,
        _whole(query, "aging_period", PERIOD_DAYS, PERIOD_DAYS_MAX),
        _whole(query, "num_periods", PERIODS, PERIODS_MAX),
    )


def _whole(query: Mapping[str, str], name: str, default: int, largest: int) -> int:
    text = query.get(name) or str(default)
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= largest):
        raise Refused("2090", f"Invalid Number : {text[:50]}", element=name)
    return int(text)
