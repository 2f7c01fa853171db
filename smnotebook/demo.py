"""``smnotebook demo``: the whole road on the embedded sandbox, from a product file to what the server stored."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import as_file
from pathlib import Path
from time import perf_counter
from typing import Any

from smnotebook.bundled import bundled
from smnotebook.catalog import Catalog
from smnotebook.client import connect
from smnotebook.errors import DataError
from smnotebook.feeds import read_feed
from smnotebook.frame.outcome import Status, UploadReport
from smnotebook.frame.preflight import preflight
from smnotebook.frame.report import PreflightReport
from smnotebook.sandbox import Sandbox
from smnotebook.settings import temporary_home
from smnotebook.upload import ProgressLine, upload_products

__all__ = ["Demo", "play", "run_demo"]

_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What the road looked like.

    Attributes
    ----------
    stored : list of dict
        The products that the sandbox holds at the end.
    seconds : dict
        By stage, in the order of the stages.
    """

    name: str
    catalog: Catalog
    preflight: PreflightReport
    upload: UploadReport
    stored: list[dict[str, Any]]
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_accounted_for(self) -> bool:
        """Whether every row has a known end, and the sandbox holds exactly the products of the rows sent."""
        report = self.upload
        ends = report.sent + report.unchanged + report.refused
        sent = {product_id for _, product_id in self.rows_that_are(Status.SENT)}
        return ends == len(report.frame) and sent == {product["productId"] for product in self.stored}

    def rows_that_are(self, status: Status) -> Iterator[tuple[int, str | None]]:
        """Position and productId of the rows of a status."""
        ids = self.preflight.product_ids
        for position in (self.upload.outcomes.status == status).nonzero()[0].tolist():
            yield position, None if ids is None else ids[position].as_py()


def run_demo(file: Path | None, *, as_json: bool, reading: Mapping[str, Any] | None = None) -> int:
    """Play the demo and print it; the exit status is 0 when every row is accounted for.

    Parameters
    ----------
    file : Path or None
        A product file; None takes the bundled one.
    reading : mapping, optional
        Options of :func:`smnotebook.feeds.read_feed`.

    Raises
    ------
    DataError
        The file is no table, or not one of its rows can be sent.
    """
    with as_file(bundled("data") / "products.csv") as sample:
        demo = play(file or sample, reading or {})
    print(json.dumps(_as_json(demo), ensure_ascii=False) if as_json else _as_text(demo))
    if demo.upload.sent == 0:
        raise DataError(f"Not one row of {demo.name} could be sent; the report says why.")
    return 0 if demo.is_accounted_for else 1


def play(file: Path, reading: Mapping[str, Any]) -> Demo:
    """Take a product file down the whole road, to a sandbox of its own."""
    seconds: dict[str, float] = {}

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        begun = perf_counter()
        yield
        seconds[name] = perf_counter() - begun

    with stage("read"):
        frame = read_feed(file, **reading)
    with stage("preflight"):
        report = preflight(frame)
    with temporary_home(), Sandbox() as sandbox:
        with stage("catalog"):
            client = connect(base_url=sandbox.url, api_key=sandbox.api_key)
            catalog = client.create_catalog(name="Demo shop", currency="EUR", location="demo_shop")
        with stage("upload"):
            result = upload_products(frame, catalog, errors="skip", progress=_progress())
        with stage("read back"):
            stored = sandbox.products(catalog.id)
    return Demo(name=file.name, catalog=catalog, preflight=report, upload=result, stored=stored, seconds=seconds)


def _progress() -> ProgressLine | bool:
    """A line for a person who waits; a log is spared it."""
    return ProgressLine(sys.stderr) if sys.stderr.isatty() else False


def _as_json(demo: Demo) -> dict[str, Any]:
    report = demo.upload
    return {
        "file": demo.name,
        "rows": len(report.frame),
        "sent": report.sent,
        "unchanged": report.unchanged,
        "refused": _refused(demo),
        "unknown": report.unknown,
        "warnings": demo.preflight.warnings,
        "requests": report.requests,
        "stored": len(demo.stored),
        "accounted_for": demo.is_accounted_for,
        "seconds": {stage: round(seconds, 4) for stage, seconds in demo.seconds.items()},
    }


def _refused(demo: Demo) -> list[dict[str, Any]]:
    outcomes = demo.upload.outcomes
    return [
        {
            "row": int(position),
            "product_id": product_id,
            "reason_code": int(code) if (code := outcomes.reason_code[position]) >= 0 else None,
            "message": outcomes.message[position],
        }
        for position, product_id in demo.rows_that_are(Status.REFUSED)
    ]


def _as_text(demo: Demo) -> str:
    stages = ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in demo.seconds.items())
    return "\n".join(
        [
            f"{demo.name}: {len(demo.upload.frame):,} rows, {demo.upload.frame.shape[1]} columns.",
            "",
            repr(demo.preflight),
            "",
            repr(demo.upload),
            "",
            f"The sandbox now holds {len(demo.stored):,} products in the catalog {demo.catalog.name!r}.",
            *(f"  {_line(product, demo.catalog.currency)}" for product in demo.stored[:_SHOWN]),
            *([f"  and {len(demo.stored) - _SHOWN:,} more"] if len(demo.stored) > _SHOWN else []),
            "",
            f"Took {stages}.",
        ]
    )


def _line(product: Mapping[str, Any], currency: str) -> str:
    return f"{product['productId']}  {product['name']}, {product['price']} {currency}"
