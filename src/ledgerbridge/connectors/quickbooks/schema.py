"""
The fields of the entities we know, by dotted names: a compact table, since QuickBooks describes
none of this by itself. Lengths and what may be written are Intuit's documented ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from msgspec import Struct

from ledgerbridge.core.model import Side
from ledgerbridge.core.schema import Field, FieldType, ObjectSchema, Writable

TEXT, NAME, MONEY = FieldType.TEXT, FieldType.NAME, FieldType.MONEY
EMAIL, PHONE, URL = FieldType.EMAIL, FieldType.PHONE, FieldType.URL
NUMBER, BOOL, DATE = FieldType.NUMBER, FieldType.BOOL, FieldType.DATE
ENUM, REFERENCE = FieldType.ENUM, FieldType.REFERENCE
ON_CREATE, NEVER = Writable.ON_CREATE, Writable.NEVER

Row: TypeAlias = tuple[str, FieldType, int | None, Writable]


class Entity(Struct, frozen=True, kw_only=True):
    """
    One entity: `named` ones have `Active` and are hidden by queries while inactive; the others are
    transactions, which can be deleted.
    """

    name: str
    fields: dict[str, Field]
    named: bool


def _address(name: str, writable: Writable = Writable.ALWAYS) -> tuple[Row, ...]:
    lines = tuple((f"{name}.Line{number}", TEXT, 500, writable) for number in range(1, 6))
    return (
        *lines,
        (f"{name}.City", TEXT, 255, writable),
        (f"{name}.CountrySubDivisionCode", FieldType.STATE, 255, writable),
        (f"{name}.PostalCode", TEXT, 30, writable),
        (f"{name}.Country", FieldType.COUNTRY, 255, writable),
    )


def _rows(writable: Writable, kind: FieldType, *names: str) -> tuple[Row, ...]:
    return tuple((name, kind, None, writable) for name in names)


ALWAYS = Writable.ALWAYS
OFTEN = (
    ("MetaData.CreateTime", FieldType.DATETIME, None, NEVER),
    ("CurrencyRef", FieldType.CURRENCY, None, ON_CREATE),
)

CUSTOMER: tuple[Row, ...] = (
    *OFTEN,
    ("DisplayName", TEXT, 500, ALWAYS),
    ("Title", TEXT, 16, ALWAYS),
    ("GivenName", NAME, 100, ALWAYS),
    ("MiddleName", NAME, 100, ALWAYS),
    ("FamilyName", NAME, 100, ALWAYS),
    ("Suffix", TEXT, 16, ALWAYS),
    ("CompanyName", TEXT, 100, ALWAYS),
    ("PrintOnCheckName", TEXT, 110, ALWAYS),
    ("FullyQualifiedName", TEXT, None, NEVER),
    ("PrimaryEmailAddr.Address", EMAIL, 100, ALWAYS),
    ("PrimaryPhone.FreeFormNumber", PHONE, 30, ALWAYS),
    ("AlternatePhone.FreeFormNumber", PHONE, 30, ALWAYS),
    ("Mobile.FreeFormNumber", PHONE, 30, ALWAYS),
    ("Fax.FreeFormNumber", PHONE, 30, ALWAYS),
    ("WebAddr.URI", URL, 1000, ALWAYS),
    *_address("BillAddr"),
    *_address("ShipAddr"),
    ("Notes", TEXT, 2000, ALWAYS),
    *_rows(NEVER, MONEY, "Balance", "BalanceWithJobs"),
    *_rows(ALWAYS, BOOL, "Active", "Taxable", "BillWithParent"),
    *_rows(ON_CREATE, BOOL, "Job"),
    *_rows(NEVER, BOOL, "IsProject"),
    *_rows(NEVER, NUMBER, "Level"),
    *_rows(ALWAYS, ENUM, "PreferredDeliveryMethod"),
    ("ResaleNum", TEXT, 16, ALWAYS),
    ("PrimaryTaxIdentifier", TEXT, 20, ALWAYS),
    ("SecondaryTaxIdentifier", TEXT, 20, ALWAYS),
    ("BusinessNumber", TEXT, 10, ALWAYS),
    ("GSTIN", TEXT, 15, ALWAYS),
    *_rows(ON_CREATE, REFERENCE, "ParentRef"),
    *_rows(
        ALWAYS,
        REFERENCE,
        "SalesTermRef",
        "PaymentMethodRef",
        "DefaultTaxCodeRef",
        "CustomerTypeRef",
    ),
)

ITEM: tuple[Row, ...] = (
    *OFTEN[:1],
    ("Name", TEXT, 100, ALWAYS),
    ("Sku", TEXT, 100, ALWAYS),
    ("Description", TEXT, 4000, ALWAYS),
    ("PurchaseDesc", TEXT, 1000, ALWAYS),
    ("FullyQualifiedName", TEXT, None, NEVER),
    *_rows(ON_CREATE, ENUM, "Type"),
    *_rows(ALWAYS, MONEY, "UnitPrice", "PurchaseCost"),
    *_rows(NEVER, NUMBER, "QtyOnHand", "ReorderPoint", "Level"),
    *_rows(NEVER, DATE, "InvStartDate"),
    *_rows(ALWAYS, BOOL, "Active", "Taxable", "SalesTaxIncluded", "PurchaseTaxIncluded"),
    *_rows(ON_CREATE, BOOL, "SubItem"),
    *_rows(NEVER, BOOL, "TrackQtyOnHand"),
    *_rows(ON_CREATE, REFERENCE, "ParentRef"),
    *_rows(ALWAYS, REFERENCE, "IncomeAccountRef", "ExpenseAccountRef", "SalesTaxCodeRef"),
    *_rows(NEVER, REFERENCE, "AssetAccountRef", "PrefVendorRef", "ClassRef"),
)

INVOICE: tuple[Row, ...] = (
    *OFTEN,
    ("DocNumber", TEXT, 21, NEVER),
    *_rows(NEVER, DATE, "TxnDate", "DueDate", "ShipDate"),
    *_rows(NEVER, MONEY, "TotalAmt", "Balance", "HomeTotalAmt", "HomeBalance", "Deposit"),
    *_rows(NEVER, MONEY, "TxnTaxDetail.TotalTax"),
    *_rows(NEVER, NUMBER, "ExchangeRate"),
    *_rows(NEVER, EMAIL, "BillEmail.Address"),
    ("CustomerMemo", TEXT, 1000, NEVER),
    ("PrivateNote", TEXT, 4000, NEVER),
    ("TrackingNum", TEXT, None, NEVER),
    *_rows(NEVER, ENUM, "PrintStatus", "EmailStatus", "GlobalTaxCalculation"),
    *_rows(NEVER, URL, "InvoiceLink"),
    *_rows(NEVER, BOOL, "ApplyTaxAfterDiscount", "AllowOnlinePayment"),
    *_address("BillAddr", NEVER),
    *_address("ShipAddr", NEVER),
    *_rows(
        NEVER,
        REFERENCE,
        "CustomerRef",
        "SalesTermRef",
        "ClassRef",
        "DepartmentRef",
        "ProjectRef",
        "ShipMethodRef",
        "TxnTaxDetail.TxnTaxCodeRef",
    ),
)

PAYMENT: tuple[Row, ...] = (
    *OFTEN,
    *_rows(NEVER, DATE, "TxnDate"),
    *_rows(NEVER, MONEY, "TotalAmt", "UnappliedAmt"),
    *_rows(NEVER, NUMBER, "ExchangeRate"),
    ("PaymentRefNum", TEXT, 21, NEVER),
    ("PrivateNote", TEXT, 4000, NEVER),
    *_rows(NEVER, REFERENCE, "CustomerRef", "PaymentMethodRef", "DepositToAccountRef"),
)

PERSON: tuple[Row, ...] = (
    *OFTEN[:1],
    *_rows(NEVER, TEXT, "DisplayName", "GivenName", "FamilyName", "CompanyName"),
    *_rows(NEVER, EMAIL, "PrimaryEmailAddr.Address"),
    *_rows(NEVER, BOOL, "Active"),
)

PRIVATE = frozenset(
    {
        "Notes",
        "PrivateNote",
        "ResaleNum",
        "PrimaryTaxIdentifier",
        "SecondaryTaxIdentifier",
        "BusinessNumber",
        "GSTIN",
        "PurchaseCost",
        "PurchaseDesc",
    }
)
UNIQUE = frozenset({"DisplayName"})
OPTIONS = {
    "PreferredDeliveryMethod": ("Print", "Email", "None"),
    "Type": ("Service", "NonInventory", "Inventory", "Category", "Group"),
    "PrintStatus": ("NotSet", "NeedToPrint", "PrintComplete"),
    "EmailStatus": ("NotSet", "NeedToSend", "EmailSent"),
    "GlobalTaxCalculation": ("TaxExcluded", "TaxInclusive", "NotApplicable"),
}
CUSTOM_FIELD = "CustomField."


def is_reference(name: str) -> bool:
    """Whether a field names another record: its value is an id, its `.name` a text."""
    return name.endswith("Ref")


def _fields(rows: Sequence[Row]) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for name, kind, length_max, writable in rows:
        fields[name] = Field(
            name=name,
            type=kind,
            writable=writable,
            length_max=length_max,
            options=OPTIONS.get(name, ()),
            unique=name in UNIQUE,
            private=name in PRIVATE,
        )
        if is_reference(name):
            fields[f"{name}.name"] = Field(name=f"{name}.name", writable=NEVER)
    return fields


ENTITIES = {
    name: Entity(name=name, fields=_fields(rows), named=named)
    for name, rows, named in (
        ("Customer", CUSTOMER, True),
        ("Item", ITEM, True),
        ("Invoice", INVOICE, False),
        ("Payment", PAYMENT, False),
        ("Vendor", PERSON, True),
        ("Employee", PERSON, True),
    )
}


def object_schema(entity: str, custom_fields: Sequence[str] = ()) -> ObjectSchema:
    """The schema of an entity; sales forms also have the company's custom fields, read-only."""
    fields = dict(ENTITIES[entity].fields)
    if entity == "Invoice":
        for name in custom_fields:
            dotted = CUSTOM_FIELD + name
            fields[dotted] = Field(name=dotted, label=name, writable=NEVER, length_max=31)
    return ObjectSchema(side=Side.QUICKBOOKS, object_type=entity, fields=fields)
