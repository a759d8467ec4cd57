"""The progress of a run counts what was planned, and nothing else."""

from __future__ import annotations

from ledgerbridge.cli.demo_stage import staged
from ledgerbridge.cli.sandbox import filled
from ledgerbridge.service.connecting import connect_hubspot, connect_quickbooks
from ledgerbridge.service.switching import enable
from ledgerbridge.service.world import Progress


async def test_progress_never_runs_ahead_of_what_is_planned_and_ends_with_it() -> None:
    told: list[tuple[int, int]] = []

    def tell(progress: Progress) -> None:
        if progress.total:
            told.append((progress.done, progress.total))

    async with staged(*filled(3, 60)) as stage:
        shop, quickbooks = stage.shop, stage.accounts.quickbooks
        await connect_hubspot(shop, stage.accounts.hubspot.token)
        await connect_quickbooks(shop, quickbooks.realm_id, quickbooks.refresh_token)
        await shop.store.write(enable, ["contacts", "products"], shop.clock.now())
        result = await stage.run(accept=True, tell=tell)

    assert result.writes > 0
    assert all(done <= total for done, total in told)
    assert told[-1][0] == told[-1][1]
