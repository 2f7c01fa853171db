"""What belongs to this process alone: its working directory at import, its version, and what a forked child renews.

A child made by ``os.fork`` (multiprocessing's default on Linux up to Python 3.13) holds copies of its parent's sockets,
locks and database handles. Used from both sides, answers cross, locks never open and SQLite's files break; so whoever
holds such a thing registers here and gets a new one in every child.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

__all__ = ["LOADED_VERSION", "WORKING_DIRECTORY", "package_version", "renew_in_children", "version_advice"]

_Holder = TypeVar("_Holder")


def _working_directory() -> Path:
    try:
        return Path.cwd()
    except OSError:  # it was deleted
        return Path.home()


#: Where relative paths of the environment begin, wherever the notebook goes later.
WORKING_DIRECTORY: Path = globals().get("WORKING_DIRECTORY") or _working_directory()

# importlib.reload keeps what was registered, and the directory above
_HOLDERS: WeakKeyDictionary[Any, Callable[[Any], object]] = globals().get("_HOLDERS", WeakKeyDictionary())


def renew_in_children(holder: _Holder, renew: Callable[[_Holder], object]) -> None:
    """Have ``renew(holder)`` called in every child that is forked while the holder lives.

    Parameters
    ----------
    renew : callable
        Forgets what the parent holds, without closing it; the child's own is made when it is needed. A function, no
        bound method, which would keep the holder alive.
    """
    _HOLDERS[holder] = renew


def _renew_all() -> None:
    for holder, renew in list(_HOLDERS.items()):
        renew(holder)


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_renew_all)


def package_version() -> str:
    """The installed version; ``0+checkout`` where the package is on the path without being installed."""
    try:
        return version("smnotebook")
    except PackageNotFoundError:
        return "0+checkout"


#: The version that this process runs; another may be installed meanwhile.
LOADED_VERSION = package_version()


def version_advice() -> str | None:
    """A sentence where another version was installed beside the one that runs; None where none was."""
    installed = package_version()
    if installed == LOADED_VERSION:
        return None
    return (
        f"smnotebook {installed} was installed while {LOADED_VERSION} is loaded. Restart the kernel, so that parts of "
        "the two don't meet."
    )
