"""Properties that HubSpot computes from a record's own values, type by type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal

from ledgerbridge.sandbox.hubspot.domains import FREE_MAIL
from ledgerbridge.sandbox.hubspot.state import PortalState
from ledgerbridge.sandbox.hubspot.values import number

Values = Mapping[str, str]
NOT_DIGIT = re.compile(r"\D")
STAGES = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
)
CENT = Decimal("0.01")
WHOLE_DIGITS_MAX = 20
DEAL_CURRENCY, PAYMENT_CURRENCY = "deal_currency_code", "hs_currency_code"


def plain(amount: Decimal) -> str:
    """A number as HubSpot prints it: no exponent, no trailing zeros."""
    return format(amount.normalize(), "f") if amount else "0"


def cents(amount: Decimal) -> Decimal:
    """An amount rounded half up to cents; one too large to have cents stays as it is."""
    return amount if amount.adjusted() > WHOLE_DIGITS_MAX else amount.quantize(CENT, ROUND_HALF_UP)


def amount_of(values: Values, name: str, default: str = "0") -> Decimal:
    """A property as a number; absent and unreadable count as the default."""
    return number(values.get(name) or default) or Decimal(default)


def defaults(state: PortalState, type_name: str, values: Values, now: str) -> dict[str, str]:
    """What a new record gets for properties that the creation leaves out."""
    if type_name == "contacts":
        return {"lifecyclestage": "lead", "hs_pipeline": "contacts-lifecycle-pipeline"}
    if type_name == "companies":
        domain = values.get("domain")
        website = {} if not domain else {"website": domain}
        return {"lifecyclestage": "lead", "hs_pipeline": "companies-lifecycle-pipeline", **website}
    if type_name == "invoices":
        return {
            "hs_invoice_status": "draft",
            "hs_invoice_billable": "true",
            "hs_invoice_date": now,
            "hs_due_date": now,
            "hs_number": f"INV-{state.invoice_serial + 1}",
        }
    if type_name == "commerce_payments":
        return {
            "hs_latest_status": "processing",
            "hs_currency_code": state.settings.company_currency,
        }
    if type_name == "line_items":
        return _copied_from_product(state, values)
    return {}


COPIED = (
    "name",
    "description",
    "price",
    "hs_sku",
    "hs_cost_of_goods_sold",
    "hs_product_type",
    "hs_recurring_billing_period",
    "recurringbillingfrequency",
    "hs_recurring_billing_start_date",
    "hs_tax_category",
)


def _copied_from_product(state: PortalState, values: Values) -> dict[str, str]:
    product = state.shelves["products"].find(values.get("hs_product_id", ""))
    copied = {} if product is None else {n: v for n in COPIED if (v := product.values.get(n))}
    return {"quantity": "1", **copied}


def derived(state: PortalState, type_name: str, values: Values, record_id: str) -> dict[str, str]:
    """The computed properties of a record with these values."""
    compute = BY_TYPE.get(type_name)
    return {} if compute is None else compute(state, values, record_id)


def _contact(state: PortalState, values: Values, record_id: str) -> dict[str, str]:
    email = values.get("email", "")
    marketing = str(state.settings.marketing_contacts).lower()
    name = " ".join(filter(None, (values.get("firstname"), values.get("lastname"))))
    computed = {
        "hs_full_name_or_email": name or email,
        "hs_email_domain": email.partition("@")[2],
        "hs_all_contact_vids": values.get("hs_all_contact_vids") or record_id,
        "hs_is_contact": "true",
        "hs_is_unworked": "true",
        "hs_marketable_status": values.get("hs_marketable_status", marketing),
    }
    for kind, name in (("phone", "phone"), ("mobilephone", "mobile")):
        digits = NOT_DIGIT.sub("", values.get(kind, ""))
        computed[f"hs_searchable_calculated_{name}_number"] = digits
    return computed


def _deal(state: PortalState, values: Values, record_id: str) -> dict[str, str]:
    stage = next(
        (
            stage
            for pipeline in state.pipelines.values()
            for stage in pipeline.stages
            if stage.id == values.get("dealstage")
        ),
        None,
    )
    won = stage is not None and stage.closed and stage.probability == "1.0"
    lost = stage is not None and stage.closed and not won
    probability = Decimal(stage.probability) if stage is not None else Decimal(0)
    amount = values.get("amount", "")
    computed = {
        "hs_is_closed": str(won or lost).lower(),
        "hs_is_closed_won": str(won).lower(),
        "hs_is_closed_lost": str(lost).lower(),
        "amount_in_home_currency": amount and home_amount(state, values, "amount", DEAL_CURRENCY),
    }
    if amount:
        computed["hs_projected_amount"] = plain(amount_of(values, "amount") * probability)
    return computed


def home_amount(state: PortalState, values: Values, name: str, currency: str) -> str:
    """An amount in the company's own currency, by the rate of the record's currency."""
    return plain(amount_of(values, name) * state.rate_of(values.get(currency, "")))


def _line_item(state: PortalState, values: Values, record_id: str) -> dict[str, str]:
    quantity = amount_of(values, "quantity", "1")
    before = quantity * amount_of(values, "price")
    discount = quantity * amount_of(values, "discount")
    if values.get("hs_discount_percentage"):
        discount = before * amount_of(values, "hs_discount_percentage") / 100
    net = before - discount
    rate = state.tax_rates.get(values.get("hs_tax_rate_group_id", ""))
    percentage = Decimal(rate.percentage) if rate is not None else Decimal(0)
    tax = cents(net * percentage / 100)
    computed = {
        "hs_pre_discount_amount": plain(before),
        "hs_total_discount": plain(discount),
        "amount": plain(net),
        "hs_tax_amount": plain(tax),
        "hs_post_tax_amount": plain(net + tax),
        "hs_margin": plain(net - quantity * amount_of(values, "hs_cost_of_goods_sold")),
    }
    if rate is not None:
        computed |= {"hs_tax_rate": rate.percentage, "hs_tax_label": rate.label}
    return computed


def _note(state: PortalState, values: Values, record_id: str) -> dict[str, str]:
    preview = re.sub(r"<[^>]{0,200}>", "", values.get("hs_note_body", ""))[:200]
    return {
        "hs_body_preview": preview,
        "hs_body_preview_is_truncated": str(len(preview) == 200).lower(),
        "hs_obj_coords": f"0-46-{record_id}",
    }


def _payment(state: PortalState, values: Values, record_id: str) -> dict[str, str]:
    net = (
        amount_of(values, "hs_initial_amount")
        - amount_of(values, "hs_fees_amount")
        - amount_of(values, "hs_refunds_amount")
    )
    rate = state.rate_of(values.get(PAYMENT_CURRENCY, ""))
    return {
        "hs_payment_id": f"pay_{record_id}",
        "hs_net_amount": plain(net),
        "hs_initial_amount_in_portal_currency": home_amount(
            state, values, "hs_initial_amount", PAYMENT_CURRENCY
        ),
        "hs_net_amount_in_portal_currency": plain(net * rate),
    }


BY_TYPE: Mapping[str, Callable[[PortalState, Values, str], dict[str, str]]] = {
    "contacts": _contact,
    "deals": _deal,
    "line_items": _line_item,
    "notes": _note,
    "commerce_payments": _payment,
}


def lifecycle(old: str, new: str) -> bool:
    """Whether a lifecycle stage may be written over another: forward, or after it was cleared."""
    if not old or not new or old not in STAGES or new not in STAGES:
        return True
    return STAGES.index(new) >= STAGES.index(old)


def company_domain(email: str) -> str | None:
    """The domain that makes a company of an e-mail, or None for free mail."""
    domain = email.partition("@")[2]
    return None if not domain or domain in FREE_MAIL else domain
