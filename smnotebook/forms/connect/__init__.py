"""The form that connects to an account or to the sandbox."""

from smnotebook.forms.connect.form import ConnectForm

__all__ = ["ConnectForm"]
