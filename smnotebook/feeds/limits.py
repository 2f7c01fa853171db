"""How large a file may be in each of its parts before it is refused, so that no small file fills the memory."""

from __future__ import annotations

from dataclasses import dataclass, fields

from smnotebook.errors import FeedError, UsageError

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a file may hold before ``read_feed`` refuses it.

    The defaults are beyond any catalog known to us, and a file that breaks one is refused before it takes 512 MB.

    Attributes
    ----------
    rows : int
        Records of the whole file.
    columns : int
        Columns of the table; of nested records the different names of their parts.
    cell_bytes : int
        Bytes of one cell, in a CSV of one line.
    sheets : int
        Sheets of a workbook.
    expansion : int
        How many times its own size a packed file (gzip, and the ZIP inside .xlsx, .xlsb and .ods) may unpack to. It
        counts from 64 MB on.
    depth : int
        Levels of objects and lists inside each other in JSON.
    item_bytes : int
        Bytes of XML that may pass without a product.
    """

    rows: int = 20_000_000
    columns: int = 5_000
    cell_bytes: int = 4 * 1024 * 1024
    sheets: int = 200
    expansion: int = 100
    depth: int = 64
    item_bytes: int = 64 * 1024 * 1024

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise UsageError(f"Limits({field.name}=…) takes a whole number from 1, not {value!r}.")

    def exceeded(self, limit: str, what: str, *, line: int | None = None) -> FeedError:
        """The error for a file that breaks ``limit``; ``what`` says where, as a sentence without its full stop."""
        return FeedError(
            f"{what}; the limit is {limit}={getattr(self, limit):,}. If the file is meant to be like this, raise the "
            f"limit: read_feed(…, limits=sm.Limits({limit}=…)).",
            line=line,
        )
