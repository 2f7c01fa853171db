"""Which notebook is opened, and where its page is found."""

from __future__ import annotations

import html
import os
import secrets
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Literal

from smnotebook.errors import UsageError

__all__ = ["find_notebook", "open_app"]

_PLACES = ("*.ipynb", "*/*.ipynb")


def find_notebook(folder: Path, name: str) -> Path:
    """The notebook called ``name``: as a path in ``folder``, or by its file name alone, with or without the suffix.

    Raises
    ------
    UsageError
        There is none, or it lies outside the folder.
    """
    home = folder.resolve()
    for place in (home, home / "notebooks"):
        for found in ((place / name).resolve(), (place / f"{name}.ipynb").resolve()):
            if found.suffix == ".ipynb" and found.is_file() and found.is_relative_to(home):
                return found
    there = sorted(path.relative_to(home).as_posix() for pattern in _PLACES for path in home.glob(pattern))
    raise UsageError(f"There is no notebook {name} in {folder}. These are there: {', '.join(there) or 'none'}.")


def open_app(
    notebook: Path,
    *,
    announce: Callable[[str], None],
    port: int = 0,
    theme: Literal["light", "dark"] = "light",
    browse: Callable[[str], object] | None = webbrowser.open,
) -> None:
    """Serve the page until Ctrl+C; then every kernel behind it ends.

    Parameters
    ----------
    notebook : Path
        What :func:`find_notebook` gave.
    announce : callable
        Told the address, in words.
    port : int
        0 takes one that is free.
    theme : {"light", "dark"}
        The colours of the page.
    browse : callable, optional
        Opens an address in a browser; None opens none.

    Raises
    ------
    UsageError
        When Voila is not installed beside this package, or the port is taken.
    """
    if find_spec("voila") is None:
        raise UsageError(
            f"Voila is not installed in {sys.prefix}. Install it with: "
            f"{sys.executable} -m pip install 'smnotebook[app]'"
        )
    from smnotebook.app.page import GuidedPage  # Voila takes a second to load, and is an extra

    page = GuidedPage.of(notebook, port=port, theme=theme, token=secrets.token_urlsafe(32))
    address = page.bind()
    announce(
        f"The page is at {address}\nWhoever has this address can use it: keep it to yourself.\n"
        "It works as long as this window is open. Ctrl+C ends it."
    )
    with _browsing(address, notebook.parent, browse):
        page.start()


@contextmanager
def _browsing(address: str, folder: Path, browse: Callable[[str], object] | None) -> Iterator[None]:
    """Lead a browser to the address by a file: an address on a command line is read by everybody on the machine."""
    if browse is None:
        yield
        return
    # not among temporary files: a browser that is shut in, as a snap is, sees those as little as hidden folders
    handle, name = tempfile.mkstemp(prefix="open-page-", suffix=".html", dir=folder)
    signpost, target = Path(name), html.escape(address)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f'<!doctype html><meta http-equiv="refresh" content="0; url={target}"><a href="{target}">Open</a>')
    Thread(target=browse, args=(signpost.as_uri(),), daemon=True).start()  # one in a terminal would hold us up
    try:
        yield
    finally:
        signpost.unlink(missing_ok=True)
