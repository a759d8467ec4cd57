"""
Relink: a new database, the same accounts. The pairs are rebuilt from the keys that HubSpot keeps;
nothing is written to either side.

A pair gets for its bases what both sides show alike. Where they differ it gets none, so that the
next plan shows the difference as that of a first match, and asks before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from msgspec import Struct

from ledgerbridge.connectors.port import Page, Wanted
from ledgerbridge.core.endings import DELETED
from ledgerbridge.core.model import (
    Gone,
    LineLink,
    Link,
    LinkStatus,
    Record,
    Side,
    Value,
    link_id,
)
from ledgerbridge.core.plan import MadeLink, Moved
from ledgerbridge.errors import Interlock, Refuse, UsageError
from ledgerbridge.service import spool
from ledgerbridge.service.applying import apply_local
from ledgerbridge.service.observe import observe
from ledgerbridge.service.planners.merges import MERGEABLE
from ledgerbridge.service.planning import follow_configuration, plan_marked
from ledgerbridge.service.storing import store_page
from ledgerbridge.service.world import ActiveSync, World
from ledgerbridge.store import links, operations, records
from ledgerbridge.store.transaction import Transaction
from ledgerbridge.syncs.adjustments import (
    AMOUNT,
    DISCOUNT_TYPE,
    PLACE,
    TAX_TYPE,
    key_at,
    wanted_adjustments,
)
from ledgerbridge.syncs.children import source_of
from ledgerbridge.syncs.invoices import NAME as INVOICES
from ledgerbridge.syncs.lines import LINE_KEY, LINE_TYPE, number, wanted_lines

BY_KEY = frozenset({"matched by our key", "matched by key"})
LINE_FIELDS = (
    LINE_KEY,
    "name",
    "description",
    "quantity",
    "price",
    "hs_position_on_quote",
    "hs_line_item_currency_code",
)
ADJUSTMENT_FIELDS = ("hs_label", "hs_type", AMOUNT, PLACE)
CHILD_FIELDS = {
    LINE_TYPE: LINE_FIELDS,
    DISCOUNT_TYPE: ADJUSTMENT_FIELDS,
    TAX_TYPE: ADJUSTMENT_FIELDS,
}
PAGE_RECORDS = 500
ARCHIVED = f"{DELETED}HubSpot: it was in the recycle bin when the pairs were rebuilt from the keys"
NEW_DATABASE = (
    "HubSpot has {0} invoices that carry the keys of this company, and this database knows no pair "
    "of invoices: it seems to be a new one. Nothing was written. Rebuild the pairs from the keys "
    "first: ledgerbridge relink"
)


class RelinkedSync(Struct, frozen=True, kw_only=True):
    """
    One sync: `keyed` HubSpot records carry a key of this company, for so many of them the
    QuickBooks record is `there`; `pairs` were made, `ended` pairs were known again as ended ones.
    """

    name: str
    keyed: int
    there: int
    pairs: int
    ended: int
    lines: int


class RelinkReport(Struct, frozen=True, kw_only=True):
    """What was rebuilt, sync by sync; with a dry run nothing is."""

    syncs: tuple[RelinkedSync, ...]
    done: bool


async def relink(world: World, *, dry: bool, again: bool) -> RelinkReport:
    """
    Read both sides and rebuild the pairs. Raises UsageError on a database that knows pairs, unless
    told to go on `again`; CallFailed.
    """
    known = await world.store.read(_known, world)
    if known and not again:
        raise UsageError(
            f"This database knows {known:,} pairs already. Nothing was changed. To add those that "
            "are missing: ledgerbridge relink --again"
        )
    await world.hubspot.who()
    await world.commit(follow_configuration, world)
    await observe(world)
    found = [await _relink(world, sync, dry=dry) for sync in world.ordered()]
    return RelinkReport(syncs=tuple(found), done=not dry)


def _known(tx: Transaction, world: World) -> int:
    return sum(sum(links.counts(tx, sync.id).values()) for sync in world.ordered())


def check(tx: Transaction, world: World) -> None:
    """Raises Interlock where the keys in HubSpot tell of pairs that this database does not know."""
    sync = next((one for one in world.ordered() if one.kind.name == INVOICES), None)
    if sync is None or any(links.counts(tx, sync.id).values()):
        return
    _, there = _keyed(tx, world, sync)
    if there:
        raise Interlock(NEW_DATABASE.format(there))


async def _relink(world: World, sync: ActiveSync, *, dry: bool) -> RelinkedSync:
    keyed, there = await world.store.read(_keyed, world, sync)
    if dry:
        return RelinkedSync(
            name=sync.kind.name, keyed=keyed, there=there, pairs=0, ended=0, lines=0
        )
    ended = await _bury(world, sync)
    await plan_marked(world, [sync], "pairing", dry=True)
    pairs = await world.commit(_pair, world, sync)
    lines = await _pair_lines(world, sync) if sync.kind.name == INVOICES else 0
    return RelinkedSync(
        name=sync.kind.name, keyed=keyed, there=there, pairs=pairs, ended=ended, lines=lines
    )


def _keyed(tx: Transaction, world: World, sync: ActiveSync) -> tuple[int, int]:
    """How many HubSpot records carry our key, and of how many the QuickBooks record is there."""
    connection, rules = world.connections, sync.rules
    keyed = there = 0
    for page in _stored(tx, connection[Side.HUBSPOT], rules.hubspot_type):
        keys = [key for one in page if not one.state.gone and (key := _own(world, sync, one))]
        keyed += len(keys)
        place = (connection[Side.QUICKBOOKS], rules.quickbooks_type)
        there += len(records.by_key(tx, *place, "key", keys))
    return keyed, there


def _stored(tx: Transaction, connection: str, object_type: str) -> Iterator[list[Record]]:
    after = ""
    while page := records.page(tx, connection, object_type, after, PAGE_RECORDS):
        after = page[-1].id
        yield page


def _own(world: World, sync: ActiveSync, record: Record) -> str | None:
    key = record.fields.get(sync.rules.key_field)
    return key if key and key.startswith(f"{world.quickbooks.account_id}:") else None


def _pair(tx: Transaction, world: World, sync: ActiveSync) -> int:
    """Of the plan only the pairs by key are kept, with what both sides show alike."""
    rows = list(_local(tx, sync.id))
    items = [spool.read(row).item for row in rows]
    made = {x.link for x in items if isinstance(x, MadeLink) and x.reason in BY_KEY}
    kept = [
        row
        for row, item in zip(rows, items, strict=True)
        if isinstance(item, MadeLink | Moved) and item.link in made
    ]
    apply_local(tx, world, sync, kept)
    operations.forget_planned(tx, sync.id)
    return len(made)


def _local(tx: Transaction, sync_id: str) -> Iterator[operations.Operation]:
    after = (-1, 0)
    while page := operations.planned(tx, sync_id, PAGE_RECORDS, after):
        after = (page[-1].stage, page[-1].seq)
        yield from (one for one in page if one.stage == 0)


async def _bury(world: World, sync: ActiveSync) -> int:
    """Records of ours in the recycle bin: their pairs ended, and are not made anew."""
    if sync.kind.name not in (*MERGEABLE, INVOICES):
        return 0
    ended = 0
    asked = Wanted(sync.rules.hubspot_type, world.wanted_hubspot[sync.rules.hubspot_type].fields)
    async for bin_page in world.hubspot.archived_records(asked):
        ended += await world.commit(_end, world, sync, bin_page)
    return ended


def _end(tx: Transaction, world: World, sync: ActiveSync, page: Page) -> int:
    keys = {key: one for one in page.records if (key := _own(world, sync, one))}
    connection, rules = world.connections[Side.QUICKBOOKS], sync.rules
    found = records.by_key(tx, connection, rules.quickbooks_type, "key", keys)
    alive = records.by_key(tx, world.connections[Side.HUBSPOT], rules.hubspot_type, "key", found)
    known = links.by_ids(tx, sync.id, Side.QUICKBOOKS, [x for ids in found.values() for x in ids])
    dead = [
        Link(
            id=link_id(sync.id, Side.QUICKBOOKS, ids[0]),
            hubspot_id=keys[key].id,
            quickbooks_id=ids[0],
            status=LinkStatus.DEAD,
            reason=ARCHIVED,
        )
        for key, ids in found.items()
        if key not in alive and ids[0] not in known
    ]
    now = world.clock.now()
    links.put(tx, sync.id, dead, now)
    gone = [one for one in page.records if one.id in {link.hubspot_id for link in dead}]
    store_page(tx, world, Side.HUBSPOT, Page(page.object_type, tuple(gone)), own=True)
    told = [Gone(page.object_type, one.id, ARCHIVED) for one in gone]
    records.mark_gone(tx, world.connections[Side.HUBSPOT], page.object_type, told, now)
    return len(dead)


async def _pair_lines(world: World, sync: ActiveSync) -> int:
    paired, after = 0, ""
    while True:
        page = await world.store.read(links.page, sync.id, after, PAGE_RECORDS)
        if not page:
            return paired
        after = page[-1].id
        made = {x.hubspot_id: x for x in page if x.hubspot_id and x.status is LinkStatus.LIVE}
        for object_type, fields in CHILD_FIELDS.items():
            try:
                paired += await _pair_children(world, sync, made, Wanted(object_type, fields))
            except Refuse:
                if object_type == LINE_TYPE:
                    raise  # of the others a portal may know nothing: then there are none of ours


async def _pair_children(
    world: World, sync: ActiveSync, made: Mapping[str, Link], wanted: Wanted
) -> int:
    held = await world.hubspot.associations(sync.rules.hubspot_type, wanted.object_type, list(made))
    looked = await world.hubspot.look(wanted, [x for group in held.values() for x in group])
    paired = 0
    for hubspot_id, link in made.items():
        shown = [looked.found[x] for x in held.get(hubspot_id, ()) if x in looked.found]
        paired += await world.commit(_child_links, world, sync, link, shown)
    return paired


def _child_links(
    tx: Transaction, world: World, sync: ActiveSync, link: Link, shown: Sequence[Record]
) -> int:
    """
    Our lines are known by their keys, discounts and taxes by their places; what one shows
    otherwise is a change to bring.
    """
    invoice_id = link.quickbooks_id or ""
    connection = world.connections[Side.QUICKBOOKS]
    invoices = records.get_many(tx, connection, sync.rules.quickbooks_type, [invoice_id])
    if invoice_id not in invoices:
        return 0
    invoice = invoices[invoice_id]
    wanted = {one.key: one for one in (*wanted_lines(invoice), *wanted_adjustments(invoice))}
    found = []
    for record in shown:
        key = _key_of_child(invoice, record)
        if not key or not key.startswith(f"{world.quickbooks.account_id}:"):
            continue
        one = wanted.get(key)
        source = {} if one is None else _in_step(source_of(one), record.fields)
        found.append(
            LineLink(
                key=key, hubspot_id=record.id, base_hubspot=record.fields, base_quickbooks=source
            )
        )
    links.put_lines(tx, link.id, found)
    return len(found)


def _key_of_child(invoice: Record, record: Record) -> str | None:
    if record.object_type == LINE_TYPE:
        return record.fields.get(LINE_KEY)
    return key_at(invoice, record.object_type, number(record.fields.get(PLACE)))


def _in_step(source: Mapping[str, Value], shown: Mapping[str, Value]) -> dict[str, Value]:
    return {
        name: value if name.startswith("@") or _same(value, shown.get(name)) else shown.get(name)
        for name, value in source.items()
    }


def _same(one: Value, other: Value) -> bool:
    try:
        return Decimal(one or "") == Decimal(other or "")
    except InvalidOperation:
        return (one or "") == (other or "")
