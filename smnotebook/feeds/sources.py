"""What the analyst hands over - a path, bytes, an open file, a pipe - and what kind of file it really is.

The kind is found by content, never by the ending: exports are misnamed more often than not. Arrow is handed memory of
its own, never a Python buffer: a thread of its pool may let go of it while the interpreter shuts down, and for a
Python buffer that ends the process with SIGABRT.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import stat
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Literal

import pyarrow as pa

from smnotebook.errors import FeedError, UsageError
from smnotebook.feeds.limits import Limits

__all__ = ["HEAD_BYTES", "FileKind", "Source", "open_source"]

FileKind = Literal["csv", "xml", "json", "parquet", "excel", "spreadsheet", "html"]

#: What is looked at to find out about a file.
HEAD_BYTES = 512 * 1024

#: A stream up to this size is kept in memory, a larger one in a temporary file.
_KEPT_IN_MEMORY = 32 * 1024 * 1024

#: Up to this size a packed file may unpack to any multiple of its own.
_ALWAYS_UNPACKED = 64 * 1024 * 1024


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
    spool : object
        Keeps the temporary file of a stream alive.
    """

    name: str
    kind: FileKind
    head: bytes
    path: Path | None
    content: bytes
    packed: bool
    limits: Limits = field(default_factory=Limits)
    spool: object = field(default=None, repr=False)

    def open(self) -> IO[bytes]:
        """A fresh stream of the unpacked content."""
        plain: IO[bytes] = io.BytesIO(self.content) if self.path is None else self.path.open("rb")
        return io.BufferedReader(_Unpacking(plain, self), 1 << 20) if self.packed else plain

    def read(self) -> pa.Buffer:
        """The whole unpacked content in Arrow's own memory; a plain file is mapped, not copied."""
        if self.path is not None and not self.packed:
            with pa.memory_map(os.fsencode(self.path)) as mapped:
                return mapped.read_buffer()
        whole = pa.BufferOutputStream()
        with self.open() as stream:
            while chunk := stream.read(1 << 20):
                whole.write(chunk)
        return whole.getvalue()

    def read_bytes(self) -> bytes:
        """The whole unpacked content for Python's own readers."""
        if self.path is None and not self.packed:
            return self.content
        with self.open() as stream:
            return stream.read()

    @property
    def is_whole(self) -> bool:
        """Whether the head is all there is."""
        return len(self.head) < HEAD_BYTES

    @contextmanager
    def archive(self) -> Iterator[zipfile.ZipFile]:
        """The ZIP file that this is, once it is known that it unpacks to a bearable size.

        Raises
        ------
        FeedError
            When it is damaged, or breaks the limit ``expansion``.
        """
        try:
            with self.open() as stream, zipfile.ZipFile(stream) as archive:
                entries = archive.infolist()
                self.check_expansion(
                    sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
                )
                yield archive
        except zipfile.BadZipFile as broken:
            raise FeedError(f"{self.name} is a damaged ZIP file. Download it again.") from broken

    def check_expansion(self, unpacked: int, packed: int) -> None:
        """Raise when so much came out of so few bytes that they must be made to fill the memory."""
        if unpacked > max(_ALWAYS_UNPACKED, packed * self.limits.expansion):
            what = f"{packed:,} bytes of {self.name} unpack to {unpacked >> 20:,} MB"
            raise self.limits.exceeded("expansion", what)


class _Unpacking(io.RawIOBase):
    """A gzip stream that counts what comes out of it."""

    def __init__(self, packed: IO[bytes], source: Source) -> None:
        super().__init__()
        self._packed = packed
        self._stream = gzip.GzipFile(fileobj=packed)
        self._source = source

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == io.SEEK_END:
            # the archive of a workbook is read from its end
            while self.read(1 << 20):
                pass
            offset, whence = self._stream.tell() + offset, io.SEEK_SET
        return self._stream.seek(offset, whence)

    def readinto(self, target: Any) -> int:
        # what cannot be unpacked is said in one place, wherever in the file it is
        try:
            count = self._stream.readinto(target)
        except (OSError, EOFError, zlib.error) as failed:
            raise FeedError(
                f"{self._source.name} is a gzip file that can't be unpacked ({failed}). Download it again."
            ) from failed
        # beside what was read of the file so far, so that a bomb is found out at its beginning
        self._source.check_expansion(self._stream.tell(), self._packed.tell())
        return count

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            self._packed.close()
        super().close()


def open_source(given: Any, limits: Limits | None = None) -> Source:
    """Look at a path, bytes or an open file.

    Raises
    ------
    UsageError
        When it is none of these, or an address on the network.
    FeedError
        When there is no such file, it is empty, no product table can be in it, or it breaks a limit.
    """
    source = _take(given, limits or Limits())
    head = _head(source)
    if head[:2] == b"\x1f\x8b":
        source = replace(source, packed=True)
        head = _head(source)
    return replace(source, head=head, kind=_kind(replace(source, head=head)))


def _head(source: Source) -> bytes:
    try:
        with source.open() as stream:
            return stream.read(HEAD_BYTES)
    except OSError as failed:
        raise FeedError(f"{source.name} can't be read: {failed.strerror or failed}. Check the path.") from failed


def _take(given: Any, limits: Limits) -> Source:
    source = Source(name="the given bytes", kind="csv", head=b"", path=None, content=b"", packed=False, limits=limits)
    if isinstance(given, (bytes, bytearray, memoryview)):
        return replace(source, content=bytes(given))
    if isinstance(given, (str, os.PathLike, Path)):
        text = os.fsdecode(given)
        if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]+://", text):
            raise UsageError("read_feed reads files and opens no network connection: download the feed first.")
        path = Path(text)
        # a name may begin with ~ of its own
        path = path if path.exists() else path.expanduser()
        source = replace(source, name=_shown(path.name), path=path)
        if _gives_its_content_once(path):
            with path.open("rb") as stream:
                return _spooled(stream, source)
        return source
    if hasattr(given, "read"):
        return _spooled(given, replace(source, name=_shown(Path(str(getattr(given, "name", "the open file"))).name)))
    raise UsageError(f"read_feed takes a path, bytes, an open file or a DataFrame, not {type(given).__name__}.")


def _shown(name: str) -> str:
    """A file's name as a message can show it: names may hold line breaks and bytes that are no text."""
    text = os.fsencode(name).decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def _gives_its_content_once(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _spooled(stream: Any, source: Source) -> Source:
    """The content of a stream that can be read only once: in memory, or in a temporary file where it is large."""
    parts: list[bytes] = []
    size = 0
    while chunk := stream.read(1 << 20):
        parts.append(chunk.encode() if isinstance(chunk, str) else chunk)
        size += len(parts[-1])
        if size > _KEPT_IN_MEMORY:
            return _in_temporary_file(parts, stream, source)
    return replace(source, path=None, content=b"".join(parts))


class _TemporaryFile:
    """A file that is removed with the last source that reads it."""

    def __init__(self) -> None:
        handle, name = tempfile.mkstemp(prefix="smnotebook-")
        self.stream = os.fdopen(handle, "wb")
        self.path = Path(name)
        weakref.finalize(self, self.path.unlink, missing_ok=True)


def _in_temporary_file(parts: list[bytes], stream: Any, source: Source) -> Source:
    kept = _TemporaryFile()
    with kept.stream as file:
        file.writelines(parts)
        while chunk := stream.read(1 << 20):
            file.write(chunk.encode() if isinstance(chunk, str) else chunk)
    return replace(source, path=kept.path, spool=kept)


_BINARY = (
    (b"%PDF", "a PDF: a picture of a table, not a table. Export the products as CSV, Excel or XML"),
    (b"Rar!", "a RAR archive. Unpack it and give the file inside"),
    (b"7z\xbc\xaf", "a 7z archive. Unpack it and give the file inside"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd. Unpack it first"),
    (b"BZh", "packed with bzip2. Unpack it first"),
    (b"\xfd7zXZ", "packed with xz. Unpack it first"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


# control character 1 divides the cells of some exports
_NEVER_WRITTEN = frozenset("\0\2\3\4\5\6\a\b\ufffd")
_HTML = re.compile(
    r"(?is)(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|(html|head|body|script|style|meta|table)\b)"
)


def _kind(source: Source) -> FileKind:
    head, name = source.head, source.name
    if not head.strip():
        raise FeedError(f"{name} is empty. Export it again.")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_zip(source)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in head:
            raise FeedError(f"{name} is protected with a password. Save it without one and read it again.")
        return "spreadsheet"
    for magic, words in _BINARY:
        if head.startswith(magic):
            raise FeedError(f"{name} is {words}.")
    return _kind_of_text(_rough_text(head), name)


def _rough_text(head: bytes) -> str:
    """The beginning as text, well enough to tell its kind."""
    if head[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        return head[:65536].decode("utf-32", "replace")
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head[:65536].decode("utf-16", "replace")
    if b"\0" in head[:4]:
        return head[:65536].decode("utf-16-be" if head[0] == 0 else "utf-16-le", "replace")
    return head[:65536].removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def _kind_of_text(text: str, name: str) -> FileKind:
    start = text.lstrip("\ufeff \t\r\n")
    if _HTML.match(start):
        # shop systems save tables in HTML under the name of an Excel file; a page that asks for a password is none
        if re.search(r"(?i)<table\b.*?<t[dh]\b", text, re.DOTALL) and not re.search(r"(?i)type\s*=\W?password", text):
            return "html"
        found = re.search(r"(?is)<title[^>]*>\s*(.*?)\s*</title", text)
        titled = f" titled “{found[1][:60]}”" if found else ""
        raise FeedError(
            f"{name} is a web page{titled}, not a product file: what a download saves when the login has expired. "
            "Sign in and download it again."
        )
    if text[:8192].count("\0") > 2 or sum(letter in _NEVER_WRITTEN for letter in text[:2000]) > 5:
        raise FeedError(f"{name} is a binary file of an unknown kind. Export the products as CSV, Excel, JSON or XML.")
    if start.startswith("<"):
        return "spreadsheet" if "urn:schemas-microsoft-com:office:spreadsheet" in start[:2000] else "xml"
    if start[:1] in "{[" and not re.match(r"\[[^\]\n\"{]*\][,;\t]", start):
        return "json"
    return "csv"


def _kind_of_zip(source: Source) -> FileKind:
    with source.archive() as archive:
        names = archive.namelist()
    if "xl/workbook.bin" in names or "content.xml" in names:
        return "spreadsheet"
    if any(entry.startswith("xl/") for entry in names):
        return "excel"
    listed = ", ".join(Path(entry).name for entry in names[:3])
    raise FeedError(f"{source.name} is a ZIP archive of {len(names)} files ({listed}). Unpack it and give one of them.")
