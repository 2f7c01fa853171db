"""UploadForm: from a file to a catalog in a notebook."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from smnotebook.client import Client
from smnotebook.forms.connection import Connected
from smnotebook.forms.form import Form
from smnotebook.forms.panel import Tree
from smnotebook.forms.upload.state import UploadState
from smnotebook.forms.upload.view import draw_upload

if TYPE_CHECKING:
    import pandas as pd

    from smnotebook.frame.outcome import UploadReport

__all__ = ["UploadForm"]


class UploadForm(Form):
    """Read a file or a DataFrame, check it, mend it, see what would be sent, send it, and see what came of it.

    Parameters
    ----------
    client : Client or form
        A ConnectForm that is not connected yet will do.
    frame : DataFrame, optional
        The table to begin with.
    state : UploadState, optional
        In place of a new one.
    """

    def __init__(
        self, client: Client | Connected, frame: pd.DataFrame | None = None, *, state: UploadState | None = None
    ) -> None:
        self.state = state or UploadState(client, frame=frame, namespace=_notebook_variables)
        super().__init__(self.state)

    def _draw(self) -> Tree:
        return draw_upload(self.state)

    @property
    def client(self) -> Client | None:
        """The connection in use; None until the form it follows is connected."""
        return self.state.client

    @property
    def frame(self) -> pd.DataFrame | None:
        """The product table as it stands, mended as far as it was; None before one was read."""
        return None if self.state.checked is None else self.state.checked.frame

    @property
    def report(self) -> UploadReport | None:
        """What became of every row of the last upload; None before it."""
        return self.state.dispatch.report


def _notebook_variables() -> Mapping[str, Any]:
    """What the cells of the notebook have defined; nothing outside a notebook."""
    interactive = sys.modules.get("IPython")
    shell = interactive.get_ipython() if interactive is not None else None
    return {} if shell is None else dict(shell.user_ns)
