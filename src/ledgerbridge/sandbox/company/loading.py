"""Entering a story into both emulators, by the rules that hold for every client of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from ledgerbridge.sandbox.company.currency import CURRENCY, worth
from ledgerbridge.sandbox.company.deals import ESTIMATE_PROPERTY, PO_PROPERTY
from ledgerbridge.sandbox.company.invoices import CUSTOM_FIELDS, TAX_CODE_OF_SEVERAL, TAX_RATES
from ledgerbridge.sandbox.company.story import Body, Entry, Story
from ledgerbridge.sandbox.hubspot import Portal
from ledgerbridge.sandbox.quickbooks import Company
from ledgerbridge.sandbox.quickbooks.entities import ENTITIES
from ledgerbridge.sandbox.quickbooks.times import stamp

# The lists that a company is born with or gets first, referred to by name.
BORN_WITH = ("Account", "Term", "PaymentMethod", "TaxCode", "TaxRate")
FIRST_DAY = "2020-01-01"

Ids = dict[str, str]


def load(story: Story, company: Company, portal: Portal) -> Ids:
    """
    Enters the story, each record with the time it was entered at; the ids given, by key.

    Raises what the emulators raise where they refuse a record: the story is wrong then.
    """
    _prepare_books(story, company)
    _prepare_portal(story, portal)
    born = {
        f"{entity}={record['Name']}": str(record["Id"])
        for entity in BORN_WITH
        for record in company.all(entity)
    }
    ids: Ids = {}
    for entry in story.in_order:
        body = resolved(entry.body, born | ids)
        if entry.type in ENTITIES:
            ids[entry.key] = _load_into_books(company, entry, body)
        else:
            to = [(type_, ids[key]) for type_, key in entry.associations]
            made = portal.create(entry.type, body, to, at=entry.at)
            ids[entry.key] = made["hs_object_id"]
    _end(story, company, ids)
    return ids


def _prepare_books(story: Story, company: Company) -> None:
    """Preferences, the tax code of several rates, and what the other currency is worth."""
    company.set_preferences(
        SalesFormsPrefs={
            "CustomField": [{"CustomField": [part]} for part in _custom_fields()],
            "AllowDeposit": True,
            "AllowShipping": True,
        },
        CurrencyPrefs={"MultiCurrencyEnabled": True},
    )
    company.set_rate(CURRENCY, FIRST_DAY, worth(story.today))
    known = {rate["Name"]: rate["Id"] for rate in company.all("TaxRate")}
    (agency,) = company.all("TaxAgency")
    rates = [
        {"TaxRateId": known[name]}
        if name in known
        else {"TaxRateName": name, "RateValue": percent, "TaxAgencyId": agency["Id"]}
        for name, percent in TAX_RATES.items()
    ]
    company.create_tax_code({"TaxCode": TAX_CODE_OF_SEVERAL, "TaxRateDetails": rates})


def _custom_fields() -> Iterator[Body]:
    """The preferences that switch on and name the custom fields of sales forms."""
    for number, name in CUSTOM_FIELDS.items():
        use, called = f"UseSalesCustom{number}", f"SalesCustomName{number}"
        yield {"Name": f"SalesFormsPrefs.{use}", "Type": "BooleanType", "BooleanValue": True}
        yield {"Name": f"SalesFormsPrefs.{called}", "Type": "StringType", "StringValue": name}


def _prepare_portal(story: Story, portal: Portal) -> None:
    """The other currency, and the properties by which invoices find a deal."""
    portal.change_settings(additional_currencies=(CURRENCY,))
    portal.add_exchange_rate(CURRENCY, str(worth(story.today)))
    for name in (PO_PROPERTY, ESTIMATE_PROPERTY):
        portal.add_property("deals", name)


def _load_into_books(company: Company, entry: Entry, body: Body) -> str:
    if body.get("Type") == "Group":
        return _load_bundle(company, entry, body)
    return str(company.create(entry.type, body, at=entry.at)["Id"])


def _end(story: Story, company: Company, ids: Ids) -> None:
    """At last, what was voided and made inactive."""
    for key in story.voided:
        entry = story.entries[key]
        company.void(entry.type, ids[key], at=entry.at + timedelta(days=1))
    evening = datetime.combine(story.today, time(), UTC)
    for key in story.deactivated:
        change = {"Id": ids[key], "Active": False}
        company.update(story.entries[key].type, change, at=evening)


def _load_bundle(company: Company, entry: Entry, body: Body) -> str:
    """Bundles are readable but no client can create one, so it is put in as recorded."""
    id_ = str(max(int(item["Id"]) for item in company.all("Item")) + 1)
    entered = stamp(entry.at)
    record = {
        **body,
        "Id": id_,
        "SyncToken": "0",
        "FullyQualifiedName": entry.name,
        "Active": True,
        "Taxable": False,
        "UnitPrice": 0,
        "PurchaseCost": 0,
        "TrackQtyOnHand": False,
        "domain": "QBO",
        "sparse": False,
        "MetaData": {"CreateTime": entered, "LastUpdatedTime": entered},
    }
    company.load("Item", [record])
    return id_


def resolved(value: Any, known: Ids) -> Any:
    """The value with ids in the place of references; raises KeyError for an unknown one."""
    if isinstance(value, str) and value.startswith("@"):
        return known[value[1:]]
    if isinstance(value, dict):
        return {name: resolved(part, known) for name, part in value.items()}
    if isinstance(value, list):
        return [resolved(part, known) for part in value]
    return value
