"""Products in XML, one element after the other: nothing expanded, nothing fetched, nothing kept.

libxml2 does the reading; a guard counts what it reads between two products, so that no document can fill the memory.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import IO, Any

import pyarrow as pa
from lxml import etree

from smnotebook.errors import FeedError
from smnotebook.feeds.records import Record, one_table, to_tables
from smnotebook.feeds.sources import Source

__all__ = ["XmlItems", "find_items"]

#: Bytes that may pass without a product before the document is given up.
MOST_BETWEEN_ITEMS = 64 * 1024 * 1024

# Elements that hold a product in feeds known to us, in order of preference.
_USUAL_ITEMS = ("item", "entry", "o", "offer", "product", "produkt", "shopitem", "article", "artikel", "record", "row")
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
    depth : int
        How many elements it stands in: the same tag may occur deeper.
    """

    source: Source
    root: str
    item: str
    depth: int
    encoding: str | None
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
        tables = list(to_tables(self._records(), 1 << 40))
        if not tables:
            raise FeedError(f"{self.source.name} holds no <{etree.QName(self.item).localname}>: no products are in it.")
        return one_table(tables)

    def slabs(self, rows: int) -> Generator[pa.Table, None, None]:
        """All products, ``rows`` at a time."""
        return to_tables(self._records(), rows)

    def _records(self) -> Generator[Record, None, None]:
        with self.source.open() as stream:
            guarded = _Guarded(stream=stream, name=self.source.name)
            try:
                events = etree.iterparse(
                    guarded, events=("end",), tag=self.item, encoding=self.encoding, remove_comments=True, **_SAFE
                )
                for _, element in events:
                    if sum(1 for _ in element.iterancestors()) != self.depth:
                        continue
                    if not guarded.items:
                        _refuse_entities(element.getroottree().docinfo.internalDTD, self.source.name)
                    guarded.item_seen()
                    yield self._flatten(element)
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
            except etree.XMLSyntaxError as broken:
                raise _not_well_formed(broken, self.source.name) from broken

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
    name: str
    items: int = 0
    waiting: int = 0

    def read(self, size: int = -1) -> bytes:
        chunk = self.stream.read(min(size, 1 << 20) if size > 0 else 1 << 20)
        self.waiting += len(chunk)
        if self.waiting > MOST_BETWEEN_ITEMS:
            raise FeedError(
                f"{self.name} goes on for {MOST_BETWEEN_ITEMS >> 20} MB without a product: it is no product feed, "
                "or its products are elsewhere. Say which element holds one with item=…."
            )
        return chunk

    def item_seen(self) -> None:
        self.items += 1
        self.waiting = 0


def find_items(source: Source, *, item: str | None, encoding: str | None) -> XmlItems:
    """Find the element that holds a product, from the beginning of the document.

    Raises
    ------
    FeedError
        When the document is broken, declares entities, or nothing in it repeats.
    """
    if re.search(rb"<\0?!\0?E\0?N\0?T\0?I\0?T\0?Y", source.head):
        raise _entities(source.name)
    paths, has_content = _scan(source, encoding)
    root = next(iter(paths), ("",))[0]
    found = _named_item(paths, item) if item else _usual_item(paths) or _repeated(paths, has_content)
    if found is None:
        hint = f"<{item}> is not in it" if item else "no element repeats"
        raise FeedError(
            f"{source.name} is XML, and {hint}: no products found. Say which element holds one with item=…."
        )
    return XmlItems(source=source, root=_local(root), item=found[-1], depth=len(found) - 1, encoding=encoding)


Path = tuple[str, ...]


def _scan(source: Source, encoding: str | None) -> tuple[Counter[Path], set[Path]]:
    """How often each path of elements occurs at the beginning, and which hold elements or attributes."""
    parser = etree.XMLPullParser(events=("start", "end"), encoding=encoding, **_SAFE)
    paths: Counter[Path] = Counter()
    has_content: set[Path] = set()
    at: list[str] = []
    try:
        parser.feed(source.head)
        if source.is_whole:
            parser.close()
    except etree.XMLSyntaxError as broken:
        raise _not_well_formed(broken, source.name) from broken
    for event, node in parser.read_events():
        element: Any = node
        if not isinstance(element.tag, str):
            continue
        if event == "end":
            at.pop()
            continue
        if at:
            has_content.add(tuple(at))
        at.append(element.tag)
        paths[tuple(at)] += 1
        if len(element.attrib) > 1:
            has_content.add(tuple(at))
    return paths, has_content


def _named_item(paths: Counter[Path], item: str) -> Path | None:
    return next((path for path in paths if _local(path[-1]) == item or path[-1] == item), None)


def _usual_item(paths: Counter[Path]) -> Path | None:
    for usual in _USUAL_ITEMS:
        for path in paths:
            if len(path) > 1 and _local(path[-1]).lower() == usual:
                return path
    return None


def _repeated(paths: Counter[Path], has_content: set[Path]) -> Path | None:
    """The outermost element that occurs several times and holds something."""
    candidates = [path for path in paths if len(path) > 1 and path in has_content and paths[path] > 1]
    return min(candidates, key=lambda path: (len(path), -paths[path]), default=None)


def _refuse_entities(dtd: Any, name: str) -> None:
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise _entities(name)


def _entities(name: str) -> FeedError:
    return FeedError(
        f"{name} declares XML entities. They can blow a small file up to fill the memory, so none are read; "
        "a product feed has no need of them. Export it again without."
    )


def _not_well_formed(broken: etree.XMLSyntaxError, name: str) -> FeedError:
    line, column = broken.position
    words = str(broken.msg or "broken")
    if not line:
        # the exception knows only that nothing came of it; the last entry of the log knows why
        log: Any = broken.error_log
        for entry in log:
            line, column, words = entry.line, entry.column, entry.message
    words = re.sub(r", line \d+, column \d+.*", "", words)
    return FeedError(
        f"{name} is not well-formed XML: {words} at line {line}, column {column}. Nothing was read; export it again.",
        line=line,
        column=column,
    )
