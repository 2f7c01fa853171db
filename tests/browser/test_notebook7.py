"""The guided notebook in Notebook 7."""

from __future__ import annotations

import shutil

import pytest
from open_notebooks import Notebook7, write_notebook
from servers import JupyterServer
from steps import DATA, GUIDED, connect_and_make_a_catalog, mend_and_upload_the_faulty_file

pytestmark = pytest.mark.browser

# thrown by Notebook 7.6 itself on each load, whatever is in the notebook
_OWN_TROUBLE = "error in the page: Cannot read properties of undefined (reading 'schema')"


@pytest.fixture
def notebook7(require, tmp_path):
    require("notebook")
    server = JupyterServer(tmp_path, "notebook")
    server.start()
    shutil.copytree(DATA, server.root / "data")
    yield server
    server.stop()


def test_in_notebook_7_a_faulty_file_is_mended_and_arrives(notebook7, own_page):
    notebook = Notebook7(own_page, notebook7, write_notebook(notebook7.root, "guided", file=GUIDED))
    notebook.open()
    assert set(own_page.trouble) <= {_OWN_TROUBLE}
    own_page.trouble.clear()
    notebook.run()
    connect_and_make_a_catalog(notebook.form)
    mend_and_upload_the_faulty_file(notebook.form)
    assert notebook.ask("[upload.report.sent, upload.report.refused]") == [16, 8]
