"""The deals of the story: found by what they name, by time and amount, by nothing, or by two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ledgerbridge.sandbox.company import words
from ledgerbridge.sandbox.company.draw import Draw, iso
from ledgerbridge.sandbox.company.invoices import DEAL_FIELD, PO_FIELD, Invoice
from ledgerbridge.sandbox.company.portal import PortalBook
from ledgerbridge.sandbox.company.story import Body, Entry, ref

OPEN_STAGES = [
    "appointmentscheduled",
    "qualifiedtobuy",
    "presentationscheduled",
    "decisionmakerboughtin",
    "contractsent",
]
SOLD_STAGE, WON, LOST = OPEN_STAGES[-1], "closedwon", "closedlost"
# Properties of deals that people fill in, for the invoices to find them by.
PO_PROPERTY, ESTIMATE_PROPERTY = "ledgerbridge_po_number", "ledgerbridge_estimate"
WON_SHARE = 0.35
KNOWN_DAYS_MIN = 40
"""How long somebody is a customer, at the least, before the invoice of such a deal."""


@dataclass
class DealBook:
    """The deals drawn so far, and the estimates that some of them began with."""

    draw: Draw
    portal: PortalBook
    deals: list[Entry] = field(default_factory=list)
    estimates: list[Entry] = field(default_factory=list)

    def add(self, contact: Entry, name: str, at: datetime, *situations: str, **more: str) -> Entry:
        """Enters a deal of a contact and of its company."""
        to = (("contacts", contact.key), *contact.associations)
        body: Body = {"pipeline": "default", "dealname": name, **more}
        entry = Entry(f"deal:{len(self.deals) + 1}", "deals", name, body, at, to)
        self.deals.append(entry)
        for situation in situations:
            self.draw.situations.add(situation, name)
        return entry

    def sell(self, invoice: Invoice, stage: str, *situations: str, **more: str) -> Entry:
        """Enters a deal of an invoice's customer, closed a few days before the invoice."""
        closed = self.draw.moment(invoice.day - timedelta(days=self.draw.rng.randint(2, 14)))
        contacts = {entry.key: entry for entry in self.portal.contacts}
        contact = contacts[self.portal.contact_of[invoice.customer.key]]
        name = self.draw.unique(f"{self.draw.pick(words.DEALS)} – {invoice.customer.name}")
        if "CurrencyRef" in invoice.body:
            more["deal_currency_code"] = invoice.body["CurrencyRef"]["value"]
        said = {"dealstage": stage, "amount": str(invoice.total), "closedate": iso(closed)}
        at = closed - timedelta(days=20)
        return self.add(contact, name, at, *situations, **said, **more)


def draw_deals(draw: Draw, count: int, portal: PortalBook, invoices: list[Invoice]) -> DealBook:
    """
    Exactly `count` deals, and their estimates: those that invoices find by what is written on
    them, won ones before an invoice of the same customer, open, and lost ones.
    """
    book = DealBook(draw, portal)
    billed = [each for each in invoices if _is_billed(each, portal)]
    draw.rng.shuffle(billed)
    apart = _of_several_customers(billed)
    for _ in range(max(1, count // 40)):
        for recipe in RECIPES:
            recipe(book, next(apart))
        _won_by_a_lead(book)
    left = [each for each in billed if not _is_on_a_deal(each, book)]
    for invoice in left[: max(1, round(count * WON_SHARE))]:
        book.sell(invoice, WON, "won_deals")
    while len(book.deals) < count:
        _open_or_lost(book)
    return book


def _is_billed(invoice: Invoice, portal: PortalBook) -> bool:
    has_contact = invoice.customer.key in portal.contact_of
    return has_contact and invoice.fate not in ("voided", "zero_total")


def _of_several_customers(invoices: list[Invoice]) -> Iterator[Invoice]:
    """One invoice of each customer, those first who were customers for long, and in USD."""
    seen: set[str] = set()
    known = timedelta(days=KNOWN_DAYS_MIN)
    for invoice in sorted(invoices, key=lambda each: each.at - each.customer.at < known):
        if invoice.customer.key not in seen and "CurrencyRef" not in invoice.body:
            seen.add(invoice.customer.key)
            yield invoice


def _is_on_a_deal(invoice: Invoice, book: DealBook) -> bool:
    """Whether its customer has one of those deals: another would make it a matter of chance."""
    contact = book.portal.contact_of[invoice.customer.key]
    return any(("contacts", contact) in deal.associations for deal in book.deals)


def _by_po_number(book: DealBook, invoice: Invoice) -> None:
    invoice.write(PO_FIELD, f"PO-{book.draw.rng.randint(10000, 99999)}")
    number = {PO_PROPERTY: invoice.written(PO_FIELD)}
    book.sell(invoice, SOLD_STAGE, "deals_with_a_po_number", **number)


def _by_estimate(book: DealBook, invoice: Invoice) -> None:
    key = f"estimate:{len(book.estimates) + 1}"
    deal = book.sell(invoice, SOLD_STAGE, "deals_with_an_estimate", **{ESTIMATE_PROPERTY: ref(key)})
    at = max(invoice.customer.at, deal.at - timedelta(days=1)) + timedelta(minutes=1)
    copied = ("CustomerRef", "Line", "TxnTaxDetail")
    body = {name: invoice.body[name] for name in copied if name in invoice.body}
    body["TxnDate"] = at.date().isoformat()
    book.estimates.append(Entry(key, "Estimate", f"estimate of {deal.name}", body, at))
    invoice.body["LinkedTxn"] = [{"TxnId": ref(key), "TxnType": "Estimate"}]


def _by_its_id(book: DealBook, invoice: Invoice) -> None:
    deal = book.sell(invoice, SOLD_STAGE, "deals_named_by_an_invoice")
    invoice.write(DEAL_FIELD, ref(deal.key))


def _alike(book: DealBook, invoice: Invoice) -> None:
    for _ in range(2):
        book.sell(invoice, WON, "deals_that_fit_alike")


def _left_to_people(book: DealBook, invoice: Invoice) -> None:
    book.sell(invoice, OPEN_STAGES[2], "open_deals", "open_deals_of_a_customer")


Recipe = Callable[[DealBook, Invoice], None]

RECIPES: list[Recipe] = [_by_po_number, _by_estimate, _by_its_id, _alike, _left_to_people]


def _won_by_a_lead(book: DealBook) -> None:
    """A deal that nobody has billed yet."""
    draw, portal = book.draw, book.portal
    contact = draw.pick([entry for entry in portal.contacts if entry.key in portal.leads])
    at = draw.moment(draw.today - timedelta(days=draw.rng.randint(3, 8)))
    name = draw.unique(f"{draw.pick(words.DEALS)} – {contact.name}")
    said = {"dealstage": WON, "amount": str(draw.rng.randint(3, 180) * 100), "closedate": iso(at)}
    book.add(contact, name, at, "won_deals_never_billed", **said)


def _open_or_lost(book: DealBook) -> None:
    draw = book.draw
    contact = draw.pick(book.portal.contacts)
    is_lost = len(book.deals) % 5 == 4
    at = book.portal.recently()
    name = draw.unique(f"{draw.pick(words.DEALS)} – {contact.name}")
    said = {
        "dealstage": LOST if is_lost else draw.pick(OPEN_STAGES),
        "amount": str(draw.rng.randint(3, 180) * 100),
        "closedate": iso(at + timedelta(days=90)),
    }
    book.add(contact, name, at, *(() if is_lost else ("open_deals",)), **said)
