"""What speaks for two records being one person, and how much."""

from __future__ import annotations

from ledgerbridge.core.evidence import PROPOSED_FROM, Evidence, Likeness, likeness, weigh

NOBODY = likeness(names=(), company="", phones=(), street="", postal_code="")


def person(**more: object) -> Likeness:
    given: dict[str, object] = {
        "names": ("Ada", "Poe"),
        "company": "",
        "phones": (),
        "street": "",
        "postal_code": "",
        **more,
    }
    return likeness(**given)  # type: ignore[arg-type]


def test_a_name_alone_proposes_nothing() -> None:
    assert weigh(person(), person()) == Evidence(points=40, facts=("same name (40)",))
    assert not weigh(person(), person()).proposes


def test_a_name_and_a_second_fact_are_proposed() -> None:
    for more in (
        {"company": "Poe, Ltd."},
        {"phones": ("212 555 0101",)},
        {"street": "1 Main St", "postal_code": "10001"},
    ):
        found = weigh(person(**more), person(**more))
        assert found.points >= PROPOSED_FROM
        assert found.proposes
    both = person(company="Poe, Ltd.")
    assert weigh(both, person(company="poe ltd")).told() == (
        "same name (40), same company (25): 65 points"
    )


def test_phones_compare_by_their_last_digits_and_short_ones_not_at_all() -> None:
    ours, theirs = person(phones=("+1 (212) 555-0101",)), person(phones=("212.555.0101", ""))
    assert "same phone (40)" in weigh(ours, theirs).facts
    short = person(phones=("911",))
    assert weigh(short, short).facts == ("same name (40)",)


def test_what_is_empty_on_both_sides_is_no_evidence() -> None:
    assert weigh(NOBODY, NOBODY) == Evidence(points=0, facts=())
