from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, cast, get_args

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from mapping_worlds import record, schema

from ledgerbridge.core.conditions import MEANINGS, Operand, Operator, unmet
from ledgerbridge.core.filters import (
    AssociationCondition,
    Condition,
    Excluded,
    Filter,
    Passed,
    associations_used,
    evaluate,
    fields_used,
    parse,
    validate,
)
from ledgerbridge.core.model import Record, Side
from ledgerbridge.core.schema import Field, FieldType
from ledgerbridge.errors import ConfigError

CONTACTS = schema(
    Side.HUBSPOT,
    Field(name="firstname"),
    Field(name="tax_id", private=True),
    Field(name="score", type=FieldType.NUMBER),
    Field(name="born", type=FieldType.DATE),
    Field(name="createdate", type=FieldType.DATETIME),
    Field(name="vip", type=FieldType.BOOL),
    Field(name="stage", type=FieldType.ENUM, options=("lead", "customer")),
)
INVOICES = schema(Side.HUBSPOT, Field(name="hs_invoice_source"), Field(name="hs_number"))
SCHEMAS = {"invoices": INVOICES}
NEW_YEAR = "2026-01-01T08:00:00Z"
NO_NUMBER = "score cannot be compared as a number"
FROM_HUBSPOT = AssociationCondition(
    "invoices",
    (Condition("hs_invoice_source", "is", "HubSpot"), Condition("hs_number", "is known")),
)
FROM = Condition("createdate", "on or after", NEW_YEAR)


def one_of(*conditions: Condition | AssociationCondition) -> Filter:
    """Any of these, each a group of its own."""
    return Filter(tuple((condition,) for condition in conditions))


def all_of(*conditions: Condition | AssociationCondition) -> Filter:
    """All of these, in one group."""
    return Filter((conditions,))


def verdict(
    chosen: Filter, record_: Record, invoices: Sequence[Record] = ()
) -> tuple[str, ...] | None:
    """None when the record passes, else the reasons."""
    found = evaluate(chosen, record_, CONTACTS, lambda name: invoices, SCHEMAS)
    assert isinstance(found, Passed | Excluded)
    return found.reasons if isinstance(found, Excluded) else None


def mistake(condition: Condition | AssociationCondition) -> ConfigError:
    """What validating it complains about."""
    with pytest.raises(ConfigError) as caught:
        validate(all_of(condition), CONTACTS, SCHEMAS, "filter")
    return caught.value


@pytest.mark.parametrize(
    ("field", "operator", "value", "meets", "fails"),
    [
        ("firstname", "is", "jane", "JANE ", "Joan"),
        ("firstname", "is not", "jane", "Joan", "Jane"),
        ("firstname", "is any of", ("jane", "joan"), "Joan", "Jim"),
        ("firstname", "is none of", ("jane", "joan"), "Jim", "Joan"),
        ("firstname", "contains", "AN", "Jane", "Jim"),
        ("firstname", "does not contain", "an", "Jim", "Jane"),
        ("firstname", "starts with", "ja", "Jane", "Ajax"),
        ("firstname", "is known", None, "Jane", None),
        ("firstname", "is unknown", None, " ", "Jane"),
        ("score", "is", "5", "5.0", "50"),
        ("score", "is any of", ("5", "6"), "6.00", "7"),
        ("score", "greater", "5", "10", "5.0"),
        ("score", "greater or equal", "5", "5.0", "4.99"),
        ("score", "less", "5", "-10", "5"),
        ("score", "less or equal", "5", "5", "5.01"),
        ("born", "after", "2000-01-01", "2000-01-02", "2000-01-01"),
        ("born", "on or before", "2000-01-01", "2000-01-01", "2000-01-02"),
        ("createdate", "before", NEW_YEAR, "2025-12-31T23:59:59-08:00", "1767254400000"),
        ("createdate", "on or after", NEW_YEAR, "1767254400000", "2026-01-01T00:00:00Z"),
        ("vip", "is", "true", "1", "false"),
        ("stage", "is", "Customer", "customer", "lead"),
    ],
)
def test_a_condition_compares_by_the_type_of_its_field(
    field: str, operator: Operator, value: Operand, meets: str | None, fails: str | None
) -> None:
    chosen = all_of(Condition(field, operator, value))

    validate(chosen, CONTACTS, {}, "filter")
    assert verdict(chosen, record(**{field: meets})) is None
    assert verdict(chosen, record(**{field: fails})) is not None


@pytest.mark.parametrize("operator", get_args(Operator))
def test_an_empty_value_meets_only_is_unknown_and_the_negative_operators(
    operator: Operator,
) -> None:
    values = ("x",) if "of" in operator else "x"
    met = unmet(Condition("firstname", operator, values), None, CONTACTS) is None

    assert met == (operator in {"is unknown", "is not", "is none of", "does not contain"})


@pytest.mark.parametrize(
    ("condition", "fields", "reason"),
    [
        (FROM, {"createdate": "2025-06-01T00:00:00Z"}, "createdate is before 2026-01-01T08:00:00Z"),
        (FROM, {}, "createdate is not known"),
        (Condition("stage", "is", "lead"), {}, "stage is not lead"),
        (Condition("stage", "is any of", ("lead", "x")), {}, "stage is none of lead, x"),
        (Condition("firstname", "is known"), {}, "firstname is not known"),
        (Condition("firstname", "is unknown"), {"firstname": "Jane"}, "firstname is known"),
        (Condition("tax_id", "is", "12-3"), {}, "tax_id is not a private value"),
        (Condition("score", "greater", "5"), {"score": "Jane"}, NO_NUMBER),
        (Condition("score", "is any of", ("5", "x")), {"score": "5"}, NO_NUMBER),
        (Condition("score", "greater"), {"score": "5"}, NO_NUMBER),
        (Condition("gone", "is", "a"), {"gone": "b"}, "gone is not a"),
    ],
)
def test_a_reason_names_the_field_and_what_the_filter_asks_for(
    condition: Condition, fields: dict[str, str | None], reason: str
) -> None:
    assert verdict(all_of(condition), record(**fields)) == (reason,)


@given(value=st.text(min_size=1), operator=st.sampled_from(get_args(Operator)))
def test_a_reason_never_holds_the_records_own_value(value: str, operator: Operator) -> None:
    marked = f"<{value}>"
    reason = unmet(Condition("firstname", operator, "asked"), marked, CONTACTS)

    assert reason is None or marked not in reason


@given(value=st.none() | st.text(), asked=st.text(min_size=1))
@pytest.mark.parametrize(
    ("operator", "opposite"),
    [
        ("is", "is not"),
        ("contains", "does not contain"),
        ("is known", "is unknown"),
        ("is any of", "is none of"),
    ],
)
def test_of_two_opposites_a_value_meets_exactly_one(
    operator: Operator, opposite: Operator, value: str | None, asked: str
) -> None:
    wanted = (asked,) if "of" in operator else asked
    met = [
        unmet(Condition("firstname", each, wanted), value, CONTACTS) is None
        for each in (operator, opposite)
    ]

    assert sum(met) == 1


@pytest.mark.parametrize(
    ("operator", "opposite"),
    [
        ("greater", "less or equal"),
        ("less", "greater or equal"),
    ],
)
@given(value=st.decimals(-100, 100, places=2), asked=st.decimals(-100, 100, places=1))
def test_a_number_is_above_or_not(
    operator: Operator, opposite: Operator, value: object, asked: object
) -> None:
    met = [
        unmet(Condition("score", each, f"{asked}"), f"{value}", CONTACTS) is None
        for each in (operator, opposite)
    ]

    assert sum(met) == 1


def test_a_filter_without_groups_passes_everything() -> None:
    assert verdict(Filter(), record()) is None


def test_any_group_will_do_but_all_of_its_conditions_must_hold() -> None:
    lead, vip = Condition("stage", "is", "lead"), Condition("vip", "is", "true")

    assert verdict(one_of(lead, vip), record(vip="true")) is None
    assert verdict(all_of(lead, vip), record(vip="true")) == ("stage is not lead",)
    assert verdict(one_of(lead, vip, lead), record()) == ("stage is not lead", "vip is not true")


def test_an_association_counts_the_records_that_meet_all_its_conditions() -> None:
    ours = record(hs_invoice_source="HubSpot", hs_number="1")
    theirs = record(hs_invoice_source="API", hs_number="2")
    reason = (
        "has no associated invoices where hs_invoice_source is HubSpot and hs_number is known",
    )

    assert verdict(all_of(FROM_HUBSPOT), record(), [theirs, ours]) is None
    assert verdict(all_of(FROM_HUBSPOT), record(), [theirs]) == reason
    assert verdict(all_of(FROM_HUBSPOT), record()) == reason


def test_an_association_can_ask_for_a_number_of_records() -> None:
    some = [record(), record()]
    three = AssociationCondition("invoices", at_least=3)
    none = AssociationCondition("invoices", at_least=0, at_most=0)

    assert verdict(all_of(three), record(), some) == ("has fewer than 3 associated invoices",)
    assert verdict(all_of(three), record(), [*some, record()]) is None
    assert verdict(all_of(none), record(), some) == ("has more than 0 associated invoices",)
    assert verdict(all_of(none), record()) is None


def test_a_filter_says_what_it_looks_at() -> None:
    chosen = Filter(((FROM, FROM_HUBSPOT), (Condition("vip", "is", "true"),)))

    assert associations_used(chosen) == {"invoices"}
    assert fields_used(chosen) == {"createdate", "vip"}


NO_ZONE = datetime(2026, 1, 1)  # noqa: DTZ001 -- the point


@pytest.mark.parametrize(
    ("condition", "place", "words"),
    [
        (Condition("fristname", "is", "x"), ".field", "Did you mean firstname"),
        (Condition("zzz", "is", "x"), ".field", "Check the name."),
        (Condition("score", "contains", "5"), ".operator", "greater or equal"),
        (Condition("firstname", "before", "5"), ".operator", "starts with"),
        (Condition("firstname", "is"), ".value", "Give one value."),
        (Condition("firstname", "is", " "), ".value", "Give one value."),
        (Condition("firstname", "is", ("a",)), ".value", "Give one value."),
        (Condition("firstname", "is any of", "a"), ".value", "Give a list of values."),
        (Condition("firstname", "is any of", ()), ".value", "Give a list of values."),
        (Condition("firstname", "is known", "a"), ".value", "Leave it out."),
        (Condition("score", "is any of", ("5", "x")), ".value", "Give a number"),
        (Condition("createdate", "after", "2026-01-01"), ".value", "2026-01-31T08:00:00Z"),
        (Condition("born", "after", "yesterday"), ".value", "2026-01-31"),
        (Condition("vip", "is", "maybe"), ".value", "true or false"),
        (Condition("stage", "is", "custmer"), ".value", "Use one of: lead, customer."),
        (AssociationCondition("deals"), ".association", "Use one of: invoices."),
        (AssociationCondition("invoices", at_least=-1), "", "at_least"),
        (AssociationCondition("invoices", at_most=0), "", "at_most"),
        (
            AssociationCondition("invoices", (Condition("x", "is", "y"),)),
            ".where[0].field",
            "Check the name.",
        ),
    ],
)
def test_a_mistake_in_a_filter_is_named_with_its_place_and_remedy(
    condition: Condition | AssociationCondition, place: str, words: str
) -> None:
    error = mistake(condition)

    assert error.place == f"filter.any[0].all[0]{place}"
    assert words in error.remedy


def test_where_nothing_is_associated_no_association_can_be_asked_for() -> None:
    with pytest.raises(ConfigError, match="Remove the condition"):
        validate(all_of(FROM_HUBSPOT), CONTACTS, {}, "filter")


def test_today_stands_for_an_instant_that_is_not_known_yet() -> None:
    chosen = all_of(Condition("createdate", "on or after", "today"), FROM_HUBSPOT)

    validate(chosen, CONTACTS, SCHEMAS, "filter")
    assert "'today'" in mistake(Condition("score", "is", "today")).problem
    assert verdict(chosen, record(createdate="2026-01-01T00:00:00Z")) is not None


def test_yaml_is_read_as_it_is_written_without_quotes() -> None:
    data = yaml.safe_load(
        """
        any:
          - all:
              - {field: score, operator: greater, value: 5}
              - {field: score, operator: is any of, value: [5.5, 7]}
              - {field: vip, operator: is, value: true}
              - {field: vip, operator: is not, value: false}
              - {field: born, operator: after, value: 2000-01-31}
              - {field: createdate, operator: before, value: 2026-01-01T00:00:00-08:00}
          - all:
              - {field: firstname, operator: is known}
              - association: invoices
                at_least: 0
                at_most: 2
                where: [{field: hs_number, operator: is, value: "7"}]
        """
    )

    assert parse(data, "filter") == Filter(
        (
            (
                Condition("score", "greater", "5"),
                Condition("score", "is any of", ("5.5", "7")),
                Condition("vip", "is", "true"),
                Condition("vip", "is not", "false"),
                Condition("born", "after", "2000-01-31"),
                Condition("createdate", "before", "2026-01-01T08:00:00Z"),
            ),
            (
                Condition("firstname", "is known"),
                AssociationCondition("invoices", (Condition("hs_number", "is", "7"),), 0, 2),
            ),
        )
    )


@pytest.mark.parametrize("data", [None, {}, {"any": []}])
def test_nothing_written_is_a_filter_that_passes_everything(data: Any) -> None:
    assert parse(data, "filter") == Filter()


GOOD = {"field": "a", "operator": "is", "value": "b"}


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        ("all", "", "Give the keys any."),
        ({"all": []}, "", "Known keys: any."),
        ({"any": {}}, ".any", "dash"),
        ({"any": [{}]}, ".any[0].all", "dash"),
        ({"any": [{"all": []}]}, ".any[0].all", "Remove the group"),
        ({"any": [{"all": ["x"]}]}, ".any[0].all[0]", "field, operator, value"),
    ],
)
def test_another_shape_is_refused_with_its_place(data: Any, place: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(data, "filter")

    assert caught.value.place == f"filter{place}"
    assert words in caught.value.remedy


@pytest.mark.parametrize(
    ("condition", "place", "words"),
    [
        ({**GOOD, "feild": "a"}, "", "Known keys: field, operator, value."),
        ({**GOOD, "field": ""}, ".field", "Give a name."),
        ({"operator": "is"}, ".field", "Give a name."),
        ({"field": "a"}, ".operator", "Give a name."),
        ({**GOOD, "operator": "is nt"}, ".operator", "Use one of: is not"),
        ({**GOOD, "operator": "###"}, ".operator", "Use one of: is, is not"),
        ({**GOOD, "value": {"a": 1}}, ".value", "Give text"),
        ({**GOOD, "value": ["x", None]}, ".value[1]", "Give text"),
        ({**GOOD, "value": NO_ZONE}, ".value", "a time with its zone"),
        ({"association": 7}, ".association", "Give a name."),
        ({"association": "a", "least": 1}, "", "at_least, at_most"),
        ({"association": "a", "at_least": "1"}, ".at_least", "Give a count."),
        ({"association": "a", "at_most": True}, ".at_most", "Give a count."),
        ({"association": "a", "where": "b"}, ".where", "dash"),
        ({"association": "a", "where": [{}]}, ".where[0].field", "Give a name."),
    ],
)
def test_a_condition_of_another_shape_is_refused_with_its_place(
    condition: Any, place: str, words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        parse({"any": [{"all": [condition]}]}, "filter")

    assert caught.value.place == f"filter.any[0].all[0]{place}"
    assert words in caught.value.remedy


def test_dates_and_instants_that_yaml_made_are_text_again() -> None:
    written = {**GOOD, "value": [date(2026, 1, 31), datetime(2026, 1, 31, tzinfo=UTC)]}
    (group,) = parse({"any": [{"all": [written]}]}, "filter").groups

    assert cast("Condition", group[0]).value == ("2026-01-31", "2026-01-31T00:00:00Z")


def test_every_operator_has_a_meaning() -> None:
    assert set(get_args(Operator)) == set(MEANINGS)
