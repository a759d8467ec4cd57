from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapping_worlds import CONTEXT, compiled, schema, typed

from ledgerbridge.core.compiling import check_together, compile_fitting, compile_mappings
from ledgerbridge.core.conversion import CONVERTERS
from ledgerbridge.core.mapping import (
    CompiledMapping,
    Context,
    Direction,
    Mapping,
    Rule,
    Unconvertible,
    When,
)
from ledgerbridge.core.model import Side, Value
from ledgerbridge.core.schema import Field, FieldType, Writable
from ledgerbridge.errors import ConfigError

HUBSPOT, QUICKBOOKS = Side.HUBSPOT, Side.QUICKBOOKS
OURS = schema(HUBSPOT, Field(name="firstname"), Field(name="lastname"))
THEIRS = schema(
    QUICKBOOKS,
    Field(name="GivenName", type=FieldType.NAME),
    Field(name="Active", type=FieldType.BOOL),
)
TWO_WAY = [pair for pair in CONVERTERS if pair[::-1] in CONVERTERS]
ONE_WAY = [pair for pair in CONVERTERS if pair[::-1] not in CONVERTERS]
TEXTS = st.none() | st.text(max_size=20)


def mapping(
    hubspot: str = "firstname", quickbooks: str = "GivenName", **options: object
) -> Mapping:
    """A mapping of one field each."""
    return Mapping(
        name=str(options.pop("name", hubspot)),
        hubspot=(hubspot,),
        quickbooks=(quickbooks,),
        **options,  # type: ignore[arg-type]  # one of the struct's own fields
    )


def compile_all(*mappings: Mapping, context: Context = CONTEXT) -> tuple[CompiledMapping, ...]:
    """These mappings over the two small schemas."""
    return compile_mappings(mappings, OURS, THEIRS, context)


def mistake(*mappings: Mapping, context: Context = CONTEXT) -> ConfigError:
    """What compiling them complains about."""
    with pytest.raises(ConfigError) as caught:
        compile_all(*mappings, context=context)
    return caught.value


def test_a_compiled_mapping_keeps_what_its_owner_set() -> None:
    (only,) = compile_all(mapping(rule=Rule.HUBSPOT, enforce=True, when=When.IF_BLANK))

    assert (only.name, only.rule, only.enforce) == ("firstname", Rule.HUBSPOT, True)
    assert (only.when(Side.HUBSPOT), only.zero_is_blank) == (When.IF_BLANK, False)
    assert (only.hubspot, only.quickbooks) == (("firstname",), ("GivenName",))
    assert only.fields(HUBSPOT) == ("firstname",)
    assert only.fields(QUICKBOOKS) == ("GivenName",)


def test_a_mapping_that_is_switched_off_is_left_out_mistakes_included() -> None:
    assert compile_all(mapping("nonsense", enabled=False)) == ()


@pytest.mark.parametrize(
    ("direction", "to_hubspot", "to_quickbooks"),
    [
        (Direction.BOTH, True, True),
        (Direction.TO_HUBSPOT, True, False),
        (Direction.TO_QUICKBOOKS, False, True),
    ],
)
def test_a_direction_allows_its_own_side_only(
    direction: Direction, to_hubspot: bool, to_quickbooks: bool
) -> None:
    (only,) = compile_all(mapping(direction=direction))

    assert (only.allows(HUBSPOT), only.allows(QUICKBOOKS)) == (to_hubspot, to_quickbooks)
    assert (only.creates(HUBSPOT), only.creates(QUICKBOOKS)) == (to_hubspot, to_quickbooks)


@pytest.mark.parametrize(
    ("writable", "allows", "creates"),
    [
        (Writable.ALWAYS, True, True),
        (Writable.ON_CREATE, False, True),
        (Writable.NEVER, False, False),
    ],
)
def test_a_read_only_field_forces_one_way(writable: Writable, allows: bool, creates: bool) -> None:
    only = compiled(Field(name="a"), Field(name="B", writable=writable))

    assert (only.allows(QUICKBOOKS), only.creates(QUICKBOOKS)) == (allows, creates)
    assert only.allows(HUBSPOT)


def test_a_mapping_for_creation_never_changes_what_exists() -> None:
    (only,) = compile_all(mapping(when=When.ON_CREATE))

    assert only.creates(QUICKBOOKS)
    assert not only.allows(QUICKBOOKS)
    assert not only.allows(HUBSPOT)


def test_an_unknown_field_is_named_with_its_near_names() -> None:
    error = mistake(mapping(), mapping("fristname"))

    assert error.place == "mappings[1].hubspot"
    assert error.problem == "contacts has no field 'fristname'."
    assert error.remedy.startswith("Did you mean firstname")
    assert mistake(mapping(quickbooks="Zzz")).remedy == "Check the name."
    assert mistake(mapping(quickbooks="Zzz")).place == "mappings[0].quickbooks"


def test_types_that_do_not_go_together_are_named_with_those_that_do() -> None:
    error = mistake(mapping("firstname", "Active"))

    assert error.place == "mappings[0]"
    assert error.problem == "firstname (text) cannot be written to Active (bool)."
    assert "'to hubspot'" in error.remedy
    assert "country, currency, email" in error.remedy


def test_what_only_goes_one_way_may_be_mapped_that_way() -> None:
    (only,) = compile_all(mapping("firstname", "Active", direction=Direction.TO_HUBSPOT))
    back = only.convert(QUICKBOOKS, {"firstname": "true"}, None)

    assert only.convert(HUBSPOT, {"Active": "true"}, None) == {"firstname": "true"}
    assert isinstance(back, Unconvertible)
    assert back.code == "incompatible_types"


@pytest.mark.parametrize("pair", ONE_WAY)
def test_one_way_pairs_agree_by_the_way_there_is(pair: tuple[FieldType, FieldType]) -> None:
    only = typed(*pair, direction=Direction.TO_QUICKBOOKS)
    written = only.convert(QUICKBOOKS, {"ours": "1"}, None)

    assert isinstance(written, Unconvertible) or only.agree({"ours": "1"}, written)


def test_several_fields_are_an_address_or_a_mistake() -> None:
    pair = Mapping(name="names", hubspot=("firstname", "lastname"), quickbooks=("GivenName",))
    error = mistake(pair)

    assert error.place == "mappings[0]"
    assert error.problem == "it pairs 2 HubSpot with 1 QuickBooks fields."
    assert "5 with 5 to 9" in error.remedy


def test_a_name_belongs_to_one_mapping() -> None:
    error = mistake(mapping(), mapping("lastname", name="firstname"))

    assert error.place == "mappings[1].name"


def test_two_mappings_do_not_keep_writing_to_one_field() -> None:
    error = mistake(mapping(), mapping("lastname"))

    assert error.place == "mappings[1].quickbooks"
    assert error.problem == "GivenName is already written by the mapping 'firstname'."
    assert len(compile_all(mapping(), mapping("lastname", when=When.IF_BLANK))) == 2
    assert len(compile_all(mapping(), mapping("lastname", direction=Direction.TO_HUBSPOT))) == 2


def test_what_fits_is_told_from_what_does_not_each_by_itself() -> None:
    unknown, again = mapping("nickname"), mapping("lastname")
    fitting, unfit = compile_fitting([mapping(), unknown, again], OURS, THEIRS, CONTEXT)

    assert [one.name for one in fitting] == ["firstname", "lastname"]
    assert unfit == {"nickname": "contacts has no field 'nickname'"}
    with pytest.raises(ConfigError) as caught:
        check_together(fitting)
    assert caught.value.place == "mappings[1].quickbooks"
    with pytest.raises(ConfigError, match="used twice"):
        check_together((fitting[0], fitting[0]))


def test_zero_can_be_blank_in_numbers_only() -> None:
    assert mistake(mapping(zero_is_blank=True)).place == "mappings[0].zero_is_blank"


@pytest.mark.parametrize("time_zone", ["Mars/Base", "../etc", ""])
def test_a_time_zone_that_does_not_exist_is_a_mistake(time_zone: str) -> None:
    context = Context(time_zone=time_zone, country="US", currency="USD")

    assert mistake(mapping(), context=context).place == "time_zone"


@pytest.mark.parametrize("country", ["DE", "DEU", "Germany"])
def test_the_companys_country_may_be_shown_in_any_form(country: str) -> None:
    context = Context(time_zone="Europe/Berlin", country=country, currency="EUR")
    phone, state = (typed(kind, context=context) for kind in (FieldType.PHONE, FieldType.STATE))

    assert phone.agree({"ours": "030 123456"}, {"Theirs": "+49 30 123456"})
    assert state.agree({"ours": "BY"}, {"Theirs": "Bayern"})


def test_a_country_that_nobody_knows_leaves_numbers_as_they_are() -> None:
    nowhere = Context(time_zone="UTC", country="Atlantis", currency="USD")

    assert typed(FieldType.PHONE, context=nowhere).agree({"ours": "555-1"}, {"Theirs": "5551"})


def test_a_price_of_zero_is_not_set() -> None:
    price = typed(FieldType.NUMBER, FieldType.MONEY, zero_is_blank=True)

    assert price.empty(QUICKBOOKS, {"Theirs": "0.00"})
    assert not price.empty(QUICKBOOKS, {"Theirs": "0.01"})
    assert price.agree({"ours": None}, {"Theirs": "0"})
    assert not price.agree({"ours": "5"}, {"Theirs": "0"})
    assert not typed(FieldType.NUMBER).empty(QUICKBOOKS, {"Theirs": "0"})


def test_clearing_a_field_is_a_value_too() -> None:
    (only,) = compile_all(mapping())

    assert only.convert(QUICKBOOKS, {"firstname": " "}, None) == {"GivenName": None}
    assert only.convert(QUICKBOOKS, {}, {"GivenName": "Jane"}) == {"GivenName": None}
    assert only.agree({}, {"GivenName": ""})
    assert not only.agree({"firstname": "Jane"}, {})


def test_a_missing_field_is_as_unchanged_as_an_empty_one() -> None:
    (only,) = compile_all(mapping())

    assert only.same(HUBSPOT, {}, {"firstname": ""})
    assert not only.same(HUBSPOT, {"firstname": "Jane"}, {})


def test_a_date_agrees_with_any_instant_of_that_day() -> None:
    due = typed(FieldType.DATETIME, FieldType.DATE)

    assert due.agree({"ours": "2026-01-31T20:00:00Z"}, {"Theirs": "2026-01-31"})
    assert due.agree({"ours": "2026-02-01T07:00:00Z"}, {"Theirs": "2026-01-31"})
    assert not due.agree({"ours": "2026-02-01T08:00:00Z"}, {"Theirs": "2026-01-31"})


def test_a_name_that_quickbooks_cannot_hold_agrees_if_hubspot_shows_it() -> None:
    name = typed(FieldType.NAME)

    assert name.agree({"ours": "A: B"}, {"Theirs": "A: B"})


@pytest.mark.parametrize("pair", TWO_WAY)
@given(ours=TEXTS, theirs=TEXTS)
def test_what_was_written_agrees_so_that_it_is_no_news(
    pair: tuple[FieldType, FieldType], ours: Value, theirs: Value
) -> None:
    only = typed(*pair)
    for to, source, shown in (
        (QUICKBOOKS, {"ours": ours}, {"Theirs": theirs}),
        (HUBSPOT, {"Theirs": theirs}, {"ours": ours}),
    ):
        written = only.convert(to, source, shown)
        if isinstance(written, Unconvertible) or only.empty(to.other, source):
            continue  # clearing the first of several e-mails leaves the others
        images = (source, written) if to is QUICKBOOKS else (written, source)
        assert only.agree(*images)


@pytest.mark.parametrize("kind", FieldType)
@given(a=TEXTS, b=TEXTS, c=TEXTS)
def test_being_the_same_is_an_equivalence(kind: FieldType, a: Value, b: Value, c: Value) -> None:
    only = typed(kind, FieldType.TEXT, direction=Direction.TO_QUICKBOOKS)

    def same(x: Value, y: Value) -> bool:
        return only.same(HUBSPOT, {"ours": x}, {"ours": y})

    assert same(a, a)
    assert same(a, b) == same(b, a)
    assert not (same(a, b) and same(b, c)) or same(a, c)
