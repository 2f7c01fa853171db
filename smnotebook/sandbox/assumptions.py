"""What nobody documented, as switches: the sandbox behaves one way by default, and the other on demand."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

__all__ = ["Assumptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """How the sandbox decides what the documentation leaves open.

    Attributes
    ----------
    catalog_limit : int
        Catalogs an account may hold; the documentation's sample message says 3, real accounts differ.
    collection_limit : int
        Product collections an account may hold.
    unique_location : bool
        A location that another catalog has is refused with code 15 (which field is unique is not known).
    unknown_catalog_on_delete : {"accept", "refuse"}
        Deleting a catalog that isn't there succeeds (the official tests delete twice), or gives code 16.
    bad_products : {"refuse batch", "accept the rest"}
        One bad product refuses all of its request, or the good ones are stored beside the error.
    duplicate_ids : {"last wins", "refuse"}
        A productId twice in one request.
    soft_limits : {"warn", "trim", "silent"}
        Text beyond a soft limit (1024 characters of a description): kept with warning 12, cut with warning 12, or
        kept without a word.
    details : {"merge", "replace"}
        An upsert's systemDetails and customDetails are laid over the stored ones, or take their place.
    authentication_error_shape : {"flat", "list"}
        The body that code 10 travels in.
    quota_window : {"fixed", "sliding"}
        Whether the hour of the quota is the hour of the clock or the last 3,600 seconds.
    quota_status : {429, 503}
        How a request beyond the quota is turned away.
    quota_retry_after : bool
        Whether that answer names the seconds to wait.
    event_for_unknown_contact : {"wait", "refuse"}
        A v2 event whose contact is unknown waits an hour for it, or is refused at once.
    """

    catalog_limit: int = 10
    collection_limit: int = 10
    unique_location: bool = True
    unknown_catalog_on_delete: Literal["accept", "refuse"] = "accept"
    bad_products: Literal["refuse batch", "accept the rest"] = "refuse batch"
    duplicate_ids: Literal["last wins", "refuse"] = "last wins"
    soft_limits: Literal["warn", "trim", "silent"] = "warn"
    details: Literal["merge", "replace"] = "merge"
    authentication_error_shape: Literal["flat", "list"] = "flat"
    quota_window: Literal["fixed", "sliding"] = "fixed"
    quota_status: Literal[429, 503] = 429
    quota_retry_after: bool = True
    event_for_unknown_contact: Literal["wait", "refuse"] = "wait"

    def as_json(self) -> dict[str, Any]:
        """The switches as plain values."""
        return asdict(self)
