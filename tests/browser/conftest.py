"""One JupyterLab and one Chromium for the run; for each test a notebook and a kernel of its own.

Nothing here waits for a time to pass: Jupyter is driven through its own commands, whose promises say when they are
done, and everything else waits for what the kernel shows.
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from servers import JupyterServer

# What drives the browser comes with the extra "test". Where that is not installed, as in a run on the oldest versions,
# these files are not even read; that only Chromium is missing is said by its fixture.
_NEEDED = ("playwright", "nbformat", "jupyterlab")
if any(find_spec(name) is None for name in _NEEDED):
    collect_ignore_glob = ["test_*.py"]
else:
    from open_notebooks import PATIENCE_MS, Notebook, load_lab, write_notebook
    from playwright import sync_api as playwright

REPOSITORY = Path(__file__).parents[2]
ARTIFACTS = REPOSITORY / "artifacts"

_CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    server = JupyterServer(tmp_path_factory.mktemp("jupyter"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def new_page(chromium: str, driver: Any) -> Iterator[Callable[[], Any]]:
    """Opens a page that shares nothing with others; its ``trouble`` gathers what no test may cause."""
    playwright.expect.set_options(timeout=PATIENCE_MS)
    browser = driver.chromium.launch(executable_path=chromium, headless=True, args=_CHROMIUM_OPTIONS)

    def open_it() -> Any:
        context = browser.new_context(viewport={"width": 1280, "height": 1100}, accept_downloads=True)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.trouble = []
        _watch(page)
        return page

    yield open_it
    browser.close()


def _watch(page: Any) -> None:
    def look(request: Any) -> None:
        url = urlsplit(request.url)
        if url.scheme in ("http", "https", "ws", "wss") and url.hostname != "127.0.0.1":
            page.trouble.append(f"asked the outside for {request.url}")

    page.on("request", look)
    page.on("pageerror", lambda error: page.trouble.append(f"error in the page: {error}"))
    page.on("console", lambda said: page.trouble.append(f"console: {said.text}") if said.type == "error" else None)


@pytest.fixture(scope="session")
def lab(new_page: Callable[[], Any], jupyter: JupyterServer) -> Any:
    """JupyterLab's page, loaded once."""
    page = new_page()
    load_lab(page, jupyter)
    return page


@pytest.fixture
def own_page(new_page: Callable[[], Any], request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page for one test; a picture of its end is kept."""
    page = new_page()
    yield page
    _keep_picture(page, request)
    page.context.close()
    assert page.trouble == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.stash[_WENT_WRONG] = report.failed
    return report


_WENT_WRONG = pytest.StashKey[bool]()


@pytest.fixture
def key() -> str:
    """Letters and digits: eight of them in a row are nowhere by chance."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(32))


def _name(request: pytest.FixtureRequest) -> str:
    return re.sub(r"\W+", "-", request.node.name)


def _keep_picture(page: Any, request: pytest.FixtureRequest) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{_name(request)}.png")


@pytest.fixture
def open_notebook(
    lab: Any, jupyter: JupyterServer, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Notebook]]:
    """Open a new notebook with the cells given, or a file of the repository, and run it."""
    opened: list[Notebook] = []

    def open_it(*cells: str, file: Path | None = None, beside: Iterable[Path] = ()) -> Notebook:
        path = write_notebook(jupyter.root, _name(request), cells, file=file, beside=beside)
        notebook = Notebook(lab, jupyter, path)
        opened.append(notebook)
        notebook.open()
        notebook.run()
        return notebook

    lab.trouble.clear()
    yield open_it
    if request.node.stash.get(_WENT_WRONG, False):
        _keep_picture(lab, request)
        log = ARTIFACTS / f"{_name(request)}.log"
        log.write_text(jupyter.log.read_text(encoding="utf-8"), encoding="utf-8")
    for notebook in opened:
        notebook.close()
    assert lab.trouble == []
