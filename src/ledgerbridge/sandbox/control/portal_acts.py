"""What people do in a HubSpot portal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from random import Random

from ledgerbridge.sandbox.company import words
from ledgerbridge.sandbox.control.people import ActKind, CannotError, Doing
from ledgerbridge.sandbox.hubspot import ApiError, HubSpot, Portal
from ledgerbridge.sandbox.hubspot.happenings import tell
from ledgerbridge.sandbox.hubspot.instants import to_ms
from ledgerbridge.sandbox.hubspot.object_types import object_type
from ledgerbridge.sandbox.hubspot.writing import erase

EDITED: Mapping[str, tuple[str, ...]] = {
    "contacts": ("firstname", "lastname", "phone", "city", "jobtitle"),
    "companies": ("name", "phone", "city"),
    "deals": ("dealname", "amount", "description"),
    "products": ("name", "price", "description"),
    "invoices": ("hs_comments",),
}
CLEARED: Mapping[str, tuple[str, ...]] = {
    "contacts": ("firstname", "lastname", "phone", "city", "jobtitle"),
    "companies": ("phone", "city"),
    "deals": ("amount", "description"),
    "products": ("description",),
}
ARCHIVED = ("contacts", "companies", "deals", "products")
PAYABLE = frozenset({"open", "partially_paid"})


def drawn_value(name: str, rng: Random) -> str:
    """An invented value of a property or field, by what its name says."""
    if "phone" in name.lower():
        return f"({rng.randint(201, 989)}) 555-01{rng.randint(0, 99):02}"
    if name in {"amount", "price"}:
        return f"{rng.randint(5, 5000)}.{rng.randint(0, 99):02}"
    listed = {
        "firstname": words.GIVEN,
        "lastname": words.FAMILY,
        "city": words.TOWNS,
        "jobtitle": words.JOB_TITLES,
        "dealname": words.DEALS,
    }
    chosen = listed.get(name)
    if chosen is not None:
        return rng.choice(chosen)
    if name == "name":
        return f"{rng.choice(words.BUSINESS_FIRST)} {rng.choice(words.BUSINESS_SECOND)}"
    return rng.choice(words.MEMOS)


def _living(portal: Portal, doing: Doing) -> None:
    if not doing.id:
        ids = [one["hs_object_id"] for one in portal.all(doing.type)]
        doing.id = doing.chosen(ids, f"record of {doing.type}")


def _create(portal: Portal, doing: Doing) -> None:
    rng = doing.random
    if not doing.has_values:
        names = EDITED[doing.type][:3]
        doing.values = {name: drawn_value(name, rng) for name in names}
        if doing.type == "contacts":
            mail = f"{doing.values['firstname']}.{doing.values['lastname']}.{rng.randint(1, 10**6)}"
            doing.values["email"] = f"{mail}@example.com".lower().replace("'", "")
    doing.id = portal.create(doing.type, doing.values)["hs_object_id"]


def _edit(portal: Portal, doing: Doing) -> None:
    _living(portal, doing)
    if not doing.has_values:
        name = doing.random.choice(EDITED[doing.type])
        doing.values = {name: drawn_value(name, doing.random)}
    portal.update(doing.type, doing.id, doing.values)


def _clear(portal: Portal, doing: Doing) -> None:
    names = list(doing.values)
    if not names:
        filled = [
            (one["hs_object_id"], name)
            for one in portal.all(doing.type)
            for name in CLEARED[doing.type]
            if one.get(name) and doing.id in {"", one["hs_object_id"]}
        ]
        if not filled:
            raise CannotError(f"no value of {doing.type} can be cleared")
        doing.id, name = doing.random.choice(filled)
        names = [name]
    _living(portal, doing)
    doing.values = dict.fromkeys(names, "")
    portal.update(doing.type, doing.id, doing.values)


def _merge(portal: Portal, doing: Doing) -> None:
    _living(portal, doing)
    if doing.other is None:
        ids = [one["hs_object_id"] for one in portal.all(doing.type)]
        others = [one for one in ids if one != doing.id]
        doing.other = doing.chosen(others, f"second record of {doing.type}")
    survivor = portal.merge(doing.type, doing.id, doing.other)
    doing.values = {"survivor": survivor["hs_object_id"]}


def _archive(portal: Portal, doing: Doing) -> None:
    _living(portal, doing)
    portal.archive(doing.type, doing.id)


def _restore(portal: Portal, doing: Doing) -> None:
    if not doing.id:
        shelf = portal.shelf(object_type(doing.type))
        ids = [one.id for one in shelf.records.values() if one.archived_ms is not None]
        doing.id = doing.chosen(ids, f"archived record of {doing.type}")
    portal.restore(doing.type, doing.id)


def _erase(portal: Portal, doing: Doing) -> None:
    _living(portal, doing)
    shelf = portal.shelf(object_type(doing.type))
    record = shelf.find(doing.id)
    if record is None:
        raise CannotError(f"there is no contact {doing.id}")
    erase(portal, shelf, record)
    tell(portal, "privacyDeletion", shelf, record)


def _associate(portal: Portal, doing: Doing) -> None:
    _living(portal, doing)
    if doing.other is None:
        ids = [one["hs_object_id"] for one in portal.all("companies")]
        doing.other = doing.chosen(ids, "company")
    portal.associate(doing.type, doing.id, "companies", doing.other)


def _pay(portal: Portal, doing: Doing) -> None:
    invoice = portal.get("invoices", doing.id) if doing.id else None
    if not doing.id:
        payable = [
            one
            for one in portal.all("invoices")
            if one.get("hs_invoice_status") in PAYABLE and float(one.get("hs_balance_due") or 0) > 0
        ]
        if not payable:
            raise CannotError("no invoice is open")
        invoice = doing.random.choice(payable)
        doing.id = invoice["hs_object_id"]
    if invoice is None:
        raise CannotError(f"there is no invoice {doing.id}")
    amount = str(doing.values.get("amount") or invoice.get("hs_balance_due") or "0")
    at = datetime.fromisoformat(doing.values["at"]) if "at" in doing.values else portal.now()
    paid = {
        "hs_initial_amount": amount,
        "hs_initiated_date": str(to_ms(at)),
        "hs_currency_code": invoice.get("hs_currency", "USD"),
        "hs_latest_status": "succeeded",
    }
    made = portal.create("commerce_payments", paid, [("invoices", doing.id)])
    doing.values = {"amount": amount}
    doing.other = made["hs_object_id"]


def _void(portal: Portal, doing: Doing) -> None:
    if not doing.id:
        ids = [
            one["hs_object_id"]
            for one in portal.all("invoices")
            if one.get("hs_invoice_status") in PAYABLE
        ]
        doing.id = doing.chosen(ids, "open invoice")
    portal.update("invoices", doing.id, {"hs_invoice_status": "voided"})


ACTS: Mapping[str, ActKind] = {
    "create": ActKind(("contacts", "companies", "deals", "products"), 4, _create),
    "edit": ActKind(tuple(EDITED), 10, _edit),
    "clear": ActKind(tuple(CLEARED), 2, _clear),
    "merge": ActKind(("contacts", "companies"), 1, _merge),
    "archive": ActKind(ARCHIVED, 1, _archive),
    "restore": ActKind(ARCHIVED, 1, _restore),
    "associate": ActKind(("contacts", "deals"), 1, _associate),
    "pay": ActKind(("invoices",), 2, _pay),
    "void": ActKind(("invoices",), 1, _void),
    "erase": ActKind(("contacts",), 0, _erase),
}


class PortalFinder:
    """Finds the portal that an act names."""

    def __init__(self, emulator: HubSpot) -> None:
        self._emulator = emulator

    def __call__(self, account: str | None) -> tuple[str, Portal]:
        """The portal and its id. Raises ValueError for an unknown one."""
        portals = {str(number): portal for number, portal in self._emulator.portals().items()}
        wanted = str(self._emulator.portal_id) if account is None else account
        if wanted not in portals:
            raise ValueError(f"there is no portal {wanted}")
        return wanted, portals[wanted]


def refusal(problem: Exception) -> str | None:
    """What HubSpot says where it refuses, or None for a defect."""
    return str(problem.body.get("message", problem)) if isinstance(problem, ApiError) else None
