"""The preset *books first*: HubSpot may fill blanks in the books, never change what they have."""

from __future__ import annotations

import pytest

from ledgerbridge.core.compiling import compile_mappings
from ledgerbridge.core.mapping import Context, Mapping, Rule, When
from ledgerbridge.core.merge import creation, decide
from ledgerbridge.core.model import Link, Record, Side, Value
from ledgerbridge.core.schema import Field, ObjectSchema
from ledgerbridge.syncs.catalogue import Preset, definitions

SCHEMAS = (
    ObjectSchema(side=Side.HUBSPOT, object_type="contacts", fields={"a": Field(name="a")}),
    ObjectSchema(side=Side.QUICKBOOKS, object_type="Customer", fields={"A": Field(name="A")}),
)
CONTEXT = Context(time_zone="UTC", country="US", currency="USD")


def patches(
    into: When, base: tuple[Value, Value], now: tuple[Value, Value]
) -> dict[Side, dict[str, Value]]:
    """What is written to each side for one field, given both bases and what both show."""
    mapping = Mapping(name="a", hubspot=("a",), quickbooks=("A",), into_quickbooks=into)
    compiled = compile_mappings([mapping], *SCHEMAS, CONTEXT)
    link = Link(
        id="l",
        hubspot_id="1",
        quickbooks_id="2",
        base_hubspot={"a": base[0]},
        base_quickbooks={"A": base[1]},
    )
    decision = decide(
        link,
        Record("contacts", "1", "1", {"a": now[0]}),
        Record("Customer", "2", "1", {"A": now[1]}),
        compiled,
        Rule.QUICKBOOKS,
    )
    return {side: patch.fields for side, patch in decision.patches.items()}


@pytest.mark.parametrize("into", [When.IF_BLANK, When.ON_CREATE])
def test_what_the_books_have_is_never_changed_from_hubspot(into: When) -> None:
    assert patches(into, ("x", "x"), ("y", "x")) == {}


@pytest.mark.parametrize("into", [When.IF_BLANK, When.ON_CREATE])
def test_a_change_in_the_books_travels(into: When) -> None:
    assert patches(into, ("x", "x"), ("x", "y")) == {Side.HUBSPOT: {"a": "y"}}


def test_a_blank_in_the_books_is_filled() -> None:
    assert patches(When.IF_BLANK, (None, None), ("y", None)) == {Side.QUICKBOOKS: {"A": "y"}}


def test_a_field_that_comes_from_the_books_alone_is_not_even_filled() -> None:
    assert patches(When.ON_CREATE, (None, None), ("y", None)) == {}


def test_a_new_customer_gets_its_email_from_the_contact() -> None:
    mapping = Mapping(name="a", hubspot=("a",), quickbooks=("A",), into_quickbooks=When.ON_CREATE)
    compiled = compile_mappings([mapping], *SCHEMAS, CONTEXT)

    patch, problems = creation(Side.QUICKBOOKS, Record("contacts", "1", "1", {"a": "y"}), compiled)

    assert (patch.fields, problems) == ({"A": "y"}, ())


def test_the_preset_guards_every_field_of_the_books() -> None:
    chosen = definitions(Preset.BOOKS_FIRST)["contacts"].mappings
    guards = {m.name: m.into_quickbooks for m in chosen if m.direction.leads(Side.QUICKBOOKS)}

    assert guards["email"] is When.ON_CREATE
    assert guards["address"] is When.ON_CREATE
    assert set(guards.values()) == {When.ON_CREATE, When.IF_BLANK}
