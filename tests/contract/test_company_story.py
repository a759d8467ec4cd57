"""The believable company as data: any seed shows every situation, and what it claims is true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.company_claims import CLAIMS
from contract.company_looks import email, total
from contract.company_world import SMALLEST, TODAY, named, told
from ledgerbridge.sandbox.company import SITUATIONS, Entry, generate

SEEDS = st.integers(min_value=0, max_value=2**32)
ROWS = [(type_, situation) for type_, claims in CLAIMS.items() for situation in claims]


def references(value: object) -> Iterator[str]:
    """The keys of story records that a body refers to."""
    if isinstance(value, str) and value.startswith("@") and "=" not in value:
        yield value[1:]
    if isinstance(value, dict):
        for part in value.values():
            yield from references(part)
    if isinstance(value, list):
        for part in value:
            yield from references(part)


def test_every_situation_has_a_claim_that_is_tested() -> None:
    assert sorted(SITUATIONS) == sorted(situation for _, situation in ROWS)


@given(SEEDS, st.integers(min_value=SMALLEST, max_value=130))
@settings(max_examples=25, deadline=None)
def test_any_seed_and_size_shows_every_situation(seed: int, customers: int) -> None:
    story = generate(seed, customers, today=TODAY)

    assert list(story.situations) == list(SITUATIONS)
    assert [name for name, shown in story.situations.items() if not shown] == []


@pytest.mark.parametrize(("type_", "situation"), ROWS)
def test_a_record_listed_under_a_situation_shows_it(type_: str, situation: str) -> None:
    claim = CLAIMS[type_][situation]
    for story in (told(0), told(1), told(7, 150)):
        entries = named(story, situation, type_)

        assert [entry.name for entry in entries if not claim(entry, story)] == []


def test_the_default_company_has_the_promised_size() -> None:
    story = generate(0, today=TODAY)
    sizes = {"Customer": 400, "Item": 120, "Invoice": 900, "contacts": 350, "deals": 80}

    assert sizes == {type_: len(story.of(type_)) for type_ in sizes}
    assert [
        situation
        for situation, names in story.situations.items()
        if len(names) < 2 and situation != "bundles"
    ] == []


def test_the_same_seed_tells_the_same_story_and_another_seed_another() -> None:
    assert generate(3, SMALLEST, today=TODAY) == generate(3, SMALLEST, today=TODAY)
    assert generate(3, SMALLEST, today=TODAY) != generate(4, SMALLEST, today=TODAY)


def test_too_small_a_company_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="needs at least 60 customers, not 59"):
        generate(0, SMALLEST - 1, today=TODAY)


@given(SEEDS)
@settings(max_examples=10, deadline=None)
def test_records_refer_to_what_was_entered_before_them(seed: int) -> None:
    story = generate(seed, SMALLEST, today=TODAY)
    midnight = datetime.combine(TODAY, time(), UTC)
    known: dict[str, Entry] = {}
    for entry in story.in_order:
        named_first = [*references(entry.body), *(key for _, key in entry.associations)]

        assert [key for key in named_first if key not in known] == []
        assert all(known[key].at <= entry.at for key in references(entry.body)), entry
        assert entry.at < midnight
        known[entry.key] = entry
    assert known == story.entries


@given(SEEDS)
@settings(max_examples=10, deadline=None)
def test_no_display_name_and_no_contact_email_is_given_twice(seed: int) -> None:
    story = generate(seed, SMALLEST, today=TODAY)
    named_parties = [*story.of("Customer"), *story.of("Vendor")]
    names = Counter(entry.body["DisplayName"].casefold() for entry in named_parties)
    emails = Counter(
        contact.body["email"].casefold()
        for contact in story.of("contacts")
        if "email" in contact.body
    )

    assert [name for name, times in (names | emails).items() if times > 1] == []


def test_every_email_is_under_a_reserved_domain() -> None:
    endings = (".example.com", "@example.com", "@example.org", "@example.net", ".invalid")
    story = told(0, 400)
    written = [email(entry) for entry in story.of("Customer") if email(entry)]
    written += [entry.body["email"] for entry in story.of("contacts") if "email" in entry.body]
    addresses = [
        part.strip().lower() for text in written for part in text.replace(";", ",").split(",")
    ]

    assert [address for address in addresses if not address.endswith(endings)] == []


def test_won_deals_were_won_shortly_before_an_invoice_of_their_amount() -> None:
    story = told(0, 400)
    customers = {contact: customer for customer, contact in story.pairs}
    for deal in named(story, "won_deals", "deals"):
        customer = customers[deal.associations[0][1]]
        won = datetime.fromisoformat(deal.body["closedate"]).date()
        gaps = [
            (datetime.fromisoformat(invoice.body["TxnDate"]).date() - won).days
            for invoice in story.of("Invoice")
            if invoice.body["CustomerRef"]["value"] == f"@{customer}"
            and str(total(invoice)) == deal.body["amount"]
        ]

        assert any(2 <= gap <= 14 for gap in gaps), deal.name
