"""What a caller of ``read_feed`` may choose about meaning; how the file is laid out is asked elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from smnotebook.values.categories import MainCategory

__all__ = ["FeedOptions", "Rows"]

Rows = Literal["auto", "product", "variant", "row"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedOptions:
    """Choices about meaning.

    Attributes
    ----------
    rows : {"auto", "product", "variant", "row"}
        One product each, one a variant, or every row as it stands.
    today : date or zoned datetime
        What sale periods are judged by.
    vat_percent : float or None
        Added to net prices.
    drop_bad_images : bool
        Leave out addresses of pictures that can't be made a URL.
    """

    today: date
    url_template: str | None = None
    image_base_url: str | None = None
    constants: Mapping[str, Any] = field(default_factory=dict)
    rows: Rows = "auto"
    main_category: MainCategory = "deepest"
    vat_percent: float | None = None
    drop_bad_images: bool = False
