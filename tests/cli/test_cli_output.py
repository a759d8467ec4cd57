"""How numbers, durations and progress read."""

from __future__ import annotations

import pytest

from ledgerbridge.cli import output
from ledgerbridge.service.reporting import without_addresses


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.42, "0.4 s"), (3, "3 s"), (12.3, "12 s"), (180, "3 min"), (7500, "2 h 5 min")],
)
def test_durations_read_as_a_person_says_them(seconds: float, shown: str) -> None:
    assert output.duration(seconds) == shown


def test_progress_says_how_far_how_fast_and_how_long(
    capsys: pytest.CaptureFixture[str],
) -> None:
    instants = iter([0.0, 1.0, 21.0])
    with output.ProgressLine(lambda: next(instants)) as line:
        line.show("reading Customer", done=0, total=400, seen=0, calls=1)
        line.show("writing contacts", done=100, total=400, seen=0, calls=1200)

    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == ("writing contacts: 100 of 400 · 5 records/s · 60 s left · 1,200 calls\n")


def test_reading_has_no_end_to_be_told() -> None:
    text = output.progress_text("reading Customer", 2.0, done=0, total=0, seen=1000)

    assert text == "reading Customer: 1,000 records · 500 records/s"


def test_a_table_aligns_what_does_not_wrap(capsys: pytest.CaptureFixture[str]) -> None:
    output.table([["1", "excluded", "why"], ["1,204", "failing", "[bold] stays as it is"]])

    assert capsys.readouterr().out.splitlines() == [
        "1       excluded   why",
        "1,204   failing    [bold] stays as it is",
    ]


def test_a_vendors_words_lose_their_addresses() -> None:
    said = "Email address (jane.doe+x@home.invalid) is invalid, not 'a@b'"

    shown = without_addresses(said)

    assert shown == "Email address ((an e-mail address)) is invalid, not '(an e-mail address)'"
