"""How long a server asks to wait: the header Retry-After, in seconds or as a date (RFC 9110, 10.2.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["seconds_to_wait"]


def seconds_to_wait(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds, never negative; None where the header is absent or says nothing.

    A date is measured against the server's own ``Date`` where it gave one, so a wrong clock here shortens nothing.
    """
    asked = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", asked):
        return float(asked)
    until = _timestamp(asked)
    if until is None:
        return None
    server_now = _timestamp(headers.get("date", ""))
    return max(0.0, until - (now if server_now is None else server_now))


def _timestamp(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return _in_utc(moment).timestamp()


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
