"""Entering a story into both emulators, by the rules that hold for every client of theirs."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from ledgerbridge.sandbox.company.story import Body, Entry, Story
from ledgerbridge.sandbox.hubspot import Portal
from ledgerbridge.sandbox.quickbooks import Company
from ledgerbridge.sandbox.quickbooks.times import stamp

# The lists that every company is born with, referred to by name.
BORN_WITH = ("Account", "Term", "PaymentMethod", "TaxCode")
PURCHASE_ORDER_FIELD = [
    {"Name": "SalesFormsPrefs.UseSalesCustom1", "Type": "BooleanType", "BooleanValue": True},
    {
        "Name": "SalesFormsPrefs.SalesCustomName1",
        "Type": "StringType",
        "StringValue": "P.O. Number",
    },
]

Ids = dict[str, str]


def load(story: Story, company: Company, portal: Portal) -> Ids:
    """
    Enters the story, each record with the time it was entered at; the ids given, by key.

    Raises what the emulators raise where they refuse a record: the story is wrong then.
    """
    ids: Ids = {}
    _load_quickbooks(story, company, ids)
    _load_hubspot(story, portal, ids)
    return ids


def _load_quickbooks(story: Story, company: Company, ids: Ids) -> None:
    """The books: preferences, records, and at last what was voided and made inactive."""
    definitions = [{"CustomField": [part]} for part in PURCHASE_ORDER_FIELD]
    company.set_preferences(
        SalesFormsPrefs={"CustomField": definitions, "AllowDeposit": True, "AllowShipping": True}
    )
    known = {
        f"{entity}={record['Name']}": str(record["Id"])
        for entity in BORN_WITH
        for record in company.all(entity)
    }
    for entry in story.quickbooks:
        body = resolved(entry.body, known)
        if body.get("Type") == "Group":
            known[entry.key] = _load_bundle(company, entry, body)
        else:
            known[entry.key] = company.create(entry.type, body, at=entry.at)["Id"]
        ids[entry.key] = known[entry.key]
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


def _load_hubspot(story: Story, portal: Portal, ids: Ids) -> None:
    for entry in story.hubspot:
        associations = [(type_, ids[key]) for type_, key in entry.associations]
        created = portal.create(entry.type, entry.body, associations, at=entry.at)
        ids[entry.key] = created["hs_object_id"]


def resolved(value: Any, known: Ids) -> Any:
    """The value with ids in the place of references; raises KeyError for an unknown one."""
    if isinstance(value, str) and value.startswith("@"):
        return known[value[1:]]
    if isinstance(value, dict):
        return {name: resolved(part, known) for name, part in value.items()}
    if isinstance(value, list):
        return [resolved(part, known) for part in value]
    return value
