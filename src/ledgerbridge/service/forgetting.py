"""
Forget a person (business-rules.md, privacy): nothing of them stays here but ids, dates and amounts.

Both accounts are left as they are. What they still show of the person is stored bare from now on
(`erasing.py`), is never paired and never made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from msgspec import Struct

from ledgerbridge.core import erasure
from ledgerbridge.core.model import Link, Record, Side, link_id
from ledgerbridge.core.values import emails
from ledgerbridge.errors import Interlock, UsageError
from ledgerbridge.service import spool
from ledgerbridge.service.connecting import pair
from ledgerbridge.service.erasing import KEY_IDENTITY
from ledgerbridge.service.storing import DEAL_MARK, DEALS
from ledgerbridge.store import (
    conflicts,
    connections,
    erasures,
    journal,
    links,
    operations,
    outcomes,
    overdue,
    pending,
    records,
    syncs,
)
from ledgerbridge.store.secrets import Secrets
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.allocations import ALLOCATION, INVOICE
from ledgerbridge.syncs.catalogue import KINDS

PAGE_RECORDS = 500
ROUNDS_MAX = 10
NO_TRANSACTIONS = (erasure.PEOPLE[Side.QUICKBOOKS], ALLOCATION)
COMPANIES = "companies"
"""A company is no person: its pair lives on, without what the person's record gave to it."""


class ForgetReport(Struct, frozen=True, kw_only=True):
    """
    What is forgotten, by its records.

    `contacts` and `customers` are the person's own (`side:id`); `transactions` how many invoices,
    payments and the like are about them, `pairs` how many links end, `entries` how many entries of
    the journal lost their values, null before it is done.
    """

    contacts: tuple[str, ...]
    customers: tuple[str, ...]
    transactions: int
    pairs: int
    entries: int | None
    forgotten: bool


@dataclass(slots=True)
class _Person:
    """What is stored of one person, as it is found."""

    identities: set[str] = field(default_factory=set)
    records: dict[tuple[Side, str], dict[str, Record]] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    ending: list[str] = field(default_factory=list)

    def ids(self, side: Side, object_type: str) -> list[str]:
        return list(self.records.get((side, object_type), ()))

    def add(self, side: Side, found: Iterable[Record]) -> None:
        for one in found:
            self.records.setdefault((side, one.object_type), {})[one.id] = one
            self.identities.update(erasure.identities(side, one))

    @property
    def size(self) -> tuple[int, int]:
        return sum(map(len, self.records.values())), len(self.identities)


class _Accounts(Struct, frozen=True):
    """Whose records they are."""

    ids: dict[Side, str]
    realm: str
    syncs: tuple[syncs.Sync, ...]


def forget(
    tx: Transaction,
    who: tuple[Side, str] | str,
    secrets: Secrets,
    now: datetime,
    *,
    do: bool,
) -> ForgetReport:
    """
    Forget whom a record or an e-mail address names, or with `do` false tell what that would be.

    Raises UsageError where nothing is connected or `who` is no address, Interlock while a write
    about the person is on its way.
    """
    accounts = _accounts(tx)
    person = _person(tx, accounts, who)
    _refuse_in_flight(tx, accounts, person)
    entries = _do(tx, accounts, person, secrets, now) if do else None
    contacts, customers = (
        tuple(f"{side}:{one}" for one in person.ids(side, erasure.PEOPLE[side])) for side in Side
    )
    return ForgetReport(
        contacts=contacts,
        customers=customers,
        transactions=sum(
            len(found)
            for (side, object_type), found in person.records.items()
            if side is Side.QUICKBOOKS and object_type not in NO_TRANSACTIONS
        ),
        pairs=len(person.ending),
        entries=entries,
        forgotten=do,
    )


def _accounts(tx: Transaction) -> _Accounts:
    by_side = pair(connections.every(tx))
    return _Accounts(
        {side: connection.id for side, connection in by_side.items()},
        by_side[Side.QUICKBOOKS].account_id,
        tuple(syncs.every(tx)),
    )


def _person(tx: Transaction, accounts: _Accounts, who: tuple[Side, str] | str) -> _Person:
    """All that is stored of the person: their own records first, then what is about them."""
    person = _Person()
    if isinstance(who, str):
        if len(emails(who)) != 1 or "@" not in who:
            raise UsageError("That is no e-mail address. Nothing was forgotten. Give one address.")
        person.identities.add(erasure.of_email(who))
    elif who[0] is Side.HUBSPOT:
        person.identities.add(erasure.of_contact(who[1]))
        _read_people(tx, accounts, person, Side.HUBSPOT, [who[1]])
    else:
        key = f"{accounts.realm}:customer:{who[1]}"
        person.identities.add(erasure.of_customer(key))
        _read_people(tx, accounts, person, Side.QUICKBOOKS, [who[1]])
    for _ in range(ROUNDS_MAX):
        before = person.size
        _follow_emails(tx, accounts, person)
        _follow_pairs(tx, accounts, person)
        if person.size == before:
            break
    _add_transactions(tx, accounts, person)
    _add_links(tx, accounts, person)
    return person


def _read_people(
    tx: Transaction, accounts: _Accounts, person: _Person, side: Side, ids: Iterable[str]
) -> None:
    found = records.get_many(tx, accounts.ids[side], erasure.PEOPLE[side], ids)
    person.add(side, found.values())


def _follow_emails(tx: Transaction, accounts: _Accounts, person: _Person) -> None:
    """Whoever has the same address is the same person: they would be paired by it."""
    addresses = [name.partition(":")[2] for name in person.identities if name.startswith("email:")]
    for side, object_type in erasure.PEOPLE.items():
        found = records.by_key(tx, accounts.ids[side], object_type, "email", addresses)
        ids = {x for group in found.values() for x in group}
        known = records.get_many(tx, accounts.ids[side], object_type, ids)
        same = [
            one for one in known.values() if person.identities & set(erasure.identities(side, one))
        ]
        person.add(side, same)


def _follow_pairs(tx: Transaction, accounts: _Accounts, person: _Person) -> None:
    """The other halves of their pairs, and customers that lean on these."""
    for sync in accounts.syncs:
        kind = KINDS[sync.name]
        if (kind.hubspot_type, kind.quickbooks_type) != tuple(erasure.PEOPLE.values()):
            continue
        for side, object_type in erasure.PEOPLE.items():
            for link in links.all_by_ids(tx, sync.id, side, person.ids(side, object_type)):
                half = link.id_of(side.other)
                _read_people(tx, accounts, person, side.other, [half] if half else [])
                leaning = links.attached_to(tx, [link.id]).get(link.id, [])
                ids = [one.record_id for one in leaning]
                _read_people(tx, accounts, person, Side.QUICKBOOKS, ids)


def _add_transactions(tx: Transaction, accounts: _Accounts, person: _Person) -> None:
    """What QuickBooks has about them; of what is gone only the record itself still says so."""
    connection = accounts.ids[Side.QUICKBOOKS]
    customers = set(person.ids(Side.QUICKBOOKS, erasure.PEOPLE[Side.QUICKBOOKS]))
    if not customers:
        return
    for object_type in records.types(tx, connection):
        after = ""
        while page := records.page(tx, connection, object_type, after, PAGE_RECORDS):
            after = page[-1].id
            about = [
                one
                for one in page
                if customers & set(one.references.get(erasure.CUSTOMER_REFERENCE, ()))
            ]
            person.add(Side.QUICKBOOKS, about)
            keys = (one.fields.get("@key") for one in about)
            person.identities.update(erasure.of_record(key) for key in keys if key)


def _add_links(tx: Transaction, accounts: _Accounts, person: _Person) -> None:
    """The pairs of all that was found, and the mirrors in them."""
    for sync in accounts.syncs:
        kind = KINDS[sync.name]
        ends = ((Side.HUBSPOT, kind.hubspot_type), (Side.QUICKBOOKS, kind.quickbooks_type))
        found = [
            link
            for side, object_type in ends
            for link in links.all_by_ids(tx, sync.id, side, person.ids(side, object_type))
        ]
        person.links |= {link.id: link for link in found}
        if sync.name == COMPANIES:
            continue
        person.ending += dict.fromkeys(link.id for link in found)
        ours = [link.hubspot_id for link in found if link.hubspot_id]
        mirrors = records.get_many(tx, accounts.ids[Side.HUBSPOT], kind.hubspot_type, ours)
        person.records.setdefault((Side.HUBSPOT, kind.hubspot_type), {}).update(mirrors)


def _refuse_in_flight(tx: Transaction, accounts: _Accounts, person: _Person) -> None:
    """What was sent and not answered must be settled first: its row holds values."""
    mine = set(person.links) | {
        link_id(sync.id, side, one)
        for sync in accounts.syncs
        for (side, _), found in person.records.items()
        for one in found
    }
    busy = [unit for unit in operations.units_in_flight(tx) if unit.partition("#")[0] in mine]
    if busy:
        raise Interlock(
            f"{len(busy)} writes about this person left and were not answered yet. Nothing was "
            "forgotten. Let a run find out what became of them, then forget: ledgerbridge run"
        )


def _do(
    tx: Transaction, accounts: _Accounts, person: _Person, secrets: Secrets, now: datetime
) -> int:
    """Redact, end and remember, all in the transaction at hand; returns the entries redacted."""
    for sync in accounts.syncs:
        spool.give_back(tx, sync.id, now)
    for (side, _), found in person.records.items():
        bare = [erasure.bare(record) for record in found.values()]
        records.replace_bodies(tx, accounts.ids[side], bare)
    links.forget_bases(tx, person.links)
    overdue.forget(tx, person.links)
    links.kill(tx, person.ending, erasure.ENDED)
    by_sort = {sort: list(found) for sort, found in person.records.items()}
    entries = journal.redact(tx, person.links, by_sort, erasure.REDACTED)
    _look_again(tx, accounts, by_sort, now)
    digests = [secrets.digest(one) for one in (KEY_IDENTITY, *sorted(person.identities))]
    for connection in accounts.ids.values():
        erasures.remember(tx, connection, digests, now)
    return entries


def _look_again(
    tx: Transaction,
    accounts: _Accounts,
    by_sort: Mapping[tuple[Side, str], Sequence[str]],
    now: datetime,
) -> None:
    """What was said of their records may hold names: it goes, and the next plan says it anew."""
    for sync in accounts.syncs:
        kind = KINDS[sync.name]
        for side, object_type in (
            (Side.HUBSPOT, kind.hubspot_type),
            (Side.QUICKBOOKS, kind.quickbooks_type),
        ):
            ids = by_sort.get((side, object_type), ())
            outcomes.clear(tx, sync.id, side, ids)
            conflicts.forget(tx, sync.id, side, ids)
            pending.mark(tx, sync.id, side, ids, now)
        if sync.name == DEALS:
            cases = [DEAL_MARK + x for x in by_sort.get((Side.QUICKBOOKS, INVOICE), ())]
            outcomes.clear(tx, sync.id, Side.QUICKBOOKS, cases)
