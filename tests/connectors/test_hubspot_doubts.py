"""Writing batches that are refused as a whole, in doubt, throttled or not allowed."""

from __future__ import annotations

import msgspec
import pytest

from ledgerbridge.connectors.hubspot import PropertyDefinition, Settings
from ledgerbridge.connectors.port import Association, Failed, Stored, Write, WriteKind
from ledgerbridge.core.model import Value
from ledgerbridge.errors import LookAgain, Retry, Unauthorized, Verdict
from ledgerbridge.sandbox.http import Request as Incoming
from ledgerbridge.sandbox.http import Response
from support.portal import Crm, failure_of

KEY = "ledgerbridge_key"
KEY_OF_CONTACTS = PropertyDefinition(
    object_type="contacts", name=KEY, label="QuickBooks key", unique=True
)


def keyed(count: int) -> list[dict[str, Value]]:
    return [{"email": f"p{n}@example.com", KEY: f"1:customer:{n}"} for n in range(count)]


async def with_keys(crm: Crm) -> Crm:
    await crm.connector.ensure_properties([KEY_OF_CONTACTS])
    crm.connector.counter.by_kind.clear()
    return crm


async def test_a_batch_that_is_refused_as_a_whole_is_halved_until_the_good_rows_are_through() -> (
    None
):
    crm = await with_keys(Crm())
    without_traces(crm)
    rows = keyed(32)
    rows[13]["email"] = "not an address"

    outcomes = await crm.created(*rows, key=KEY)

    assert [n for n, one in enumerate(outcomes) if isinstance(one, Failed)] == [13]
    assert failure_of(outcomes[13]).code == "invalid_email"
    assert len(crm.portal.all("contacts")) == 31
    assert crm.calls["batch create contacts"] == 11


async def test_halving_ends_and_what_was_not_sent_may_be_sent_again() -> None:
    crm = await with_keys(Crm(settings=Settings(bisections_max=4)))
    without_traces(crm)
    rows = [{**row, "email": "not an address"} for row in keyed(16)]

    outcomes = await crm.created(*rows, key=KEY)

    assert crm.calls["batch create contacts"] == 5
    unsent = [one for one in outcomes if failure_of(one).code == "batch_refused"]
    assert unsent
    assert {failure_of(one).verdict for one in unsent} == {Verdict.RETRY}
    assert {failure_of(one).code for one in outcomes} == {"batch_refused", "invalid_email"}


async def test_an_answer_lost_on_the_way_leaves_every_row_in_doubt() -> None:
    crm = await with_keys(Crm())
    crm.emulator.faults.next("drop_after")

    with pytest.raises(LookAgain) as failure:
        await crm.created(*keyed(2), key=KEY)

    assert failure.value.code == "no_answer"
    assert len(crm.portal.all("contacts")) == 2
    assert crm.calls == {"batch create contacts": 1}


@pytest.mark.parametrize("fault", ["error500", "html", "cut"])
async def test_a_write_whose_answer_says_nothing_is_in_doubt_and_leaves_once(fault: str) -> None:
    crm = await with_keys(Crm())
    crm.emulator.faults.next(fault)  # type: ignore[arg-type]

    with pytest.raises(LookAgain):
        await crm.created(*keyed(2), key=KEY)

    assert crm.calls == {"batch create contacts": 1}


async def test_a_throttled_write_was_surely_not_applied() -> None:
    crm = await with_keys(Crm())
    crm.emulator.faults.next("throttle")

    with pytest.raises(Retry) as failure:
        await crm.created(*keyed(2), key=KEY)

    assert failure.value.code == "rate_limited"
    assert crm.portal.all("contacts") == []


async def test_a_failure_after_some_rows_went_through_puts_only_the_others_in_doubt() -> None:
    crm = await with_keys(Crm())
    without_traces(crm)
    rows = keyed(4)
    rows[3]["email"] = "not an address"
    seen = 0

    def third(_: Incoming) -> bool:
        nonlocal seen
        seen += 1
        return seen == 3

    crm.emulator.faults.next("drop_after", third)
    outcomes = await crm.created(*rows, key=KEY)

    assert [isinstance(one, Stored) for one in outcomes] == [True, True, False, False]
    assert {failure_of(one).verdict for one in outcomes[2:]} == {Verdict.LOOK_AGAIN}


async def test_an_association_in_doubt_leaves_the_rows_of_other_types_as_they_are() -> None:
    crm = Crm()
    contact_id, invoices = crm.contact("ada@example.com"), [crm.invoice(), crm.invoice()]
    line_id = crm.portal.create("line_items", {"name": "Hours"})["hs_object_id"]
    writes = (
        Write(
            trace="a", record_id=invoices[0], associations=(Association("contacts", contact_id),)
        ),
        Write(trace="b", record_id=invoices[1], associations=(Association("line_items", line_id),)),
    )

    crm.emulator.faults.next("drop_after", lambda request: "line_items" in request.path)
    outcomes = await crm.written(WriteKind.ASSOCIATE, *writes, object_type="invoices")

    assert outcomes[0] == Stored("a", None)
    assert failure_of(outcomes[1]).verdict is Verdict.LOOK_AGAIN


async def test_an_association_that_one_row_of_an_answer_refuses_names_its_reason() -> None:
    crm = Crm()
    contact_id, invoices = crm.contact("ada@example.com"), [crm.invoice(), crm.invoice()]

    async def app(request: Incoming) -> Response:
        body = {
            "status": "COMPLETE",
            "results": [{"from": {"id": invoices[0]}, "to": {"id": contact_id}}],
            "numErrors": 1,
            "errors": [
                {
                    "status": "error",
                    "category": "OBJECT_NOT_FOUND",
                    "subCategory": "crm.associations.FROM_OBJECT_NOT_FOUND",
                    "message": f"No invoice with ID {invoices[1]} exists",
                    "context": {"id": [invoices[1]], "objectType": ["invoice"]},
                }
            ],
        }
        return Response(207, msgspec.json.encode(body), {"X-Sandbox-Fault": "shape"})

    crm.app = app
    outcomes = await crm.written(
        WriteKind.ASSOCIATE,
        *(
            Write(trace=one, record_id=one, associations=(Association("contacts", contact_id),))
            for one in invoices
        ),
        object_type="invoices",
    )

    assert outcomes[0] == Stored(invoices[0], None)
    assert failure_of(outcomes[1]).code == "not_found"


async def test_a_missing_write_scope_is_named() -> None:
    crm = Crm(scopes=["oauth", "crm.objects.contacts.read"])

    with pytest.raises(Unauthorized, match=r"crm\.objects\.contacts\.write"):
        await crm.created({"email": "a@example.com"})


def without_traces(crm: Crm) -> None:
    """Let HubSpot ignore trace ids: then a batch is all or nothing."""
    inner = crm.emulator.app

    async def app(request: Incoming) -> Response:
        body = msgspec.json.decode(request.body)
        for one in body["inputs"]:
            one.pop("objectWriteTraceId", None)
        sent = Incoming(
            request.method,
            request.path,
            request.query,
            request.headers,
            msgspec.json.encode(body),
        )
        return await inner(sent)

    crm.app = app
