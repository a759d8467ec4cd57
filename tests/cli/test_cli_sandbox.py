"""`ledgerbridge sandbox` as another process: both emulators, until stopped."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request

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
