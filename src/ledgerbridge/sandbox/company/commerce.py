"""The products, deals, and HubSpot's own invoices and payments of the story."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from ledgerbridge.sandbox.company import stock, words
from ledgerbridge.sandbox.company.draw import Draw
from ledgerbridge.sandbox.company.invoices import Invoice
from ledgerbridge.sandbox.company.portal import PortalBook
from ledgerbridge.sandbox.company.story import Body, Entry

OPEN_STAGES = [
    "appointmentscheduled",
    "qualifiedtobuy",
    "presentationscheduled",
    "decisionmakerboughtin",
    "contractsent",
]


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


def draw_deals(draw: Draw, count: int, portal: PortalBook, invoices: list[Invoice]) -> list[Entry]:
    """Exactly `count` deals: won before an invoice of the same customer, open, and lost."""
    contacts = {entry.key: entry for entry in portal.contacts}
    billed = [
        invoice
        for invoice in invoices
        if invoice.customer.key in portal.contact_of
        and invoice.fate not in ("voided", "zero_total")
    ]
    entries: list[Entry] = []
    for invoice in draw.rng.sample(billed, min(len(billed), max(1, count * 2 // 5))):
        won = draw.moment(invoice.day - timedelta(days=draw.rng.randint(2, 14)))
        contact = contacts[portal.contact_of[invoice.customer.key]]
        name = f"{draw.pick(words.DEALS)} – {invoice.customer.name}"
        body = {"dealname": name, "dealstage": "closedwon", "amount": str(invoice.total)}
        body["closedate"] = _iso(won)
        entries.append(_deal(len(entries) + 1, body, contact, won - timedelta(days=20)))
        draw.situations.add("won_deals", name)
    while len(entries) < count:
        contact = draw.pick(portal.contacts)
        is_lost = len(entries) % 5 == 4
        at = portal.recently()
        name = f"{draw.pick(words.DEALS)} – {contact.name}"
        body = {
            "dealname": name,
            "dealstage": "closedlost" if is_lost else draw.pick(OPEN_STAGES),
            "amount": str(draw.rng.randint(3, 180) * 100),
            "closedate": _iso(at + timedelta(days=90)),
        }
        entries.append(_deal(len(entries) + 1, body, contact, at))
        if not is_lost:
            draw.situations.add("open_deals", name)
    return entries


def _deal(number: int, body: Body, contact: Entry, at: datetime) -> Entry:
    to = (("contacts", contact.key), *contact.associations)
    body = {"pipeline": "default", **body}
    return Entry(f"deal:{number}", "deals", body["dealname"], body, at, to)


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
            "hs_initiated_date": _iso(at),
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
        "hs_invoice_date": _iso(at),
        "hs_due_date": _iso(datetime.combine(draw.today, time(), UTC) + timedelta(days=60)),
        "hs_invoice_status": "open",
    }
    to = (("contacts", contact), *(("line_items", line.key) for line in lines))
    entry = Entry(f"native invoice:{number}", "invoices", name, invoice, at, to)
    return [*lines, entry]


def _name(portal: PortalBook, contact: str) -> str:
    return next(entry.name for entry in portal.contacts if entry.key == contact)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
