"""
Every request that reaches the books, over a whole story: a first sync, edits on both sides,
conflicts, deletions, lost answers, a process that dies, a retry.

Under `read only` not one of them writes. Under `books first` nothing is written but customers that
are made, and fields that the books had left blank.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from ledgerbridge.core.order import SYNC_ORDER
from ledgerbridge.sandbox.http import Request
from ledgerbridge.service import configuring
from ledgerbridge.syncs.catalogue import Preset
from support.pair import Countdown, Pair, to_hubspot, to_quickbooks

ENTITIES = ("Customer", "Item", "Invoice", "Payment", "Vendor", "Employee")
NAMES_OF_A_ROW = {"Id", "SyncToken", "sparse"}


class Died(BaseException):
    """The process ends in the middle of something."""


class Ledger:
    """Every request to QuickBooks before it leaves, and what each write would replace there."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self.asked: list[tuple[str, str]] = []
        self.created: list[tuple[str, dict[str, Any]]] = []
        self.updated: list[tuple[str, dict[str, Any]]] = []
        self.replaced: dict[tuple[str, str], tuple[Any, Any]] = {}

    def note(self, request: Request) -> None:
        """Write one request down."""
        if "/v3/company/" not in request.path:
            return
        resource = request.path.split("/")[4]
        self.asked.append((request.method, resource))
        if resource == "batch":
            for item in json.loads(request.body)["BatchItemRequest"]:
                self._note_item(item)

    def _note_item(self, item: dict[str, Any]) -> None:
        (entity,) = set(item) - {"bId", "operation"}
        body = item[entity]
        if item["operation"] == "create":
            self.created.append((entity, body))
            return
        assert item["operation"] == "update", item
        assert body["sparse"] is True
        self.updated.append((entity, body))
        known = self._pair.company.get(entity, body["Id"])
        assert known is not None
        for name in set(body) - NAMES_OF_A_ROW:
            if known.get(name) not in (None, "", {}) and known[name] != body[name]:
                self.replaced[body["Id"], name] = (known[name], body[name])

    @property
    def writes(self) -> set[tuple[str, str]]:
        """Whatever was no read: a query may be posted, everything else that is read is got."""
        return {one for one in self.asked if one[0] != "GET" and one != ("POST", "query")}


def _books(pair: Pair) -> dict[str, Any]:
    return {entity: pair.company.all(entity) for entity in ENTITIES}


async def _unchanged(pair: Pair, *, crash: bool = False) -> bool:
    """Run; whether the books are as they were before it."""
    before = _books(pair)
    if crash:
        with pytest.raises(BaseExceptionGroup):
            await pair.run()
    else:
        await pair.run()
    return _books(pair) == before


def _people(pair: Pair) -> tuple[str, str, str]:
    """What is there at the start; the ids of a customer, a contact, and an invoice."""
    item = pair.item("Hours")
    ada = pair.customer("Ada Moreno", "ada@example.com", GivenName="Ada", CompanyName="Moreno Ltd")
    pair.customer("Ada's kitchen", ParentRef={"value": ada}, Job=True)
    jane = pair.customer("Jane Doe", "jane@example.com", GivenName="Janet")
    pair.customer("Counter Sales")
    invoice = pair.invoice(ada, item)
    pair.invoice(jane, item)
    line = {"Amount": 5, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}
    payment = {"CustomerRef": {"value": ada}, "TotalAmt": 5, "Line": [line]}
    pair.company.create("Payment", payment)
    contact = pair.contact(
        "jane@example.com", qualifies=True, firstname="Jane", lastname="Doe", phone="555 0101"
    )
    pair.contact("zoe@example.com", qualifies=True, firstname="Zoe", lastname="Young")
    return ada, contact, invoice


async def _story(pair: Pair, preset: Preset) -> tuple[Ledger, list[bool]]:
    """All of it; the ledger, and of each run whether the books stayed as they were."""
    ada, jane, invoice = _people(pair)
    await pair.begin(*SYNC_ORDER)
    await pair.store.write(configuring.apply, configuring.of_preset(preset), pair.clock.now())
    ledger = Ledger(pair)
    pair.transport.on_send = ledger.note

    async def run(*, crash: bool = False) -> None:
        kept.append(await _unchanged(pair, crash=crash))

    kept: list[bool] = []
    await run()
    pair.edit_customer(ada, GivenName="Adelaide")  # a conflict
    ours = pair.contact_of("ada@example.com")["hs_object_id"]
    pair.portal.update("contacts", ours, {"firstname": "Addie", "phone": "555 0303"})
    pair.portal.update("contacts", jane, {"email": "jane.doe@example.com", "city": "Salem"})
    await run()
    pair.quickbooks.faults.next("drop_after", to_quickbooks("/batch"))  # answers are lost
    pair.hubspot.faults.next("drop_after", to_hubspot("contacts/batch/create"))
    pair.contact("ben@example.com", qualifies=True, firstname="Ben", lastname="Hill")
    pair.customer("Cleo Marsh", "cleo@example.com")
    await run()
    pair.contact("eve@example.com", qualifies=True, firstname="Eve", lastname="Lake")
    pair.customer("Dan Reed", "dan@example.com")
    death = Countdown(to_hubspot("contacts/batch/create"), 1, _die)  # and the process dies

    def noted(request: Request) -> None:
        ledger.note(request)
        death(request)

    pair.transport.on_send = noted
    await run(crash=True)
    pair.transport.on_send = ledger.note
    await run()
    pair.portal.archive("contacts", jane)  # records disappear, on either side
    pair.company.delete("Invoice", invoice)
    await run()
    await pair.retry()
    await run()
    await run()
    return ledger, kept


def _die() -> None:
    raise Died


async def test_read_only_asks_the_books_for_nothing_but_reads(pair: Pair) -> None:
    ledger, kept = await _story(pair, Preset.READ_ONLY)

    assert len(ledger.asked) > 10
    assert ledger.writes == set()
    assert (ledger.created, ledger.updated) == ([], [])
    assert all(kept)
    assert pair.written_to_quickbooks() == {}


async def test_books_first_makes_customers_and_fills_blanks_and_does_nothing_else(
    pair: Pair,
) -> None:
    ledger, _ = await _story(pair, Preset.BOOKS_FIRST)

    assert ledger.writes == {("POST", "batch")}
    made = {body["PrimaryEmailAddr"]["Address"] for _, body in ledger.created}
    assert made == {"zoe@example.com", "ben@example.com", "eve@example.com"}
    assert {entity for entity, _ in ledger.created} == {"Customer"}
    assert {entity for entity, _ in ledger.updated} == {"Customer"}
    assert ledger.replaced == {}
    assert {name for _, body in ledger.updated for name in body} - NAMES_OF_A_ROW == {
        "FamilyName",
        "PrimaryPhone",
    }


async def test_the_ledger_notices_what_replaces_a_value_in_the_books(pair: Pair) -> None:
    ledger, kept = await _story(pair, Preset.RECOMMENDED)

    assert not all(kept)
    assert {name for _, name in ledger.replaced} >= {"PrimaryEmailAddr"}
