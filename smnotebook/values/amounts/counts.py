"""What a single text says of a count where it is not the count itself."""

from __future__ import annotations

import re

__all__ = ["at_least_one"]

_COUNT = re.compile(r"(?P<minus>[-−]?)\d+(?:[.,]\d+|[\s'’]\d{3}(?!\d))*")
_BELOW_ONE = re.compile(r"[0.,]+$|0*[.,]")


def at_least_one(text: str) -> bool | None:
    """Whether a count is 1 or more; None where the text is no count.

    Nothing needs to be decided for it: 1.000 is one or a thousand, and 0.500 is less than one either way.
    """
    found = _COUNT.fullmatch(text.strip())
    if found is None:
        return None
    return not found["minus"] and _BELOW_ONE.match(text.strip()) is None
