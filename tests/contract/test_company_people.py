"""People at work: what they do is possible, is said in a line, and arrives where it was done."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.company_world import TODAY, World, loaded
from ledgerbridge.sandbox.company import Edit, conflict, draw_edits, invalid, perform
from ledgerbridge.sandbox.company.people import KINDS
from ledgerbridge.sandbox.hubspot import ApiError

SEEDS = st.integers(min_value=0, max_value=2**32)


def drawn(world: World, seed: int, count: int) -> list[Edit]:
    return draw_edits(world.company, world.portal, Random(seed), count, today=TODAY)


def pair(world: World) -> tuple[str, str]:
    customer, contact = world.story.pairs[0]
    return world.ids[customer], world.ids[contact]


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_whatever_is_drawn_can_be_done(seed: int) -> None:
    world = loaded(seed % 50)
    for edit in drawn(world, seed, 20):
        ids = perform(edit, world.company, world.portal)

        assert len(edit.steps) == len(ids)
        assert all(ids)


def test_a_drawing_is_of_the_asked_size_and_of_both_sides() -> None:
    edits = drawn(loaded(0), 1, 2 * len(KINDS))
    sides = {step.side for edit in edits for step in edit.steps}

    assert len(edits) == 2 * len(KINDS)
    assert sides == {"quickbooks", "hubspot"}


def test_the_same_random_source_draws_the_same_edits() -> None:
    assert drawn(loaded(0), 5, 12) == drawn(loaded(0), 5, 12)
    assert drawn(loaded(0), 5, 12) != drawn(loaded(0), 6, 12)


def test_each_edit_is_told_in_one_line() -> None:
    for edit in drawn(loaded(0), 2, 20):
        assert "\n" not in edit.description
        assert edit.description


@given(SEEDS)
@settings(max_examples=10, deadline=None)
def test_no_record_is_changed_by_two_edits_of_one_drawing(seed: int) -> None:
    world = loaded(seed % 50)
    changed = Counter(
        (step.type, step.id) for edit in drawn(world, seed, 30) for step in edit.steps if step.id
    )

    assert [record for record, times in changed.items() if times > 1] == []


def test_more_edits_than_records_to_change_become_new_contacts() -> None:
    edits = drawn(loaded(0), 3, 500)
    last_kinds = {step.type for step in edits[-1].steps}

    assert len(edits) == 500
    assert last_kinds == {"contacts", "line_items", "invoices"}


def test_an_edit_arrives_on_its_side() -> None:
    world = loaded(0)
    for edit in drawn(world, 4, 20):
        ids = perform(edit, world.company, world.portal)
        for step, id_ in zip(edit.steps, ids, strict=True):
            if step.side == "hubspot":
                held = world.portal.get(step.type, id_)

                assert held is not None
                assert step.body.items() <= {**held}.items(), edit.description


def test_a_new_customer_gets_an_invoice_of_its_own() -> None:
    world = loaded(0)
    edits = [
        edit for edit in drawn(world, 5, len(KINDS)) if "is a new customer" in edit.description
    ]
    customer, invoice = perform(edits[0], world.company, world.portal)
    written = world.company.get("Invoice", invoice)

    assert written is not None
    assert written["CustomerRef"]["value"] == customer
    assert written["Balance"] == written["TotalAmt"] > 0


def test_a_conflict_leaves_two_different_numbers_for_one_person() -> None:
    world = loaded(0)
    customer_id, contact_id = pair(world)
    edit = conflict(world.company, world.portal, customer_id, contact_id)
    perform(edit, world.company, world.portal)
    customer = world.company.get("Customer", customer_id)
    contact = world.portal.get("contacts", contact_id)

    assert customer is not None
    assert contact is not None
    numbers = {customer["PrimaryPhone"]["FreeFormNumber"], contact["phone"]}
    assert len(numbers) == 2
    assert all(number in edit.description for number in numbers)


def test_a_second_conflict_changes_both_sides_again() -> None:
    world = loaded(0)
    ids = pair(world)
    first = conflict(world.company, world.portal, *ids)
    perform(first, world.company, world.portal)
    second = conflict(world.company, world.portal, *ids)

    assert not {str(step.body) for step in first.steps} & {str(step.body) for step in second.steps}


def test_an_invalid_edit_is_taken_by_the_books_and_refused_by_the_portal() -> None:
    world = loaded(0)
    customer_id, contact_id = pair(world)
    perform(invalid(world.company, customer_id), world.company, world.portal)
    customer = world.company.get("Customer", customer_id)

    assert customer is not None
    with pytest.raises(ApiError, match="INVALID_EMAIL"):
        world.portal.update(
            "contacts", contact_id, {"email": customer["PrimaryEmailAddr"]["Address"]}
        )


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_one_round_of_any_seed_has_an_edit_of_every_kind(seed: int) -> None:
    edits = drawn(loaded(seed % 50), seed, len(KINDS))
    said = " | ".join(edit.description for edit in edits)

    assert [words for words in SAID if words not in said] == []
    assert {step.deed for edit in edits for step in edit.steps} == {"write", "void", "delete"}


SAID = (
    "has a new telephone number",
    "is now ",
    "is a new customer in QuickBooks",
    " costs ",
    "in QuickBooks now has ",
    "in full",
    "is made inactive",
    "moves to",
    "has the first name",
    "is a new contact in HubSpot",
    "pays a half of invoice",
    "bounces and is deleted",
    ": applied anew in QuickBooks",
    "has the number",
    ": corrected in QuickBooks",
    "shipping of 12.50 and an allowance of",
    "is voided in QuickBooks",
    ") is deleted in QuickBooks",
)
