"""What the page of the emulators says about other people's clients is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hubspot import Client
from hubspot.crm.pipelines import exceptions as of_pipelines
from hubspot.crm.schemas import exceptions as of_schemas
from hubspot.crm.tickets import exceptions as of_tickets
from intuitlib.client import AuthClient

from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.quickbooks import QuickBooks

DOCS = Path(__file__).resolve().parents[2] / "docs"
HEADING = "## With other people's clients\n"


def examples() -> list[str]:
    """The examples of the section, wherever its page is."""
    (page,) = (
        text
        for file in DOCS.rglob("emulators.md")
        if HEADING in (text := file.read_text(encoding="utf-8"))
    )
    section = page.partition(HEADING)[2].partition("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)


def test_the_example_of_hubspot_works_as_written(hubspot: HubSpot, hubspot_url: str) -> None:
    (example,) = (one for one in examples() if "hubspot" in one)

    names: dict[str, object] = {"url": hubspot_url, "token": hubspot.issue_token()}
    exec(compile(example, "example", "exec"), names)

    assert hubspot.calls["list contacts"] == 2
    names["new"].close()  # type: ignore[attr-defined]


def test_the_example_of_quickbooks_works_as_written(
    quickbooks: QuickBooks, quickbooks_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (example,) = (one for one in examples() if "quickbooks" in one)
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")

    names: dict[str, object] = {
        "url": quickbooks_url,
        "client_id": quickbooks.client_id,
        "client_secret": quickbooks.client_secret,
        "realm_id": quickbooks.realm_id,
        "refresh_token": quickbooks.issue_tokens()[1],
    }
    exec(compile(example, "example", "exec"), names)

    assert quickbooks.calls["query Customer"] == 1


def test_what_is_not_emulated_of_hubspot_is_refused_as_the_page_says(old: Client) -> None:
    with pytest.raises(of_pipelines.ApiException) as wrong_method:
        old.crm.pipelines.pipelines_api.create("deals", {"label": "A"})
    with pytest.raises(of_schemas.ApiException) as unknown:
        old.crm.schemas.core_api.get_all()
    with pytest.raises(of_tickets.ApiException) as invalid:
        old.crm.tickets.basic_api.get_page()

    refusals = (wrong_method, unknown, invalid)
    assert [one.value.status for one in refusals] == [405, 404, 400]


def test_no_identity_is_issued(auth: AuthClient, quickbooks: QuickBooks) -> None:
    auth.get_bearer_token(quickbooks.tokens.authorize(quickbooks.realm_id))

    assert auth.access_token
    assert auth.id_token is None
