"""What the analyst hands over - a path, bytes, an open file - and what kind of file it really is.

The kind is told by content, never by the ending: exports are misnamed more often than not.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Literal

import pyarrow as pa

from smnotebook.errors import FeedError, UsageError

__all__ = ["HEAD_BYTES", "FileKind", "Source", "open_source"]

FileKind = Literal["csv", "xml", "json", "parquet", "excel"]

#: What is looked at to find out about a file.
HEAD_BYTES = 512 * 1024


@dataclass(frozen=True, kw_only=True)
class Source:
    """A feed that can be read from its start any number of times.

    Attributes
    ----------
    name : str
        How messages call it.
    kind : str
        What the content is.
    head : bytes
        Its first bytes, unpacked.
    """

    name: str
    kind: FileKind
    head: bytes
    path: Path | None
    content: bytes
    packed: bool

    def open(self) -> IO[bytes]:
        """A fresh stream of the unpacked content."""
        if self.packed:
            # given a path, gzip closes the file; given an open file, it does not
            return gzip.open(self.path or io.BytesIO(self.content))  # type: ignore[return-value]
        return io.BytesIO(self.content) if self.path is None else self.path.open("rb")

    def read(self) -> pa.Buffer:
        """The whole unpacked content; a plain file is mapped, not copied."""
        if self.packed:
            with self.open() as stream:
                return pa.py_buffer(stream.read())
        if self.path is None:
            return pa.py_buffer(self.content)
        with pa.memory_map(str(self.path)) as mapped:
            return mapped.read_buffer()

    @property
    def is_whole(self) -> bool:
        """Whether the head is all there is."""
        return len(self.head) < HEAD_BYTES


def open_source(given: Any) -> Source:
    """Look at a path, bytes or an open file.

    Raises
    ------
    UsageError
        When it is none of these, or an address on the network.
    FeedError
        When there is no such file, it is empty, or no product table can be in it.
    """
    path, content, name = _take(given)
    source = Source(name=name, kind="csv", head=b"", path=path, content=content, packed=False)
    head = _head(source)
    if head[:2] == b"\x1f\x8b":
        source = replace(source, packed=True)
        head = _head(source)
    return replace(source, head=head, kind=_kind(replace(source, head=head)))


def _head(source: Source) -> bytes:
    try:
        with source.open() as stream:
            return stream.read(HEAD_BYTES)
    except (OSError, EOFError, zlib.error) as failed:
        if source.packed:
            raise FeedError(
                f"{source.name} is a gzip file that can't be unpacked ({failed}). Download it again."
            ) from failed
        why = getattr(failed, "strerror", None) or failed
        raise FeedError(f"{source.name} can't be read: {why}. Check the path.") from failed


def _take(given: Any) -> tuple[Path | None, bytes, str]:
    if isinstance(given, (bytes, bytearray, memoryview)):
        return None, bytes(given), "the given bytes"
    if isinstance(given, (str, os.PathLike)):
        text = os.fspath(given)
        if isinstance(text, str) and re.match(r"[a-zA-Z][a-zA-Z0-9+.-]+://", text):
            raise UsageError("read_feed reads files and opens no network connection: download the feed first.")
        return Path(text).expanduser(), b"", Path(text).name
    if hasattr(given, "read"):
        content = given.read()
        name = Path(str(getattr(given, "name", "the open file"))).name
        return None, content.encode() if isinstance(content, str) else content, name
    raise UsageError(f"read_feed takes a path, bytes, an open file or a DataFrame, not {type(given).__name__}.")


_BINARY = (
    (b"%PDF", "a PDF: a picture of a table, not a table. Export the products as CSV, Excel or XML"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls). Save it as .xlsx or CSV"),
    (b"Rar!", "a RAR archive. Unpack it and give the file inside"),
    (b"7z\xbc\xaf", "a 7z archive. Unpack it and give the file inside"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd. Unpack it first"),
    (b"BZh", "packed with bzip2. Unpack it first"),
    (b"\xfd7zXZ", "packed with xz. Unpack it first"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


def _kind(source: Source) -> FileKind:
    head, name = source.head, source.name
    if not head.strip():
        raise FeedError(f"{name} is empty. Export it again.")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_zip(source)
    for magic, words in _BINARY:
        if head.startswith(magic):
            raise FeedError(f"{name} is {words}.")
    return _kind_of_text(_rough_text(head), name)


def _rough_text(head: bytes) -> str:
    """The beginning as text, well enough to tell its kind."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head[:8192].decode("utf-16", "replace")
    if b"\0" in head[:4]:
        return head[:8192].decode("utf-16-be" if head[0] == 0 else "utf-16-le", "replace")
    return head[:8192].removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def _kind_of_text(text: str, name: str) -> FileKind:
    start = text.lstrip("\ufeff \t\r\n")
    if re.match(r"(?i)<!doctype\s+html|<html|<head|<body|<script", start) or re.match(
        r"(?is)(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+)?html", start
    ):
        found = re.search(r"(?is)<title[^>]*>\s*(.*?)\s*</title", text)
        titled = f" titled “{found[1][:60]}”" if found else ""
        raise FeedError(
            f"{name} is a web page{titled}, not a product file: what a download saves when the login has expired. "
            "Sign in and download it again."
        )
    if text.count("\0") > 2 or sum(ord(letter) < 9 for letter in text[:2000]) > 5:
        raise FeedError(f"{name} is a binary file of an unknown kind. Export the products as CSV, Excel, JSON or XML.")
    if start.startswith("<"):
        return "xml"
    if start[:1] in "{[" and not re.match(r"\[[^\]\n\"{]*\][,;\t]", start):
        return "json"
    return "csv"


def _kind_of_zip(source: Source) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(source.read())) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile as broken:
        raise FeedError(f"{source.name} is a damaged ZIP file. Download it again.") from broken
    if any(entry.startswith("xl/") for entry in names):
        return "excel"
    listed = ", ".join(Path(entry).name for entry in names[:3])
    raise FeedError(f"{source.name} is a ZIP archive of {len(names)} files ({listed}). Unpack it and give one of them.")
