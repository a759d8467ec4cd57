"""`ledgerbridge sandbox` as another process: both emulators, their controls, until stopped."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cli.cli_world import REFRESH


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_sandbox_serves_a_believable_company_until_stopped(
    stop: signal.Signals,
) -> None:
    command = [sys.executable, "-m", "ledgerbridge", "sandbox", "--customers", "60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line == "}\n":
                break
        report = json.loads("".join(lines))
        request = urllib.request.Request(
            f"{report['hubspot']['url']}/crm/objects/2026-09/contacts?limit=100",
            headers={"Authorization": f"Bearer {report['hubspot']['token']}"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            contacts = json.load(answer)["results"]
        process.send_signal(stop)
        code = process.wait(30)

    assert len(contacts) > 30
    assert any(REFRESH[1] in one for one in report["commands"])
    assert code == 0


@contextmanager
def _sandbox(*arguments: str) -> Iterator[dict[str, Any]]:
    """What a running sandbox printed; it is stopped with the block."""
    command = [sys.executable, "-m", "ledgerbridge", "sandbox", "--customers", "60", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line == "}\n":
                break
        try:
            yield json.loads("".join(lines))
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0


def _control(url: str, body: dict[str, Any] | None = None) -> Any:
    headers = {"Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_a_sandbox_goes_on_from_the_state_of_another(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with _sandbox("--clock", "2026-03-01", "--frozen", "--save", str(file)) as first:
        control = first["hubspot"]["control"]
        _control(f"{control}/clock", {"advance_s": 3600})
        deeds = _control(f"{control}/people", {"count": 3, "seed": 5})["deeds"]

    with _sandbox("--load", str(file)) as second:
        control = second["hubspot"]["control"]
        assert _control(f"{control}/clock") == {"now": "2026-03-01T01:00:00Z", "frozen": True}
        assert _control(f"{control}/people")["deeds"] == deeds
        request = urllib.request.Request(
            f"{second['hubspot']['url']}/crm/objects/2026-09/contacts?limit=100",
            headers={"Authorization": f"Bearer {first['hubspot']['token']}"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert len(json.load(answer)["results"]) > 30


def test_webhooks_are_set_up_from_the_command_line(tmp_path: Path) -> None:
    project = tmp_path / "webhooks-hsmeta.json"
    subscription = {"subscriptionType": "object.creation", "objectType": "contact"}
    config = {
        "settings": {"targetUrl": "http://127.0.0.1:9/hubspot"},
        "subscriptions": {"crmObjects": [subscription]},
    }
    project.write_text(json.dumps({"uid": "hooks", "type": "webhooks", "config": config}))
    arguments = ("--hubspot-webhooks", str(project), "--webhook-format", "legacy")
    with _sandbox(*arguments, "--quickbooks-webhooks", "http://127.0.0.1:9/hook") as report:
        hubspot = _control(f"{report['hubspot']['control']}/webhooks")
        quickbooks = _control(f"{report['quickbooks']['control']}/webhooks")

    assert hubspot["url"] == "http://127.0.0.1:9/hubspot"
    assert hubspot["client_secret"] == report["hubspot"]["client_secret"]
    assert [one["event_type"] for one in hubspot["subscriptions"]] == ["object.creation"]
    assert (quickbooks["url"], quickbooks["format"]) == ("http://127.0.0.1:9/hook", "legacy")
    assert quickbooks["verifier_token"] == report["quickbooks"]["verifier_token"]


@pytest.mark.parametrize(
    ("option", "content", "said"),
    [
        ("--load", "no state", "not a state file"),
        ("--hubspot-webhooks", "{}", "config"),
        ("--hubspot-webhooks", "no file", "malformed"),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason(
    tmp_path: Path, option: str, content: str, said: str
) -> None:
    file = tmp_path / "wrong"
    file.write_text(content)
    command = [sys.executable, "-m", "ledgerbridge", "sandbox", "--customers", "60"]

    found = subprocess.run(
        [*command, option, str(file)], capture_output=True, text=True, check=False
    )

    assert found.returncode == 64
    assert said in found.stderr
    assert "Traceback" not in found.stderr


def test_a_state_that_could_not_be_saved_is_refused_at_once(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "ledgerbridge",
        "sandbox",
        "--save",
        str(tmp_path / "no" / "x"),
    ]

    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert found.returncode == 64
    assert "is no folder" in found.stderr
