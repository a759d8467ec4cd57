"""Custom fields into properties of one's own: made on demand, transformed, previewed, drifting."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ledgerbridge.core.model import Side
from ledgerbridge.errors import ConfigError, UsageError
from ledgerbridge.service import config_file, configuring, previewing
from ledgerbridge.service.configuring import ConfigReport
from ledgerbridge.service.describing import sync_report
from support.pair import Pair

KEY = "{name: key, hubspot: ledgerbridge_key, quickbooks: '@key', direction: to hubspot}"
CURRENCY = "{name: currency, hubspot: hs_currency, quickbooks: CurrencyRef, direction: to hubspot}"
PROJECT = (
    "{name: project, hubspot: project_code, quickbooks: CustomField.Project, "
    "direction: to hubspot, create: true%s}"
)
NUMBER = "{name: number, hubspot: hs_number, quickbooks: DocNumber, direction: to hubspot}"
A_DAY_S = 90_000


async def configured(pair: Pair, *mappings: str, sync: str = "invoices") -> ConfigReport:
    """Apply these mappings of one sync besides the key, as `config apply` does."""
    return await configured_with(pair, **{sync: (CURRENCY, *mappings)})


async def configured_with(pair: Pair, **mappings: Sequence[str]) -> ConfigReport:
    """Apply these mappings of several syncs, besides the key."""
    text = "syncs:\n"
    for sync, ours in mappings.items():
        text += f"  {sync}:\n    mappings:\n"
        text += "".join(f"      - {one}\n" for one in (KEY, *ours))
    document, shop, now = config_file.read(text), pair.shop(), pair.clock.now()
    await configuring.ask_both(shop)
    report = await pair.store.read(configuring.differences, document, now)
    await configuring.make_properties(shop, report.properties)
    return await pair.store.write(configuring.apply, document, now)


def with_project(pair: Pair, name: str = "Project") -> None:
    """The company has a custom field on its sales forms."""
    definition = {
        "CustomField": [
            {
                "Name": "SalesFormsPrefs.SalesCustomName1",
                "Type": "StringType",
                "StringValue": name,
            }
        ]
    }
    pair.company.set_preferences(SalesFormsPrefs={"CustomField": [definition]})


def invoice(pair: Pair, project: str) -> str:
    """An invoice with that project; its id."""
    customer, item = pair.customer(f"Ada {project}", f"{project}@example.com"), pair.item(project)
    field = {"DefinitionId": "1", "Name": "Project", "Type": "StringType", "StringValue": project}
    return pair.invoice(customer, item, CustomField=[field])


async def test_a_custom_field_arrives_in_a_property_that_is_made_for_it(pair: Pair) -> None:
    with_project(pair)
    await pair.begin()
    report = await configured(pair, PROJECT % ', transforms: [{kind: prefix, text: "P-"}]')
    assert [(one.name, one.type) for one in report.properties] == []
    definition = pair.portal.properties("invoices")["project_code"]
    assert (definition.type, definition.label) == ("string", "Project")
    invoice(pair, "roof")
    await pair.run()

    (mirror,) = pair.mirrors()
    assert mirror["project_code"] == "P-roof"


async def test_a_map_of_values_makes_a_list_of_options(pair: Pair) -> None:
    with_project(pair)
    await pair.begin()
    values = ", transforms: [{kind: values, values: {roof: Roof, yard: Yard}}]"
    await configured(pair, PROJECT % values)
    definition = pair.portal.properties("invoices")["project_code"]
    assert definition.type == "enumeration"
    assert [one.value for one in definition.options] == ["Roof", "Yard"]
    invoice(pair, "yard")
    unknown = invoice(pair, "moat")
    await pair.run()

    shown = {m["ledgerbridge_key"].rsplit(":")[-1]: m.get("project_code") for m in pair.mirrors()}
    assert shown == {"1": "Yard", unknown: None}
    told = await pair.failing()
    assert (told.record_id, told.code) == (unknown, "not_in_values")


async def test_what_would_be_made_is_said_before_and_not_made_by_looking(pair: Pair) -> None:
    with_project(pair)
    await pair.begin()
    document = config_file.read(
        f"syncs:\n  invoices:\n    mappings:\n      - {KEY}\n      - {PROJECT % ''}\n"
    )
    await configuring.ask_both(pair.shop())
    report = await pair.store.read(configuring.differences, document, pair.clock.now())
    assert [(one.object_type, one.name) for one in report.properties] == [
        ("invoices", "project_code")
    ]
    assert "project_code" not in pair.portal.properties("invoices")


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        (PROJECT.replace("project_code", "hs_project") % "", "no name that a new property"),
        (PROJECT.replace("project_code", "Project Code") % "", "no name that a new property"),
        (PROJECT.replace(", create: true", "") % "", "has no field 'project_code'"),
        (PROJECT % ", transforms: [{kind: shout}]", "'shout' is not allowed here"),
        (PROJECT % ", transforms: [{text: x}]", "it is missing"),
        (PROJECT % ", transforms: trim", "it is no list"),
        (PROJECT % ", transforms: [{kind: values, values: {a: true}}]", "no mapping of texts"),
        (PROJECT % ", transforms: [{kind: prefix, text: [x]}]", "is no text"),
        (PROJECT % ", transforms: [{kind: number, digits: two}]", "is no number"),
    ],
)
async def test_a_mapping_that_cannot_work_is_refused_before_anything_is_made(
    pair: Pair, mapping: str, problem: str
) -> None:
    with_project(pair)
    await pair.begin()
    with pytest.raises(ConfigError, match=problem):
        await configured(pair, mapping)
    assert not any("project" in name for name in pair.portal.properties("invoices"))


async def test_an_archived_property_stops_its_mapping_only_and_says_so(pair: Pair) -> None:
    with_project(pair)
    await pair.begin()
    await configured(pair, PROJECT % "", NUMBER)
    pair.portal.remove_property("invoices", "project_code")
    pair.pass_time(A_DAY_S)
    invoice(pair, "roof")
    result = await pair.run()

    (mirror,) = pair.mirrors()
    assert mirror["hs_number"]
    assert result.failing == 0
    assert await left_out(pair) == {"project": "invoices has no project_code here"}


async def test_a_custom_field_that_was_taken_away_empties_no_property(pair: Pair) -> None:
    with_project(pair)
    await pair.begin()
    await configured(pair, PROJECT % "", NUMBER)
    made = invoice(pair, "roof")
    await pair.run()
    pair.company.set_preferences(SalesFormsPrefs={"CustomField": []})
    body = pair.company.get("Invoice", made) or {}
    pair.company.update("Invoice", {**body, "CustomField": [], "DocNumber": "R-1"})

    await pair.run()

    (mirror,) = pair.mirrors()
    assert (mirror["hs_number"], mirror["project_code"]) == ("R-1", "roof")
    assert await left_out(pair) == {"project": "Invoice has no CustomField.Project here"}


async def test_a_preview_shows_real_records_and_writes_nothing(pair: Pair) -> None:
    with_project(pair)
    await pair.begin()
    with pytest.raises(UsageError, match="No Invoice was read yet"):
        await previewed(pair, None)
    await configured(pair, PROJECT % ", transforms: [{kind: case, text: upper}]")
    invoice(pair, "roof")
    await pair.plan()
    calls = pair.hubspot.calls.total() + pair.quickbooks.calls.total()

    report = await previewed(pair, "project")

    (only,) = report.previews
    assert (only.source, only.target) == (
        {"CustomField.Project": "roof"},
        {"project_code": "ROOF"},
    )
    assert pair.hubspot.calls.total() + pair.quickbooks.calls.total() == calls
    with pytest.raises(UsageError, match="no mapping 'projects'"):
        await previewed(pair, "projects")


async def previewed(pair: Pair, mapping: str | None) -> previewing.PreviewReport:
    """What the mappings of invoices make of what was read."""
    return await pair.store.read(
        previewing.preview,
        "invoices",
        Side.HUBSPOT,
        mapping=mapping,
        limit=5,
        now=pair.clock.now(),
    )


def shown_as(name: str, field: str, more: str) -> str:
    """A mapping of one field of invoices to a property of that name, made on demand."""
    return (
        f"{{name: {name}, hubspot: {name}, quickbooks: {field}, direction: to hubspot, "
        f"create: true, {more}}}"
    )


LOUD = "[{kind: trim}, {kind: case, text: upper}, {kind: prefix, text: '>'}, "
EVERY_TRANSFORM = (
    shown_as("due_in_words", "DueDate", "transforms: [{kind: date, text: '%d.%m.%Y'}]"),
    shown_as("thousands", "TotalAmt", "transforms: [{kind: number, factor: '0.001', digits: 2}]"),
    shown_as("loud_memo", "CustomerMemo", f"transforms: {LOUD}{{kind: suffix, text: '!'}}]"),
    shown_as("money", "CurrencyRef", "transforms: [{kind: values, values: {USD: Dollars}}]"),
    shown_as("title", "[DocNumber, TxnDate]", "template: '{DocNumber} of {TxnDate}'"),
)
SHOWN = {
    "due_in_words": "04.06.2026",
    "thousands": "0.02",
    "loud_memo": ">MANY THANKS!",
    "money": "Dollars",
    "title": "7 of 2026-05-04",
}


async def test_what_every_transform_makes_is_previewed_and_then_arrives_so(pair: Pair) -> None:
    await pair.begin()
    await configured(pair, *EVERY_TRANSFORM)
    pair.invoice(
        pair.customer("Ada Poe", "ada@example.com"),
        pair.item("Hours"),
        DocNumber="7",
        TxnDate="2026-05-04",
        DueDate="2026-06-04",
        CustomerMemo={"value": " many thanks "},
    )
    await pair.plan()

    report = await previewed(pair, None)

    previews = {name: one.target[name] for one in report.previews for name in one.target}
    assert {name: previews[name] for name in SHOWN} == SHOWN
    assert {one.problem for one in report.previews} == {""}
    await pair.run()
    (mirror,) = pair.mirrors()
    assert {name: mirror[name] for name in SHOWN} == SHOWN


async def test_fields_of_customers_and_items_arrive_in_properties_of_their_types(
    pair: Pair,
) -> None:
    await pair.begin()
    email = "{name: email, hubspot: email, quickbooks: PrimaryEmailAddr.Address}"
    name = "{name: name, hubspot: name, quickbooks: Name, direction: to hubspot}"
    cost = shown_as("what_it_costs", "PurchaseCost", "private: true")
    taxable = shown_as("is_taxable", "Taxable", "private: false")
    await configured_with(pair, contacts=(email, taxable), products=(name, cost))
    pair.customer("Ada Poe", "ada@example.com")
    pair.item("Hours", PurchaseCost=3)
    await pair.run()

    assert pair.portal.properties("contacts")["is_taxable"].type == "bool"
    assert pair.portal.properties("products")["what_it_costs"].type == "number"
    assert pair.contact_of("ada@example.com")["is_taxable"] == "true"
    assert [one["what_it_costs"] for one in pair.portal.all("products")] == ["3"]


async def test_a_property_whose_type_changes_stops_its_mapping_only_and_says_so(
    pair: Pair,
) -> None:
    with_project(pair)
    await pair.begin()
    await configured(pair, PROJECT % "", NUMBER)
    pair.portal.change_property("invoices", "project_code", type="number", field_type="number")
    pair.pass_time(A_DAY_S)
    invoice(pair, "roof")
    result = await pair.run()

    (mirror,) = pair.mirrors()
    assert (mirror["hs_number"], mirror.get("project_code")) == ("1001", None)
    assert (result.failing, dict(result.unavailable)) == (0, {})
    assert await left_out(pair) == {
        "project": "CustomField.Project (text) cannot be written to project_code (number)"
    }
    pair.portal.change_property("invoices", "project_code", type="string", field_type="text")
    pair.pass_time(A_DAY_S)
    await pair.run()
    assert await left_out(pair) == {}
    assert pair.mirrors()[0]["project_code"] == "roof"


async def test_a_custom_field_renamed_in_quickbooks_stops_its_mapping_only(pair: Pair) -> None:
    with_project(pair)
    await pair.begin()
    await configured(pair, PROJECT % "", NUMBER)
    invoice(pair, "roof")
    await pair.run()
    with_project(pair, name="Site")
    pair.pass_time(A_DAY_S)
    pair.invoice(pair.customer("Bea Roe", "bea@example.com"), pair.item("Hours"))
    await pair.run()

    assert sorted(one["hs_number"] for one in pair.mirrors()) == ["1001", "1002"]
    assert [one.get("project_code") for one in pair.mirrors()] == ["roof", None]
    assert await left_out(pair) == {"project": "Invoice has no CustomField.Project here"}


async def left_out(pair: Pair) -> dict[str, str]:
    """The mappings of invoices that do not serve, and why."""
    report = await pair.store.read(sync_report, "invoices")
    return {one.name: one.left_out for one in report.mappings if one.left_out}
