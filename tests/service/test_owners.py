"""The owner of what we make: set on creation where the set-up names one, then the portal's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cli.cli_world import Installation
from support.pair import Pair

OWNED = "syncs:\n  contacts:\n    owner: {0}\n  companies:\n    owner: {0}\n"


async def test_nobody_owns_what_is_made_unless_the_set_up_names_somebody(pair: Pair) -> None:
    pair.customer("Ada Poe", "ada@example.com")
    await pair.begin()
    await pair.run()

    assert not pair.contact_of("ada@example.com").get("hubspot_owner_id")


async def test_contacts_and_companies_that_are_made_get_the_owner_and_keep_the_next(
    pair: Pair,
) -> None:
    ann = pair.portal.add_owner("ann@example.com", "Ann", "Archer")
    bob = pair.portal.add_owner("bob@example.com", "Bob", "Baker")
    met = pair.contact("bea@example.com")
    ada = pair.customer("Ada Poe", "ada@example.com", CompanyName="Poe Ltd", GivenName="Ada")
    pair.customer("Bea Roe", "bea@example.com", GivenName="Bea")
    await pair.begin()
    for name in ("contacts", "companies"):
        await pair.set_up(name, owner=ann)
    await pair.run()

    made = pair.contact_of("ada@example.com")
    (company,) = pair.portal.all("companies")
    assert (made["hubspot_owner_id"], company["hubspot_owner_id"]) == (ann, ann)
    assert not pair.contact_of("bea@example.com").get("hubspot_owner_id"), met

    pair.portal.update("contacts", made["hs_object_id"], {"hubspot_owner_id": bob})
    pair.edit_customer(ada, GivenName="Adele")
    await pair.run()
    after = pair.contact_of("ada@example.com")
    assert (after["firstname"], after["hubspot_owner_id"]) == ("Adele", bob)
    assert await pair.plan() == {}


async def test_an_owner_who_left_is_said_and_the_record_follows_when_another_is_named(
    pair: Pair,
) -> None:
    ann = pair.portal.add_owner("ann@example.com", "Ann", "Archer")
    bob = pair.portal.add_owner("bob@example.com", "Bob", "Baker")
    await pair.begin("contacts")
    await pair.set_up("contacts", owner=ann)
    pair.portal.archive_owner(ann)
    pair.customer("Ada Poe", "ada@example.com")
    await pair.run()

    found = await pair.failing()
    assert found.code == "unknown_owner"
    assert ann in found.message
    assert "owner" in found.remedy

    await pair.set_up("contacts", owner=bob)
    await pair.run()
    assert pair.contact_of("ada@example.com")["hubspot_owner_id"] == bob
    assert await pair.outcomes() == []


@pytest.mark.parametrize("by", ["id", "address", "address in capitals"])
def test_an_owner_is_named_by_id_or_address_and_kept_by_id(
    by: str, installed: Installation, tmp_path: Path
) -> None:
    ann = installed.portal.add_owner("ann@example.com", "Ann", "Archer")
    words = {"id": ann, "address": "ann@example.com", "address in capitals": "ANN@Example.com"}
    file = tmp_path / "set-up.yaml"
    file.write_text(OWNED.format(words[by]), "utf-8")
    installed.begin("contacts")
    installed.done("config", "apply", str(file), "--yes")

    assert f"owner: '{ann}'" in installed.done("config", "export").stdout
    assert "Nothing would change" in installed.done("config", "apply", str(file)).stdout


@pytest.mark.parametrize("who", ["zoe@example.com", "ann@example.com"])
def test_an_owner_who_is_not_there_or_not_active_is_refused_with_those_who_are(
    who: str, installed: Installation, tmp_path: Path
) -> None:
    ann = installed.portal.add_owner("ann@example.com", "Ann", "Archer")
    installed.portal.add_owner("bob@example.com", "Bob", "Baker")
    installed.portal.archive_owner(ann)
    file = tmp_path / "set-up.yaml"
    file.write_text(OWNED.format(who), "utf-8")
    installed.begin("contacts")
    before = installed.done("config", "export").stdout

    said = installed.done("config", "apply", str(file), "--yes", exit_code=64).stderr

    assert "syncs.contacts.owner (line 3)" in said
    assert who in said
    assert "bob@example.com" in said
    assert installed.done("config", "export").stdout == before


def test_without_the_scope_to_see_owners_nothing_is_applied_and_the_scope_is_named(
    installed: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "set-up.yaml"
    file.write_text(OWNED.format("ann@example.com"), "utf-8")
    installed.begin("contacts")
    tokens = installed.hubspot.tokens
    for text, grant in list(tokens._access.items()):
        scopes = grant.scopes - {"crm.objects.owners.read"}
        tokens._access[text] = replace(grant, scopes=scopes)
    before = installed.done("config", "export").stdout

    result = installed.do("config", "apply", str(file), "--yes")

    assert result.exit_code != 0
    assert "crm.objects.owners.read" in result.stderr
    assert installed.done("config", "export").stdout == before
