"""Arithmetic of amounts, whatever the notebook has made of Python's own decimal context.

A context belongs to a thread, and each new thread copies ``decimal.DefaultContext``: precision, rounding and traps that
a notebook sets for its own sums would change ours, in some threads and not in others.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, DivisionByZero, InvalidOperation, Overflow

__all__ = ["EXACT"]

#: Room for the product of two amounts of 21 digits; half a cent goes to the even neighbour.
EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN, traps=[DivisionByZero, InvalidOperation, Overflow])
