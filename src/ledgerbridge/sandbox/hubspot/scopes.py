"""Scopes: which of them lets a token do what; of the alternatives of an operation one is enough."""

from __future__ import annotations

from ledgerbridge.sandbox.hubspot.object_types import OBJECT_TYPES, ObjectType

OWNERS = "crm.objects.owners.read"
CURRENCIES = "settings.currencies.read"
TAX_RATES = "tax_rates.read"
ANY_OBJECT = "crm.objects"
APP_EVENTS = "app events"
APP_EVENT_SCOPES = tuple(
    f"crm.{family}.{name}.write"
    for family in ("objects", "schemas")
    for name in ("companies", "contacts", "deals")
)
VERBS = ("read", "write")
SCHEMAS = frozenset({"contacts", "companies", "deals", "invoices", "commercepayments", "quotes"})


def object_scopes(kind: ObjectType, verb: str) -> tuple[str, ...]:
    """What allows to read or write records of a type; `verb` is read or write."""
    own = f"crm.objects.{kind.scope}.{verb}"
    other = kind.scope_alternative
    if other is None:
        return (own,)
    return (own, f"{other}.{verb}" if other.startswith("crm.") else other)


def any_object_scopes() -> tuple[str, ...]:
    """What allows to see how much of its limits an account has used: any scope of records."""
    scopes = {
        scope for kind in OBJECT_TYPES for verb in VERBS for scope in object_scopes(kind, verb)
    }
    return tuple(sorted(scope for scope in scopes if scope.startswith(ANY_OBJECT)))


def schema_scopes(kind: ObjectType, verb: str) -> tuple[str, ...]:
    """What allows to read or write property definitions of a type."""
    if kind.scope not in SCHEMAS:
        schema = ("e-commerce",) if kind.scope_alternative == "e-commerce" else ()
        objects = f"crm.objects.{kind.scope}.{verb}"
        return (*schema, objects) if verb == "read" or not schema else schema
    schema = (f"crm.schemas.{kind.scope}.{verb}",)
    return (*schema, f"crm.objects.{kind.scope}.read") if verb == "read" else schema


ALL_SCOPES: frozenset[str] = frozenset(
    {"oauth", OWNERS, CURRENCIES, "settings.currencies.write", TAX_RATES, "e-commerce"}
) | {
    scope
    for kind in OBJECT_TYPES
    for verb in VERBS
    for scope in (*object_scopes(kind, verb), *schema_scopes(kind, verb))
}
