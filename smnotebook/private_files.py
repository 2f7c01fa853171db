"""Files that nobody but their owner may read, in a folder that nobody else may list."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE

__all__ = ["make_private_file", "make_private_folder", "restrict"]

_OTHERS = 0o077


def make_private_folder(path: Path) -> None:
    """Make a folder for its owner alone; one that is there keeps its rights."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)


def make_private_file(path: Path, content: bytes = b"") -> bool:
    """Make a file with this content, and its folder; one that is there stays as it is.

    Returns
    -------
    bool
        Whether it was made: of two processes that make it at once, one does.
    """
    make_private_folder(path.parent)
    if path.exists():
        return False
    # complete before anyone sees it, and closed: to close a file that SQLite has open elsewhere would drop its locks
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with open(draft, "xb", opener=_owner_only) as file:
        file.write(content)
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def restrict(path: Path) -> None:
    """Take the rights of others off a file, where it is there and ours."""
    with suppress(OSError):
        if S_IMODE(path.stat().st_mode) & _OTHERS:
            path.chmod(0o600)


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
