"""Connections, the tokens they keep, and the epoch that keeps paused workers out."""

from __future__ import annotations

import base64
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from store_world import COMPANY, PORTAL, StandingClock, ask, contact, do, fresh_world, later, tenant

from ledgerbridge.core.model import Side
from ledgerbridge.errors import Fenced, StoreProblem, UsageError
from ledgerbridge.store import connections, records, runs, syncs
from ledgerbridge.store.database import Store
from ledgerbridge.store.runs import Cursor
from ledgerbridge.store.secrets import KEY_VARIABLE, Secrets

TOKEN = b"refresh-token-of-an-invented-company"
KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with fresh_world(tmp_path / "ledgerbridge.db") as store:
        yield store


def secrets_of(store: Store, **environment: str) -> Secrets:
    return Secrets.load(environment, store.path, StandingClock())


def key_file(store: Store) -> Path:
    return store.path.with_name(store.path.name + ".key")


def test_a_connection_comes_back_as_it_was_put(store: Store) -> None:
    portal = tenant(PORTAL, Side.HUBSPOT, "501")

    assert ask(store, connections.get, PORTAL) == portal
    assert ask(store, connections.get, "nobody") is None
    assert [one.id for one in ask(store, connections.every)] == [PORTAL, COMPANY]


def test_an_account_is_connected_once(store: Store) -> None:
    with pytest.raises(StoreProblem, match=rf"account 501 is already connected as {PORTAL}"):
        do(store, connections.put, tenant("hubspot-2", Side.HUBSPOT, "501"))


def test_connecting_again_keeps_the_token_and_the_epoch(store: Store) -> None:
    secrets = secrets_of(store)
    do(store, connections.put_token, secrets, PORTAL, TOKEN)
    epoch = do(store, connections.claim_epoch, [PORTAL])
    do(store, connections.put, tenant(PORTAL, Side.HUBSPOT, "501"))

    assert ask(store, connections.get_token, secrets, PORTAL) == TOKEN
    ask(store, connections.check_epoch, [PORTAL], epoch)


def test_a_connection_in_use_stays(store: Store) -> None:
    with pytest.raises(StoreProblem, match=r"used by the syncs Contacts.*Delete those syncs"):
        do(store, connections.remove, PORTAL)

    assert ask(store, connections.get, PORTAL) is not None


def test_a_removed_connection_leaves_nothing_of_its_records(store: Store) -> None:
    do(store, syncs.remove, "contacts")
    do(
        store,
        records.store_page,
        PORTAL,
        "contacts",
        [contact("1", email="ann@example.com")],
        keys_of=lambda record: [("email", str(record.fields["email"]))],
        newer=records.hubspot_newer,
        now=later(0),
    )
    do(store, runs.move_cursor, PORTAL, "contacts", Cursor("2026-03-01T00:00:00Z", "f1"))
    do(store, connections.remove, PORTAL)

    assert ask(store, connections.get, PORTAL) is None
    assert ask(store, records.get_many, PORTAL, "contacts", ["1"]) == {}
    assert ask(store, records.by_key, PORTAL, "contacts", "email", ["ann@example.com"]) == {}
    assert ask(store, runs.cursor_of, PORTAL, "contacts") is None


def test_a_later_claim_fences_the_earlier_one_off(store: Store) -> None:
    first = do(store, connections.claim_epoch, [PORTAL, COMPANY])
    ask(store, connections.check_epoch, [PORTAL, COMPANY], first)
    second = do(store, connections.claim_epoch, [COMPANY])

    assert second > first
    ask(store, connections.check_epoch, [PORTAL], first)
    with pytest.raises(Fenced, match=rf"claimed {COMPANY} meanwhile.*not written"):
        ask(store, connections.check_epoch, [PORTAL, COMPANY], first)


def test_claims_of_different_connections_never_share_an_epoch_by_chance(store: Store) -> None:
    for _ in range(3):
        do(store, connections.claim_epoch, [COMPANY])
    both = do(store, connections.claim_epoch, [PORTAL, COMPANY])

    assert both == 4
    ask(store, connections.check_epoch, [PORTAL, COMPANY], both)


def test_a_connection_that_is_gone_fences_too(store: Store) -> None:
    with pytest.raises(Fenced, match="nobody"):
        ask(store, connections.check_epoch, ["nobody"], 0)


def test_a_token_is_never_in_clear_in_any_file(store: Store) -> None:
    secrets = secrets_of(store)
    do(store, connections.put_token, secrets, PORTAL, TOKEN)
    do(store, connections.put_token, secrets, PORTAL, TOKEN + b"-2")
    files = [path for path in store.path.parent.iterdir() if path.is_file()]

    assert ask(store, connections.get_token, secrets, PORTAL) == TOKEN + b"-2"
    assert any(path.name.endswith("-wal") for path in files)
    assert [path.name for path in files if TOKEN in path.read_bytes()] == []


def test_a_connection_without_a_token_has_none(store: Store) -> None:
    assert ask(store, connections.get_token, secrets_of(store), PORTAL) is None


def test_the_same_token_is_sealed_differently_each_time(store: Store) -> None:
    secrets = secrets_of(store)

    assert secrets.seal(PORTAL, TOKEN) != secrets.seal(PORTAL, TOKEN)


def test_a_key_file_is_made_once_and_is_private(store: Store) -> None:
    sealed = secrets_of(store).seal(PORTAL, TOKEN)

    assert secrets_of(store).open_sealed(PORTAL, sealed) == TOKEN
    assert stat.S_IMODE(key_file(store).stat().st_mode) == 0o600
    assert [path for path in store.path.parent.iterdir() if ".key." in path.name] == []


def test_the_key_of_another_process_that_was_first_is_used(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = secrets_of(store).seal(PORTAL, TOKEN)
    path = key_file(store)
    exists = Path.exists
    monkeypatch.setattr(Path, "exists", lambda self: False if self == path else exists(self))

    assert secrets_of(store).open_sealed(PORTAL, sealed) == TOKEN


def test_the_key_of_the_environment_goes_first(store: Store) -> None:
    sealed = secrets_of(store, **{KEY_VARIABLE: KEY}).seal(PORTAL, TOKEN)

    assert not key_file(store).exists()
    assert secrets_of(store, **{KEY_VARIABLE: f" {KEY}\n"}).open_sealed(PORTAL, sealed) == TOKEN
    with pytest.raises(StoreProblem, match=r"cannot be decrypted with the key file .*another key"):
        secrets_of(store).open_sealed(PORTAL, sealed)


@pytest.mark.parametrize("key", ["short", "c2hvcnQ=", "=" * 44, "é" * 44])
def test_a_variable_that_holds_no_key_is_refused_without_repeating_it(
    store: Store, key: str
) -> None:
    with pytest.raises(UsageError, match="is not 32 bytes in base64") as told:
        secrets_of(store, **{KEY_VARIABLE: key})

    assert key not in str(told.value)


def test_a_token_moved_to_another_connection_cannot_be_read(store: Store) -> None:
    secrets = secrets_of(store)
    sealed = secrets.seal(PORTAL, TOKEN)
    with pytest.raises(StoreProblem, match=f"token of {COMPANY} cannot be decrypted"):
        secrets.open_sealed(COMPANY, sealed)


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(60)])
def test_a_changed_token_cannot_be_read(store: Store, sealed: bytes) -> None:
    with pytest.raises(StoreProblem, match="connect the account again"):
        secrets_of(store).open_sealed(PORTAL, sealed)


def test_a_key_file_that_others_can_read_is_refused(store: Store) -> None:
    secrets_of(store)
    key_file(store).chmod(0o640)
    with pytest.raises(StoreProblem, match=r"can be read by other users.*chmod 600"):
        secrets_of(store)


def test_a_key_file_without_a_key_is_refused_and_left_alone(store: Store) -> None:
    secrets_of(store)
    key_file(store).write_text("not a key")
    with pytest.raises(StoreProblem, match="does not hold a key"):
        secrets_of(store)

    assert key_file(store).read_text() == "not a key"


def test_a_key_file_that_cannot_be_read_is_named(store: Store) -> None:
    key_file(store).mkdir()
    with pytest.raises(StoreProblem, match=r"key file .* cannot be used"):
        secrets_of(store)
