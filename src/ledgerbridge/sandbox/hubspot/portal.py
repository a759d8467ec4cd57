"""A portal to seed and to work in: the rules of the API, without HTTP and without tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from ledgerbridge.sandbox.hubspot import linking, merges, writing
from ledgerbridge.sandbox.hubspot.definitions.loading import read_answer
from ledgerbridge.sandbox.hubspot.definitions.table import FIELD_TYPES, Property, PropertyOption
from ledgerbridge.sandbox.hubspot.domains import is_address
from ledgerbridge.sandbox.hubspot.errors import contact_exists, invalid, object_not_found
from ledgerbridge.sandbox.hubspot.instants import to_ms
from ledgerbridge.sandbox.hubspot.linking import Link
from ledgerbridge.sandbox.hubspot.object_types import object_type
from ledgerbridge.sandbox.hubspot.records import Record, Shelf, Source
from ledgerbridge.sandbox.hubspot.rules import Condition
from ledgerbridge.sandbox.hubspot.secondary_emails import secondary_emails
from ledgerbridge.sandbox.hubspot.state import (
    PERSON,
    EventType,
    ExchangeRate,
    Owner,
    PortalState,
    TaxRate,
)
from ledgerbridge.sandbox.hubspot.switches import Switches
from ledgerbridge.sandbox.hubspot.wire import Value

NewLink = tuple[str, str] | tuple[str, str, int]


class Portal(PortalState):
    """
    One portal. Types may be given by plural name, singular name or type id.

    Writes raise `ApiError` with the status and body that HubSpot would answer.
    """

    def create(
        self,
        type_name: str,
        properties: Mapping[str, Value],
        associations: Iterable[NewLink] = (),
        at: datetime | None = None,
        source: str = "CRM_UI",
    ) -> dict[str, str]:
        """
        Makes a record and returns its properties, `hs_object_id` among them.

        An association is (type, id) or (type, id, association type id); `at` dates the creation.
        """
        shelf = self._shelf(type_name)
        wanted = [self._wanted(shelf.kind.name, link) for link in associations]
        actor = self._source(source)
        with self.dated(at), self.acting(actor):
            new = writing.prepare_create(self, shelf, properties, wanted)
            return dict(writing.commit_create(self, new, actor).values)

    def update(
        self,
        type_name: str,
        record_id: str,
        properties: Mapping[str, Value],
        at: datetime | None = None,
        source: str = "CRM_UI",
    ) -> dict[str, str]:
        """Changes a record and returns its properties; `at` dates the change."""
        shelf = self._shelf(type_name)
        record = self._record(shelf, record_id)
        with self.dated(at):
            update = writing.prepare_update(self, shelf, record, properties)
            return dict(writing.commit_update(self, update, self._source(source)).values)

    def archive(self, type_name: str, record_id: str) -> None:
        """Puts a record into the recycle bin."""
        shelf = self._shelf(type_name)
        writing.archive(self, shelf, self._record(shelf, record_id))

    def restore(self, type_name: str, record_id: str) -> None:
        """Takes a record out of the recycle bin."""
        shelf = self._shelf(type_name)
        found = shelf.find(record_id, archived=True)
        if found is None:
            raise object_not_found(record_id)
        writing.restore(self, shelf, found)

    def merge(self, type_name: str, primary_id: str, other_id: str) -> dict[str, str]:
        """Merges two records and returns the survivor's properties."""
        return dict(merges.merge(self, self._shelf(type_name), primary_id, other_id).values)

    def associate(
        self,
        from_type: str,
        from_id: str,
        to_type: str,
        to_id: str,
        type_id: int | None = None,
    ) -> None:
        """Associates two records by the default type, or by the one given."""
        origin, other = self._shelf(from_type), self._shelf(to_type)
        record = self._record(origin, from_id)
        pair = origin.kind.name, other.kind.name
        found = (
            linking.default_type(self, *pair)
            if type_id is None
            else linking.typed(self, *pair, type_id)
        )
        target = linking.target(self, other.kind.name, to_id)
        writing.associate(self, origin.kind.name, record, [Link(found, target)])

    def disassociate(self, from_type: str, from_id: str, to_type: str, to_id: str) -> None:
        """Separates two records."""
        origin, other = self._shelf(from_type), self._shelf(to_type)
        record, target = self._record(origin, from_id), self._record(other, to_id)
        writing.separate(self, origin.kind.name, record, other.kind.name, target)

    def get(self, type_name: str, record_id: str) -> dict[str, str] | None:
        """The properties of a living record, or None."""
        found = self._shelf(type_name).find(record_id)
        return None if found is None else dict(found.values)

    def all(self, type_name: str) -> list[dict[str, str]]:
        """The properties of all living records in the order of their ids."""
        return [dict(record.values) for record in self._shelf(type_name).living()]

    def associations(self, type_name: str, record_id: str, to_type: str) -> list[str]:
        """The ids of the living records of a type that a record is associated with."""
        record = self._record(self._shelf(type_name), record_id)
        return [other.id for other in self.linked(record, object_type(to_type).name)]

    def properties(self, type_name: str) -> dict[str, Property]:
        """The property definitions of a type by name."""
        return dict(self._shelf(type_name).definitions)

    def add_property(
        self,
        type_name: str,
        name: str,
        kind: str = "string",
        *,
        label: str | None = None,
        group: str | None = None,
        options: Iterable[str] = (),
        unique: bool = False,
    ) -> Property:
        """Defines a property of one's own."""
        shelf = self._shelf(type_name)
        found = Property(
            name,
            label or name,
            kind,
            FIELD_TYPES[kind],
            group or next(iter(shelf.groups)),
            tuple(
                PropertyOption(value, value, False, order) for order, value in enumerate(options)
            ),
            unique=unique,
            created_ms=self.now_ms(),
            updated_ms=self.now_ms(),
        )
        shelf.define(found)
        return found

    def load_properties(self, type_name: str, answer: bytes) -> list[str]:
        """
        Replaces the definitions of a type by those of a real portal; their names.

        `answer` is what `GET /crm/properties/…/{objectType}` answered there. Raises ValueError for
        a body of another shape, or where properties are missing without which no record can be.
        """
        shelf = self._shelf(type_name)
        found = {one.name: one for one in read_answer(answer, shelf.definitions)}
        missing = [name for name in shelf.kind.defaults if name not in found]
        if missing:
            raise ValueError(f"{shelf.kind.name} cannot be without {', '.join(missing)}")
        shelf.replace_definitions(found)
        self.draw_currencies()
        return list(found)

    def change_property(self, type_name: str, name: str, **changes: object) -> Property:
        """Changes a definition, e.g. `read_only=True` or `length_max=50`."""
        return self._shelf(type_name).redefine(name, **changes)

    def remove_property(self, type_name: str, name: str) -> None:
        """Removes a definition, HubSpot's own included: portals differ."""
        shelf = self._shelf(type_name)
        del shelf.definitions[name]
        shelf.refresh_definitions()

    def add_email(self, contact_id: str, email: str) -> None:
        """Gives a contact a further address; raises 400 or 409 as HubSpot does."""
        shelf = self._shelf("contacts")
        record = self._record(shelf, contact_id)
        if not is_address(email):
            raise invalid(f"Email address {email} is invalid")
        holder = shelf.holder("email", email)
        if holder is not None:
            raise contact_exists(holder, self.switches.contact_exists_form)
        addresses = ";".join([*secondary_emails(record), email.lower()])
        shelf.claim("email", email, record.id)
        writing.set_computed(self, shelf, record, {"hs_additional_emails": addresses})

    def set_computed(self, type_name: str, record_id: str, values: Mapping[str, str]) -> None:
        """Sets properties as HubSpot itself would, e.g. `hs_invoice_source`."""
        shelf = self._shelf(type_name)
        writing.set_computed(self, shelf, self._record(shelf, record_id), values)

    def add_owner(self, email: str, first_name: str, last_name: str) -> str:
        """Adds a person who can own records; the owner id."""
        owner_id = str(self.next_number())
        user_id = 9_586_504 + len(self.owners)
        self.owners[owner_id] = Owner(
            owner_id, email, first_name, last_name, user_id, self.now_ms()
        )
        return owner_id

    def add_tax_rate(self, name: str, percentage: str, label: str | None = None) -> str:
        """Adds a tax rate, e.g. "8.25"; its id."""
        rate_id = str(self.next_number())
        self.tax_rates[rate_id] = TaxRate(rate_id, name, label or name, percentage, self.now_ms())
        return rate_id

    def add_exchange_rate(self, currency: str, rate: str, at: datetime | None = None) -> str:
        """Sets what a currency is worth in the company's own, from `at` or now on; its id."""
        now_ms = self.now_ms()
        found = ExchangeRate(
            str(self.next_number()), currency, rate, now_ms if at is None else to_ms(at), now_ms
        )
        self.exchange_rates.append(found)
        return found.id

    def add_event_type(self, name: str, object_type: str, *properties: str) -> None:
        """Tells of a type of app events that the project of the app names."""
        self.event_types[name] = EventType(name, self._shelf(object_type).kind.name, properties)

    def archive_owner(self, owner_id: str) -> None:
        """Deactivates a user: nothing more can be assigned to them."""
        self.owners[owner_id] = replace(self.owners[owner_id], archived=True)

    def change_settings(self, **changes: object) -> None:
        """Changes settings of the account, e.g. `additional_currencies=("EUR",)`."""
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]
        self.draw_currencies()

    def use_switches(self, switches: Switches) -> None:
        """Replaces the switches."""
        self.switches = switches
        self.draw_amounts()

    def hold_lock(self, type_name: str, name: str, value: str) -> None:
        """Writes of this unique value answer 423 until `release_lock`."""
        self.locked.add((object_type(type_name).name, name, value))

    def release_lock(self, type_name: str, name: str, value: str) -> None:
        """Ends `hold_lock`."""
        self.locked.discard((object_type(type_name).name, name, value))

    def require(self, type_name: str, *names: str) -> None:
        """New records of a type have to have these properties; without names the rule ends."""
        self.rules.on_create[object_type(type_name).name] = names

    def require_when(self, type_name: str, name: str, value: str, required: str) -> None:
        """Where a property has this value, another one may not be empty."""
        self.rules.conditions.append(Condition(object_type(type_name).name, name, value, required))

    def limit_associations(self, from_type: str, to_type: str, most: int | None) -> None:
        """A record of one type may have so many associated ones of another; None ends that."""
        pair = object_type(from_type).name, object_type(to_type).name
        if most is None:
            self.association_limits.pop(pair, None)
        else:
            self.association_limits[pair] = most

    def begin_move(self, retry_after_s: int) -> None:
        """The account moves to another place: calls answer 477 until `end_move`."""
        self.moving_s = retry_after_s

    def end_move(self) -> None:
        """Ends `begin_move`."""
        self.moving_s = None

    def _shelf(self, type_name: str) -> Shelf:
        return self.shelf(object_type(type_name))

    def _record(self, shelf: Shelf, record_id: str) -> Record:
        found = shelf.find(record_id)
        if found is None:
            raise object_not_found(record_id)
        return found

    def _wanted(self, from_type: str, link: NewLink) -> tuple[str, int]:
        if len(link) == 3:
            return link[1], link[2]
        return link[1], linking.default_type(self, from_type, object_type(link[0]).name).type_id

    def _source(self, source: str) -> Source:
        if source == "CRM_UI":
            return PERSON
        return Source(source, str(self.settings.app_id))
