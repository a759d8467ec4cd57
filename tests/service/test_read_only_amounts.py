"""Portals that compute an invoice's amounts themselves: ours stand in our own properties."""

from __future__ import annotations

from support.pair import Pair


async def test_an_invoice_is_mirrored_with_its_figures_in_properties_of_ours(pair: Pair) -> None:
    pair.hubspot.set_switches(read_only_invoice_amounts=True)
    customer = pair.customer("Ada Poe", "ada@example.com")
    pair.invoice(customer, pair.item("Hours"))
    await pair.begin()

    result = await pair.run()

    (mirror,) = pair.mirrors()
    assert result.failing == 0
    assert (mirror["ledgerbridge_total"], mirror["ledgerbridge_balance"]) == ("20", "20")
    assert mirror["hs_invoice_status"] == "open"
    assert (await pair.run()).writes == 0


async def test_a_mirror_follows_a_payment_without_writing_what_is_read_only(pair: Pair) -> None:
    pair.hubspot.set_switches(read_only_invoice_amounts=True)
    customer = pair.customer("Ada Poe", "ada@example.com")
    invoice = pair.invoice(customer, pair.item("Hours"))
    await pair.begin()
    await pair.run()
    line = {"Amount": 20, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}
    body = {"CustomerRef": {"value": customer}, "TotalAmt": 20, "Line": [line]}
    pair.company.create("Payment", body)

    result = await pair.run()

    (mirror,) = pair.mirrors()
    assert result.failing == 0
    assert (mirror["ledgerbridge_balance"], mirror["hs_invoice_status"]) == ("0", "paid")
