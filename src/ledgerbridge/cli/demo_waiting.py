"""What the demo left to people: who somebody is, on which deal, how to reach them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from ledgerbridge.cli.demo_deals import undecided
from ledgerbridge.cli.demo_stage import Stage
from ledgerbridge.cli.demo_text import item, paragraph
from ledgerbridge.cli.output import number
from ledgerbridge.core.model import Side
from ledgerbridge.core.plan import Status
from ledgerbridge.core.planning import KEY_FIELD
from ledgerbridge.service import cases, matching
from ledgerbridge.service.matching import MatchClass
from ledgerbridge.service.storing import DEAL_MARK
from ledgerbridge.store import outcomes, syncs
from ledgerbridge.store.transaction import Transaction

PAGE = 500
NO_CONTACT = "invoice_without_contact"
MOVED_ON = "contractsent"
GIVEN_DOMAIN = "reception.example.com"


class Unreached(Struct, frozen=True, kw_only=True):
    """A customer without an e-mail address, and the invoices that HubSpot does not open for it."""

    customer_id: str
    name: str
    invoices: tuple[str, ...]


class Decided(Struct, frozen=True, kw_only=True):
    """What a person said or did, and what to tell of it, or to be surprised at, after a run."""

    said: str
    arrived: Callable[[], str]


async def show_waiting(stage: Stage) -> None:
    """
    A person decides a match and two deals, and finds an e-mail address; one run does the rest.

    What people edited before may have settled one of them: then there is nothing to decide.
    """
    done = [
        await _accept(stage),
        await _decide(stage),
        await _put_on_deal(stage),
        await _give_address(stage),
    ]
    result = await stage.run()
    for one in done:
        if one is not None:
            item(one.said, mark="•")
            item(one.arrived(), mark="  →")
    paragraph(
        f"{number(result.writes, 'record')} written. What a person decided is kept for ever; what "
        "nobody decides goes on waiting."
    )


async def _accept(stage: Stage) -> Decided | None:
    """A contact with another e-mail is the customer."""
    found = await stage.shop.store.read(matching.report, MatchClass.PROPOSED)
    match = next((one for one in found.matches if one.sync == "contacts"), None)
    if match is None:
        return None
    customer, now = match.quickbooks_id, stage.shop.clock.now()
    await stage.shop.store.write(matching.accept, "contacts", customer, now)

    def arrived() -> str:
        key = stage.held(Side.HUBSPOT, "contacts", match.hubspot_id, KEY_FIELD) or ""
        is_paired = key.endswith(f":{customer}")
        stage.expect(is_paired, f"Contact {match.hubspot_id} was accepted, and is not paired.")
        return f"HubSpot contact {match.hubspot_id} is QuickBooks customer {customer}"

    return Decided(
        said=f"QuickBooks customer {customer}: {match.evidence}. Yes: ledgerbridge matches accept "
        f"contacts {customer}",
        arrived=arrived,
    )


async def _decide(stage: Stage) -> Decided | None:
    """An invoice is of the first of the deals that fit alike."""
    case = next(iter(await stage.shop.store.read(undecided)), None)
    if case is None:
        return None
    invoice = case.record.rpartition(":")[2]
    deals = [one["hs_object_id"] for one in stage.portal.all("deals")]
    deal = next(one for one in deals if one in case.message)
    await stage.shop.store.write(cases.decide, invoice, deal, stage.shop.clock.now())

    def arrived() -> str:
        (mirror,) = mirrors_of(stage, [invoice])
        on = stage.portal.associations("invoices", mirror, "deals")
        stage.expect(on == [deal], f"Invoice {invoice} is not on deal {deal}, as was decided.")
        invoiced = stage.held(Side.HUBSPOT, "deals", deal, "ledgerbridge_invoiced")
        return f"HubSpot invoice {mirror} is on deal {deal}, of which {invoiced} is invoiced"

    return Decided(
        said=f"{case.message.capitalize()}. It is the first: ledgerbridge cases decide "
        f"{DEAL_MARK}{invoice} {deal}",
        arrived=arrived,
    )


async def _put_on_deal(stage: Stage) -> Decided | None:
    """
    Somebody puts an invoice on an open deal, which no rule would do, and changes the deal: by
    itself an association is no change that HubSpot tells.
    """
    found = next(_open_deals_with_an_invoice(stage), None)
    if found is None:
        return None
    deal, mirror = found
    name = stage.held(Side.HUBSPOT, "deals", deal, "dealname")
    stage.portal.associate("invoices", mirror, "deals", deal)
    stage.portal.update("deals", deal, {"dealstage": MOVED_ON})

    def arrived() -> str:
        invoiced = stage.held(Side.HUBSPOT, "deals", deal, "ledgerbridge_invoiced")
        stage.expect(invoiced, f"Deal {deal} does not show the invoice that somebody put on it.")
        return f"HubSpot deal {deal} shows it: {invoiced} invoiced"

    return Decided(
        said="No rule puts an invoice on an open deal that names none: somebody puts invoice "
        f"{mirror} on deal “{name}” in HubSpot, and moves it on",
        arrived=arrived,
    )


def _open_deals_with_an_invoice(stage: Stage) -> Iterator[tuple[str, str]]:
    """Open deals without an invoice, and an invoice of their contact that is on no deal."""
    for deal in stage.portal.all("deals"):
        deal_id = deal["hs_object_id"]
        is_open = deal["hs_is_closed"] != "true" and deal["dealstage"] != MOVED_ON
        if not is_open or deal.get(KEY_FIELD):
            continue
        for contact in stage.portal.associations("deals", deal_id, "contacts"):
            for invoice in stage.portal.associations("contacts", contact, "invoices"):
                is_ours = stage.held(Side.HUBSPOT, "invoices", invoice, KEY_FIELD)
                if is_ours and not stage.portal.associations("invoices", invoice, "deals"):
                    yield deal_id, invoice


async def _give_address(stage: Stage) -> Decided | None:
    """A customer without an e-mail address gets one."""
    one = next(iter(await unreached_customers(stage)), None)
    stage.expect(one, "Every customer with an invoice has an e-mail address.")
    if one is None:
        return None
    address = f"accounts.{one.customer_id}@{GIVEN_DOMAIN}"
    change = {"Id": one.customer_id, "PrimaryEmailAddr": {"Address": address}}
    stage.company.update("Customer", change)

    def arrived() -> str:
        made = len(mirrors_of(stage, one.invoices))
        stage.expect(
            made == len(one.invoices), f"Not all invoices of customer {one.customer_id} arrived."
        )
        return f"{number(made, 'HubSpot invoice')} of a new contact"

    invoices = number(len(one.invoices), "invoice")
    return Decided(
        said=f"{one.name}, of whom {invoices} had no contact to go to, has the e-mail {address} in "
        "QuickBooks",
        arrived=arrived,
    )


async def unreached_customers(stage: Stage) -> list[Unreached]:
    """The customers whose invoices HubSpot does not open, for they have no contact."""
    found: dict[str, list[str]] = {}
    for invoice_id in await stage.shop.store.read(_without_contact):
        invoice = stage.company.get("Invoice", invoice_id) or {}
        found.setdefault(invoice["CustomerRef"]["value"], []).append(invoice_id)
    return [
        Unreached(
            customer_id=customer,
            name=(stage.company.get("Customer", customer) or {})["DisplayName"],
            invoices=tuple(invoices),
        )
        for customer, invoices in found.items()
    ]


def _without_contact(tx: Transaction) -> list[str]:
    sync = next(one.id for one in syncs.every(tx) if one.name == "invoices")
    found = outcomes.page(tx, sync, Status.FAILING, NO_CONTACT, limit=PAGE, after=("", ""))
    return [one.record_id for one in found]


def mirrors_of(stage: Stage, invoices: Sequence[str]) -> list[str]:
    """The ids of the HubSpot invoices that mirror these of QuickBooks."""
    return [
        one["hs_object_id"]
        for one in stage.portal.all("invoices")
        if one.get(KEY_FIELD, "").rpartition(":")[2] in invoices
    ]
