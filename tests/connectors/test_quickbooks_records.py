"""Rows as the real API showed them, turned into records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerbridge.connectors.quickbooks.instants import instant, next_second, stamp, utc
from ledgerbridge.connectors.quickbooks.query import literal, one_of, select
from ledgerbridge.connectors.quickbooks.records import decode, record_of
from ledgerbridge.connectors.quickbooks.schema import ENTITIES
from ledgerbridge.core.model import State

META = {"CreateTime": "2015-10-01T16:48:43-07:00", "LastUpdatedTime": "2020-09-29T06:02:35-07:00"}


def recordings() -> Path:
    """The folder of recorded exchanges, beside the checkout; skips where there is none."""
    for parent in Path(__file__).resolve().parents:
        folder = parent / "shared" / "reference" / "recordings-quickbooks"
        if folder.is_dir():
            return folder
    pytest.skip("the recorded exchanges are not beside this checkout (shared/reference)")


def recorded_rows() -> list[tuple[str, dict[str, Any]]]:
    """Every row of an entity that we know, in every recorded answer."""
    found: list[tuple[str, dict[str, Any]]] = []

    def collect(value: Any) -> None:
        if isinstance(value, list):
            for each in value:
                collect(each)
        elif isinstance(value, dict):
            for key, inner in value.items():
                rows = inner if isinstance(inner, list) else [inner]
                if key in ENTITIES and isinstance(rows[0], dict) and "SyncToken" in rows[0]:
                    found.extend((key, row) for row in rows if "MetaData" in row)
                collect(inner)

    for path in sorted(recordings().glob("*.json")):
        for exchange in decode(b'{"all":' + path.read_bytes() + b"}")["all"]:
            collect(exchange["response"]["body"])
    return found


def test_every_recorded_row_becomes_a_record_that_lost_no_digit_and_no_letter() -> None:
    rows = recorded_rows()

    for entity, row in rows:
        record = record_of("1", entity, row)
        assert (record.id, record.version) == (row["Id"], row["SyncToken"])
        for name in ENTITIES[entity].fields:
            if isinstance(value := row.get(name), str) and value:
                assert record.fields[name] == value
    assert {entity for entity, _ in rows} >= {"Customer", "Invoice", "Vendor", "Employee"}


def customer(**extra: Any) -> dict[str, Any]:
    return {"Id": "1", "SyncToken": "0", "MetaData": META, **extra}


def test_numbers_keep_the_digits_that_the_answer_had() -> None:
    body = b'{"a":639.0,"b":100,"c":0.10,"d":12345678901234.56,"e":-0.5}'

    assert {key: str(value) for key, value in decode(body).items()} == {
        "a": "639.0",
        "b": "100",
        "c": "0.10",
        "d": "12345678901234.56",
        "e": "-0.5",
    }


def test_times_are_kept_in_utc() -> None:
    record = record_of("1", "Customer", customer())

    assert record.created_at == "2015-10-01T23:48:43Z"
    assert record.modified_at == "2020-09-29T13:02:35Z"


def test_a_memo_is_its_text_and_an_empty_object_is_nothing() -> None:
    row = customer(CustomerMemo={"value": "Thanks"}, BillAddr={}, SalesTermRef={})

    fields = record_of("1", "Invoice", row).fields

    assert fields["CustomerMemo"] == "Thanks"
    assert not [name for name in fields if name.startswith(("BillAddr", "SalesTermRef"))]


def test_custom_fields_go_by_their_names() -> None:
    rows = [
        {"DefinitionId": "1", "Name": "Crew #", "Type": "StringType"},
        {"DefinitionId": "2", "Name": "PO", "Type": "StringType", "StringValue": "4711"},
    ]

    fields = record_of("1", "Invoice", customer(CustomField=rows)).fields

    assert fields["CustomField.PO"] == "4711"
    assert "CustomField.Crew #" not in fields


def test_the_lines_within_a_bundle_follow_it() -> None:
    inner = {"Id": "3", "Amount": 5, "DetailType": "SalesItemLineDetail"}
    detail = {"GroupItemRef": {"value": "9", "name": "Set"}, "Quantity": 1, "Line": [inner]}
    bundle = {"Id": "2", "DetailType": "GroupLineDetail", "GroupLineDetail": detail}

    lines = record_of("1", "Invoice", customer(Line=[bundle])).lines

    assert [line.id for line in lines] == ["2", "2.3"]
    assert lines[0].fields["GroupLineDetail.GroupItemRef"] == "9"
    assert lines[1].fields["Amount"] == "5"


def bundle_of(id_: str, *ids: str | None) -> dict[str, object]:
    """A bundle, and lines within it that have these ids or none."""
    inner = [
        {"DetailType": "SalesItemLineDetail", "Amount": 5, **({"Id": x} if x else {})} for x in ids
    ]
    return {"Id": id_, "DetailType": "GroupLineDetail", "GroupLineDetail": {"Line": inner}}


def sold(id_: str | None) -> dict[str, object]:
    """A line that sells something."""
    return {"DetailType": "SalesItemLineDetail", "Amount": 5, **({"Id": id_} if id_ else {})}


def test_lines_within_a_bundle_go_by_their_bundle_as_well() -> None:
    rows = [bundle_of("1", "1", "2"), sold("2"), bundle_of("3", "1", "7")]

    lines = record_of("1", "Invoice", customer(Line=rows)).lines

    assert [line.id for line in lines] == ["1", "1.1", "1.2", "2", "3", "3.1", "3.7"]


LINE_IDS = st.none() | st.sampled_from("1234")


@given(
    st.lists(
        LINE_IDS.map(sold)
        | st.builds(
            lambda id_, ids: bundle_of(id_, *ids),
            st.sampled_from("1234"),
            st.lists(LINE_IDS, max_size=3, unique_by=lambda x: x or object()),
        ),
        max_size=5,
        unique_by=lambda row: row.get("Id", id(row)),
    )
)
def test_no_two_lines_of_a_record_have_one_id(rows: list[dict[str, object]]) -> None:
    ids = [line.id for line in record_of("1", "Invoice", customer(Line=rows)).lines]

    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("total", "note", "amount", "state"),
    [
        ("0", "Voided", "0", State.VOIDED),
        ("0.00", "Voided - by mistake", "0.0", State.VOIDED),
        ("0", "Settled by a discount", "0", State.LIVE),
        ("0", "Voided", "10", State.LIVE),
        ("10", "Voided", "10", State.LIVE),
    ],
)
def test_voided_needs_the_note_and_zeroes_everywhere(
    total: str, note: str, amount: str, state: State
) -> None:
    row = customer(TotalAmt=total, PrivateNote=note, Line=[{"Id": "1", "Amount": amount}])

    assert record_of("1", "Invoice", row).state is state


@pytest.mark.parametrize("missing", ["Id", "SyncToken", "MetaData"])
def test_a_row_without_its_essentials_is_no_record(missing: str) -> None:
    row = customer()
    del row[missing]

    with pytest.raises(KeyError, match=missing):
        record_of("1", "Customer", row)


def test_quotes_and_backslashes_are_escaped() -> None:
    assert literal("O'Neil \\ Sons") == "'O\\'Neil \\\\ Sons'"
    assert one_of("Id", ["1", "2"]) == "Id IN ('1', '2')"


def test_a_statement_asks_for_inactive_names_too_but_not_for_inactive_invoices() -> None:
    names = select(ENTITIES["Customer"], ["Id = '1'"], order="Id", rows_max=5, start=6)
    invoices = select(ENTITIES["Invoice"], rows_max=5)

    assert names == (
        "SELECT * FROM Customer WHERE Active IN (true, false) AND Id = '1' "
        "ORDERBY Id STARTPOSITION 6 MAXRESULTS 5"
    )
    assert invoices == "SELECT * FROM Invoice MAXRESULTS 5"


def test_instants_sort_as_text_whatever_offset_they_came_with() -> None:
    assert utc("2026-03-08T01:59:59-08:00") == "2026-03-08T09:59:59Z"
    assert utc("2026-03-08T03:00:00-07:00") == "2026-03-08T10:00:00Z"
    assert next_second("2026-12-31T23:59:59Z") == "2027-01-01T00:00:00Z"
    assert stamp(instant("2026-05-04T08:00:00.987")) == "2026-05-04T08:00:00Z"


def test_a_body_that_is_no_object_is_refused_by_the_decoder() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(b"[]")
