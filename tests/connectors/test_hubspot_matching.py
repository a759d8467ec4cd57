"""Which row of an answer belongs to which write, whatever HubSpot echoes and in what order."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from ledgerbridge.connectors.hubspot.matching import outcomes_of
from ledgerbridge.connectors.hubspot.records import epoch_ms, instant, iso_of
from ledgerbridge.connectors.hubspot.wire import BatchAnswer, ErrorBody, Row
from ledgerbridge.connectors.port import Association, Stored, Write
from ledgerbridge.errors import Verdict
from support.portal import failure_of, record_of

VALUES = st.sampled_from(["", "a", "A ", "1", "1.0", "2", "nan"])
FIELDS = st.fixed_dictionaries({"hs_label": VALUES, "hs_value": VALUES})
INSTANTS = st.datetimes(timezones=st.just(UTC))


def row_of(number: int, fields: dict[str, str], trace: str | None = None) -> Row:
    """What HubSpot stores of a write: empty values are left out, texts are trimmed."""
    stored: dict[str, str | None] = {name: value.strip() for name, value in fields.items() if value}
    return Row(str(1000 + number), stored, object_write_trace_id=trace)


@given(st.lists(FIELDS, max_size=8), st.randoms(use_true_random=False), st.booleans())
def test_no_write_is_ever_given_the_row_of_a_different_one(
    rows: list[dict[str, str]], random: Random, echoed: bool
) -> None:
    writes = [Write(trace=f"t{n}", fields=dict(fields)) for n, fields in enumerate(rows)]
    results = [row_of(n, fields, f"t{n}" if echoed else None) for n, fields in enumerate(rows)]
    random.shuffle(results)

    outcomes = outcomes_of("taxes", writes, BatchAnswer(tuple(results)), created=True)

    given_ids = [
        one.record.id for one in outcomes.values() if isinstance(one, Stored) and one.record
    ]
    assert len(set(given_ids)) == len(given_ids)
    assert set(outcomes) == {write.trace for write in writes}
    for n, fields in enumerate(rows):
        outcome = outcomes[f"t{n}"]
        if echoed:
            assert record_of(outcome).id == str(1000 + n)
        elif isinstance(outcome, Stored):
            assert record_of(outcome).fields == row_of(n, fields).properties or len(rows) == 1
        else:
            assert failure_of(outcome).verdict is Verdict.LOOK_AGAIN


@given(st.permutations(range(6)), st.sets(st.integers(0, 5)))
def test_keys_find_every_row_and_errors_theirs(order: list[int], bad: set[int]) -> None:
    writes = [
        Write(trace=f"t{n}", fields={"key": f"K{n}", "name": "same"}, key_field="key")
        for n in range(6)
    ]
    results = tuple(row_of(n, {"key": f"k{n}", "name": "same"}) for n in order if n not in bad)
    errors = tuple(
        ErrorBody(
            message="no", category="VALIDATION_ERROR", context={"objectWriteTraceId": (f"t{n}",)}
        )
        for n in bad
    )

    outcomes = outcomes_of("products", writes, BatchAnswer(results, errors), created=True)

    for n in range(6):
        if n in bad:
            assert failure_of(outcomes[f"t{n}"]).code == "refused"
        else:
            assert record_of(outcomes[f"t{n}"]).id == str(1000 + n)


def test_the_last_row_left_belongs_to_the_last_write_left() -> None:
    writes = [
        Write(trace="a", fields={"email": "ada@example.com"}),
        Write(trace="b", fields={"email": "Bob.B@Example.com"}),
    ]
    results = (
        Row("2", {"email": "bob@example.com"}),
        Row("1", {"email": "ada@example.com"}),
    )

    outcomes = outcomes_of("contacts", writes, BatchAnswer(results), created=True)

    assert record_of(outcomes["a"]).id == "1"
    assert record_of(outcomes["b"]).id == "2"


def test_equal_rows_are_interchangeable_only_with_equal_associations() -> None:
    def write(trace: str, parent: str) -> Write:
        return Write(
            trace=trace,
            fields={"hs_label": "x"},
            associations=(Association("invoices", parent),),
        )

    results = BatchAnswer((Row("1", {"hs_label": "x"}), Row("2", {"hs_label": "x"})))

    same = outcomes_of("taxes", [write("a", "7"), write("b", "7")], results, created=True)
    different = outcomes_of("taxes", [write("a", "7"), write("b", "8")], results, created=True)

    assert all(isinstance(one, Stored) for one in same.values())
    assert {failure_of(one).code for one in different.values()} == {"no_answer_for_row"}


def test_an_error_that_names_nothing_belongs_to_the_only_row_without_an_answer() -> None:
    writes = [Write(trace=name, record_id=name, fields={"phone": "1"}) for name in ("1", "2")]
    answer = BatchAnswer(
        (Row("2", {"phone": "1"}),), (ErrorBody(message="no", category="VALIDATION_ERROR"),)
    )

    outcomes = outcomes_of("contacts", writes, answer, created=False)

    assert failure_of(outcomes["1"]).message == "no"
    assert record_of(outcomes["2"]).id == "2"


@given(INSTANTS)
def test_instants_sort_as_text_whatever_precision_they_come_in(at: datetime) -> None:
    text = instant(at.isoformat())

    assert len(text) == len("2026-05-05T09:02:05.123Z")
    assert iso_of(epoch_ms(text)) == text == instant(text)
    assert abs(datetime.fromisoformat(text) - at).total_seconds() < 0.001


def test_an_instant_without_milliseconds_sorts_before_those_with_them() -> None:
    assert instant("2026-05-05T09:02:05Z") < instant("2026-05-05T09:02:05.001Z")
    assert instant("") == ""
