"""CatalogForm: the account's catalogs in a notebook."""

from __future__ import annotations

from smnotebook.catalog import Catalog
from smnotebook.client import Client
from smnotebook.forms.catalogs.state import CatalogState
from smnotebook.forms.catalogs.view import draw_catalogs
from smnotebook.forms.connection import Connected
from smnotebook.forms.form import Form
from smnotebook.forms.panel import Tree

__all__ = ["CatalogForm"]


class CatalogForm(Form):
    """List, make, change and delete catalogs; what the API would refuse is said while you type.

    Parameters
    ----------
    client : Client or ConnectForm
        A form that is not connected yet will do: the catalogs appear once it is.
    state : CatalogState, optional
        In place of a new one.
    """

    def __init__(self, client: Client | Connected, *, state: CatalogState | None = None) -> None:
        self.state = state or CatalogState(client)
        super().__init__(self.state)

    def _draw(self) -> Tree:
        return draw_catalogs(self.state)

    @property
    def client(self) -> Client | None:
        """The connection in use; None until the form it follows is connected."""
        return self.state.client

    @property
    def catalog(self) -> Catalog | None:
        """The catalog made or changed last."""
        return self.state.catalog
