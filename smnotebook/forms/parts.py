"""A file on its way from the browser: parts asked for one at a time, gathered in a temporary file."""

from __future__ import annotations

import re
import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Arrived", "FileParts", "Transfer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """How far a file has come."""

    file_name: str
    size: int
    received: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A file that is here, all of it."""

    file_name: str
    path: Path
    size: int


class FileParts:
    """Receives one file at a time; a newer one takes the place of the one under way.

    Only the part asked for is taken, so parts that come late, twice or out of order do no harm.

    Parameters
    ----------
    on_progress : callable
        Told after each part.
    on_arrival : callable
        Told when all is here. The file lives in a temporary folder until the next one arrives or the form is gone.
    on_failure : callable
        Told, in a sentence, when the browser can't read the file.
    """

    def __init__(
        self,
        *,
        on_progress: Callable[[Transfer], None],
        on_arrival: Callable[[Arrived], None],
        on_failure: Callable[[str], None],
    ) -> None:
        self._on_progress = on_progress
        self._on_arrival = on_arrival
        self._on_failure = on_failure
        self._folder = Path(tempfile.mkdtemp(prefix="smnotebook-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._ticket: float | None = None
        self._number = 0
        self._transfer = Transfer(file_name="", size=0, received=0)

    def receive(self, message: Mapping[str, Any], buffers: Sequence[Any]) -> dict[str, Any] | None:
        """Take a message in; the answer is the part wanted next, None when nothing is."""
        match message:
            case {"event": "file", "name": str(name), "ticket": ticket, "file_name": str(file_name), "size": int(size)}:
                self._begin(ticket, file_name, size)
                return self._next(name)
            case {"event": "part", "name": str(name), "ticket": ticket, "offset": offset} if buffers:
                if ticket != self._ticket or offset != self._transfer.received:
                    return None
                self._append(buffers[0])
                return self._next(name)
            case {"event": "unreadable", "ticket": ticket} if ticket == self._ticket:
                self._ticket = None
                self._on_failure("The browser can't read this file any more. Was it moved or changed? Pick it again.")
        return None

    @property
    def _path(self) -> Path:
        return self._folder / str(self._number) / _plain_name(self._transfer.file_name)

    def _begin(self, ticket: Any, file_name: str, size: int) -> None:
        if self._ticket is not None:
            self._path.unlink(missing_ok=True)
        self._ticket, self._number = ticket, self._number + 1
        self._transfer = Transfer(file_name=file_name, size=size, received=0)
        self._path.parent.mkdir()
        self._path.write_bytes(b"")
        self._on_progress(self._transfer)

    def _append(self, part: Any) -> None:
        content = bytes(part)
        with self._path.open("ab") as file:
            file.write(content)
        before = self._transfer
        self._transfer = Transfer(
            file_name=before.file_name, size=before.size, received=before.received + max(len(content), 1)
        )
        self._on_progress(self._transfer)

    def _next(self, name: str) -> dict[str, Any] | None:
        transfer = self._transfer
        if transfer.received < transfer.size:
            return {"name": name, "ticket": self._ticket, "offset": transfer.received}
        self._on_arrival(Arrived(file_name=transfer.file_name, path=self._path, size=transfer.size))
        return None


def _plain_name(name: str) -> str:
    """The browser's name for a file, as a name that leads nowhere else."""
    return re.sub(r"[^\w.() -]", "_", Path(name).name).strip(" .")[-100:] or "file"
