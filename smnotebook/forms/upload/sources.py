"""Where a product table can come from, and reading it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import as_file
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smnotebook.feeds import read_feed
from smnotebook.forms.parts import Arrived
from smnotebook.mapping import suggest_mapping
from smnotebook.values.report import ReadingReport, reading_report

if TYPE_CHECKING:
    import pandas as pd

    from smnotebook.mapping.field_mapping import Mapping as FieldMapping

__all__ = ["SAMPLES", "Reading", "Source", "frames_in", "open_file", "open_frame", "open_sample", "read"]

#: The bundled files by name, and what they are.
SAMPLES = {
    "products.csv": "A good file: 60 products of a shop for linen",
    "products_with_faults.csv": "A file with faults: 24 products, 10 of them wrong",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A table that can be read.

    Attributes
    ----------
    label : str
        What the form calls it.
    code : str
        How Python names it.
    """

    label: str
    code: str
    content: Any = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A table that was read.

    Attributes
    ----------
    mapping : Mapping or None
        A suggestion, where no preset knows these columns.
    arguments : mapping
        What :func:`smnotebook.read_feed` was called with.
    """

    source: Source
    frame: pd.DataFrame = field(repr=False)
    report: ReadingReport
    mapping: FieldMapping | None
    arguments: Mapping[str, Any]


def open_file(arrived: Arrived) -> Source:
    """A file from the browser."""
    return Source(label=arrived.file_name, code=repr(arrived.file_name), content=arrived.path)


def open_frame(name: str, frame: pd.DataFrame) -> Source:
    """A DataFrame of the notebook."""
    return Source(label=f"DataFrame {name}", code=name, content=frame)


def open_sample(name: str) -> Source:
    """A bundled file."""
    from smnotebook.bundled import bundled

    with as_file(bundled("data") / name) as path:
        return Source(label=name, code=repr(f"../data/{name}"), content=Path(path))


def frames_in(namespace: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The DataFrames of a notebook by variable name; names that begin with an underscore are the notebook's own."""
    return {
        name: value
        for name, value in sorted(namespace.items())
        if not name.startswith("_") and type(value).__name__ == "DataFrame" and hasattr(type(value), "salesmanago")
    }


def read(source: Source, arguments: Mapping[str, Any], *, currency: str | None = None) -> Reading:
    """Read it with these arguments of ``read_feed``; a table that no preset knows comes with a mapping suggested.

    Parameters
    ----------
    currency : str or None
        Of the catalog that is chosen: it decides between prices in several currencies.

    Raises
    ------
    FeedError
        It is no table.
    """
    frame = read_feed(source.content, **arguments)
    report = reading_report(frame)
    mapping = None
    if report.preset is None:
        mapping = suggest_mapping(frame, url_template=arguments.get("url_template"), currency=currency)
    return Reading(source=source, frame=frame, report=report, mapping=mapping, arguments=dict(arguments))
