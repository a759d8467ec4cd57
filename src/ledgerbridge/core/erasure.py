"""
What is left of a person who was forgotten, and how such a person is known again
(business-rules.md, privacy).

A person is known by identities: e-mail addresses and the ids of their records. Identities are
personal data themselves, so only keyed digests of them are kept (`store/erasures.py`). A record of
such a person is kept bare: ids, dates and amounts, which the books and a reconciliation need.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from ledgerbridge.core.model import Line, Record, Side, Value
from ledgerbridge.core.plan import Planned
from ledgerbridge.core.planning import excluded
from ledgerbridge.core.values import emails

MARK, MARKED = "@erased", "yes"
REDACTED = "redacted for privacy"
ENDED = "the person was forgotten for privacy"
CUSTOMER_REFERENCE = "CustomerRef"
MIRROR_KEYS = ("ledgerbridge_key", "hs_external_reference_id")
PEOPLE = {Side.HUBSPOT: "contacts", Side.QUICKBOOKS: "Customer"}

KEPT_FIELDS = frozenset(
    {
        # of QuickBooks
        *("@key", "@amount", "MetaData.CreateTime", "CustomerRef", "Active", "DocNumber"),
        *("TxnDate", "DueDate", "CurrencyRef", "ExchangeRate", "TotalAmt", "Balance", "Deposit"),
        *("BalanceWithJobs", "HomeTotalAmt", "HomeBalance", "UnappliedAmt"),
        *("TxnTaxDetail.TotalTax",),
        # of HubSpot
        *("ledgerbridge_key", "ledgerbridge_state", "ledgerbridge_total", "ledgerbridge_balance"),
        *("ledgerbridge_cash_paid", "ledgerbridge_credits_applied", "ledgerbridge_deposit"),
        *("hs_number", "hs_currency", "hs_invoice_date", "hs_due_date", "hs_invoice_status"),
        *("hs_amount_billed", "hs_balance_due", "hs_invoice_source", "hs_createdate"),
        *("hs_external_reference_id", "hs_initial_amount", "hs_initiated_date"),
        *("hs_latest_status",),
    }
)
KEPT_LINE_FIELDS = frozenset({"Amount", "LinkedTxn.TxnType", "LinkedTxn.TxnId"})


def of_email(address: str) -> str:
    """The identity of an e-mail address, however it is written."""
    return "email:" + next(iter(emails(address)), "")


def of_contact(record_id: str) -> str:
    """The identity of a HubSpot contact."""
    return f"contact:{record_id}"


def of_customer(key: str) -> str:
    """The identity of a QuickBooks customer by its key, `realm:customer:id`."""
    return f"customer:{key}"


def of_record(key: str) -> str:
    """The identity of a transaction and its mirror by our key, `realm:invoice:id`."""
    return f"record:{key}"


def identities(side: Side, record: Record) -> tuple[str, ...]:
    """
    By what the person behind a record would be known: none for a record about nobody.

    A transaction is about its customer, and a mirror is known by its key. Of several addresses of
    a customer the first is theirs.
    """
    fields = record.fields
    if side is Side.HUBSPOT:
        if record.object_type != PEOPLE[side]:
            return tuple(of_record(key) for name in MIRROR_KEYS if (key := fields.get(name)))
        addresses = (*emails(fields.get("email")), *emails(fields.get("hs_additional_emails")))
        key = fields.get("ledgerbridge_key")
        known = (of_contact(record.id), *((of_customer(key),) if key else ()))
        return (*known, *map(of_email, addresses))
    if record.object_type == PEOPLE[side]:
        addresses = emails(fields.get("PrimaryEmailAddr.Address"))[:1]
        return (of_customer(fields.get("@key") or ""), *map(of_email, addresses))
    realm = (fields.get("@key") or "").partition(":")[0]
    about = record.references.get(CUSTOMER_REFERENCE, ())
    return tuple(of_customer(f"{realm}:customer:{customer}") for customer in about)


def is_erased(record: Record) -> bool:
    """Whether a stored record is all that is left of a person who was forgotten."""
    return MARK in record.fields


def plan_erased(side: Side, record_id: str) -> Planned:
    """Nothing is ever done for a person who was forgotten (business-rules.md, privacy)."""
    message = "it is of a person who was forgotten for privacy: it is never paired or made again"
    return excluded(side, record_id, "erased", message)


def bare(record: Record) -> Record:
    """The record without anything of the person: ids, references, dates and amounts remain."""
    fields: dict[str, Value] = _only(record.fields, KEPT_FIELDS)
    lines = tuple(Line(line.id, _only(line.fields, KEPT_LINE_FIELDS)) for line in record.lines)
    return replace(record, fields={**fields, MARK: MARKED}, lines=lines)


def _only(fields: dict[str, Value], kept: Iterable[str]) -> dict[str, Value]:
    return {name: value for name, value in fields.items() if name in kept}
