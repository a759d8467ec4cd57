"""Reading a company: scans, looks, finds, and who answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledgerbridge.connectors.port import Wanted
from ledgerbridge.connectors.quickbooks import Settings
from ledgerbridge.core.model import State
from ledgerbridge.core.schema import FieldType, Writable
from ledgerbridge.errors import Unauthorized
from support.books import Books
from support.clock import START

CUSTOMER = Wanted("Customer")


async def test_a_customer_becomes_a_record_with_dotted_raw_values() -> None:
    books = Books()
    parent = books.customer("Alder Works")
    books.customer(
        "Jo O'Neil",
        PrimaryEmailAddr={"Address": "jo@alder.example"},
        BillAddr={"Line1": "1 Elm St", "City": "Fairview"},
        SalesTermRef={"value": "3"},
        ParentRef={"value": parent},
        Job=True,
    )

    first, second = await books.scanned("Customer")

    assert first.id == parent
    assert second.fields["@key"] == f"{books.emulator.realm_id}:customer:{second.id}"
    assert second.fields["DisplayName"] == "Jo O'Neil"
    assert second.fields["PrimaryEmailAddr.Address"] == "jo@alder.example"
    assert second.fields["BillAddr.Line1"] == "1 Elm St"
    assert second.fields["SalesTermRef"] == "3"
    assert second.fields["CurrencyRef.name"] == "United States Dollar"
    assert second.fields["Active"] == "true"
    assert second.fields["Balance"] == "0"
    assert second.fields["CurrencyRef"] == "USD"
    assert second.references["ParentRef"] == (parent,)
    assert second.version == "0"
    assert second.created_at == second.fields["MetaData.CreateTime"] == "2026-05-04T08:00:00Z"
    assert "Notes" not in second.fields
    assert "BillAddr.Id" not in second.fields


async def test_an_invoice_has_its_lines_and_its_customer() -> None:
    books = Books()
    customer = books.customer("Alder Works")
    invoice_id = books.invoice(customer, 250)

    (invoice,) = await books.scanned("Invoice")

    assert invoice.id == invoice_id
    assert invoice.references["CustomerRef"] == (customer,)
    assert invoice.fields["CustomerRef.name"] == "Alder Works"
    assert invoice.fields["TotalAmt"] == "250"
    line, subtotal = invoice.lines
    assert line.id == "1"
    assert line.fields["SalesItemLineDetail.ItemRef.name"] == "Hours"
    assert line.fields["Amount"] == "250"
    assert subtotal.id == "SubTotalLineDetail-2"


async def test_a_payment_names_the_invoice_it_settles_and_the_invoice_its_payment() -> None:
    books = Books()
    customer = books.customer("Alder Works")
    invoice_id = books.invoice(customer)
    linked = {"Amount": 100, "LinkedTxn": [{"TxnId": invoice_id, "TxnType": "Invoice"}]}
    body = {"CustomerRef": {"value": customer}, "TotalAmt": 100, "Line": [linked]}
    payment_id = books.company.create("Payment", body)["Id"]

    (payment,) = await books.scanned("Payment")
    (invoice,) = await books.scanned("Invoice")

    assert payment.lines[0].fields["LinkedTxn.TxnId"] == invoice_id
    assert payment.lines[0].fields["LinkedTxn.TxnType"] == "Invoice"
    assert invoice.references["LinkedTxn"] == (payment_id,)
    assert invoice.references["LinkedTxn.Payment"] == (payment_id,)


async def test_a_voided_invoice_is_voided_and_an_unpaid_one_is_live() -> None:
    books = Books()
    customer = books.customer("Alder Works")
    voided, live = books.invoice(customer), books.invoice(customer)
    books.company.void("Invoice", voided)

    states = {record.id: record.state for record in await books.scanned("Invoice")}

    assert states == {voided: State.VOIDED, live: State.LIVE}


async def test_a_scan_shows_inactive_customers_too() -> None:
    books = Books()
    gone = books.customer("Gone Away")
    books.company.update("Customer", {"Id": gone, "sparse": True, "Active": False})

    (record,) = await books.scanned("Customer")

    assert record.state is State.INACTIVE


@pytest.mark.parametrize("seconds", [0, 1])
@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 9, 10, 23])
async def test_a_scan_finds_everybody_whether_made_in_one_second_or_in_many(
    count: int, seconds: int
) -> None:
    books = Books(Settings(page_rows=5))
    made = []
    for number in range(count):
        made.append(books.customer(f"Customer {number}"))
        books.pass_time(seconds)

    scanned = [record.id for record in await books.scanned("Customer")]

    assert sorted(scanned, key=int) == made, "each once: overlaps are left out"


async def test_a_crowded_second_between_quiet_ones_is_read_to_its_end() -> None:
    books = Books(Settings(page_rows=5))
    for number in range(30):
        books.customer(f"Customer {number}")
        books.pass_time(1 if number < 7 or number > 22 else 0)

    scanned = {record.id for record in await books.scanned("Customer")}

    assert len(scanned) == 30


async def test_invoices_deleted_during_a_scan_hide_no_other_one() -> None:
    books = Books(Settings(page_rows=5))
    customer = books.customer("Alder Works")
    made = [books.invoice(customer) for _ in range(23)]

    seen: set[str] = set()
    async for page in books.connector.scan(Wanted("Invoice")):
        seen |= {record.id for record in page.records}
        victim = made.pop(0)
        books.company.delete("Invoice", victim)

    assert set(made) <= seen


async def test_a_scan_of_full_pages_costs_no_call_more_than_needed() -> None:
    books = Books(Settings(page_rows=100))
    for number in range(250):
        books.customer(f"Customer {number}")
        books.pass_time(1)

    await books.scanned("Customer")

    assert books.connector.counter.by_kind == {"query Customer": 3}
    assert books.connector.counter.metered == 3


async def test_a_look_finds_active_and_inactive_records_in_one_call() -> None:
    books = Books()
    ids = [books.customer(f"Customer {number}") for number in range(3)]
    books.company.update("Customer", {"Id": ids[1], "sparse": True, "Active": False})

    looked = await books.connector.look(CUSTOMER, ids)

    assert set(looked.found) == set(ids)
    assert looked.gone == {}
    assert books.connector.counter.total == 1


async def test_gone_is_only_what_a_read_by_id_is_refused_for() -> None:
    books = Books()
    customer = books.customer("Alder Works")
    kept, deleted = books.invoice(customer), books.invoice(customer)
    books.company.delete("Invoice", deleted)

    looked = await books.connector.look(Wanted("Invoice"), [kept, deleted])

    assert set(looked.found) == {kept}
    assert "read by id" in looked.gone[deleted].evidence
    assert "Object Not Found" in looked.gone[deleted].evidence


async def test_nobody_is_gone_because_the_connection_was_revoked() -> None:
    books = Books()
    customer = books.customer("Alder Works")
    books.emulator.revoke()

    with pytest.raises(Unauthorized, match="ledgerbridge connect quickbooks"):
        await books.connector.look(CUSTOMER, [customer])


async def test_names_are_found_with_quotes_in_any_case_inactive_and_among_vendors() -> None:
    books = Books()
    jo = books.customer("Jo O'Neil \\ Sons")
    gone = books.customer("Gone Away")
    books.company.update("Customer", {"Id": gone, "sparse": True, "Active": False})
    books.company.create("Vendor", {"DisplayName": "Paper Mill"})

    names = ["jo o'neil \\ sons", "Gone Away", "Paper Mill"]
    customers = await books.connector.find(CUSTOMER, "DisplayName", names)
    vendors = await books.connector.find(Wanted("Vendor"), "DisplayName", names)

    assert {record.id for record in customers} == {jo, gone}
    assert [record.fields["DisplayName"] for record in vendors] == ["Paper Mill"]


async def test_customers_are_found_by_e_mail_and_items_by_sku() -> None:
    books = Books()
    jo = books.customer("Jo", PrimaryEmailAddr={"Address": "jo@alder.example"})
    item = {"Name": "Chair", "Sku": "CH-1", "Type": "Service", "IncomeAccountRef": {"value": "1"}}
    chair = books.company.create("Item", item)["Id"]

    mailed = await books.connector.find(CUSTOMER, "PrimaryEmailAddr.Address", ["jo@alder.example"])
    stocked = await books.connector.find(Wanted("Item"), "Sku", ["CH-1", "CH-2"])

    assert [record.id for record in mailed] == [jo]
    assert [record.id for record in stocked] == [chair]


async def test_to_find_nothing_asks_nobody() -> None:
    books = Books()

    assert await books.connector.find(CUSTOMER, "DisplayName", ["", " "]) == []
    assert books.connector.counter.total == 0


async def test_an_invoice_is_found_by_its_number() -> None:
    books = Books()
    invoice_id = books.invoice(books.customer("Alder Works"))
    number = str((books.company.get("Invoice", invoice_id) or {})["DocNumber"])

    found = await books.connector.find(Wanted("Invoice"), "DocNumber", [number])

    assert [record.id for record in found] == [invoice_id]


async def test_the_description_tells_who_answers_and_what_it_has() -> None:
    books = Books()
    books.company.set_company_info(DefaultTimeZone="Europe/Lisbon")

    described = await books.connector.describe(["Customer", "Invoice"])

    assert described.account_id == books.emulator.realm_id
    assert described.name == "Alder & Finch Supplies"
    assert described.time_zone == "Europe/Lisbon"
    assert described.home_currency == "USD"
    assert described.currencies == ("USD",)
    assert described.lacks == ()
    customer = described.schemas["Customer"].fields
    assert customer["PrimaryEmailAddr.Address"].type is FieldType.EMAIL
    assert customer["Title"].length_max == 16
    assert customer["Balance"].writable is Writable.NEVER
    assert customer["Notes"].private
    assert books.connector.counter.total == 3
    assert "Net 30" in described.terms.values()


@pytest.mark.parametrize("time_zone", ["", "Atlantis/Middle"])
async def test_a_company_without_a_known_time_zone_says_what_that_means(time_zone: str) -> None:
    books = Books()
    books.company.set_company_info(DefaultTimeZone=time_zone)

    described = await books.connector.describe(["Customer"])

    assert described.time_zone == "UTC"
    assert [lack.what for lack in described.lacks] == ["the company's time zone"]


async def test_a_company_with_several_currencies_lists_them() -> None:
    books = Books()
    books.company.set_preferences(CurrencyPrefs={"MultiCurrencyEnabled": True})
    books.company.create("CompanyCurrency", {"Code": "EUR"})

    described = await books.connector.describe([])

    assert described.home_currency == "USD"
    assert set(described.currencies) == {"USD", "EUR"}


async def test_the_custom_fields_of_sales_forms_are_known_by_their_names() -> None:
    books = Books()
    name = {"Type": "StringType", "Name": "SalesFormsPrefs.SalesCustomName1", "StringValue": "PO"}
    books.company.set_preferences(SalesFormsPrefs={"CustomField": [{"CustomField": [name]}]})

    described = await books.connector.describe(["Customer", "Invoice"])

    assert described.schemas["Invoice"].fields["CustomField.PO"].writable is Writable.NEVER
    assert "CustomField.PO" not in described.schemas["Customer"].fields


async def test_another_realm_than_the_tokens_are_for_is_refused_with_a_remedy() -> None:
    books = Books(realm_id="9999")

    with pytest.raises(Unauthorized, match="Connect again"):
        await books.connector.describe(["Customer"])


async def test_a_whole_day_of_scans_refreshes_the_token_in_time() -> None:
    books = Books()
    books.customer("Alder Works")
    for _ in range(24):
        books.pass_time(timedelta(hours=1).total_seconds())
        assert len(await books.scanned("Customer")) == 1

    assert len(books.saved) == 24
    assert books.clock.now() >= START + timedelta(days=1)


async def test_a_token_that_died_early_is_renewed_once_and_the_call_goes_through() -> None:
    books = Books()
    books.customer("Alder Works")
    books.emulator.expire_access_tokens()

    assert len(await books.scanned("Customer")) == 1
    assert len(books.saved) == 1
