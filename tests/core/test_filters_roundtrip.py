"""Whatever a filter is, its file form gives it back."""

from __future__ import annotations

from typing import get_args

import yaml
from hypothesis import given
from hypothesis import strategies as st

from ledgerbridge.core.conditions import Operator
from ledgerbridge.core.filters import AssociationCondition, Condition, Filter, dump, parse

NAMES = st.text(min_size=1, max_size=8)
CONDITIONS = st.builds(
    Condition,
    NAMES,
    st.sampled_from(get_args(Operator)),
    st.none() | st.text(max_size=8) | st.lists(NAMES, max_size=3).map(tuple),
)
ASSOCIATIONS = st.builds(
    AssociationCondition,
    NAMES,
    st.lists(CONDITIONS, max_size=2).map(tuple),
    st.integers(0, 3),
    st.none() | st.integers(0, 3),
)
FILTERS = st.lists(
    st.lists(CONDITIONS | ASSOCIATIONS, min_size=1, max_size=3).map(tuple), max_size=3
).map(lambda groups: Filter(tuple(groups)))


@given(chosen=FILTERS)
def test_what_is_dumped_reads_back_the_same_through_yaml(chosen: Filter) -> None:
    assert parse(yaml.safe_load(yaml.safe_dump(dump(chosen))), "filter") == chosen
