"""What belongs to this process alone: its working directory at import, its version, and what a forked child renews.

A child made by ``os.fork`` (multiprocessing's default on Linux up to Python 3.13) holds copies of its parent's sockets,
locks and database handles. Used from both sides, answers cross, locks never open and SQLite's files break; so whoever
holds such a thing registers here and gets a new one in every child.
"""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol
from weakref import WeakSet

__all__ = ["WORKING_DIRECTORY", "Renewable", "package_version", "renew_in_children"]


class Renewable(Protocol):
    """Holds something that a forked child must not share with its parent."""

    def renew_after_fork(self) -> None:
        """Called in the child: forget what the parent holds, without closing it, and make one's own when needed."""


def _working_directory() -> Path:
    try:
        return Path.cwd()
    except OSError:  # it was deleted
        return Path.home()


#: Where relative paths of the environment begin, wherever the notebook goes later.
WORKING_DIRECTORY: Path = globals().get("WORKING_DIRECTORY") or _working_directory()

# importlib.reload keeps what was registered, and the directory above
_HOLDERS: WeakSet[Renewable] = globals().get("_HOLDERS", WeakSet())


def renew_in_children(holder: Renewable) -> None:
    """Have ``holder.renew_after_fork()`` called in every child that is forked while the holder lives."""
    _HOLDERS.add(holder)


def _renew_all() -> None:
    for holder in list(_HOLDERS):
        holder.renew_after_fork()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_renew_all)


def package_version() -> str:
    """The installed version; ``0+checkout`` where the package is on the path without being installed."""
    try:
        return version("smnotebook")
    except PackageNotFoundError:
        return "0+checkout"
