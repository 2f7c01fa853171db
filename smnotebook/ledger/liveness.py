"""Which runs are alive: each open ledger that has one holds a lock, and the operating system frees it at its end.

Neither clocks nor process numbers have a say: a stopped process, a sleeping machine and a clock that was set keep their
locks, a killed process loses its own. What is known of the locks: a forked child gives its copy back at once, so a
child neither keeps the lock of a dead parent nor frees that of a living one; who deletes the file frees the lock, which
is why a run also asks before every attempt whether its request is still its own. Not tried on Windows.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from smnotebook.errors import LedgerError

if TYPE_CHECKING:
    from filelock import BaseFileLock

__all__ = ["Liveness"]


class Liveness:
    """The lock of one open ledger, and a look at those of others.

    Parameters
    ----------
    folder : Path
        Where the locks of all that use the same ledger are; made when the first one is taken.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: BaseFileLock | None = None
        self._token = ""
        self._process = 0

    @property
    def token(self) -> str:
        """The name under which others see whether the runs of this ledger are alive; its lock is held from now on.

        Raises
        ------
        LedgerError
            The lock can't be taken.
        """
        if self._held is None or self._process != os.getpid():  # a forked child has runs of its own
            token = secrets.token_hex(8)
            try:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                held = self._lock(token)
                held.acquire(timeout=0)
            except OSError as error:  # filelock's Timeout is one
                raise LedgerError(
                    f"The lock that shows a run to be alive can't be taken in {self._folder}: {error}. Check the"
                    " rights of that folder, or choose another one with SMNOTEBOOK_HOME."
                ) from error
            self._held, self._token, self._process = held, token, os.getpid()
        return self._token

    def is_alive(self, token: str) -> bool:
        """Whether whoever took this name still runs, be it stopped or asleep."""
        if token == self._token and self._process == os.getpid():
            return True
        if not self._path(token).exists():
            return False
        lock = self._lock(token)
        try:
            lock.acquire(timeout=0)
        except OSError:
            return True
        lock.release()
        self._path(token).unlink(missing_ok=True)  # nobody takes this name again
        return False

    def close(self) -> None:
        """Give the lock back: what still runs under its name is lost from now on."""
        if self._held is not None and self._process == os.getpid():
            self._held.release()
            self._path(self._token).unlink(missing_ok=True)
        self._held = None

    def _path(self, token: str) -> Path:
        return self._folder / f"{token}.lock"

    def _lock(self, token: str) -> BaseFileLock:
        from filelock import FileLock  # 30 ms, which only those who send need to spend

        # not bound to a thread: a run may be ended by another one than began it
        return FileLock(self._path(token), mode=0o600, thread_local=False)
