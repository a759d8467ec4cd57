"""Customers for measurements: many, plain, no two alike, a second apart."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice, pairwise

import pytest

from contract.company_world import now
from ledgerbridge.sandbox.company import bulk, load_bulk
from ledgerbridge.sandbox.company.bulk import BULK_MAX
from ledgerbridge.sandbox.quickbooks import Company


def test_no_two_of_forty_thousand_customers_share_a_value() -> None:
    bodies = list(bulk(40_000, seed=1))

    assert len(bodies) == 40_000
    for unique in (
        {body["DisplayName"].casefold() for body in bodies},
        {body["PrimaryEmailAddr"]["Address"] for body in bodies},
        {body["PrimaryPhone"]["FreeFormNumber"] for body in bodies},
        {body["BillAddr"]["Line1"] for body in bodies},
    ):
        assert len(unique) == 40_000


def test_create_times_are_one_second_apart() -> None:
    times = [datetime.fromisoformat(body["MetaData"]["CreateTime"]) for body in bulk(100, seed=1)]

    assert {timedelta(seconds=1)} == {after - before for before, after in pairwise(times)}


def test_customers_come_one_by_one_and_the_same_for_a_seed() -> None:
    assert list(islice(bulk(BULK_MAX, seed=1), 50)) == list(bulk(50, seed=1))
    assert list(bulk(50, seed=1)) != list(bulk(50, seed=2))


def test_more_customers_than_telephone_numbers_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match=f"for {BULK_MAX} customers, not {BULK_MAX + 1}"):
        next(bulk(BULK_MAX + 1, seed=1))


def test_the_books_take_them_at_their_times() -> None:
    company = Company("9341450000000001", now)
    load_bulk(company, 300, seed=1)
    written = [
        datetime.fromisoformat(customer["MetaData"]["CreateTime"])
        for customer in company.all("Customer")
    ]
    wanted = [datetime.fromisoformat(body["MetaData"]["CreateTime"]) for body in bulk(300, seed=1)]

    assert wanted == written
