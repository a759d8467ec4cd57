"""A HubSpot portal as the pages see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import overload

from ledgerbridge.sandbox.console import hubspot_forms as forms
from ledgerbridge.sandbox.console.account import (
    Act,
    Cell,
    Field,
    Input,
    Kind,
    Link,
    Mark,
    Problem,
    Refusal,
    Section,
    Shown,
    Tone,
)
from ledgerbridge.sandbox.console.times import shortened
from ledgerbridge.sandbox.hubspot.definitions.table import Property
from ledgerbridge.sandbox.hubspot.errors import ApiError
from ledgerbridge.sandbox.hubspot.instants import iso, to_ms
from ledgerbridge.sandbox.hubspot.object_types import BY_NAME, OBJECT_TYPES
from ledgerbridge.sandbox.hubspot.portal import Portal
from ledgerbridge.sandbox.hubspot.records import Record, Shelf
from ledgerbridge.sandbox.hubspot.shown import shown_read, type_name
from ledgerbridge.sandbox.hubspot.wire import encoded

LIVING, ARCHIVED = "living", "archived"
HISTORY_ROWS, LINKED_ROWS = 200, 200
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "contacts": ("firstname", "lastname", "email", "phone", "company", "lastmodifieddate"),
    "companies": ("name", "domain", "phone", "city", "hs_lastmodifieddate"),
    "deals": ("dealname", "dealstage", "amount", "deal_currency_code", "closedate"),
    "products": ("name", "hs_sku", "price", "hs_product_type", "hs_lastmodifieddate"),
    "line_items": ("name", "quantity", "price", "amount", "hs_product_id"),
    "quotes": ("hs_title", "hs_status", "hs_quote_amount", "hs_expiration_date"),
    "notes": ("hs_note_body", "hs_timestamp"),
    "invoices": (
        "hs_number",
        "hs_invoice_status",
        "hs_currency",
        "hs_amount_billed",
        "hs_balance_due",
        "hs_due_date",
    ),
    "commerce_payments": (
        "hs_initial_amount",
        "hs_currency_code",
        "hs_latest_status",
        "hs_initiated_date",
        "hs_reference_number",
    ),
}
SMALL_COLUMNS = ("hs_label", "hs_type", "hs_value", "hs_createdate")
TITLES = ("dealname", "name", "hs_number", "hs_title", "hs_label", "domain", "email")
TONES: Mapping[str, Tone] = {
    "paid": "good",
    "succeeded": "good",
    "closedwon": "good",
    "voided": "bad",
}
STATUSES = ("hs_invoice_status", "hs_latest_status", "dealstage", "hs_status")
PAYABLE = frozenset({"open", "past_due", "partially_paid"})


class _Newest(Sequence[Record]):
    """Records of a shelf, newest first, each looked up when it is needed."""

    def __init__(self, shelf: Shelf, numbers: list[int]) -> None:
        self._records, self._numbers = shelf.records, numbers[::-1]

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, at: int) -> Record: ...

    @overload
    def __getitem__(self, at: slice) -> list[Record]: ...

    def __getitem__(self, at: int | slice) -> Record | list[Record]:
        if isinstance(at, slice):
            return [self._records[str(number)] for number in self._numbers[at]]
        return self._records[str(self._numbers[at])]


class HubSpotAccount:
    """One portal."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    @property
    def id(self) -> str:
        """The portal's id."""
        return str(self._portal.portal_id)

    @property
    def name(self) -> str:
        """`Portal 147000001`."""
        return f"Portal {self.id}"

    def kinds(self) -> list[Kind]:
        """The object types."""
        return [self._kind(kind.name) for kind in OBJECT_TYPES]

    def kind(self, name: str) -> Kind | None:
        """One object type."""
        return self._kind(name) if name in self._portal.shelves else None

    def summaries(self) -> tuple[Section, ...]:
        """The owners, who are no records."""
        owners = [
            (owner.id, f"{owner.first_name} {owner.last_name}", owner.email)
            for owner in self._portal.owners.values()
        ]
        return (Section("Owners", ("Id", "Name", "E-mail"), owners),)

    def records(self, kind: str, state: str) -> Sequence[Record]:
        """The living, archived or all records, newest first."""
        shelf = self._portal.shelves[kind]
        if state == "all":
            return sorted(shelf.records.values(), key=lambda one: one.number, reverse=True)
        return _Newest(shelf, shelf.numbers(archived=state == ARCHIVED))

    def columns(self, kind: str) -> tuple[str, ...]:
        """The properties that a list shows."""
        return COLUMNS.get(kind, SMALL_COLUMNS)

    def fields(self, kind: str) -> list[Field]:
        """The property definitions, by name."""
        return [
            Field(
                one.name,
                one.label,
                f"{one.type} · {one.field_type}",
                one.group,
                _remarks(one),
                tuple(option.value for option in one.options),
            )
            for one in sorted(forms.definitions(self._portal, kind), key=lambda one: one.name)
        ]

    def record_id(self, record: Record) -> str:
        """A record's id."""
        return record.id

    def title(self, kind: str, record: Record) -> str:
        """The name, or what comes nearest to one."""
        values = record.values
        if kind == "contacts":
            name = f"{values.get('firstname', '')} {values.get('lastname', '')}".strip()
            return name or values.get("email") or f"Contact {record.id}"
        found = next((values[name] for name in TITLES if values.get(name)), None)
        label = BY_NAME[kind].label.capitalize()
        if kind == "commerce_payments":
            amount, currency = (
                values.get(f"hs_{n}", "") for n in ("initial_amount", "currency_code")
            )
            return f"Payment of {amount} {currency}".strip()
        if found is None:
            return f"{label} {record.id}"
        return f"Invoice {found}" if kind == "invoices" else found

    def text(self, record: Record, field: str) -> str:
        """A property's value."""
        return record.values.get(field) or ""

    def cell(self, record: Record, field: str) -> Cell:
        """A property's value, instants shortened."""
        return shortened(record.values.get(field) or "")

    def mentions(self, kind: str, record: Record, words: str) -> bool:
        """Whether any value holds the words."""
        return any(words in value.lower() for value in record.values.values())

    def find(self, kind: str, record_id: str) -> Record | None:
        """The record, archived or not, through the redirects of merges."""
        shelf = self._portal.shelves[kind]
        return shelf.find(record_id) or shelf.find(record_id, archived=True)

    def version(self, record: Record) -> str:
        """The moment of the last change."""
        return str(record.updated_ms)

    def shown(self, kind: str, record: Record) -> Shown:
        """Values, associations, histories, and the answer to a read."""
        shelf = self._portal.shelves[kind]
        facts = [
            (found.label, name, value)
            for name, value in sorted(record.values.items(), key=self._usual_first(kind))
            if value and (found := shelf.definitions.get(name)) is not None
        ]
        read = shown_read(
            self._portal,
            shelf,
            record,
            shelf.visible(sorted(record.values)),
            associated=[other for other in record.links if record.links[other]],
        )
        archived = record.archived_ms is not None
        return Shown(
            self.title(kind, record),
            _marks(record),
            facts,
            (*self._associations(kind, record), _history(record)),
            self._acts(kind, record),
            encoded(read),
            editable=not archived,
        )

    def inputs(self, kind: str, record: Record | None) -> list[Input]:
        """The properties that can be written; those with a value or usually shown come first."""
        return forms.inputs(self._portal, kind, record, self.columns(kind))

    def save(
        self, kind: str, record: Record | None, values: Mapping[str, str], version: str
    ) -> str:
        """Creates or changes a record with what differs from it. Raises Refusal."""
        try:
            if record is None:
                new = {name: value for name, value in values.items() if value}
                return self._portal.create(kind, new)["hs_object_id"]
            if version != self.version(record):
                raise Refusal([Problem("The record was changed since this form was opened.")])
            changed = {
                name: value
                for name, value in values.items()
                if value != record.values.get(name, "").replace("\r\n", "\n")
            }
            if changed:
                self._portal.update(kind, record.id, changed)
        except ApiError as error:
            raise Refusal(forms.problems(error)) from None
        return record.id

    def act(self, kind: str, record: Record, name: str, values: Mapping[str, str]) -> Link | None:
        """Does one of the acts that `shown` offers. Raises Refusal."""
        portal, given = self._portal, {key: text.strip() for key, text in values.items()}
        try:
            match name:
                case "archive":
                    portal.archive(kind, record.id)
                case "restore":
                    portal.restore(kind, record.id)
                case "void":
                    portal.update(kind, record.id, {"hs_invoice_status": "voided"})
                case "pay":
                    return self._paid(record, given)
                case "merge":
                    survivor = portal.merge(kind, record.id, given.get("id", ""))
                    return Link("", kind, survivor["hs_object_id"])
                case "associate":
                    portal.associate(kind, record.id, given.get("type", ""), given.get("id", ""))
                case "separate":
                    portal.disassociate(kind, record.id, given.get("type", ""), given.get("id", ""))
                case _:
                    raise Refusal([Problem("There is no such act.")])
        except ApiError as error:
            raise Refusal(forms.problems(error)) from None
        return None

    def _kind(self, name: str) -> Kind:
        shelf, label = self._portal.shelves[name], name.replace("_", " ").capitalize()
        return Kind(name, label, len(shelf.numbers(archived=False)), (LIVING, ARCHIVED, "all"))

    def _usual_first(self, kind: str) -> Callable[[tuple[str, str]], tuple[int, str]]:
        columns = self.columns(kind)
        return lambda pair: (columns.index(pair[0]) if pair[0] in columns else 99, pair[0])

    def _associations(self, kind: str, record: Record) -> list[Section]:
        sections = []
        for other in OBJECT_TYPES:
            linked = self._portal.linked(record, other.name)
            rows: list[tuple[Cell, ...]] = [
                (
                    Link(self.title(other.name, one), other.name, one.id),
                    one.id,
                    ", ".join(
                        type_name(found)
                        for type_id in record.links[other.name][one.id]
                        if (found := self._portal.association_types.find(kind, other.name, type_id))
                    ),
                )
                for one in linked[:LINKED_ROWS]
            ]
            if rows:
                title = other.name.replace("_", " ").capitalize()
                more = len(linked) - len(rows)
                note = f"{more} more are not shown." if more else ""
                head = ("Record", "Id", "Association")
                sections.append(Section(f"{title} ({len(linked)})", head, rows, note))
        return sections

    def _acts(self, kind: str, record: Record) -> tuple[Act, ...]:
        if record.archived_ms is not None:
            return (Act("restore", "Restore", "Takes it out of the recycle bin."),)
        acts = []
        if kind == "invoices" and record.values.get("hs_invoice_status") in PAYABLE:
            due = Input("amount", "Amount", record.values.get("hs_balance_due", ""))
            acts += [
                Act("pay", "Pay", "Makes a succeeded commerce payment for this invoice.", (due,)),
                Act("void", "Void", "Sets the status to voided.", grave=True),
            ]
        types = tuple((one.name, one.name.replace("_", " ")) for one in OBJECT_TYPES)
        other = (Input("type", "Type", "", "choice", types), Input("id", "Id"))
        acts += [
            Act("associate", "Associate", "By the default type of the pair.", other),
            Act("separate", "Separate", "Ends every association of the two.", other),
        ]
        if BY_NAME[kind].mergeable:
            text = "The record of this id is merged into this one."
            acts.append(Act("merge", "Merge", text, (Input("id", "Id"),), grave=True))
        acts.append(Act("archive", "Archive", "Puts it into the recycle bin.", grave=True))
        return tuple(acts)

    def _paid(self, record: Record, given: Mapping[str, str]) -> Link:
        portal, values = self._portal, record.values
        made = portal.create(
            "commerce_payments",
            {
                "hs_initial_amount": given.get("amount", ""),
                "hs_initiated_date": str(to_ms(portal.now())),
                "hs_currency_code": values.get("hs_currency", ""),
                "hs_latest_status": "succeeded",
            },
            [("invoices", record.id)],
        )
        return Link("", "commerce_payments", made["hs_object_id"])


def _marks(record: Record) -> tuple[Mark, ...]:
    found = [record.values[name] for name in STATUSES if record.values.get(name)]
    marks = [Mark(value.replace("_", " "), TONES.get(value, "quiet")) for value in found]
    if record.archived_ms is not None:
        marks.append(Mark("archived", "bad"))
    return tuple(marks)


def _history(record: Record) -> Section:
    changes = [(change, name) for name in record.history for change in record.history[name]]
    changes.sort(key=lambda pair: pair[0].at_ms, reverse=True)
    rows = [
        (shortened(iso(one.at_ms)), name, one.value, f"{one.source.type} {one.source.id}")
        for one, name in changes[:HISTORY_ROWS]
    ]
    made = record.source
    rows.append((shortened(iso(record.created_ms)), "", "created", f"{made.type} {made.id}"))
    more = len(changes) - HISTORY_ROWS
    note = f"{more} earlier changes are not shown." if more > 0 else ""
    return Section("History", ("When", "Property", "Value", "Source"), rows, note)


def _remarks(found: Property) -> str:
    words = {
        "read-only": found.read_only,
        "calculated": found.calculated,
        "unique": found.unique,
        "hidden": found.hidden,
        "custom": not found.hubspot_defined,
    }
    return ", ".join(word for word, holds in words.items() if holds)
