"""The keyword arguments that sending, mending and trying out an event share."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypedDict

from smnotebook.events.encodings import Carry, EncodingName

__all__ = ["EncodingOptions", "EventOptions", "MendingOptions"]


class MendingOptions(TypedDict, total=False):
    """What changing an event takes."""

    carry: Carry
    to_real_contacts: bool
    feed_locations: Collection[str]


class EncodingOptions(TypedDict, total=False):
    """What shapes a request."""

    encoding: EncodingName
    carry: Carry
    ensure_contact: bool


class EventOptions(EncodingOptions, total=False):
    """What sending an event takes."""

    to_real_contacts: bool
    feed_locations: Collection[str]
    resend_unknown: bool
    send_again: bool
