"""What one portal is: settings, people, records. Plain state; other modules act on it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ledgerbridge.sandbox.hubspot.association_types import AssociationTypes
from ledgerbridge.sandbox.hubspot.definitions.table import Property, PropertyOption
from ledgerbridge.sandbox.hubspot.happenings import Happening
from ledgerbridge.sandbox.hubspot.instants import DAY_MS, to_ms
from ledgerbridge.sandbox.hubspot.object_types import OBJECT_TYPES, ObjectType
from ledgerbridge.sandbox.hubspot.records import Record, Shelf, Source
from ledgerbridge.sandbox.hubspot.rules import PropertyRules
from ledgerbridge.sandbox.hubspot.search_index import SearchIndex
from ledgerbridge.sandbox.hubspot.switches import Switches
from ledgerbridge.sandbox.hubspot.values import Choices

ID_STEP_MAX = 90
ID_FIRST = 30_000_000_000
BIN_MS = 90 * DAY_MS
READ_ONLY_AMOUNTS = ("hs_amount_billed", "hs_amount_paid", "hs_balance_due")
CALCULATED = Source("CALCULATED", "CalculatedPropertyComputer")
PERSON_USER_ID = 88_842_095
PERSON = Source("CRM_UI", f"userId:{PERSON_USER_ID}", PERSON_USER_ID)


@dataclass(frozen=True, slots=True)
class Owner:
    """A person who can own records."""

    id: str
    email: str
    first_name: str
    last_name: str
    user_id: int
    created_ms: int
    archived: bool = False


@dataclass(frozen=True, slots=True)
class EventType:
    """A type of app events: whose timelines they are for, and which properties they have."""

    name: str
    object_type: str
    properties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AppEvent:
    """What an app told on the timeline of a record; `at` as it was sent."""

    event_type: str
    id: str
    object_id: str
    properties: dict[str, str]
    at: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a pipeline, with its probability of being won."""

    id: str
    label: str
    probability: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline and its stages in order."""

    id: str
    label: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax rate of the account."""

    id: str
    name: str
    label: str
    percentage: str
    created_ms: int
    active: bool = True


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """What one unit of a currency is worth in the company's own, from an instant on."""

    id: str
    currency: str
    rate: str
    effective_ms: int
    created_ms: int


SALES_PIPELINE = Pipeline(
    "default",
    "Sales Pipeline",
    (
        Stage("appointmentscheduled", "Appointment Scheduled", "0.2"),
        Stage("qualifiedtobuy", "Qualified To Buy", "0.4"),
        Stage("presentationscheduled", "Presentation Scheduled", "0.6"),
        Stage("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
        Stage("contractsent", "Contract Sent", "0.9"),
        Stage("closedwon", "Closed Won", "1.0", closed=True),
        Stage("closedlost", "Closed Lost", "0.0", closed=True),
    ),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What an administrator chose for the account."""

    time_zone: str = "US/Eastern"
    company_currency: str = "USD"
    additional_currencies: tuple[str, ...] = ()
    account_type: str = "STANDARD"
    ui_domain: str = "app.hubspot.com"
    hosting_location: str = "na1"
    marketing_contacts: bool = False
    """Whether contacts made by apps count as marketing contacts, which HubSpot bills."""
    app_id: int = 18_221_010
    """The app whose tokens write: `hs_object_source_id` of records made through the API."""

    @property
    def currencies(self) -> tuple[str, ...]:
        """All enabled currencies, the company's first."""
        return (self.company_currency, *self.additional_currencies)


@dataclass(slots=True, eq=False)
class PortalState:
    """One portal; the clock and the switches are the emulator's."""

    portal_id: int
    now: Callable[[], datetime]
    switches: Switches
    seed: int = 0
    search_lag_ms: int = 0
    settings: Settings = field(default_factory=Settings)
    association_types: AssociationTypes = field(default_factory=AssociationTypes)
    pipelines: dict[str, Pipeline] = field(default_factory=lambda: {"default": SALES_PIPELINE})
    owners: dict[str, Owner] = field(default_factory=dict)
    tax_rates: dict[str, TaxRate] = field(default_factory=dict)
    event_types: dict[str, EventType] = field(default_factory=dict)
    app_events: dict[tuple[str, str], AppEvent] = field(default_factory=dict)
    locked: set[tuple[str, str, str]] = field(default_factory=set)
    moving_s: int | None = None
    association_limits: dict[tuple[str, str], int] = field(default_factory=dict)
    rules: PropertyRules = field(default_factory=PropertyRules)
    exchange_rates: list[ExchangeRate] = field(default_factory=list)
    calls_by_day: Counter[date] = field(default_factory=Counter)
    shelves: dict[str, Shelf] = field(init=False)
    pretended_ms: int | None = field(init=False, default=None)
    actor: Source = field(init=False, default=PERSON)
    listener: Callable[[Happening], None] | None = field(init=False, default=None)
    invoice_serial: int = field(init=False, default=1000)
    _number: int = field(init=False, default=ID_FIRST)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(f"{self.seed}:{self.portal_id}")
        self.shelves = {
            kind.name: Shelf(kind, SearchIndex(self.now_ms, self.search_lag_ms))
            for kind in OBJECT_TYPES
        }
        self.draw_amounts()
        self.draw_currencies()

    def draw_amounts(self) -> None:
        """Adjusts the definitions of the invoice's amounts to the switch about them."""
        read_only = self.switches.read_only_invoice_amounts
        invoices = self.shelves["invoices"]
        for name in READ_ONLY_AMOUNTS:
            if name in invoices.definitions:  # a portal may lack it
                invoices.redefine(name, read_only=read_only)

    def draw_currencies(self) -> None:
        """Adjusts the definitions that list the portal's currencies; products have a price each."""
        codes = self.settings.currencies
        options = tuple(
            PropertyOption(code, code, False, order) for order, code in enumerate(codes)
        )
        for shelf in self.shelves.values():
            for found in list(shelf.definitions.values()):
                if found.external == "currency":
                    shelf.redefine(found.name, options=options)
        products = self.shelves["products"]
        for code in codes if len(codes) > 1 else ():
            name = f"hs_price_{code.lower()}"
            price = Property(
                name,
                f"Unit price ({code})",
                "number",
                "number",
                "productinformation",
                hubspot_defined=True,
            )
            products.definitions.setdefault(name, price)
        products.refresh_definitions()

    def today(self) -> date:
        """The day in the account's time zone, by which calls are counted."""
        return self.now().astimezone(ZoneInfo(self.settings.time_zone)).date()

    def now_ms(self) -> int:
        """The present in milliseconds, or the moment that a dated write pretends it is."""
        return to_ms(self.now()) if self.pretended_ms is None else self.pretended_ms

    @contextmanager
    def dated(self, at: datetime | None) -> Iterator[None]:
        """Within this block it is `at`; None changes nothing."""
        self.pretended_ms = None if at is None else to_ms(at)
        try:
            yield
        finally:
            self.pretended_ms = None

    @contextmanager
    def acting(self, source: Source) -> Iterator[None]:
        """Within this block it is `source` who does what has no source of its own."""
        before, self.actor = self.actor, source
        try:
            yield
        finally:
            self.actor = before

    def next_number(self) -> int:
        """A new record id: greater than all before, with gaps as real ones have."""
        self._number += self._random.randint(1, ID_STEP_MAX)
        return self._number

    def choices(self) -> Choices:
        """The options that are the portal's own."""
        stages = {
            pipeline.id: tuple(stage.id for stage in pipeline.stages)
            for pipeline in self.pipelines.values()
        }
        owners = [owner.id for owner in self.owners.values() if not owner.archived]
        return Choices(owners, self.settings.currencies, stages)

    def rate_of(self, currency: str) -> Decimal:
        """What one unit of a currency is worth in the company's own now; 1 where nobody said."""
        now_ms = self.now_ms()
        begun = [
            one
            for one in self.exchange_rates
            if one.currency == currency and one.effective_ms <= now_ms
        ]
        newest = max(begun, key=lambda one: one.effective_ms, default=None)
        if newest is None or currency == self.settings.company_currency:
            return Decimal(1)
        return Decimal(newest.rate)

    def linked(self, record: Record, to_type: str) -> list[Record]:
        """The living records of a type that a record is associated with."""
        shelf = self.shelves[to_type]
        found = (shelf.find(other) for other in record.links.get(to_type, {}))
        return [other for other in found if other is not None]

    def shelf(self, kind: ObjectType) -> Shelf:
        """The records of a type, without those whose time in the recycle bin is over."""
        found = self.shelves[kind.name]
        for record in found.expired(self.now_ms() - BIN_MS):
            self.drop(found, record)
        return found

    def drop(self, shelf: Shelf, record: Record) -> None:
        """Takes a record away for good, and out of what it was associated with."""
        for to_type, others in record.links.items():
            for other_id in others:
                other = self.shelves[to_type].records.get(other_id)
                if other is not None:
                    other.links.get(shelf.kind.name, {}).pop(record.id, None)
        shelf.drop(record)
