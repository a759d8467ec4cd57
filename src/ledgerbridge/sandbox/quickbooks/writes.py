"""
Creating, updating, deleting and voiding: what is common to all entities.

An update that changes nothing is answered and leaves no trace. Every check stands before the first
change, so that a refused write has done nothing.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ledgerbridge.sandbox.quickbooks import (
    attachables,
    auto_apply,
    deposits,
    generated,
    generated_entities,
    lists,
    payments,
    sales,
)
from ledgerbridge.sandbox.quickbooks.books import Books
from ledgerbridge.sandbox.quickbooks.checks import check
from ledgerbridge.sandbox.quickbooks.entities import ENTITIES, NAMED
from ledgerbridge.sandbox.quickbooks.entity import Entity, Operation
from ledgerbridge.sandbox.quickbooks.faultbodies import (
    Refused,
    broken_rule,
    missing,
    unusable,
)
from ledgerbridge.sandbox.quickbooks.names import rename_children
from ledgerbridge.sandbox.quickbooks.records import Record
from ledgerbridge.sandbox.quickbooks.schema import Body, normalised

SALES = ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt", "Estimate")
ADDRESSES = ("BillAddr", "ShipAddr", "ShipFromAddr", "PrimaryAddr")
NOT_ADDRESS = frozenset({"Id", "Lat", "Long"})
UNSTORED = frozenset({"V4IDPseudonym", "ClientEntityId", "LineEx"})
VOIDED = "Voided"
ZERO_WHEN_VOID = (
    "TotalAmt",
    "Balance",
    "UnappliedAmt",
    "RemainingCredit",
    "Deposit",
    "HomeTotalAmt",
    "HomeBalance",
)
RULES: dict[str, lists.Rule] = {
    **lists.RULES,
    "TimeActivity": generated.time_activity,
    "Attachable": attachables.prepared,
}
SPARSE_KEEPS = frozenset({"DisplayName", "PrintOnCheckName", "Name"})
EDITOR = "Jane Doe"


def create(books: Books, entity: str, sent: Body, *, duplicate_number: bool = False) -> Record:
    """The new record. Raises Refused; nothing has changed then."""
    spec = _allowed(entity, "create")
    body = _cleaned(_writable(spec, normalised(entity, sent)))
    check(books, spec, body, body)
    _give_address_ids(books, body, {})
    ready = _ruled(books, entity, body, None, duplicate_number=duplicate_number)
    record = books.add(entity, ready)
    _follow(books, record, None)
    return record


def update(books: Books, entity: str, sent: Body, *, sparse: bool | None = None) -> Record:
    """
    The record after an update, sparse or full as the body says.

    Raises Refused: 610 for an unknown id, 5010 for a SyncToken that is not the current one.
    """
    spec = _allowed(entity, "update")
    sent = normalised(entity, sent)
    record = found(books, entity, sent)
    check_token(books, record, sent)
    is_sparse = bool(sent.get("sparse")) if sparse is None else sparse
    old = bare(record.body)
    body = _merged(spec, old, _writable(spec, sent), sparse=is_sparse)
    check(books, spec, body, _cleaned(_writable(spec, sent)))
    _give_address_ids(books, body, old)
    new = _ruled(books, entity, body, old)
    if same(new, old):
        return record
    deposits.check_not_deposited(record)
    before = record.body
    books.change(record, new)
    _follow(books, record, before)
    return record


def delete(books: Books, entity: str, sent: Body) -> Body:
    """The short answer to a deletion; only transactions can be deleted."""
    _allowed(entity, "delete")
    sent = normalised(entity, sent)
    record = found(books, entity, sent)
    if entity != "Attachable" or "SyncToken" in sent:
        check_token(books, record, sent)
    _release(books, record)
    books.remove(record)
    return {"domain": "QBO", "status": "Deleted", "Id": record.id}


def void(books: Books, entity: str, sent: Body) -> Record:
    """The record with its amounts at zero, its links gone and its note saying so."""
    _allowed(entity, "void")
    sent = normalised(entity, sent)
    record = found(books, entity, sent)
    check_token(books, record, sent)
    if entity == "Estimate":
        raise broken_rule("An estimate cannot be voided")
    token = record.body["SyncToken"]
    _release(books, record)
    record.body["SyncToken"] = token
    bumps = books.switches.void_bumps_token
    books.change(record, _voided(record.body), "Void", bumps=bumps)
    return record


def found(books: Books, entity: str, sent: Body) -> Record:
    """The record a body names by its Id; raises Refused (2020, 2030, 610)."""
    id_ = sent.get("Id")
    if entity in {"CompanyInfo", "Preferences"} and id_ is None:
        return next(iter(books.records(entity)))
    if not id_:
        raise missing("Id")
    return by_id(books, entity, id_)


def by_id(books: Books, entity: str, id_: str) -> Record:
    """The record of an id; raises Refused: 2030 where that is no number, 610 where unknown."""
    record = books.find(entity, id_)
    if record is not None:
        return record
    if not (id_.isascii() and id_.isdecimal()):
        detail = f"Id should be a valid number. Supplied value:{id_[:50]}"
        raise Refused("2030", detail, element="Id")
    raise unusable()


def check_token(books: Books, record: Record, sent: Body) -> None:
    """Raises Refused: 2020 without a SyncToken, 5010 for any but the current one."""
    token = sent.get("SyncToken")
    if token is None:
        raise missing("SyncToken")
    if token != record.body["SyncToken"]:
        entity = f" Entity={record.entity}" if books.switches.stale_object_entity else ""
        raise Refused(
            "5010",
            f"Stale Object Error : You and {EDITOR} were working on this at the same time."
            f" {EDITOR} finished before you did, so your work was not saved.{entity}",
        )


def same(new: Body, old: Body) -> bool:
    """Whether two bodies say the same, numbers by value; system fields left out."""
    ignored = {"SyncToken", "MetaData", "sparse"}
    return {key: value for key, value in new.items() if key not in ignored} == {
        key: value for key, value in old.items() if key not in ignored
    }


def bare(value: Any) -> Any:
    """A body as it is kept: references without names, computed parts left out."""
    if isinstance(value, dict):
        return {
            name: {"value": part["value"]}
            if (name in NAMED or name == "CurrencyRef") and isinstance(part, dict)
            else bare(part)
            for name, part in value.items()
            if name not in UNSTORED
        }
    if isinstance(value, list):
        return [bare(part) for part in value]
    return value


def stored(body: Body) -> Body:
    """A recorded body as it is kept: without the parts that are computed at each reading."""
    kept = {name: part for name, part in body.items() if name not in UNSTORED}
    if "UnappliedAmt" in kept or "Line" in kept:
        kept["Line"] = [
            {name: part for name, part in line.items() if name not in UNSTORED}
            for line in kept.get("Line", ())
        ]
    return kept


def _allowed(entity: str, operation: Operation) -> Entity:
    spec = ENTITIES[entity]
    if operation not in spec.operations:
        if operation == "delete":
            raise Refused("800", f"Cannot delete object : {entity} is made inactive instead")
        raise Refused("500", f"Operation {operation} on {entity} is not supported.")
    return spec


def _writable(spec: Entity, body: Body) -> Body:
    return {
        name: _reference_only(name, value)
        for name, value in body.items()
        if name not in spec.read_only and name not in UNSTORED
    }


def _reference_only(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        if name.endswith("Ref") and "value" in value:
            kept = ("value", "type") if name == "EntityRef" else ("value",)
            return {part: value[part] for part in kept if part in value}
        return {key: _reference_only(key, part) for key, part in value.items()}
    if isinstance(value, list):
        return [_reference_only(name, part) for part in value]
    return value


def _merged(spec: Entity, old: Body, sent: Body, *, sparse: bool) -> Body:
    system = {name: old[name] for name in spec.read_only if name in old}
    if spec.name == "Preferences":
        sent = merged_groups(old, sent)
    if sparse or spec.name == "Preferences":
        for name in SPARSE_KEEPS:
            if sent.get(name) == "":
                del sent[name]
        return _cleaned({**old, **sent, **system})
    kept = {name: old[name] for name in spec.kept if name in old}
    return _cleaned({**kept, **sent, **system})


def merged_groups(old: Body, sent: Body) -> Body:
    """Preferences as sent: each group keeps what was not sent."""
    return {
        name: {**old.get(name, {}), **part} if isinstance(part, dict) else part
        for name, part in sent.items()
    }


def _cleaned(body: Body) -> Body:
    """The body without empty texts and objects, which clear a field."""
    cleaned = {}
    for name, value in body.items():
        if name == "MetaData" or isinstance(value, list):
            cleaned[name] = _unblanked(value)
            continue
        kept = _cleaned(value) if isinstance(value, dict) else value
        if kept not in ("", {}):
            cleaned[name] = kept
    return cleaned


def _unblanked(value: Any) -> Any:
    """Lines and the like without their empty texts; empty objects say something there."""
    if isinstance(value, dict):
        kept = {name: _unblanked(part) for name, part in value.items() if part != ""}
        return {name: part for name, part in kept.items() if part or not name.endswith("Ref")}
    if isinstance(value, list):
        return [_unblanked(part) for part in value]
    return value


def _give_address_ids(books: Books, body: Body, old: Body) -> None:
    """A new address gets an id; an equal one stays what it was, coordinates included."""
    for name in ADDRESSES:
        address, before = body.get(name), old.get(name)
        if not address or address == before:
            continue
        if before and _address_text(address) == _address_text(before):
            body[name] = before
        else:
            kept = before["Id"] if before and "Id" in before else None
            rest = {key: part for key, part in address.items() if key != "Id"}
            body[name] = {"Id": kept or books.next_id("addresses"), **rest}


def _address_text(address: Body) -> Body:
    return {name: part for name, part in address.items() if name not in NOT_ADDRESS}


def _ruled(
    books: Books, entity: str, body: Body, old: Body | None, *, duplicate_number: bool = False
) -> Body:
    if entity in generated_entities.BY_NAME:
        sales.check_open_period(books, body, old)
        return generated.transaction(entity, books, body, old)
    if entity in RULES:
        return RULES[entity](books, body, old)
    if entity == "Payment":
        ready = payments.prepared(books, body, old)
    elif entity in SALES:
        ready = sales.prepared(books, entity, body, old, duplicate_number=duplicate_number)
        if old is not None and "Balance" in ready:
            ready = _less_payments(books, entity, ready, old)
    elif entity == "Deposit":
        ready = deposits.prepared(books, body, old)
    else:
        return generated.listed(entity, books, body, old)
    return {**ready, **sales.home_amounts(books, ready)}


def _less_payments(books: Books, entity: str, form: Body, old: Body) -> Body:
    """An edited form keeps its payments; what is too much for it is taken back afterwards."""
    paid = payments.received(books, entity, old["Id"], old)
    return payments.with_less(books, form, paid) if paid else form


def _follow(books: Books, record: Record, old: Body | None) -> None:
    """What a stored write moves in other records."""
    entity, new = record.entity, record.body
    if entity == "Payment":
        payments.settle(books, record.id, old, new)
    elif entity == "Deposit":
        deposits.settle(books, record.id, old, new)
    elif entity in {"Invoice", "CreditMemo"}:
        _follow_form(books, record, old)
    elif entity == "Customer" and old is not None:
        lists.moved_family(books, old, new)
    if old is None:
        auto_apply.follow(books, record)
    elif old.get("FullyQualifiedName") != new.get("FullyQualifiedName"):
        rename_children(books, record)


def _follow_form(books: Books, record: Record, old: Body | None) -> None:
    if old is not None:
        token = record.body["SyncToken"]
        if old["CustomerRef"]["value"] != record.body["CustomerRef"]["value"]:
            payments.take_back(books, record)
        elif record.body["Balance"] < 0:
            payments.take_back(books, record, -Decimal(record.body["Balance"]))
        record.body["SyncToken"] = token
    _close_estimates(books, record, old)


def _close_estimates(books: Books, record: Record, old: Body | None) -> None:
    for link in record.body.get("LinkedTxn", ()):
        if link["TxnType"] != "Estimate" or (old and link in old.get("LinkedTxn", ())):
            continue
        estimate = books.find("Estimate", link["TxnId"])
        if estimate is not None:
            links = [*estimate.body["LinkedTxn"], {"TxnId": record.id, "TxnType": record.entity}]
            body = {**estimate.body, "TxnStatus": "Closed", "LinkedTxn": links}
            books.change(estimate, body)


def _release(books: Books, record: Record) -> None:
    """Takes a transaction out of whatever it is linked with."""
    if "TxnDate" in record.body:
        sales.check_open_period(books, record.body)
    deposits.check_not_deposited(record)
    if record.entity == "Payment":
        payments.settle(books, record.id, record.body, None)
    elif record.entity == "Deposit":
        deposits.settle(books, record.id, record.body, None)
    elif record.entity in SALES:
        payments.take_back(books, record)


def _voided(body: Body) -> Body:
    note = f"{VOIDED} {body['PrivateNote']}" if body.get("PrivateNote") else VOIDED
    zero: Body = {name: 0 for name in ZERO_WHEN_VOID if name in body}
    lines = [] if "UnappliedAmt" in body else [_voided_line(line) for line in body["Line"]]
    tax = {"TxnTaxDetail": {"TotalTax": 0}} if "TxnTaxDetail" in body else {}
    links: Body = {"LinkedTxn": []} if "UnappliedAmt" not in body else {}
    return {**body, **zero, **tax, **links, "PrivateNote": note, "Line": lines}


def _voided_line(line: Body) -> Body:
    voided = {**line, "Amount": 0} if "Amount" in line else dict(line)
    detail = voided.get("SalesItemLineDetail")
    if detail:
        kept = {name: part for name, part in detail.items() if name != "UnitPrice"}
        voided["SalesItemLineDetail"] = kept | ({"Qty": 0} if "Qty" in kept else {})
    group = voided.get("GroupLineDetail")
    if group:
        voided["GroupLineDetail"] = {**group, "Line": [_voided_line(one) for one in group["Line"]]}
    return voided
