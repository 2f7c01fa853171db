"""The bundled notebooks run unattended by papermill, and do what its parameters say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from smnotebook.profiles import Profile
from smnotebook.settings import save_profile

REPOSITORY = Path(__file__).parent.parent
NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))
NIGHT_SHOP = {"catalog_name": "Night shop", "location": "night_shop"}

#: For each notebook other parameters than its own, and what then stands in its outputs or in the forms it shows.
RUNS = {
    "00_start_here": ({"account": "acme"}, ['"value": "acme"']),
    "01_first_upload": (
        {**NIGHT_SHOP, "file": "../data/products.csv", "currency": "PLN"},
        ["Night shop, PLN, night_shop", "60 + 0 = 60 of 60 rows accepted"],
    ),
    "02_create_catalog_and_upload": (
        {**NIGHT_SHOP, "file": "../data/products.csv"},
        ['"value": "frame"', "60 rows to Night shop: 60 sent"],
    ),
    "03_test_events": (
        {**NIGHT_SHOP, "email": "ola@example.org"},
        ["Upload: 60 rows to Night shop", "email='o…@example.org'", "location='night_shop'"],
    ),
    "04_fix_data": (
        {**NIGHT_SHOP, "category": "Tablecloths", "percent": 10, "season": "winter"},
        ["00107  price   189.0  207.90", "8 products are offline"],
    ),
}


def parameters_of(path: Path) -> list[str]:
    """The names that the cell tagged ``parameters`` gives values to."""
    cells = json.loads(path.read_bytes())["cells"]
    (cell,) = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    return re.findall(r"^(\w+) = ", "".join(cell["source"]), re.MULTILINE)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_parameter_is_used(path):
    cells = json.loads(path.read_bytes())["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    names = parameters_of(path)
    assert names
    assert [name for name in names if len(re.findall(rf"\b{name}\b(?! = )", code)) == 0] == []


def test_the_command_in_the_readme_names_parameters_that_there_are():
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    (name, options) = re.search(r"&& papermill (\S+\.ipynb) \S+ (.+)$", readme, re.MULTILINE).groups()
    given = re.findall(r"-p (\w+)", options)
    assert given
    assert set(given) <= set(parameters_of(REPOSITORY / "notebooks" / name))


@pytest.mark.extras
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_papermill_runs_it_with_other_parameters(path, require, tmp_path, monkeypatch):
    require("papermill")
    monkeypatch.setenv("SMNOTEBOOK_HOME", str(tmp_path / "home"))
    save_profile(Profile(name="acme"))
    shutil.copytree(REPOSITORY / "data", tmp_path / "data")
    (tmp_path / "notebooks").mkdir()
    shutil.copy(path, tmp_path / "notebooks")
    given, effects = RUNS[path.stem]
    assert set(given) <= set(parameters_of(path))

    options = [word for name, value in given.items() for word in ("-p", name, str(value))]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "papermill", "--no-progress-bar", path.name, "done.ipynb", *options],
        cwd=tmp_path / "notebooks",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    notebook = json.loads((tmp_path / "notebooks" / "done.ipynb").read_bytes())
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    shown = json.dumps([outputs, notebook["metadata"].get("widgets")], ensure_ascii=False)
    before = path.read_text(encoding="utf-8")
    for effect in effects:
        assert effect in shown
        assert effect not in before
