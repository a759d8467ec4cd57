"""Who answers, what it has, and our own properties in it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ledgerbridge.connectors.hubspot import PropertyDefinition, Settings
from ledgerbridge.core.schema import FieldType, Writable
from ledgerbridge.errors import Unauthorized, WrongTenant
from ledgerbridge.sandbox.http import Request as Incoming
from ledgerbridge.sandbox.http import Response
from ledgerbridge.sandbox.hubspot import ALL_SCOPES
from ledgerbridge.sandbox.hubspot.errors import error, invalid
from support.portal import Crm

KEY = PropertyDefinition(
    object_type="contacts", name="ledgerbridge_key", label="QuickBooks key", unique=True
)
BALANCE = PropertyDefinition(
    object_type="contacts",
    name="ledgerbridge_balance",
    label="QuickBooks balance",
    type="number",
    field_type="number",
)
ACTIVE = PropertyDefinition(
    object_type="products",
    name="ledgerbridge_active",
    label="Active in QuickBooks",
    type="bool",
    field_type="booleancheckbox",
    options=(("true", "Yes"), ("false", "No")),
)


def without(*lost: str) -> list[str]:
    return [scope for scope in ALL_SCOPES if scope not in lost]


async def test_the_tenant_is_known_after_one_call() -> None:
    crm = Crm()

    tenant = await crm.connector.who()

    assert tenant.account_id == crm.connector.account_id == "147000001"
    assert tenant.time_zone == crm.portal.settings.time_zone
    assert tenant.currencies[0] == crm.portal.settings.company_currency
    assert crm.calls == {"account": 1}


async def test_another_portal_than_the_pinned_one_stops_everything() -> None:
    crm = Crm(portal_id="5")

    with pytest.raises(WrongTenant, match="portal 147000001"):
        await crm.connector.describe(["contacts"])

    assert crm.calls == {"account": 1}
    assert crm.connector.account_id == "5"


async def test_a_wrong_token_is_explained_with_what_to_do() -> None:
    crm = Crm()
    crm.emulator.revoke(crm.token)

    with pytest.raises(Unauthorized, match="Connect again"):
        await crm.connector.who()


async def test_fields_have_types_options_and_whether_they_may_be_written() -> None:
    crm = Crm(read_only_invoice_amounts=True)

    described = await crm.connector.describe(["contacts", "invoices", "products"])

    contacts, invoices = (described.schemas[name].fields for name in ("contacts", "invoices"))
    assert contacts["email"].type is FieldType.EMAIL
    assert contacts["phone"].type is FieldType.PHONE
    assert contacts["website"].type is FieldType.URL
    assert contacts["country"].type is FieldType.COUNTRY
    assert contacts["state"].type is FieldType.STATE
    assert contacts["firstname"].type is FieldType.NAME
    assert contacts["city"].type is FieldType.TEXT
    assert contacts["firstname"].length_max == 65_536
    assert "customer" in contacts["lifecyclestage"].options
    assert contacts["lifecyclestage"].type is FieldType.ENUM
    assert contacts["hs_additional_emails"].writable is Writable.NEVER
    assert invoices["hs_currency"].type is FieldType.CURRENCY
    assert invoices["hs_due_date"].type is FieldType.DATETIME
    assert invoices["hs_invoice_billable"].type is FieldType.BOOL
    assert invoices["hs_amount_billed"].type is FieldType.MONEY
    assert invoices["hs_amount_billed"].writable is Writable.NEVER
    assert invoices["hs_invoice_status"].writable is Writable.ALWAYS
    assert described.schemas["products"].fields["hs_sku"].unique
    assert described.lacks == ()
    assert described.home_currency == crm.portal.settings.company_currency


async def test_a_type_that_the_token_may_not_see_is_a_lack_and_the_others_go_on() -> None:
    hidden = [scope for scope in ALL_SCOPES if "invoices" in scope]
    crm = Crm(scopes=without(*hidden))

    described = await crm.connector.describe(["contacts", "invoices"])

    (lack,) = described.lacks
    assert list(described.schemas) == ["contacts"]
    assert "crm.schemas.invoices.read" in lack.what
    assert "invoices" in lack.consequence
    assert "Grant the scope" in lack.remedy


async def ensured(crm: Crm, definitions: Sequence[PropertyDefinition]) -> None:
    await crm.connector.ensure_properties(definitions)
    crm.connector.counter.by_kind.clear()


async def test_missing_properties_are_made_in_one_batch_for_each_type() -> None:
    crm = Crm()

    made = await crm.connector.ensure_properties([KEY, BALANCE, ACTIVE])

    assert made.created == (
        "contacts.ledgerbridge_key",
        "contacts.ledgerbridge_balance",
        "products.ledgerbridge_active",
    )
    assert (made.existing, made.problems, made.lacks) == ((), (), ())
    assert crm.calls["create properties contacts"] == 1
    key = crm.portal.properties("contacts")["ledgerbridge_key"]
    assert (key.group, key.unique) == ("ledgerbridge", True)


async def test_properties_that_are_there_cost_one_call_for_each_type() -> None:
    crm = Crm()
    await ensured(crm, [KEY, ACTIVE])

    again = await crm.connector.ensure_properties([KEY, ACTIVE])

    assert again.existing == ("contacts.ledgerbridge_key", "products.ledgerbridge_active")
    assert again.created == ()
    assert crm.calls == {"properties contacts": 1, "properties products": 1}


async def test_what_is_missing_joins_a_group_that_is_there() -> None:
    crm = Crm()
    await ensured(crm, [KEY])

    made = await crm.connector.ensure_properties([KEY, BALANCE])

    assert made.created == ("contacts.ledgerbridge_balance",)
    assert made.existing == ("contacts.ledgerbridge_key",)


async def test_a_property_of_our_name_with_another_type_is_a_problem_and_stays_as_it_is() -> None:
    crm = Crm()
    crm.portal.add_property("contacts", "ledgerbridge_key", "number")

    made = await crm.connector.ensure_properties([KEY, BALANCE])

    (problem,) = made.problems
    assert problem.name == "ledgerbridge_key"
    assert "its type is number instead of string" in problem.message
    assert "its values must be unique" in problem.message
    assert made.created == ("contacts.ledgerbridge_balance",)


async def test_without_permission_to_make_properties_the_scope_is_named() -> None:
    crm = Crm(scopes=without("crm.schemas.contacts.write"))

    made = await crm.connector.ensure_properties([KEY, ACTIVE])

    (lack,) = made.lacks
    assert "crm.schemas.contacts.write" in lack.what
    assert "ledgerbridge_key" in lack.consequence
    assert made.created == ("products.ledgerbridge_active",)


async def test_one_definition_that_hubspot_refuses_does_not_stop_the_others() -> None:
    crm = Crm()
    bad = PropertyDefinition(
        object_type="contacts",
        name="ledgerbridge_kind",
        label="Kind",
        type="enumeration",
        field_type="select",
    )

    made = await crm.connector.ensure_properties([KEY, bad, BALANCE])

    assert made.created == ("contacts.ledgerbridge_key", "contacts.ledgerbridge_balance")
    (problem,) = made.problems
    assert problem.name == "ledgerbridge_kind"
    assert "no options" in problem.message


async def test_a_batch_of_definitions_that_is_refused_as_a_whole_is_made_one_by_one() -> None:
    crm = Crm()
    inner = crm.app

    async def app(request: Incoming) -> Response:
        if request.path.endswith("batch/create") and request.body.count(b'"name"') > 1:
            return invalid("Property failed validation.").response()
        return await inner(request)

    crm.app = app
    made = await crm.connector.ensure_properties([KEY, BALANCE])

    assert made.created == ("contacts.ledgerbridge_key", "contacts.ledgerbridge_balance")
    assert crm.calls["create properties contacts"] == 3


async def test_a_definition_that_no_answer_speaks_of_is_a_problem() -> None:
    crm = Crm()
    inner = crm.app

    async def app(request: Incoming) -> Response:
        if request.path.endswith("batch/create"):
            return error(409, "A property named 'x' already exists.", "CONFLICT").response()
        return await inner(request)

    crm.app = app
    made = await crm.connector.ensure_properties([KEY])

    (problem,) = made.problems
    assert "already exists" in problem.message
    assert problem.remedy == "Make it by hand in HubSpot, or connect again."


async def test_hubspots_limits_are_kept_without_leaning_on_refusals() -> None:
    crm = Crm(rate_limits=True)
    ids = crm.contacts(30_000)
    crm.pass_time(20)
    crm.connector.counter.by_kind.clear()
    started_s = crm.clock.elapsed_s

    found = await crm.scanned()

    assert len(found) == len(ids)
    assert all(entry.status != 429 for entry in crm.emulator.log)
    # 300 pages, 190 of them in the first ten seconds.
    assert crm.clock.elapsed_s - started_s <= 10 * 1.10


async def test_a_smaller_limit_is_learned_from_the_headers() -> None:
    crm = Crm(rate_limits=True, burst_max=100, settings=Settings(requests_per_10_s=190))
    crm.contacts(25_000)
    crm.pass_time(20)

    await crm.scanned()

    assert all(entry.status != 429 for entry in crm.emulator.log)
