"""How values are written on their way, and undone on the way back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapping_worlds import CONTEXT, compiled, schema

from ledgerbridge.core.compiling import compile_mappings
from ledgerbridge.core.mapping import CompiledMapping, Direction, Mapping, Unconvertible
from ledgerbridge.core.model import Side
from ledgerbridge.core.schema import Field, FieldType
from ledgerbridge.core.transforms import Refused, Transform, TransformKind, back, there
from ledgerbridge.errors import ConfigError

TEXT, DATE, NUMBER = FieldType.TEXT, FieldType.DATE, FieldType.NUMBER
TO_HUBSPOT = Direction.TO_HUBSPOT


def step(kind: str, **told: Any) -> Transform:
    return Transform(kind=TransformKind(kind), **told)


def mapped(
    *steps: Transform, ours: FieldType = TEXT, theirs: FieldType = TEXT, **options: Any
) -> CompiledMapping:
    """A mapping of HubSpot's `ours` with QuickBooks' `Theirs` through these steps."""
    return compiled(
        Field(name="ours", type=ours),
        Field(name="Theirs", type=theirs),
        transforms=steps,
        **options,
    )


def to_hubspot(mapping: CompiledMapping, value: str | None) -> object:
    converted = mapping.convert(Side.HUBSPOT, {"Theirs": value}, None)
    return converted if isinstance(converted, Unconvertible) else converted["ours"]


def to_quickbooks(mapping: CompiledMapping, value: str | None) -> object:
    converted = mapping.convert(Side.QUICKBOOKS, {"ours": value}, None)
    return converted if isinstance(converted, Unconvertible) else converted["Theirs"]


@pytest.mark.parametrize(
    ("steps", "theirs", "ours", "again"),
    [
        ((step("trim"),), " Pump ", "Pump", "Pump"),
        ((step("case", text="upper"),), "Pump", "PUMP", "PUMP"),
        ((step("prefix", text="QB-"),), "7", "QB-7", "7"),
        ((step("suffix", text=" Ltd"),), "Poe", "Poe Ltd", "Poe"),
        ((step("values", values={"Net 30": "net30"}),), "Net 30", "net30", "Net 30"),
        ((step("case", text="lower"), step("prefix", text="x-")), "AB", "x-ab", "ab"),
    ],
)
def test_a_text_is_written_so_and_undone_on_the_way_back(
    steps: tuple[Transform, ...], theirs: str, ours: str, again: str
) -> None:
    mapping = mapped(*steps)
    assert to_hubspot(mapping, theirs) == ours
    assert to_quickbooks(mapping, ours) == again
    assert mapping.agree({"ours": ours}, {"Theirs": theirs})
    assert not mapping.agree({"ours": ours + "?"}, {"Theirs": theirs})


def test_a_date_is_shown_in_its_format_and_read_from_it() -> None:
    mapping = mapped(step("date", text="%d.%m.%Y"), theirs=DATE)
    assert to_hubspot(mapping, "2026-03-01") == "01.03.2026"
    assert to_quickbooks(mapping, "01.03.2026") == "2026-03-01"
    instants = mapped(step("date", text="%Y"), theirs=FieldType.DATETIME, direction=TO_HUBSPOT)
    assert to_hubspot(instants, "2026-03-01T08:00:00Z") == "2026"


def test_a_number_is_scaled_and_rounded() -> None:
    percent = mapped(step("number", factor="100"), ours=NUMBER, theirs=NUMBER)
    assert (to_hubspot(percent, "0.25"), to_quickbooks(percent, "25")) == ("25.00", "0.25")
    rounded = mapped(step("number", digits=1), ours=NUMBER, theirs=NUMBER, direction=TO_HUBSPOT)
    assert to_hubspot(rounded, "0.25") == "0.3"


@pytest.mark.parametrize(
    ("mapping", "theirs", "ours", "codes"),
    [
        (mapped(step("values", values={"a": "b"})), "c", "d", ("not_in_values", "not_in_values")),
        (mapped(step("prefix", text="x")), None, "y", (None, "not_in_form")),
        (mapped(step("suffix", text="x")), None, "y", (None, "not_in_form")),
        (mapped(step("date", text="%Y"), theirs=DATE), "?", "?", ("not_in_form", "not_in_form")),
        (
            mapped(step("number", factor="2"), ours=NUMBER, theirs=NUMBER),
            "?",
            "?",
            ("not_in_form", "not_in_form"),
        ),
    ],
)
def test_a_value_that_a_step_cannot_take_says_why(
    mapping: CompiledMapping, theirs: str | None, ours: str, codes: tuple[str | None, str]
) -> None:
    found = (to_hubspot(mapping, theirs), to_quickbooks(mapping, ours))
    assert tuple(getattr(one, "code", one) for one in found) == codes


@given(st.text(), st.text(min_size=1), st.text(min_size=1))
def test_what_was_put_around_a_text_comes_off_again(value: str, before: str, after: str) -> None:
    steps = (step("prefix", text=before), step("suffix", text=after))
    shown = there(steps, value, TEXT)
    assert not isinstance(shown, Refused)
    assert back(steps, shown) == value


@pytest.mark.parametrize(
    ("one", "problem"),
    [
        (step("trim", text="x"), "is told by nothing more"),
        (step("case"), "is told by text"),
        (step("case", text="loud"), "'loud' is no case"),
        (step("date", text="Y"), "is no format of a date"),
        (step("number", factor="0"), "is no factor"),
        (step("number", factor="1", digits=99), "99 digits cannot be"),
        (step("number", digits=2), "rounding cannot be undone"),
        (step("values", values={"a": "x", "b": "x"}), "two values become one"),
    ],
)
def test_a_step_that_cannot_work_is_refused_with_its_place(one: Transform, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as refused:
        mapped(one)
    assert refused.value.place == "mappings[0].transforms[0]"


def test_several_fields_become_one_text() -> None:
    mapping = _templated("{GivenName}  {FamilyName}")
    given = {"GivenName": "Ada", "FamilyName": "Poe"}
    assert mapping.convert(Side.HUBSPOT, given, None) == {"ours": "Ada Poe"}
    assert mapping.convert(Side.HUBSPOT, {"FamilyName": "Poe"}, None) == {"ours": "Poe"}
    assert mapping.convert(Side.HUBSPOT, {}, None) == {"ours": None}
    assert mapping.agree({"ours": "Ada Poe"}, given)
    assert mapping.same(Side.QUICKBOOKS, given, {**given, "Other": "x"})
    assert not mapping.same(Side.QUICKBOOKS, given, {**given, "GivenName": "Bea"})
    assert mapping.empty(Side.QUICKBOOKS, {})
    back_again = mapping.convert(Side.QUICKBOOKS, {"ours": "Ada Poe"}, None)
    assert isinstance(back_again, Unconvertible)
    long = {"GivenName": "A" * 30, "FamilyName": "B"}
    assert isinstance(mapping.convert(Side.HUBSPOT, long, None), Unconvertible)


@pytest.mark.parametrize(
    ("template", "options", "problem"),
    [
        ("{GivenName}", {}, "does not name exactly GivenName, FamilyName"),
        ("{GivenName", {}, "cannot be read"),
        ("{GivenName!r} {FamilyName}", {}, "only names in braces"),
        ("{GivenName} {FamilyName}", {"direction": Direction.BOTH}, "one way"),
        ("{GivenName} {FamilyName}", {"direction": Direction.TO_QUICKBOOKS}, "one way"),
        ("{GivenName} {FamilyName}", {"transforms": (step("trim"),)}, "are for one field"),
    ],
)
def test_a_template_that_cannot_work_is_refused(
    template: str, options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ConfigError, match=problem):
        _templated(template, **options)


def _templated(template: str, **options: Any) -> CompiledMapping:
    mapping = Mapping(
        name="tested",
        hubspot=("ours",),
        quickbooks=("GivenName", "FamilyName"),
        template=template,
        **{"direction": TO_HUBSPOT, **options},
    )
    ours = schema(Side.HUBSPOT, Field(name="ours", length_max=20))
    theirs = schema(Side.QUICKBOOKS, Field(name="GivenName"), Field(name="FamilyName"))
    (only,) = compile_mappings([mapping], ours, theirs, CONTEXT)
    return only
