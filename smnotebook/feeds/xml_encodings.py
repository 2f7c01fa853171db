"""The encoding that an XML document is really in, which need not be the one that it declares."""

from __future__ import annotations

import codecs
import io
import re
from typing import IO

from smnotebook.errors import FeedError
from smnotebook.feeds.encodings import (
    Encoding,
    Utf8Stream,
    detect_encoding,
    likely_code_page,
    named_encoding,
    sample_of,
)
from smnotebook.feeds.sources import Source
from smnotebook.values.findings import Journal

__all__ = ["not_as_declared", "utf8_of", "xml_encoding"]


def xml_encoding(source: Source, given: str | None, journal: Journal) -> Encoding:
    """The encoding of a document: the one given, else the one its bytes prove, else the one it declares.

    Raises
    ------
    FeedError
        When it declares an encoding that there is not, or one that it can't be in, and nothing else is sure.
    """
    if given:
        return named_encoding(given, source.head)
    declared = declared_encoding(source.head)
    seen = detect_encoding(source.head)
    if seen.mark or seen.name.startswith("utf-16"):
        _note(declared, seen.name, journal)
        return seen
    try:
        name = codecs.lookup(declared or "utf-8").name
    except LookupError as unknown:
        raise FeedError(
            f"{source.name} declares the encoding {declared!r}, which there is not. Say which it is: encoding='utf-8', "
            f"or encoding='{seen.name}' by its letters."
        ) from unknown
    if name == "utf-8":
        return Encoding(name=name, reason="as declared")
    # a text in a code page is valid UTF-8 of several letters only by rare chance
    sample = source.head if not source.head.isascii() or source.is_whole else _sample(source)
    in_utf8 = detect_encoding(sample)
    if name.startswith(("utf-16", "utf-32")):
        if in_utf8.reason not in ("valid UTF-8", "plain ASCII"):
            raise not_as_declared(source, Encoding(name=name), None)
        _note(declared, "utf-8", journal)
        return Encoding(name="utf-8", reason=in_utf8.reason)
    if in_utf8.reason == "valid UTF-8" and _letters(sample) > 2:
        _note(declared, "utf-8", journal)
        return Encoding(name="utf-8", reason=in_utf8.reason)
    return Encoding(name=name, reason="as declared")


def declared_encoding(head: bytes) -> str | None:
    """The encoding that the first line of a document names, None where it names none."""
    start = head[:400].replace(b"\0", b"").removeprefix(codecs.BOM_UTF8)
    found = re.match(rb"\s*(?:\xff\xfe|\xfe\xff)?<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']+)", start)
    return found[1].decode("ascii", "replace").strip() if found else None


def _sample(source: Source) -> bytes:
    with source.open() as stream:
        return sample_of(stream) or source.head


def _letters(sample: bytes) -> int:
    return sum(letter > "\x7f" for letter in sample.decode("utf-8", "ignore"))


def _note(declared: str | None, real: str, journal: Journal) -> None:
    if declared and declared.lower().replace("_", "-").split("-")[:2] != real.split("-")[:2]:
        journal.add("warned", f"the document says that it is in {declared} and is in {real}: it was read as {real}")


def utf8_of(source: Source, encoding: Encoding) -> IO[bytes]:
    """The document in UTF-8, past its byte order mark."""
    stream = source.open()
    stream.read(encoding.mark)
    if encoding.name == "utf-8":
        return stream
    return io.BufferedReader(Utf8Stream(stream, encoding), 1 << 18)


def not_as_declared(source: Source, encoding: Encoding, line: int | None) -> FeedError:
    """The error for a document that is not in the encoding it says; it names the one that its letters speak for."""
    guess = likely_code_page(_sample(source)).name
    where = f" at line {line}" if line else ""
    return FeedError(
        f"{source.name} says that it is in {encoding.name} and is not{where}; its letters make words in {guess}. Say "
        f"encoding='{guess}', or which encoding it is.",
        line=line,
    )
