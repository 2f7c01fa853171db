"""What makes two events, or two contacts, the same: how the service compares an address and an id of the shop's own.

An address counts without regard to case, an id without the blanks around it. An id of blanks alone is none.
"""

from __future__ import annotations

__all__ = ["BLANKS", "compared_address", "compared_id"]

#: What is cut off around an id: all that Unicode calls white space, and the two that take no room. To cut off more than
#: the service does costs a question; less, an event that goes twice.
BLANKS = "".join(map(chr, (*range(0x09, 0x0E), *range(0x1C, 0x21), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200C)))) + (
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)


def compared_address(email: str) -> str:
    """An e-mail address as it is compared."""
    return email.lower()


def compared_id(external_id: str) -> str | None:
    """An ``externalId`` as it is compared; None where nothing but blanks is in it."""
    return external_id.strip(BLANKS) or None
