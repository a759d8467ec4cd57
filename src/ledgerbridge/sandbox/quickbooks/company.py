"""
One company, as people and tests change it: the same writes and rules as over HTTP, without it.

Bodies go in and come out as JSON would hold them: camel keys, numbers as int or Decimal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ledgerbridge.sandbox.quickbooks import merging, taxservice, writes
from ledgerbridge.sandbox.quickbooks.books import Books
from ledgerbridge.sandbox.quickbooks.defaults import furnish
from ledgerbridge.sandbox.quickbooks.schema import Body, normalised
from ledgerbridge.sandbox.quickbooks.switches import DEFAULTS, Switches


class Company:
    """
    The books of one realm.

    Every write raises `Refused` where the API would answer a fault, and has done nothing then.
    """

    def __init__(
        self, realm_id: str, now: Callable[[], datetime], switches: Switches = DEFAULTS
    ) -> None:
        self.realm_id = realm_id
        self.books = Books(switches)
        self._now = now
        self.books.moment = _utc(now())
        furnish(self.books)

    def create(self, entity: str, body: Body, at: datetime | None = None) -> Body:
        """The full record created from a client's body; `at` is its CreateTime, else now."""
        self._arrive(at)
        return self.books.rendered(writes.create(self.books, entity, _exact(body)))

    def update(self, entity: str, body: Body, at: datetime | None = None) -> Body:
        """The full record after a sparse update; without a SyncToken the current one is used."""
        self._arrive(at)
        sent = self._with_token(entity, body)
        return self.books.rendered(writes.update(self.books, entity, sent, sparse=True))

    def delete(self, entity: str, id_: str, at: datetime | None = None) -> None:
        """Deletes a transaction; change data capture shows a tombstone from then on."""
        self._arrive(at)
        writes.delete(self.books, entity, self._with_token(entity, {"Id": id_}))

    def void(self, entity: str, id_: str, at: datetime | None = None) -> Body:
        """The record voided: amounts zero, links gone, note "Voided"."""
        self._arrive(at)
        sent = self._with_token(entity, {"Id": id_})
        return self.books.rendered(writes.void(self.books, entity, sent))

    def merge(self, entity: str, kept_id: str, lost_id: str) -> None:
        """Merges the second record into the first, as only people can."""
        self._arrive(None)
        merging.merge(self.books, entity, kept_id, lost_id)

    def email(self, entity: str, id_: str) -> None:
        """Somebody e-mails a form to its customer: its status says so, and webhooks tell."""
        self._arrive(None)
        record = writes.by_id(self.books, entity, id_)
        self.books.change(record, {**record.body, "EmailStatus": "EmailSent"}, "Emailed")

    def get(self, entity: str, id_: str) -> Body | None:
        """The record as a read by id answers it, or None."""
        record = self.books.find(entity, id_)
        return self.books.rendered(record) if record else None

    def all(self, entity: str) -> list[Body]:
        """All records in the order of their creation, inactive ones too."""
        return [self.books.rendered(record) for record in self.books.records(entity)]

    def load(self, entity: str, bodies: Iterable[Body]) -> None:
        """
        Takes full records verbatim, as recorded: ids, SyncTokens, times and balances included.

        Nothing is recomputed from them: what they owe is already in the balances loaded beside.
        """
        for body in bodies:
            kept = writes.stored(normalised(entity, _exact(body)))
            self.books.store(entity, kept, as_recorded=True)

    def create_tax_code(self, body: Body) -> Body:
        """The answer to `taxservice/taxcode`, which makes a code and the rates it names."""
        self._arrive(None)
        return taxservice.create(self.books, _exact(body))

    def set_rate(self, currency: str, day: str, rate: Decimal) -> None:
        """From that day on, so many units of home currency buy one of that currency."""
        self.books.rates[currency][day] = rate

    @property
    def company_info(self) -> Body:
        """The company's own record: name, address, country, DefaultTimeZone."""
        return self.get("CompanyInfo", "1") or {}

    @property
    def preferences(self) -> Body:
        """The company's preferences."""
        return self.get("Preferences", "1") or {}

    def set_company_info(self, **fields: Any) -> None:
        """Changes fields of the company's record, e.g. DefaultTimeZone."""
        self.update("CompanyInfo", {"Id": "1", **fields})

    def set_preferences(self, **groups: Body) -> None:
        """Changes fields of groups, e.g. `CurrencyPrefs={"MultiCurrencyEnabled": True}`."""
        self._arrive(None)
        record = next(iter(self.books.records("Preferences")))
        sent = normalised("Preferences", _exact(groups))
        self.books.change(record, {**record.body, **writes.merged_groups(record.body, sent)})

    def arrived(self, at: datetime) -> Books:
        """The books, told when the request now worked on arrived."""
        self.books.moment = at
        return self.books

    def _arrive(self, at: datetime | None) -> None:
        self.books.moment = _utc(at or self._now())

    def _with_token(self, entity: str, body: Body) -> Body:
        record = self.books.find(entity, str(body.get("Id", "")))
        token = {"SyncToken": record.body["SyncToken"]} if record else {}
        return {**token, **_exact(body)}


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


def _exact(value: Any) -> Any:
    """Floats from recordings and callers as the decimals they were written as."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, dict):
        return {name: _exact(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_exact(part) for part in value]
    return value
