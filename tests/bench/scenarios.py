"""What is measured, and what the issue aims at."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from bench import bounds
from bench.emulated import Emulated
from bench.processes import emulators, told_by
from bench.product import Work
from bench.served import Cycles, Filling, Measured
from bench.table import Line
from ledgerbridge.sandbox.company.bulk_sales import LINES

RATE_MIN = 2000.0
CALLS_SHARE_MAX = 1.05
INVOICE_RATE_MIN = 300.0
SALES_CALLS_SHARE_MAX = 1.10
LIMITS_SHARE_MAX = 1.10
MEMORY_MB_MAX = 200.0
MEMORY_SHARE_MAX = 1.10
IDLE_S_MAX = 1.0
IDLE_CALLS_MAX = 5
EMULATOR_MS_MAX = 30.0
LOOK_MS_MAX = 50.0
EMULATOR_MB_MAX = 1000.0


class Sizes(Struct, frozen=True, kw_only=True):
    """How many records each measurement has."""

    some: int = 10_000
    many: int = 40_000
    to_quickbooks: int = 2_000
    emulated: int = 100_000
    buyers: int = 1_000
    invoices: int = 10_000
    payments: int = 8_000


QUICK = Sizes(
    some=300,
    many=600,
    to_quickbooks=60,
    emulated=1_200,
    buyers=60,
    invoices=120,
    payments=90,
)

Tell = Callable[[str], None]


def measured(sizes: Sizes, tell: Tell) -> Iterator[Line]:
    """All figures, one measurement after the other; `tell` hears what comes next."""
    tell(f"a plain script, {sizes.some:,} customers to HubSpot")
    plain = _cycles("bench.plain", sizes.some).first
    tell(f"the product, {sizes.some:,} customers to HubSpot, then an idle cycle")
    some = _cycles("bench.product", sizes.some, idle=True)
    yield from _end_to_end(some.first, plain)
    yield from _idle(some)
    tell(f"the product, {sizes.many:,} customers to HubSpot, the vendors' limits on")
    many = _cycles("bench.product", sizes.many, limits=True).first
    yield from _memory(some.first, many, plain)
    yield from _limited("to HubSpot", many, bounds.wait_to_hubspot_s(sizes.many))
    tell(f"the product, {sizes.to_quickbooks:,} contacts to QuickBooks, the vendors' limits on")
    back = _cycles("bench.product", sizes.to_quickbooks, limits=True, to_quickbooks=True).first
    yield from _limited("to QuickBooks", back, bounds.wait_to_quickbooks_s(sizes.to_quickbooks))
    tell(f"the product, {sizes.invoices:,} invoices and {sizes.payments:,} payments")
    yield from _sales(sizes, _sold(sizes))
    tell("the emulators by themselves")
    yield from _emulated(sizes.emulated)


def _cycles(
    module: str,
    records: int,
    *,
    limits: bool = False,
    to_quickbooks: bool = False,
    idle: bool = False,
) -> Cycles:
    filling = Filling(
        customers=0 if to_quickbooks else records,
        contacts=records if to_quickbooks else 0,
        limits=limits,
    )
    with emulators(filling) as served:
        work = Work(served=served, records=records, to_quickbooks=to_quickbooks, idle=idle)
        return told_by(module, work, Cycles)


def _end_to_end(some: Measured, plain: Measured) -> Iterator[Line]:
    smallest = bounds.calls_to_hubspot(some.records)
    yield Line(
        what=f"{some.records:,} customers to HubSpot, end to end",
        value=some.rate,
        unit="records/s",
        aim=f">= {RATE_MIN:,.0f} records/s",
        met=some.rate >= RATE_MIN,
        ratio=some.rate / plain.rate,
    )
    yield Line(
        what="  processor time of our process for a record",
        value=some.cpu_ms,
        unit="ms",
        ratio=some.cpu_ms / plain.cpu_ms,
    )
    for stage, seconds in some.stages_s.items():
        if seconds >= 0.1:
            yield Line(what=f"  of it {stage}", value=seconds, unit="s")
    yield Line(
        what=f"  calls ({smallest} are the fewest possible)",
        value=some.calls,
        unit="",
        aim=f"<= {CALLS_SHARE_MAX} x the fewest",
        met=some.calls <= CALLS_SHARE_MAX * smallest,
        ratio=some.calls / plain.calls,
    )


def _idle(some: Cycles) -> Iterator[Line]:
    assert some.idle is not None
    yield Line(
        what=f"idle cycle over {some.first.records:,} links, three syncs",
        value=some.idle.seconds,
        unit="s",
        aim=f"< {IDLE_S_MAX:.0f} s",
        met=some.idle.seconds < IDLE_S_MAX,
    )
    yield Line(
        what="  calls",
        value=some.idle.calls,
        unit="",
        aim=f"<= {IDLE_CALLS_MAX}",
        met=some.idle.calls <= IDLE_CALLS_MAX,
    )


def _sold(sizes: Sizes) -> Measured:
    filling = Filling(
        customers=sizes.buyers, invoices=sizes.invoices, payments=sizes.payments, limits=False
    )
    with emulators(filling) as served:
        work = Work(served=served, records=sizes.buyers, sales=sizes.invoices)
        sales = told_by("bench.product", work, Cycles).sales
        assert sales is not None
        return sales


def _sales(sizes: Sizes, sold: Measured) -> Iterator[Line]:
    smallest = bounds.calls_of_sales(sizes.invoices, LINES, sizes.payments)
    yield Line(
        what=f"{sizes.invoices:,} invoices of {LINES} lines with {sizes.payments:,} payments",
        value=sold.rate,
        unit="invoices/s",
        aim=f">= {INVOICE_RATE_MIN:,.0f} invoices/s",
        met=sold.rate >= INVOICE_RATE_MIN,
    )
    for stage, seconds in sold.stages_s.items():
        if seconds >= 0.1:
            yield Line(what=f"  of it {stage}", value=seconds, unit="s")
    yield Line(
        what=f"  calls ({smallest} are the fewest possible)",
        value=sold.calls,
        unit="",
        aim=f"<= {SALES_CALLS_SHARE_MAX} x the fewest",
        met=sold.calls <= SALES_CALLS_SHARE_MAX * smallest,
        ratio=sold.calls / smallest,
    )
    yield Line(what="  peak memory", value=sold.memory_mb, unit="MB")


def _memory(some: Measured, many: Measured, plain: Measured) -> Iterator[Line]:
    yield Line(
        what=f"peak memory at {some.records:,}",
        value=some.memory_mb,
        unit="MB",
        aim=f"< {MEMORY_MB_MAX:.0f} MB",
        met=some.memory_mb < MEMORY_MB_MAX,
        ratio=some.memory_mb / plain.memory_mb,
    )
    yield Line(
        what=f"peak memory at {many.records:,}",
        value=many.memory_mb,
        unit="MB",
        aim=f"the same (<= {MEMORY_SHARE_MAX} x)",
        met=many.memory_mb < min(MEMORY_MB_MAX, MEMORY_SHARE_MAX * some.memory_mb),
    )


def _limited(where: str, limited: Measured, allowed_s: float) -> Iterator[Line]:
    """Limits that hold nobody up at this size are no aim."""
    yield Line(
        what=f"{limited.records:,} {where}, limits on (they allow {allowed_s:.0f} s)",
        value=limited.seconds,
        unit="s",
        aim=f"<= {LIMITS_SHARE_MAX:.2f} x what they allow" if allowed_s else "",
        met=limited.seconds <= LIMITS_SHARE_MAX * allowed_s if allowed_s else None,
    )
    yield Line(what="  refused for the rate", value=limited.throttled, unit="calls")


def _emulated(records: int) -> Iterator[Line]:
    """Each emulator alone, as large as the aim says; times beside those of their JSON alone."""
    for name, filling in (
        ("HubSpot", Filling(contacts=records * 3 // 4, deals=records // 4)),
        (
            "QuickBooks",
            Filling(customers=records // 2, invoices=records // 4, payments=records // 4),
        ),
    ):
        found = told_by("bench.emulated", filling, Emulated)
        for what, figure in found.figures.items():
            aim_ms = LOOK_MS_MAX if figure.plain_ms is None else EMULATOR_MS_MAX
            yield Line(
                what=f"{name} emulator: {what}",
                value=figure.ms,
                unit="ms",
                aim=f"< {aim_ms:.0f} ms",
                met=figure.ms < aim_ms,
                ratio=figure.ms / figure.plain_ms if figure.plain_ms else None,
            )
        yield Line(
            what=f"{name} emulator: memory, {found.records:,} records",
            value=found.memory_mb,
            unit="MB",
            aim=f"< {EMULATOR_MB_MAX:,.0f} MB",
            met=found.memory_mb < EMULATOR_MB_MAX,
        )
