"""``smnotebook lab``: a working folder with the bundled notebooks and data, and JupyterLab in it.

The folder is the analyst's. What was copied is recorded by its hash, so that a later run tells a file that nobody
touched, which may be renewed, from one that somebody worked in, which may not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NoReturn

from smnotebook.bundled import bundled_files
from smnotebook.errors import UsageError

__all__ = ["FIRST_NOTEBOOK", "MANIFEST", "Copy", "fill_folder", "jupyterlab_command", "open_jupyterlab"]

MANIFEST = ".smnotebook.json"
FIRST_NOTEBOOK = "notebooks/00_start_here.ipynb"

Outcome = Literal["new", "renewed", "current", "kept"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What became of one bundled file.

    Attributes
    ----------
    path : str
        Relative to the folder.
    outcome : {"new", "renewed", "current", "kept"}
        ``current``: it was there already. ``kept``: the analyst changed it, and so it stays as it is.
    """

    path: str
    outcome: Outcome


def fill_folder(folder: Path) -> list[Copy]:
    """Copy the bundled notebooks (without outputs) and data into ``folder``; changed files are never overwritten.

    Raises
    ------
    UsageError
        When ``folder`` is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file. Give the name of a folder for the notebooks, new or existing.")
    recorded = _read_manifest(folder / MANIFEST)
    copies = []
    for path, content in bundled_files().items():
        fresh = _without_outputs(content) if path.endswith(".ipynb") else content
        target = folder / path
        present = sha256(target.read_bytes()).hexdigest() if target.is_file() else None
        digest = sha256(fresh).hexdigest()
        outcome = _decide(fresh=digest, present=present, recorded=recorded.get(path))
        if outcome in ("new", "renewed"):
            _replace(target, fresh)
        if outcome != "kept":
            recorded[path] = digest
        copies.append(Copy(path=path, outcome=outcome))
    _replace(folder / MANIFEST, json.dumps({"version": 1, "sha256": recorded}, indent=1).encode())
    return copies


def _decide(*, fresh: str, present: str | None, recorded: str | None) -> Outcome:
    if present is None:
        return "new"
    if present == fresh:
        return "current"
    return "renewed" if present == recorded else "kept"


def _read_manifest(path: Path) -> dict[str, str]:
    """What earlier runs wrote; a missing or damaged record counts every file as the analyst's own."""
    try:
        entries = json.loads(path.read_bytes())["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return dict(entries) if isinstance(entries, Mapping) else {}


def _replace(target: Path, content: bytes) -> None:
    """Write the file in one step, so that a full disk or a stop leaves the old one whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    part.write_bytes(content)
    part.replace(target)


def _without_outputs(notebook: bytes) -> bytes:
    """The notebook as if nobody had run it: outputs from another machine are not trusted by Jupyter anyway."""
    content = json.loads(notebook)
    content["metadata"].pop("widgets", None)
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return (json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def jupyterlab_command(folder: Path, options: Sequence[str]) -> list[str]:
    """The command line that opens JupyterLab in ``folder`` at the first notebook; later options win."""
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={folder.resolve()}",
        f"--LabApp.default_url=/lab/tree/{FIRST_NOTEBOOK}",
        *options,
    ]


def open_jupyterlab(
    folder: Path, options: Sequence[str], *, execute: Callable[[list[str]], NoReturn] | None = None
) -> NoReturn:
    """Replace this process by JupyterLab.

    Raises
    ------
    UsageError
        When JupyterLab is not installed beside this package.
    """
    if find_spec("jupyterlab") is None:
        raise UsageError(
            f"JupyterLab is not installed in {sys.prefix}. Install it with: "
            f"{sys.executable} -m pip install 'smnotebook[lab]'"
        )
    sys.stdout.flush()
    (execute or _execute)(jupyterlab_command(folder, options))


def _execute(command: list[str]) -> NoReturn:
    if os.name == "posix":  # signals and the exit status pass through by themselves
        os.execv(command[0], command)  # noqa: S606 - this very interpreter
    sys.exit(subprocess.call(command))  # noqa: S603 - this very interpreter
