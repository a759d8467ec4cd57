"""An undo that a person asks for, by a process that may die in the middle of it."""

from __future__ import annotations

from ledgerbridge.core.model import Side
from ledgerbridge.errors import LedgerbridgeError
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.undo_subjects import Target
from ledgerbridge.service.undoing import UndoReport, carry_out, plan_undo
from simulation.moving import move_customer
from simulation.network import Died
from simulation.people import CONTACT_FIELDS
from simulation.world import Simulation

ASKED_MAX = 3
"""How often a person asks for an undo: it may die once."""


async def undo_what_was_written(world: Simulation, customer: str, contact: str) -> None:
    """
    I-UNDO: each field of a contact is as it was before we wrote to it, or is listed.

    Then somebody goes on with the customer, so that the pair is in step again.
    """
    shown = world.portal.get("contacts", contact) or {}
    target = Target(record=(Side.HUBSPOT, contact), object_type="contacts")
    report = None
    for _ in range(ASKED_MAX):
        report = report or await undo(world, target)
    assert report is not None, f"I-UNDO: no undo came to its end: {world.stopped_by}"
    listed = {name for one in report.left for name in one.fields}
    now = world.portal.get("contacts", contact) or {}
    for step in report.steps:
        for name in set(step.fields) & set(CONTACT_FIELDS):
            again = name not in listed and now.get(name) == shown.get(name)
            assert not again, f"I-UNDO: contact {contact} shows {name} {now.get(name)} as before"
            world.counts["undone fields"] += name not in listed
    world.people.brought_back |= {str(now.get(name)) for name in CONTACT_FIELDS}
    world.people.say("asked for an undo of all that we wrote to it", (Side.HUBSPOT, contact))
    for name in CONTACT_FIELDS.values():
        world.people.edit_customer(customer, name)
    move_customer(world.people, customer)


async def undo(world: Simulation, target: Target) -> UndoReport | None:
    """One undo, which may fail or die; None then."""
    try:
        opened = await open_world(world.shop())
        return await carry_out(opened, target, await plan_undo(opened, target))
    except LedgerbridgeError as stopped:
        world.stopped_by = stopped
        return None
    except Died:
        world.bury()
        return None
    except BaseExceptionGroup as group:
        if group.split(Died)[1] is not None:
            raise
        world.bury()
        return None
