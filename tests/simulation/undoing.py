"""An undo that a person asks for, by a process that may die in the middle of it."""

from __future__ import annotations

from ledgerbridge.errors import LedgerbridgeError
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.undo_subjects import Target
from ledgerbridge.service.undoing import UndoReport, carry_out, plan_undo
from simulation.network import Died
from simulation.world import Simulation


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
