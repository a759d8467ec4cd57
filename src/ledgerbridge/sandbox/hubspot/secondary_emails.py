"""The further addresses of a contact: unique with the primary ones, and swapped with its own."""

from __future__ import annotations

from collections.abc import Mapping

from ledgerbridge.sandbox.hubspot.records import Record, Shelf
from ledgerbridge.sandbox.hubspot.state import PortalState


def secondary_emails(record: Record) -> list[str]:
    """The further addresses of a contact."""
    return [part for part in record.values.get("hs_additional_emails", "").split(";") if part]


def secondary_after(
    state: PortalState, shelf: Shelf, record: Record, changes: Mapping[str, str]
) -> dict[str, str]:
    """The further addresses of a contact whose primary one was replaced by one of them."""
    former, further = record.values.get("email", ""), secondary_emails(record)
    email = changes.get("email", "").lower()
    if shelf.kind.name != "contacts" or email not in further:
        return {}
    kept = [address for address in further if address != email]
    if former and state.switches.email_that_gave_way == "secondary":
        kept.append(former.lower())
        shelf.claim("email", former, record.id)
    return {"hs_additional_emails": ";".join(kept)}


def release_secondary(shelf: Shelf, record: Record) -> None:
    """Frees the further addresses of a contact."""
    for address in secondary_emails(record):
        shelf.release("email", address, record.id)
