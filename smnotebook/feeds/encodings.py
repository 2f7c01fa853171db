"""Which encoding a text file is in: a byte order mark, valid UTF-8, or the code page whose letters make words."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from smnotebook.errors import FeedError, UsageError

__all__ = ["Encoding", "detect_encoding", "named_encoding"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Letters beyond ASCII of the languages that shops in Europe write; a code page is right where its reading is made
# of one language's letters. Order decides ties.
_LETTERS = {
    "cp1252": (
        "äöüßÄÖÜ", "éèêëàâçùûüôîïœæÉÈÀÇ", "áéíóúüñÁÉÍÓÚÑ", "àèéìòùÀÈÉ", "åäöæøéÅÄÖÆØ", "ãõáéíóúâêôçàÃÕÇ", "ëéïèö",
    ),
    "cp1250": (
        "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ", "áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽ", "áäčďéíĺľňóôŕšťúýžÁČĎÉÍĽŇÓÔŠŤÚÝŽ",
        "áéíóöőúüűÁÉÍÓÖŐÚÜŰ", "ăâîşţĂÂÎŞŢ", "čćđšžČĆĐŠŽ",
    ),
    "iso-8859-2": ("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ", "áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽ"),
}  # fmt: skip
_MARKS_OF_TEXT = set("€„”“’‘‚–—…•°«»©®™§×²³½¼´·¿¡£¥\u00a0ªº%±†‡‹›")


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """An encoding and how it was found.

    Attributes
    ----------
    mark : int
        Bytes of the byte order mark at the start.
    reason : str
        What spoke for it.
    """

    name: str
    mark: int = 0
    reason: str = ""
    is_sure: bool = True


def named_encoding(name: str, head: bytes) -> Encoding:
    """The encoding that the caller named, its byte order mark skipped where there is one."""
    try:
        codec = codecs.lookup(name).name
    except LookupError as unknown:
        raise UsageError(f"There is no encoding {name!r}. Usual ones: utf-8, utf-16, cp1250, cp1252.") from unknown
    for mark, marked in _MARKS:
        if head.startswith(mark) and codec.split("-")[0] == marked.split("-")[0] and codec[:6] == marked[:6]:
            return Encoding(name=marked, mark=len(mark), reason="as asked")
    return Encoding(name={"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(codec, codec), reason="as asked")


def detect_encoding(head: bytes) -> Encoding:
    """The encoding of a text that starts with ``head``.

    Raises
    ------
    FeedError
        When the bytes are no text.
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name=name, mark=len(mark), reason="byte order mark")
    if b"\0" in head[:1000]:
        return _without_mark(head)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=False)
    except UnicodeDecodeError:
        return _code_page(head)
    return Encoding(name="utf-8", reason="plain ASCII" if head.isascii() else "valid UTF-8")


def _without_mark(head: bytes) -> Encoding:
    even, odd = head[:1000:2].count(0), head[1:1000:2].count(0)
    if min(even, odd) * 4 > max(even, odd):
        raise FeedError("The file holds zero bytes: it is no text. Export it as CSV in UTF-8.")
    return Encoding(name="utf-16-be" if even > odd else "utf-16-le", reason="every other byte is zero")


def _code_page(head: bytes) -> Encoding:
    words = re.findall(rb"[A-Za-z]*[\x80-\xff]+[A-Za-z\x80-\xff]*", head)[:20_000]
    sample = b" ".join(words)
    scores = {name: max(_score(sample, name, letters) for letters in _LETTERS[name]) for name in _LETTERS}
    best = max(scores, key=lambda name: scores[name])
    rivals = [name for name, score in scores.items() if name != best and score > scores[best] - 0.02]
    same = all(sample.decode(name, "replace") == sample.decode(best, "replace") for name in rivals)
    return Encoding(
        name=best,
        reason=f"{scores[best]:.0%} of the letters beyond ASCII fit one of its languages",
        is_sure=scores[best] > 0.8 and same,
    )


def _score(sample: bytes, encoding: str, letters: str) -> float:
    """The share of letters beyond ASCII that one language has; signs where no letter stands count half."""
    text = sample.decode(encoding, "replace")
    foreign = [letter for letter in text if letter > "\x7f"]
    if not foreign:
        return 0.0
    fitting = sum(letter in letters for letter in foreign)
    alone = sum(letter in _MARKS_OF_TEXT for letter in re.findall(r"(?<![^\W\d_])[^\x00-\x7f](?![^\W\d_])", text))
    return (fitting + 0.9 * alone) / len(foreign)
