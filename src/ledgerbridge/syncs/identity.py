"""
By what customers, contacts and companies are found: keys, e-mails, names, domains
(business-rules.md, who is whom).
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from ledgerbridge.core.evidence import Likeness, likeness
from ledgerbridge.core.model import Record, Side, State, Value
from ledgerbridge.core.planning import KEY_FIELD
from ledgerbridge.core.values import emails, text, text_key
from ledgerbridge.syncs.kind import plain_name

EMAIL = "PrimaryEmailAddr.Address"
FREE_MAIL = frozenset(
    {
        "aol.com",
        "comcast.net",
        "free.fr",
        "gmail.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "mac.com",
        "mail.com",
        "me.com",
        "msn.com",
        "orange.fr",
        "outlook.com",
        "proton.me",
        "protonmail.com",
        "t-online.de",
        "web.de",
        "yahoo.co.uk",
        "yahoo.com",
        "yandex.ru",
        "ymail.com",
        "zoho.com",
    }
)
"""Domains whose addresses say nothing of a business."""

Keys = tuple[tuple[str, str], ...]


def match_keys(side: Side, record: Record) -> Keys:
    """The keys under which a customer or a contact can be found, as (name, comparison value)."""
    keys: list[tuple[str, str]] = []
    if side is Side.QUICKBOOKS:
        keys += [("email", address) for address in emails(record.fields.get(EMAIL))[:1]]
        keys += _key("key", record.fields.get("@key"))
        name = plain_name(record.fields.get("DisplayName"))
        keys += [("name", text_key(name))] if name else []
        if record.object_type == "Customer":
            keys += _key("company", company_key(company_name(record)))
            keys += _key("person", likeness_of(side, record).name)
        return tuple(keys)
    keys += [("email", address) for address in emails(record.fields.get("email"))]
    keys += [("email", address) for address in emails(record.fields.get("hs_additional_emails"))]
    keys += _key("key", record.fields.get(KEY_FIELD))
    keys += _key("person", likeness_of(side, record).name)
    return tuple(dict.fromkeys(keys))


SHOWN = {
    Side.HUBSPOT: (
        ("firstname", "lastname"),
        "company",
        ("phone", "mobilephone"),
        "address",
        "zip",
    ),
    Side.QUICKBOOKS: (
        ("GivenName", "FamilyName"),
        "CompanyName",
        ("PrimaryPhone.FreeFormNumber", "Mobile.FreeFormNumber"),
        "BillAddr.Line1",
        "BillAddr.PostalCode",
    ),
}


def likeness_of(side: Side, record: Record) -> Likeness:
    """What of a contact or a customer is compared where neither key nor e-mail pair it."""
    names, company, phones, street, postal_code = SHOWN[side]
    named = [record.fields.get(name) or "" for name in names]
    if side is Side.QUICKBOOKS and not any(named):
        named = [plain_name(record.fields.get("DisplayName")) or ""]
    return likeness(
        names=named,
        company=record.fields.get(company) or "",
        phones=[record.fields.get(phone) or "" for phone in phones],
        street=record.fields.get(street) or "",
        postal_code=record.fields.get(postal_code) or "",
    )


def company_match_keys(side: Side, record: Record) -> Keys:
    """The keys under which a HubSpot company can be found, and those of a customer's business."""
    if side is Side.QUICKBOOKS:
        name, where = company_name(record), domain(record)
        found = {"key": record.fields.get("@key"), "company": company_key(name), "domain": where}
    else:
        name, where = record.fields.get("name"), company_domain(record)
        found = {"key": record.fields.get(KEY_FIELD), "company": company_key(name), "domain": where}
    return tuple((key, value) for key, value in found.items() if value)


def _key(name: str, value: Value) -> list[tuple[str, str]]:
    return [(name, value)] if value else []


def company_key(name: Value) -> Value:
    """A company's name as it is compared: without case, commas and full stops."""
    return text_key((name or "").replace(".", "").replace(",", " ")) or None


def company_name(customer: Record) -> Value:
    """
    The business that a customer is: its company name; without that and without an e-mail, its
    display name, for then a company is all that HubSpot can show of it.
    """
    named = text(customer.fields.get("CompanyName"))
    if named:
        return named
    if emails(customer.fields.get(EMAIL)):
        return None
    return text(plain_name(customer.fields.get("DisplayName"))) or None


def domain(customer: Record) -> Value:
    """The domain of a customer's website, else of its e-mail where that is a business's own."""
    host = _host(customer.fields.get("WebAddr.URI"))
    if host:
        return host
    address = next(iter(emails(customer.fields.get(EMAIL))), "")
    host = address.rpartition("@")[2]
    return host if host and host not in FREE_MAIL else None


def company_domain(company: Record) -> Value:
    """The domain that a HubSpot company is known by."""
    return _host(company.fields.get("domain")) or _host(company.fields.get("website"))


def _host(address: Value) -> Value:
    plain = text(address).lower()
    if not plain:
        return None
    try:
        host = urlsplit(plain if "//" in plain else f"//{plain}").hostname or ""
    except ValueError:
        return None
    return host.removeprefix("www.") or None


def owner(customers: Sequence[Record]) -> Record | None:
    """Of several customers with one e-mail, the lowest-id active top-level one owns it."""
    return min(customers, key=_ownership, default=None)


def _ownership(customer: Record) -> tuple[bool, bool, int, str]:
    number = int(customer.id) if customer.id.isdigit() else 0
    sub = bool(customer.references.get("ParentRef"))
    return (sub, customer.state is not State.LIVE, number, customer.id)
