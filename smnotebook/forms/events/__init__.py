"""The form that tries out an event."""

from smnotebook.forms.events.form import EventForm

__all__ = ["EventForm"]
