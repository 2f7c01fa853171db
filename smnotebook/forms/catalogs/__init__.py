"""The form that lists, makes, changes and deletes catalogs."""

from smnotebook.forms.catalogs.form import CatalogForm

__all__ = ["CatalogForm"]
