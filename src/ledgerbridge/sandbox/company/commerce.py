"""The products, and HubSpot's own invoices and payments of the story."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from ledgerbridge.sandbox.company import stock
from ledgerbridge.sandbox.company.draw import Draw, iso
from ledgerbridge.sandbox.company.portal import PortalBook
from ledgerbridge.sandbox.company.story import Body, Entry


def draw_products(draw: Draw, items: list[Entry]) -> list[Entry]:
    """Products that match an item by SKU, by name, or not at all."""
    skus = Counter(entry.body.get("Sku") for entry in items)
    with_sku = [entry for entry in items if "Sku" in entry.body and skus[entry.body["Sku"]] == 1]
    without = [entry for entry in items if "Sku" not in entry.body and "UnitPrice" in entry.body]
    bodies: list[tuple[str, Body]] = []
    for item in draw.rng.sample(with_sku, max(1, len(with_sku) // 2)):
        body = _product(item) | {"hs_sku": item.body["Sku"]}
        if draw.chance(0.3):
            body["name"] = item.name.replace(" (", ", ").replace(")", "")
        if draw.chance(0.3) and "UnitPrice" in item.body:
            body["price"] = str(item.body["UnitPrice"] + 1)
        bodies.append(("products_matching_by_sku", body))
    named = draw.rng.sample(without, max(1, len(without) // 2))
    bodies += [("products_matching_by_name", _product(item)) for item in named]
    for number in range(max(2, len(items) // 10)):
        body = {
            "name": f"Gift voucher {25 * (number + 1)}",
            "price": str(25 * (number + 1)),
            "hs_sku": draw.unique(f"GV-{number + 1}"),
        }
        bodies.append(("products_of_hubspot_only", body))
    entries = []
    for number, (situation, body) in enumerate(bodies, 1):
        at = draw.moment(draw.today - timedelta(days=700 - number % 600))
        entries.append(Entry(f"product:{number}", "products", body["name"], body, at))
        draw.situations.add(situation, body["name"])
    return entries


def draw_native_sales(draw: Draw, portal: PortalBook) -> list[Entry]:
    """Billable invoices with their line items, and payments, that people made in HubSpot."""
    entries: list[Entry] = []
    for number, contact in enumerate(portal.qualifying["invoice"], 1):
        entries += _native_invoice(draw, number, contact)
        draw.situations.add("contacts_with_invoice_of_hubspot", _name(portal, contact))
    for number, contact in enumerate(portal.qualifying["payment"], 1):
        at = portal.recently()
        body = {
            "hs_initial_amount": str(draw.rng.randint(20, 900)),
            "hs_initiated_date": iso(at),
            "hs_currency_code": "USD",
            "hs_latest_status": "succeeded",
            "hs_payment_method_type": draw.pick(["card", "ach", "check"]),
            "hs_processor_type": "none",
            "hs_reference_number": f"HSP-{1000 + number}",
        }
        name = body["hs_reference_number"]
        to = (("contacts", contact),)
        entries.append(Entry(f"native payment:{number}", "commerce_payments", name, body, at, to))
        draw.situations.add("contacts_with_payment", _name(portal, contact))
    return entries


def _product(item: Entry) -> Body:
    body = {"name": item.name}
    if "UnitPrice" in item.body:
        body["price"] = str(item.body["UnitPrice"])
    if "Description" in item.body:
        body["description"] = item.body["Description"]
    return body


def _native_invoice(draw: Draw, number: int, contact: str) -> list[Entry]:
    """An open invoice made this month (HubSpot refuses due dates in the past) and its lines."""
    at = draw.moment(draw.today - timedelta(days=draw.rng.randint(2, 20)))
    lines = []
    for position in range(1, draw.pick([1, 2, 3]) + 1):
        price = str(Decimal(draw.rng.randint(2000, 90000)) / 100)
        body = {"name": draw.pick(stock.HOURLY), "quantity": str(position), "price": price}
        key = f"native line:{number}.{position}"
        lines.append(Entry(key, "line_items", body["name"], body, at))
    name = f"HS-{1000 + number}"
    invoice = {
        "hs_currency": "USD",
        "hs_invoice_billable": "true",
        "hs_number": name,
        "hs_title": "Made in HubSpot",
        "hs_invoice_date": iso(at),
        "hs_due_date": iso(datetime.combine(draw.today, time(), UTC) + timedelta(days=60)),
        "hs_invoice_status": "open",
    }
    to = (("contacts", contact), *(("line_items", line.key) for line in lines))
    entry = Entry(f"native invoice:{number}", "invoices", name, invoice, at, to)
    return [*lines, entry]


def _name(portal: PortalBook, contact: str) -> str:
    return next(entry.name for entry in portal.contacts if entry.key == contact)
