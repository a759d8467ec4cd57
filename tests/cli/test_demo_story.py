"""`ledgerbridge demo` as a first-time user meets it: a process, its output, its exit code."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledgerbridge.cli.demo_edits import EDITS

PROGRAM = [sys.executable, "-c", "from ledgerbridge.cli import main; main()"]
SMALL = ["--customers", "60"]
SECTIONS = [
    "Two accounts: emulators that speak real HTTP, with made-up people",
    "The plan, before anything is written",
    "The plan, carried out",
    "What each side holds now, counted by the emulators",
    "Once more: nothing is left to do",
    "People go on working, on both sides",
    "A conflict: both sides changed the same field",
    "A value that HubSpot refuses",
    "What waited for a person",
    "In short",
]


def surroundings(folder: Path) -> dict[str, str]:
    """A user who has a database and accounts of their own, which the demo must leave alone."""
    temporary = folder / "temporary"
    temporary.mkdir(parents=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LEDGER")}
    return {
        **kept,
        "TMPDIR": str(temporary),
        "XDG_DATA_HOME": str(folder / "data"),
        "LEDGERBRIDGE_DATABASE_URL": f"sqlite:///{folder}/own.db",
        "LEDGERBRIDGE_HUBSPOT_API_URL": "https://hubspot.invalid",
    }


def demo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, "demo", *arguments],
        env=surroundings(folder),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What `demo --once` printed, and the folder it ran in."""
    folder = tmp_path_factory.mktemp("demo")
    finished = demo(folder, "--once", *SMALL)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stderr == ""
    return finished.stdout, folder


def section(text: str, number: int) -> str:
    """The lines under one heading."""
    start = text.index(f"\n{number:>2} {SECTIONS[number - 1]}\n")
    end = text.index(f"\n{number + 1:>2} ") if number < len(SECTIONS) else len(text)
    return text[start:end]


def test_the_story_is_told_in_order_and_ends_well(told: tuple[str, Path]) -> None:
    text, _ = told

    assert re.findall(r"^[ 1]\d (.+)$", text, re.MULTILINE) == SECTIONS
    assert text.endswith("everything was as it should be.\n")


def test_the_plan_shows_numbers_examples_and_reasons_before_anything_is_written(
    told: tuple[str, Path],
) -> None:
    plan = section(told[0], 2)

    assert re.search(r"[1-9]\d* records would be written\. Nothing has been written yet", plan)
    assert re.search(r"contacts +[1-9]\d* +[1-9]\d* +[1-9]\d* +[1-9]\d* +[1-9]\d*\n", plan)
    assert "contacts paired: HubSpot" in plan
    assert "invoices new in HubSpot: for QuickBooks" in plan
    assert re.search(r"\d+ companies left out: the customer names no company", plan)
    assert re.search(r"\d+ contacts left out: .+", plan)


def test_carrying_it_out_shows_speed_calls_and_time_left(told: tuple[str, Path]) -> None:
    applied = section(told[0], 3)

    assert re.search(r"\d+ records/s · .+ left · \d+ calls used", applied)
    assert re.search(r"Done: \d+ records written in .+ records/s\)", applied)


def test_both_sides_hold_more_than_before_and_the_books_gained_no_invoice(
    told: tuple[str, Path],
) -> None:
    held = section(told[0], 4)

    assert re.search(r"HubSpot invoices +\d+ +\d+ +[1-9]\d*\n", held)
    assert re.search(r"QuickBooks customers +60 +\d+ +[1-9]\d*\n", held)
    assert re.search(r"QuickBooks invoices +(\d+) +\1 +·\n", held)
    assert "in USD add up the same on both sides" in held
    assert "in EUR add up the same on both sides" in held
    assert re.search(r"1 by its id on the invoice, 1 by its PO number, 1 by its\s+estimate", held)


def test_the_second_run_writes_nothing(told: tuple[str, Path]) -> None:
    assert "   0 records written (" in section(told[0], 5)


def test_every_edit_arrives_or_says_why_it_stays(told: tuple[str, Path]) -> None:
    edits = section(told[0], 6).split("   • ")[1:]

    assert len(edits) == EDITS
    assert all("     → " in edit or "stays where it is: " in edit for edit in edits)
    assert sum("     → " in edit for edit in edits) >= 7
    assert any("→ QuickBooks customer" in edit for edit in edits)
    assert any(re.search(r"→ HubSpot invoice .+ status open → paid", edit) for edit in edits)


def test_the_loser_of_the_conflict_is_kept(told: tuple[str, Path]) -> None:
    conflict = section(told[0], 7)

    edited = re.search(r"gets the number (.+) in QuickBooks and (.+) in HubSpot", conflict)
    assert edited is not None
    winner, loser = edited.groups()
    assert f"phone: {loser} gave way to {winner} (both sides" in conflict


def test_a_refused_value_is_explained_and_picked_up_once_it_is_mended(
    told: tuple[str, Path],
) -> None:
    refusal = " ".join(section(told[0], 8).split())

    address = re.search(r"gets the e-mail (\S+) in QuickBooks", refusal)
    assert address is not None
    assert re.search(r"customer \d+ is failing: .+" + re.escape(address[1]), refusal)
    assert "what to do: Correct the e-mail address in QuickBooks." in refusal
    assert re.search(r"HubSpot contact \d+ has it too \(1 record written\)", refusal)


def test_what_a_person_decides_is_done_by_the_next_run(told: tuple[str, Path]) -> None:
    waited = " ".join(section(told[0], 9).split())

    assert re.search(
        r"it may be contact \d+ .+ points\)\. Yes: ledgerbridge matches accept", waited
    )
    assert re.search(r"→ HubSpot contact \d+ is QuickBooks customer \d+", waited)
    assert re.search(r"the won deals \d+, \d+ fit alike\. It is the first", waited)
    assert re.search(r"→ HubSpot invoice \d+ is on deal \d+, of which [\d.]+ is invoiced", waited)
    assert re.search(r"somebody puts invoice \d+ on deal .+ → HubSpot deal \d+ shows it", waited)
    assert re.search(r"has the e-mail \S+ in QuickBooks → \d+ HubSpot invoices?", waited)


def test_what_is_not_certain_and_what_fails_is_told_with_what_to_do(
    told: tuple[str, Path],
) -> None:
    plan, applied = (" ".join(section(told[0], part).split()) for part in (2, 3))

    assert re.search(r"\d+ pairs certain, 1 proposed and 2 ambiguous, which a person", plan)
    assert "2 contacts wait for a person: it may be contact" in plan
    assert re.search(r"\d+ invoices? wait so for an e-mail address of \d+ customers?", applied)


def test_the_summary_is_the_reconciliation_in_each_currency_at_zero_unexplained(
    told: tuple[str, Path],
) -> None:
    summary = " ".join(section(told[0], 10).split())

    found = re.findall(r"Reconciled: [\d,.]+ (\w+) .+? has a cause and ([\d.]+) has none", summary)
    assert found == [("EUR", "0.00"), ("USD", "0.00")]


def test_the_summary_compares_the_calls_with_the_fewest_possible(told: tuple[str, Path]) -> None:
    summary = " ".join(section(told[0], 10).split())

    made = re.search(r"took (\d+) calls \((\d+) to HubSpot, (\d+) to QuickBooks", summary)
    least = re.search(r"full batches alone would be (\d+)", summary)
    assert made is not None
    assert least is not None
    total, hubspot, quickbooks = map(int, made.groups())
    assert total == hubspot + quickbooks
    assert int(least[1]) <= total


def test_it_fits_on_a_page(told: tuple[str, Path]) -> None:
    lines = told[0].splitlines()

    assert len(lines) <= 210
    assert max(map(len, lines)) <= 110


def test_nothing_is_left_behind_and_nothing_of_the_user_is_touched(told: tuple[str, Path]) -> None:
    _, folder = told

    assert [path.name for path in folder.iterdir()] == ["temporary"]
    assert list((folder / "temporary").iterdir()) == []


def test_another_seed_tells_another_tale(told: tuple[str, Path], tmp_path: Path) -> None:
    finished = demo(tmp_path, "--once", *SMALL, "--seed", "11")

    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert section(finished.stdout, 6) != section(told[0], 6)


@pytest.mark.parametrize("customers", ["59", "0", "-5"])
def test_too_few_customers_are_wrong_usage(customers: str, tmp_path: Path) -> None:
    finished = demo(tmp_path, "--once", "--customers", customers)

    assert finished.returncode == 64
    assert finished.stdout == ""
    assert f"at least 60 customers, not {customers}" in finished.stderr
    assert "Traceback" not in finished.stderr


class Serving:
    """A demo that goes on: its process, what it printed, how to reach it."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        assert process.stdout is not None
        self.process, self.folder, self._lines = process, folder, process.stdout

    def until(self, text: str) -> list[str]:
        """The lines up to the first one that holds a text; the time-out of the test bounds it."""
        found = []
        for line in self._lines:
            found.append(line)
            if text in line:
                return found
        raise AssertionError(f"{text!r} was never printed:\n{''.join(found)}")

    def ended(self, number: signal.Signals) -> int:
        """The exit code after a signal."""
        self.process.send_signal(number)
        self._lines.read()
        return self.process.wait()


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    process = subprocess.Popen(
        [*PROGRAM, "demo", *SMALL],
        env=surroundings(tmp_path),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        yield Serving(process, tmp_path)
        process.kill()


def test_what_it_prints_lets_another_terminal_look_around_until_ctrl_c(serving: Serving) -> None:
    lines = serving.until("what arrives is shown here")
    exported = dict(
        line.removeprefix("export ").strip().split("=", 1)
        for line in lines
        if line.startswith("export ")
    )
    status = subprocess.run(
        [*PROGRAM, "status", "--json"],
        env={**os.environ, **exported},
        capture_output=True,
        text=True,
        check=True,
    )
    assert {sync["name"] for sync in json.loads(status.stdout)["syncs"]} == {
        "contacts",
        "companies",
        "products",
        "invoices",
        "payments",
        "deals",
        "timeline",
    }

    _, url, token = _change_a_contact("".join(lines))
    assert "first name" in serving.until("→ Robin")[-1]

    assert serving.ended(signal.SIGINT) == 0
    assert token
    assert list((serving.folder / "temporary").iterdir()) == []
    host, port = url.removeprefix("http://").split("/")[0].split(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=5)


def _change_a_contact(text: str) -> tuple[int, str, str]:
    """Do what the printed curl command does."""
    command = re.search(
        r"curl -sS -X PATCH -H 'Authorization: (Bearer \S+)'.*?-d '(.+?)'.*?(http://\S+)",
        text,
        re.DOTALL,
    )
    assert command is not None
    authorization, body, url = command.groups()
    request = urllib.request.Request(
        url,
        data=body.encode(),
        method="PATCH",
        headers={"Authorization": authorization, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return answer.status, url, authorization


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_it_in_the_middle_of_the_story_leaves_nothing(
    number: signal.Signals, serving: Serving
) -> None:
    serving.until(SECTIONS[2])

    assert serving.ended(number) == 130
    assert list((serving.folder / "temporary").iterdir()) == []
