"""One simulated world: both emulators, the people, the network, and the service that may die."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace as replaced
from functools import cache
from pathlib import Path
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from ledgerbridge.clock import SystemClock
from ledgerbridge.connectors.transport import Transport
from ledgerbridge.core.definition import DeletionRule, LeavingScope, SyncDefinition
from ledgerbridge.core.endings import PAIRS_MET
from ledgerbridge.core.filters import Condition, Filter
from ledgerbridge.core.mapping import Rule
from ledgerbridge.core.model import Link, LinkStatus, Side
from ledgerbridge.core.plan import Status
from ledgerbridge.errors import LedgerbridgeError, Unauthorized, UsageError
from ledgerbridge.sandbox.http import App
from ledgerbridge.sandbox.hubspot import HubSpot
from ledgerbridge.sandbox.quickbooks import REALM_ID, QuickBooks
from ledgerbridge.service import keeping, relinking
from ledgerbridge.service.connecting import connect_hubspot, connect_quickbooks
from ledgerbridge.service.connectors import Workshop
from ledgerbridge.service.cycle import RunResult, make_plan, run_once
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.rules import as_stored, definition_of, frozen
from ledgerbridge.service.settings import load
from ledgerbridge.service.world import ActiveSync
from ledgerbridge.store import journal, links, outcomes, syncs
from ledgerbridge.store.database import Store, path_of
from ledgerbridge.store.secrets import Secrets
from ledgerbridge.store.transaction import Transaction
from simulation.endings import OUTSIDE
from simulation.loop import SimulatedClock, VirtualLoop
from simulation.network import Died, Fate, Network
from simulation.people import People

PORTAL_ID = 147000001
HUBSPOT_URL, QUICKBOOKS_URL = "http://127.0.0.1:1", "http://127.0.0.1:2"
CYCLES_TO_SETTLE_MAX = 12
ARRIVES_WITHIN_S = 400.0
A_DAY_S = 90_000.0
IN_MEMORY = Path("/dev/shm")  # of Linux; elsewhere the disk has to do
REMOVALS_ALLOWED = 1000


async def nobody_decides() -> None:
    """Between two cycles nothing is decided."""


class Told(Struct, frozen=True):
    """What one world went through, and the digest of its requests."""

    seed: int
    digest: str
    counts: Mapping[str, int]


class Simulation:
    """A world from a seed. Use inside its own `VirtualLoop`."""

    def __init__(self, loop: VirtualLoop, seed: int, folder: Path) -> None:
        self.seed, self.loop, self.random = seed, loop, Random(seed)
        self.clock = SimulatedClock(loop, Random(self.random.random()))
        self.quickbooks = QuickBooks(now=self.clock.true_now, seed=seed, sleep=self.clock.sleep)
        self.hubspot = HubSpot(
            now=self.clock.true_now,
            seed=seed,
            search_lag_s=self.random.choice([0.0, 3.0, 10.0]),
            sleep=self.clock.sleep,
        )
        self.company = self.quickbooks.company(REALM_ID)
        self.portal = self.hubspot.portal(PORTAL_ID)
        in_cdc, touches = self.random.choice([(True, True), (True, False), (False, True)])
        self.company.books.switches = replaced(
            self.company.books.switches, merged_in_cdc=in_cdc, merge_touches_transactions=touches
        )
        new_id = self.random.choice([True, False])
        self.portal.use_switches(replaced(self.portal.switches, merge_new_id=new_id))
        self.fate = Fate(Random(self.random.random()))
        apps: dict[str, App] = {
            HUBSPOT_URL: self.hubspot.app,
            QUICKBOOKS_URL: self.quickbooks.app,
        }
        self.network = Network(apps, self.fate, self.clock.true_now)
        self.people = People(
            self.company, self.portal, Random(self.random.random()), self.clock.true_now
        )
        self.settings = load(
            {
                "LEDGERBRIDGE_HUBSPOT_API_URL": HUBSPOT_URL,
                "LEDGERBRIDGE_QUICKBOOKS_API_URL": QUICKBOOKS_URL,
                "LEDGERBRIDGE_INTUIT_TOKEN_URL": f"{QUICKBOOKS_URL}/oauth2/v1/tokens/bearer",
                "LEDGERBRIDGE_INTUIT_CLIENT_ID": self.quickbooks.client_id,
                "LEDGERBRIDGE_INTUIT_CLIENT_SECRET": self.quickbooks.client_secret,
                "LEDGERBRIDGE_DATABASE_URL": f"sqlite:///{folder / 'world.db'}",
            },
            folder,
        )
        self.counts: Counter[str] = Counter()
        self.set_up: dict[str, SyncDefinition] = {}
        self.told_before: set[str] = set()
        self.partners_before: dict[str, set[str]] = {}
        self.rule = Rule.QUICKBOOKS
        self.deciding = Random(f"decisions {seed}")
        self.owning = Random(f"owners {seed}")
        self.breaking = Random(f"machines {seed}")
        self.second: asyncio.Task[None] | None = None
        self.given_up: set[str] = set()
        self.broken: list[str] = []
        self.stopped_by: LedgerbridgeError | None = None
        self._store: Store | None = None
        self._shop: Workshop | None = None
        # Rules are what they are compiled from: a new process need not find that out again.
        self._compiled: dict[str, tuple[object, ActiveSync]] = {}

    @property
    def store(self) -> Store:
        """The open store of the process that is alive."""
        if self._store is None:
            path = path_of(self.settings.database_url)
            if not path.exists():
                path.write_bytes(_new_database())
            store = Store.open(self.settings.database_url, clock=self.clock, inline=True)
            store.before_commit = lambda: self.fate.step("before a commit")
            store.after_commit = lambda: self.fate.step("after a commit")
            self._store = store
        return self._store

    def told(self) -> Told:
        """What this world went through so far."""
        counts = Counter(self.counts)
        counts.update({f"fault: {k}": n for k, n in self.fate.happened.items()})
        counts.update({f"deed: {k}": n for k, n in self.people.did.items()})
        return Told(self.seed, self.network.digest, dict(counts))

    def shop(self) -> Workshop:
        """What the process that is alive makes its connectors of."""
        if self._shop is None or self._shop.transport is not self.network:
            self._shop = self.shop_with(self.store, self.network)
        return self._shop

    def shop_with(self, store: Store, transport: Transport) -> Workshop:
        """What a process makes its connectors of that has this store and this transport."""
        return Workshop(
            store=store,
            secrets=Secrets(b"k" * 32, "the simulation", self.clock),
            clock=self.clock,
            transport=transport,
            settings=self.settings,
            compiled=self._compiled,
        )

    def end(self) -> None:
        """The process is gone, and with it all that it had in memory."""
        if self._store is not None:
            self._store.before_commit = self._store.after_commit = None
            self._store.close()
        self._store = self._shop = None

    def bury(self) -> None:
        """The process is gone; its successor finds the same database."""
        self.end()
        self.fate.reborn()
        self.counts["deaths"] += 1
        self.people.say("the process died")

    async def begin(self, customers: int, contacts: int) -> None:
        """A small company and a portal that overlaps with it, connected, all syncs on."""
        people = self.people
        items = [people.item() for _ in range(2)]
        for number in range(customers):
            customer = people.customer(f"person{number}@example.com" if number != 3 else None)
            people.invoice(customer, items[number % 2], 1 + number % 2)
        for number in range(contacts):
            email = f"Person{number + customers - 2}@example.com"
            people.contact(email, qualifies=number % 2 == 0)
        await self.connect()

    async def connect(self) -> None:
        """Both accounts, all syncs on, set up by the same rules each time."""
        shop = self.shop()
        await connect_hubspot(shop, self.hubspot.issue_token(PORTAL_ID))
        await connect_quickbooks(shop, REALM_ID, self.quickbooks.issue_tokens(REALM_ID)[1])
        for sync in await self.store.read(syncs.every):
            definition = frozen(definition_of(sync), "2020-01-01T00:00:00Z")
            definition = self.set_up.setdefault(sync.name, self._ruled(definition))
            stored = replace(
                sync, enabled=True, enabled_at=self.clock.now(), definition=as_stored(definition)
            )
            await self.store.write(syncs.put, stored)

    async def _connect_again(self) -> None:
        """The answer to a renewal was lost and the old token is dead: a person consents anew."""
        refresh = self.quickbooks.issue_tokens(REALM_ID)[1]
        await connect_quickbooks(self.shop(), REALM_ID, refresh)
        self.stopped_by = None
        self.counts["connected again"] += 1
        self.people.say("somebody connected QuickBooks again")

    async def lose_the_database(self) -> None:
        """From rest: only the keys in HubSpot are left, and the pairs are rebuilt from them."""
        entries = await self.store.read(journal.newest, 100_000, kind="loss")
        self.told_before |= {str(getattr(entry, "value", None)) for entry in entries}
        for customer, contact in await self.store.read(_halves):
            self.partners_before.setdefault(customer, set()).add(contact)
        self.people.forget_removals()
        path = self.store.path
        self.end()
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()
        await self.connect()
        world = await open_world(self.shop())
        report = await relinking.relink(world, dry=False, again=False)
        self.counts["relinked pairs"] += sum(one.pairs for one in report.syncs)
        self.counts["lost databases"] += 1
        self.people.say("the database was lost, and rebuilt")

    def _ruled(self, definition: SyncDefinition) -> SyncDefinition:
        """How its owner set a sync up: what becomes of pairs that end or leave the filters."""
        if definition.name != "contacts":
            return definition
        inside = Condition(field="Notes", operator="is not", value=OUTSIDE)
        return replace(
            definition,
            rule=self.rule,
            deletions=self.random.choice(list(DeletionRule)),
            leaving_scope=self.random.choice(list(LeavingScope)),
            to_hubspot=self.random.choice([definition.to_hubspot, Filter(groups=((inside,),))]),
        )

    async def decide(self) -> None:
        """Somebody decides some of the cases of pairs that met."""
        for sync in await self.store.read(syncs.every):
            for link in await self.store.read(_met, sync.id):
                side = self.random.choice(list(Side))
                named = (side, link.id_of(side) or "")
                with suppress(UsageError):
                    await self.store.write(keeping.keep, sync.name, named, self.clock.now())
                    self.counts["cases decided"] += 1

    async def cycle(self) -> RunResult | None:
        """One run, which may fail or die; None then."""
        self.counts["cycles"] += 1
        try:
            world = await open_world(self.shop())
            allowed = replaced(world, removals_allowed=REMOVALS_ALLOWED)
            return await run_once(allowed, lambda counts: True)
        except LedgerbridgeError as stopped:
            self.counts["stopped"] += 1
            self.stopped_by = stopped
            return None
        except Died:
            self.bury()
            return None
        except BaseExceptionGroup as group:
            if group.split(Died)[1] is not None:
                raise
            self.bury()
            return None

    async def planned(self) -> Mapping[str, int]:
        """What a plan would still want to do."""
        world = await open_world(self.shop())
        return await make_plan(world)

    async def busy(
        self,
        actions: int,
        chances: Mapping[str, float],
        between: Callable[[], Awaitable[None]] = nobody_decides,
    ) -> None:
        """People act while cycles run under faults; between two cycles somebody may decide."""
        self.fate.chances = chances

        async def live() -> None:
            for _ in range(actions):
                await self.clock.sleep(self.people.random.random() * 3)
                self.people.act()

        living = asyncio.get_running_loop().create_task(live())
        while not living.done():
            await self.cycle()
            await between()
            await self.clock.sleep(0.5 + self.random.random())
        await living

    async def settle(self) -> RunResult:
        """Faults off, everything arrived, time passed: cycles until nothing is left to do."""
        self.fate.chances, self.fate.dies_at = {}, None
        await self.network.all_arrived()
        last: RunResult | None = None
        for number in range(CYCLES_TO_SETTLE_MAX):
            # Longer than any overlap, and once longer than the daily sweep and all back-off.
            self.loop.pass_time(A_DAY_S if number == 1 else ARRIVES_WITHIN_S)
            last = await self.cycle()
            if last is None and isinstance(self.stopped_by, Unauthorized):
                await self._connect_again()
            quiet = last is not None and not last.writes and not last.in_doubt
            if number > 1 and quiet and last is not None and not last.pending:
                self.counts["settled"] += 1
                self.people.say("all is at rest")
                return last
        raise AssertionError(
            f"I-TERM: no rest after {CYCLES_TO_SETTLE_MAX} cycles: {last or self.stopped_by!r}"
        )


def _halves(tx: Transaction) -> list[tuple[str, str]]:
    """The customers and contacts of all pairs, ended ones as well."""
    names = (sync.id for sync in syncs.every(tx) if sync.name == "contacts")
    found = [link for sync in names for link in links.page(tx, sync, "", 1000)]
    return [(link.quickbooks_id or "", link.hubspot_id or "") for link in found]


def _met(tx: Transaction, sync: str) -> list[Link]:
    """The living links that are in a case of merged pairs."""
    told = outcomes.page(tx, sync, Status.CASE, PAIRS_MET, limit=100)
    found = links.by_ids(tx, sync, Side.QUICKBOOKS, [one.record_id for one in told])
    return [link for link in found.values() if link.status is LinkStatus.LIVE]


@cache
def _new_database() -> bytes:
    """A database in which nothing is yet: making its tables takes longer than a sync."""
    with Folder() as folder:
        path = folder / "new.db"
        Store.open(f"sqlite:///{path}", clock=SystemClock(), inline=True).close()
        return path.read_bytes()


class Folder:
    """
    A temporary folder for one world, in memory where the system offers that.

    What dies here is the process and never the machine, so nothing need reach a disk.
    """

    def __enter__(self) -> Path:
        memory = IN_MEMORY if IN_MEMORY.is_dir() else None
        self._path = Path(tempfile.mkdtemp(prefix="ledgerbridge-simulation-", dir=memory))
        return self._path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path, ignore_errors=True)
