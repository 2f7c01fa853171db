"""Forms for notebooks: connect, make a catalog, upload products, try out an event, without writing code.

Each form is a plain state class that needs no browser, a function that says how the state looks, and one widget that
shows it. The widget libraries load with this package, not with ``import smnotebook``.
"""

from smnotebook.forms.catalogs.form import CatalogForm
from smnotebook.forms.connect.form import ConnectForm
from smnotebook.forms.events.form import EventForm
from smnotebook.forms.fix.form import FixForm
from smnotebook.forms.upload.form import UploadForm

__all__ = ["CatalogForm", "ConnectForm", "EventForm", "FixForm", "UploadForm"]
