"""The form that changes a few things in products that are stored."""

from smnotebook.forms.fix.form import FixForm

__all__ = ["FixForm"]
