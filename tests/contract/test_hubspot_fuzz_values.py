"""Whatever a property is given, it is taken or refused; sums of any numbers are answered."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.hubspot_caller import OBJECTS, Caller
from contract.hubspot_operations import ON_PURPOSE
from ledgerbridge.sandbox.hubspot.object_types import OBJECT_TYPES

MARKED = {ON_PURPOSE: "yes"}
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries(
        {
            name: st.sampled_from(["0", "-1", "1e999", "-1e999", "1e-999", "9" * 60, ".5", ""])
            for name in ("price", "quantity", "discount", "hs_discount_percentage", "hs_value")
        }
    )
)
def test_sums_of_any_numbers_are_answered(numbers: dict[str, str]) -> None:
    async def run() -> list[int]:
        caller = Caller()
        rate = caller.portal.add_tax_rate("vat", "20")
        value = {"hs_type": "PERCENT", "hs_value": numbers.pop("hs_value")}
        invoice = await caller.create("invoices", {"hs_currency": "USD"})
        line = {"properties": {**numbers, "hs_tax_rate_group_id": rate}}
        made = [
            await caller.call("POST", f"{OBJECTS}/{name}", body)
            for name, body in (
                ("line_items", line),
                ("discounts", {"properties": value}),
                ("taxes", {"properties": value}),
            )
        ]
        names = ("line_items", "discounts", "taxes")
        for name, (status, answered) in zip(names, made, strict=True):
            if status == 201:
                put = f"{OBJECTS}/invoices/{invoice}/associations/default/{name}/{answered['id']}"
                await caller.good("PUT", put)
        return [status for status, _ in made]

    assert set(asyncio.run(run())) <= {201, 400}


NASTY = st.sampled_from(
    [
        "",
        " ",
        ";",
        ";;a",
        "0",
        "-0",
        "1e999",
        "99999999999999999999",
        "-62135596800001",
        "0000-00-00",
        "9999-12-31",
        "2026-02-30",
        "2026-03-12T25:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "true",
        "TRUE",
        "owner",
        "default",
        "EUR",
        "\u0000",
        "²",
        "a@example.com",
        "\u202e",
        "x" * 70_000,
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from([kind.name for kind in OBJECT_TYPES]))
def test_any_value_of_any_property_is_taken_or_refused(data: st.DataObject, name: str) -> None:
    caller = Caller()
    known = sorted(caller.portal.properties(name))
    chosen = st.dictionaries(st.sampled_from(known), NASTY | scalars, max_size=5)
    properties, changes = data.draw(chosen), data.draw(chosen)
    required = {"name": "N", "dealname": "D", "hs_currency": "USD", "hs_title": "T"}
    dates = ("hs_timestamp", "hs_initiated_date", "hs_expiration_date")
    required |= dict.fromkeys(dates, "2026-03-12") | {"hs_initial_amount": "1"}
    needed = {one: value for one, value in required.items() if one in known}

    async def write(method: str, target: str, written: dict[str, Any]) -> tuple[int, Any]:
        body = msgspec.json.encode({"properties": written})
        answer = await caller.send(method, target, body, MARKED)
        return answer.status, msgspec.json.decode(answer.body)

    async def run() -> None:
        made, answered = await write("POST", f"{OBJECTS}/{name}", {**needed, **properties})
        assert made in {201, 400, 409}, answered
        if made == 201:
            target = f"{OBJECTS}/{name}/{answered['id']}"
            assert (await write("PATCH", target, changes))[0] in {200, 400, 409}
            read = await caller.good("GET", f"{target}?properties={','.join(known[:40])}")
            shown = read["properties"].values()
            assert all(value is None or isinstance(value, str) for value in shown)
            search = {"properties": known[:20], "query": "a"}
            await caller.good("POST", f"{OBJECTS}/{name}/search", search)

    asyncio.run(run())
