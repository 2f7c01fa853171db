"""Where a key may have left traces."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path

RUN = 8


def traces(key: str) -> list[bytes]:
    """The key as it might be written: any eight characters in a row, or any of its base64."""
    plain = key.encode()
    encoded = [base64.b64encode(b" " * shift + plain)[4:-4] for shift in range(3)]
    return [text[at : at + RUN] for text in (plain, *encoded) for at in range(len(text) - RUN + 1)]


def files_with(home: Path, needles: Iterable[bytes]) -> list[str]:
    """Names of the files below ``home`` that hold any of the needles."""
    contents = ((path, path.read_bytes()) for path in home.rglob("*") if path.is_file())
    return sorted(path.relative_to(home).as_posix() for path, text in contents if any(n in text for n in needles))
