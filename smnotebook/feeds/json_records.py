"""Products in JSON: objects wherever they are in the document, or one object a line."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import pyarrow as pa

from smnotebook.errors import FeedError
from smnotebook.feeds.choosing import Path, Paths
from smnotebook.feeds.encodings import detect_encoding, named_encoding
from smnotebook.feeds.limits import Limits
from smnotebook.feeds.records import Record, one_table, to_tables
from smnotebook.feeds.sources import Source
from smnotebook.values.typed import as_typed

__all__ = ["JsonRecords", "find_objects"]

#: How many entries of a list are looked at to find out what it holds.
_LOOKED_AT = 200
_ROOT: Path = ("", "$")
#: What some answers put around a product; GraphQL its node.
_WRAPPERS = ("node", "product", "_source", "item")


@dataclass(frozen=True, kw_only=True)
class JsonRecords:
    """A JSON document whose products are known; ``place`` is where in the document."""

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
        return to_tables((_flattened(entry, self.source.limits) for entry in self.objects), rows, self.source)


def find_objects(source: Source, *, item: str | None, encoding: str | None) -> JsonRecords:
    """Read the document and find its products.

    Raises
    ------
    FeedError
        When it is broken or nested too deeply, or holds no object that is like a product.
    """
    content = _as_utf8(source, encoding)
    lines = _as_lines(content, source)
    if lines is not None and item is None:
        return JsonRecords(source=source, objects=[_unwrapped(entry) for entry in lines], place="one a line")
    document = _loads(content, source) if lines is None else lines
    paths = Paths()
    _count(document, _ROOT, paths, source.limits)
    path = _named(paths, item) if item else paths.best()
    if path is None:
        hint = f"item={item!r} is not in it" if item else "no list of objects is in it"
        raise FeedError(f"{source.name} is JSON, and {hint}: no products found. Say which key holds them with item=….")
    place = path[len(_ROOT) :]
    objects = [_unwrapped(entry) for entry in _at(document, place)]
    return JsonRecords(source=source, objects=objects, place=".".join(place) or "the whole")


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


def _loads(content: bytes, source: Source, line: int | None = None) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as broken:
        if "ecursion" in broken.msg or "depth limit" in broken.msg:
            raise _too_deep(source.limits, source.name) from broken
        where = line or broken.lineno
        message = (
            f"{source.name} is not valid JSON: {broken.msg} at line {where}, column {broken.colno}. Export it again."
        )
        raise FeedError(message, line=where, column=broken.colno) from broken


def _too_deep(limits: Limits, name: str = "The file") -> FeedError:
    return limits.exceeded("depth", f"{name} holds objects or lists in more than {limits.depth} levels")


def _as_lines(content: bytes, source: Source) -> list[Any] | None:
    """The objects of a file that holds one a line; None for any other."""
    first, _, rest = content.lstrip().partition(b"\n")
    if not first.rstrip().endswith(b"}") or not rest.lstrip().startswith(b"{"):
        return None
    return [_loads(line, source, at) for at, line in enumerate(content.splitlines(), start=1) if line.strip()]


def _is_map(value: dict[str, Any]) -> bool:
    """Whether an object holds objects that are alike under keys of their own, such as ids."""
    inside = list(value.values())[:_LOOKED_AT]
    if len(inside) < 2 or not all(isinstance(entry, dict) and entry for entry in inside):
        return False
    usual = set().union(*inside)
    return all(2 * len(entry) >= len(usual) for entry in inside)


def _entries(value: Any) -> list[Any]:
    """What stands in one place of the document: the entries of a list, of an object by keys, or the object itself."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and _is_map(value):
        return [{"@key": key, **entry} for key, entry in value.items()]
    return [value]


def _count(value: Any, path: Path, paths: Paths, limits: Limits, depth: int = 1) -> None:
    if depth > limits.depth:
        raise _too_deep(limits)
    for entry in _entries(value)[:_LOOKED_AT]:
        if isinstance(entry, list):
            _count(entry, path, paths, limits, depth + 1)
        elif isinstance(entry, dict):
            paths.add(path)
            for key, inside in entry.items():
                if isinstance(inside, (dict, list)) and inside and not _is_plain(inside):
                    _count(inside, (*path, key), paths, limits, depth + 1)
                elif inside is not None:
                    paths.add_value(path, key)


def _is_plain(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(entry, (dict, list)) for entry in value)


def _named(paths: Paths, item: str) -> Path | None:
    """The path with the key that the caller named, alone or with those above it, divided by dots."""
    wanted = tuple(item.split("."))
    return next((path for path in paths.counts if path[-len(wanted) :] == wanted or path[-1] == item), None)


def _at(value: Any, path: Path) -> Iterator[Any]:
    """All objects at a path, whichever lists they stand in."""
    for entry in _entries(value):
        if isinstance(entry, list):
            yield from _at(entry, path)
        elif isinstance(entry, dict):
            if not path:
                yield entry
            elif path[0] in entry:
                yield from _at(entry[path[0]], path[1:])


def _unwrapped(entry: Any) -> Any:
    """The product inside the wrappers that some answers put around it."""
    if isinstance(entry, dict):
        for wrapper in _WRAPPERS:
            if isinstance(entry.get(wrapper), dict) and not any(
                isinstance(other, (dict, list)) for key, other in entry.items() if key != wrapper
            ):
                return entry[wrapper] if len(entry) <= 2 or wrapper == "_source" else entry
    return entry


def _flattened(entry: Any, limits: Limits) -> Record:
    record: Record = {}
    if isinstance(entry, dict):
        _flatten(entry, "", record, limits, 1)
    return record


def _flatten(entry: dict[str, Any], prefix: str, record: Record, limits: Limits, depth: int) -> None:
    if depth > limits.depth:
        raise _too_deep(limits)
    for key, value in entry.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            _flatten(value, f"{name}.", record, limits, depth + 1)
        elif isinstance(value, list):
            _flatten_list(value, name, record, limits, depth + 1)
        elif (text := _text(value)) is not None:
            record[name] = text


def _flatten_list(value: list[Any], name: str, record: Record, limits: Limits, depth: int) -> None:
    """Plain entries as a list of texts; objects as one list for each of their names, aligned."""
    objects: list[Record] = []
    for entry in value:
        if isinstance(entry, dict):
            objects.append({})
            _flatten(entry, "", objects[-1], limits, depth + 1)
    if objects:
        for key in dict.fromkeys(key for entry in objects for key in entry):
            cells = [entry.get(key) for entry in objects]
            record[f"{name}.{key}"] = [
                ", ".join(text for text in cell if text is not None) if isinstance(cell, list) else cell
                for cell in cells
            ]
    else:
        record[name] = [text for entry in value if (text := _text(entry)) is not None]


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return orjson.dumps(value).decode()
    return as_typed(value)
