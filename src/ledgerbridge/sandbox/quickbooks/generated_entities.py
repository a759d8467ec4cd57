"""
Entities generated from the schema: created, read, updated, deleted and queried, and little more.

Their bodies are held to the types of the schema, and to the required fields and references here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ledgerbridge.sandbox.quickbooks.entity import (
    COMMON_READ_ONLY,
    CREATE_UPDATE,
    CREATE_UPDATE_DELETE,
    Entity,
)
from ledgerbridge.sandbox.quickbooks.schema import Body, fields_of

PAYABLE = {"value": "33"}


@dataclass(frozen=True, slots=True)
class Generated:
    """What the schema does not say of one transaction: what it needs, and what it begins with."""

    name: str
    required: tuple[str, ...]
    counts_lists: bool = False
    totals: bool = True
    defaults: Body = field(default_factory=dict)


TRANSACTIONS = (
    Generated("Bill", ("VendorRef", "Line"), True, defaults={"APAccountRef": PAYABLE}),
    Generated("BillPayment", ("VendorRef", "PayType", "TotalAmt"), True, totals=False),
    Generated("Purchase", ("AccountRef", "PaymentType", "Line")),
    Generated("PurchaseOrder", ("VendorRef", "Line"), True, defaults={"POStatus": "Open"}),
    Generated("VendorCredit", ("VendorRef", "Line"), defaults={"APAccountRef": PAYABLE}),
    Generated("JournalEntry", ("Line",), True, totals=False, defaults={"Adjustment": False}),
    Generated("Transfer", ("FromAccountRef", "ToAccountRef", "Amount"), totals=False),
    Generated("InventoryAdjustment", ("AdjustAccountRef", "Line"), totals=False),
    Generated(
        "CreditCardPaymentTxn", ("CreditCardAccountRef", "BankAccountRef", "Amount"), totals=False
    ),
)
BY_NAME = {row.name: row for row in TRANSACTIONS}
READ_ONLY_TXN = COMMON_READ_ONLY | {"Balance", "HomeBalance", "HomeTotalAmt", "LinkedTxn"}


def _transaction(row: Generated) -> Entity:
    computed = {"TotalAmt"} if row.totals else set()
    return Entity(
        row.name,
        "transactions",
        order=None,
        operations=CREATE_UPDATE_DELETE,
        read_only=READ_ONLY_TXN | computed,
        kept=frozenset({"TxnDate", "CurrencyRef", "ExchangeRate"}),
        required=row.required,
        lengths={"DocNumber": 21, "PrivateNote": 4000},
        counts_lists=row.counts_lists,
        is_generated=True,
    )


def _list(
    name: str, *, label: str = "Name", read_only: bool = False, in_cdc: bool = True
) -> Entity:
    return Entity(
        name,
        name,
        label=label,
        names_shared=name,
        operations=frozenset() if read_only else CREATE_UPDATE,
        read_only=COMMON_READ_ONLY | {"FullyQualifiedName"},
        kept=frozenset({"Active"}),
        required=(label,),
        lengths={label: 100},
        hides_inactive="Active" in fields_of(name),
        in_cdc=in_cdc,
        is_generated=True,
    )


LISTS = (
    _list("Class"),
    _list("Department"),
    _list("JournalCode", in_cdc=False),
    _list("TaxAgency", label="DisplayName", in_cdc=False),
    _list("CustomerType", read_only=True),
    _list("Budget", read_only=True),
)
TIME_ACTIVITY = Entity(
    "TimeActivity",
    "TimeActivity",
    order=None,
    operations=CREATE_UPDATE_DELETE,
    kept=frozenset({"TxnDate"}),
    required=("NameOf",),
    lengths={"Description": 4000},
    in_cdc=False,
    is_generated=True,
)
TABLE = (*(_transaction(row) for row in TRANSACTIONS), *LISTS, TIME_ACTIVITY)
