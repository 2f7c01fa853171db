"""The form that takes a file to a catalog."""

from smnotebook.forms.upload.form import UploadForm

__all__ = ["UploadForm"]
