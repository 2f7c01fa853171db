"""Notebooks open in a browser, driven through Jupyter's own commands, whose promises say when they are done."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright import sync_api as playwright
from servers import JupyterServer

#: For a loaded machine; what is ready sooner is taken sooner.
PATIENCE_MS = int(os.environ.get("SMNOTEBOOK_TEST_PATIENCE_MS", "60000"))

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

_TAKE_CURRENT = """
async () => {
  const opened = jupyterapp.shell.currentWidget;
  await opened.context.ready;
  await opened.sessionContext.ready;
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


class Notebook7(Notebook):
    """A notebook in Notebook 7, where each one has a page of its own."""

    def open(self) -> None:
        path = self.path.relative_to(self.server.root).as_posix()
        self.page.goto(f"{self.server.url}/notebooks/{path}?token={self.server.token}&reset")
        self.page.wait_for_function("window.jupyterapp?.shell.currentWidget?.sessionContext")
        evaluate(self.page, _TAKE_CURRENT)
        self.page.wait_for_function("underTest.sessionContext.session?.kernel?.status === 'idle'")

    def reload(self) -> None:
        self.open()


def write_notebook(
    root: Path, name: str, cells: Iterable[str] = (), *, file: Path | None = None, beside: Iterable[Path] = ()
) -> Path:
    """A notebook in a new folder below ``root``: with these cells, or a copy of ``file``."""
    folder = root / f"{name}-{secrets.token_hex(3)}"
    folder.mkdir()
    for other in beside:
        shutil.copy(other, folder)
    if file is not None:
        return Path(shutil.copy(file, folder))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content = new_notebook(cells=[new_code_cell(cell) for cell in cells], metadata={"kernelspec": kernel})
    nbformat.write(content, folder / "forms.ipynb")
    return folder / "forms.ipynb"
