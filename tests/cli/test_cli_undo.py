"""`ledgerbridge undo` and the export of the history, as a person types them."""

from __future__ import annotations

import csv
import io

import pytest

from cli.cli_world import Installation


def _edited(installed: Installation) -> tuple[str, str]:
    """A run gave a contact the first name from the books; the run and the contact."""
    contact = installed.contact("ada@example.com", firstname="Adelaide")
    installed.customer("Ada Moreno", "ada@example.com", GivenName="Ada")
    installed.begin()
    return installed.asked("run", "--yes")["run"], contact


def _first_name(installed: Installation) -> str:
    return str(installed.contacts()[0]["firstname"])


def test_undo_shows_its_plan_and_does_nothing_unless_agreed(installed: Installation) -> None:
    run, contact = _edited(installed)

    result = installed.done("undo", run, exit_code=64)

    assert f"hubspot:{contact}" in result.stdout
    assert "Nothing was undone" in result.stderr
    assert _first_name(installed) == "Ada"


def test_undo_puts_back_what_the_run_wrote(installed: Installation) -> None:
    run, contact = _edited(installed)

    result = installed.done("undo", run, "--yes")

    assert "Undone with 1 write" in result.stdout
    assert _first_name(installed) == "Adelaide"
    assert installed.asked("run", "--yes")["writes"] == 0
    again = installed.asked("undo", f"hubspot:{contact}", "--dry-run")
    assert all(step["fields"] == ["firstname"] for step in again["steps"])


@pytest.mark.parametrize("what", ["nothing", "hubspot:99"])
def test_undo_of_what_never_was_says_so(installed: Installation, what: str) -> None:
    _edited(installed)
    assert installed.done("undo", what, "--yes", exit_code=64).stderr.startswith("Error:")


def test_the_history_is_exported_without_formulas(installed: Installation) -> None:
    installed.contact("ada@example.com", firstname="=1+1")
    installed.customer("Ada Moreno", "ada@example.com", GivenName="Ada")
    installed.begin()
    installed.done("run", "--yes")

    rows = list(csv.DictReader(io.StringIO(installed.done("history", "--csv").stdout)))

    (row,) = [one for one in rows if one["field"] == "firstname" and one["kind"] == "write"]
    assert (row["before"], row["after"], row["operation"]) == ("'=1+1", "Ada", "update")
    later = installed.done("history", "--csv", "--since", "2999-01-01").stdout
    assert later.strip().count("\n") == 0


def test_a_day_that_is_none_is_refused(installed: Installation) -> None:
    assert "no day" in installed.done("history", "--until", "soon", exit_code=64).stderr
