"""A lost database is rebuilt from the keys in HubSpot: no duplicate, and nobody written over."""

from __future__ import annotations

import pytest

from ledgerbridge.core.mapping import Rule
from ledgerbridge.core.model import Record
from ledgerbridge.core.order import SYNC_ORDER
from ledgerbridge.errors import Interlock, UsageError
from ledgerbridge.service import conflicts, relinking, switching
from ledgerbridge.service.opening import open_world
from ledgerbridge.store import records
from ledgerbridge.store.database import Store
from ledgerbridge.store.transaction import Transaction
from support.pair import Pair


async def _lived(pair: Pair) -> None:
    """A life between both accounts, whose database is then lost."""
    ada = pair.customer("Ada Poe", "ada@example.com", GivenName="Ada", CompanyName="Poe Ltd")
    bea = pair.customer("Bea Roe", "bea@example.com", GivenName="Bea")
    item = pair.item("Hours")
    paid = pair.invoice(ada, item)
    pair.invoice(bea, item)
    body = {"CustomerRef": {"value": ada}, "TotalAmt": 20}
    line = {"Amount": 20, "LinkedTxn": [{"TxnId": paid, "TxnType": "Invoice"}]}
    pair.company.create("Payment", {**body, "Line": [line]})
    await pair.begin()
    await pair.run()


async def _lose_the_database(pair: Pair) -> None:
    pair.store.close()
    pair.store.path.unlink()
    pair.store = Store.open(pair.database_url, clock=pair.clock, inline=True, lock_wait_s_max=0.0)
    await pair.connect_hubspot()
    await pair.connect_quickbooks()
    await pair.store.write(switching.enable, SYNC_ORDER, pair.clock.now())


async def _relink(pair: Pair, *, dry: bool = False, again: bool = False) -> relinking.RelinkReport:
    report = await relinking.relink(await open_world(pair.shop()), dry=dry, again=again)
    pair.pass_time(600)
    return report


async def test_discounts_and_tax_are_paired_again_and_follow_what_changes(pair: Pair) -> None:
    ada = pair.customer("Ada Poe", "ada@example.com")
    sale = {"DetailType": "SalesItemLineDetail", "Amount": 20, "SalesItemLineDetail": {}}
    less = {"DetailType": "DiscountLineDetail", "Amount": 5, "DiscountLineDetail": {}}
    body = {"Line": [sale, less], "TxnTaxDetail": {"TotalTax": 3}}
    invoice = pair.invoice(ada, pair.item("Hours"), **body)
    await pair.begin()
    await pair.run()
    await _lose_the_database(pair)

    report = await _relink(pair)
    await pair.run()
    assert (await pair.run()).writes == 0
    change = {"Line": [sale, {**less, "Amount": 6}], "TxnTaxDetail": {"TotalTax": 3}}
    pair.company.update("Invoice", {"Id": invoice, "sparse": True, **change})
    await pair.run()

    assert next(one.lines for one in report.syncs if one.name == "invoices") == 3
    assert [one["hs_value"] for one in pair.portal.all("discounts")] == ["6.00"]
    assert [one["hs_value"] for one in pair.portal.all("taxes")] == ["3.00"]


TYPES = ("contacts", "companies", "products", "invoices", "line_items", "commerce_payments")


def _numbers(pair: Pair) -> dict[str, int]:
    return {kind: len(pair.portal.all(kind)) for kind in (*TYPES, "notes")}


async def test_all_pairs_are_rebuilt_and_the_next_run_writes_nothing(pair: Pair) -> None:
    await _lived(pair)
    before = _numbers(pair)
    await _lose_the_database(pair)

    report = await _relink(pair)

    pairs = {one.name: one.pairs for one in report.syncs}
    assert (pairs["contacts"], pairs["companies"], pairs["invoices"]) == (2, 1, 2)
    assert next(one.lines for one in report.syncs if one.name == "invoices") == 2
    assert pair.written_to_quickbooks() == {}
    await pair.run()
    assert _numbers(pair) == before
    assert (await pair.run()).writes == 0


async def test_the_rest_of_a_payment_is_paired_again_though_its_customer_has_gone(
    pair: Pair,
) -> None:
    ada = pair.customer("Ada Poe", "ada@example.com")
    pair.company.create("Payment", {"CustomerRef": {"value": ada}, "TotalAmt": 20, "Line": []})
    await pair.begin()
    await pair.run()
    pair.edit_customer(ada, Active=False)
    await pair.run()
    assert len(pair.portal.all("commerce_payments")) == 1
    await _lose_the_database(pair)

    report = await _relink(pair)

    assert next(one.pairs for one in report.syncs if one.name == "payments") == 1
    assert (await pair.run()).writes == 0


@pytest.mark.parametrize("rule", Rule)
async def test_properties_of_ours_follow_the_books_whoever_wins_elsewhere(
    pair: Pair, rule: Rule
) -> None:
    await _lived(pair)
    await _lose_the_database(pair)
    await pair.set_up("contacts", rule=rule)
    bea = next(x for x in pair.company.all("Customer") if x["DisplayName"] == "Bea Roe")
    pair.invoice(bea["Id"], pair.item("Rope"))

    await _relink(pair)
    await pair.run()

    contact = pair.contact_of("bea@example.com")
    assert (contact["ledgerbridge_balance"], contact["ledgerbridge_invoices"]) == ("40", "2")
    assert (await pair.store.read(conflicts.report)).conflicts == ()


async def test_what_differs_is_a_difference_of_a_first_match_and_asks_first(pair: Pair) -> None:
    await _lived(pair)
    pair.portal.update(
        "contacts", pair.contact_of("ada@example.com")["hs_object_id"], {"firstname": "Adelaide"}
    )
    await _lose_the_database(pair)

    await _relink(pair)

    assert pair.contact_of("ada@example.com")["firstname"] == "Adelaide"
    assert (await pair.plan())["contacts.hubspot.update"] == 1
    result = await pair.run()
    assert pair.contact_of("ada@example.com")["firstname"] == "Ada"
    assert result.losses == 1


async def test_a_contact_in_the_recycle_bin_is_not_made_anew(pair: Pair) -> None:
    await _lived(pair)
    contact = pair.contact_of("bea@example.com")["hs_object_id"]
    pair.portal.archive("contacts", contact)
    await _lose_the_database(pair)

    await _relink(pair)
    await pair.run()

    assert pair.emails() == ["ada@example.com"]
    pair.portal.restore("contacts", contact)
    pair.pass_time(90_000)
    await pair.run()
    assert pair.emails() == ["ada@example.com", "bea@example.com"]
    assert (await pair.run()).writes == 0


async def test_what_is_taken_out_of_the_bin_after_a_relink_is_known_with_its_fields(
    pair: Pair,
) -> None:
    await _lived(pair)
    contact = pair.contact_of("bea@example.com")["hs_object_id"]
    pair.portal.archive("contacts", contact)
    await _lose_the_database(pair)
    await _relink(pair)
    pair.portal.restore("contacts", contact)
    pair.pass_time(90_000)
    await pair.run()

    stored = await pair.store.read(_contact, contact)
    assert stored.fields["email"] == "bea@example.com"


def _contact(tx: Transaction, record_id: str) -> Record:
    connection = switching.stored(tx, "contacts").hubspot_connection
    return records.get_many(tx, connection, "contacts", [record_id])[record_id]


async def test_a_new_database_on_known_accounts_is_told_to_relink_first(pair: Pair) -> None:
    await _lived(pair)
    before = _numbers(pair)
    await _lose_the_database(pair)

    with pytest.raises(Interlock, match=r"2 invoices that carry the keys.*ledgerbridge relink"):
        await pair.run()

    assert _numbers(pair) == before


async def test_a_dry_run_counts_and_changes_nothing(pair: Pair) -> None:
    await _lived(pair)
    await _lose_the_database(pair)

    report = await _relink(pair, dry=True)

    contacts = report.syncs[0]
    assert (contacts.keyed, contacts.there, contacts.pairs, report.done) == (2, 2, 0, False)
    assert sum(one.pairs for one in (await _relink(pair)).syncs) > 0


async def test_a_database_that_knows_pairs_is_left_alone_unless_told(pair: Pair) -> None:
    await _lived(pair)

    with pytest.raises(UsageError, match=r"pairs already.*relink --again"):
        await _relink(pair)

    before = _numbers(pair)
    await _relink(pair, again=True)
    await pair.run()
    assert _numbers(pair) == before
