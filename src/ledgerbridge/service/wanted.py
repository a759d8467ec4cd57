"""What to ask of HubSpot: the types, properties and associations that decisions need."""

from __future__ import annotations

from collections.abc import Iterable

from ledgerbridge.connectors.port import Wanted
from ledgerbridge.core.filters import AssociationCondition, associations_used, fields_used
from ledgerbridge.core.model import Side
from ledgerbridge.core.planning import KEY_FIELD, STATE_FIELD, Rules
from ledgerbridge.syncs import companies, deal_figures

MERGED_IDS = "hs_merged_object_ids"
ALWAYS_READ = {
    "contacts": ("email", "hs_additional_emails", MERGED_IDS, KEY_FIELD, STATE_FIELD),
    "companies": ("name", "domain", "website", MERGED_IDS, KEY_FIELD, STATE_FIELD),
    "products": ("hs_sku", "name", KEY_FIELD, STATE_FIELD),
    "invoices": (
        KEY_FIELD,
        "hs_number",
        "hs_currency",
        "hs_amount_billed",
        "hs_invoice_date",
        "hs_invoice_billable",
        "hs_invoice_source",
        STATE_FIELD,
    ),
    "deals": deal_figures.READ,
    "commerce_payments": ("hs_createdate", "hs_external_reference_id", "hs_latest_status"),
}


ALWAYS_ASSOCIATED = {
    "deals": ("contacts", "companies", "invoices"),
    "invoices": ("contacts",),
}


def wanted_hubspot(active: Iterable[Rules]) -> dict[str, Wanted]:
    """The HubSpot types to observe, with the fields and associations that decisions need."""
    fields: dict[str, set[str]] = {}
    associations: dict[str, set[str]] = {}
    active = list(active)
    on = {rules.name for rules in active}
    for rules in active:
        own = fields.setdefault(rules.hubspot_type, set())
        own.update(ALWAYS_READ.get(rules.hubspot_type, ()))
        associations.setdefault(rules.hubspot_type, set()).update(
            name
            for name in ALWAYS_ASSOCIATED.get(rules.hubspot_type, ())
            if name != companies.NAME or name in on
        )
        own.update(name for mapping in rules.mappings for name in mapping.hubspot)
        if rules.definition.travels(Side.QUICKBOOKS):
            own |= fields_used(rules.definition.to_quickbooks)
            for association in sorted(associations_used(rules.definition.to_quickbooks)):
                fields.setdefault(association, set()).update(_associated_fields(rules, association))
                associations.setdefault(association, set()).add(rules.hubspot_type)
    return {
        name: Wanted(name, tuple(sorted(names)), tuple(sorted(associations.get(name, ()))))
        for name, names in fields.items()
    }


def _associated_fields(rules: Rules, association: str) -> set[str]:
    fields = set(ALWAYS_READ.get(association, ()))
    for group in rules.definition.to_quickbooks.groups:
        for condition in group:
            if isinstance(condition, AssociationCondition) and condition.association == association:
                fields |= {inner.field for inner in condition.where}
    return fields
