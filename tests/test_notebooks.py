"""The bundled notebooks run from top to bottom and give the outputs they are stored with.

Run as a script, this executes them and stores their outputs anew.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))
SANITIZE = Path(__file__).parent / "nbval_sanitize.cfg"

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path: Path, kind: str) -> list[dict]:
    return [cell for cell in json.loads(path.read_bytes())["cells"] if cell["cell_type"] == kind]


@pytest.mark.extras
@each_notebook
def test_the_outputs_are_those_stored(path, tmp_path):
    """In a folder laid out as ``smnotebook lab`` does it, so that a path that only works in the checkout is found."""
    shutil.copytree(REPOSITORY / "data", tmp_path / "data")
    (tmp_path / "notebooks").mkdir()
    shutil.copy(path, tmp_path / "notebooks")
    nbval = ["--nbval", "--nbval-current-env", "--nbval-sanitize-with", str(SANITIZE), "--nbval-cell-timeout=120"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", ".", *nbval, "notebooks"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert f"{len(cells(path, 'code'))} passed" in done.stdout


@each_notebook
def test_every_code_cell_was_run(path):
    """One that was not has no output to compare, and would pass whatever it does."""
    assert [cell["source"] for cell in cells(path, "code") if not cell["execution_count"]] == []


@each_notebook
def test_no_output_holds_an_error_a_path_a_port_or_an_id(path):
    outputs = [output for cell in cells(path, "code") for output in cell["outputs"]]
    assert [output["ename"] for output in outputs if output["output_type"] == "error"] == []
    text = json.dumps(outputs)
    uuid = r"\b[0-9a-f]{8}-[0-9a-f]{4}-"
    assert re.findall(rf"127\.0\.0\.1:\d+|/tmp/|/home/|site-packages|{uuid}", text) == []


@each_notebook
def test_the_file_says_nothing_of_the_machine_it_was_made_on(path):
    metadata = json.loads(path.read_bytes())["metadata"]
    assert set(metadata) == {"kernelspec"}


def test_the_first_notebook_uses_every_planted_fault():
    """What data/README.md lists as planted is what the notebook meets."""
    listed = re.findall(
        r"^\|[^|]+\| (\d{5}) \|", (REPOSITORY / "data/README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    stored = "".join((REPOSITORY / "notebooks/01_first_upload.ipynb").read_text(encoding="utf-8"))
    assert len(listed) == 12
    assert [product_id for product_id in listed if product_id not in stored] == []


def execute_anew(path: Path) -> None:
    """Run a notebook and store it as the tests want it: outputs, and nothing about this machine."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, resources=resources, store_widget_state=False, record_timing=False).execute()
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"]}
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for each in NOTEBOOKS:
        execute_anew(each)
