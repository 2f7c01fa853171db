"""What the cells of a column look like, whatever the column is called."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.values.cells import as_text, is_list, mask_of

__all__ = ["LOOKED_AT", "Looks", "look_at_cells"]

#: Cells that are looked at; more tell no more.
LOOKED_AT = 2000

_PATTERNS = {
    "url": r"(?i)^\s*(?:https?:)?//\S+",
    "image": r"(?i)\.(?:jpe?g|png|webp|gif|avif|svg|bmp)(?:[?#,;|\s]|$)|/image|/img|/media/|/photo|/thumb",
    "email": r"^[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}$",
    "amount": (
        r"^[^\d\w]{0,4}(?:[A-Za-zł€$£čKft.]{0,4}\s?)?-?\d[\d\s.,'"
        "\u00a0]*"
        r"(?:,-)?\s?(?:[A-Z]{3}|zł|€|\$|£|Kč|Ft|lei|kr)?$"
    ),
    "cents": r"[.,]\d{2}(?:\D*)$",
    "whole": r"^-?\d{1,9}(?:[.,]0+)?$",
    "truth": r"(?i)^(?:true|false|yes|no|y|n|t|f|0|1|tak|nie|ja|nein|si|sí|oui|non|sì)$",
    "stock_word": r"(?i)stock|avail|dostępn|verfügbar|lieferbar|disponib|magazyn|lager|brak|sold|order|agotado|rupture",
    "html": r"(?i)</?(?:p|br|div|ul|li|span|strong|b|h\d)\b",
    "path": r"\s[>/|]\s|>|\w/\w+/\w",
    "spaced": r"\S\s+\S",
    "gender": (
        r"(?i)^(?:female|male|unisex|women|men|woman|man|k|m|f|w|damskie|męskie|damen|herren|femme|homme|mujer|hombre"
        r"|donna|uomo)$"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """Shares of the filled cells, each from 0 to 1, and their usual length.

    Attributes
    ----------
    filled : float
        Share of cells that hold something.
    distinct : float
        Share of filled cells that differ from all before.
    length : float
        Mean length in characters.
    shares : dict of str to float
        How many cells match each known pattern: ``url``, ``image``, ``email``, ``amount`` and so on.
    """

    filled: float
    distinct: float
    length: float
    is_list: bool
    shares: dict[str, float]

    def __getitem__(self, pattern: str) -> float:
        return self.shares[pattern]


def look_at_cells(column: pa.Array) -> Looks:
    """Look at the first cells of a column."""
    texts = as_text(column.slice(0, LOOKED_AT))
    there = texts.drop_null()
    size = max(len(there), 1)
    return Looks(
        filled=len(there) / max(len(texts), 1),
        distinct=len(pc.unique(there)) / size,
        length=float(pc.mean(pc.utf8_length(there)).as_py() or 0),
        is_list=is_list(column.type),
        shares={
            name: float(mask_of(pc.match_substring_regex(there, pattern)).sum()) / size
            for name, pattern in _PATTERNS.items()
        },
    )
