"""What the cells of a column are, over the whole column and under any name."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.values.amounts.reading import read_money
from smnotebook.values.cells import as_text, is_list, mask_of
from smnotebook.values.findings import Journal
from smnotebook.values.stock import Stock, read_stock
from smnotebook.values.typed import unmarked
from smnotebook.values.vocabulary import TRUTH, plain_word

__all__ = ["LOOKED_AT", "Looks", "spread"]

#: Cells that patterns are tried on where nearly every cell differs: spread evenly from the first row to the last. Of a
#: column whose cells repeat, each different one is looked at and counted.
LOOKED_AT = 10_000

_AMOUNT = (
    r"^[^\d\w]{0,4}(?:[A-Za-zł€$£čKft.]{0,4}\s?)?-?\d[\d\s.,'"
    "\u00a0]*"
    r"(?:[,:]-)?\s?(?:[A-Z]{3}|zł|zl|€|\$|£|Kč|Ft|lei|kr|TL|₺|грн|₴|₽)?$"
)
_PATTERNS = {
    "url": r"(?i)^\s*(?:https?:)?//\S+",
    "image": r"(?i)\.(?:jpe?g|png|webp|gif|avif|svg|bmp)(?:[?#,;|\s]|$)|/image|/img|/media/|/photo|/thumb",
    "email": r"^[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}$",
    "phone": r"^\+\d{1,3}[\s\-.(]*\d(?:[\s\-.()]*\d){6,11}$",
    "amount": _AMOUNT,
    "cents": r"[.,]\d{2}(?:\D*)$",
    "whole": r"^-?\d{1,9}(?:[.,]0+)?$",
    # with a sign or a unit: "10 szt.", "> 5", "10+"
    "dressed": r"^(?:>=?|≥)?\s*-?\d{1,9}(?:[.,]0+)?\s*\+?\s*(?:[^\W\d_]{1,10}\.?)?$",
    "bit": r"^[01](?:[.,]0+)?$",
    "truth": r"(?i)^(?:true|false|yes|no|y|n|t|f|[01](?:[.,]0+)?|tak|nie|ja|nein|si|sí|oui|non|sì|"
    r"ano|áno|ne|nee|evet|hay\x{131}r|sim|não|igen|nem|da|nu|nej|nei|kyllä|ei|taip|jah|ναι|όχι|да|нет|так|ні|не)$",  # noqa: RUF001 - Greek
    "state": r"(?i)^(?:publish(?:ed)?|draft|archived|active|inactive|enabled|disabled|visible|hidden|private|online|"
    r"offline|live|aktywny|nieaktywny|opublikowany|aktiv|inaktiv|actif|inactif|activo|inactivo|attivo|aktif|pasif)$",
    "stock_word": r"(?i)stock|avail|dostępn|verfügbar|lieferbar|disponi|magazyn|lager|brak|sold.?out|pre.?order|"
    r"back.?order|agotado|rupture|skladem|voorraad|leverbaar|esaurito|mevcut|stokta|esgotado|наличи",
    "html": r"(?i)<(?:p|br|div|ul|ol|li|span|strong|b|i|em|h\d|a|table)\b[^>]*>|&lt;p&gt;",
    "path": r"\s[>/|»]\s|>|\w/\w+/\w",
    "spaced": r"\S\s+\S",
    "code": r"^(?:[\d\s|,;:./-]+|[0-9a-f]{8,}|[a-z]{1,3}\d[\w|,;-]*|[A-Z]{1,4}[-_]?\d[\w|,;-]*)$",
    "kind": r"(?i)^(?:(?:image|video|audio|text|application)/[\w.+-]+|simple|configurable|grouped|variable|variation|"
    r"virtual|bundle|downloadable|external|physical|digital|product|item|variant|parent|child|standard|combinations|"
    r"pack|new|used|refurbished|nowy|używany|neu|gebraucht|neuf|occasion|nuevo|usado|(?-i:[a-z]+\.[a-z]+))$",
    "date": r"^(?:\d{4}[-/.]\s?\d\d?[-/.]\s?\d\d?|\d\d?[./-]\s?\d\d?[./-]\s?\d{2,4})",
    "period": r"^\d[\d.:T +Z-]{6,}\s*/\s*\d[\d.:T +Z-]{6,}$|^\d[\d.:T /]{5,}\s[-\x{2013}\x{2014}]\s\d[\d.:T /]{5,}$",
    "gender": r"(?i)^(?:female|male|unisex|women|men|woman|man|k|m|f|w|damskie|męskie|damen|herren|femme|homme|mujer"
    r"|hombre|donna|uomo)$",
}


def spread(size: int, wanted: int = LOOKED_AT) -> np.ndarray | slice:
    """Positions spread evenly over a column; all of a short one."""
    return slice(None) if size <= wanted else np.linspace(0, size - 1, wanted).astype(np.int64)


class Looks:
    """What the filled cells of a column look like; ``looks["url"]`` is the share of those that are addresses.

    Attributes
    ----------
    filled : float
        Share of cells that hold something.
    is_list : bool
        Whether the cells hold lists.
    """

    def __init__(self, column: pa.Array) -> None:
        self.column, self._typed = unmarked(column), column
        self.is_list = is_list(column.type)
        self._shares: dict[str, float] = {}

    @cached_property
    def _there(self) -> pa.Array:
        column = self.column
        return as_text(column).drop_null() if self.is_list or not _is_number(column.type) else column.drop_null()

    @cached_property
    def filled(self) -> float:
        """Share of cells that hold something."""
        return len(self._there) / max(len(self.column), 1)

    @cached_property
    def distinct(self) -> float:
        """Share of the filled cells that differ from all before, counted over the whole column."""
        return int(pc.count_distinct(self._there).as_py()) / max(len(self._there), 1)

    @cached_property
    def variety(self) -> float:
        """The same share where it is already known or among the cells that are looked at: cheap, and near enough."""
        texts, counts = self._texts
        return int(pc.count_distinct(texts).as_py()) / max(int(counts.sum()), 1)

    @property
    def is_constant(self) -> bool:
        """Whether all filled cells are the same."""
        return len(pc.unique(self._texts[0])) == 1

    @cached_property
    def _texts(self) -> tuple[pa.Array, np.ndarray]:
        """The texts that are looked at, and how many cells each stands for."""
        there = self._there
        if len(there) > LOOKED_AT:
            shown = there.take(pa.array(spread(len(there))))
            if pc.count_distinct(shown).as_py() > LOOKED_AT // 2:
                return as_text(shown), np.ones(len(shown), dtype=np.int64)
        counted = pc.value_counts(there)
        return as_text(counted.field(0)).fill_null(""), counted.field(1).to_numpy(zero_copy_only=False)

    @cached_property
    def stock_phrases(self) -> float:
        """Share of the cells that are phrases for stock: no bare yes or no, no count, no delivery time."""
        texts, counts = self._texts
        said = np.array([_is_stock_phrase(text) for text in texts.to_pylist()], dtype=bool)
        return float(counts[said].sum() / max(counts.sum(), 1))

    @property
    def says_available(self) -> bool:
        """Whether nearly all cells are stock phrases, one of them for what can be bought; a glance rules out most."""
        few = self._texts[0].slice(0, 20).to_pylist()
        if not few or sum(map(_is_stock_phrase, few)) < 0.8 * len(few) or self.stock_phrases < 0.95:
            return False
        stocks = (read_stock(text) for text in self._texts[0].to_pylist())
        return any(stock is not None and stock.can_be_bought for stock in stocks)

    @cached_property
    def length(self) -> float:
        """Mean length in characters."""
        texts, counts = self._texts
        lengths = pc.utf8_length(texts).to_numpy(zero_copy_only=False)
        return float(np.average(lengths, weights=counts)) if len(texts) else 0.0

    def __getitem__(self, pattern: str) -> float:
        if pattern not in self._shares:
            texts, counts = self._texts
            found = mask_of(pc.match_substring_regex(pc.utf8_trim_whitespace(texts), _PATTERNS[pattern]))
            self._shares[pattern] = float(counts[found].sum() / max(counts.sum(), 1))
        return self._shares[pattern]

    @property
    def is_always_zero(self) -> bool:
        """Whether the column says 0 in every row, as some shops write stock that is kept elsewhere."""
        return self.is_constant and self.examples()[0] in ("0", "0.0")

    @cached_property
    def amounts(self) -> np.ndarray:
        """The cells as amounts, NaN where there is none: all of them, or those that :func:`spread` picks."""
        at = spread(len(self.column))
        column = self._typed if isinstance(at, slice) else self._typed.take(pa.array(at))
        values = read_money(column, Journal(), field="price").values
        return np.asarray(values.cast(pa.float64()).to_numpy(zero_copy_only=False))

    def examples(self, limit: int = 3) -> tuple[str, ...]:
        """A few different cells, shortened, for questions."""
        texts = pc.unique(self._texts[0].slice(0, 100)).slice(0, limit).to_pylist()
        return tuple(text if len(text) <= 60 else text[:59] + "…" for text in texts)


def _is_stock_phrase(text: str) -> bool:
    if plain_word(text) in TRUTH or any(map(str.isdigit, text)):
        return False
    return read_stock(text) not in (None, Stock.DELIVERED)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind))
