"""Where the bundled notebooks and sample data lie: inside the package in a wheel, beside it in a checkout."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from smnotebook.errors import UsageError

__all__ = ["FOLDERS", "bundled", "bundled_files"]

#: Top-level folders of the repository that travel in the wheel.
FOLDERS = ("notebooks", "data")

#: What an analyst is given; anything else in those folders is for developers.
_SUFFIXES = (".ipynb", ".csv", ".md")


def bundled(folder: str) -> Traversable:
    """One of the bundled folders.

    Raises
    ------
    UsageError
        When the installation lacks it.
    """
    package = files("smnotebook")
    for place in (package / "bundled" / folder, Path(str(package)).parent / folder):
        if place.is_dir():
            return place
    raise UsageError(f"This installation of smnotebook has no {folder} folder. Install the package again.")


def bundled_files() -> dict[str, bytes]:
    """Every bundled file by its relative path with forward slashes, sorted."""
    found = {
        f"{folder}/{entry.name}": entry.read_bytes()
        for folder in FOLDERS
        for entry in bundled(folder).iterdir()
        if entry.is_file() and entry.name.endswith(_SUFFIXES)
    }
    return dict(sorted(found.items()))
