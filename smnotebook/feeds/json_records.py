"""Products in JSON: a list of objects wherever it is in the document, or one object a line."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import pyarrow as pa

from smnotebook.errors import FeedError
from smnotebook.feeds.encodings import detect_encoding, named_encoding
from smnotebook.feeds.records import Record, one_table, to_tables
from smnotebook.feeds.sources import Source

__all__ = ["JsonRecords", "find_objects"]

_DEEPEST = 4


@dataclass(frozen=True, kw_only=True)
class JsonRecords:
    """A JSON document whose list of products is known; ``place`` is where in the document."""

    source: Source
    objects: list[Any]
    place: str

    @property
    def facts(self) -> dict[str, Any]:
        """What was found out, for the report."""
        return {"format": "json", "records": self.place}

    @property
    def header(self) -> None:
        """None: only the records name their keys."""

    def read(self) -> pa.Table:
        """All products."""
        return one_table(list(self.slabs(1 << 40)))

    def slabs(self, rows: int) -> Generator[pa.Table, None, None]:
        """All products, ``rows`` at a time."""
        return to_tables((_flattened(entry) for entry in self.objects), rows)


def find_objects(source: Source, *, encoding: str | None) -> JsonRecords:
    """Read the document and find its products.

    Raises
    ------
    FeedError
        When it is broken, or holds no list of objects.
    """
    content = _as_utf8(source, encoding)
    lines = _as_lines(content, source.name)
    if lines is not None:
        return JsonRecords(source=source, objects=lines, place="one a line")
    document = _loads(content, source.name)
    found = max(_lists(document, "", 0), key=lambda hit: len(hit[1]), default=None)
    if found is None:
        raise FeedError(f"{source.name} is JSON, and no list of objects is in it: no products found.")
    return JsonRecords(source=source, objects=[_unwrapped(entry) for entry in found[1]], place=found[0] or "the whole")


def _as_utf8(source: Source, encoding: str | None) -> bytes:
    content = source.read_bytes()
    found = named_encoding(encoding, source.head) if encoding else detect_encoding(source.head)
    if found.name == "utf-8":
        return content[found.mark :]
    try:
        return content[found.mark :].decode(found.name).encode()
    except UnicodeDecodeError as broken:
        raise FeedError(
            f"{source.name} can't be read as {found.name}: {broken.reason} at byte {broken.start}. "
            "Say encoding=…, or export it again in UTF-8."
        ) from broken


def _loads(content: bytes, name: str, line: int | None = None) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as broken:
        where = line or broken.lineno
        message = f"{name} is not valid JSON: {broken.msg} at line {where}, column {broken.colno}. Export it again."
        raise FeedError(message, line=where, column=broken.colno) from broken


def _as_lines(content: bytes, name: str) -> list[Any] | None:
    """The objects of a file that holds one a line; None for any other."""
    first, _, rest = content.lstrip().partition(b"\n")
    if not first.rstrip().endswith(b"}") or not rest.lstrip().startswith(b"{"):
        return None
    return [_loads(line, name, at) for at, line in enumerate(content.splitlines(), start=1) if line.strip()]


def _lists(value: Any, place: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    """Every list of objects in the document, not those inside products."""
    if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value[:100]):
        yield place, value
    elif isinstance(value, dict) and depth < _DEEPEST:
        inside = list(value.values())
        if len(inside) > 1 and all(isinstance(entry, dict) and entry.keys() == inside[0].keys() for entry in inside):
            yield place, [{"@key": key, **entry} for key, entry in value.items()]
            return
        for key, entry in value.items():
            yield from _lists(entry, f"{place}.{key}" if place else key, depth + 1)


def _unwrapped(entry: Any) -> Any:
    """The product inside the wrappers that some answers put around it."""
    if isinstance(entry, dict) and len(entry) <= 2:
        for wrapper in ("node", "product", "_source", "item"):
            if isinstance(entry.get(wrapper), dict):
                return entry[wrapper]
    return entry


def _flattened(entry: Any) -> Record:
    record: Record = {}
    if isinstance(entry, dict):
        _flatten(entry, "", record)
    return record


def _flatten(entry: dict[str, Any], prefix: str, record: Record) -> None:
    for key, value in entry.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            _flatten(value, f"{name}.", record)
        elif isinstance(value, list):
            _flatten_list(value, name, record)
        elif (text := _text(value)) is not None:
            record[name] = text


def _flatten_list(value: list[Any], name: str, record: Record) -> None:
    """Plain entries as a list of texts; objects as one list for each of their names, aligned."""
    objects = [_flattened(entry) for entry in value if isinstance(entry, dict)]
    if objects:
        for key in dict.fromkeys(key for entry in objects for key in entry):
            cells = [entry.get(key) for entry in objects]
            record[f"{name}.{key}"] = [", ".join(cell) if isinstance(cell, list) else cell for cell in cells]
    else:
        record[name] = [text for entry in value if (text := _text(entry)) is not None]


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return orjson.dumps(value).decode()
    return str(value)
