"""A creation of which nobody knows, and a process that is frozen while it looks for it."""

from __future__ import annotations

from decimal import Decimal

from ledgerbridge.sandbox.http import Request
from ledgerbridge.service.recovery import MAY_BE_LATE
from support.pair import Pair, to_hubspot

ON_INVOICES = to_hubspot("invoices/discounts/batch/read")
DISCOUNT = to_hubspot("objects/2026-09/discounts/batch/create")
CREATE, LOOK = to_hubspot("products/batch/create"), to_hubspot("products/batch/read")


async def test_a_look_that_began_too_early_proves_nothing_however_late_it_ends(pair: Pair) -> None:
    await pair.begin("products")
    await pair.run()
    pair.item("Hours")
    asked: list[str] = []

    def watch(request: Request) -> None:
        if CREATE(request):
            asked.append("create")
        elif LOOK(request) and asked:
            if "look" not in asked:
                pair.pass_time(MAY_BE_LATE.total_seconds())
            asked.append("look")

    pair.transport.on_send = watch
    pair.hubspot.faults.next("drop_before", CREATE)
    await pair.run()

    assert asked == ["create", "look", "look", "create"]
    assert len(pair.portal.all("products")) == 1


async def test_a_discount_whose_process_slept_while_it_looked_is_looked_for_again(
    pair: Pair,
) -> None:
    await pair.begin()
    item = pair.item("Hours")
    sold = {"SalesItemLineDetail": {"ItemRef": {"value": item}}}
    off = {"DiscountLineDetail": {"PercentBased": False}}
    lines = [
        {"DetailType": "SalesItemLineDetail", "Amount": Decimal(20), **sold},
        {"DetailType": "DiscountLineDetail", "Amount": Decimal(3), **off},
    ]
    pair.invoice(pair.customer("Ada Poe", "ada@example.com"), item, Line=lines)
    asked: list[str] = []

    def watch(request: Request) -> None:
        if ON_INVOICES(request):
            if not asked:
                pair.pass_time(MAY_BE_LATE.total_seconds())
            asked.append("look")
        elif DISCOUNT(request):
            asked.append("create")

    pair.transport.on_send = watch
    await pair.run()

    assert asked == ["look", "look", "create"]
    assert len(pair.portal.all("discounts")) == 1
