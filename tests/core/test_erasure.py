"""What is left of a person who was forgotten, and by what such a person is known again."""

from __future__ import annotations

import pytest

from ledgerbridge.core.erasure import (
    bare,
    identities,
    is_erased,
    of_contact,
    of_customer,
    of_email,
    of_record,
    plan_erased,
)
from ledgerbridge.core.model import Line, Record, Side, Value
from ledgerbridge.core.plan import Status

CUSTOMER_KEY = "77:customer:12"


def test_an_address_is_known_however_it_is_written() -> None:
    assert of_email(" Ada@Example.com ") == of_email("ada@example.com")


def test_a_contact_is_known_by_its_id_its_key_and_all_its_addresses() -> None:
    fields: dict[str, Value] = {
        "email": "ada@example.com",
        "hs_additional_emails": "a@example.com;b@example.com",
        "ledgerbridge_key": CUSTOMER_KEY,
    }

    known = identities(Side.HUBSPOT, Record("contacts", "5", "1", fields))

    assert set(known) == {
        of_contact("5"),
        of_customer(CUSTOMER_KEY),
        *map(of_email, ("ada@example.com", "a@example.com", "b@example.com")),
    }


def test_a_contact_that_we_did_not_make_has_no_key_to_be_known_by() -> None:
    assert identities(Side.HUBSPOT, Record("contacts", "5", "1", {})) == (of_contact("5"),)


def test_a_customer_is_known_by_its_key_and_its_first_address() -> None:
    fields: dict[str, Value] = {
        "@key": CUSTOMER_KEY,
        "PrimaryEmailAddr.Address": "ada@example.com, b@example.com",
    }

    known = identities(Side.QUICKBOOKS, Record("Customer", "12", "1", fields))

    assert known == (of_customer(CUSTOMER_KEY), of_email("ada@example.com"))


@pytest.mark.parametrize("object_type", ["Invoice", "Payment", "Allocation"])
def test_a_transaction_is_about_its_customer(object_type: str) -> None:
    record = Record(object_type, "8", "1", {"@key": "77:x:8"}, {"CustomerRef": ("12",)})

    assert identities(Side.QUICKBOOKS, record) == (of_customer(CUSTOMER_KEY),)


def test_a_mirror_is_known_by_its_key() -> None:
    record = Record("invoices", "9", "1", {"ledgerbridge_key": "77:invoice:8"})

    assert identities(Side.HUBSPOT, record) == (of_record("77:invoice:8"),)


def test_what_is_about_nobody_has_no_identity() -> None:
    item = Record("Item", "3", "1", {"@key": "77:item:3", "Name": "Hours"})

    assert identities(Side.QUICKBOOKS, item) == ()
    assert identities(Side.HUBSPOT, Record("deals", "4", "1", {"dealname": "Ada"})) == ()


def test_ids_references_dates_and_amounts_are_left_of_a_transaction() -> None:
    fields: dict[str, Value] = {
        "@key": "77:invoice:8",
        "TotalAmt": "20.00",
        "CustomerMemo": "For Ada",
        "Other": "x",
    }
    line = Line("1", {"Amount": "20.00", "Description": "Ada's hours"})
    record = Record("Invoice", "8", "1", fields, {"CustomerRef": ("12",)}, (line,))

    left = bare(record)

    assert is_erased(left)
    assert not is_erased(record)
    assert left.fields == {"@key": "77:invoice:8", "TotalAmt": "20.00", "@erased": "yes"}
    assert left.lines == (Line("1", {"Amount": "20.00"}),)
    assert left.references == record.references
    assert bare(left) == left


def test_nothing_is_planned_for_a_forgotten_person() -> None:
    planned = plan_erased(Side.QUICKBOOKS, "12")

    (outcome,) = planned.outcomes
    assert (outcome.status, outcome.code) == (Status.EXCLUDED, "erased")
    assert not planned.operations
