"""What is asked for beside records: e-mails, prints, links, files, tax codes, exchange rates."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from contract.quickbooks_caller import Body, Caller, read, sale
from ledgerbridge.sandbox.quickbooks import Switches

OCTETS = {"Content-Type": "application/octet-stream"}
ADDRESS = {"BillEmail": {"Address": "ann@example.com"}}


async def test_sending_marks_a_form_as_sent_and_keeps_its_token() -> None:
    caller = Caller()
    invoice_id = caller.invoice(caller.customer(), 10, **ADDRESS)
    caller.pass_time(minutes=1)
    answer = await caller.send("POST", f"/invoice/{invoice_id}/send", b"", OCTETS)
    sent = read(answer)["Invoice"]

    assert (sent["EmailStatus"], sent["SyncToken"]) == ("EmailSent", "0")
    assert sent["DeliveryInfo"]["DeliveryTime"] == sent["MetaData"]["LastUpdatedTime"]
    assert sent["MetaData"]["LastUpdatedTime"] > sent["MetaData"]["CreateTime"]


async def test_sending_may_raise_the_token_and_goes_where_it_is_told() -> None:
    caller = Caller(Switches(send_bumps_token=True))
    invoice_id = caller.invoice(caller.customer(), 10, **ADDRESS)
    target = f"/invoice/{invoice_id}/send?sendTo=bo@example.com"
    sent = read(await caller.send("POST", target, b"", OCTETS))["Invoice"]

    assert (sent["BillEmail"]["Address"], sent["SyncToken"]) == ("bo@example.com", "1")


async def test_sending_needs_an_address() -> None:
    caller = Caller()
    customer_id = caller.customer()
    invoice_id, payment_id = caller.invoice(customer_id, 10), caller.pay(customer_id, 5)

    assert (await caller.error("POST", f"/invoice/{invoice_id}/send"))["code"] == "2020"
    assert (await caller.error("POST", f"/payment/{payment_id}/send"))["element"] == "sendTo"
    error = await caller.error("POST", f"/invoice/{invoice_id}/send?sendTo=nobody")
    assert (error["code"], error["Message"]) == ("4002", "Error processing query")


async def test_a_form_is_printed_as_pdf() -> None:
    caller = Caller()
    invoice_id = caller.invoice(caller.customer(), 10)
    answer = await caller.send("GET", f"/invoice/{invoice_id}/pdf")

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.body.startswith(b"%PDF-1.4")
    assert answer.body.endswith(b"%%EOF")
    assert (await caller.error("GET", "/invoice/99/pdf"))["code"] == "610"


@pytest.mark.parametrize(
    ("fields", "query", "unasked", "is_linked"),
    [
        ({}, "?include=invoiceLink", True, False),
        (ADDRESS, "?include=invoiceLink", True, True),
        (ADDRESS, "", True, False),
        ({**ADDRESS, "AllowOnlineACHPayment": True}, "", True, True),
        ({**ADDRESS, "AllowOnlineACHPayment": True}, "", False, False),
    ],
)
async def test_an_invoice_shows_where_it_can_be_paid(
    fields: Body, query: str, unasked: bool, is_linked: bool
) -> None:
    caller = Caller(Switches(invoice_link_unasked=unasked))
    invoice_id = caller.invoice(caller.customer(), 10, **fields)
    shown = (await caller.get(f"/invoice/{invoice_id}{query}"))["Invoice"]
    listed = (await caller.query("select * from Invoice"))["Invoice"][0]

    assert ("InvoiceLink" in shown, "InvoiceLink" in listed) == (is_linked, False)


def multipart(metadata: Body, content: bytes) -> tuple[bytes, dict[str, str]]:
    """An upload as clients send it, and its headers."""
    parts = (
        ("file_metadata_01", "attachment.json", b"application/json", msgspec.json.encode(metadata)),
        ("file_content_01", "terms.txt", b"text/plain", content),
    )
    body = b"".join(
        b'--edge\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n'
        b"Content-Type: %s\r\n\r\n%s\r\n" % (name.encode(), file.encode(), kind, part)
        for name, file, kind, part in parts
    )
    return body + b"--edge--\r\n", {"Content-Type": "multipart/form-data; boundary=edge"}


async def test_a_file_is_hung_on_an_invoice_and_fetched_again() -> None:
    caller = Caller()
    invoice_id = caller.invoice(caller.customer(), 10)
    reference = {"EntityRef": {"type": "Invoice", "value": invoice_id}}
    sent = multipart({"AttachableRef": [reference]}, b"pay soon")
    answer = read(await caller.send("POST", "/upload", *sent))
    made = answer["AttachableResponse"][0]["Attachable"]

    assert (made["FileName"], made["Size"], made["ContentType"]) == ("terms.txt", 8, "text/plain")
    assert made["AttachableRef"] == [{**reference, "IncludeOnSend": False}]
    target = f"/download/{made['Id']}"
    assert (await caller.send("GET", target)).body.decode() == made["TempDownloadUri"]
    assert made["FileAccessUri"].endswith(target)
    gone = await caller.post("/attachable?operation=delete", {"Id": made["Id"]})
    assert gone["Attachable"]["status"] == "Deleted"


async def test_a_file_for_nothing_known_is_a_fault_within_a_success() -> None:
    caller = Caller()
    reference = {"EntityRef": {"type": "Estimate", "value": "75"}}
    sent = multipart({"AttachableRef": [reference]}, b"x")
    (part,) = read(await caller.send("POST", "/upload", *sent))["AttachableResponse"]

    assert part["Fault"]["Error"][0]["Detail"] == (
        "Business Validation Error: The entity Estimate 75 that you are trying to link does not"
        " exist. Estimate 75"
    )
    assert caller.company.all("Attachable") == []


async def test_a_note_needs_no_file() -> None:
    caller = Caller()
    made = (await caller.post("/attachable", {"Note": "call first"}))["Attachable"]

    assert made["Note"] == "call first"
    assert (await caller.error("POST", "/attachable", {}))["code"] == "2020"
    assert (await caller.error("GET", f"/download/{made['Id']}"))["code"] == "610"


async def test_a_tax_code_is_made_with_its_rates_and_used() -> None:
    caller = Caller()
    details: list[Body] = [
        {"TaxRateName": "County", "RateValue": 1, "TaxAgencyId": "1"},
        {"TaxRateId": "3"},
    ]
    made = await caller.post("/taxservice/taxcode", {"TaxCode": "Elm", "TaxRateDetails": details})
    body = sale(caller.customer(), TxnTaxDetail={"TxnTaxCodeRef": {"value": made["TaxCodeId"]}})
    detail = {"TaxCodeRef": {"value": "TAX"}}
    line = {"DetailType": "SalesItemLineDetail", "Amount": 50, "SalesItemLineDetail": detail}
    invoice = caller.company.create("Invoice", {**body, "Line": [line]})

    assert [rate["RateValue"] for rate in made["TaxRateDetails"]] == [1, 8]
    assert invoice["TxnTaxDetail"]["TotalTax"] == Decimal("4.5")
    again = {"TaxCode": "ELM", "TaxRateDetails": details}
    assert (await caller.error("POST", "/taxservice/taxcode", again))["code"] == "6240"


@pytest.mark.parametrize(
    ("details", "code"),
    [
        ([], "2020"),
        ([{"TaxRateId": "99"}], "2500"),
        ([{"TaxRateName": "x", "RateValue": 1, "TaxAgencyId": "9"}], "2500"),
        ([{"TaxRateName": "x", "RateValue": 101, "TaxAgencyId": "1"}], "6000"),
        ([{"TaxRateName": "california", "RateValue": 1, "TaxAgencyId": "1"}], "6240"),
        ([{"TaxRateId": "3", "TaxApplicableOn": "Other"}], "2170"),
    ],
)
async def test_a_wrong_tax_code_is_refused_and_makes_no_rates(
    details: list[Body], code: str
) -> None:
    caller = Caller()
    body = {"TaxCode": "Elm", "TaxRateDetails": details}

    assert (await caller.error("POST", "/taxservice/taxcode", body))["code"] == code
    assert len(caller.company.all("TaxRate")) == 1


async def test_an_exchange_rate_counts_from_its_day_on() -> None:
    caller = Caller()
    sent = {"SourceCurrencyCode": "EUR", "Rate": 1.25, "AsOfDate": "2026-11-01"}
    refused = await caller.error("POST", "/exchangerate", sent)
    caller.company.set_preferences(CurrencyPrefs={"MultiCurrencyEnabled": True})
    kept = (await caller.post("/exchangerate", sent))["ExchangeRate"]
    await caller.post("/exchangerate", {**sent, "Rate": 1.2})
    target = "/exchangerate?sourcecurrencycode=EUR&asofdate="
    rates = [
        (await caller.get(f"{target}{day}"))["ExchangeRate"]["Rate"]
        for day in ("2026-10-31", "2026-11-01", "2026-12-01")
    ]

    assert (refused["code"], kept["TargetCurrencyCode"]) == ("6000", "USD")
    assert rates == [1, Decimal("1.2"), Decimal("1.2")]
    assert (await caller.error("GET", f"{target}soon"))["code"] == "2060"
