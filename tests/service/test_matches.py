"""Who may be whom is left to a person, whose word is kept for ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ledgerbridge.core.plan import Status
from ledgerbridge.errors import UsageError
from ledgerbridge.service import matching
from ledgerbridge.service.matching import Match, MatchClass
from support.pair import Pair

PHONE = {"FreeFormNumber": "+1 212 555 0101"}


async def matches(pair: Pair) -> list[Match]:
    """All pairs that are shown."""
    return list((await pair.store.read(matching.report)).matches)


async def alike(pair: Pair) -> tuple[str, str]:
    """A customer and a contact that share a name and a phone, not an address; both ids."""
    customer = pair.customer("Ada Poe", "ada@old.example", PrimaryPhone=PHONE)
    contact = pair.contact(
        "ada@new.example",
        qualifies=True,
        firstname="Ada",
        lastname="Poe",
        phone="(212) 555-0101",
    )
    await pair.begin()
    return customer, contact


async def test_a_likely_pair_is_proposed_with_its_evidence_and_nothing_is_made_of_either(
    pair: Pair,
) -> None:
    customer, contact = await alike(pair)
    await pair.run()

    (found,) = await matches(pair)
    assert (found.match, found.quickbooks_id, found.hubspot_id) == ("proposed", customer, contact)
    assert "same name (40), same phone (40): 80 points" in found.evidence
    assert (len(pair.portal.all("contacts")), len(pair.company.all("Customer"))) == (1, 1)
    codes = {(one.record_id, one.code) for one in await pair.outcomes(Status.CASE)}
    assert codes == {(customer, "match_to_decide"), (contact, "match_to_decide")}
    assert (await pair.run()).writes == 0


async def test_what_a_person_accepts_is_paired_and_stays_so(pair: Pair) -> None:
    customer, contact = await alike(pair)
    await pair.run()
    await pair.store.write(matching.accept, "contacts", customer, pair.clock.now())
    await pair.run()

    key = (pair.portal.get("contacts", contact) or {})["ledgerbridge_key"]
    assert key.endswith(f":customer:{customer}")
    assert [one.match for one in await matches(pair)] == [MatchClass.ACCEPTED]
    assert await pair.outcomes(Status.CASE) == []
    assert (await pair.run()).writes == 0


async def test_what_a_person_rejects_is_two_people_for_ever(pair: Pair) -> None:
    customer, contact = await alike(pair)
    await pair.run()
    await pair.store.write(matching.reject, "contacts", customer, None, pair.clock.now())
    await pair.run()

    assert pair.emails() == ["ada@new.example", "ada@old.example"]
    assert len(pair.company.all("Customer")) == 2
    keys = {c["email"]: c["ledgerbridge_key"] for c in pair.portal.all("contacts")}
    assert keys["ada@old.example"].endswith(f":customer:{customer}")
    assert not keys["ada@new.example"].endswith(f":customer:{customer}")
    assert [one.hubspot_id for one in await matches(pair)] == [contact]


async def test_a_rejected_pair_is_not_made_by_its_email_either(pair: Pair) -> None:
    customer = pair.customer("Ada Poe", "ada@poe.example")
    contact = pair.contact("ada@poe.example")
    await pair.begin("contacts")
    await pair.plan()
    (certain,) = await matches(pair)
    assert (certain.match, certain.evidence) == (MatchClass.CERTAIN, "matched by e-mail")
    now = pair.clock.now()
    await pair.store.write(matching.reject, "contacts", customer, contact, now)
    await pair.run()

    assert not (pair.portal.get("contacts", contact) or {}).get("ledgerbridge_key")


async def test_a_contact_whose_customer_a_person_paired_with_another_is_told_so(
    pair: Pair,
) -> None:
    customer = pair.customer("Ada Poe", "ada@poe.example")
    other = pair.contact("ada@poe.example")
    chosen = pair.contact("office@poe.example")
    await pair.begin("contacts")
    await pair.plan()
    now = pair.clock.now()
    await pair.store.write(matching.pair_by_hand, "contacts", customer, chosen, now)
    await pair.run()

    (told,) = await pair.outcomes(Status.EXCLUDED)
    assert (told.record_id, told.code) == (other, "customer_taken")
    assert (await pair.run()).writes == 0


async def test_an_unpaired_pair_stays_as_it_is_and_can_be_paired_again(pair: Pair) -> None:
    customer = pair.customer("Ada Poe", "ada@poe.example")
    await pair.begin("contacts")
    await pair.run()
    contact = pair.contact_of("ada@poe.example")["hs_object_id"]
    await pair.store.write(matching.unpair, "contacts", customer, pair.clock.now())
    pair.edit_customer(customer, GivenName="Adeline")
    await pair.run()

    assert len(pair.portal.all("contacts")) == 1
    left = pair.portal.get("contacts", contact) or {}
    assert left.get("firstname") != "Adeline"
    assert not left.get("ledgerbridge_key")
    assert (await pair.run()).writes == 0

    await pair.store.write(matching.pair_by_hand, "contacts", customer, contact, pair.clock.now())
    await pair.run()
    assert (pair.portal.get("contacts", contact) or {})["firstname"] == "Adeline"
    assert (await pair.run()).writes == 0


async def test_a_company_that_is_unpaired_gives_its_key_to_the_one_that_is_chosen(
    pair: Pair,
) -> None:
    wrong = pair.portal.create("companies", {"name": "Poe Limited"})["hs_object_id"]
    right = pair.portal.create("companies", {"name": "Poe & Daughters"})["hs_object_id"]
    customer = pair.customer("Ada Poe", "ada@poe.example", CompanyName="Poe Limited")
    await pair.begin("contacts", "companies")
    await pair.run()
    now = pair.clock.now()
    await pair.store.write(matching.unpair, "companies", customer, now)
    await pair.store.write(matching.pair_by_hand, "companies", customer, right, now)
    result = await pair.run()

    keys = [(pair.portal.get("companies", x) or {}).get("ledgerbridge_key") for x in (wrong, right)]
    assert (result.failing, keys[0] or "") == (0, "")
    assert (keys[1] or "").endswith(f":customer:{customer}")
    assert (await pair.run()).writes == 0


async def test_of_two_contacts_alike_one_is_chosen_by_hand(pair: Pair) -> None:
    customer, contact = await alike(pair)
    other = pair.contact("ada@third.example", firstname="Ada", lastname="Poe", phone="2125550101")
    await pair.run()
    assert {one.match for one in await matches(pair)} == {MatchClass.AMBIGUOUS}
    now = pair.clock.now()
    with pytest.raises(UsageError, match="several pairs are proposed"):
        await pair.store.write(matching.accept, "contacts", customer, now)
    await pair.store.write(matching.pair_by_hand, "contacts", customer, other, now)
    await pair.run()

    assert (pair.portal.get("contacts", other) or {})["ledgerbridge_key"]
    assert (pair.portal.get("contacts", contact) or {})["ledgerbridge_key"].endswith(":customer:2")


async def test_a_company_is_chosen_among_two_of_one_name(pair: Pair) -> None:
    first, _ = (
        pair.portal.create("companies", {"name": "Poe Limited"})["hs_object_id"] for _ in range(2)
    )
    customer = pair.customer("Ada Poe", "ada@poe.example", CompanyName="Poe Limited")
    await pair.begin("contacts", "companies")
    await pair.run()
    assert len(await matches(pair)) == 2
    now = pair.clock.now()
    await pair.store.write(matching.pair_by_hand, "companies", customer, first, now)
    await pair.run()

    assert (pair.portal.get("companies", first) or {})["ledgerbridge_key"]
    ada = pair.contact_of("ada@poe.example")["hs_object_id"]
    assert pair.portal.associations("contacts", ada, "companies") == [first]


async def test_what_cannot_be_decided_says_why(pair: Pair) -> None:
    customer = pair.customer("Ada Poe", "ada@poe.example")
    now = pair.clock.now()
    with pytest.raises(UsageError, match="have to be connected first"):
        await pair.store.write(matching.unpair, "contacts", customer, now)
    await pair.begin("contacts")
    await pair.run()
    contact = pair.contact_of("ada@poe.example")["hs_object_id"]
    refusals: tuple[tuple[Callable[..., object], tuple[str | None, ...], str], ...] = (
        (matching.accept, ("contacts", customer), "no pair is proposed"),
        (matching.reject, ("contacts", customer, None), "no pair is proposed"),
        (matching.pair_by_hand, ("contacts", customer, contact), "is paired with"),
        (matching.pair_by_hand, ("contacts", "99", contact), "There is no Customer 99"),
        (matching.unpair, ("contacts", "99"), "has no partner"),
        (matching.unpair, ("invoices", "1"), "Invoice 1 has no partner"),
        (matching.unpair, ("products", "1"), "not for 'products'"),
    )
    for deed, given, why in refusals:
        with pytest.raises(UsageError, match=why):
            await pair.store.write(deed, *given, now)
