"""Who is whom, said by commands: seen before the first sync, then accepted, rejected, paired."""

from __future__ import annotations

import json

import pytest

from cli.cli_world import Installation

PHONE = {"FreeFormNumber": "(212) 555-0101"}
STREET = {"Line1": "7 Elm Street", "PostalCode": "97301"}
RUN = ("run", "--yes", "--no-look")


def alike(installed: Installation, name: str, *, by: str = "phone") -> tuple[str, str]:
    """A customer and a contact of one name, and a phone or an address; the ids of both."""
    first, last = name.split()
    more = {"PrimaryPhone": PHONE} if by == "phone" else {"BillAddr": STREET}
    shown = {"phone": "2125550101"} if by == "phone" else {"address": "7 Elm street"}
    if by != "phone":
        shown["zip"] = "97301"
    customer = installed.customer(name, f"{first.lower()}@old.example", **more)
    contact = installed.contact(
        f"{first.lower()}@new.example", firstname=first, lastname=last, **shown
    )
    return customer, contact


def key_of(installed: Installation, contact: str) -> str | None:
    """The customer that a contact is paired with, if any."""
    found = installed.portal.get("contacts", contact) or {}
    key = found.get("ledgerbridge_key")
    return key and key.rpartition(":")[2]


@pytest.mark.parametrize(
    ("by", "evidence"),
    [
        ("phone", "same name (40), same phone (40): 80 points"),
        ("address", "same name (40), same address (25): 65 points"),
    ],
)
def test_a_proposal_is_shown_with_what_speaks_for_it_and_how_to_answer(
    installed: Installation, by: str, evidence: str
) -> None:
    customer, contact = alike(installed, "Ada Poe", by=by)
    installed.begin()

    shown = installed.done("plan", "--matches").stdout

    assert f"proposed  contacts quickbooks:{customer} and hubspot:{contact}" in shown
    assert evidence in shown
    assert f"yes: ledgerbridge matches accept contacts {customer}" in shown
    assert f"no:  ledgerbridge matches reject contacts {customer} {contact}" in shown
    assert key_of(installed, contact) is None


def test_certain_pairs_are_shown_before_the_first_sync_too(installed: Installation) -> None:
    customer = installed.customer("Bea Roe", "bea@example.com")
    contact = installed.contact("bea@example.com")
    installed.begin()

    shown = installed.done("plan", "--matches", exit_code=2).stdout

    assert f"certain   contacts quickbooks:{customer} and hubspot:{contact}" in shown
    assert "matched by e-mail" in shown


def test_yes_to_the_plan_is_no_yes_to_a_proposal(installed: Installation) -> None:
    _, contact = alike(installed, "Ada Poe")
    installed.begin()

    installed.done(*RUN)

    assert key_of(installed, contact) is None
    assert "proposed" in installed.done("matches", "list").stdout


def test_what_is_said_is_done_by_the_next_run(installed: Installation) -> None:
    ada, adas = alike(installed, "Ada Poe")
    bea, beas = alike(installed, "Bea Roe")
    installed.begin()
    installed.done(*RUN)

    told = installed.done("matches", "accept", "contacts", ada).stdout
    installed.done("matches", "reject", "contacts", bea)
    installed.done(*RUN)

    assert "The next run does it: ledgerbridge run" in told
    assert key_of(installed, adas) == ada
    assert key_of(installed, beas) is None
    made = [one["email"] for one in installed.contacts()]
    assert sorted(made) == ["ada@old.example", "bea@new.example", "bea@old.example"]


def test_a_pair_is_ended_by_hand_and_made_by_hand(installed: Installation) -> None:
    customer = installed.customer("Bea Roe", "bea@example.com", GivenName="Bea")
    contact = installed.contact("bea@example.com")
    other = installed.contact("roe@example.com")
    installed.begin()
    installed.done(*RUN)
    assert key_of(installed, contact) == customer

    told = installed.done("matches", "unpair", "contacts", customer).stdout
    assert f"Undo it with: ledgerbridge matches pair contacts {customer} {contact}" in told
    installed.company.update(
        "Customer", {"Id": customer, "PrimaryEmailAddr": {"Address": "roe@example.com"}}
    )
    installed.done("matches", "pair", "contacts", customer, other)
    installed.done(*RUN)

    shown = json.loads(installed.done("matches", "list", "--json").stdout)["matches"]
    assert (customer, other) in {(one["quickbooks_id"], one["hubspot_id"]) for one in shown}
    assert (installed.portal.get("contacts", other) or {})["firstname"] == "Bea"
