"""Text that was encoded twice: ``KsiÄ…Å¼ka`` for ``Książka``."""

from __future__ import annotations

import ftfy
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.values.byte_scan import holds_pairs
from smnotebook.values.cells import Mask, mask_of

__all__ = ["mend_text", "still_broken", "twice_encoded"]

_LEADS = "ÃÄÅÂĂĹâ"
_WORD_LEADS = "ÎÏÐÑ"
# the first byte of a two- or three-byte UTF-8 letter read in a Western or Central European code page, and what the
# next byte becomes there
_SECOND = "[\u0080-¿€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸˇ˘ŁĄŞŻ˛łąşĽ˝ľżŚŤŹśťź]"
# Letters of Cyrillic and Greek come in words: two of them in a row, since "NIÑ°" may well be Spanish
_PAIR = f"[{_LEADS}]{_SECOND}|(?:[{_WORD_LEADS}]{_SECOND}){{2}}"
_LOST = ("\ufffd", "ï¿½")
# How these begin in UTF-8: texts without are told apart many times faster by their bytes.
_PAIR_BYTES = tuple(sorted({letter.encode()[:2] for letter in _LEADS + _WORD_LEADS}))
_LOST_BYTES = tuple(text.encode()[:2] for text in _LOST)


def twice_encoded(texts: pa.Array) -> Mask:
    """Which texts look twice encoded: they hold a telltale pair, and mending makes them shorter."""
    if not holds_pairs(texts, _PAIR_BYTES):
        return np.zeros(len(texts), dtype=bool)
    suspects = mask_of(pc.match_substring_regex(texts, _PAIR))
    if suspects.any():
        found = texts.filter(pa.array(suspects)).to_pylist()
        suspects[suspects] = [len(_mend(text)) < len(text) for text in found]
    return suspects


def still_broken(texts: pa.Array) -> Mask:
    """Which texts lost letters for good: they hold the replacement character, whole or encoded twice itself."""
    if not holds_pairs(texts, _LOST_BYTES):
        return np.zeros(len(texts), dtype=bool)
    return mask_of(pc.match_substring_regex(texts, "|".join(_LOST)))


def mend_text(texts: pa.Array, wrong: Mask) -> pa.Array:
    """The texts with those marked mended."""
    mended = [_mend(text) for text in texts.filter(pa.array(wrong)).to_pylist()]
    return pc.replace_with_mask(texts, pa.array(wrong), pa.array(mended, texts.type))


def _mend(text: str) -> str:
    return ftfy.fix_encoding(text)
