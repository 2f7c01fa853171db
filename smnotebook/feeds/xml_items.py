"""Products in XML, one element after the other: nothing expanded, nothing fetched, nothing kept.

libxml2 does the reading, of UTF-8 in any case; a guard counts what it reads between two products, so that no document
can fill the memory.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import IO, Any

import pyarrow as pa
from lxml import etree

from smnotebook.errors import FeedError
from smnotebook.feeds.choosing import Path, Paths
from smnotebook.feeds.encodings import Encoding
from smnotebook.feeds.records import Record, one_table, to_tables
from smnotebook.feeds.sources import HEAD_BYTES, Source
from smnotebook.feeds.xml_encodings import not_as_declared, utf8_of, xml_encoding
from smnotebook.values.findings import Journal

__all__ = ["XmlItems", "find_items"]

_PREFIXES = {"http://base.google.com/ns/1.0": "g:", "http://www.w3.org/2005/Atom": ""}
# not a, b and i: feeds have elements of these names
_HTML = {"p", "br", "div", "ul", "ol", "li", "strong", "em", "span", "table", "h1", "h2", "h3", "h4"}
_SAFE: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


@dataclass(frozen=True, kw_only=True)
class XmlItems:
    """A document whose product element is known.

    Attributes
    ----------
    item : str
        The element's tag, its namespace in front as lxml writes it.
    inside : tuple of str
        The elements it stands in, the nearest first: the same tag may occur elsewhere.
    """

    source: Source
    root: str
    item: str
    inside: Path
    encoding: Encoding
    names: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def facts(self) -> dict[str, Any]:
        """What was found out, for the report."""
        return {"format": "xml", "root": self.root, "item": etree.QName(self.item).localname}

    @property
    def header(self) -> None:
        """None: only the items name their elements."""

    def read(self) -> pa.Table:
        """All products."""
        tables = list(self.slabs(1 << 40))
        if not tables:
            raise FeedError(f"{self.source.name} holds no <{etree.QName(self.item).localname}>: no products are in it.")
        return one_table(tables)

    def slabs(self, rows: int) -> Generator[pa.Table, None, None]:
        """All products, ``rows`` at a time."""
        return to_tables(self._records(), rows, self.source)

    def _records(self) -> Generator[Record, None, None]:
        with utf8_of(self.source, self.encoding) as stream:
            guarded = _Guarded(stream=stream, source=self.source)
            try:
                events = etree.iterparse(
                    guarded, events=("end",), tag=self.item, encoding="utf-8", remove_comments=True, **_SAFE
                )
                for _, element in events:
                    if tuple(outer.tag for outer in element.iterancestors()) != self.inside:
                        continue
                    if not guarded.items:
                        _refuse_entities(element.getroottree().docinfo.internalDTD, self.source.name)
                    guarded.item_seen()
                    yield self._flatten(element)
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
            except (etree.XMLSyntaxError, UnicodeDecodeError) as broken:
                raise _not_well_formed(broken, self.source, self.encoding) from broken

    def _flatten(self, element: Any) -> Record:
        record: Record = {f"@{_local(name)}": value for name, value in element.attrib.items()}
        self._add_children(element, "", record)
        return record

    def _add_children(self, element: Any, prefix: str, record: Record) -> None:
        for child in element:
            tag = child.tag
            if not isinstance(tag, str):
                raise FeedError(
                    f"{self.source.name} uses the entity {child.text!r}, which nothing defines. Export it again."
                )
            name = prefix + (self.names.get(tag) or self._name(tag))
            for attribute, value in child.attrib.items():
                _add(record, f"{name}@{_local(attribute)}", value)
            if len(child) == 0:
                text = child.text
                if text is not None and (text := text.strip()):
                    _add(record, name, text)
                elif "name" in child.attrib:
                    _add(record, name, "")  # keeps names and values of an attribute list in step
            elif any(_local(part.tag).lower() in _HTML for part in child if isinstance(part.tag, str)):
                _add(record, name, _markup(child))
            else:
                self._add_children(child, f"{name}.", record)

    def _name(self, tag: str) -> str:
        qualified = etree.QName(tag)
        self.names[tag] = _PREFIXES.get(qualified.namespace or "", "") + qualified.localname
        return self.names[tag]


def _add(record: Record, name: str, text: str) -> None:
    known = record.get(name)
    if known is None:
        record[name] = text
    elif isinstance(known, list):
        known.append(text)
    else:
        record[name] = [known, text]


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _markup(element: Any) -> str:
    """The inside of an element as HTML text."""
    inside = [element.text or ""]
    inside += [etree.tostring(child, encoding="unicode") for child in element]
    return "".join(inside).strip()


@dataclass(kw_only=True)
class _Guarded:
    """A stream that gives up on a document in which no product comes for too long."""

    stream: IO[bytes]
    source: Source
    items: int = 0
    waiting: int = 0

    def read(self, size: int = -1) -> bytes:
        chunk = self.stream.read(min(size, 1 << 20) if size > 0 else 1 << 20)
        self.waiting += len(chunk)
        limits = self.source.limits
        if self.waiting > limits.item_bytes:
            what = (
                f"{self.source.name} goes on for {limits.item_bytes:,} bytes without a product: it is no product feed, "
                "or its products are elsewhere (item=… says where)"
            )
            raise limits.exceeded("item_bytes", what)
        return chunk

    def item_seen(self) -> None:
        self.items += 1
        self.waiting = 0


def find_items(source: Source, *, item: str | None, encoding: str | None, journal: Journal) -> XmlItems:
    """Find the element that holds a product, from the beginning of the document.

    Raises
    ------
    FeedError
        When the document is broken, declares entities, is in another encoding than it says and that can't be found
        out, or nothing in it is like a product.
    """
    if re.search(rb"<\0?!\0?E\0?N\0?T\0?I\0?T\0?Y", source.head):
        raise _entities(source.name)
    found = xml_encoding(source, encoding, journal)
    paths = _scan(source, found)
    root = next(iter(paths.counts), ("",))[0]
    path = _named_item(paths, item) if item else paths.best()
    if path is None:
        hint = f"<{item}> is not in it" if item else "no element repeats"
        raise FeedError(
            f"{source.name} is XML, and {hint}: no products found. Say which element holds one with item=…."
        )
    return XmlItems(source=source, root=_local(root), item=path[-1], inside=path[-2::-1], encoding=found)


def _scan(source: Source, encoding: Encoding) -> Paths:
    """How often each path of elements occurs at the beginning, and what is in it."""
    parser = etree.XMLPullParser(events=("start", "end"), encoding="utf-8", **_SAFE)
    paths = Paths()
    at: list[str] = []
    try:
        with utf8_of(source, encoding) as stream:
            parser.feed(stream.read(HEAD_BYTES))
        if source.is_whole:
            parser.close()
    except (etree.XMLSyntaxError, UnicodeDecodeError) as broken:
        raise _not_well_formed(broken, source, encoding) from broken
    for event, node in parser.read_events():
        element: Any = node
        if not isinstance(element.tag, str):
            continue
        if event == "start":
            at.append(element.tag)
            paths.add(tuple(at))
            for name in element.attrib:
                paths.add_value(tuple(at), f"@{_local(name)}")
            continue
        if len(at) > 1 and _is_value(element):
            paths.add_value(tuple(at[:-1]), _local(element.tag))
        at.pop()
    return paths


def _is_value(element: Any) -> bool:
    """Whether an element holds text, or text with marks of HTML in it."""
    if len(element) == 0:
        return bool((element.text or "").strip()) or not element.attrib
    return any(_local(part.tag).lower() in _HTML for part in element if isinstance(part.tag, str))


def _named_item(paths: Paths, item: str) -> Path | None:
    wanted = [item] if "{" in item else item.strip("/<>").split("/")
    for path in paths.counts:
        end = path[-len(wanted) :]
        if len(end) == len(wanted) and all(
            name in (part, _local(part)) for name, part in zip(wanted, end, strict=True)
        ):
            return path
    return None


def _is_called(tag: str, name: str) -> bool:
    return name in (tag, _local(tag))


def _refuse_entities(dtd: Any, name: str) -> None:
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise _entities(name)


def _entities(name: str) -> FeedError:
    return FeedError(
        f"{name} declares XML entities. They can blow a small file up to fill the memory, so none are read; "
        "a product feed has no need of them. Export it again without."
    )


def _not_well_formed(
    broken: etree.XMLSyntaxError | UnicodeDecodeError, source: Source, encoding: Encoding
) -> FeedError:
    if isinstance(broken, UnicodeDecodeError):
        return not_as_declared(source, encoding, None)
    line, column = broken.position
    words = str(broken.msg or "broken")
    if not line:
        # the exception knows only that nothing came of it; the last entry of the log knows why
        log: Any = broken.error_log
        for entry in log:
            line, column, words = entry.line, entry.column, entry.message
    name = source.name
    words = re.sub(r", line \d+, column \d+.*", "", words)
    if "not proper UTF-8" in words or "Invalid bytes" in words:
        return not_as_declared(source, encoding, line)
    if "xcessive depth" in words or "huge" in words.lower():
        words = f"it has more than 256 levels or a text of more than 10 MB ({words})"
    return FeedError(
        f"{name} is not well-formed XML: {words} at line {line}, column {column}. Nothing was read; export it again.",
        line=line,
        column=column,
    )
