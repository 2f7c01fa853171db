"""The forms in JupyterLab and Chromium, timed in the page itself.

Run by hand: ``python tests/benchmarks/bench_forms.py [screen] [typing] [rows] [file]``, all of it where none is named.

Targets (issue 8): a form on screen within 1 s of running its cell; typing answered within 100 ms; preflight of 100,000
rows shows its headline within 3 s; 1,000,000 rows do not freeze the page.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import pandas as pd
from playwright import sync_api as playwright

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "browser")]
from open_notebooks import Notebook, evaluate, load_lab, write_notebook  # noqa: E402 - found by the line above
from servers import JupyterServer  # noqa: E402
from steps import press  # noqa: E402

MB = 1_000_000
FORMS = {
    "connect": "ConnectForm()",
    "catalogs": "CatalogForm(client)",
    "upload": "UploadForm(client, products)",
    "event": "EventForm(client)",
    "fix": "FixForm(client)",
}
# as much as the forms ever have to draw: proposals of products, a mapping of many columns, a full table
PREPARE = """
import pandas as pd
import smnotebook as sm
client = sm.connect("sandbox")
catalog = client.create_catalog("Shop EU", "EUR", "shop_eu")
stored = pd.DataFrame({
    "productId": [f"P{number:05}" for number in range(2_000)],
    "name": [f"Lamp {number}" for number in range(2_000)],
    "mainCategory": "Home",
    "productUrl": "https://shop.example.org/p",
    "available": True,
    "quantity": 4,
    "price": 20.0,
})
stored.salesmanago.upsert_products(catalog, progress=False)
products = pd.DataFrame({f"Column {number}": [f"value {number}"] * 50 for number in range(40)})
"""
ROWS = "sys.path.insert(0, {folder!r})\nfrom products import products as make\ntable = make({rows})"

# for each time that the kernel has caught up: how long after the first keystroke it had not seen, and after the last
_WATCH_ECHOES = """
(form) => {
  window.echoes = [];
  let first = null, last = null;
  form.addEventListener('input', () => { last = performance.now(); first ??= last; }, true);
  new MutationObserver(() => {
    if (first === null || form.hasAttribute('data-pending')) return;
    echoes.push([performance.now() - first, performance.now() - last]);
    first = null;
  }).observe(form, {attributes: true, attributeFilter: ['data-pending']});
}
"""
_RUN_LAST_CELL = """
async (css) => {
  const panel = underTest.content;
  panel.activeCellIndex = panel.widgets.length - 1;
  const begun = performance.now();
  const shown = new Promise((done) => {
    const look = () => document.querySelector(css) ? requestAnimationFrame(() => done(performance.now() - begun))
                                                   : requestAnimationFrame(look);
    look();
  });
  await jupyterapp.commands.execute('notebook:run-cell');
  return await shown;
}
"""
_WATCH_FRAMES = """
() => {
  window.longest = 0;
  let last = performance.now();
  const look = () => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
"""


class Stage:
    """One JupyterLab page, and notebooks opened in it one after the other."""

    def __init__(self, page: Any, server: JupyterServer) -> None:
        self.page, self.server = page, server

    def open(self, *cells: str) -> Notebook:
        """A new notebook; its last cell is not run yet."""
        path = write_notebook(self.server.root, "bench", cells)
        notebook = Notebook(self.page, self.server, path)
        notebook.open()
        return notebook

    def show(self, form: str, *cells: str) -> tuple[Notebook, Any, float]:
        """A form on screen, and the milliseconds from running its cell to its picture."""
        notebook = self.open(*cells, f"form = sm.forms.{FORMS[form]}\nform")
        last = "() => { underTest.content.activeCellIndex = 0; }"
        evaluate(self.page, last)
        for _ in cells:
            evaluate(self.page, "() => jupyterapp.commands.execute('notebook:run-cell-and-select-next')")
        took = evaluate(self.page, _RUN_LAST_CELL, f".sm-form-{form}")
        return notebook, notebook.form(form), took


def time_screen(stage: Stage) -> None:
    """From running a form's cell to its picture; the first one also loads the package of forms."""
    notebook = stage.open(PREPARE, "sm.forms.ConnectForm", *(f"sm.forms.{call}" for call in FORMS.values()))
    evaluate(stage.page, "() => { underTest.content.activeCellIndex = 0; }")
    for _ in range(2):
        evaluate(stage.page, "() => jupyterapp.commands.execute('notebook:run-cell-and-select-next')")
    for number, form in enumerate(FORMS):
        once = _RUN_LAST_CELL.replace("panel.widgets.length - 1", f"{number + 2}")
        print(f"{form} form on screen: {evaluate(stage.page, once, f'.sm-form-{form}'):.0f} ms")
    notebook.close()


def _into_new_account(form: Any) -> Any:
    form.get_by_label("Account", exact=True).select_option(label="A new account")
    return form.get_by_label("Name", exact=True)


def _into_fix_table(form: Any) -> Any:
    form.get_by_label("Change Lamp 0 (P00000)", exact=True).check()
    press(form, "Pick the first 1,000")
    playwright.expect(form).to_contain_text("1,000 picked")
    return form.get_by_label("Price of Lamp 0 (P00000)", exact=True)


FIELDS: dict[str, Callable[[Any], Any]] = {
    "connect": _into_new_account,
    "catalogs": lambda form: form.get_by_label("Name", exact=True),
    "upload": lambda form: form.get_by_label("Product address", exact=True),
    "event": lambda form: form.get_by_label("Products", exact=True),
    "fix": _into_fix_table,
}


def time_typing(stage: Stage) -> None:
    """Keystrokes as a person types them, ten a second, and as a held key gives them, thirty a second."""
    for form, into in FIELDS.items():
        notebook, shown, _ = stage.show(form, PREPARE)
        field = into(shown)
        shown.evaluate(_WATCH_ECHOES)
        typed = [first for first, _ in _type(stage.page, shown, field, delay=100)]
        _, lag = _type(stage.page, shown, field, delay=33)[-1]
        size = notebook.ask("len(json.dumps(form.widget.tree))")
        print(
            f"typing into the {form} form ({size / 1000:.0f} kB): answered within {median(typed):.0f} ms (median of "
            f"{len(typed)}), {max(typed):.0f} ms at most; {lag:.0f} ms after the last of thirty keystrokes in a second"
        )
        notebook.close()


def _type(page: Any, form: Any, field: Any, *, delay: int) -> list[tuple[float, float]]:
    field.fill("")
    page.wait_for_function("form => !form.hasAttribute('data-pending')", arg=form.element_handle())
    page.evaluate("echoes.length = 0")
    field.click()
    page.keyboard.type("1234567890" * 3, delay=delay)
    page.wait_for_function("form => !form.hasAttribute('data-pending')", arg=form.element_handle())
    echoes: list[tuple[float, float]] = page.evaluate("echoes")
    return echoes


def time_rows(stage: Stage) -> None:
    """Frames of the notebook and the same as a CSV, from the press to the headline."""
    for rows in (100_000, 1_000_000):
        begin = f"import sys\n{ROWS.format(folder=str(Path(__file__).parent), rows=rows)}"
        notebook, form, _ = stage.show("upload", PREPARE, begin)
        form.get_by_label("Table from", exact=True).select_option(label="A DataFrame of this notebook")
        form.get_by_label("DataFrame", exact=True).select_option(label="table")
        button = form.get_by_role("button", name="Read it", exact=True)
        playwright.expect(button).to_have_attribute("aria-disabled", "false")
        _time_headline(stage, notebook, form, rows, "in a frame", button.click)
        notebook.close()


def _time_headline(
    stage: Stage, notebook: Notebook, form: Any, rows: int, where: str, begin: Callable[[], object]
) -> None:
    notebook.ask("open('/proc/self/clear_refs', 'w').write('5')")  # the peak so far is that of making the table
    before = _memory(notebook, "VmRSS")
    stage.page.evaluate(_WATCH_FRAMES)
    begun = perf_counter()
    begin()
    playwright.expect(form).to_contain_text(f"{rows:,} rows: ", timeout=600_000)
    headline = perf_counter() - begun
    playwright.expect(form.get_by_role("button", name="Show what would be sent", exact=True)).to_have_attribute(
        "aria-disabled", "false", timeout=600_000
    )
    whole = perf_counter() - begun
    print(
        f"{rows:,} rows {where}: headline after {headline:.1f} s, all of the check after {whole:.1f} s; the page stood "
        f"still for {stage.page.evaluate('longest'):.0f} ms at most; memory of the kernel {before:.0f} MB, at its peak "
        f"{_memory(notebook, 'VmHWM'):.0f} MB, of the page {_heap(stage.page):.0f} MB"
    )


def time_file(stage: Stage) -> None:
    """A CSV of 200 MB, and one of a million short rows, through the file field."""
    from products import products

    long = products(20_000)
    short = long[["productId", "name", "mainCategory", "productUrl", "available", "price"]]
    for block, most_bytes, most_rows in ((long, 200 * MB, 10 * MB), (short, 1_000 * MB, MB)):
        path = stage.server.home / "products.csv"
        rows, size = _write_csv(path, block.copy(), most_bytes, most_rows)
        notebook, form, _ = stage.show("upload", PREPARE)
        form.get_by_label("Table from", exact=True).select_option(label="A file on this computer")
        field = form.get_by_label("File", exact=True)
        playwright.expect(field).to_be_visible()
        where = f"in a CSV of {size / MB:.0f} MB"
        _time_headline(stage, notebook, form, rows, where, partial(field.set_input_files, str(path)))
        notebook.close()


def _write_csv(path: Path, block: pd.DataFrame, most_bytes: int, most_rows: int) -> tuple[int, int]:
    """The block over and over with new ids; rows and bytes written."""
    rows, size = 0, 0
    with path.open("w", encoding="utf-8", newline="") as file:
        while size < most_bytes and rows < most_rows:
            block["productId"] = [f"F{number:08}" for number in range(rows, rows + len(block))]
            block.to_csv(file, index=False, header=rows == 0)
            size, rows = file.tell(), rows + len(block)
    return rows, size


def _memory(notebook: Notebook, name: str) -> float:
    """The kernel's, in MB, on Linux."""
    read = f"[int(line.split()[1]) for line in open('/proc/self/status') if line.startswith({name!r})][0]"
    return int(notebook.ask(read)) / 1024


def _heap(page: Any) -> float:
    used: float = page.evaluate("performance.memory?.usedJSHeapSize ?? 0")
    return used / MB


PARTS = {"screen": time_screen, "typing": time_typing, "rows": time_rows, "file": time_file}


def main(names: list[str]) -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    playwright.expect.set_options(timeout=60_000)
    with tempfile.TemporaryDirectory() as folder, playwright.sync_playwright() as driver:
        server = JupyterServer(Path(folder))
        server.start()
        browser = driver.chromium.launch(
            executable_path=chromium, headless=True, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 1100})
            load_lab(page, server)
            for name in names:
                PARTS[name](Stage(page, server))
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main(sys.argv[1:] or list(PARTS))
