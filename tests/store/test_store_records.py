"""Observations in the store: monotonic, found by key and by reference, gone only with evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_world import COMPANY, PORTAL, ask, contact, do, fresh_world, later, passing_world

from ledgerbridge.core.model import Gone, Line, Record, Side, State
from ledgerbridge.store import records
from ledgerbridge.store.database import Store
from ledgerbridge.store.records import NEWER, Key, Stamp

OLD, NEW, NEWEST = "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_world(tmp_path / "ledgerbridge.db") as store:
        yield store


def by_email(record: Record) -> Iterable[Key]:
    """One key, where there is an e-mail."""
    email = record.fields.get("email")
    return [("email", email.casefold())] if email else []


def see(
    store: Store,
    page: Sequence[Record],
    *,
    connection: str = PORTAL,
    side: Side = Side.HUBSPOT,
    keys_fingerprint: str = "",
) -> list[str]:
    """Store one page of observations in its own transaction; the ids that changed."""
    return do(
        store,
        records.store_page,
        connection,
        page[0].object_type if page else "contacts",
        page,
        keys_of=by_email,
        newer=NEWER[side],
        now=later(0),
        keys_fingerprint=keys_fingerprint,
    )


def stored(store: Store, record_id: str) -> Record:
    return ask(store, records.get_many, PORTAL, "contacts", [record_id])[record_id]


def holders(store: Store, *emails: str) -> dict[str, list[str]]:
    return ask(store, records.by_key, PORTAL, "contacts", "email", emails)


def gone(store: Store, *ids: str, merged_into: str | None = None) -> list[str]:
    evidence = [Gone("contacts", id_, "404 on a look", merged_into) for id_ in ids]
    return do(store, records.mark_gone, PORTAL, "contacts", evidence, later(9))


def test_a_record_comes_back_as_it_was_seen(store: Store) -> None:
    invoice = Record(
        "Invoice",
        "130",
        "2",
        {"DocNumber": "1037", "TotalAmt": "362.07", "PrivateNote": None, "Memo": "Ж' \U0001f600"},
        references={"CustomerRef": ("24",), "SalesTermRef": ("3",)},
        lines=(Line("1", {"Amount": "275.00"}), Line("2", {"Description": ""})),
        state=State.VOIDED,
        created_at="2026-01-01T00:00:00Z",
        modified_at="2026-02-01T00:00:00Z",
    )

    assert see(store, [invoice], connection=COMPANY, side=Side.QUICKBOOKS) == ["130"]
    assert ask(store, records.get_many, COMPANY, "Invoice", ["130", "131"]) == {"130": invoice}


def test_the_same_id_of_another_account_or_type_is_another_record(store: Store) -> None:
    see(store, [contact("1", email="ann@example.com")])

    assert ask(store, records.get_many, COMPANY, "contacts", ["1"]) == {}
    assert ask(store, records.get_many, PORTAL, "products", ["1"]) == {}
    assert ask(store, records.by_key, COMPANY, "contacts", "email", ["ann@example.com"]) == {}


def test_the_same_observation_twice_is_no_change(store: Store) -> None:
    page = [contact("1", email="ann@example.com"), contact("2")]

    assert see(store, page) == ["1", "2"]
    assert see(store, page) == []


def test_fields_listed_in_another_order_are_no_change(store: Store) -> None:
    see(store, [contact("1", a="1", b="2")])

    assert see(store, [contact("1", NEW, b="2", a="1")]) == []


def test_a_new_version_of_the_same_content_is_kept_quietly(store: Store) -> None:
    see(store, [contact("1", OLD, name="Ann")])

    assert see(store, [contact("1", NEW, name="Ann")]) == []
    assert stored(store, "1").version == stored(store, "1").modified_at == NEW


def test_an_older_observation_is_ignored(store: Store) -> None:
    see(store, [contact("1", NEW, name="Anne", email="anne@example.com")])

    assert see(store, [contact("1", OLD, name="Ann", email="ann@example.com")]) == []
    assert stored(store, "1").fields["name"] == "Anne"
    assert holders(store, "ann@example.com", "anne@example.com") == {"anne@example.com": ["1"]}


def test_a_field_asked_for_since_arrives_under_the_same_version(store: Store) -> None:
    see(store, [contact("1", OLD, name="Ann")])

    assert see(store, [contact("1", OLD, name="Ann", city="Graz")]) == ["1"]


def test_the_newest_of_several_images_in_one_page_wins(store: Store) -> None:
    page = [contact("1", NEW, name="new"), contact("1", NEWEST, name="newest"), contact("1", OLD)]

    assert see(store, page) == ["1"]
    assert stored(store, "1").fields == {"name": "newest"}


@pytest.mark.parametrize(
    ("side", "old", "new", "newer"),
    [
        (Side.HUBSPOT, Stamp(OLD, OLD), Stamp(NEW, NEW), True),
        (Side.HUBSPOT, Stamp(NEW, NEW), Stamp(OLD, OLD), False),
        (Side.HUBSPOT, Stamp(OLD, OLD), Stamp(OLD, OLD), False),
        (Side.QUICKBOOKS, Stamp("9", OLD), Stamp("10", OLD), True),
        (Side.QUICKBOOKS, Stamp("10", OLD), Stamp("9", NEW), False),
        (Side.QUICKBOOKS, Stamp("3", OLD), Stamp("3", NEW), True),  # its balance moved
        (Side.QUICKBOOKS, Stamp("3", OLD), Stamp("3", OLD), False),
        (Side.QUICKBOOKS, Stamp("", OLD), Stamp("0", OLD), False),
    ],
)
def test_what_is_newer_is_told_in_the_terms_of_its_side(
    side: Side, old: Stamp, new: Stamp, newer: bool
) -> None:
    assert NEWER[side](old, new) is newer


@pytest.mark.parametrize(
    "changed",
    [
        Record("contacts", "1", NEW, {"name": "Ann"}, state=State.INACTIVE),
        Record("contacts", "1", NEW, {"name": "Ann"}, references={"companies": ("7",)}),
        Record("contacts", "1", NEW, {"name": "Ann"}, lines=(Line("1", {}),)),
        Record("contacts", "1", NEW, {"name": "ann"}),
    ],
)
def test_state_references_lines_and_fields_each_count_as_change(
    store: Store, changed: Record
) -> None:
    see(store, [contact("1", OLD, name="Ann")])

    assert see(store, [changed]) == ["1"]


def test_other_rules_for_keys_make_them_again(store: Store) -> None:
    page = [contact("1", email="ann@example.com")]
    see(store, page, keys_fingerprint="v1")

    assert see(store, page, keys_fingerprint="v1") == []
    assert see(store, page, keys_fingerprint="v2") == ["1"]


def test_records_that_share_a_key_are_listed_by_their_numbers(store: Store) -> None:
    see(store, [contact(id_, email="info@example.com") for id_ in ("100", "9", "20")])

    assert holders(store, "info@example.com", "info@example.com", "x@example.com") == {
        "info@example.com": ["9", "20", "100"]
    }


def test_a_changed_record_is_found_by_its_new_key_and_reference_only(store: Store) -> None:
    before = Record("contacts", "1", OLD, {"email": "a@example.com"}, {"companies": ("7", "8")})
    after = Record("contacts", "1", NEW, {"email": "b@example.com"}, {"companies": ("8", "9")})
    see(store, [before])
    see(store, [after])

    assert holders(store, "a@example.com", "b@example.com") == {"b@example.com": ["1"]}
    assert ask(store, records.referring, PORTAL, "contacts", "companies", ["7", "8", "9", "8"]) == {
        "8": ["1"],
        "9": ["1"],
    }
    assert ask(store, records.referring, PORTAL, "contacts", "deals", ["8"]) == {}


def test_a_record_that_is_gone_keeps_its_image_and_its_evidence(store: Store) -> None:
    see(store, [contact("1", name="Ann"), contact("2")])

    assert gone(store, "1", "404", merged_into="2") == ["1"]
    assert stored(store, "1").state is State.DELETED
    assert stored(store, "1").fields == {"name": "Ann"}
    assert ask(store, records.gone_many, PORTAL, "contacts", ["1", "2"]) == {
        "1": Gone("contacts", "1", "404 on a look", "2")
    }
    assert ask(store, records.count, PORTAL, "contacts") == 1


def test_going_twice_is_news_once(store: Store) -> None:
    see(store, [contact("1")])

    assert gone(store, "1") == ["1"]
    assert gone(store, "1") == []


def test_a_record_that_is_gone_answers_to_no_key_and_refers_to_nothing(store: Store) -> None:
    see(store, [Record("contacts", "1", OLD, {"email": "a@example.com"}, {"companies": ("7",)})])
    gone(store, "1")

    assert holders(store, "a@example.com") == {}
    assert ask(store, records.referring, PORTAL, "contacts", "companies", ["7"]) == {}


def test_an_archived_record_answers_to_no_key_either(store: Store) -> None:
    archived = Record("contacts", "1", OLD, {"email": "a@example.com"}, state=State.ARCHIVED)
    see(store, [archived])

    assert holders(store, "a@example.com") == {}


def test_a_lagging_page_does_not_bring_the_gone_back_but_a_newer_image_does(store: Store) -> None:
    see(store, [contact("1", OLD, email="a@example.com")])
    gone(store, "1")

    assert see(store, [contact("1", OLD, email="a@example.com")]) == []
    assert stored(store, "1").state is State.DELETED

    assert see(store, [contact("1", NEW, email="a@example.com")]) == ["1"]
    assert stored(store, "1").state is State.LIVE
    assert holders(store, "a@example.com") == {"a@example.com": ["1"]}
    assert ask(store, records.gone_many, PORTAL, "contacts", ["1"]) == {}


def test_an_archived_image_of_the_gone_keeps_the_evidence(store: Store) -> None:
    see(store, [contact("1", OLD)])
    gone(store, "1")
    see(store, [Record("contacts", "1", NEW, {}, state=State.ARCHIVED)])

    assert set(ask(store, records.gone_many, PORTAL, "contacts", ["1"])) == {"1"}


def test_more_ids_than_one_statement_takes_are_asked_part_by_part(store: Store) -> None:
    ids = [str(number) for number in range(1234)]
    see(store, [contact(id_, email=f"a{id_}@example.com") for id_ in ids])

    assert set(ask(store, records.get_many, PORTAL, "contacts", ids)) == set(ids)
    assert len(holders(store, *(f"a{id_}@example.com" for id_ in ids))) == 1234


def test_nothing_asked_is_nothing_found(store: Store) -> None:
    assert see(store, []) == []
    assert ask(store, records.get_many, PORTAL, "contacts", []) == {}
    assert holders(store) == {}
    assert gone(store) == []


versions = st.integers(0, 6)
pages = st.lists(st.lists(st.tuples(st.sampled_from("123"), versions), max_size=4), max_size=8)


@settings(max_examples=60, deadline=None)
@given(pages)
def test_whatever_the_order_of_pages_the_newest_image_stays_with_its_keys(
    seen: list[list[tuple[str, int]]],
) -> None:
    # Two neighbouring versions share their content: a new version is not always a change.
    def image(id_: str, version: int) -> Record:
        email = f"{id_}.{version // 2}@example.com"
        return contact(id_, f"2026-03-01T00:00:0{version}Z", email=email)

    newest: dict[str, int] = {}
    with passing_world() as store:
        for page in seen:
            before = {id_: version // 2 for id_, version in newest.items()}
            for id_, version in page:
                newest[id_] = max(version, newest.get(id_, 0))
            changed = see(store, [image(id_, version) for id_, version in page])
            assert set(changed) == {
                id_ for id_, version in newest.items() if before.get(id_) != version // 2
            }
        images = {id_: image(id_, version) for id_, version in newest.items()}
        assert ask(store, records.get_many, PORTAL, "contacts", "123") == images
        emails = [f"{id_}.{half}@example.com" for id_ in "123" for half in range(4)]
        assert holders(store, *emails) == {
            str(record.fields["email"]): [id_] for id_, record in images.items()
        }
