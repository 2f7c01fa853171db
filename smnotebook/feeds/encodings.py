"""Which encoding a text file is in: a byte order mark, valid UTF-8, or the code page whose letters make words."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from smnotebook.errors import FeedError, UsageError

__all__ = ["Encoding", "Utf8Stream", "detect_encoding", "head_text", "likely_code_page", "named_encoding", "sample_of"]
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
    otherwise : str
        A second encoding, for lines that are not in the first.
    """

    name: str
    mark: int = 0
    reason: str = ""
    is_sure: bool = True
    otherwise: str = ""


def named_encoding(name: str | Sequence[str], head: bytes) -> Encoding:
    """The encoding that the caller named, its byte order mark skipped where there is one.

    Raises
    ------
    UsageError
        When there is no such encoding, or of two one does not mark its lines' ends as the other does.
    """
    if not isinstance(name, str):
        first, *more = name
        if len(more) != 1:
            raise UsageError("encoding=… takes one name, or two: the second for lines that are not in the first.")
        found, otherwise = named_encoding(first, head), _codec(more[0])
        if "a\n".encode(found.name) != b"a\n" or "a\n".encode(otherwise) != b"a\n":
            raise UsageError(f"{first} and {more[0]} can't stand in one file: their line ends differ. Name one.")
        return Encoding(name=found.name, mark=found.mark, reason="as asked", otherwise=otherwise)
    codec = _codec(name)
    for mark, marked in _MARKS:
        if head.startswith(mark) and codec.split("-")[0] == marked.split("-")[0] and codec[:6] == marked[:6]:
            return Encoding(name=marked, mark=len(mark), reason="as asked")
    return Encoding(name={"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(codec, codec), reason="as asked")


def _codec(name: str) -> str:
    try:
        found = codecs.lookup(name)
        # some codecs turn bytes into bytes
        b"".decode(found.name)
    except LookupError as unknown:
        raise UsageError(f"There is no encoding {name!r}. Usual ones: utf-8, utf-16, cp1250, cp1252.") from unknown
    return found.name


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
    if head.isascii():
        return Encoding(name="utf-8", reason="plain ASCII")
    # a long head may end in the middle of a letter
    text = head.decode("utf-8", "surrogateescape")[: -3 if len(head) > 4096 else None]
    beyond = len(re.findall(r"[^\x00-\x7f]", text))
    invalid = len(re.findall(r"[\udc80-\udcff]", text))
    if invalid * 3 < beyond or not beyond:
        # a code page makes valid UTF-8 of several letters only by rare chance: what is invalid is the exception
        return Encoding(name="utf-8", reason="valid UTF-8" if not invalid else "mostly valid UTF-8")
    return likely_code_page(head)


def sample_of(stream: IO[bytes]) -> bytes:
    """Stretches of a file that hold more than ASCII, up to a quarter of a megabyte; each begins with a line."""
    found, size = [], 0
    while (chunk := stream.read(1 << 20)) and size < 256 * 1024:
        if not chunk.isascii():
            first = re.search(rb"[\x80-\xff]", chunk)
            at = first.start() if first else 0
            found.append(chunk[chunk.rfind(b"\n", 0, at) + 1 :][: 64 * 1024])
            size += len(found[-1])
    return b"\n".join(found)


def _without_mark(head: bytes) -> Encoding:
    even, odd = head[:1000:2].count(0), head[1:1000:2].count(0)
    if min(even, odd) * 4 > max(even, odd):
        raise FeedError("The file holds zero bytes: it is no text. Export it as CSV in UTF-8.")
    return Encoding(name="utf-16-be" if even > odd else "utf-16-le", reason="every other byte is zero")


def likely_code_page(head: bytes) -> Encoding:
    """The code page in which the letters beyond ASCII make the words of one language."""
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


def head_text(head: bytes, encoding: Encoding) -> str:
    """The beginning of a text, past its byte order mark; what can't be decoded is replaced."""
    content = head[encoding.mark :]
    if not encoding.otherwise:
        return content.decode(encoding.name, "replace")
    lines = content.splitlines(keepends=True)
    return "".join(line.decode(_encoding_of(line, encoding), "replace") for line in lines)


def _encoding_of(line: bytes, encoding: Encoding) -> str:
    try:
        line.decode(encoding.name)
    except UnicodeDecodeError:
        return encoding.otherwise
    return encoding.name


class Utf8Stream(io.RawIOBase):
    """A text in any encoding as a stream of UTF-8.

    Parameters
    ----------
    stream : binary stream
        Past its byte order mark.
    replaced : (str, str), optional
        A text, and what is given in its place.
    """

    def __init__(self, stream: IO[bytes], encoding: Encoding, replaced: tuple[str, str] | None = None) -> None:
        super().__init__()
        self._stream = stream
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding.name)()
        self._replaced = replaced
        self._rest = b""
        self._text = ""
        self._ready = b""
        self._is_done = False

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()

    def readinto(self, target: Any) -> int:
        """Fill ``target`` with UTF-8 and say how many bytes that are; 0 at the end."""
        while not self._ready and not self._is_done:
            self._ready = self._next().encode("utf-8", "surrogatepass")
        given, self._ready = self._ready[: len(target)], self._ready[len(target) :]
        target[: len(given)] = given
        return len(given)

    def _next(self) -> str:
        chunk = self._stream.read(1 << 18)
        self._is_done = not chunk
        text = self._text + (self._lines(chunk) if self._encoding.otherwise else self._decoder.decode(chunk, not chunk))
        if self._replaced is None:
            self._text = ""
            return text
        # the text to replace may be cut in two here
        given, replacement = self._replaced
        kept = next((n for n in range(len(given) - 1, 0, -1) if text.endswith(given[:n])), 0) if chunk else 0
        self._text = text[len(text) - kept :]
        return text[: len(text) - kept].replace(given, replacement)

    def _lines(self, chunk: bytes) -> str:
        whole, self._rest = self._rest + chunk, b""
        if chunk:
            end = whole.rfind(b"\n") + 1
            whole, self._rest = whole[:end], whole[end:]
        try:
            return whole.decode(self._encoding.name)
        except UnicodeDecodeError:
            lines = whole.splitlines(keepends=True)
            return "".join(line.decode(_encoding_of(line, self._encoding)) for line in lines)
