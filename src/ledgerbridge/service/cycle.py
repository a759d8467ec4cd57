"""
One cycle is recover → observe → plan → apply → settle, repeated until nothing is left to do.

Written by hand as plain steps, so that the order of things can be read here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from ledgerbridge.core import guard
from ledgerbridge.core.model import Side
from ledgerbridge.errors import Interlock, LedgerbridgeError
from ledgerbridge.service import acceptance, marketing, relinking
from ledgerbridge.service.applying import apply
from ledgerbridge.service.first_ten import NOBODY, Questions
from ledgerbridge.service.observe import observe
from ledgerbridge.service.pausing import end_due
from ledgerbridge.service.planning import follow_configuration, give_back
from ledgerbridge.service.putting_back import put_back
from ledgerbridge.service.recovery import recover
from ledgerbridge.service.resting import notices
from ledgerbridge.service.turning import turn_the_day
from ledgerbridge.service.vanished import plan_with_what_is_there
from ledgerbridge.service.world import World
from ledgerbridge.store import journal, outcomes, pending, runs
from ledgerbridge.store.transaction import Transaction

ROUNDS_MAX = 12
IN_DOUBT_WAIT_S = 30.0
PRUNED_AT_ONCE, PRUNED_STEPS_MAX = 1000, 20
BYTES_PER_MB = 1_000_000
DONE = "done"
Agree = Callable[[Mapping[str, int]], bool]


class RunResult(Struct, frozen=True, kw_only=True):
    """
    What one run did: how long, how many calls, what it planned and wrote, what still fails.

    `planned` counts the first plan by `sync.side.kind`; `in_doubt` are requests whose fate is
    still unknown; `unavailable` are syncs that could not work, with the reason, `notices` what
    syncs did otherwise than asked.
    `pruned` entries of the history were too old, or too many, to be kept.
    """

    run: str
    started_at: datetime
    seconds: float
    planned: dict[str, int]
    writes: int
    losses: int
    failing: int
    in_doubt: int
    calls: dict[str, int]
    metered: int
    pending: int
    unavailable: dict[str, str]
    notices: dict[str, str]
    pruned: int


async def make_plan(world: World) -> dict[str, int]:
    """
    Look at both sides and plan, writing nothing to either; returns the plan in numbers.

    The plan stays in the store until the next look, for whoever wants to read it.
    """
    await world.hubspot.who()  # raises WrongTenant unless it is the pinned portal (I-TENANT)
    await world.commit(_begin, world)
    await observe(world)
    await world.store.read(relinking.check, world)
    await plan_with_what_is_there(world, dry=True)
    return await world.store.read(acceptance.plan_counts, world)


async def run_once(
    world: World, agree: Agree | None = None, questions: Questions = NOBODY
) -> RunResult:
    """
    Run until nothing is left to do, or until the rounds are used up.

    `agree` is asked about a plan that needs acceptance; None answers no. `questions` are asked on
    the way.
    Raises NotAccepted, Interlock, CallFailed, StoreProblem.
    """
    started, clock_s = world.clock.now(), world.clock.monotonic_s()
    await world.store.write(runs.start, runs.Run(id=world.run, kind="run", started_at=started))
    planned: dict[str, int] = {}
    status = "failed"
    try:
        pruned = await _prune(world)
        planned, in_doubt = await _rounds(world, agree, questions)
        status = DONE
    except LedgerbridgeError as error:
        status = f"stopped: {type(error).__name__}"
        raise
    finally:
        totals = await world.store.write(finish, world, status, planned)
    return RunResult(
        run=world.run,
        started_at=started,
        seconds=world.clock.monotonic_s() - clock_s,
        planned=planned,
        writes=totals["write"],
        losses=totals["loss"],
        failing=totals["failing"],
        in_doubt=in_doubt,
        calls=dict(_calls(world)),
        metered=world.quickbooks.counter.metered,
        pending=totals["pending"],
        unavailable=dict(world.unavailable),
        notices=notices(world),
        pruned=pruned,
    )


async def _prune(world: World) -> int:
    """Drop what is too old or too much of the history, in small steps: nobody waits for it."""
    before = world.clock.now() - timedelta(days=world.history_days)
    total = 0
    for _ in range(PRUNED_STEPS_MAX):
        size = world.history_mb * BYTES_PER_MB
        gone = await world.commit(journal.prune, before, size, PRUNED_AT_ONCE)
        total += gone
        if gone < PRUNED_AT_ONCE:
            break
    return total


async def _rounds(
    world: World, agree: Agree | None, questions: Questions
) -> tuple[dict[str, int], int]:
    await world.hubspot.who()  # raises WrongTenant unless it is the pinned portal (I-TENANT)
    in_doubt = await recover(world)
    await world.commit(give_back, world)
    await world.commit(_begin, world)
    await observe(world)
    await world.store.read(relinking.check, world)
    await world.store.write(pending.wake_due, world.clock.now())
    planned: dict[str, int] | None = None
    rounds: Counter[str] = Counter()
    for _ in range(ROUNDS_MAX):
        await put_back(world)
        if in_doubt and not await _pending(world):
            # A request that may still arrive is given its time; then it is settled.
            await world.clock.sleep(IN_DOUBT_WAIT_S)
            in_doubt = await recover(world)
        if not await _pending(world):
            if in_doubt:
                continue
            break
        await plan_with_what_is_there(world, dry=False)
        counts = await world.store.read(acceptance.plan_counts, world)
        rounds.update(counts)
        await _check_removals(world, rounds)
        if planned is None:
            planned = counts
            await _ask(world, counts, agree, acceptance.check)
        else:
            await _ask(world, rounds, agree, acceptance.check_again)
        world.progress.total += await world.store.read(_spooled, world)
        try:
            await marketing.check(world, counts, questions.billed)
            in_doubt = await apply(world, questions)
        except Interlock:
            await world.commit(give_back, world)
            raise
    if planned and not in_doubt:
        await world.commit(acceptance.use_up, world)
    return planned or {}, in_doubt


def _begin(tx: Transaction, world: World) -> None:
    """Note what changed without a word of either side: configuration, day, a pause that ended."""
    follow_configuration(tx, world)
    turn_the_day(tx, world)
    end_due(tx, world.clock.now())


async def _check_removals(world: World, counts: Mapping[str, int]) -> None:
    try:
        await world.store.read(acceptance.check_removals, world, counts)
    except Interlock:
        await world.commit(give_back, world)
        raise


async def _ask(
    world: World,
    counts: Mapping[str, int],
    agree: Agree | None,
    check: Callable[[Transaction, World, Mapping[str, int]], None],
) -> None:
    """Stop unless the plan is accepted; what was planned is given back for the next run."""
    try:
        await world.store.read(check, world, counts)
    except LedgerbridgeError:
        if agree is None or not agree(counts):
            await world.commit(give_back, world)
            raise
        await world.commit(acceptance.accept, world, counts)


async def _pending(world: World) -> int:
    return await world.store.read(_count_pending, world)


def _count_pending(tx: Transaction, world: World) -> int:
    return pending.count(tx, [sync.id for sync in world.ordered()])


def _spooled(tx: Transaction, world: World) -> int:
    """The planned writes; a link that ends is no further one."""
    counts = acceptance.plan_counts(tx, world)
    return sum(n for key, n in counts.items() if not key.endswith(f".{guard.ENDS}"))


def _calls(world: World) -> Counter[str]:
    calls: Counter[str] = Counter()
    for side in Side:
        connector = world.hubspot if side is Side.HUBSPOT else world.quickbooks
        for kind, number in connector.counter.by_kind.items():
            calls[f"{side} {kind}"] += number
    return calls


def finish(
    tx: Transaction, world: World, status: str, planned: Mapping[str, int]
) -> dict[str, int]:
    """Store how this world's run ended; returns its totals. One that did nothing is forgotten."""
    totals = {"failing": 0, "pending": _count_pending(tx, world), **journal.counts(tx, world.run)}
    totals["failing"] += outcomes.failing(tx, [sync.id for sync in world.ordered()])
    counts = {"planned": dict(planned), **totals, "calls": world.calls}
    if status == DONE and not planned and not totals["write"] and not totals["loss"]:
        runs.forget(tx, world.run)
    else:
        runs.finish(tx, world.run, status, counts, world.clock.now())
    return totals
