"""What one run asked of an account counts for the next one: limits are those of the account."""

from __future__ import annotations

from ledgerbridge.sandbox.quickbooks.limits import Limits
from ledgerbridge.sandbox.quickbooks.switches import Switches
from ledgerbridge.service.cycle import run_once
from ledgerbridge.service.opening import open_world
from support.pair import Pair


async def test_runs_that_follow_each_other_at_once_are_never_refused_for_their_rate(
    pair: Pair,
) -> None:
    await pair.begin("contacts")
    pair.customer("Ann Smith", "ann@example.com")
    pair.quickbooks.limits = Limits(pair.clock.now, Switches(limits=True))
    shop = pair.shop()

    for _ in range(25):
        await run_once(await open_world(shop), lambda counts: True)

    asked = [entry for entry in pair.quickbooks.log if entry.kind in {"cdc", "query Customer"}]
    assert len(asked) >= 25
    assert {entry.status for entry in asked} == {200}
