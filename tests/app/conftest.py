"""``smnotebook app`` as a process, with a notebook made for the test."""

from __future__ import annotations

import pytest
from servers import AppServer


@pytest.fixture(scope="session")
def psutil(require):
    return require("psutil")


@pytest.fixture(scope="session")
def websocket(require):
    return require("websocket")


@pytest.fixture(scope="module")
def serve(require, tmp_path_factory):
    """Starts the page of a notebook with these cells: code, or markdown where it begins with a number sign."""
    require("voila")
    nbformat = require("nbformat")
    running = []

    def start(*cells, tags=()):
        server = AppServer(tmp_path_factory.mktemp("app"))
        running.append(server)
        v4 = nbformat.v4
        made = [v4.new_markdown_cell(cell) if cell.startswith("#") else v4.new_code_cell(cell) for cell in cells]
        for number, tag in dict(tags).items():
            made[number].metadata["tags"] = [tag]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        path = server.root / "notebooks" / "mine.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(v4.new_notebook(cells=made, metadata={"kernelspec": kernel}), path)
        server.start("--notebook=mine")
        return server

    yield start
    for server in running:
        server.stop()
