"""Connect, test, disconnect, connect again."""

from __future__ import annotations

from cli.cli_world import CONNECT_HUBSPOT, REFRESH, SYNCS, Installation
from ledgerbridge.sandbox.hubspot import ALL_SCOPES
from ledgerbridge.syncs.catalogue import KINDS

REALM = "9341450000000001"
OTHER_REALM = "9341450000000002"


def _with_token(installed: Installation, token: str) -> None:
    installed.environment["SANDBOX_HUBSPOT_TOKEN"] = token


def _with_refresh_token(installed: Installation, realm_id: str) -> None:
    _, refresh_token = installed.quickbooks.issue_tokens(realm_id)
    installed.environment["SANDBOX_QUICKBOOKS_REFRESH_TOKEN"] = refresh_token


def test_connecting_says_who_answers_and_what_was_made(installed: Installation) -> None:
    shown = installed.done(*CONNECT_HUBSPOT).stdout

    ours = sum(len(kind.own_properties) for kind in KINDS.values())
    assert "HubSpot portal 147000001" in shown
    assert f"{ours} created, 0 there already" in shown
    assert "ledgerbridge connect quickbooks" in shown


def test_connecting_again_makes_nothing_twice(installed: Installation) -> None:
    installed.done(*CONNECT_HUBSPOT)

    report = installed.asked(*CONNECT_HUBSPOT)

    assert report["properties_created"] == []
    assert "contacts.ledgerbridge_key" in report["properties_existing"]
    assert len(installed.asked("connections", "list")["connections"]) == 1


def test_a_missing_permission_is_named_with_what_cannot_be_done(installed: Installation) -> None:
    scopes = [scope for scope in ALL_SCOPES if "invoices" not in scope]
    _with_token(installed, installed.hubspot.issue_token(scopes=scopes))

    report = installed.asked(*CONNECT_HUBSPOT)

    assert any("invoices" in lack["consequence"] for lack in report["lacks"])
    assert all(lack["remedy"] for lack in report["lacks"])


def test_an_app_that_keeps_invoices_already_is_told_with_what_becomes_of_them(
    installed: Installation,
) -> None:
    for source in ("data_sync", "data_sync", "hubspot"):
        made = installed.portal.create("invoices", {"hs_currency": "USD"})["hs_object_id"]
        installed.portal.set_computed("invoices", made, {"hs_invoice_source": source})

    shown = installed.done(*CONNECT_HUBSPOT).stdout

    assert "2 invoices are kept here by another app" in shown
    assert "it is left to that app, none is made beside it" in " ".join(shown.split())
    assert installed.asked(*CONNECT_HUBSPOT)["invoices_of_other_apps"] == 2


def test_a_property_of_our_name_that_is_not_ours_is_named(installed: Installation) -> None:
    installed.portal.add_property("contacts", "ledgerbridge_balance")

    report = installed.asked(*CONNECT_HUBSPOT)

    (problem,) = report["property_problems"]
    assert problem["property"] == "contacts.ledgerbridge_balance"
    assert "string instead of number" in problem["message"]


def test_a_wrong_token_connects_nothing(installed: Installation) -> None:
    _with_token(installed, "pat-na1-wrong")

    result = installed.done(*CONNECT_HUBSPOT, exit_code=1)

    assert "wrong or was revoked" in result.stderr
    assert "pat-na1-wrong" not in result.output
    assert installed.asked("connections", "list")["connections"] == []


def test_a_spent_refresh_token_connects_nothing(installed: Installation) -> None:
    installed.environment["SANDBOX_QUICKBOOKS_REFRESH_TOKEN"] = "RT1-spent"

    result = installed.done("connect", "quickbooks", "--realm-id", REALM, *REFRESH, exit_code=1)

    assert "does not accept the refresh token" in result.stderr
    assert installed.asked("connections", "list")["connections"] == []


def test_a_realm_id_that_is_no_number_is_wrong_usage(installed: Installation) -> None:
    result = installed.done("connect", "quickbooks", "--realm-id", "mine", *REFRESH, exit_code=64)

    assert "'mine' is not a number" in result.stderr


def test_without_the_apps_credentials_quickbooks_cannot_be_connected(
    installed: Installation,
) -> None:
    installed.environment["LEDGERBRIDGE_INTUIT_CLIENT_SECRET"] = None

    result = installed.done("connect", "quickbooks", "--realm-id", REALM, *REFRESH, exit_code=64)

    assert "LEDGERBRIDGE_INTUIT_CLIENT_SECRET" in result.stderr
    assert installed.asked("connections", "list")["connections"] == []


def test_a_second_company_is_refused_and_leaves_no_trace(installed: Installation) -> None:
    installed.connect()
    _with_refresh_token(installed, OTHER_REALM)

    result = installed.done(
        "connect", "quickbooks", "--realm-id", OTHER_REALM, *REFRESH, exit_code=64
    )

    assert f"connections disconnect quickbooks-{REALM}" in result.stderr
    known = [one["account_id"] for one in installed.asked("connections", "list")["connections"]]
    assert OTHER_REALM not in known


def test_a_second_portal_is_refused(installed: Installation) -> None:
    installed.connect()
    _with_token(installed, installed.hubspot.issue_token(portal_id=147_000_002))

    result = installed.done(*CONNECT_HUBSPOT, exit_code=64)

    assert "147000001 is connected already" in result.stderr
    assert len(installed.asked("connections", "list")["connections"]) == 2


def test_a_test_says_who_answers_and_who_does_not(installed: Installation) -> None:
    installed.connect()
    installed.hubspot.revoke(str(installed.environment["SANDBOX_HUBSPOT_TOKEN"]))

    report = installed.asked("connections", "test", exit_code=1)

    answers = {one["id"]: one["answers"] for one in report["tests"]}
    assert answers == {"hubspot-147000001": False, f"quickbooks-{REALM}": True}


def test_disconnecting_without_agreement_changes_nothing(installed: Installation) -> None:
    installed.begin()

    result = installed.done("connections", "disconnect", "hubspot-147000001", exit_code=64)

    assert "Syncs that stop: contacts" in result.stdout
    assert "Add --yes" in result.stderr
    assert all(one["connected"] for one in installed.asked("connections", "list")["connections"])


def test_disconnecting_says_what_is_owed_and_keeps_the_links(installed: Installation) -> None:
    installed.customer("Ada Moreno", "ada@example.com")
    installed.begin()
    installed.done("run", "--yes")

    report = installed.asked("connections", "disconnect", f"quickbooks-{REALM}", "--yes")

    assert report["links_kept"] == 1
    assert report["syncs_stopped"] == ["contacts"]
    assert report["disconnected"]
    assert "ledgerbridge sync enable" in installed.done("run", exit_code=64).stderr


def test_connected_again_it_goes_on_and_doubles_nothing(installed: Installation) -> None:
    installed.customer("Ada Moreno", "ada@example.com")
    installed.begin()
    installed.done("run", "--yes")
    installed.done("connections", "disconnect", f"quickbooks-{REALM}", "--yes")

    _with_refresh_token(installed, REALM)
    installed.connect()
    installed.done("sync", "enable", "contacts")
    report = installed.asked("run")

    assert report["writes"] == 0
    assert len(installed.portal.all("contacts")) == 1


def test_another_company_takes_the_place_only_once_the_links_are_forgotten(
    installed: Installation,
) -> None:
    installed.customer("Ada Moreno", "ada@example.com")
    installed.begin()
    installed.done("run", "--yes")
    installed.done("connections", "disconnect", f"quickbooks-{REALM}", "--yes")
    _with_refresh_token(installed, OTHER_REALM)
    connect = ("connect", "quickbooks", "--realm-id", OTHER_REALM, *REFRESH)

    refused = installed.done(*connect, exit_code=64)
    installed.done("sync", "delete", "contacts", "--yes")
    _with_refresh_token(installed, OTHER_REALM)
    installed.done(*connect)

    assert "ledgerbridge sync delete contacts" in refused.stderr
    known = {one["id"]: one for one in installed.asked("connections", "list")["connections"]}
    assert set(known) == {"hubspot-147000001", f"quickbooks-{OTHER_REALM}"}
    names = [one["name"] for one in installed.asked("sync", "list")["syncs"]]
    assert names == list(SYNCS)


def test_an_unknown_connection_is_answered_with_the_known_ones(installed: Installation) -> None:
    installed.connect()

    result = installed.done("connections", "disconnect", "nowhere", "--yes", exit_code=64)

    assert f"hubspot-147000001, quickbooks-{REALM}" in result.stderr
