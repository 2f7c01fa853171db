"""One JupyterLab and one Chromium for the run; for each test a notebook and a kernel of its own.

Nothing here waits for a time to pass: JupyterLab is driven through its own commands, whose promises say when they are
done, and everything else waits for what the kernel shows.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

# What drives the browser comes with the extra "test". Where that is not installed, as in a run on the oldest versions,
# these files are not even read; that only Chromium is missing is said by its fixture.
_NEEDED = ("playwright", "nbformat", "jupyterlab")
if any(find_spec(name) is None for name in _NEEDED):
    collect_ignore_glob = ["test_*.py"]
else:
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook
    from playwright import sync_api as playwright

REPOSITORY = Path(__file__).parents[2]
ARTIFACTS = REPOSITORY / "artifacts"
#: For a loaded machine; what is ready sooner is taken sooner.
PATIENCE_MS = int(os.environ.get("SMNOTEBOOK_TEST_PATIENCE_MS", "60000"))

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

_LAB_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    # the worst case for a secret: Jupyter writes the state of all widgets into the file
    "@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": True},
}

_OPEN = """
async (path) => {
  const lab = window.jupyterapp;
  const opened = await lab.commands.execute('docmanager:open', {path, factory: 'Notebook'});
  await opened.context.ready;
  await opened.sessionContext.ready;
  lab.shell.activateById(opened.id);
  window.underTest = opened;
}
"""

_ASK_KERNEL = """
async (code) => {
  const future = underTest.sessionContext.session.kernel.requestExecute({code, store_history: false});
  let said = '';
  future.onIOPub = ({header, content}) => {
    if (header.msg_type === 'stream') said += content.text;
    if (header.msg_type === 'error') said += content.traceback.join(' | ');
  };
  await future.done;
  return said;
}
"""

_CLOSE = """
async () => {
  const opened = window.underTest;
  if (!opened || opened.isDisposed) return;
  await opened.sessionContext.shutdown();
  opened.dispose();
  window.underTest = null;
}
"""


# Playwright's evaluate waits for ever; a promise that nobody keeps must end the test instead.
_IN_TIME = """
([source, argument, patience]) => Promise.race([
  (0, eval)('(' + source + ')')(argument),
  new Promise((_, fail) => setTimeout(() => fail(new Error('took too long: ' + source.slice(0, 80))), patience)),
])
"""


def evaluate(page: Any, function: str, argument: object = None) -> Any:
    """What a function returns in the page, or what its promise comes to."""
    return page.evaluate(_IN_TIME, [function, argument, PATIENCE_MS])


class JupyterServer:
    """JupyterLab in a process of its own, with all that it writes below ``home``."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.root = home / "work"
        self.log = home / "server.log"
        self.token = secrets.token_hex(16)
        self.url = ""

    def start(self) -> None:
        settings = self.home / "config" / "labconfig"
        settings.mkdir(parents=True)
        (settings / "default_setting_overrides.json").write_text(json.dumps(_LAB_SETTINGS))
        self.root.mkdir()
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root"]
        command += [f"--ServerApp.root_dir={self.root}", "--LabApp.expose_app_in_browser=True", "--log-level=DEBUG"]
        self._process = subprocess.Popen(
            command, env=self._environment(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, bufsize=1
        )
        self.url = self._await_url()

    def _environment(self) -> dict[str, str]:
        own = {
            "JUPYTER_TOKEN": self.token,
            "JUPYTER_CONFIG_DIR": str(self.home / "config"),
            "JUPYTER_DATA_DIR": str(self.home / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
            "JUPYTER_PREFER_ENV_PATH": "1",
            "IPYTHONDIR": str(self.home / "ipython"),
            "SMNOTEBOOK_HOME": str(self.home / "smnotebook"),
            "NO_PROXY": "127.0.0.1,localhost",
        }
        return {**os.environ, **own}

    def _await_url(self) -> str:
        """Read the log until the server says where it listens; from then on a thread keeps it flowing into a file."""
        said = []
        for line in self._process.stderr:
            said.append(line)
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                self._keep_log(said)
                return found[0]
        raise RuntimeError("JupyterLab did not start:\n" + "".join(said))

    def _keep_log(self, begun: list[str]) -> None:
        from threading import Thread

        def copy() -> None:
            with self.log.open("w", encoding="utf-8") as log:
                log.writelines(begun)
                for line in self._process.stderr:
                    log.write(line)
                    log.flush()

        self._copying = Thread(target=copy, daemon=True)
        self._copying.start()

    def stop(self) -> None:
        try:
            requests.post(f"{self.url}/api/shutdown", headers={"Authorization": f"token {self.token}"}, timeout=10)
            self._process.wait(20)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        self._copying.join(10)
        self._process.stderr.close()


def load_lab(page: Any, server: JupyterServer) -> None:
    """JupyterLab with nothing open."""
    page.goto(f"{server.url}/lab?token={server.token}&reset")
    page.wait_for_function("window.jupyterapp?.commands.hasCommand('docmanager:open')")
    evaluate(page, "() => jupyterapp.restored.then(() => true)")


class Notebook:
    """A notebook that is open in JupyterLab: ``page`` is the browser's side of it, ``ask`` the kernel's."""

    def __init__(self, page: Any, server: JupyterServer, path: Path) -> None:
        self.page, self.server, self.path = page, server, path

    def open(self) -> None:
        evaluate(self.page, _OPEN, self.path.relative_to(self.server.root).as_posix())
        self.page.wait_for_function("underTest.sessionContext.session?.kernel?.status === 'idle'")

    def run(self) -> None:
        """Run all cells; back when the last one is done."""
        went_well = evaluate(self.page, "() => jupyterapp.commands.execute('notebook:run-all-cells')")
        assert went_well, "a cell raised"

    def save(self) -> None:
        """As the button does: the file and its checkpoint."""
        evaluate(self.page, "() => jupyterapp.commands.execute('docmanager:save')")

    def form(self, name: str) -> Any:
        """A form on the page."""
        form = self.page.locator(f".sm-form-{name}")
        playwright.expect(form).to_be_visible()
        return form

    def ask(self, expression: str) -> Any:
        """What a Python expression is worth in the kernel."""
        said = evaluate(self.page, _ASK_KERNEL, f"import json; print(json.dumps({expression}, default=str))")
        try:
            return json.loads(said)
        except ValueError:
            raise AssertionError(said) from None

    def interrupt(self) -> None:
        """As the stop button does."""
        evaluate(self.page, "() => underTest.sessionContext.session.kernel.interrupt()")

    def reload(self) -> None:
        """Leave the page and come back to the same file and kernel."""
        load_lab(self.page, self.server)
        self.open()

    def close(self) -> None:
        evaluate(self.page, _CLOSE)


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    server = JupyterServer(tmp_path_factory.mktemp("jupyter"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def lab(chromium: str, driver: Any, jupyter: JupyterServer) -> Iterator[Any]:
    """JupyterLab's page, loaded once; ``trouble`` gathers what no test may cause."""
    playwright.expect.set_options(timeout=PATIENCE_MS)
    browser = driver.chromium.launch(executable_path=chromium, headless=True, args=_CHROMIUM_OPTIONS)
    context = browser.new_context(viewport={"width": 1280, "height": 1100}, accept_downloads=True)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.trouble = []
    _watch(page)
    load_lab(page, jupyter)
    yield page
    browser.close()


def _watch(page: Any) -> None:
    def look(request: Any) -> None:
        url = urlsplit(request.url)
        if url.scheme in ("http", "https", "ws", "wss") and url.hostname != "127.0.0.1":
            page.trouble.append(f"asked the outside for {request.url}")

    page.on("request", look)
    page.on("pageerror", lambda error: page.trouble.append(f"error in the page: {error}"))
    page.on("console", lambda said: page.trouble.append(f"console: {said.text}") if said.type == "error" else None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.stash[_WENT_WRONG] = report.failed
    return report


_WENT_WRONG = pytest.StashKey[bool]()


@pytest.fixture
def open_notebook(
    lab: Any, jupyter: JupyterServer, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Notebook]]:
    """Open a new notebook with the cells given, or a file of the repository, and run it."""
    opened: list[Notebook] = []
    name = re.sub(r"\W+", "-", request.node.name)

    def open_it(*cells: str, file: Path | None = None, beside: Iterable[Path] = ()) -> Notebook:
        folder = jupyter.root / f"{name}-{secrets.token_hex(3)}"
        folder.mkdir()
        for other in beside:
            shutil.copy(other, folder)
        content = (
            nbformat.read(file, as_version=4)
            if file
            else new_notebook(
                cells=[new_code_cell(cell) for cell in cells],
                metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            )
        )
        path = folder / (file.name if file else "forms.ipynb")
        nbformat.write(content, path)
        notebook = Notebook(lab, jupyter, path)
        opened.append(notebook)
        notebook.open()
        notebook.run()
        return notebook

    lab.trouble.clear()
    yield open_it
    if request.node.stash.get(_WENT_WRONG, False):
        ARTIFACTS.mkdir(exist_ok=True)
        lab.screenshot(path=ARTIFACTS / f"{name}.png")
        (ARTIFACTS / f"{name}.log").write_text(jupyter.log.read_text(encoding="utf-8"), encoding="utf-8")
    for notebook in opened:
        notebook.close()
    assert lab.trouble == []
