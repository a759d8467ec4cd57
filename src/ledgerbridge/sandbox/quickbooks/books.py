"""
What one company's file holds: records by entity and id, their names, balances and wire forms.

`store` is the only place where a record changes, so that whatever follows from a change follows
always: balances of customers and accounts, the times they carry, the index of names, the cache of
encoded answers. References are stored as ids alone; names are put in when a record is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

import msgspec

from ledgerbridge.sandbox.quickbooks.entities import CURRENCIES, ENTITIES, NAMED
from ledgerbridge.sandbox.quickbooks.entity import Entity
from ledgerbridge.sandbox.quickbooks.happenings import Happening, Operation
from ledgerbridge.sandbox.quickbooks.indexes import Indexes
from ledgerbridge.sandbox.quickbooks.postings import DEBTS, debt, postings
from ledgerbridge.sandbox.quickbooks.records import Record, View
from ledgerbridge.sandbox.quickbooks.schema import Body, fields_of, plain
from ledgerbridge.sandbox.quickbooks.switches import Switches
from ledgerbridge.sandbox.quickbooks.times import stamp

ZERO = Decimal(0)
NUMBER_BEFORE_FIRST = 1000
DIGITS_MAX = 15
DEFAULT_TAX_CODE = "2"
HIERARCHIES = {
    "Customer": "DisplayName",
    **dict.fromkeys(("Item", "Account", "Class", "Department"), "Name"),
}
NAME_VALUE = "{http://schema.intuit.com/finance/v3}NameValue"

_encode = msgspec.json.Encoder(decimal_format="number").encode


class Books:
    """One company's records. `moment` is when the request now worked on arrived, in UTC."""

    unsaved: ClassVar[dict[str, Callable[[Any], object]]] = {
        "indexes": lambda books: Indexes(books.tables)
    }

    def __init__(self, switches: Switches) -> None:
        self.switches = switches
        self.moment = datetime.now(UTC)
        self.tables: dict[str, dict[str, Record]] = {name: {} for name in ENTITIES}
        self.indexes = Indexes(self.tables)
        self.tombstones: dict[str, dict[str, datetime]] = {name: {} for name in ENTITIES}
        self.children: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.files: dict[str, bytes] = {}
        self.rates: dict[str, dict[str, Decimal]] = defaultdict(dict)
        self._last_ids: dict[str, int] = defaultdict(int)
        self._last_numbers: dict[str, int] = {}
        self._names: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        self._names_stamp = 0
        self.listener: Callable[[Happening], None] | None = None

    # Reading ------------------------------------------------------------------------------

    def find(self, entity: str, id_: str) -> Record | None:
        """The record, or None."""
        return self.tables[entity].get(id_)

    def records(self, entity: str) -> Iterable[Record]:
        """All records of an entity, in the order of their creation."""
        return self.tables[entity].values()

    def one(self, entity: str) -> Body:
        """The stored body of an entity of which there is one: CompanyInfo, Preferences."""
        return next(iter(self.tables[entity].values())).body

    def holders(self, group: str, name: str) -> set[tuple[str, str]]:
        """Who holds a name, whatever its case: pairs of entity and id."""
        return self._names.get((group, name.casefold()), set())

    def ancestors(self, entity: str, id_: str) -> Iterator[Record]:
        """The record's parent, its parent, and so on; ends where a parent is missing."""
        seen = {id_}
        record = self.find(entity, id_)
        while record is not None and "ParentRef" in record.body:
            parent_id = record.body["ParentRef"]["value"]
            if parent_id in seen:
                return
            seen.add(parent_id)
            record = self.find(entity, parent_id)
            if record is not None:
                yield record

    def rendered(self, record: Record, view: View = "read") -> Body:
        """The body as answered: with today's names of what it refers to."""
        answer = {
            name: self._named(name, value) if isinstance(value, dict | list) else value
            for name, value in record.body.items()
        }
        if record.entity == "Payment":
            answer["Line"] = [self._payment_line(line) for line in answer["Line"]]
            if "DepositToAccountRef" in answer:
                answer["DepositToAccountRef"] = record.body["DepositToAccountRef"]
        if record.entity == "Customer":
            _customer_view(answer, record.number, view)
        return answer

    def encoded(self, record: Record, view: View) -> bytes:
        """The rendered body as JSON, remembered until it or a name in it changes."""
        if record.stamp != self._names_stamp:
            record.encoded.clear()
            record.stamp = self._names_stamp
        found = record.encoded.get(view)
        if found is None:
            found = record.encoded[view] = _encode(self.rendered(record, view))
        return found

    # Changing -----------------------------------------------------------------------------

    def next_id(self, counter: str) -> str:
        """A fresh id of that counter."""
        self._last_ids[counter] += 1
        return str(self._last_ids[counter])

    def next_number(self, series: str) -> str:
        """The next document number of a series; sales forms share one."""
        self._last_numbers[series] = self._last_numbers.get(series, NUMBER_BEFORE_FIRST) + 1
        return str(self._last_numbers[series])

    def note_number(self, series: str, number: str) -> None:
        """A series goes on from the highest number seen in it."""
        if number.isascii() and number.isdecimal() and len(number) < DIGITS_MAX:
            last = self._last_numbers.get(series, NUMBER_BEFORE_FIRST)
            self._last_numbers[series] = max(last, int(number))

    def add(self, entity: str, body: Body, *, id_: str | None = None) -> Record:
        """Stores a new record: id, SyncToken "0" and times are given here."""
        now = stamp(self.moment)
        body = {
            **body,
            "domain": "QBO",
            "sparse": False,
            "Id": id_ or self.next_id(ENTITIES[entity].ids),
            "SyncToken": "0",
            "MetaData": {"CreateTime": now, "LastUpdatedTime": now},
        }
        record = self.store(entity, body)
        self.tell(Happening(entity, record.id, "Create", self.moment))
        return record

    def change(
        self, record: Record, body: Body, operation: Operation = "Update", *, bumps: bool = True
    ) -> None:
        """Stores a new body, changed now: SyncToken + 1, unless it stays; tells what was done."""
        token = str(int(record.body["SyncToken"]) + bumps)
        was_active = record.active
        self.store(record.entity, {**body, "SyncToken": token, "MetaData": self._touched(record)})
        ended = was_active and not record.active
        self.tell(Happening(record.entity, record.id, operation, self.moment, deactivated=ended))

    def touch(self, record: Record) -> None:
        """Moves a record's LastUpdatedTime, as happens when its balance moves."""
        record.set({**record.body, "MetaData": self._touched(record)})
        self.indexes.note(record.entity, record.id)
        self.tell(Happening(record.entity, record.id, "Update", self.moment, only_moved=True))

    def tell(self, happening: Happening) -> None:
        """Tells whoever listens to the company."""
        if self.listener is not None:
            self.listener(happening)

    def store(self, entity: str, body: Body, *, as_recorded: bool = False) -> Record:
        """Puts a body in place with all that follows from it, or verbatim when as recorded."""
        body = in_wire_order(entity, body)
        record = self.tables[entity].get(body["Id"])
        old = record.body if record else None
        if record is None:
            record = self.tables[entity][body["Id"]] = Record(entity, body)
            counter = ENTITIES[entity].ids
            self._last_ids[counter] = max(self._last_ids[counter], record.number)
        else:
            record.set(body)
        self.tombstones[entity].pop(record.id, None)
        self.indexes.note(entity, record.id)
        self._reindex(entity, record.id, old, body)
        if not as_recorded:
            self._settle(entity, old, body)
        self._forget_payments(old, body)
        return record

    def remove(self, record: Record) -> None:
        """Deletes a transaction; what is left is a tombstone for change data capture."""
        del self.tables[record.entity][record.id]
        self.indexes.note(record.entity, record.id)
        self.tombstones[record.entity][record.id] = self.moment
        self.tell(Happening(record.entity, record.id, "Delete", self.moment))
        self._settle(record.entity, record.body, None)
        self._forget_payments(record.body, None)

    def forget(self, record: Record) -> None:
        """Takes a list record away, as a merge does: its name is free, its id is a tombstone."""
        del self.tables[record.entity][record.id]
        self.indexes.note(record.entity, record.id)
        self.tombstones[record.entity][record.id] = self.moment
        spec = ENTITIES[record.entity]
        for name in _held_names(spec, record.body, self.switches):
            self._names[spec.names_shared, name].discard((record.entity, record.id))
        self._reparent(record.entity, record.id, record.body, {})
        self._names_stamp += 1

    # What follows -------------------------------------------------------------------------

    def _touched(self, record: Record) -> Body:
        latest = max(record.updated, self.moment)
        return {**record.body["MetaData"], "LastUpdatedTime": stamp(latest)}

    def _reindex(self, entity: str, id_: str, old: Body | None, new: Body) -> None:
        spec = ENTITIES[entity]
        if spec.label is None:
            return
        before = _held_names(spec, old, self.switches) if old else set()
        after = _held_names(spec, new, self.switches)
        for name in before - after:
            self._names[spec.names_shared, name].discard((entity, id_))
        for name in after - before:
            self._names[spec.names_shared, name].add((entity, id_))
        if entity in HIERARCHIES:
            self._reparent(entity, id_, old or {}, new)
        if old and any(old.get(key) != new.get(key) for key in (spec.label, "FullyQualifiedName")):
            self._names_stamp += 1

    def _reparent(self, entity: str, id_: str, old: Body, new: Body) -> None:
        before, after = old.get("ParentRef"), new.get("ParentRef")
        if before == after:
            return
        if before:
            self.children[entity, before["value"]].discard(id_)
        if after:
            self.children[entity, after["value"]].add(id_)

    def _settle(self, entity: str, old: Body | None, new: Body | None) -> None:
        """Moves what a transaction owes on its customer and on the accounts it touches."""
        for body, sign in ((old, -1), (new, 1)):
            if body is not None:
                if entity in DEBTS:
                    amount = debt(entity, body) * sign
                    self._move_customer(body["CustomerRef"]["value"], amount)
                for account_id, amount in postings(entity, body):
                    self._move_account(account_id, amount * sign)

    def _move_customer(self, customer_id: str, amount: Decimal) -> None:
        customer = self.find("Customer", customer_id)
        if customer is None:
            return
        _add(customer, amount, "Balance", "BalanceWithJobs")
        self.touch(customer)
        for parent in self.ancestors("Customer", customer_id):
            _add(parent, amount, "BalanceWithJobs")
            self.touch(parent)

    def move_family(self, parent_reference: Body | None, amount: Decimal) -> None:
        """Adds to the balance with jobs of a customer and of all above it."""
        parent = self.find("Customer", parent_reference["value"]) if parent_reference else None
        if parent is not None and amount:
            for record in (parent, *self.ancestors("Customer", parent.id)):
                _add(record, amount, "BalanceWithJobs")
                self.touch(record)

    def _move_account(self, account_id: str, amount: Decimal) -> None:
        account = self.find("Account", account_id)
        if account is not None:
            _add(account, amount, "CurrentBalance", "CurrentBalanceWithSubAccounts")
            self.touch(account)

    def _forget_payments(self, *bodies: Body | None) -> None:
        """A payment's answer tells its invoices' balances: it is encoded anew."""
        for body in bodies:
            for link in (body or {}).get("LinkedTxn", ()):
                payment = self.tables["Payment"].get(link["TxnId"])
                if payment is not None:
                    payment.encoded.clear()

    def _named(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            if name == "CurrencyRef":
                return {"value": value["value"], "name": CURRENCIES.get(value["value"], "")}
            target = NAMED.get(name)
            if target is not None and "value" in value:
                return self._reference(target, value)
            return {
                key: self._named(key, part) if isinstance(part, dict | list) else part
                for key, part in value.items()
            }
        if isinstance(value, list):
            return [self._named("", part) for part in value]
        return value

    def _reference(self, entity: str, reference: Body) -> Body:
        id_ = reference["value"]
        record = self.tables[entity].get(id_)
        if record is None:
            return reference
        spec = ENTITIES[entity]
        assert spec.label is not None
        name = record.body.get("FullyQualifiedName") if entity == "Account" else None
        return {"value": id_, "name": name or record.body[spec.label]}

    def _payment_line(self, line: Body) -> Body:
        link = line["LinkedTxn"][0]
        linked = self.find(link["TxnType"], link["TxnId"]) if link["TxnType"] in DEBTS else None
        values = {"txnId": link["TxnId"]}
        if linked is not None:
            left = Decimal(linked.body["Balance"]) + Decimal(line["Amount"])
            values["txnOpenBalance"] = f"{left:.2f}"
            if "DocNumber" in linked.body:
                values["txnReferenceNumber"] = linked.body["DocNumber"]
        return {**line, "LineEx": {"any": [_name_value(*pair) for pair in values.items()]}}


def in_wire_order(entity: str, body: Body) -> Body:
    """The body with its keys in the order in which the API answers them."""
    return {name: body[name] for name in fields_of(entity) if name in body}


def _add(record: Record, amount: Decimal, *fields: str) -> None:
    for field in fields:
        record.body[field] = plain(Decimal(record.body.get(field, 0)) + amount)


def _held_names(spec: Entity, body: Body, switches: Switches) -> set[str]:
    assert spec.label is not None
    name = str(body.get("FullyQualifiedName") or body.get(spec.label, "")).casefold()
    if switches.inactive_names_block and body.get("Active") is False:
        return {name, name.removesuffix(" (deleted)")}
    return {name}


def _customer_view(answer: Body, number: int, view: View) -> None:
    """What an answer adds: the default tax code stands in rows only where somebody chose it."""
    if view != "row" and answer.get("Taxable"):
        answer.setdefault("DefaultTaxCodeRef", {"value": DEFAULT_TAX_CODE})
    if view != "write":
        answer["V4IDPseudonym"] = f"00{number:030x}"
    if view == "row":
        answer["ClientEntityId"] = "0"


def _name_value(name: str, value: str) -> Body:
    return {
        "name": NAME_VALUE,
        "declaredType": "com.intuit.schema.finance.v3.NameValue",
        "scope": "javax.xml.bind.JAXBElement$GlobalScope",
        "value": {"Name": name, "Value": value},
        "nil": False,
        "globalScope": True,
        "typeSubstituted": False,
    }
