"""Property definitions of a portal as schemas: types, options, and what nobody may write."""

from __future__ import annotations

from collections.abc import Iterable

from ledgerbridge.connectors.hubspot.wire import PropertyRow
from ledgerbridge.core.model import Side
from ledgerbridge.core.schema import Field, FieldType, ObjectSchema, Writable

TEXT_LENGTH_MAX = 65_536

TYPES = {
    "string": FieldType.TEXT,
    "number": FieldType.NUMBER,
    "date": FieldType.DATE,
    "datetime": FieldType.DATETIME,
    "bool": FieldType.BOOL,
    "enumeration": FieldType.ENUM,
    "phone_number": FieldType.PHONE,
}

# A definition says `string` or `number`; what the text or number is, its name says.
_MEANINGS = {
    FieldType.EMAIL: ("email", "hs_additional_emails", "work_email", "hs_customer_email"),
    FieldType.PHONE: ("phone", "mobilephone", "fax"),
    FieldType.URL: ("website", "hs_url", "hs_invoice_link", "hs_pdf_download_link"),
    FieldType.NAME: ("firstname", "lastname"),
    FieldType.COUNTRY: (
        "country",
        "hs_recipient_company_country",
        "hs_recipient_shipping_country",
    ),
    FieldType.STATE: ("state", "hs_recipient_company_state", "hs_recipient_shipping_state"),
    FieldType.CURRENCY: (
        "hs_currency",
        "hs_currency_code",
        "hs_line_item_currency_code",
        "deal_currency_code",
    ),
    FieldType.MONEY: (
        "price",
        "amount",
        "discount",
        "hs_cost_of_goods_sold",
        "hs_amount_billed",
        "hs_amount_paid",
        "hs_balance_due",
        "hs_initial_amount",
        "hs_fees_amount",
        "hs_refunds_amount",
        "ledgerbridge_balance",
        "ledgerbridge_balance_with_jobs",
        "ledgerbridge_cash_paid",
        "ledgerbridge_credits_applied",
        "ledgerbridge_deposit",
        "ledgerbridge_discount",
        "ledgerbridge_home_balance",
        "ledgerbridge_home_total",
        "ledgerbridge_credited",
        "ledgerbridge_invoice_balance",
        "ledgerbridge_invoice_total",
        "ledgerbridge_invoiced",
        "ledgerbridge_not_in_lines",
        "ledgerbridge_open",
        "ledgerbridge_overdue",
        "ledgerbridge_paid",
        "ledgerbridge_original_total",
        "ledgerbridge_tax",
        "ledgerbridge_total",
    ),
}
MEANINGS = {name: meaning for meaning, names in _MEANINGS.items() for name in names}
TEXTUAL = frozenset(
    {
        FieldType.EMAIL,
        FieldType.PHONE,
        FieldType.URL,
        FieldType.NAME,
        FieldType.COUNTRY,
        FieldType.STATE,
    }
)
PRIVATE = frozenset({"hs_cost_of_goods_sold", "hs_tax_id"})


def schema_of(object_type: str, rows: Iterable[PropertyRow]) -> ObjectSchema:
    """The schema of one object type from its property definitions."""
    fields = {row.name: field_of(row) for row in rows}
    return ObjectSchema(side=Side.HUBSPOT, object_type=object_type, fields=fields)


def field_of(row: PropertyRow) -> Field:
    """One definition as a field; a calculated property is never written."""
    read_only = row.calculated or row.modification_metadata.read_only_value
    return Field(
        name=row.name,
        type=_type(row),
        label=row.label,
        writable=Writable.NEVER if read_only else Writable.ALWAYS,
        length_max=TEXT_LENGTH_MAX if row.type == "string" else None,
        options=tuple(option.value for option in row.options) if row.type == "enumeration" else (),
        unique=row.has_unique_value,
        private=row.name in PRIVATE or row.data_sensitivity != "non_sensitive",
    )


def _type(row: PropertyRow) -> FieldType:
    plain = TYPES.get(row.type, FieldType.TEXT)
    meaning = MEANINGS.get(row.name)
    if plain is FieldType.NUMBER:
        return FieldType.MONEY if meaning is FieldType.MONEY or row.show_currency_symbol else plain
    if plain is FieldType.TEXT and row.field_type == "phonenumber":
        return FieldType.PHONE
    if meaning is FieldType.CURRENCY and plain in (FieldType.TEXT, FieldType.ENUM):
        return FieldType.CURRENCY
    if plain is FieldType.TEXT and meaning in TEXTUAL:
        return meaning
    return plain
