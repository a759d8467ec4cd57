"""Rounding to cents, of products of any two numbers that a request may hold."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

CENT = Decimal("0.01")
WIDE = Context(prec=64, rounding=ROUND_HALF_UP)  # two numbers of 15 digits make one of 30


def cents(amount: Decimal) -> Decimal:
    """An amount rounded half up to cents."""
    return amount.quantize(CENT, context=WIDE)
