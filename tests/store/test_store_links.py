"""Links, the links of lines, and attachments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_world import SYNC, ask, do, fresh_world, later, live_link, passing_world

from ledgerbridge.core.model import Attachment, LineLink, Link, LinkStatus, Side
from ledgerbridge.errors import StoreProblem
from ledgerbridge.store import links
from ledgerbridge.store.database import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_world(tmp_path / "ledgerbridge.db") as store:
        yield store


def put(store: Store, *some: Link) -> None:
    do(store, links.put, SYNC, some, later(0))


def line(key: str, hubspot_id: str, amount: str) -> LineLink:
    return LineLink(
        key=key,
        hubspot_id=hubspot_id,
        base_hubspot={"price": amount},
        base_quickbooks={"Amount": amount},
    )


values = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
images = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=9), values)


@settings(max_examples=30, deadline=None)
@given(images, images)
def test_base_images_come_back_raw(
    hubspot: dict[str, str | None], other: dict[str, str | None]
) -> None:
    link = Link(
        id="contacts/h1/1",
        hubspot_id="1",
        quickbooks_id="2",
        base_hubspot=hubspot,
        base_quickbooks=other,
        generation=3,
    )
    with passing_world() as store:
        put(store, link)
        assert ask(store, links.get_many, [link.id]) == {link.id: link}


def test_a_link_is_found_from_both_sides_in_its_own_sync_only(store: Store) -> None:
    link = live_link("a", "1", "2")
    put(store, link)

    assert ask(store, links.by_ids, SYNC, Side.HUBSPOT, ["1", "2"]) == {"1": link}
    assert ask(store, links.by_ids, SYNC, Side.QUICKBOOKS, ["1", "2"]) == {"2": link}
    assert ask(store, links.by_ids, "invoices", Side.HUBSPOT, ["1"]) == {}


def test_a_half_that_does_not_exist_yet_clashes_with_no_other(store: Store) -> None:
    put(store, live_link("a", "1", None), live_link("b", "2", None), live_link("c", None, "1"))

    assert ask(store, links.counts, SYNC) == {LinkStatus.LIVE: 3, LinkStatus.DEAD: 0}


def test_putting_a_link_again_moves_its_base_and_fills_its_half(store: Store) -> None:
    put(store, live_link("a", "1", None))
    full = Link(id="a", hubspot_id="1", quickbooks_id="2", base_hubspot={"name": "Ann"})
    put(store, full)

    assert ask(store, links.get_many, ["a"]) == {"a": full}
    assert ask(store, links.by_ids, SYNC, Side.QUICKBOOKS, ["2"]) == {"2": full}


@pytest.mark.parametrize("second", [live_link("b", "1", "9"), live_link("b", "9", "2")])
def test_an_id_belongs_to_at_most_one_living_link(store: Store, second: Link) -> None:
    put(store, live_link("a", "1", "2"))
    with pytest.raises(StoreProblem, match="breaks one of its rules"):
        put(store, live_link("c", "5", "6"), second)

    assert set(ask(store, links.get_many, ["a", "b", "c"])) == {"a"}


def test_a_dead_link_is_kept_and_found_where_no_living_one_is(store: Store) -> None:
    put(store, live_link("a", "1", "2"), live_link("b", "3", "4"))
    do(store, links.kill, ["a"], "its contact was deleted")
    found = ask(store, links.by_ids, SYNC, Side.QUICKBOOKS, ["2", "4"])

    assert found["2"].status is LinkStatus.DEAD
    assert found["2"].reason == "its contact was deleted"
    assert found["4"].status is LinkStatus.LIVE
    assert ask(store, links.counts, SYNC) == {LinkStatus.LIVE: 1, LinkStatus.DEAD: 1}


def test_a_new_generation_lives_beside_the_dead_and_is_the_one_found(store: Store) -> None:
    put(store, live_link("a/1", "1", "2"))
    do(store, links.kill, ["a/1"], "deleted")
    second = msgspec.structs.replace(live_link("a/2", "7", "2"), generation=2)
    put(store, second)

    assert ask(store, links.by_ids, SYNC, Side.QUICKBOOKS, ["2"]) == {"2": second}
    do(store, links.kill, ["a/2"], "deleted again")
    latest = ask(store, links.by_ids, SYNC, Side.QUICKBOOKS, ["2"])["2"]
    assert (latest.id, latest.status) == ("a/2", LinkStatus.DEAD)


def test_a_dead_link_put_as_dead_stays_out_of_the_way(store: Store) -> None:
    dead = msgspec.structs.replace(live_link("a", "1", "2"), status=LinkStatus.DEAD)
    put(store, dead, live_link("b", "1", "2"))

    assert ask(store, links.by_ids, SYNC, Side.HUBSPOT, ["1"])["1"].id == "b"


def test_pages_show_every_link_once(store: Store) -> None:
    put(store, *(live_link(f"l{number}", str(number), None) for number in range(25)))
    shown: list[str] = []
    while page := ask(store, links.page, SYNC, shown[-1] if shown else "", 10):
        shown += [link.id for link in page]

    assert shown == sorted(f"l{number}" for number in range(25))


def test_lines_are_child_links_with_their_own_base(store: Store) -> None:
    put(store, live_link("a", "1", "2"), live_link("b", "3", "4"))
    do(store, links.put_lines, "a", [line("k1", "51", "10.00"), line("k2", "52", "20.00")])
    do(store, links.put_lines, "a", [line("k2", "52", "25.00")])
    do(store, links.drop_lines, "a", ["k1", "never there"])

    assert ask(store, links.lines_of, ["a", "b"]) == {"a": {"k2": line("k2", "52", "25.00")}}


def test_lines_belong_to_a_link_that_exists(store: Store) -> None:
    with pytest.raises(StoreProblem, match="FOREIGN KEY"):
        do(store, links.put_lines, "nobody", [line("k1", "51", "10.00")])


def test_a_record_leans_on_one_link_of_a_sync(store: Store) -> None:
    put(store, live_link("a", "1", "2"), live_link("b", "3", "4"))
    do(store, links.attach, SYNC, [Attachment("8", "a", "same e-mail")])
    do(store, links.attach, SYNC, [Attachment("8", "b", "sub-customer"), Attachment("9", "b", "x")])

    assert ask(store, links.attachments, SYNC, ["8", "7"]) == {
        "8": Attachment("8", "b", "sub-customer")
    }
    assert ask(store, links.attached_to, ["a", "b"]) == {
        "b": [Attachment("8", "b", "sub-customer"), Attachment("9", "b", "x")]
    }
    do(store, links.detach, SYNC, ["8"])
    assert set(ask(store, links.attachments, SYNC, ["8", "9"])) == {"9"}
