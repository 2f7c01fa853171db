"""A run as a file to attach to a ticket: what changed, when, who ran it and why."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path

import pandas as pd

from smnotebook.catalog import Catalog
from smnotebook.errors import UsageError
from smnotebook.frame.display import harmless_in_a_spreadsheet, show_value
from smnotebook.upload.run_changes import RunChanges, find_run, read_run_changes
from smnotebook.upload.stored import open_book

__all__ = ["write_run_record"]

#: Changes that a Markdown record lists; JSON and CSV hold all of them.
LISTED_CHANGES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    catalog: str
    catalog_id: str
    place: str
    run: int
    operation: str
    state: str
    started_at: str
    ended_at: str | None
    who: str
    why: str
    sent: int | None
    refused: int | None
    unknown: int | None
    products: int
    changes: int


def write_run_record(
    catalog: Catalog, path: str | PathLike[str], *, run: int | None = None, who: str = "", why: str = ""
) -> Path:
    """Write down what a run did.

    Parameters
    ----------
    path : path
        ``.md`` for reading, ``.json`` for programs, ``.csv`` for the changes alone.
    run : int, optional
        The last run that sent anything where none is given.
    who, why : str
        As the notebook says; nothing else knows.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UsageError
        There is no such run, or the file's ending is none of those.
    """
    target = Path(path)
    writers = {".md": _as_markdown, ".json": _as_json, ".csv": _as_csv}
    if target.suffix.lower() not in writers:
        raise UsageError(f"{target.name}: end the file's name in {', '.join(writers)}, which says how it is written.")
    with open_book(catalog) as book:
        changes = read_run_changes(book, find_run(book, catalog, run))
    table = changes.as_frame()
    target.write_text(
        writers[target.suffix.lower()](_facts(catalog, changes, table, who, why), table), encoding="utf-8"
    )
    return target


def _facts(catalog: Catalog, changes: RunChanges, table: pd.DataFrame, who: str, why: str) -> _Facts:
    run, totals = changes.run, changes.run.totals
    return _Facts(
        catalog=catalog.name,
        catalog_id=catalog.id,
        place=catalog.client.place,
        run=run.run,
        operation=run.operation,
        state=run.state.value,
        started_at=_moment(run.started_at),
        ended_at=None if run.ended_at is None else _moment(run.ended_at),
        who=who,
        why=why,
        sent=None if totals is None else totals.sent,
        refused=None if totals is None else totals.refused,
        unknown=None if totals is None else totals.unknown,
        products=len(changes.after),
        changes=len(table),
    )


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _as_markdown(facts: _Facts, table: pd.DataFrame) -> str:
    lines = [f"# Run {facts.run} on {_cell(facts.catalog)}", ""]
    lines += [
        f"- {name.replace('_', ' ')}: {_cell(value)}"
        for name, value in asdict(facts).items()
        if value not in (None, "")
    ]
    lines += ["", "| product | field | before | after |", "| --- | --- | --- | --- |"]
    lines += [f"| {' | '.join(map(_cell, row))} |" for row in table.head(LISTED_CHANGES).itertuples(index=False)]
    if len(table) > LISTED_CHANGES:
        lines += ["", f"The first {LISTED_CHANGES:,} of {len(table):,} changes; a .json or .csv record holds all."]
    return "\n".join([*lines, ""])


def _cell(value: object) -> str:
    """A value on one line, with nothing in it that Markdown or HTML would take for its own."""
    shown = show_value(value) or ""
    for character in "\\`*_[]<>|#!":
        shown = shown.replace(character, f"\\{character}")
    return shown.replace("&", "&amp;")


def _as_json(facts: _Facts, table: pd.DataFrame) -> str:
    changes = table.astype(object).where(table.notna(), None).to_dict("records")
    return json.dumps({**asdict(facts), "changes": changes}, indent=2, ensure_ascii=False, default=str) + "\n"


def _as_csv(_facts: _Facts, table: pd.DataFrame) -> str:
    return str(table.map(harmless_in_a_spreadsheet).to_csv(index=False))
