"""The object types: their names, ids, scopes, defaults and rules, one row each."""

from __future__ import annotations

from dataclasses import dataclass

from ledgerbridge.sandbox.hubspot.errors import error


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One row: how a type is called in paths, texts and scopes, and what its records show."""

    name: str
    singular: str
    type_id: str
    scope: str
    defaults: tuple[str, ...]
    modified: str = "hs_lastmodifieddate"
    created: str = "createdate"
    required: tuple[str, ...] = ()
    required_any: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()
    scope_alternative: str | None = None
    mergeable: bool = False

    @property
    def kind(self) -> str:
        """The word of error texts, e.g. CONTACT."""
        return self.singular.upper()

    @property
    def label(self) -> str:
        """The word of association texts, e.g. `line item`."""
        return self.singular.replace("_", " ")


_DATES = ("hs_createdate", "hs_lastmodifieddate", "hs_object_id")
_PERSON = ("firstname", "lastname", "email", "phone", "hs_additional_emails", "company")
_COMMERCE = "e-commerce"

OBJECT_TYPES: tuple[ObjectType, ...] = (
    ObjectType(
        "contacts",
        "contact",
        "0-1",
        "contacts",
        ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
        modified="lastmodifieddate",
        searched=_PERSON,
        mergeable=True,
    ),
    ObjectType(
        "companies",
        "company",
        "0-2",
        "companies",
        ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
        required_any=("name", "domain"),
        searched=("website", "phone", "name", "domain"),
        mergeable=True,
    ),
    ObjectType(
        "deals",
        "deal",
        "0-3",
        "deals",
        (
            "amount",
            "closedate",
            "createdate",
            "dealname",
            "dealstage",
            "hs_lastmodifieddate",
            "hs_object_id",
            "pipeline",
        ),
        required=("dealname",),
        searched=("dealname", "description"),
        mergeable=True,
    ),
    ObjectType(
        "products",
        "product",
        "0-7",
        "products",
        ("createdate", "description", "hs_lastmodifieddate", "hs_object_id", "name", "price"),
        required=("name",),
        searched=("name", "description", "price", "hs_sku"),
        scope_alternative=_COMMERCE,
    ),
    ObjectType(
        "line_items",
        "line_item",
        "0-8",
        "line_items",
        ("amount", "createdate", "hs_lastmodifieddate", "hs_object_id", "price", "quantity"),
        searched=("name", "description", "hs_sku"),
        scope_alternative=_COMMERCE,
    ),
    ObjectType(
        "quotes",
        "quote",
        "0-14",
        "quotes",
        _DATES,
        created="hs_createdate",
        required=("hs_title", "hs_expiration_date"),
        searched=("hs_title",),
        scope_alternative=_COMMERCE,
    ),
    ObjectType(
        "notes",
        "note",
        "0-46",
        "notes",
        _DATES,
        created="hs_createdate",
        required=("hs_timestamp",),
        searched=("hs_note_body",),
        scope_alternative="crm.objects.contacts",
    ),
    ObjectType(
        "invoices",
        "invoice",
        "0-53",
        "invoices",
        _DATES,
        created="hs_createdate",
        required=("hs_currency",),
        searched=("hs_number", "hs_title"),
    ),
    ObjectType(
        "discounts",
        "discount",
        "0-84",
        "line_items",
        _DATES,
        created="hs_createdate",
        scope_alternative=_COMMERCE,
    ),
    ObjectType(
        "fees",
        "fee",
        "0-85",
        "line_items",
        _DATES,
        created="hs_createdate",
        scope_alternative=_COMMERCE,
    ),
    ObjectType(
        "taxes",
        "tax",
        "0-86",
        "line_items",
        _DATES,
        created="hs_createdate",
        scope_alternative=_COMMERCE,
    ),
    ObjectType(
        "commerce_payments",
        "commerce_payment",
        "0-101",
        "commercepayments",
        _DATES,
        created="hs_createdate",
        required=("hs_initial_amount", "hs_initiated_date"),
        searched=("hs_external_reference_id", "hs_reference_number"),
    ),
)

BY_NAME: dict[str, ObjectType] = {
    key: kind
    for kind in OBJECT_TYPES
    for key in (kind.name, kind.singular, kind.type_id, kind.kind, kind.name.upper())
}


def object_type(name: str) -> ObjectType:
    """The type of a plural name, a singular name or a type id; raises the 400 of HubSpot."""
    found = BY_NAME.get(name)
    if found is None:
        raise error(400, f"Unable to infer object type from: {name}")
    return found
