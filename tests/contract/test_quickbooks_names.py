"""Names: unique by full name, marked when deactivated, carried to children and into old forms."""

from __future__ import annotations

import pytest

from contract.quickbooks_caller import Caller
from ledgerbridge.sandbox.quickbooks import Refused, Switches


def test_a_name_is_taken_whatever_its_case_and_whoever_holds_it() -> None:
    caller = Caller()
    caller.company.create("Vendor", {"DisplayName": "Ann Aalto"})
    with pytest.raises(Refused, match="Another vendor is already using this name") as refused:
        caller.customer("ANN aalto")

    assert refused.value.code == "6240"


@pytest.mark.parametrize(
    ("variant", "ending"), [("null", ": null"), ("placeholder", r"\$\$customer\$\$")]
)
def test_older_wordings_of_the_duplicate_name(variant: str, ending: str) -> None:
    caller = Caller(Switches(duplicate_name_detail=variant))  # type: ignore[arg-type]
    caller.customer("Ann")
    with pytest.raises(Refused, match=ending):
        caller.customer("Ann")


def test_deactivation_marks_the_name_and_frees_it() -> None:
    caller = Caller()
    customer_id = caller.customer("Ann", GivenName="Ann")
    caller.company.update("Customer", {"Id": customer_id, "Active": False})
    customer = caller.stored("Customer", customer_id)

    assert customer["DisplayName"] == customer["FullyQualifiedName"] == "Ann (deleted)"
    assert customer["PrintOnCheckName"] == "Ann"
    assert caller.customer("Ann") != customer_id
    with pytest.raises(Refused, match="6240"):
        caller.company.update("Customer", {"Id": customer_id, "Active": True})


def test_an_inactive_record_may_be_made_to_hold_its_name() -> None:
    caller = Caller(Switches(inactive_names_block=True))
    caller.company.update("Customer", {"Id": caller.customer("Ann"), "Active": False})
    with pytest.raises(Refused, match="6240"):
        caller.customer("Ann")


def test_deactivating_twice_changes_nothing() -> None:
    caller = Caller()
    customer_id = caller.customer("Ann")
    once = caller.company.update("Customer", {"Id": customer_id, "Active": False})
    caller.pass_time(hours=1)

    assert caller.company.update("Customer", {"Id": customer_id, "Active": False}) == once


def test_a_child_may_bear_the_name_of_another_familys() -> None:
    caller = Caller()
    parent_id = caller.customer("Parent")
    caller.customer("Ann")
    child_id = caller.customer("Ann", Job=True, ParentRef={"value": parent_id})
    child = caller.stored("Customer", child_id)

    assert child["FullyQualifiedName"] == "Parent:Ann"
    assert (child["Level"], child["ParentRef"], child["Job"]) == (1, {"value": parent_id}, True)


def test_renaming_a_parent_renames_the_family_and_keeps_its_tokens() -> None:
    caller = Caller()
    parent_id = caller.customer("Parent")
    child_id = caller.customer("Ann", Job=True, ParentRef={"value": parent_id})
    caller.company.update("Customer", {"Id": parent_id, "DisplayName": "Elder"})
    child = caller.stored("Customer", child_id)

    assert (child["FullyQualifiedName"], child["SyncToken"]) == ("Elder:Ann", "0")


def test_a_family_has_at_most_four_levels_below_the_top_and_no_loops() -> None:
    caller = Caller()
    ids = [caller.customer("0")]
    for level in range(1, 5):
        ids.append(caller.customer(str(level), Job=True, ParentRef={"value": ids[-1]}))
    with pytest.raises(Refused, match="700"):
        caller.customer("5", Job=True, ParentRef={"value": ids[-1]})
    with pytest.raises(Refused, match="900"):
        caller.company.update(
            "Customer", {"Id": ids[0], "Job": True, "ParentRef": {"value": ids[2]}}
        )


def test_a_display_name_is_built_from_the_parts_of_a_name() -> None:
    caller = Caller()
    customer = caller.company.create(
        "Customer", {"Title": "Ms.", "GivenName": "Ann", "FamilyName": "Aalto"}
    )

    assert customer["DisplayName"] == "Ms. Ann Aalto"
    assert customer["PrintOnCheckName"] == "Ann Aalto"
    with pytest.raises(Refused, match="6080"):
        caller.company.create("Customer", {"CompanyName": "Aalto Oy"})


@pytest.mark.parametrize("name", ["a:b", "a\tb", "a\nb"])
def test_some_characters_are_refused_in_names(name: str) -> None:
    with pytest.raises(Refused, match="invalid characters"):
        Caller().customer(name)


def test_old_forms_show_todays_names() -> None:
    caller = Caller()
    customer_id, item_id = caller.customer("Ann"), caller.item("Thing")
    line = {"DetailType": "SalesItemLineDetail", "Amount": 5}
    body = {**line, "SalesItemLineDetail": {"ItemRef": {"value": item_id, "name": "whatever"}}}
    reference = {"value": customer_id}
    invoice_id = caller.company.create("Invoice", {"CustomerRef": reference, "Line": [body]})["Id"]
    caller.pass_time(hours=1)
    caller.company.update("Customer", {"Id": customer_id, "DisplayName": "Bo"})
    caller.company.update("Item", {"Id": item_id, "Name": "Object"})
    invoice = caller.stored("Invoice", invoice_id)

    assert invoice["CustomerRef"]["name"] == "Bo"
    assert invoice["Line"][0]["SalesItemLineDetail"]["ItemRef"]["name"] == "Object"
    assert (invoice["SyncToken"], invoice["MetaData"]["LastUpdatedTime"][11:13]) == ("0", "12")


def test_an_inactive_customer_or_item_cannot_be_invoiced() -> None:
    caller = Caller()
    customer_id, item_id = caller.customer(), caller.item()
    caller.company.update("Item", {"Id": item_id, "Active": False})
    detail = {"ItemRef": {"value": item_id}}
    line = {"DetailType": "SalesItemLineDetail", "Amount": 5, "SalesItemLineDetail": detail}
    with pytest.raises(Refused, match="made inactive") as refused:
        caller.invoice(customer_id, Line=[line])

    assert refused.value.code == "610"
    caller.company.update("Customer", {"Id": customer_id, "Active": False})
    with pytest.raises(Refused, match="made inactive"):
        caller.invoice(customer_id, 5)
    with pytest.raises(Refused, match="Invalid Reference Id : Names element id 99 not found"):
        caller.invoice("99", 5)


def test_a_category_holds_items_and_cannot_be_sold_or_retired() -> None:
    caller = Caller()
    category = caller.company.create("Item", {"Name": "Garden", "Type": "Category"})
    item_id = caller.item("Rake", ParentRef={"value": category["Id"]}, SubItem=True)

    assert caller.stored("Item", item_id)["FullyQualifiedName"] == "Garden:Rake"
    with pytest.raises(Refused, match="category"):
        caller.company.update("Item", {"Id": category["Id"], "Active": False})
