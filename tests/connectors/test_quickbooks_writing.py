"""Writing to a company: batches, their outcomes, and what is known after a failure."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from ledgerbridge.connectors.port import Failed, Outcome, Stored, Write, WriteKind
from ledgerbridge.connectors.quickbooks import Settings
from ledgerbridge.core.model import State, Value
from ledgerbridge.errors import CallFailed, LookAgain, Refuse, Retry, Unauthorized, Verdict
from ledgerbridge.sandbox.faults import Kind
from ledgerbridge.sandbox.http import Request as HttpRequest
from ledgerbridge.sandbox.quickbooks import Switches
from support.books import Books


def stored(outcome: Outcome) -> dict[str, Value]:
    """The fields of a row that was applied."""
    assert isinstance(outcome, Stored), outcome
    assert outcome.record is not None
    return outcome.record.fields


def failed(outcome: Outcome) -> Failed:
    """A row that was not applied."""
    assert isinstance(outcome, Failed), outcome
    return outcome


def is_batch(request: HttpRequest) -> bool:
    return request.path.endswith("/batch")


async def update(books: Books, record_id: str, version: str, **fields: Value) -> Outcome:
    write = Write(trace="t0", record_id=record_id, version=version, fields=fields)
    (outcome,) = await books.connector.write(books.request(WriteKind.UPDATE, write))
    return outcome


async def test_thirty_customers_are_made_by_one_call() -> None:
    books = Books()
    rows: list[dict[str, Value]] = [
        {
            "DisplayName": f"Customer {number}",
            "PrimaryEmailAddr.Address": f"c{number}@alder.example",
            "BillAddr.City": "Fairview",
            "BillAddr.Line2": None,
            "Taxable": "false",
            "SalesTermRef": "3",
        }
        for number in range(30)
    ]

    outcomes = await books.connector.write(books.create(*rows))

    assert [outcome.trace for outcome in outcomes] == [f"t{number}" for number in range(30)]
    assert stored(outcomes[7])["PrimaryEmailAddr.Address"] == "c7@alder.example"
    assert stored(outcomes[7])["Taxable"] == "false"
    assert stored(outcomes[7])["SalesTermRef"] == "3"
    assert books.connector.counter.by_kind == {"batch create Customer": 1}
    assert books.connector.counter.metered == 0, "what goes in is free"


async def test_money_leaves_with_the_very_digits_that_were_planned() -> None:
    books = Books()
    row: dict[str, Value] = {
        "Name": "Chair",
        "Type": "Service",
        "UnitPrice": "1234567.10",
        "IncomeAccountRef": "1",
    }

    (outcome,) = await books.connector.write(books.create(row, object_type="Item"))

    assert Decimal(stored(outcome)["UnitPrice"] or "") == Decimal("1234567.10")
    assert b'"UnitPrice":1234567.10' in books.transport.sent[-1].body


async def test_an_update_changes_only_its_fields_and_answers_what_was_stored() -> None:
    books = Books()
    customer = books.customer("Alder Works", CompanyName="Alder", Notes="Keep")

    outcome = await update(books, customer, "0", CompanyName="Alder & Finch")

    assert stored(outcome)["CompanyName"] == "Alder & Finch"
    assert stored(outcome)["Notes"] == "Keep"
    assert isinstance(outcome, Stored)
    assert outcome.record is not None
    assert outcome.record.version == "1"


@pytest.mark.parametrize("empty", [None, ""])
async def test_an_empty_value_clears_a_text_and_a_text_inside_an_object(empty: Value) -> None:
    books = Books()
    customer = books.customer(
        "Alder Works", CompanyName="Alder", PrimaryEmailAddr={"Address": "a@alder.example"}
    )

    write = Write(
        trace="t0",
        record_id=customer,
        version="0",
        fields={"CompanyName": empty, "PrimaryEmailAddr.Address": empty},
    )
    (outcome,) = await books.connector.write(books.request(WriteKind.UPDATE, write))

    assert "CompanyName" not in stored(outcome)
    assert "PrimaryEmailAddr.Address" not in stored(outcome)


async def test_archiving_a_customer_makes_it_inactive() -> None:
    books = Books()
    customer = books.customer("Alder Works")
    write = Write(trace="t0", record_id=customer, version="0")

    (outcome,) = await books.connector.write(books.request(WriteKind.ARCHIVE, write))

    assert isinstance(outcome, Stored)
    assert outcome.record is not None
    assert outcome.record.state is State.INACTIVE


async def test_an_invoice_cannot_be_archived_and_nothing_is_sent() -> None:
    books = Books()
    write = Write(trace="t0", record_id="1", version="0")

    request = books.request(WriteKind.ARCHIVE, write, object_type="Invoice")
    (outcome,) = await books.connector.write(request)

    assert failed(outcome).code == "cannot_archive"
    assert books.connector.counter.total == 0


async def test_somebody_was_faster_so_it_is_planned_again_and_never_forced() -> None:
    books = Books()
    customer = books.customer("Alder Works")
    books.company.update("Customer", {"Id": customer, "sparse": True, "Notes": "Changed"})

    outcome = failed(await update(books, customer, "0", CompanyName="Late"))

    assert (outcome.verdict, outcome.code) == (Verdict.RETRY, "stale")
    assert "CompanyName" not in (books.company.get("Customer", customer) or {})


async def test_a_bad_row_of_a_batch_does_not_stop_the_others() -> None:
    books = Books()
    books.company.create("Vendor", {"DisplayName": "Paper Mill"})
    request = books.create(
        {"DisplayName": "Fine"},
        {"DisplayName": "Paper Mill"},
        {"DisplayName": "Fine too"},
        {"GivenName": "No such term", "SalesTermRef": "999"},
    )

    fine, taken, fine_too, without = await books.connector.write(request)

    assert stored(fine)["DisplayName"] == "Fine"
    assert stored(fine_too)["DisplayName"] == "Fine too"
    assert failed(taken).code == "duplicate_name"
    assert failed(taken).field == "DisplayName"
    assert failed(taken).verdict is Verdict.REFUSE
    assert failed(without).verdict is Verdict.REFUSE
    assert failed(without).code in ("missing_reference", "inactive_or_missing_reference")


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"DisplayName": "x" * 501}, "too_long", "DisplayName"),
        ({"DisplayName": "A", "Title": "Professor Doctor Sir"}, "too_long", "Title"),
        ({"DisplayName": "A", "Balance": "5"}, "read_only", "Balance"),
        ({"DisplayName": "A", "Colour": "red"}, "unknown_field", "Colour"),
        ({"DisplayName": "A", "Taxable": "perhaps"}, "invalid_value", "Taxable"),
    ],
)
async def test_what_quickbooks_could_only_refuse_never_leaves(
    fields: dict[str, Value], code: str, field: str
) -> None:
    books = Books()

    bad, good = await books.connector.write(books.create(fields, {"DisplayName": "Good"}))

    assert (failed(bad).code, failed(bad).field) == (code, field)
    assert "Nothing of this record was written" in failed(bad).message
    assert stored(good)["DisplayName"] == "Good"
    sent = msgspec.json.decode(books.transport.sent[-1].body)
    assert [item["bId"] for item in sent["BatchItemRequest"]] == ["b1"]


@pytest.mark.parametrize("price", ["much", "", "NaN", "Infinity", None])
async def test_a_price_that_is_no_number_is_refused(price: Value) -> None:
    books = Books()
    item = books.item()
    write = Write(trace="t0", record_id=item, version="0", fields={"UnitPrice": price})

    request = books.request(WriteKind.UPDATE, write, object_type="Item")
    (outcome,) = await books.connector.write(request)

    assert (failed(outcome).code, failed(outcome).field) == ("invalid_value", "UnitPrice")


async def test_the_currency_of_a_customer_is_set_once_and_never_updated() -> None:
    books = Books()
    request = books.create({"DisplayName": "A", "CurrencyRef": "USD"})

    (made,) = await books.connector.write(request)
    assert isinstance(made, Stored)
    assert made.record is not None
    changed = await update(books, made.record.id, "0", CurrencyRef="EUR")

    assert failed(changed).code == "read_only"


async def test_the_same_request_sent_again_makes_nobody_twice() -> None:
    books = Books()
    request = books.create({"DisplayName": "Alder Works"}, {"DisplayName": "x" * 501})
    books.emulator.faults.next("drop_after", is_batch)
    with pytest.raises(LookAgain, match="did not answer in full"):
        await books.connector.write(request)

    made, refused = await books.connector.write(request)

    assert stored(made)["DisplayName"] == "Alder Works"
    assert failed(refused).code == "too_long"
    assert len(books.company.all("Customer")) == 1
    first, second = books.transport.sent
    assert (first.url, first.body) == (second.url, second.body)
    assert f"requestid={request.id}" in first.url


FATES: list[tuple[Kind, type[CallFailed], str]] = [
    ("throttle", Retry, "rate_limited"),
    ("error500", LookAgain, "server_error"),
    ("html", LookAgain, "html_answer"),
    ("drop_before", LookAgain, "no_answer"),
    ("drop_after", LookAgain, "no_answer"),
    ("cut", LookAgain, "no_answer"),
]


@pytest.mark.parametrize(("fault", "kind", "code"), FATES)
async def test_a_batch_that_failed_as_a_whole_leaves_once_and_says_what_is_known(
    fault: Kind, kind: type[CallFailed], code: str
) -> None:
    books = Books()
    books.emulator.faults.next(fault, is_batch)

    with pytest.raises(kind) as caught:
        await books.connector.write(books.create({"DisplayName": "Alder Works"}))

    assert caught.value.code == code
    assert books.connector.counter.total == 1


async def test_without_a_network_surely_nothing_was_written() -> None:
    books = Books()
    books.transport.unplug()

    with pytest.raises(Retry, match="Nothing was sent") as caught:
        await books.connector.write(books.create({"DisplayName": "Alder Works"}))
    assert caught.value.code == "no_network"


async def test_a_batch_turned_away_for_a_dead_token_leaves_again_with_a_new_one() -> None:
    books = Books()
    books.emulator.expire_access_tokens()

    (made,) = await books.connector.write(books.create({"DisplayName": "Alder Works"}))

    assert stored(made)["DisplayName"] == "Alder Works"
    assert len(books.saved) == 1


async def test_a_revoked_connection_asks_to_connect_again() -> None:
    books = Books()
    books.emulator.revoke()

    with pytest.raises(Unauthorized, match="ledgerbridge connect quickbooks"):
        await books.connector.write(books.create({"DisplayName": "Alder Works"}))


async def test_a_batch_larger_than_the_company_takes_is_refused_with_the_setting_to_change() -> (
    None
):
    books = Books(switches=Switches(batch_items_max=10))
    rows: list[dict[str, Value]] = [{"DisplayName": f"Customer {n}"} for n in range(11)]

    with pytest.raises(Refuse, match="batch_items_max") as caught:
        await books.connector.write(books.create(*rows))
    assert caught.value.code == "batch_too_large"
    assert books.company.all("Customer") == []


async def test_the_batch_size_is_the_setting() -> None:
    books = Books(Settings(batch_items_max=10))

    assert books.connector.batch_size(WriteKind.CREATE, "Customer") == 10


async def test_with_the_true_limits_on_a_long_run_meets_no_429_and_wastes_little_time() -> None:
    books = Books(switches=Switches(limits=True))

    for number in range(100):
        rows: list[dict[str, Value]] = [{"DisplayName": f"Customer {number}"}]
        await books.connector.write(books.create(*rows))

    assert {entry.status for entry in books.emulator.log} == {200}
    # 40 batches a minute: the first 80 in two minutes, the last 20 at once.
    assert books.clock.elapsed_s <= 120 * 1.10
