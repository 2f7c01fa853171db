"""Mappings that were edited once, kept beside the profiles and offered again for tables with the same columns."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from smnotebook.errors import UsageError
from smnotebook.mapping.field_mapping import Mapping
from smnotebook.settings import mappings_path

__all__ = ["forget_mapping", "recall", "remember_edited", "remembered_mappings"]


def remember_edited(mapping: Mapping, columns: Iterable[str], *, today: date | None = None) -> bool:
    """Keep a suggestion that was edited, for tables with these columns in any order; in place of one kept before.

    A mapping that was written from nothing or loaded from a file is not kept: it has a place of its own.

    Returns
    -------
    bool
        Whether it was kept.

    Raises
    ------
    UsageError
        The file can't be read or written.
    """
    if not (mapping.is_edited and mapping.is_suggested):
        return False
    header = sorted(columns)
    entry = {"columns": header, "saved": (today or date.today()).isoformat(), "mapping": mapping.to_dict()}
    _write({**_read(), _key(header): entry})
    return True


def recall(columns: Iterable[str]) -> Mapping | None:
    """The mapping kept for tables with these columns; None where there is none."""
    entry = _read().get(_key(sorted(columns)))
    if entry is None:
        return None
    mapping = Mapping.from_dict(entry["mapping"])
    reason = f"as you chose on {entry['saved']} for the same columns"
    return Mapping(
        rules=mapping.rules,
        doubts=mapping.doubts,
        notes={rule.field: (1.0, reason) for rule in mapping.rules},
        is_suggested=True,
        remembered_as=_key(sorted(columns)),
    )


def remembered_mappings() -> pd.DataFrame:
    """The mappings that are kept: ``key``, ``saved``, the table's ``columns``, the ``fields`` that are filled."""
    rows = [
        [key, entry["saved"], ", ".join(entry["columns"]), ", ".join(Mapping.from_dict(entry["mapping"]).fields)]
        for key, entry in _read().items()
    ]
    return pd.DataFrame(rows, columns=["key", "saved", "columns", "fields"])


def forget_mapping(key: str) -> None:
    """Forget one of :func:`remembered_mappings`.

    Raises
    ------
    UsageError
        None is kept under this key.
    """
    kept = _read()
    if kept.pop(key, None) is None:
        listed = ", ".join(kept) or "none"
        raise UsageError(f"No mapping is kept under {key!r}. Kept are: {listed}; see remembered_mappings().")
    _write(kept)


def _key(header: list[str]) -> str:
    return hashlib.sha256("\x00".join(header).encode()).hexdigest()[:12]


def _read() -> dict[str, Any]:
    path = mappings_path()
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))["mappings"])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"{path} can't be read as mappings. Delete it, and edited mappings are kept anew.") from None


def _write(kept: dict[str, Any]) -> None:
    path = mappings_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # written beside and moved over, so that no reader ever sees half a file
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as draft:
            json.dump({"version": 1, "mappings": kept}, draft, ensure_ascii=False, indent=2)
        Path(draft.name).replace(path)
    except OSError as fault:
        raise UsageError(f"The mapping can't be kept in {path}: {fault.strerror}.") from fault
