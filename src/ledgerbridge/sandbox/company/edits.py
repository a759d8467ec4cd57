"""What a person does on one side or both: a description and the steps it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ledgerbridge.sandbox.company.loading import resolved
from ledgerbridge.sandbox.company.story import Body, ref
from ledgerbridge.sandbox.hubspot import Portal
from ledgerbridge.sandbox.quickbooks import Company

Side = Literal["quickbooks", "hubspot"]
Deed = Literal["write", "void", "delete"]


@dataclass(frozen=True, slots=True)
class Step:
    """
    One write: a creation, or a change of the record with that id; in QuickBooks a transaction may
    be voided or deleted, too. Then the body only tells what it was about.

    A body may refer to the record of an earlier step by `of_step(1)`; so may associations, which
    are pairs of HubSpot type and id.
    """

    side: Side
    type: str
    body: Body
    id: str | None = None
    associations: tuple[tuple[str, str], ...] = ()
    deed: Deed = "write"


@dataclass(frozen=True, slots=True)
class Edit:
    """Something that people did: one line that says what, and its steps in order."""

    description: str
    steps: tuple[Step, ...]


def of_step(number: int) -> str:
    """The reference to the record of a step of the same edit, counted from 1."""
    return ref(f"step:{number}")


def perform(edit: Edit, company: Company, portal: Portal) -> list[str]:
    """
    Does it; the ids of the records written, one for each step.

    Raises what the emulators raise where a step is refused; the steps before it have been done.
    """
    ids: dict[str, str] = {}
    for number, step in enumerate(edit.steps, 1):
        body = resolved(step.body, ids)
        if step.side == "quickbooks":
            written = _write_quickbooks(step, body, company)
        else:
            associations = [(type_, resolved(id_, ids)) for type_, id_ in step.associations]
            written = _write_hubspot(step, body, associations, portal)
        ids[f"step:{number}"] = written
    return list(ids.values())


def _write_quickbooks(step: Step, body: Body, company: Company) -> str:
    if step.id is None:
        return str(company.create(step.type, body)["Id"])
    if step.deed == "void":
        company.void(step.type, step.id)
    elif step.deed == "delete":
        company.delete(step.type, step.id)
    else:
        company.update(step.type, {**body, "Id": step.id})
    return step.id


def _write_hubspot(
    step: Step, body: Body, associations: list[tuple[str, str]], portal: Portal
) -> str:
    if step.id is None:
        return portal.create(step.type, body, associations)["hs_object_id"]
    portal.update(step.type, step.id, body)
    return step.id
