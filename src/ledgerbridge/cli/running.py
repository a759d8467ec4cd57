"""Long work that is followed on standard error."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from ledgerbridge.cli.output import ProgressLine
from ledgerbridge.service.connectors import Workshop
from ledgerbridge.service.opening import open_world
from ledgerbridge.service.world import Progress, World


@asynccontextmanager
async def followed_world(shop: Workshop, names: Iterable[str]) -> AsyncIterator[World]:
    """The world of these syncs; what is done in the block shows itself."""
    with ProgressLine() as line:
        world = await open_world(shop, names)

        def tell(progress: Progress) -> None:
            line.show(
                progress.stage,
                done=progress.done,
                total=progress.total,
                seen=progress.seen,
                calls=world.calls,
            )

        world.progress.tell = tell
        yield world
