"""`python-quickbooks`: queries, batches, changes, reports, files, and refusals of them all."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from quickbooks import exceptions
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.client import QuickBooks as Books
from quickbooks.helpers import qb_datetime_utc_offset_format
from quickbooks.objects import (
    Attachable,
    AttachableRef,
    Customer,
    Invoice,
    Payment,
)

from clients.books_world import customer, form
from clients.served import MOMENT
from ledgerbridge.sandbox.quickbooks import QuickBooks
from ledgerbridge.sandbox.quickbooks.switches import ThrottleForm

# It sends SyncToken as a number and empty texts for dates, which the schema does not know.
pytestmark = pytest.mark.wrong_on_purpose


def test_queries_filter_sort_page_choose_and_count(books: Books) -> None:
    made = [customer(books, name) for name in ("O'Brien", "Alder", "Wren")]

    assert [one.DisplayName for one in Customer.filter(DisplayName="O'Brien", qb=books)] == [
        "O'Brien"
    ]
    listed = Customer.all(order_by="DisplayName", start_position=2, max_results=2, qb=books)
    assert [one.DisplayName for one in listed] == ["O'Brien", "Wren"]
    like = Customer.where("DisplayName LIKE 'A%'", order_by="DisplayName DESC", qb=books)
    assert [one.Id for one in like] == [made[1].Id]
    assert len(Customer.choose([made[0].Id, made[2].Id], qb=books)) == 2
    assert Customer.count("Active = true", qb=books) == 3
    assert books.query("SELECT * FROM Customer MAXRESULTS 1")["QueryResponse"]["maxResults"] == 1


def test_batches_create_update_and_delete(books: Books) -> None:
    names = [f"C{number}" for number in range(35)]
    rows = []
    for name in names:
        row = Customer()
        row.DisplayName = name
        rows.append(row)

    made = batch_create(rows, qb=books)
    for one in made.successes:
        one.Notes = "Seen"
    changed = batch_update(made.successes, qb=books)
    invoices = [form(books, Invoice, one) for one in changed.successes[:2]]
    gone = batch_delete(invoices, qb=books)

    assert [one.DisplayName for one in made.successes] == names
    assert {one.Notes for one in changed.successes} == {"Seen"}
    assert len(gone.successes) == 2
    assert Invoice.all(qb=books) == []


def test_an_item_of_a_batch_fails_alone_with_its_code(books: Books) -> None:
    customer(books, "Finch")
    rows = []
    for name in ("Finch", "Wren"):
        row = Customer()
        row.DisplayName = name
        rows.append(row)

    answer = batch_create(rows, qb=books)

    assert [one.DisplayName for one in answer.successes] == ["Wren"]
    (fault,) = answer.faults
    assert fault.original_object.DisplayName == "Finch"
    assert [(one.code, one.Message) for one in fault.Error] == [
        ("6240", "Duplicate Name Exists Error")
    ]


def test_changes_are_captured_with_tombstones(books: Books) -> None:
    who = customer(books)
    kept, gone = form(books, Invoice, who), form(books, Invoice, who)
    gone.delete(qb=books)
    since = qb_datetime_utc_offset_format(MOMENT - timedelta(days=1), "+00:00")

    answer = change_data_capture([Customer, Invoice, Payment], since, qb=books)

    assert [one.Id for one in answer.Customer] == [who.Id]
    assert {one.Id: getattr(one, "status", None) for one in answer.Invoice} == {
        kept.Id: None,
        gone.Id: "Deleted",
    }
    assert not hasattr(answer, "Payment")


@pytest.mark.parametrize(
    "name",
    ["AgedReceivables", "AgedReceivableDetail", "CustomerBalance", "CustomerBalanceDetail"],
)
def test_a_report_names_who_owes(books: Books, name: str) -> None:
    form(books, Invoice, customer(books, "Finch"))

    report = books.get_report(name, {"report_date": "2026-12-31"})

    assert report["Header"]["ReportName"] == name
    text = json.dumps(report["Rows"])
    assert "Finch" in text
    assert "80.00" in text


def test_a_note_hangs_on_an_invoice(books: Books) -> None:
    invoice = form(books, Invoice)
    note = Attachable()
    note.Note = "Call first"
    reference = AttachableRef()
    reference.EntityRef = invoice.to_ref()
    note.AttachableRef.append(reference)

    made = note.save(qb=books)

    read = Attachable.get(made.Id, qb=books)
    assert read.Note == "Call first"
    assert read.AttachableRef[0].EntityRef.value == invoice.Id
    assert made.delete(qb=books)["Attachable"]["status"] == "Deleted"


@pytest.mark.parametrize("by", ["path", "bytes"])
def test_a_file_is_uploaded_whole(
    books: Books, quickbooks: QuickBooks, tmp_path: Path, by: str
) -> None:
    content = b"%PDF-1.4 \x00\xff\r\n\r\n--binary"
    made = Attachable()
    made.FileName, made.ContentType = "offer.pdf", "application/pdf"
    if by == "path":
        (tmp_path / "offer.pdf").write_bytes(content)
        made._FilePath = str(tmp_path / "offer.pdf")
    else:
        made._FileBytes = content

    saved = made.save(qb=books)

    assert (saved.FileName, saved.ContentType, saved.Size) == (
        "offer.pdf",
        "application/pdf",
        len(content),
    )
    assert quickbooks.company().books.files[saved.Id] == content


def test_a_request_id_makes_a_retry_the_same_record(books: Books) -> None:
    first, second = Customer(), Customer()
    first.DisplayName = second.DisplayName = "Finch"

    made = first.save(qb=books, request_id="r-1")
    again = second.save(qb=books, request_id="r-1")

    assert made.Id == again.Id
    assert Customer.count(qb=books) == 1


def test_amounts_can_be_exact(books: Books) -> None:
    books.use_decimal = True
    invoice = form(books, Invoice, quantity=1)

    assert str(Invoice.get(invoice.Id, qb=books).TotalAmt) in {"40", "40.00", "40.0"}


def _stale(books: Books) -> None:
    made = customer(books)
    made.save(qb=books)
    made.SyncToken = "7"
    made.save(qb=books)


def _nameless(books: Books) -> None:
    Customer().save(qb=books)


def _twice(books: Books) -> None:
    customer(books)
    customer(books)


def _unknown_reference(books: Books) -> None:
    made = Payment()
    made.TotalAmt = 5
    who = customer(books)
    who.Id = "999"
    made.CustomerRef = who.to_ref()
    made.save(qb=books)


def _bad_query(books: Books) -> None:
    books.query("SELECT * FROM Customer WHERE")


@pytest.mark.parametrize(
    ("provoke", "kind", "code"),
    [
        (_stale, exceptions.QuickbooksException, 5010),
        (_nameless, exceptions.QuickbooksException, 6080),
        (_twice, exceptions.QuickbooksException, 6240),
        (_unknown_reference, exceptions.ValidationException, 2500),
        (_bad_query, exceptions.ValidationException, 4000),
    ],
)
def test_a_refusal_is_the_exception_of_its_code(
    books: Books, provoke: Any, kind: type[Exception], code: int
) -> None:
    with pytest.raises(exceptions.QuickbooksException) as error:
        provoke(books)

    assert (type(error.value), error.value.error_code) == (kind, code)
    assert error.value.message
    assert error.value.detail


def test_what_does_not_exist_is_not_found(books: Books) -> None:
    with pytest.raises(exceptions.ObjectNotFoundException) as error:
        Invoice.get(999, qb=books)

    assert (error.value.error_code, error.value.message) == (610, "Object Not Found")


def test_an_expired_token_is_an_authorization_exception(
    books: Books, quickbooks: QuickBooks
) -> None:
    quickbooks.expire_access_tokens()

    with pytest.raises(exceptions.AuthorizationException) as error:
        Customer.all(qb=books)

    assert error.value.error_code == 401
    assert "AuthenticationFailed" in error.value.detail


def test_a_refreshed_token_goes_on(books: Books, quickbooks: QuickBooks) -> None:
    quickbooks.expire_access_tokens()
    books.auth_client.refresh()

    again = Books(
        auth_client=books.auth_client,
        refresh_token=books.auth_client.refresh_token,
        company_id=quickbooks.realm_id,
        minorversion=75,
    )
    again.api_url_v3 = books.api_url_v3

    with again.session:
        assert Customer.all(qb=again) == []


@pytest.mark.parametrize(
    ("form", "code", "words"),
    [
        ("Fault", 3001, "ThrottleExceeded"),
        ("fault", 10000, "status code '429'"),
        ("xml", 10000, "ThrottleExceeded"),
        ("empty", 10000, "Error reading json response"),
    ],
)
def test_a_throttled_request_is_told_as_such_in_each_form(
    books: Books, quickbooks: QuickBooks, form: ThrottleForm, code: int, words: str
) -> None:
    quickbooks.switches = replace(quickbooks.switches, throttle_form=form)
    quickbooks.faults.next("throttle")

    with pytest.raises(exceptions.QuickbooksException) as error:
        Customer.all(qb=books)

    assert error.value.error_code == code
    assert words in error.value.message


def test_another_companys_books_are_closed(books: Books) -> None:
    books.company_id = "42"

    with pytest.raises(exceptions.QuickbooksException, match="403"):
        Customer.all(qb=books)


def test_an_empty_file_may_hang_on_a_customer(books: Books, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    made = Attachable()
    made.FileName, made.ContentType = "empty.txt", "text/plain"
    made._FilePath = str(tmp_path / "empty.txt")
    reference = AttachableRef()
    reference.EntityRef = customer(books).to_ref()
    made.AttachableRef.append(reference)

    read = Attachable.get(made.save(qb=books).Id, qb=books)

    assert read.AttachableRef[0].EntityRef.type == "Customer"
