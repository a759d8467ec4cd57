"""docs/users/json.md against the program: the same keys, in the examples and in real output."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_origin

import msgspec
import pytest

from cli.cli_world import CONNECT_HUBSPOT, REFRESH, Installation
from ledgerbridge.cli.connections import ConnectionTests
from ledgerbridge.cli.output import Failure
from ledgerbridge.cli.run import RunReport
from ledgerbridge.cli.sandbox import SandboxReport
from ledgerbridge.service import history, reporting
from ledgerbridge.service.cases import CasesReport
from ledgerbridge.service.configuring import ConfigReport
from ledgerbridge.service.conflicts import ConflictsReport
from ledgerbridge.service.describing import SyncReport
from ledgerbridge.service.disconnecting import OwedReport
from ledgerbridge.service.doctor import DoctorReport
from ledgerbridge.service.explaining import PlanReport
from ledgerbridge.service.forgetting import ForgetReport
from ledgerbridge.service.keeping import Kept
from ledgerbridge.service.matching import MatchesReport
from ledgerbridge.service.pausing import RestsReport
from ledgerbridge.service.previewing import PreviewReport
from ledgerbridge.service.reconciling import ReconcileReport
from ledgerbridge.service.relinking import RelinkReport
from ledgerbridge.service.retrying import RetryReport
from ledgerbridge.service.undoing import UndoReport

PAGE = Path(__file__).parents[2] / "docs" / "users" / "json.md"
SECTION = re.compile(r"^## ([^\n]+)$(.*?)```json\n(.*?)```", re.MULTILINE | re.DOTALL)
SHAPES: dict[str, type[msgspec.Struct]] = {
    "A failure": Failure,
    "connect": reporting.ConnectReport,
    "connections list": reporting.ConnectionsReport,
    "connections test": ConnectionTests,
    "connections disconnect": OwedReport,
    "sync list": reporting.SyncsReport,
    "sync show": SyncReport,
    "config apply and config preset": ConfigReport,
    "plan": PlanReport,
    "run": RunReport,
    "status": reporting.StatusReport,
    "history": history.HistoryReport,
    "sync preview": PreviewReport,
    "matches list and plan --matches": MatchesReport,
    "conflicts": ConflictsReport,
    "cases": CasesReport,
    "cases keep": Kept,
    "pause, resume, ignore and unignore": RestsReport,
    "relink": RelinkReport,
    "reconcile": ReconcileReport,
    "forget": ForgetReport,
    "undo": UndoReport,
    "retry": RetryReport,
    "doctor": DoctorReport,
    "sandbox": SandboxReport,
}


def _examples() -> dict[str, Any]:
    """The example of each section of the page."""
    text = PAGE.read_text("utf-8").partition("## A failure")
    found = SECTION.findall(text[1] + text[2])
    return {title: msgspec.json.decode(example) for title, _, example in found}


def _plain(data: Any) -> Any:
    """Instants and tuples as JSON has them."""
    return msgspec.json.decode(msgspec.json.encode(data))


def test_every_shape_is_documented_and_nothing_else() -> None:
    assert set(_examples()) == set(SHAPES)


@pytest.mark.parametrize("title", list(SHAPES))
def test_an_example_has_exactly_the_keys_of_its_shape(title: str) -> None:
    example = _examples()[title]

    assert _plain(msgspec.convert(example, SHAPES[title])) == example


@pytest.mark.parametrize("title", list(SHAPES))
def test_an_example_shows_one_of_everything_that_repeats(title: str) -> None:
    """Otherwise the keys of what repeats would stay undocumented."""
    assert list(_unshown(_examples()[title], SHAPES[title])) == []


def _unshown(data: Any, shape: Any, place: str = "") -> list[str]:
    """The places of empty lists whose items have keys of their own."""
    found: list[str] = []
    for field in msgspec.structs.fields(shape):
        value, inner = data[field.encode_name], _struct_of(field.type)
        here = f"{place}.{field.name}"
        if inner is None or value is None:
            continue
        items = value if isinstance(value, list) else [value]
        if get_origin(field.type) is dict:
            items = [one for group in value.values() for one in group]
        if not items:
            found.append(here)
        for item in items:
            found += _unshown(item, inner, here)
    return found


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _struct_of(kind: Any) -> Any:
    """The structure X within a type such as `dict[str, tuple[X, ...]]` or `X | None`."""
    if _is_struct(kind):
        return kind
    inner = (_struct_of(one) for one in getattr(kind, "__args__", ()))
    return next((one for one in inner if one is not None), None)


def test_real_output_has_the_documented_shapes(installed: Installation) -> None:
    contact = installed.contact("ada@example.com", firstname="Adelaide")
    assert contact
    installed.customer("Ada Moreno", "ada@example.com", GivenName="Ada")
    installed.customer("Counter Sales")
    installed.customer("Gil Lund", "gil@home.invalid")
    real: dict[str, Any] = {"A failure": installed.asked("plan", exit_code=64)}
    real["connect"] = installed.asked(*CONNECT_HUBSPOT)
    realm = installed.quickbooks.realm_id
    installed.done("connect", "quickbooks", "--realm-id", realm, *REFRESH)
    installed.done("sync", "enable", "contacts")
    for title in ("connections list", "connections test", "sync list"):
        real[title] = installed.asked(*title.split())
    real["sync show"] = installed.asked("sync", "show", "contacts")
    real["config apply and config preset"] = installed.asked(
        "config", "preset", "books first", "--dry-run", exit_code=2
    )
    real["plan"] = installed.asked("plan", "--values", exit_code=2)
    real["matches list and plan --matches"] = installed.asked("plan", "--matches", exit_code=2)
    real["sync preview"] = installed.asked("sync", "preview", "contacts")
    real["run"] = installed.asked("run", "--yes", exit_code=3)
    for title in ("status", "history", "cases", "retry", "doctor"):
        real[title] = installed.asked(title)
    real["undo"] = installed.asked("undo", real["run"]["run"], "--dry-run")
    real["pause, resume, ignore and unignore"] = installed.asked(
        "ignore", "contacts", "quickbooks:2", "--until", "2999-01-31"
    )
    real["conflicts"] = installed.asked("conflicts", "list")
    real["relink"] = installed.asked("relink", "--again")
    real["forget"] = installed.asked("forget", "hubspot:1", "--yes")
    real["connections disconnect"] = installed.asked(
        "connections", "disconnect", f"quickbooks-{realm}", "--yes"
    )

    for title, output in real.items():
        shape = SHAPES[title]
        assert _plain(msgspec.convert(output, shape)) == output, title
    assert set(real) == set(SHAPES) - {"sandbox", "reconcile", "cases keep"}
