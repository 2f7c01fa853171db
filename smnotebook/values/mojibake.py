"""Text that was encoded twice: ``KsiÄ…Å¼ka`` for ``Książka``."""

from __future__ import annotations

import ftfy
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.values.cells import Mask, mask_of

__all__ = ["mend_text", "still_broken", "twice_encoded"]

# the first byte of a two- or three-byte UTF-8 letter read in a Western or Central European code page, and what the
# next byte becomes there
_SECOND = "[\u0080-¿€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸˇ˘ŁĄŞŻ˛łąşĽ˝ľżŚŤŹśťź]"
# Letters of Cyrillic and Greek come in words: two of them in a row, since "NIÑ°" may well be Spanish
_PAIR = f"[ÃÄÅÂĂĹâ]{_SECOND}|(?:[ÎÏÐÑ]{_SECOND}){{2}}"


def twice_encoded(texts: pa.Array) -> Mask:
    """Which texts look twice encoded: they hold a telltale pair, and mending makes them shorter."""
    if _is_ascii(texts):
        return np.zeros(len(texts), dtype=bool)
    suspects = mask_of(pc.match_substring_regex(texts, _PAIR))
    if suspects.any():
        found = texts.filter(pa.array(suspects)).to_pylist()
        suspects[suspects] = [len(_mend(text)) < len(text) for text in found]
    return suspects


def _is_ascii(texts: pa.Array) -> bool:
    """Whether all bytes are ASCII: a look at the buffer, many times faster than at the texts."""
    buffer = texts.buffers()[2]
    return buffer is None or not len(buffer) or int(np.frombuffer(buffer, dtype=np.uint8).max()) < 0x80


def still_broken(texts: pa.Array) -> Mask:
    """Which texts lost letters for good: they hold the replacement character, whole or encoded twice itself."""
    if _is_ascii(texts):
        return np.zeros(len(texts), dtype=bool)
    return mask_of(pc.match_substring_regex(texts, "\ufffd|ï¿½"))


def mend_text(texts: pa.Array, wrong: Mask) -> pa.Array:
    """The texts with those marked mended."""
    mended = [_mend(text) for text in texts.filter(pa.array(wrong)).to_pylist()]
    return pc.replace_with_mask(texts, pa.array(wrong), pa.array(mended, texts.type))


def _mend(text: str) -> str:
    return ftfy.fix_encoding(text)
