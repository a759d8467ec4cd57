"""A QuickBooks company as the pages see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from ledgerbridge.sandbox.console import quickbooks_forms as forms
from ledgerbridge.sandbox.console.account import (
    Act,
    Cell,
    Field,
    Input,
    Kind,
    Link,
    Mark,
    Problem,
    Refusal,
    Section,
    Shown,
)
from ledgerbridge.sandbox.console.times import shortened
from ledgerbridge.sandbox.quickbooks.company import Company
from ledgerbridge.sandbox.quickbooks.entities import ENTITIES, REFERENCES
from ledgerbridge.sandbox.quickbooks.faultbodies import Refused
from ledgerbridge.sandbox.quickbooks.records import Record
from ledgerbridge.sandbox.quickbooks.schema import Body

ACTIVE, INACTIVE = "active", "inactive"
SALE_COLUMNS = ("DocNumber", "CustomerRef", "TxnDate", "TotalAmt", "Balance")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "Customer": (
        "DisplayName",
        "CompanyName",
        "PrimaryEmailAddr.Address",
        "PrimaryPhone.FreeFormNumber",
        "Balance",
    ),
    "Vendor": ("DisplayName", "CompanyName", "PrimaryEmailAddr.Address", "Balance"),
    "Employee": ("DisplayName", "PrimaryEmailAddr.Address", "PrimaryPhone.FreeFormNumber"),
    "Item": ("Name", "Sku", "Type", "UnitPrice", "QtyOnHand", "IncomeAccountRef"),
    "Account": ("FullyQualifiedName", "AccountType", "Classification", "CurrentBalance"),
    "Invoice": (*SALE_COLUMNS[:3], "DueDate", *SALE_COLUMNS[3:]),
    "CreditMemo": SALE_COLUMNS,
    "SalesReceipt": SALE_COLUMNS[:4],
    "Estimate": (*SALE_COLUMNS[:4], "TxnStatus"),
    "Payment": ("CustomerRef", "TxnDate", "TotalAmt", "UnappliedAmt", "PaymentRefNum"),
    "CompanyInfo": ("CompanyName", "Country", "Email.Address"),
    "Preferences": ("Id",),
    "CompanyCurrency": ("Code", "Name"),
}
TIME = "MetaData.LastUpdatedTime"
PLAIN_COLUMNS = ("Name", "DisplayName", "FullyQualifiedName", "DocNumber", "TxnDate", "TotalAmt")
PAYABLE = "Invoice"
ONLY_ONE = frozenset({"CompanyInfo", "Preferences"})
LINKED_ROWS = 200
_encode = msgspec.json.Encoder(decimal_format="number").encode


class QuickBooksAccount:
    """One company."""

    def __init__(self, company: Company) -> None:
        self._company, self._books = company, company.books

    @property
    def id(self) -> str:
        """The realm's id."""
        return self._company.realm_id

    @property
    def name(self) -> str:
        """The company's own name and its realm."""
        return f"{self._company.company_info.get('CompanyName', 'Company')} · {self.id}"

    def kinds(self) -> list[Kind]:
        """The entities."""
        return [self._kind(name) for name in ENTITIES]

    def kind(self, name: str) -> Kind | None:
        """One entity."""
        return self._kind(name) if name in ENTITIES else None

    def summaries(self) -> tuple[Section, ...]:
        """The accounts that hold something."""
        rows: list[tuple[Cell, ...]] = [
            (
                Link(self.title("Account", one), "Account", one.id),
                self.text(one, "AccountType"),
                self.text(one, "CurrentBalance"),
            )
            for one in self._books.records("Account")
            if Decimal(one.body.get("CurrentBalance") or 0)
        ]
        return (Section("Balances of accounts", ("Account", "Type", "Balance"), rows),)

    def records(self, kind: str, state: str) -> Sequence[Record]:
        """The active, inactive or all records, newest first."""
        records = list(self._books.records(kind))[::-1]
        if state == "all":
            return records
        return [one for one in records if one.active == (state == ACTIVE)]

    def columns(self, kind: str) -> tuple[str, ...]:
        """The fields that a list shows."""
        known = {one.name for one in forms.fields_of_entity(kind)}
        shown = COLUMNS.get(kind) or tuple(one for one in PLAIN_COLUMNS if one in known)[:4]
        return (*shown, TIME)

    def fields(self, kind: str) -> Sequence[Field]:
        """The properties of an entity by their dotted names."""
        return forms.fields_of_entity(kind)

    def record_id(self, record: Record) -> str:
        """A record's id."""
        return record.id

    def title(self, kind: str, record: Record) -> str:
        """The name of a list's record, the number of a transaction."""
        body = record.body
        names = ("FullyQualifiedName", "DisplayName", "Name", "CompanyName", "Code")
        found = next((str(body[name]) for name in names if body.get(name)), None)
        if ENTITIES[kind].ids == "transactions":
            return f"{kind} {body.get('DocNumber') or record.id}"
        return found or f"{kind} {record.id}"

    def text(self, record: Record, field: str) -> str:
        """A value as text; a reference by the name it has today."""
        value = forms.inner(record.body, field)
        if isinstance(value, dict) and "value" in value:
            linked = self._referred(field, value)
            return linked.text if linked else str(value.get("name") or value["value"])
        return forms.as_text(value)

    def cell(self, record: Record, field: str) -> Cell:
        """A value, references as links, instants shortened."""
        value = forms.inner(record.body, field)
        if isinstance(value, dict) and "value" in value:
            return self._referred(field, value) or self.text(record, field)
        return shortened(forms.as_text(value))

    def mentions(self, kind: str, record: Record, words: str) -> bool:
        """Whether a field that lists show, or the id, holds the words."""
        return words == record.id or any(
            words in self.text(record, name).lower() for name in self.columns(kind)
        )

    def find(self, kind: str, record_id: str) -> Record | None:
        """The record of an id."""
        return self._books.find(kind, record_id)

    def version(self, record: Record) -> str:
        """The SyncToken."""
        return str(record.body["SyncToken"])

    def shown(self, kind: str, record: Record) -> Shown:
        """Values, lines, linked transactions, and the answer to a read."""
        facts = [
            (name, name, self.cell(record, name))
            for one in self.fields(kind)
            if (name := one.name) and one.type != forms.JSON and self.text(record, name)
        ]
        return Shown(
            self.title(kind, record),
            _marks(record),
            facts,
            tuple(s for s in (self._lines(record), *self._linked(kind, record)) if s.rows),
            self._acts(kind, record),
            self._books.encoded(record, "read"),
            editable="update" in ENTITIES[kind].operations,
        )

    def inputs(self, kind: str, record: Record | None) -> Sequence[Input]:
        """The properties that can be written, lists and lines as JSON."""
        return forms.inputs(kind, {} if record is None else record.body, self.columns(kind))

    def save(
        self, kind: str, record: Record | None, values: Mapping[str, str], version: str
    ) -> str:
        """Creates a record, or sends what differs as a sparse update. Raises Refusal."""
        body = forms.body_of(kind, {} if record is None else record.body, values)
        if record is not None:
            if not body:
                return record.id
            body |= {"Id": record.id, "SyncToken": version}
            return str(self._done(lambda: self._company.update(kind, body))["Id"])
        return str(self._done(lambda: self._company.create(kind, body))["Id"])

    def act(self, kind: str, record: Record, name: str, values: Mapping[str, str]) -> Link | None:
        """Does one of the acts that `shown` offers. Raises Refusal."""
        company, id_ = self._company, record.id
        match name:
            case "deactivate" | "activate":
                body = {"Id": id_, "Active": name == "activate"}
                self._done(lambda: company.update(kind, body))
            case "void":
                self._done(lambda: company.void(kind, id_))
            case "delete":
                self._done(lambda: company.delete(kind, id_))
            case "pay" if kind == PAYABLE:
                return self._paid(record, values)
            case _:
                raise Refusal([Problem("There is no such act.")])
        return None

    def _done(self, write: Callable[[], Any]) -> Any:
        try:
            return write()
        except Refused as refused:
            text = f"{refused.code}: {refused.detail}"
            raise Refusal([Problem(text, refused.element)]) from None

    def _kind(self, name: str) -> Kind:
        spec, count = ENTITIES[name], len(self._books.tables[name])
        states = (ACTIVE, INACTIVE, "all") if spec.hides_inactive else ("all",)
        return Kind(name, name, count, states, "create" in spec.operations)

    def _referred(self, field: str, value: Body) -> Link | None:
        name = field.rpartition(".")[2]
        target = REFERENCES.get(name, (forms.PARENTS.get(name, ""), ""))[0]
        if name == "ParentRef" or target not in ENTITIES:
            return None
        found = self._books.find(target, str(value["value"]))
        return Link(self.title(target, found), target, found.id) if found else None

    def _lines(self, record: Record) -> Section:
        rows: list[tuple[Cell, ...]] = []
        for line in record.body.get("Line", ()):
            detail = line.get(line.get("DetailType", ""), {})
            item = detail.get("ItemRef", {})
            linked = line.get("LinkedTxn", [])
            what: Cell = line.get("Description") or line.get("DetailType") or ""
            if linked:
                what = self._transaction(linked[0])
            elif item:
                what = self._referred("ItemRef", item) or what
            rows.append(
                (
                    what,
                    forms.as_text(detail.get("Qty")),
                    forms.as_text(detail.get("UnitPrice")),
                    forms.as_text(line.get("Amount")),
                )
            )
        return Section("Lines", ("What", "Quantity", "Price", "Amount"), rows)

    def _transaction(self, link: Body) -> Cell:
        kind, id_ = link.get("TxnType", ""), str(link.get("TxnId", ""))
        found = self._books.find(kind, id_) if kind in ENTITIES else None
        return f"{kind} {id_}" if found is None else Link(self.title(kind, found), kind, id_)

    def _linked(self, kind: str, record: Record) -> list[Section]:
        rows = [(self._transaction(link),) for link in record.body.get("LinkedTxn", ())]
        sections = [Section("Linked transactions", ("Transaction",), rows)]
        if kind == "Customer":
            sections += [
                self._of_customer(name, record.id)
                for name in ENTITIES
                if ENTITIES[name].ids == "transactions"
            ]
        children = self._books.children.get((kind, record.id), set())
        families = [
            (Link(self.title(kind, one), kind, one.id),)
            for id_ in sorted(children, key=lambda text: (len(text), text))
            if (one := self._books.find(kind, id_))
        ]
        return [*sections, Section("Below it", ("Record",), families)]

    def _of_customer(self, kind: str, id_: str) -> Section:
        found = [
            one
            for one in self._books.records(kind)
            if one.body.get("CustomerRef", {}).get("value") == id_
        ]
        rows: list[tuple[Cell, ...]] = [
            (
                Link(self.title(kind, one), kind, one.id),
                self.text(one, "TxnDate"),
                self.text(one, "TotalAmt"),
                self.text(one, "UnappliedAmt" if kind == "Payment" else "Balance"),
            )
            for one in found[::-1][:LINKED_ROWS]
        ]
        more = len(found) - len(rows)
        note = f"{more} more are not shown." if more else ""
        head = ("Transaction", "Date", "Total", "Open")
        return Section(f"{kind} ({len(found)})", head, rows, note)

    def _acts(self, kind: str, record: Record) -> tuple[Act, ...]:
        spec, acts = ENTITIES[kind], []
        if kind == PAYABLE and Decimal(record.body.get("Balance") or 0) > 0:
            amount = Input("amount", "Amount", self.text(record, "Balance"))
            day = Input("date", "Date", "", hint="Today, unless it says 2026-03-31.")
            text = "Receives a payment for this invoice."
            acts.append(Act("pay", "Pay", text, (amount, day)))
        if spec.hides_inactive and "update" in spec.operations:
            acts.append(
                Act("deactivate", "Deactivate", "Hides it from queries.", grave=True)
                if record.active
                else Act("activate", "Activate", "Brings it back.")
            )
        if "void" in spec.operations:
            acts.append(Act("void", "Void", "Sets its amounts to zero.", grave=True))
        if "delete" in spec.operations:
            acts.append(Act("delete", "Delete", "Removes it for good.", grave=True))
        return tuple(acts)

    def _paid(self, record: Record, values: Mapping[str, str]) -> Link:
        amount, day = (values.get(name, "").strip() for name in ("amount", "date"))
        body: Body = {
            "CustomerRef": {"value": record.body["CustomerRef"]["value"]},
            "TotalAmt": amount,
            "Line": [{"Amount": amount, "LinkedTxn": [{"TxnId": record.id, "TxnType": PAYABLE}]}],
        }
        if "CurrencyRef" in record.body:
            body["CurrencyRef"] = {"value": record.body["CurrencyRef"]["value"]}
        if day:
            body["TxnDate"] = day
        made = self._done(lambda: self._company.create("Payment", body))
        return Link("", "Payment", str(made["Id"]))


def _marks(record: Record) -> tuple[Mark, ...]:
    body, marks = record.body, []
    if body.get("Active") is False:
        marks.append(Mark("inactive", "bad"))
    if str(body.get("PrivateNote", "")).startswith("Voided"):
        marks.append(Mark("voided", "bad"))
    elif record.entity == PAYABLE:
        paid = not Decimal(body.get("Balance") or 0)
        marks.append(Mark("paid", "good") if paid else Mark("open"))
    if body.get("TxnStatus"):
        marks.append(Mark(str(body["TxnStatus"]).lower()))
    return tuple(marks)
